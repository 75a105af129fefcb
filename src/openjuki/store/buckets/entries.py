# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Entries of the index to the log of bulk provisions (提供の記録の索引): under which code, in which part, in which row. Pure.

Theory of operation. A part is sorted by resident code. So whatever range of codes is taken out of it is a run of
neighbouring rows, and a bucket that holds that range need not write a row beside each entry: how manieth entry of its
part it is says the row, once the bucket says where each run begins. Such a run is a *strand*. A row that was erased
splits its strand in two. An entry costs 2.5 bytes so, where four for the row would double it.

>>> entries = Entries.of([(7, [1000, 3000]), (9, [2000, 3000])])
>>> entries.find(3000)
[(7, 1), (9, 1)]
>>> Packed.of(entries).find(3000)
[(7, 1), (9, 1)]
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from openjuki.errors import IntegrityFailure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import ArrayLike, NDArray

#: Entries of a bucket: small enough to be read for one person, large enough that its own weight does not count.
BUCKET = 32_768
#: Stands for a row that was erased where a part's codes are listed.
ERASED = -1

_ENTRY = pa.schema([("code", pa.int64()), ("part", pa.int32())])
_STRAND = pa.schema([("part", pa.int32()), ("row", pa.int32()), ("rows", pa.int32())])


@dataclass(frozen=True, slots=True, eq=False)
class Entries:
    """Entries (索引の項目), in order of code, part and row."""

    codes: NDArray[np.int64]
    parts: NDArray[np.int32]
    rows: NDArray[np.int32]

    @classmethod
    def of(cls, parts: Iterable[tuple[int, ArrayLike]]) -> Self:
        """The entries of whole parts: their numbers, and the codes of their rows, `ERASED` where one was erased.

        Raises:
            IntegrityFailure: a part is not in order of code.
        """
        return cls.joined(cls._of_part(number, np.asarray(codes, np.int64)) for number, codes in parts)

    @classmethod
    def _of_part(cls, number: int, codes: NDArray[np.int64]) -> Self:
        rows = np.flatnonzero(codes != ERASED)
        left = codes[rows]
        if np.any(left[1:] < left[:-1]):
            raise IntegrityFailure(f"part {number} of the log is not in order of code")
        return cls(left, np.full(len(rows), number, np.int32), rows.astype(np.int32))

    @classmethod
    def joined(cls, many: Iterable[Entries]) -> Self:
        """All of these, in order."""
        some = [cls(*_NOTHING), *many]
        codes, parts, rows = (
            np.concatenate([getattr(one, name) for one in some]) for name in ("codes", "parts", "rows")
        )
        order = np.lexsort((rows, parts, codes))
        return cls(codes[order], parts[order], rows[order])

    def __len__(self) -> int:
        """How many."""
        return len(self.codes)

    def __getitem__(self, some: slice | NDArray[np.bool_]) -> Self:
        """Some of them."""
        return type(self)(self.codes[some], self.parts[some], self.rows[some])

    def find(self, code: int) -> list[tuple[int, int]]:
        """Part and row of every entry under a code."""
        begin, end = np.searchsorted(self.codes, [code, code + 1])
        return list(zip(self.parts[begin:end].tolist(), self.rows[begin:end].tolist(), strict=True))

    def between(self, first: int, before: int | None) -> Self:
        """Those under codes from one on, and before another if one is given."""
        begin = np.searchsorted(self.codes, first)
        end = len(self) if before is None else np.searchsorted(self.codes, before)
        return self[slice(int(begin), int(end))]

    def without(self, part: int, row: int) -> Self:
        """All but one."""
        return self[(self.parts != part) | (self.rows != row)]

    def counts(self) -> dict[int, int]:
        """How many entries of each part."""
        parts, counts = np.unique(self.parts, return_counts=True)
        return dict(zip(parts.tolist(), counts.tolist(), strict=True))

    def split(self, most: int = BUCKET) -> Iterator[Self]:
        """Buckets of about so many: what stands under one code stands in one bucket."""
        begin = 0
        while begin < len(self):
            last = self.codes[min(begin + most, len(self)) - 1]
            end = int(np.searchsorted(self.codes, last, side="right"))
            yield self[slice(begin, end)]
            begin = end


