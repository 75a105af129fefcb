# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Files of keys (一括照会のファイル): persons by one kind of key, in CSV or Parquet, however many.

Rules of this file:

1. A file is read in parts of at most `MOST_PART_ROWS` rows, in its own order; nothing but one part is in memory, and
   what is read ahead of it.
2. A row whose key cannot be read does not keep the others from being asked: in the keys its place is null, in the
   answer it stands with the column at fault. The first `LISTED` faults are listed with what to do.
3. Columns that are no key are not read: they never leave the office.
4. What a Parquet file inflates to is no business of the node: a child reads it (`parquet_apart`).
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.carriage import faults, parquet_apart
from openjuki.carriage.ahead import ahead
from openjuki.carriage.columns import Column, find
from openjuki.carriage.faults import RejectedRow, ValueClass
from openjuki.carriage.key_lines import KeyLines, Lines, characters
from openjuki.carriage.key_values import (
    ADDRESS,
    BIRTH_DATE,
    INDIVIDUAL_NUMBER,
    NAME,
    RESIDENT_CODE,
    SEX,
    tidy,
)
from openjuki.errors import BadFile, BadHeader, FileEmpty, FileMissing
from openjuki.refusal import Where
from openjuki.wire.bulk import MOST_PART_ROWS, MOST_ROWS, KeyKind
from openjuki.wire.columns import KEY_SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from openjuki.carriage.encoding import Encoding
    from openjuki.carriage.key_values import Item
    from openjuki.carriage.parquet_apart import Apart

#: Faults that are listed with what to do; of more the number is told.
LISTED: Final = 10_000
#: Kinds of key, by what a row gives of a person.
KINDS: Final[Mapping[KeyKind, tuple[Item, ...]]] = {
    KeyKind.RESIDENT_CODE: (RESIDENT_CODE,),
    KeyKind.INDIVIDUAL_NUMBER: (INDIVIDUAL_NUMBER,),
    KeyKind.FOUR_ITEMS: (NAME, BIRTH_DATE, SEX, ADDRESS),
}
#: What a row has at fault: nothing, an item by its place from 1, or the row as a whole.
FINE: Final = 0
WHOLE_ROW: Final = 255
_PARQUET: Final = b"PAR1"
_COUNTED_AT_ONCE: Final = 2**22


class KeyPart(NamedTuple):
    """A part of a file of keys (照会ファイルの部分)."""

    #: From 0.
    number: int
    #: The line (Parquet: the row, from 1) of each row.
    lines: NDArray[np.int64]
    #: What each row has at fault.
    wrong: NDArray[np.uint8]
    #: The keys as the provider takes them, in their order; null where something is at fault.
    keys: pa.Table
    #: The first faults, with what to do.
    rejected: tuple[RejectedRow, ...]


class _Piece(NamedTuple):
    """Rows that were read together."""

    lines: NDArray[np.int64]
    wrong: NDArray[np.uint8]
    columns: tuple[Any, ...]


