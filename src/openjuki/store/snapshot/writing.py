# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Writing a generation (世代の作成): into a folder of its own, which gets its name when everything lies in it.

A generation that has its name is whole and lies on the disk; whatever a writer that was killed left behind has none,
and the next one clears it away.
"""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from openjuki.errors import BadInput
from openjuki.store.snapshot.generation import (
    CODE,
    CODES,
    NAMES,
    NUMBERS,
    OTHER_CODES,
    PERSONS,
    STAYS_FILE,
    Generation,
)
from openjuki.store.snapshot.keys import SearchKeys, named
from openjuki.store.snapshot.layout import BATCH, KEYS, SCHEMA, STAYS, STORED
from openjuki.store.snapshot.manifest import Manifest, digests
from openjuki.store.snapshot.sorting import Pairs, Sorter, write_pairs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from openjuki.store.snapshot.layout import Columns

_DRAFT: Final = ".draft-"
#: Above every key of an index.
_MOST_NAME: Final = 1 << 64
_MOST_NUMBER: Final = 10**12
#: Persons whose search keys are made together: each time the tables for it are laid out anew.
_KEYED_TOGETHER: Final = 8 * BATCH
_ROWS: Final = SCHEMA.append(KEYS.field(0)).append(KEYS.field(1))


def write_generation(
    folder: Path, number: int, batches: Iterable[pa.RecordBatch], size: int, root: bytes, at: datetime
) -> Generation:
    """Write persons of whom nobody ever had another code or number; the columns of `SCHEMA`, by resident code.

    Raises:
        BadInput: other columns, or another order.
    """
    with Draft(folder, number) as draft:
        numbers = Sorter(draft.path, NUMBERS, _MOST_NUMBER)
        for persons in keyed(batches):
            numbers.add(numbers_of(persons, draft.rows))
            draft.add(persons)
        numbers.finish()
        draft.index(OTHER_CODES, ())
        draft.write_stays(STAYS.empty_table())
        return draft.publish(size, root, at)


def numbers_of(persons: Columns, first: int) -> Pairs:
    """The numbers that persons bear, whose rows begin with `first`."""
    bearing = persons["individual_number"].is_valid().to_numpy(zero_copy_only=False)
    numbers = persons["individual_number"].drop_null().to_numpy()
    return Pairs.of(numbers, first + np.flatnonzero(bearing))


def keyed(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same persons in batches as they lie in the file, with their search keys.

    Raises:
        BadInput: other columns.
    """
    for batch in rebatched(batches, _KEYED_TOGETHER):
        if batch.schema != SCHEMA:
            raise BadInput("the columns are not those of a snapshot")
        keys = SearchKeys.of(batch["name"], batch["address"])
        rows = pa.RecordBatch.from_arrays([*batch.columns, keys.name, keys.address], schema=_ROWS)
        yield from rebatched([rows])


def rebatched(batches: Iterable[pa.RecordBatch], most: int = BATCH) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of one size, that of the file; the last one may be smaller."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        while sum(map(len, waiting)) >= most:
            table = pa.Table.from_batches(waiting)
            yield _one(table.slice(0, most))
            waiting = table.slice(most).to_batches()
    if sum(map(len, waiting)):
        yield _one(pa.Table.from_batches(waiting))


def _one(table: pa.Table) -> pa.RecordBatch:
    (batch,) = table.combine_chunks().to_batches()
    return batch


class Draft:
    """A generation while it is written (作成中の世代)."""

    def __init__(self, folder: Path, number: int) -> None:
        """The generation of this number, below a folder of generations."""
        self._folder, self._number = folder, number
        self.path = folder / f"{_DRAFT}{number:08d}"
        #: Persons so far.
        self.rows = 0
        self._last = -1

    def __enter__(self) -> Self:
        """Begin, with an empty folder."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._folder.glob(f"{_DRAFT}*"):
            shutil.rmtree(left)
        self.path.mkdir(mode=0o700)
        self._names: Sorter | None = None
        self._codes = (self.path / CODES).open("wb")
        options = ipc.IpcWriteOptions(compression="lz4", use_threads=False)
        self._persons = ipc.new_file(str(self.path / PERSONS), STORED, options=options)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was not published is not kept."""
        self._codes.close()
        self._persons.close()
        shutil.rmtree(self.path, ignore_errors=True)

    def add(self, persons: pa.RecordBatch, *, names: bool = True) -> None:
        """Write a batch as `keyed` makes it; its names are entered here, unless the caller writes their index.

        Raises:
            BadInput: somebody's code does not follow.
        """
        codes = persons["resident_code"].to_numpy()
        if codes[0] <= self._last or not bool((codes[1:] > codes[:-1]).all()):
            raise BadInput("the persons do not stand in the order of their codes")
        if names:
            self._enter_names(persons)
        self._codes.write(np.ascontiguousarray(codes, CODE))
        self._persons.write_batch(persons.select(STORED.names).cast(STORED))
        self._last = int(codes[-1])
        self.rows += len(persons)

    def _enter_names(self, persons: pa.RecordBatch) -> None:
        if self._names is None:
            self._names = Sorter(self.path, NAMES, _MOST_NAME)
        found = named(persons, persons["name_key"], self.rows)
        self._names.add(Pairs.of(found.hashes, found.rows))

    def index(self, name: str, runs: Iterable[Pairs]) -> None:
        """Write an index that comes sorted."""
        write_pairs(self.path, name, runs)

    def write_stays(self, stays: pa.Table) -> None:
        """Write the stays that are not current."""
        options = ipc.IpcWriteOptions(compression="lz4", use_threads=False)
        with ipc.new_file(str(self.path / STAYS_FILE), STAYS, options=options) as file:
            file.write_table(stays.cast(STAYS))

    def publish(self, size: int, root: bytes, at: datetime) -> Generation:
        """Give it its name: from now on it is there."""
        self._codes.close()
        self._persons.close()
        if self._names is not None:
            self._names.finish()
        elif not (self.path / f"{NAMES}.keys").exists():
            self.index(NAMES, ())
        manifest = Manifest(
            number=self._number, size=size, root=root, at=at, rows=self.rows, files=digests(self.path)
        )
        manifest.write(self.path)
        for path in (*self.path.iterdir(), self.path):
            _sync(path)
        there = self.path.rename(self._folder / f"{self._number:08d}")
        _sync(self._folder)
        return Generation.open(there)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
