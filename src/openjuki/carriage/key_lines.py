# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
r"""Lines of a file of keys, in blocks of columns (照会ファイルの行): many rows at once, and every one accounted for.

Rules of this file:

1. A row is a line, numbered by it; line 1 is the header. So an answer stands beside its line, whatever is wrong
   with others.
2. Blank lines, lines of empty cells and the end mark of old systems (0x1A) are no rows.
3. A block that a fast reader reads without doubt is read by it; any other line by line, with the same results.
"""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow_csv

from openjuki.carriage.encoding import UTF_8_BOM, Encoding, recognise, refuse_other_files
from openjuki.carriage.key_values import tidy
from openjuki.errors import BadHeader, FileEmpty

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from openjuki.carriage.key_values import Column

_BLOCK_BYTES: Final = 4 * 2**20
_UNSEEN: Final = " \t\r\x1a"
_BLANK: Final = f'{_UNSEEN},"'
#: Bytes of one line that may be a row; the rest of a longer one is passed over.
_LINE_BYTES: Final = 2**19
#: What the fast reader is not asked to read: NUL, the end mark of old systems.
_DOUBTFUL: Final = (b"\0", b"\x1a")
#: By byte: whether a quote that opens may stand after it, and one that closes before it; of two together, one closes.
_BEFORE: Final = np.isin(np.arange(256), list(b',\n"'))
_AFTER: Final = np.isin(np.arange(256), list(b',\r\n"'))
#: What divides a block into cells.
_MARKS: Final = b'\r\n,"'
#: In place of bytes that are no character; forms say of it that the encoding is wrong.
_NO_CHARACTER: Final = dict.fromkeys(range(0xDC80, 0xDD00), "\uf8f0")


class Lines(NamedTuple):
    """Rows as the file has them (行)."""

    #: The number of each one's line.
    lines: NDArray[np.int64]
    #: The columns that were asked for, tidied; of a line that does not fall into cells all are empty.
    columns: Sequence[Column]
    #: Which of them do not fall into as many cells as the header has.
    broken: NDArray[np.bool_]


class KeyLines:
    """A CSV file of keys, opened: its encoding, its header, its rows in blocks.

    Raises:
        BadFile: no row can be read; the leaf says why.
    """

    def __init__(self, file: BinaryIO, encoding: Encoding | None = None) -> None:
        """Take a file at its beginning; the caller closes it."""
        self._file = file
        self.encoding = _encoding_of(file, encoding)
        self.header = self._header()

    @property
    def bytes_read(self) -> int:
        """How far the file is read."""
        return self._file.tell()

    def blocks(self, columns: Sequence[int]) -> Iterator[Lines]:
        """The rows below the header, as these of their columns."""
        line = 2
        while raw := self._file.read(_BLOCK_BYTES):
            raw += self._to_the_end_of_the_line(raw)
            count = raw.count(b"\n") + (not raw.endswith(b"\n"))
            yield self._fast(raw, line, count, columns) or self._slow(raw, line, columns)
            line += count

    def _to_the_end_of_the_line(self, raw: bytes) -> bytes:
        """What a block lacks of its last line; of a line too long for a row only so much."""
        kept = b""
        while not raw.endswith(b"\n") and (raw := self._file.readline(_LINE_BYTES)):
            kept += raw if len(kept) < _LINE_BYTES else raw[-1:] * raw.endswith(b"\n")
        return kept

    def _header(self) -> list[str]:
        cells = _cells(_decoded(self._file.readline(_LINE_BYTES), self.encoding).rstrip("\r\n"))
        if cells is None or not "".join(cells).strip(_BLANK):
            raise BadHeader("the first row does not name columns")
        return [cell.strip() for cell in cells]

    def _fast(self, raw: bytes, line: int, count: int, columns: Sequence[int]) -> Lines | None:
        """A block in which every line is a row; None: that is not sure."""
        if _is_doubtful(raw):
            return None
        try:
            text = raw if self.encoding is Encoding.UTF_8 else raw.decode(self.encoding).encode()
            table = _parsed(text, len(self.header), columns)
        except (pa.ArrowInvalid, UnicodeError):
            return None
        cells = [tidy(table.column(place).combine_chunks()) for place in range(len(columns))]
        if table.num_rows != count or _any_empty(cells):
            return None
        lines = np.arange(line, line + count, dtype=np.int64)
        return Lines(lines, cells, np.zeros(count, bool))

    def _slow(self, raw: bytes, line: int, columns: Sequence[int]) -> Lines:
        width, rows = len(self.header), []
        text = _decoded(raw, self.encoding).removesuffix("\n")
        for number, one in enumerate(text.split("\n"), start=line):
            if _is_row(one):
                cells = _cells(one.removesuffix("\r")) if len(one) <= _LINE_BYTES else None
                rows.append((number, cells if cells is not None and len(cells) == width else None))
        cells_of = [
            [None if cells is None else cells[place].translate(_NO_CHARACTER) for _, cells in rows]
            for place in columns
        ]
        return Lines(
            np.array([number for number, _ in rows], np.int64),
            [tidy(pa.array(cells, pa.string())) for cells in cells_of],
            np.array([cells is None for _, cells in rows], bool),
        )


