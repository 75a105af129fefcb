# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Merging (世代の更新): the next generation out of a state, in one pass over the last one, without the tables.

Rows move: those that were replaced go, the overlay's come in between by their codes. So an index of the last generation
is written anew in its order, each key leading to where its row has moved, and what the overlay knows better comes in
its place.
"""

from __future__ import annotations

import asyncio
from itertools import chain
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from openjuki.errors import IntegrityFailure
from openjuki.store.snapshot import places
from openjuki.store.snapshot.following import current
from openjuki.store.snapshot.generation import NAMES, NUMBERS, OTHER_CODES
from openjuki.store.snapshot.overlay import GONE
from openjuki.store.snapshot.searching import place_of
from openjuki.store.snapshot.sorting import Pairs
from openjuki.store.snapshot.writing import Draft

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column
    from openjuki.store.database import Connection
    from openjuki.store.snapshot.generation import Generation, Table
    from openjuki.store.snapshot.overlay import Overlay
    from openjuki.store.snapshot.state import State

#: Keys of an index that are moved together.
_RUN: Final = 1 << 20


async def merge(
    connection: Connection, folder: Path, generation: Generation, *, at: datetime | None = None
) -> Generation:
    """The next generation: this one, which must be the newest, and what the journal has told since.

    Raises:
        IntegrityFailure: it is not the newest, or is damaged.
        SnapshotMissing, StoreUnavailable: as `current`.
    """
    state = await current(connection, folder, at=at)
    if state.generation.number != generation.number:
        raise IntegrityFailure(f"generation {generation.number} is not the newest")
    return await asyncio.to_thread(write, folder, state)


async def erase(
    connection: Connection, folder: Path, codes: Sequence[int], *, at: datetime | None = None
) -> Generation | None:
    """Take the persons to whom these codes lead out of the snapshot (消去), and delete every generation they stand in.

    Returns:
        The generation that remains; None where there is none.

    Raises:
        IntegrityFailure, SnapshotMissing, StoreUnavailable: as `current`.
    """
    if not places.generations(folder):
        return None
    state = await current(connection, folder, at=at)
    written = await asyncio.to_thread(write, folder, state, np.array(sorted(codes), np.int64))
    places.forget(folder, kept=1)
    return written


def write(folder: Path, state: State, without: NDArray[np.int64] | None = None) -> Generation:
    """Write a state as the next generation, without those to whom some codes lead."""
    overlay = state.overlay
    if without is not None:
        found = np.unique(state.by_code(without).positions)
        rows = state.generation.rows
        overlay = overlay.without(found[found >= rows] - rows, found[(found >= 0) & (found < rows)])
    moves = _Moves(state.generation, overlay)
    with Draft(folder, places.next_number(folder)) as draft:
        for batch in _merged(state.generation.persons, overlay.persons, overlay.replaced):
            draft.persons.add(batch)
        gone = _rows_of(state.generation.stays.codes, state.generation.codes[overlay.replaced])
        for batch in _merged(state.generation.stays, overlay.stays, gone):
            draft.stays.add(batch)
        draft.index(NAMES, moves.names())
        draft.index(NUMBERS, moves.numbers())
        draft.index(OTHER_CODES, moves.other_codes())
        return draft.publish(state.size, state.root, state.at)


class _Moves:
    """Where rows of a generation and of its overlay move to in the next one."""

    def __init__(self, generation: Generation, overlay: Overlay) -> None:
        self._generation, self._overlay = generation, overlay
        self._codes = overlay.persons["resident_code"].to_numpy()
        before = np.searchsorted(generation.codes, self._codes)
        staying = before - np.searchsorted(overlay.replaced, before)
        #: Where the overlay's rows move to, by row.
        self._new = np.arange(len(self._codes)) + staying

    def names(self) -> Iterator[Pairs]:
        """The index of names: those of replaced rows go, as the overlay has their present ones."""
        still = (
            pairs.only(place_of(self._overlay.replaced, pairs.rows) < 0)
            for pairs in _runs(self._generation.names)
        )
        return _united((self._moved(pairs) for pairs in still), self._overlay.names.moved(self._new))

    def numbers(self) -> Iterator[Pairs]:
        """The index of individual numbers."""
        return self._known_better(self._generation.numbers, self._overlay.numbers)

    def other_codes(self) -> Iterator[Pairs]:
        """The index of codes that are not the present one of whom they lead to, or are not good any more."""
        codes = self._overlay.codes
        own = (self._codes[codes.rows] == codes.keys.astype(np.int64)) & ~codes.ended
        told, silent = codes.only(~own), self._silent()
        both = Pairs(np.concatenate([told.keys, silent.keys]), np.concatenate([told.places, silent.places]))
        known = (
            pairs.only(place_of(codes.keys, pairs.keys) < 0) for pairs in _runs(self._generation.other_codes)
        )
        return _united(map(self._moved, known), both.sorted().moved(self._new))

    def _silent(self) -> Pairs:
        """Codes of replaced rows that the journal has not named since, of persons who bear another one now."""
        replaced, successors = self._overlay.replaced, self._overlay.successors
        codes = self._generation.codes[replaced]
        unnamed = (successors != GONE) & (place_of(self._overlay.codes.keys, codes.astype(np.uint64)) < 0)
        unnamed &= place_of(self._generation.other_codes.keys, codes.astype(np.uint64)) < 0
        unnamed[unnamed] = self._codes[successors[unnamed]] != codes[unnamed]
        return Pairs.of(codes[unnamed], successors[unnamed])

    def _known_better(self, index: Pairs, better: Pairs) -> Iterator[Pairs]:
        still = (pairs.only(place_of(better.keys, pairs.keys) < 0) for pairs in _runs(index))
        return _united(map(self._moved, still), better.moved(self._new))

    def _moved(self, pairs: Pairs) -> Pairs:
        """Keys of the generation, leading to the rows of the next one."""
        rows = pairs.rows
        replaced = self._overlay.replaced
        moved = (
            rows
            - np.searchsorted(replaced, rows)
            + np.searchsorted(self._codes, self._generation.codes[rows])
        )
        at = place_of(replaced, rows)
        successors = self._overlay.successors[at[at >= 0]]
        moved[at >= 0] = np.where(successors == GONE, GONE, self._new[successors] if len(self._new) else GONE)
        here = moved >= 0
        return Pairs.of(pairs.keys[here], moved[here], pairs.ended[here])


def _runs(index: Pairs) -> Iterator[Pairs]:
    for first in range(0, len(index.keys), _RUN):
        yield Pairs(index.keys[first : first + _RUN], index.places[first : first + _RUN])


def _united(runs: Iterable[Pairs], others: Pairs) -> Iterator[Pairs]:
    """Two sorted sequences as one: some keys at a time, and all others."""
    done = 0
    for run in runs:
        end = int(np.searchsorted(others.keys, run.keys[-1])) if len(run.keys) else done
        yield _inserted(run, others.only(np.s_[done:end]))
        done = max(done, end)
    yield others.only(np.s_[done:])


def _inserted(run: Pairs, some: Pairs) -> Pairs:
    places = np.searchsorted(run.keys, some.keys)
    return Pairs(np.insert(run.keys, places, some.keys), np.insert(run.places, places, some.places))


def _merged(table: Table, others: pa.RecordBatch, gone: NDArray[np.int64]) -> Iterator[pa.RecordBatch]:
    """The rows of a table but some, and others, by their codes."""
    codes = others.column(0).to_numpy()
    first = done = 0
    for batch in table.batches():
        kept = np.ones(len(batch), np.bool_)
        kept[gone[np.searchsorted(gone, first) : np.searchsorted(gone, first + len(batch))] - first] = False
        first += len(batch)
        end = int(np.searchsorted(codes, batch.column(0)[-1].as_py(), "right"))
        yield _ordered(batch.filter(pa.array(kept)), others.slice(done, end - done))
        done = end
    yield others.slice(done)


def _ordered(batch: pa.RecordBatch, others: pa.RecordBatch) -> pa.RecordBatch:
    if not len(others):
        return batch.cast(others.schema)
    table = pa.Table.from_batches([batch.cast(others.schema), others]).combine_chunks()
    order: Column = pa.array(np.argsort(table.column(0).to_numpy(), kind="stable"))
    (both,) = table.take(order).combine_chunks().to_batches()
    return both


def _rows_of(codes: NDArray[np.int64], gone: NDArray[np.int64]) -> NDArray[np.int64]:
    """Every row whose code is one of these, ascending."""
    first, last = np.searchsorted(codes, gone), np.searchsorted(codes, gone, "right")
    runs = (np.arange(begin, end) for begin, end in zip(first.tolist(), last.tolist(), strict=True))
    return np.fromiter(chain.from_iterable(runs), np.int64)
