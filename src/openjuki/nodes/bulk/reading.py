# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is read of persons (項目の読み出し): of each item those to whom it is granted, in the order of the book.

Items that the same persons of the same questions are granted are read together, so each column is opened once.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from openjuki.nodes.bulk.spreading import Room
from openjuki.store.snapshot.searching import ascending_order

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from openjuki.nodes.bulk.engine import Question
    from openjuki.nodes.bulk.weighing import Book, Weighed

#: What a result is read from, whatever is told.
STANDING: Final = ("state", "reason", "date_of_change")


class Some:
    """Some of the persons of a question (対象者の一部), and what was read of them, in the order of the book."""

    def __init__(self, rows: NDArray[np.intp], weighed: Weighed) -> None:
        """Take the rows of the question that lead to them."""
        positions = weighed.positions[rows]
        order = ascending_order(positions)
        #: Of the book, ascending; and the row of the question for each.
        self.positions = positions if order is None else positions[order]
        self.rows = rows if order is None else rows[order]
        self.items: list[str] = []
        self.columns: dict[str, Any] = {}
        self._all, self._ascend = len(weighed.positions), order is None

    @cached_property
    def _room(self) -> Room:
        return Room(self.rows, self._all)

    def column(self, item: str, among: Some | None = None) -> Any:
        """The item in the question's order; null where it is not told, and for who is not among others."""
        if self._ascend and among is None:
            return self._room.spread(_decoded(self.columns[item]))
        places = self._own if among is None else self._places(among)
        return _decoded(self.columns[item].take(places))

    @cached_property
    def _own(self) -> Any:
        return self._places(self)

    def _places(self, among: Some) -> Any:
        """By row of the question, where what was read of its person stands; null for who is not among others."""
        places, there = np.zeros(self._all, np.int32), np.zeros(self._all, np.bool_)
        places[self.rows], there[among.rows] = np.arange(len(self.rows)), True
        return pa.array(places, mask=~there)


class Reading:
    """What is to be read for a question (読み出す項目)."""

    def __init__(self, question: Question, weighed: Weighed) -> None:
        """Take what became of its keys."""
        self._bases = question.grant.bases
        self._weighed = weighed
        self._some: dict[tuple[bool, ...], Some] = {}
        self.everybody = self._granted((True,) * len(self._bases))
        self.everybody.items += STANDING
        self._whose = {item: self._granted(self._grants(item)) for item in question.items}
        for item, some in self._whose.items():
            if item not in STANDING:
                some.items.append(item)

    def column(self, item: str) -> Any:
        """The item in the question's order; null where it is not told."""
        some = self._whose[item]
        if item in STANDING and some is not self.everybody:
            return self.everybody.column(item, some)
        return some.column(item)

    @property
    def parts(self) -> Sequence[Some]:
        """Of whom something is to be read."""
        return tuple(self._some.values())

    def _grants(self, item: str) -> tuple[bool, ...]:
        return tuple(item in basis.items for basis in self._bases)

    def _granted(self, grants: tuple[bool, ...]) -> Some:
        """Those who are shown under these bases."""
        if grants not in self._some:
            granted = np.zeros(256, np.bool_)
            granted[: len(grants)] = grants
            rows = np.flatnonzero(self._weighed.shown & granted[self._weighed.bases])
            self._some[grants] = Some(rows, self._weighed)
        return self._some[grants]


def read(book: Book, readings: Sequence[Reading]) -> None:
    """Read what they want, each item of the book once."""
    wanted: dict[str, list[Some]] = defaultdict(list)
    for some in (some for reading in readings for some in reading.parts):
        for item in some.items:
            wanted[item].append(some)
    together: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for item, whose in wanted.items():
        together[tuple(map(id, whose))].append(item)
    for items in together.values():
        _read(book, wanted[items[0]], items)


def _read(book: Book, whose: Sequence[Some], items: Sequence[str]) -> None:
    table = book.take(np.concatenate([some.positions for some in whose]), items)
    start = 0
    for some in whose:
        own = table.slice(start, len(some.positions))
        some.columns |= {item: own[item].combine_chunks() for item in items}
        start += len(some.positions)


def _decoded(column: Any) -> Any:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