_NOTHING = (np.empty(0, np.int64), np.empty(0, np.int32), np.empty(0, np.int32))


class Packed(NamedTuple):
    """A bucket (索引の束) as bytes: its entries without rows, and its strands."""

    entries: bytes
    strands: bytes

    @classmethod
    def of(cls, entries: Entries) -> Self:
        """Pack entries."""
        columns = [pa.array(entries.codes), pa.array(entries.parts)]
        strands = [pa.array(column) for column in _strands(entries)]
        return cls(_parquet(columns, _ENTRY), _parquet(strands, _STRAND))

    def unpack(self) -> Entries:
        """The entries, each with its row.

        Raises:
            IntegrityFailure: the bytes are not a bucket's.
        """
        codes, parts = self._columns()
        part, row, rows = _read(self.strands, _STRAND)
        if int(rows.sum()) != len(codes):
            raise IntegrityFailure("the strands of a bucket do not cover its entries")
        order = np.argsort(parts, kind="stable")
        if not np.array_equal(parts[order], np.repeat(part, rows)):
            raise IntegrityFailure("the strands of a bucket are of other parts than its entries")
        found = np.empty(len(codes), np.int32)
        found[order] = np.repeat(row - (np.cumsum(rows) - rows), rows) + np.arange(len(codes))
        return Entries(codes, parts.astype(np.int32), found)

    def find(self, code: int) -> list[tuple[int, int]]:
        """Part and row of every entry under a code, without unpacking the others.

        Raises:
            IntegrityFailure: the bytes are not a bucket's.
        """
        codes, parts = self._columns()
        begin, end = np.searchsorted(codes, [code, code + 1])
        if begin == end:
            return []
        strands = _read(self.strands, _STRAND)
        return [_place(parts, at, strands) for at in range(int(begin), int(end))]

    def _columns(self) -> Sequence[NDArray[np.int64]]:
        return _read(self.entries, _ENTRY)


def _place(parts: NDArray[np.int64], at: int, strands: Sequence[NDArray[np.int64]]) -> tuple[int, int]:
    """Part and row of the entry at a place: as many of its part stand before it, so far down its strands it is."""
    part, row, rows = strands
    mine = part == parts[at]
    before = int(np.count_nonzero(parts[:at] == parts[at]))
    ends = np.cumsum(rows[mine])
    which = int(np.searchsorted(ends, before, side="right"))
    if which == len(ends):
        raise IntegrityFailure("the strands of a bucket do not cover its entries")
    return int(parts[at]), int(row[mine][which] + before - (ends[which] - rows[mine][which]))


def _strands(entries: Entries) -> Sequence[NDArray[np.int32]]:
    """Part, first row and number of rows of each run of neighbouring rows."""
    order = np.argsort(entries.parts, kind="stable")
    parts, rows = entries.parts[order], entries.rows[order]
    begins = np.flatnonzero((np.diff(parts, prepend=-1) != 0) | (np.diff(rows, prepend=-2) != 1))
    lengths = np.diff(begins, append=len(rows)).astype(np.int32)
    return parts[begins], rows[begins], lengths


def _parquet(columns: Sequence[pa.Array[pa.Scalar[pa.DataType]]], schema: pa.Schema) -> bytes:
    sink = pa.BufferOutputStream()
    encodings = {name: "DELTA_BINARY_PACKED" for name in schema.names if name in ("code", "row", "rows")}
    pq.write_table(
        pa.Table.from_arrays(list(columns), schema=schema),
        sink,
        compression="zstd",
        use_dictionary=["part"],  # type: ignore[arg-type] # its stubs know only yes and no
        column_encoding=encodings,
        write_statistics=False,
        store_schema=False,
    )
    return sink.getvalue().to_pybytes()


def _read(raw: bytes, schema: pa.Schema) -> Sequence[NDArray[np.int64]]:
    try:
        table = pq.ParquetFile(pa.BufferReader(raw)).read(use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise IntegrityFailure("these bytes are not a bucket of the log's index") from error
    if not table.schema.equals(schema) or any(column.null_count for column in table.columns):
        raise IntegrityFailure("these bytes are not a bucket of the log's index")
    return [table.column(name).to_numpy() for name in schema.names]
