# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A generation (世代): everybody in a book at one size of its journal, in files that are never changed.

Rows are persons, by resident code. Codes lie in a file of numbers that is searched where it lies; of the other columns
only those that are asked for are read, a batch at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import pyarrow as pa
from pyarrow import ipc

from openjuki.errors import IntegrityFailure
from openjuki.store.snapshot.layout import BATCH, STORED
from openjuki.store.snapshot.manifest import Manifest
from openjuki.store.snapshot.searching import place_of, through
from openjuki.store.snapshot.sorting import Pairs, mapped, mapped_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column
    from openjuki.store.snapshot.layout import Columns

#: The files: rows, the code of each row, stays that are not current; and the indexes (two files each).
PERSONS: Final = "persons.arrow"
CODES: Final = "codes.rows"
STAYS_FILE: Final = "stays.arrow"
OTHER_CODES, NUMBERS, NAMES = "other-codes", "numbers", "names"
CODE: Final = np.dtype("<i8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """Generation (世代): the book as it was at one size of its journal."""

    path: Path
    manifest: Manifest
    #: The code of each row, ascending.
    codes: NDArray[np.int64] = field(repr=False)
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
            codes = mapped_file(path / CODES, CODE)
            indexes = [mapped(path, name) for name in (OTHER_CODES, NUMBERS, NAMES)]
        except (OSError, ValueError) as error:
            raise IntegrityFailure(f"generation {path.name} lacks a file") from error
        if len(codes) != manifest.rows or any(len(keys) != len(places) for keys, places in indexes):
            raise IntegrityFailure(f"generation {path.name} is not complete")
        other_codes, numbers, names = indexes
        return cls(
            path=path, manifest=manifest, codes=codes, other_codes=other_codes, numbers=numbers, names=names
        )

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
        rows = place_of(self.codes, codes)
        return through(self.other_codes, codes, rows)

    def by_number(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Likewise individual numbers."""
        return through(self.numbers, numbers, np.full(len(numbers), -1, np.int64))

    def read(self, rows: NDArray[np.int64], columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Some columns of rows that ascend, one batch of the file after the other."""
        wanted = [STORED.get_field_index(column) for column in columns if column != "resident_code"]
        options = ipc.IpcReadOptions(included_fields=sorted(wanted), use_threads=False)
        with (
            pa.memory_map(str(self.path / PERSONS)) as source,
            ipc.open_file(source, options=options) as reader,
        ):
            for own in _by_batch(rows):
                batch = reader.get_batch(int(own[0]) // BATCH) if wanted else None
                yield self._some(batch, own, columns)

    def _some(
        self, batch: pa.RecordBatch | None, rows: NDArray[np.int64], columns: Sequence[str]
    ) -> pa.RecordBatch:
        places: Column = pa.array(rows % BATCH)
        taken: Columns = batch and batch.take(places)
        own = {column: taken[column] for column in columns if column != "resident_code"}
        if "resident_code" in columns:
            own["resident_code"] = pa.array(self.codes[rows])
        return pa.record_batch([own[column] for column in columns], names=list(columns))

    def stays(self) -> pa.Table:
        """Stays that are not current, and may become so without a notice of theirs."""
        with pa.memory_map(str(self.path / STAYS_FILE)) as source, ipc.open_file(source) as reader:
            return reader.read_all()


def _by_batch(rows: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    """Rows that ascend, those of each batch together."""
    begin = 0
    for end in (np.flatnonzero(np.diff(rows // BATCH, append=-1)) + 1).tolist():
        yield rows[begin:end]
        begin = end