def characters(raw: bytes) -> str:
    """A cell of UTF-8 as a form reads it, also where some of its bytes are no character."""
    return _decoded(raw, Encoding.UTF_8).translate(_NO_CHARACTER)


def _is_row(line: str) -> bool:
    """Whether anything stands in a line; a comma or a quote does where it is what a cell says."""
    if line.strip(_BLANK):
        return True
    return any(cell.strip(_UNSEEN) for cell in _cells(line.removesuffix("\r")) or ())


def _parsed(text: bytes, width: int, columns: Sequence[int]) -> Any:
    names = [str(place) for place in range(width)]
    wanted = [names[place] for place in columns]
    return arrow_csv.read_csv(
        io.BytesIO(text),
        arrow_csv.ReadOptions(column_names=names, block_size=len(text) + 1),
        arrow_csv.ParseOptions(newlines_in_values=False),
        arrow_csv.ConvertOptions(include_columns=wanted, column_types=dict.fromkeys(wanted, pa.string())),
    )


def _is_doubtful(raw: bytes) -> bool:
    """Whether readers may differ about a block: stray line ends, quotes within cells or open at the end of a line."""
    if any(mark in raw for mark in _DOUBTFUL) or raw.count(b"\r") != raw.count(b"\r\n"):
        return True
    if b'"' not in raw:
        return False
    first, values = raw[: raw.find(b"\n") + 1], np.frombuffer(raw, np.uint8)
    if len(first) < len(raw) and _are_alike(first, values):
        return _is_doubtful(first)
    quotes, ends = np.flatnonzero(values == ord('"')), np.flatnonzero(values == ord("\n"))
    before = np.searchsorted(quotes, ends)
    return bool((before % 2).any() or len(quotes) % 2) or _any_stray(raw, quotes)


def _are_alike(first: bytes, values: NDArray[np.uint8]) -> bool:
    """Whether every line of a block is as long as the first, and is divided where that is."""
    if not first or len(values) % len(first):
        return False
    lines = values.reshape(-1, len(first))
    for mark in _MARKS:
        places = [place for place, byte in enumerate(first) if byte == mark]
        if np.count_nonzero(values == mark) != len(places) * len(lines):
            return False
        if any((lines[:, place] != mark).any() for place in places):
            return False
    return True


def _any_stray(raw: bytes, quotes: NDArray[np.intp]) -> bool:
    """Whether of the quotes, which open and close in turn, one opens within a cell or closes before its end."""
    values = np.frombuffer(b"\n" + raw + b"\n", np.uint8)  # so that something stands beside every quote
    opens, closes = _BEFORE[values[quotes[::2]]], _AFTER[values[quotes[1::2] + 2]]
    return not (opens.all() and closes.all())


def _any_empty(cells: Sequence[Column]) -> bool:
    """Whether some row has none of the columns; it may be no row at all."""
    lengths: list[Column] = [pc.binary_length(values) for values in cells]
    together: Column = pc.equal(lengths[0], pa.scalar(0))
    for one in lengths[1:]:
        together = pc.and_(together, pc.equal(one, pa.scalar(0)))
    return bool(pc.any(together).as_py())


def _encoding_of(file: BinaryIO, forced: Encoding | None) -> Encoding:
    """Recognise the encoding, read on while all is ASCII, and return to the first character."""
    block = file.read(_BLOCK_BYTES) + file.readline(_LINE_BYTES)
    if not block.removeprefix(UTF_8_BOM).strip():
        raise FileEmpty
    mark = len(UTF_8_BOM) if block.startswith(UTF_8_BOM) else 0
    refuse_other_files(block)
    encoding = forced
    while encoding is None and block:
        encoding = recognise(block) if not block.isascii() else None
        block = b"" if encoding else file.read(_BLOCK_BYTES) + file.readline(_LINE_BYTES)
    file.seek(mark)
    return encoding or Encoding.UTF_8


def _decoded(raw: bytes, encoding: Encoding) -> str:
    return raw.decode(encoding, "surrogateescape")


def _cells(text: str) -> list[str] | None:
    """The cells of one line; None: its quotes do not close, or something follows a closed one."""
    try:
        return next(csv.reader((text,), strict=True), None)
    except csv.Error:
        return None
