# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Looking persons up (照会) in a book, many questions at a time: one statement for each kind of key.

The same at every tier: the municipality's register and the upper tiers' persons are seen through views with
the same columns. A name leads to candidates through its search key; the question itself says which of them
were meant.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import orjson

from openjuki.residents.changes import CODE_REASONS, NUMBER_REASONS
from openjuki.residents.look_up import Hit
from openjuki.store.adapting import Texts
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date

    from openjuki.residents.history import HistoryRow
    from openjuki.residents.look_up import Claim, LookUp, NamesToFind
    from openjuki.store.database import Connection

_SQL = queries("looking")


async def find(connection: Connection, questions: Sequence[LookUp]) -> list[list[Hit]]:
    """Whom each of these questions leads to (該当者); a question must have a code, a number or a name with more."""
    found: list[list[Hit]] = [[] for _ in questions]
    for statement, values in _statements(questions):
        cursor = await connection.execute(_SQL[statement], values)
        # one who is found under two spellings of a reading is one
        for hit in map(Hit._make, dict.fromkeys(await cursor.fetchall())):
            if questions[hit.question].selects(hit):
                found[hit.question].append(hit)
    return found


async def held_against(
    connection: Connection, claims: Sequence[tuple[Claim, Sequence[LookUp]]]
) -> list[tuple[Hit, ...]]:
    """Whom each claim is held against, with those of its searches that may be made, in their order.

    A further search is made only for claims whose searches so far led to nobody they can be held against.
    """
    found: list[list[list[Hit]]] = [[] for _ in claims]
    outcomes: list[tuple[Hit, ...]] = [() for _ in claims]
    waiting = [place for place, (_, searches) in enumerate(claims) if searches]
    while waiting:
        asked = [claims[place][1][len(found[place])] for place in waiting]
        for place, hits in zip(waiting, await find(connection, asked), strict=True):
            found[place].append(hits)
            outcomes[place] = claims[place][0].held_against(found[place])
        waiting = [
            place for place in waiting if not outcomes[place] and len(found[place]) < len(claims[place][1])
        ]
    return outcomes


async def histories[Holder: (str, int)](
    connection: Connection, holders: Sequence[Holder]
) -> dict[Holder, list[Hit]]:
    """What was recorded of these before (履歴), the latest first; `Hit.shown_before` says what of it is told."""
    found: dict[Holder, list[Hit]] = {holder: [] for holder in holders}
    if found:
        cursor = await connection.execute(_SQL["before"], {"holders": list(found)})
        for past in map(Hit._make, await cursor.fetchall()):
            found[cast("Holder", past.holder)].append(past)
    return found


class Named(NamedTuple):
    """Somebody whose names are recorded now, and the date of birth they are looked for with."""

    holder: str | int
    names: NamesToFind
    birth_date: date
    #: Whether nobody knew them before.
    is_new: bool


async def keep_names(connection: Connection, recorded: Iterable[Named]) -> None:
    """Remember under which further names these are found: former surname, alias, and parts of a name."""
    recorded = list(recorded)
    moved = [one.holder for one in recorded if not one.is_new]
    if moved:
        await connection.execute(_SQL["forget_names"], {"holders": moved})
    names = [
        {"holder": one.holder, "search_key": key, "birth_date": one.birth_date}
        for one in recorded
        for key in one.names.other_keys
    ]
    if names:
        await connection.execute(_SQL["keep_names"], {"names": orjson.dumps(names).decode()})


async def keep_replaced(connection: Connection, rows: Iterable[HistoryRow]) -> None:
    """Remember the codes and numbers that these changes of residents end; before the residents are moved."""
    changed = [row for row in rows if row.change.reason in CODE_REASONS | NUMBER_REASONS]
    if changed:
        values = {
            "residents": [row.record.resident_number for row in changed],
            "codes": [row.record.resident_code for row in changed],
            "numbers": [row.record.individual_number for row in changed],
            "at": changed[0].recorded_at,
        }
        await connection.execute(_SQL["keep_codes"], values)
        await connection.execute(_SQL["keep_numbers"], values)


def _statements(questions: Sequence[LookUp]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """The statements for these questions, each question in one; a reading may be spelt under several keys."""
    asked: dict[str, list[tuple[Any, ...]]] = {}
    for place, question in enumerate(questions):
        road = _road(question)
        rows = asked.setdefault(road, [])
        rows.extend((place, *row) for row in _ROADS[road].rows(question))
    for road, rows in asked.items():
        places, *given = zip(*rows, strict=True)
        columns = _ROADS[road].columns
        values = {
            name: list(value) if name == "days" else Texts(value)
            for name, value in zip(columns, given, strict=True)
        }
        yield road, {"places": list(places), **values}


def _road(question: LookUp) -> str:
    if question.resident_code is not None:
        return "by_code"
    if question.individual_number is not None:
        return "by_number"
    if question.name is None and question.furigana is not None:
        return "by_reading_and_birth" if question.birth_date is not None else "by_reading_and_address"
    return "by_birth" if question.birth_date is not None else "by_address"


class _Road(NamedTuple):
    """A statement's columns, and the rows of them that a question is."""

    columns: tuple[str, ...]
    rows: Callable[[LookUp], Iterable[tuple[Any, ...]]]


def _born(question: LookUp) -> date | None:
    return None if question.birth_date is None else question.birth_date.sort


def _living(question: LookUp) -> tuple[Any, ...]:
    return question.municipality, question.address_key


_HOME: Final = ("municipalities", "addresses")
_ROADS: Final[Mapping[str, _Road]] = {
    "by_code": _Road(("codes",), lambda asked: [(asked.resident_code,)]),
    "by_number": _Road(("numbers",), lambda asked: [(asked.individual_number,)]),
    "by_birth": _Road(("names", "days"), lambda asked: [(asked.name_key, _born(asked))]),
    "by_address": _Road(("names", *_HOME), lambda asked: [(asked.name_key, *_living(asked))]),
    "by_reading_and_birth": _Road(
        ("readings", "days"), lambda asked: [(key, _born(asked)) for key in asked.kana_keys]
    ),
    "by_reading_and_address": _Road(
        ("readings", *_HOME), lambda asked: [(key, *_living(asked)) for key in asked.kana_keys]
    ),
}
