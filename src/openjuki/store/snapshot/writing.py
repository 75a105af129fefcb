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
from openjuki.store.snapshot import layout
from openjuki.store.snapshot.generation import (
    CODE,
    NAMES,
    NUMBERS,
    OTHER_CODES,
    PERSONS,
    STAYS,
    Generation,
    table_paths,
)
from openjuki.store.snapshot.keys import SearchKeys, named
from openjuki.store.snapshot.layout import BATCH, KEYS, SCHEMA
from openjuki.store.snapshot.manifest import Manifest, digests
from openjuki.store.snapshot.sorting import Pairs, Sorter, mapped_file, write_pairs
from openjuki.wire.columns import LZ4

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from numpy.typing import NDArray

    from openjuki.store.snapshot.layout import Columns

_DRAFT: Final = ".draft-"
#: Above every key of an index.
MOST_NAME: Final = 1 << 64
MOST_NUMBER: Final = 10**12
#: Persons whose search keys are made together: each time the tables for it are laid out anew.
KEYED_TOGETHER: Final = 8 * BATCH
#: Persons with their search keys.
ROWS: Final = SCHEMA.append(KEYS.field(0)).append(KEYS.field(1))


def write_generation(
    folder: Path, number: int, batches: Iterable[pa.RecordBatch], size: int, root: bytes, at: datetime
) -> Generation:
    """Write persons of whom nobody ever had another code or number; the columns of `SCHEMA`, by resident code.

    Raises:
        BadInput: other columns, or another order.
    """
    with Draft(folder, number) as draft:
        names, numbers = draft.sorter(NAMES, MOST_NAME), draft.sorter(NUMBERS, MOST_NUMBER)
        for persons in map(keyed, rebatched(batches, KEYED_TOGETHER)):
            numbers.add(numbers_of(persons, draft.persons.rows))
            names.add(names_of(persons, draft.persons.rows))
            draft.persons.add(persons)
        names.finish()
        numbers.finish()
        draft.index(OTHER_CODES, ())
        return draft.publish(size, root, at)


def keyed(persons: pa.RecordBatch) -> pa.RecordBatch:
    """The same persons with their search keys.

    Raises:
        BadInput: other columns.
    """
    if persons.schema != SCHEMA:
        raise BadInput("the columns are not those of a snapshot")
    keys = SearchKeys.of(persons["name"], persons["address"])
    return pa.RecordBatch.from_arrays([*persons.columns, keys.name, keys.address], schema=ROWS)


def names_of(persons: Columns, first: int) -> Pairs:
    """The names by which persons are found, whose rows begin with `first`."""
    found = named(persons, persons["name_key"], first)
    return Pairs.of(found.hashes, found.rows)


def numbers_of(persons: Columns, first: int) -> Pairs:
    """The numbers that persons bear, whose rows begin with `first`."""
    bearing = persons["individual_number"].is_valid().to_numpy(zero_copy_only=False)
    numbers = persons["individual_number"].drop_null().to_numpy()
    return Pairs.of(numbers, first + np.flatnonzero(bearing))


def rebatched(batches: Iterable[pa.RecordBatch], most: int) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of one size; the last one may be smaller."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        waiting.append(batch)
        while sum(map(len, waiting)) >= most:
            whole, waiting = _first(waiting, most)
            yield whole
    if sum(map(len, waiting)):
        yield _first(waiting, most)[0]


def _first(waiting: list[pa.RecordBatch], most: int) -> tuple[pa.RecordBatch, list[pa.RecordBatch]]:
    table = pa.Table.from_batches(waiting)
    (whole,) = table.slice(0, most).combine_chunks().to_batches()
    return whole, table.slice(most).to_batches()


class TableWriter:
    """Writes the two files of a table (世代の表): batches of one size, and the code of every row."""

    def __init__(self, folder: Path, name: str, schema: pa.Schema) -> None:
        """A table whose code is the first column of the schema."""
        rows, self.path = table_paths(folder, name)
        self._stored = schema.remove(0)
        options = ipc.IpcWriteOptions(compression=LZ4, use_threads=False)
        self._rows = ipc.new_file(str(rows), self._stored, options=options)
        self._codes = self.path.open("wb")
        self._waiting: list[pa.RecordBatch] = []
        self._last = -1
        # a person stands once, stays of one person stand together
        self._least = 1 if name == PERSONS else 0
        #: So far.
        self.rows = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Write some rows behind those before.

        Raises:
            BadInput: a code comes after a greater one, or somebody stands there twice.
        """
        codes = batch.column(0).to_numpy()
        if bool((np.diff(codes, prepend=self._last) < self._least).any()):
            raise BadInput("the rows do not stand in the order of their codes")
        self._codes.write(np.ascontiguousarray(codes, CODE))
        self._last = int(codes[-1]) if len(codes) else self._last
        self.rows += len(codes)
        self._waiting.append(batch)
        while sum(map(len, self._waiting)) >= BATCH:
            whole, self._waiting = _first(self._waiting, BATCH)
            self._write(whole)

    def finish(self) -> None:
        """Write what is left."""
        if sum(map(len, self._waiting)):
            self._write(_first(self._waiting, BATCH)[0])
        self._waiting = []
        self.close()

    def close(self) -> None:
        """Close the files; a second time would write their end once more."""
        if not self._codes.closed:
            self._rows.close()
            self._codes.close()

    def _write(self, batch: pa.RecordBatch) -> None:
        self._rows.write_batch(pa.RecordBatch.from_arrays(batch.columns[1:], schema=self._stored))


class Draft:
    """A generation while it is written (作成中の世代)."""

    def __init__(self, folder: Path, number: int) -> None:
        """The generation of this number, below a folder of generations."""
        self._folder, self._number = folder, number
        self._path = folder / f"{_DRAFT}{number:08d}"

    def __enter__(self) -> Self:
        """Begin, with an empty folder."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._folder.glob(f"{_DRAFT}*"):
            shutil.rmtree(left)
        self._path.mkdir(mode=0o700)
        self.persons = TableWriter(self._path, PERSONS, ROWS)
        self.stays = TableWriter(self._path, STAYS, layout.STAYS)
        self._open: list[TableWriter | Sorter] = [self.persons, self.stays]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """What was not published is not kept."""
        for one in self._open:
            one.close()
        shutil.rmtree(self._path, ignore_errors=True)

    def codes(self) -> NDArray[np.int64]:
        """The code of every person, once all are written."""
        self.persons.finish()
        return mapped_file(self.persons.path, CODE)

    def sorter(self, name: str, most: int) -> Sorter:
        """Takes the keys of an index in any order; they lie below `most`."""
        sorter = Sorter(self._path, name, most)
        self._open.append(sorter)
        return sorter

    def index(self, name: str, runs: Iterable[Pairs]) -> None:
        """Write an index that comes sorted."""
        write_pairs(self._path, name, runs)

    def publish(self, size: int, root: bytes, at: datetime) -> Generation:
        """Give it its name: from now on it is there."""
        self.persons.finish()
        self.stays.finish()
        rows, files = self.persons.rows, digests(self._path)
        manifest = Manifest(number=self._number, size=size, root=root, at=at, rows=rows, files=files)
        manifest.write(self._path)
        for path in (*self._path.iterdir(), self._path):
            _sync(path)
        there = self._path.rename(self._folder / f"{self._number:08d}")
        _sync(self._folder)
        return Generation.open(there)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
