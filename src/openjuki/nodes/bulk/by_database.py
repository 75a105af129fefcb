# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Answers in bulk from the database (台帳による一括提供), for requests that are not worth a pass over everybody.

Persons are found as an online question finds them, and put into columns; from there on it is the same engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from openjuki.codes.individual import IndividualNumber
from openjuki.codes.resident import ResidentCode
from openjuki.config import JST
from openjuki.nodes.bulk import engine
from openjuki.nodes.bulk.legible import legible
from openjuki.residents.look_up import Hit, LookUp
from openjuki.store import looking
from openjuki.store.sequencer import read_tree
from openjuki.store.snapshot import Found
from openjuki.store.snapshot.layout import ITEMS
from openjuki.wire.bulk import KeyKind
from openjuki.wire.columns import answer_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from openjuki.nodes.bulk.engine import AnswerPart, Question
    from openjuki.store.database import Connection

#: Keys in one statement.
_TOGETHER: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """Those who were found (該当者), in columns; a position is a place among them."""

    size: int
    root: bytes
    at: datetime
    #: As they are told, by the names of `Hit`.
    columns: Mapping[str, pa.Array[Any]]

    def codes(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """Their resident codes."""
        found: NDArray[np.int64] = self.columns["resident_code"].to_numpy()[positions]
        return found

    def prefectures(self, positions: NDArray[np.int64]) -> NDArray[np.int8]:
        """Their prefectures, by their two digits."""
        municipalities = self.columns["municipality"].cast(pa.int32()).to_numpy()
        found: NDArray[np.int8] = (municipalities // 10_000).astype(np.int8)[positions]
        return found

    def take(self, positions: NDArray[np.int64], items: Sequence[str]) -> pa.Table:
        """Items of them."""
        places: Any = pa.array(positions)
        return pa.table({item: self.columns[item].take(places) for item in items})


async def answer(connection: Connection, questions: Sequence[Question], at: datetime) -> list[AnswerPart]:
    """Answer parts of several requests from the book as it stands at this moment."""
    tree = await read_tree(connection)
    gathered = _Gathered()
    found = [gathered.add(question, await _led(connection, question)) for question in questions]
    persons = Persons(size=tree.size, root=tree.root, at=at, columns=gathered.columns())
    return list(engine.told(persons, questions, found, at.astimezone(JST).date()))


async def _led(connection: Connection, question: Question) -> list[tuple[int, Sequence[Hit]]]:
    """Whom the rows of a question that can be read lead to."""
    rows = np.flatnonzero(legible(question.kind, question.keys)).tolist()
    found: list[tuple[int, Sequence[Hit]]] = []
    for some in batched(rows, _TOGETHER):
        asked = _LOOK_UPS[question.kind](question.keys.take(list(some)))
        found += zip(some, await looking.find(connection, asked), strict=True)
    return found


class _Gathered:
    """Everybody who was found, each once (該当者)."""

    def __init__(self) -> None:
        self._places: dict[str | int, int] = {}
        self._hits: list[Hit] = []

    def add(self, question: Question, led: Sequence[tuple[int, Sequence[Hit]]]) -> Found:
        """Whom the rows of a question lead to, by their places here."""
        rows = question.keys.num_rows
        positions, superseded = np.full(rows, -1, np.int64), np.zeros(rows, np.bool_)
        several, candidates = np.zeros(rows, np.bool_), []
        for row, hits in led:
            places = list(map(self._place, hits))
            if len(places) == 1:
                positions[row], superseded[row] = places[0], not hits[0].is_current
            elif places:
                several[row] = True
                candidates += [(row, place) for place in places]
        return Found(positions, superseded, several, np.array(candidates, np.int64).reshape(-1, 2))

    def columns(self) -> dict[str, pa.Array[Any]]:
        """The items of all of them."""
        return {
            field.name: pa.array(
                [_VALUES.get(field.name, _as_it_is)(getattr(hit, field.name)) for hit in self._hits],
                field.type,
            )
            for field in answer_schema(ITEMS)
            if field.name in Hit._fields
        }

    def _place(self, hit: Hit) -> int:
        if hit.holder not in self._places:
            self._places[hit.holder] = len(self._hits)
            self._hits.append(hit)
        return self._places[hit.holder]


def _as_it_is(value: Any) -> Any:
    return value


def _number(value: str | None) -> int | None:
    return None if value is None else int(value)


#: Items that stand otherwise in an answer than in the book.
_VALUES: Final[Mapping[str, Callable[[Any], Any]]] = {"resident_code": _number, "individual_number": _number}
#: Keys as questions.
_LOOK_UPS: Final[Mapping[KeyKind, Callable[[pa.Table], list[LookUp]]]] = {
    KeyKind.RESIDENT_CODE: lambda keys: [
        LookUp(resident_code=ResidentCode(f"{code:011}")) for code in keys[0].to_pylist()
    ],
    KeyKind.INDIVIDUAL_NUMBER: lambda keys: [
        LookUp(individual_number=IndividualNumber(f"{number:012}")) for number in keys[0].to_pylist()
    ],
    KeyKind.FOUR_ITEMS: lambda keys: list(map(LookUp.from_dict, keys.to_pylist())),
}
