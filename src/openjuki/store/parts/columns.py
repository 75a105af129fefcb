# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Parquet of a part's rows: who was told about, in ascending order of resident code; a row that was erased is null.

A look-up opens one row group of it, which the statistics of the codes lead to.
"""

from __future__ import annotations

from io import SEEK_CUR, SEEK_END, SEEK_SET, BytesIO, RawIOBase
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from openjuki.errors import IntegrityFailure

if TYPE_CHECKING:
    from collections.abc import Buffer, Sequence

    import numpy as np
    from numpy.typing import NDArray

#: Rows that one look-up has to open: a multiple of a chunk.
GROUP_ROWS: Final = 65_536
SCHEMA: Final = pa.schema([("code", pa.int64()), ("result", pa.uint8()), ("basis", pa.uint8())])
#: Columns with few values; the stubs know only all or none.
_DICTIONARY: Final[Any] = ["result", "basis"]
#: In place of the code of a row that was erased.
ERASED: Final = -1
#: Bytes from the end in which the footer of a part of any size lies.
FOOTER: Final = 16_384


def write(table: pa.Table) -> bytes:
    """The Parquet of these rows; the same rows give the same bytes."""
    sink = pa.BufferOutputStream()
    pq.write_table(
        table,
        sink,
        row_group_size=GROUP_ROWS,
        compression="zstd",
        use_dictionary=_DICTIONARY,
        column_encoding={"code": "DELTA_BINARY_PACKED"},
        write_statistics=["code"],
        store_schema=False,
    )
    return sink.getvalue().to_pybytes()


def read(log: bytes, names: Sequence[str] = tuple(SCHEMA.names)) -> pa.Table:
    """The rows of a Parquet, with these columns.

    Raises:
        IntegrityFailure: it is not that of a part.
    """
    try:
        table = pq.read_table(BytesIO(log), columns=list(names), use_threads=False)
    except (pa.ArrowException, OSError) as error:
        raise IntegrityFailure("these bytes are not the rows of a part") from error
    if not table.schema.equals(pa.schema([SCHEMA.field(name) for name in names])):
        raise IntegrityFailure("these bytes are not the rows of a part")
    return table


def codes(log: bytes) -> NDArray[np.int64]:
    """The codes of a part's rows, in their order; `ERASED` where a row was erased.

    Raises:
        IntegrityFailure: as `read`.
    """
    return numbers(read(log, ["code"])["code"])


def numbers(codes: Any) -> NDArray[np.int64]:
    """A column of codes, `ERASED` for null."""
    found: NDArray[np.int64] = pc.fill_null(codes, ERASED).to_numpy()
    return found


def footer(end: bytes) -> pq.FileMetaData:
    """What the end of a file says of its row groups."""
    return pq.read_metadata(BytesIO(end))


class Slices(RawIOBase):
    """A file of which the footer and a few ranges are at hand, and nothing else is asked for."""

    def __init__(self, size: int, footer: pq.FileMetaData) -> None:
        """Take the size of the whole, and what its end says."""
        self.metadata = footer
        self._size, self._at = size, 0
        self._parts: list[tuple[int, bytes]] = []

    def add(self, start: int, part: bytes) -> None:
        """Have a range of it."""
        self._parts.append((start, part))

    def group(self, number: int) -> pa.Table:
        """The rows of a row group, whose range must be at hand."""
        whole: Any = self  # it reads like a file, and need not write like one
        file = pq.ParquetFile(whole, metadata=self.metadata, pre_buffer=False)
        return file.read_row_group(number, use_threads=False)

    def readable(self) -> bool:
        """It is there to be read."""
        return True

    def seekable(self) -> bool:
        """From any place."""
        return True

    def tell(self) -> int:
        """The place from which is read next."""
        return self._at

    def seek(self, offset: int, whence: int = SEEK_SET) -> int:
        """Read from here next."""
        self._at = offset + {SEEK_SET: 0, SEEK_CUR: self._at, SEEK_END: self._size}[whence]
        return self._at

    def readinto(self, buffer: Buffer) -> int:
        """Fill the buffer from the range that has all of it."""
        view = memoryview(buffer).cast("B")
        wanted = min(len(view), self._size - self._at)
        for start, part in self._parts:
            if start <= self._at and self._at + wanted <= start + len(part):
                view[:wanted] = part[self._at - start : self._at - start + wanted]
                self._at += wanted
                return wanted
        raise OSError("this range was not fetched")


def range_of(footer: pq.FileMetaData, group: int) -> tuple[int, int]:
    """First byte and number of bytes of a row group."""
    columns = [footer.row_group(group).column(place) for place in range(len(SCHEMA))]
    first = min(
        one.data_page_offset if one.dictionary_page_offset is None else one.dictionary_page_offset
        for one in columns
    )
    return first, sum(one.total_compressed_size for one in columns)
