# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A state of the book (照会時点の台帳): a generation and what the journal has told since, as one.

A person is a *position*: a row of the generation, or behind its last row one of the overlay. Positions mean
something to the state that gave them, and to no other.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from openjuki.store.snapshot import layout
from openjuki.store.snapshot.matching import Asked, meant
from openjuki.store.snapshot.searching import ascending_order, place_of, runs_of, scattered, through

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column
    from openjuki.store.snapshot.generation import Generation
    from openjuki.store.snapshot.overlay import Overlay
    from openjuki.store.snapshot.sorting import Pairs

#: Nobody.
NOBODY = -1


class Found(NamedTuple):
    """Whom keys lead to (該当者), row by row."""

    #: -1: nobody, or several.
    positions: NDArray[np.int64]
    #: The code or number was replaced.
    superseded: NDArray[np.bool_]
    several: NDArray[np.bool_]
    #: Of the rows with several: row and position of each of them.
    candidates: NDArray[np.int64]
    #: By item, the rows whose one person has it recorded character by character as it was asked.
    alike: Mapping[str, NDArray[np.bool_]] = MappingProxyType({})

    def of_one(self, rows: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Which rows are among these and lead to one person alone."""
        found = np.zeros(len(self.positions), np.bool_)
        found[rows] = True
        found &= self.positions != NOBODY
        return found

    def split(self, rows: Sequence[int]) -> list[Found]:
        """What was found for several questions together: of so many rows each, one after the other."""
        bounds = np.cumsum([0, *rows])
        first = np.searchsorted(self.candidates[:, 0], bounds)
        return [
            Found(
                self.positions[begin:end],
                self.superseded[begin:end],
                self.several[begin:end],
                self.candidates[some:others] - [begin, 0],
                {item: rows[begin:end] for item, rows in self.alike.items()},
            )
            for (begin, end), (some, others) in zip(pairwise(bounds), pairwise(first), strict=True)
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """State of the book (照会時点の台帳) at one size of the journal."""

    generation: Generation
    overlay: Overlay
    #: Rows of the journal that are folded in, and their root.
    size: int
    root: bytes
    #: When these were the whole journal.
    at: datetime

    @property
    def rows(self) -> int:
        """How many persons there are."""
        return self.generation.rows - len(self.overlay.replaced) + self.overlay.persons.num_rows

    def by_code(self, codes: NDArray[np.int64]) -> Found:
        """Whom resident codes lead to; a replaced one to who bore it."""
        rows, ended = self.generation.by_code(codes)
        return self._found(*self._now(self.overlay.codes, codes, rows, ended))

    def by_number(self, numbers: NDArray[np.int64]) -> Found:
        """Likewise individual numbers."""
        rows, ended = self.generation.by_number(numbers)
        return self._found(*self._now(self.overlay.numbers, numbers, rows, ended))

    def by_four(self, keys: pa.Table) -> Found:
        """Whom name, birth date, sex and address mean; a column `municipality` narrows, where there is one."""
        asked = Asked.of(keys)
        questions, positions = self._candidates(asked.hashes)
        order = ascending_order(positions)
        if order is not None:
            questions, positions = questions[order], positions[order]
        these, alike = meant(asked, questions, lambda some, columns: self._read(positions[some], columns))
        found = _grouped(questions[these], positions[these], keys.num_rows)
        return found._replace(
            alike={item: found.of_one(questions[these & same]) for item, same in alike.items()}
        )

    def codes(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The resident codes of persons."""
        base = positions < self.generation.rows
        codes = np.empty(len(positions), np.int64)
        codes[base] = self.generation.codes[positions[base]]
        codes[~base] = self.overlay.persons["resident_code"].to_numpy()[
            positions[~base] - self.generation.rows
        ]
        return codes

    def take(self, positions: NDArray[np.int64], items: Sequence[str]) -> pa.Table:
        """These items of persons, as `layout.told` has them; no other column is opened. Ascending positions are fastest."""
        order = ascending_order(positions)
        ascending = positions if order is None else positions[order]
        table = layout.told(self._ascending(ascending, layout.columns_of(items)), items)
        return table if order is None else _restored(table, order)

    def prefectures(self, positions: NDArray[np.int64]) -> NDArray[np.int8]:
        """The prefecture of each person's municipality, by its two digits."""
        places = self._read(positions, ("municipality",))["municipality"].to_numpy()
        return layout.prefectures(places)

    def _read(self, positions: NDArray[np.int64], columns: Sequence[str]) -> pa.Table:
        """Columns as they are stored."""
        order = ascending_order(positions)
        table = self._ascending(positions if order is None else positions[order], columns)
        return table if order is None else _restored(table, order)

    def _ascending(self, positions: NDArray[np.int64], columns: Sequence[str]) -> pa.Table:
        batches = list(self._batches(positions, columns))
        return pa.Table.from_batches(batches or [_some(self.overlay.persons, positions[:0], columns)])

    def _batches(self, positions: NDArray[np.int64], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        behind = int(np.searchsorted(positions, self.generation.rows))
        if behind:
            yield from self.generation.read(positions[:behind], columns)
        if behind < len(positions):
            yield _some(self.overlay.persons, positions[behind:] - self.generation.rows, columns)

    def _now(
        self, index: Pairs, asked: NDArray[np.int64], rows: NDArray[np.int64], ended: NDArray[np.bool_]
    ) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """What was found in the generation, as the overlay has it."""
        positions = self._moved(rows)
        here, ended_here = through(index, asked, np.full(len(asked), NOBODY, np.int64))
        told = here != NOBODY
        return np.where(told, here + self.generation.rows, positions), np.where(told, ended_here, ended)

    def _moved(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        places = place_of(self.overlay.replaced, rows)
        moved = places >= 0
        if not moved.any():
            return rows
        rows = rows.copy()
        rows[moved] = self.overlay.successors[places[moved]] + self.generation.rows
        return rows

    def _candidates(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Who may be meant, each with the question: of the generation those who hold still, and of the overlay."""
        questions, places = runs_of(self.generation.names.keys, hashes)
        rows = (self.generation.names.places[places] >> 1).astype(np.int64)
        still = place_of(self.overlay.replaced, rows) < 0
        others, here = runs_of(self.overlay.names.keys, hashes)
        positions = self.generation.rows + (self.overlay.names.places[here] >> 1).astype(np.int64)
        return np.concatenate([questions[still], others]), np.concatenate([rows[still], positions])

    def _found(self, positions: NDArray[np.int64], ended: NDArray[np.bool_]) -> Found:
        return Found(positions, ended, np.zeros(len(positions), np.bool_), np.empty((0, 2), np.int64))


def _some(persons: layout.Columns, rows: NDArray[np.int64], columns: Sequence[str]) -> pa.RecordBatch:
    places: Column = pa.array(rows)
    return pa.record_batch([persons[column].take(places) for column in columns], names=list(columns))


def _restored(table: pa.Table, order: NDArray[np.int64]) -> pa.Table:
    """What was taken in an order, back where it came from."""
    places: Column = pa.array(scattered(np.arange(len(order)), order))
    return table.take(places)


def _grouped(questions: NDArray[np.int64], positions: NDArray[np.int64], rows: int) -> Found:
    """One each where there is one, and all of them where there are several."""
    alone = np.bincount(questions, minlength=rows)[questions] == 1
    found = np.full(rows, NOBODY, np.int64)
    found[questions[alone]] = positions[alone]
    # whoever is found under two names for one question is one
    candidates = np.unique(np.column_stack([questions[~alone], positions[~alone]]), axis=0)
    count = np.bincount(candidates[:, 0], minlength=rows)
    once = count[candidates[:, 0]] == 1
    found[candidates[once, 0]] = candidates[once, 1]
    return Found(found, np.zeros(rows, np.bool_), count > 1, candidates[~once])
