# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A generation (世代): everybody in a book at one size of its journal, in files that are never changed.

Rows are persons, by resident code. Codes lie in a file of numbers that is searched where it lies; of the other columns
only those that are asked for are read, a batch at a time. An open generation stays readable when it is deleted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from openjuki.config import JST
from openjuki.errors import IntegrityFailure
from openjuki.store.snapshot.layout import BATCH
from openjuki.store.snapshot.manifest import Manifest
from openjuki.store.snapshot.searching import place_of, through
from openjuki.store.snapshot.sorting import Pairs, mapped, mapped_file
from openjuki.wire.merkle import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column
    from openjuki.store.snapshot.layout import Columns

#: Tables: rows in ``.arrow``, the code that each is sorted by in ``.codes``.
PERSONS, STAYS = "persons", "stays"
#: Indexes: ``.keys`` and ``.rows``.
OTHER_CODES, NUMBERS, NAMES = "other-codes", "numbers", "names"
CODE: Final = np.dtype("<i8")


def table_paths(folder: Path, name: str) -> tuple[Path, Path]:
    """The two files of a table."""
    return folder / f"{name}.arrow", folder / f"{name}.codes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows by a code (世代の表)."""

    #: The name of the column that is the code, and
    code: str
    #: the code of each row, ascending.
    codes: NDArray[np.int64] = field(repr=False)
    source: pa.NativeFile = field(repr=False)

    @classmethod
    def open(cls, folder: Path, name: str, code: str) -> Self:
        """Map the files of a table."""
        rows, codes = table_paths(folder, name)
        return cls(code=code, codes=mapped_file(codes, CODE), source=pa.memory_map(str(rows)))

    def read(self, rows: NDArray[np.int64], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Some columns of rows that ascend, one batch of the file after the other."""
        names = [column for column in columns if column != self.code]
        with self._reader(names) as reader:
            for own in _by_batch(rows):
                batch = reader.get_batch(int(own[0]) // BATCH) if names else None
                yield self._some(batch, own, columns)

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All rows, in the order of their codes, the code itself first."""
        first = 0
        with ipc.open_file(self.source) as reader:
            for number in range(reader.num_record_batches):
                batch = reader.get_batch(number)
                codes: Column = pa.array(self.codes[first : first + len(batch)])
                yield batch.add_column(0, pa.field(self.code, pa.int64(), nullable=False), codes)
                first += len(batch)

    def _reader(self, names: Sequence[str]) -> ipc.RecordBatchFileReader:
        """Of these columns alone; a file whose every column is wanted is not told apart from one of none."""
        schema = ipc.open_file(self.source).schema
        included = sorted(map(schema.get_field_index, names))
        return ipc.open_file(
            self.source, options=ipc.IpcReadOptions(included_fields=included, use_threads=False)
        )

    def _some(
        self, batch: pa.RecordBatch | None, rows: NDArray[np.int64], columns: Sequence[str]
    ) -> pa.RecordBatch:
        places: Column = pa.array(rows % BATCH)
        taken: Columns = batch and batch.take(places)
        own = {column: taken[column] for column in columns if column != self.code}
        if self.code in columns:
            own[self.code] = pa.array(self.codes[rows])
        return pa.record_batch([own[column] for column in columns], names=list(columns))


def _by_batch(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Rows that ascend, those of each batch together."""
    begin = 0
    for end in (np.flatnonzero(np.diff(rows // BATCH, append=-1)) + 1).tolist():
        yield rows[begin:end]
        begin = end


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """Generation (世代): the book as it was at one size of its journal."""

    path: Path
    manifest: Manifest
    persons: Table
    #: Stays that are not current.
    stays: Table
    #: Codes that lead to somebody who bears another one now, or bears none that is good.
    other_codes: Pairs = field(repr=False)
    numbers: Pairs = field(repr=False)
    #: Names and birth dates in 64 bits.
    names: Pairs = field(repr=False)

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map the files of a generation.

        Raises:
            IntegrityFailure: one is missing, or not as long as the manifest makes it.
        """
        manifest = Manifest.read(path)
        try:
            persons, stays = Table.open(path, PERSONS, "resident_code"), Table.open(path, STAYS, "bearer")
            indexes = [mapped(path, name) for name in (OTHER_CODES, NUMBERS, NAMES)]
        except (OSError, ValueError) as error:
            raise IntegrityFailure(f"generation {path.name} lacks a file") from error
        if len(persons.codes) != manifest.rows or any(len(keys) != len(places) for keys, places in indexes):
            raise IntegrityFailure(f"generation {path.name} is not complete")
        other_codes, numbers, names = indexes
        return cls(
            path=path,
            manifest=manifest,
            persons=persons,
            stays=stays,
            other_codes=other_codes,
            numbers=numbers,
            names=names,
        )

    @classmethod
    def empty(cls) -> Self:
        """The book before its first notice."""
        nobody = Manifest(
            number=0, size=0, root=Tree.EMPTY.root, at=datetime.fromtimestamp(0, JST), rows=0, files={}
        )
        none = Pairs.none()
        persons, stays = (
            Table(code=code, codes=np.empty(0, CODE), source=pa.BufferReader(b""))
            for code in ("resident_code", "bearer")
        )
        return cls(
            path=Path(),
            manifest=nobody,
            persons=persons,
            stays=stays,
            other_codes=none,
            numbers=none,
            names=none,
        )

    @property
    def codes(self) -> NDArray[np.int64]:
        """The code of each row, ascending."""
        return self.persons.codes

    @property
    def number(self) -> int:
        """Which it is: 1, 2, 3 …; 0 is the empty one."""
        return self.manifest.number

    @property
    def size(self) -> int:
        """Rows of the journal that are folded in."""
        return self.manifest.size

    @property
    def root(self) -> bytes:
        """Root of those rows."""
        return self.manifest.root

    @property
    def at(self) -> datetime:
        """When they were the whole journal."""
        return self.manifest.at

    @property
    def rows(self) -> int:
        """Persons."""
        return self.manifest.rows

    def by_code(self, codes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The row of each code, -1 for nobody's, and whether the code is a replaced one."""
        return through(self.other_codes, codes, place_of(self.codes, codes))

    def by_number(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Likewise individual numbers."""
        return through(self.numbers, numbers, np.full(len(numbers), -1, np.int64))

    def read(self, rows: NDArray[np.int64], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Some columns of rows that ascend, one batch of the file after the other."""
        return self.persons.read(rows, columns)