@dataclass(slots=True)
class KeyFile:
    """A file of keys, opened (照会ファイル)."""

    kind: KeyKind
    #: None: Parquet.
    encoding: Encoding | None
    #: It has no more rows than this; some lines may be none.
    most_rows: int
    _pieces: Iterator[Lines]
    _listed: int = 0
    _rejected: list[RejectedRow] = field(default_factory=list)

    @property
    def items(self) -> tuple[Item, ...]:
        """What a row gives of a person."""
        return KINDS[self.kind]

    def parts(self, size: int = MOST_PART_ROWS) -> Iterator[KeyPart]:
        """The file in parts of so many rows, the last of fewer.

        Raises:
            FileEmpty: it has no row.
            BadFile: it has more rows than may be asked for at once, or cannot be read on.
        """
        number, waiting, rows = 0, list[_Piece](), 0
        for lines in ahead(self._pieces):
            waiting.append(self._read(lines))
            rows += len(lines.lines)
            if rows + number * size > MOST_ROWS:
                raise BadFile(f"the file has more than {MOST_ROWS:,} rows; divide it")
            while rows >= size:
                whole = _joined(waiting)
                yield self._part(number, _cut(whole, 0, size))
                number, waiting, rows = number + 1, [_cut(whole, size, rows)], rows - size
        if rows:
            yield self._part(number, _joined(waiting))
        elif not number:
            raise FileEmpty("the file has a header and no row")

    def _read(self, lines: Lines) -> _Piece:
        """The keys of some rows, and what is wrong with others."""
        wrong = np.where(lines.broken, WHOLE_ROW, FINE).astype(np.uint8)
        columns = []
        for place, (item, values) in enumerate(zip(self.items, lines.columns, strict=True), start=1):
            read, right = item.read(values)
            wrong[~right & (wrong == FINE)] = place
            columns.append(read)
        self._list(lines, wrong)
        return _Piece(lines.lines, wrong, tuple(columns))

    def _list(self, lines: Lines, wrong: NDArray[np.uint8]) -> None:
        for place in np.flatnonzero(wrong)[: LISTED - self._listed]:
            self._rejected.append(self._fault(lines, int(place), int(wrong[place])))
        self._listed += min(int(np.count_nonzero(wrong)), LISTED - self._listed)

    def _fault(self, lines: Lines, place: int, at: int) -> RejectedRow:
        row = int(lines.lines[place])
        if at == WHOLE_ROW:
            broken = ValueClass("row that does not fall into cells", "項目に分けられない行")
            return RejectedRow(row=row, column=None, value_class=broken, fault=faults.WRONG_WIDTH)
        item = self.items[at - 1]
        value = lines.columns[at - 1][place].as_py()
        fault, value_class, details = (
            item.form.diagnose(value) if value else (faults.EMPTY, faults.EMPTY_VALUE, ())
        )
        return RejectedRow(row=row, column=item.name, value_class=value_class, fault=fault, details=details)

    def _part(self, number: int, piece: _Piece) -> KeyPart:
        fine = pa.array(piece.wrong == FINE)
        schema = KEY_SCHEMAS[self.kind]
        columns = [
            pc.if_else(fine, column.cast(one.type), None)
            for one, column in zip(schema, piece.columns, strict=True)
        ]
        keys = pa.Table.from_arrays(columns, schema=schema)
        last = int(piece.lines[-1])
        rejected = tuple(one for one in self._rejected if one.row <= last)
        self._rejected = self._rejected[len(rejected) :]
        return KeyPart(number, piece.lines, piece.wrong, keys, rejected)


@contextmanager
def open_keys(path: Path, kind: KeyKind, encoding: Encoding | None = None) -> Iterator[KeyFile]:
    """A file of keys by its path; closed at the end.

    Raises:
        BadFile: it is not there, or no row can be read; `where.file` names it.
    """
    with _said_of(path), path.open("rb") as file:
        begins = file.read(len(_PARQUET))
        file.seek(0, os.SEEK_SET)
        if begins == _PARQUET:
            with parquet_apart.opened(file) as apart:
                yield KeyFile(kind, None, apart.rows, _parquet_rows(apart, kind))
        else:
            lines = _lines(file)
            table = KeyLines(file, encoding)
            yield KeyFile(kind, table.encoding, lines, table.blocks(_places(table.header, kind)))


def kind_of(path: Path, encoding: Encoding | None = None) -> KeyKind:
    """By which kind of key a file asks, as its header says.

    Raises:
        BadFile: it is not there, or no row can be read.
        BadHeader: by none, or by several.
    """
    with _said_of(path), path.open("rb") as file:
        if file.read(len(_PARQUET)) == _PARQUET:
            with parquet_apart.opened(file) as apart:
                names = apart.names
        else:
            file.seek(0)
            names = KeyLines(file, encoding).header
        found = [kind for kind in KINDS if None not in _named(names, kind)]
        if len(found) != 1:
            wanted = " or ".join(", ".join(item.name for item in items) for items in KINDS.values())
            raise BadHeader(f"the header names the columns of one kind of key: {wanted}", where=Where(row=1))
        return found[0]


