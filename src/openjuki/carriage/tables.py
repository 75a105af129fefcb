# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Rows out of a CSV file, however damaged (表形式ファイルの読取り).

Rules of this file:

1. A row begins on a line and is numbered by it; line 1 is the header.
2. A quoted cell may hold line breaks. Where quotes do not close within `LOOK_AHEAD` lines, or the lines joined
   do not make a row of the header's width, only the line with the first quote is broken: reading takes up
   again at the next line. So a stray quote costs one row, never the rest of the file.
3. A line too long for a row is cut while it is read, so that no file fills the memory.
4. Bytes that the encoding does not know stay in the cell as lone surrogates, for the reader to find and name.
5. Blank lines, rows of empty cells and the end mark of old systems (0x1A) are no rows.
"""

from __future__ import annotations

import csv
import os
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from openjuki.carriage.encoding import UTF_8_BOM, Encoding, recognise, refuse_other_files
from openjuki.carriage.faults import (
    BAD_QUOTES,
    CONTROL_CHARACTER,
    ROW_TOO_LONG,
    WRONG_WIDTH,
    Fault,
    ValueClass,
)
from openjuki.errors import BadFile, BadHeader, FileEmpty, FileMissing
from openjuki.refusal import Where
from openjuki.residents.sequences import has_sequences

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

#: Lines that one row may span.
LOOK_AHEAD = 100
#: Characters of one row.
ROW_CHARACTERS = 2**17
#: Bytes of one line that are kept: enough to see that it is too long, at four bytes a character.
_LINE_BYTES = 4 * (ROW_CHARACTERS + 1)
_BLOCK_BYTES = 2**18

_BLANK = ' \u3000\t\r\x1a,"'


class Row(NamedTuple):
    """A row of as many cells as the header has."""

    #: The line it begins on.
    row: int
    cells: list[str]
    #: Whether undecodable bytes or NUL may be in it.
    suspect: bool
    #: Whether variation selectors are in it (異体字セレクタ).
    sequences: bool = False


class BrokenRow(NamedTuple):
    """A row that does not fall into cells."""

    row: int
    fault: Fault
    value_class: ValueClass


_QUOTED_ROW = ValueClass("row with quotes", "引用符のある行")


class Table:
    """A CSV file, opened: its encoding, its header, and its rows as a stream.

    Args:
        file: opened for reading bytes, at its beginning; the caller closes it.
        encoding: forced; None: recognised from the file.

    Raises:
        BadFile: no row can be read; the leaf says why.
    """

    def __init__(self, file: BinaryIO, encoding: Encoding | None = None) -> None:
        #: Size of the file.
        self.bytes_total = file.seek(0, os.SEEK_END)
        file.seek(0)
        self.encoding = _encoding_of(file, encoding)
        self._file = file
        self._lines = _Lines(file, self.encoding)
        self.header = _header(self._lines)

    @property
    def bytes_read(self) -> int:
        """How far the file is read."""
        return self._file.tell()

    @property
    def line(self) -> int:
        """The line that is read next; after the last row, the line behind the file."""
        return self._lines.row

    def rows(self) -> Iterator[Row | BrokenRow]:
        """The rows below the header, in the order of the file."""
        lines, width = self._lines, len(self.header)
        while (line := lines.peek()) is not None:
            row, cells = lines.row, line.split(",")
            whole = len(cells) == width and '"' not in line and len(line) <= ROW_CHARACTERS
            if whole and line[:1] not in _BLANK:
                lines.drop()  # nearly every row of nearly every file
                yield Row(row, cells, lines.suspect, lines.sequences and has_sequences(line))
            elif (found := _row(lines, line, width)) is not None:
                yield found


@contextmanager
def open_table(path: Path, encoding: Encoding | None = None) -> Iterator[Table]:
    """A CSV file by its path; closed at the end.

    Raises:
        BadFile: it is not there, or no row can be read; `where.file` names it.
    """
    try:
        with path.open("rb") as file:
            yield Table(file, encoding)
    except OSError as error:
        raise FileMissing(where=Where(file=path.name)) from error
    except BadFile as error:
        error.where = replace(error.where, file=path.name)
        raise


class _Lines:
    """The lines of a file, with a look ahead."""

    def __init__(self, file: BinaryIO, encoding: Encoding) -> None:
        self.row = 1
        self.suspect = False
        self.sequences = False
        self._file = file
        self._encoding = encoding
        self._lines: list[str] = []
        self._at = 0
        self._tail = b""

    def peek(self, ahead: int = 0) -> str | None:
        """The line so far ahead; None: the file ends before."""
        while (index := self._at + ahead) >= len(self._lines):
            if not self._fill():
                return None
        return self._lines[index]

    def drop(self, count: int = 1) -> None:
        """Go on by so many lines."""
        self._at += count
        self.row += count

    def _fill(self) -> bool:
        """Read on; False: there is no more."""
        block = self._file.read(_BLOCK_BYTES)
        if not block and not self._tail:
            return False
        whole, line_end, tail = (self._tail + block).rpartition(b"\n") if block else (self._tail, b"\n", b"")
        self._tail = tail[:_LINE_BYTES]
        if line_end:
            self._take(whole)
        return True

    def _take(self, whole: bytes) -> None:
        text, damaged = _decode(whole, self._encoding)
        left = self._lines[self._at :]
        self._lines, self._at = left + text.replace("\r\n", "\n").removesuffix("\r").split("\n"), 0
        self.suspect = damaged or "\0" in text or (self.suspect and bool(left))
        self.sequences = has_sequences(text) or (self.sequences and bool(left))


def _decode(raw: bytes, encoding: Encoding) -> tuple[str, bool]:
    try:
        return raw.decode(encoding), False
    except UnicodeDecodeError:
        return raw.decode(encoding, "surrogateescape"), True


def _encoding_of(file: BinaryIO, forced: Encoding | None) -> Encoding:
    """Recognise the encoding, read on while all is ASCII, and return to the first character."""
    block = file.read(_BLOCK_BYTES) + file.readline(_LINE_BYTES)
    if not block.removeprefix(UTF_8_BOM):
        raise FileEmpty
    mark = len(UTF_8_BOM) if block.startswith(UTF_8_BOM) else 0
    refuse_other_files(block)
    encoding = forced
    while encoding is None and block:
        encoding = recognise(block)
        block = file.read(_BLOCK_BYTES) + file.readline(_LINE_BYTES)
    file.seek(mark)
    return encoding or Encoding.UTF_8


def _header(lines: _Lines) -> tuple[str, ...]:
    line = lines.peek()
    if line is None or not line.strip(_BLANK):
        raise BadHeader("the first row is empty")
    if "\r" in line:
        raise BadHeader("the lines end with CR alone; save the file with CRLF or LF")
    if len(line) > ROW_CHARACTERS:
        raise BadHeader("the first row is too long; save the file with CRLF or LF between the rows")
    cells = _cells(line)
    if cells is None:
        raise BadHeader("the quotes of the first row do not close")
    lines.drop()
    return tuple(cell.strip() for cell in cells)


def _row(lines: _Lines, line: str, width: int) -> Row | BrokenRow | None:
    """Whatever begins on the next line; None: nothing."""
    row, suspect = lines.row, lines.suspect
    if len(line) > ROW_CHARACTERS:
        lines.drop()
        return BrokenRow(row, ROW_TOO_LONG, ValueClass.of(line))
    text, cells, count = _joined(lines, line, width)
    lines.drop(count)
    if cells is None:
        return BrokenRow(row, CONTROL_CHARACTER if "\r" in line else BAD_QUOTES, _QUOTED_ROW)
    if not text.strip(_BLANK):
        return None
    if len(cells) != width:
        return BrokenRow(row, WRONG_WIDTH, ValueClass.row_of(len(cells)))
    return Row(row, cells, suspect or count > 1, has_sequences(text))


def _joined(lines: _Lines, line: str, width: int) -> tuple[str, list[str] | None, int]:
    """As many lines as close the quotes of the first, their cells, and their count (rule 2)."""
    text, count = line, 1
    while text.count('"') % 2 and count < LOOK_AHEAD and (following := lines.peek(count)) is not None:
        if _is_whole(following, width) or len(text) > ROW_CHARACTERS:
            break
        text, count = f"{text}\n{following}", count + 1
    cells = None if text.count('"') % 2 else _cells(text)
    if count > 1 and (cells is None or len(cells) != width):
        return line, None, 1
    return text, cells, count


def _is_whole(line: str, width: int) -> bool:
    """Whether a line within a quoted cell looks like a row of its own."""
    return line.count(",") >= width - 1


def _cells(text: str) -> list[str] | None:
    """The cells of one row; None: its quotes do not close, or something follows a closed one."""
    try:
        return next(csv.reader((text,), strict=True))
    except csv.Error:
        return None
