# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is read of persons (項目の読み出し): of each item those to whom it is granted, in the order of the book.

Items that the same persons of the same questions are granted are read together, so each column is opened once.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.nodes.bulk.spreading import Room
from openjuki.nodes.bulk.weighing import standings
from openjuki.store.snapshot.searching import ascending_order, scattered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from openjuki.nodes.bulk.engine import Question
    from openjuki.nodes.bulk.weighing import Book, Weighed

#: What a result is read from, whatever is told; and its name beside them.
STANDING: Final = ("state", "reason", "date_of_change")
RESULT: Final = "result"


class Some:
    """Some of the persons of a question (対象者の一部), and what was read of them."""

    def __init__(self, rows: NDArray[np.intp], weighed: Weighed) -> None:
        """Take the rows of the question that lead to them, ascending."""
        self.rows, self.positions = rows, weighed.positions[rows]
        self.items: list[str] = []
        #: By item, that and what was read with it.
        self.taken: dict[str, Taken] = {}
        #: How many rows the question has.
        self.all = len(weighed.positions)

    def column(self, item: str, among: Some | None = None) -> Any:
        """The item in the question's order; null where it is not told, and for who is not among others."""
        return self.taken[item].column(item, among)


class Taken:
    """Items that were read of several together (まとめて読んだ項目), for one of them."""

    def __init__(self, some: Some, own: slice, places: NDArray[np.int32] | None) -> None:
        """Take which of the rows that are read are its persons', and where they stand in the order of the book."""
        self._rows, self._all = some.rows, some.all  # not itself: two that know each other are let go of late
        self._own, self._places = own, places
        self._columns: dict[str, Any] = {}

    def add(self, item: str, column: Any) -> None:
        """Take an item of everybody; of those who stand one after the other a piece of its own."""
        self._columns[item] = column if self._places is not None else column[self._own].combine_chunks()

    def column(self, item: str, among: Some | None = None) -> Any:
        """See `Some.column`."""
        if self._places is None and among is None:
            return self._room.spread(_decoded(self._columns[item]))
        places = self._of_all if among is None else self._of(among.rows)
        return _decoded(self._columns[item].take(places))

    def each(self, item: str) -> NDArray[Any]:
        """The item of each of these persons, one after the other."""
        values: NDArray[Any] = self._columns[item].to_numpy()
        return values if self._places is None else values[self._places]

    @cached_property
    def _room(self) -> Room:
        return Room(self._rows, self._all)

    @cached_property
    def _of_all(self) -> Any:
        return self._of(self._rows)

    def _of(self, rows: NDArray[np.intp]) -> Any:
        """By row of the question, where its person stands; null for who is not at one of these."""
        places, there = np.zeros(self._all, np.int32), np.zeros(self._all, np.bool_)
        places[self._rows] = np.arange(len(self._rows)) if self._places is None else self._places
        there[rows] = True
        return pa.array(places, mask=~there)


class Reading:
    """What is to be read for a question (読み出す項目)."""

    def __init__(
        self,
        question: Question,
        weighed: Weighed,
        alike: Mapping[str, NDArray[np.bool_]] = MappingProxyType({}),
    ) -> None:
        """Take what became of its keys, and by item which of them say it as it is recorded."""
        self._bases, self._keys = question.grant.bases, question.keys
        self._weighed, self._alike = weighed, alike
        self._some: dict[tuple[bool, ...], Some] = {}
        self.everybody = self._granted((True,) * len(self._bases))
        self.everybody.items += STANDING
        self._whose = {item: self._granted(self._grants(item)) for item in question.items}
        self._others: dict[str, Some] = {}
        for item, some in self._whose.items():
            if item in alike:
                self._others[item] = Some(some.rows[~alike[item][some.rows]], weighed)
                self._others[item].items.append(item)
            elif item not in STANDING:
                some.items.append(item)

    def column(self, item: str) -> Any:
        """The item in the question's order; null where it is not told."""
        some = self._whose[item]
        if item in self._alike:
            return self._as_asked(item)
        if item in STANDING and some is not self.everybody:
            return self.everybody.column(item, some)
        return some.column(item)

    @property
    def results(self) -> NDArray[np.uint8]:
        """Of everybody, in the byte of their result."""
        return self.everybody.taken[RESULT].each(RESULT)

    @property
    def parts(self) -> Sequence[Some]:
        """Of whom something is to be read."""
        return (*self._some.values(), *(some for some in self._others.values() if len(some.rows)))

    def _as_asked(self, item: str) -> Any:
        """The item out of the key where that says it, else as it was read."""
        said = np.zeros(len(self._weighed.positions), np.bool_)
        said[self._whose[item].rows] = True
        said &= self._alike[item]
        asked: Any = self._keys[item].combine_chunks()
        others = self._others[item]
        if said.all():
            return asked
        # among nulls of a column, unlike beside one null, nothing is left of what is not said
        read = others.column(item) if len(others.rows) else pa.nulls(len(asked), asked.type)
        return pc.if_else(pa.array(said), asked, read)

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


def read(book: Book, readings: Sequence[Reading], on: date) -> None:
    """Read what they want, each item of the book once; how somebody stands is said of a day."""
    wanted: dict[str, list[Some]] = defaultdict(list)
    for some in (some for reading in readings for some in reading.parts):
        for item in some.items:
            wanted[item].append(some)
    together: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for item, whose in wanted.items():
        together[tuple(map(id, whose))].append(item)
    for items in together.values():
        _read(book, wanted[items[0]], items, on)


def _read(book: Book, whose: Sequence[Some], items: Sequence[str], on: date) -> None:
    """Read of all of them at once, in the order of the book."""
    positions = np.concatenate([some.positions for some in whose])
    order = ascending_order(positions)
    columns = _columns(book, positions if order is None else positions[order], items, on)
    places = None if order is None else scattered(np.arange(len(order), dtype=np.int32), order)
    taken = []
    start = 0
    for some in whose:
        own = slice(start, start := start + len(some.positions))
        taken.append(Taken(some, own, None if places is None else places[own]))
    while columns:  # one after the other is let go of, so that none is in memory twice for long
        item, column = columns.popitem()
        column = column if places is None else column.combine_chunks()
        for some, one in zip(whose, taken, strict=True):
            one.add(item, column)
            some.taken[item] = one


def _columns(book: Book, positions: NDArray[np.int64], items: Sequence[str], on: date) -> dict[str, Any]:
    table = book.take(positions, items)
    columns: dict[str, Any] = {item: table[item] for item in items}
    if set(STANDING) <= columns.keys():
        results, states = standings(table, on)
        columns |= {RESULT: pa.chunked_array([results]), "state": pa.chunked_array([states])}
    return columns


def _decoded(column: Any) -> Any:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column