@contextmanager
def _said_of(path: Path) -> Iterator[None]:
    """What is wrong with a file names it."""
    try:
        yield
    except BadFile as error:
        error.where = replace(error.where, file=path.name)
        raise
    except pa.ArrowException as error:  # values that are nothing like a key
        raise BadFile(parquet_apart.DAMAGED, where=Where(file=path.name)) from error
    except OSError as error:
        raise FileMissing(where=Where(file=path.name)) from error


def _named(header: Sequence[str], kind: KeyKind) -> list[Column | None]:
    """The columns of a kind of key, as far as the header names each once."""
    known = _columns(kind)
    named = [find(name, known) for name in header]
    return [column if named.count(column) == 1 else None for column in known]


def _columns(kind: KeyKind) -> list[Column]:
    return [Column(item.name, item.japanese, item.form, "") for item in KINDS[kind]]


def _places(header: Sequence[str], kind: KeyKind) -> list[int]:
    """Where the header has the columns of a kind of key."""
    known = _columns(kind)
    named = [find(name, known) for name in header]
    for column in known:
        if named.count(column) != 1:
            raise BadHeader(
                f"the header names {column.name} ({column.japanese}) not exactly once",
                where=Where(row=1, column=column.name),
            )
    return [named.index(column) for column in known]


def _lines(file: BinaryIO) -> int:
    """How many lines a file has; it is at its beginning before and after."""
    ends = sum(block.count(b"\n") for block in iter(partial(file.read, _COUNTED_AT_ONCE), b""))
    file.seek(0)
    return ends + 1


def _parquet_rows(apart: Apart, kind: KeyKind) -> Iterator[Lines]:
    """The rows of a Parquet file; codes and numbers may stand in it as whole numbers."""
    places = _places(apart.names, kind)
    for place, item in zip(places, KINDS[kind], strict=True):
        if place in apart.unfit:
            raise BadHeader(f"the column {item.name} is not text", where=Where(column=item.name))
    line = 1
    for batch in apart.batches(places):
        columns = [_as_text(values, item) for values, item in zip(batch.columns, KINDS[kind], strict=True)]
        lines = np.arange(line, line + batch.num_rows, dtype=np.int64)
        yield Lines(lines, columns, np.zeros(batch.num_rows, bool))
        line += batch.num_rows


def _as_text(values: Any, item: Item) -> Any:
    """A column as a CSV file has it: a number with the zeros that a whole number lacks."""
    if pa.types.is_integer(values.type) and item in {RESIDENT_CODE, INDIVIDUAL_NUMBER}:
        return tidy(pc.utf8_lpad(values.cast(pa.string()), 11 if item is RESIDENT_CODE else 12, "0"))
    return tidy(_as_characters(values))


def _as_characters(values: Any) -> Any:
    """Texts with a mark in place of bytes that are no character: what wrote a Parquet file need not have looked."""
    try:
        return values.cast(pa.string())
    except pa.ArrowInvalid:
        cells = values.to_pylist()
        return pa.array([None if cell is None else characters(cell) for cell in cells], pa.string())


def _joined(pieces: Sequence[_Piece]) -> _Piece:
    columns = zip(*(piece.columns for piece in pieces), strict=True)
    return _Piece(
        np.concatenate([piece.lines for piece in pieces]),
        np.concatenate([piece.wrong for piece in pieces]),
        tuple(pa.concat_arrays(list(one)) for one in columns),
    )


def _cut(piece: _Piece, start: int, stop: int) -> _Piece:
    columns = tuple(column[start:stop] for column in piece.columns)
    return _Piece(piece.lines[start:stop], piece.wrong[start:stop], columns)
