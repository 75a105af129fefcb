# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a prefecture or the Centre has provided (本人確認情報の提供の記録): each question, and who was told about.

The journal has a row for each envelope, with the root over the rows of its questions, which stand here; so does who was
told about. Questions and persons are each written with one COPY for all that was asked together, envelopes one by one:
they are few, and each is given the number by which its rows go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openjuki.residents.look_up import Hit
from openjuki.store.database import copy_rows, queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from openjuki.store.database import Connection

_SQL = queries("provisions")
_PROVISION = (
    *("int8", "int2", "bytea", "text", "text", "text", "text", "text"),
    *("text[]", "text", "text[]", "text[]", "text", "bytea", "bytea"),
)
_PERSON = ("int8", "int2", "int2", "int8", "bytea")


class Envelope(NamedTuple):
    """An envelope of questions that was answered (提供の電文)."""

    asker: str
    #: Its id, drawn by the asker.
    id: str
    #: The prefecture that passed it on.
    through: str | None
    at: datetime
    questions: int
    #: What its row in the journal commits to.
    commitment: bytes


class Provision(NamedTuple):
    """A question and what was told (提供の記録)."""

    #: Its place in the envelope, from 0.
    place: int
    #: The row's leaf in the tree of its envelope.
    commitment: bytes
    affair: str
    office: str
    operator: str
    method: str
    what: str
    #: Items by which the person was looked for.
    keys: tuple[str, ...]
    result: str
    articles: tuple[str, ...]
    #: Items that were told.
    items: tuple[str, ...]
    retention: str
    #: What the leaf commits to.
    salt: bytes
    payload: bytes


class PersonTold(NamedTuple):
    """Somebody who was told about (提供の対象)."""

    #: Place of the question in its envelope, from 0.
    place: int
    #: Place in the answer, from 1: the number of a candidate.
    number: int
    person_id: int
    #: Of the digest by which the journal's row names the person.
    salt: bytes


class Tally(NamedTuple):
    """So many provisions of one day, alike (提供件数)."""

    #: In Japan.
    day: date
    affair: str
    #: The node that asked.
    recipient: str
    #: What carried them, at least one.
    articles: tuple[str, ...]
    method: str
    #: How many.
    provisions: int


class Shown(NamedTuple):
    """Somebody whom an earlier answer showed (候補), as that answer named them."""

    asker: str
    #: Id of its envelope.
    envelope: str
    #: Of its row.
    commitment: bytes
    #: The number of the candidate.
    number: int


class Offered(NamedTuple):
    """Somebody whom an earlier answer showed (候補)."""

    person_id: int
    affair: str
    #: By which items they were looked for then.
    keys: tuple[str, ...]


async def keep(
    connection: Connection, told: Sequence[tuple[Envelope, Iterable[Provision], Iterable[PersonTold]]]
) -> None:
    """Record envelopes that are about to be answered, in the transaction of the journal's rows."""
    numbers = [await _number(connection, envelope) for envelope, _, _ in told]
    pairs = list(zip(numbers, told, strict=True))
    rows = ((number, *row) for number, (_, provisions, _) in pairs for row in provisions)
    await copy_rows(connection, _SQL["keep_provisions"], _PROVISION, rows)
    about = ((number, *row) for number, (_, _, persons) in pairs for row in persons)
    await copy_rows(connection, _SQL["keep_persons"], _PERSON, about)


async def _number(connection: Connection, envelope: Envelope) -> int:
    """Put an envelope down; the number by which its rows go."""
    row = await (await connection.execute(_SQL["keep_envelope"], envelope._asdict())).fetchone()
    assert row is not None
    return int(row[0])


async def offered(connection: Connection, candidates: Sequence[Shown]) -> dict[Shown, Offered]:
    """Whom earlier answers showed; nobody who was not shown, or who was forgotten since."""
    names = ("askers", "envelopes", "commitments", "numbers")
    columns = zip(*candidates, strict=True) if candidates else ([],) * len(names)
    cursor = await connection.execute(_SQL["offered"], dict(zip(names, map(list, columns), strict=True)))
    return {
        Shown(*shown): Offered(person_id, affair, tuple(keys))
        for *shown, person_id, affair, keys in await cursor.fetchall()
    }


async def known(connection: Connection, persons: Sequence[int]) -> dict[int, Hit]:
    """Persons as the book has them now, by the ids that it gave them."""
    values = {"places": list(range(len(persons))), "persons": list(persons)}
    hits = map(Hit._make, await (await connection.execute(_SQL["known"], values)).fetchall())
    return {int(hit.holder): hit for hit in hits}


async def usage(
    connection: Connection, *, since: date | None = None, until: date | None = None
) -> list[Tally]:
    """How often was provided, the oldest day first: questions that were answered, whatever was found (利用件数).

    One at a time and in bulk alike; days are days in Japan, from the one to before the other.
    """
    cursor = await connection.execute(_SQL["usage"], {"since": since, "until": until})
    return [
        Tally(day, affair, recipient, tuple(articles), method, count)
        for day, affair, recipient, articles, method, count in await cursor.fetchall()
    ]
