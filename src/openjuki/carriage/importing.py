# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Import of an existing register (既存台帳の取込み): a CSV file becomes records, rejected rows and alerts.

Rules of this file:

1. A row enters whole or not at all; of a rejected row every fault is reported, in one go.
2. No two rows have the same resident number, resident code or individual number: the second is rejected and names
   the first, even where the first was rejected for another fault.
3. What only somebody with the original can judge is an alert, and the row enters (標準仕様書のエラー・アラート項目).
4. Only values leave this file: whether a record stands in the node already, and what follows from it, is the
   municipality's to say.
5. Reading goes on behind rows that were taken in before (`Before`): of these only what rule 2 and the households
   need is read again, which is several times as fast.

What stays in memory of a million rows are the numbers seen and the households.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from hashlib import file_digest
from itertools import batched, chain
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from openjuki.carriage.checks import (
    History,
    Households,
    Numbers,
    Territory,
    contradictions,
    doubts,
    entry_date,
    no_entry_date,
)
from openjuki.carriage.columns import COLUMNS, RECORD
from openjuki.carriage.forms import RESIDENT_CODE
from openjuki.carriage.header import Header, broken, rejections
from openjuki.carriage.records import Items, Known, assemble, flaws
from openjuki.carriage.tables import BrokenRow, Row, Table, open_table
from openjuki.codes.resident import MODULUS_11, ResidentCode
from openjuki.errors import BadInput
from openjuki.residents.changes import Reason
from openjuki.residents.sequences import NO_ANSWERS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Set as AbstractSet
    from datetime import date
    from pathlib import Path

    from openjuki.carriage.columns import Column
    from openjuki.carriage.encoding import Encoding
    from openjuki.carriage.faults import Alert, RejectedRow
    from openjuki.carriage.header import Wrong
    from openjuki.codes.local_government import LocalGovernmentCode
    from openjuki.codes.resident import CheckRule
    from openjuki.residents.record import ResidentRecord
    from openjuki.residents.sequences import Answers

#: Rows of a chunk: one statement of the store, one transaction of the node.
CHUNK_ROWS: Final = 2000

#: Columns that tell the day of the entry; where one cannot be read, that is said already.
_TELL_ENTRY: Final = ("entry_date", "became_resident_on", "became_foreign_resident_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """How a record came to stand in the register (記載)."""

    #: 異動事由 of the entry; A06 where the file does not tell.
    reason: Reason
    #: 異動年月日.
    date: date
    #: The n-th stay of the person's life.
    stay: int
    #: 更新順番号 that the record has reached within the stay.
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRow:
    """A row that can enter (取込行)."""

    #: The line it begins on; the header is 1.
    row: int
    record: ResidentRecord
    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk[R]:
    """Some of a file (取込みの単位), with how far it is read."""

    rows: tuple[R, ...]
    rejected: tuple[RejectedRow, ...]
    alerts: tuple[Alert, ...]
    #: The last line of the file that belongs to it; of the last chunk, the line behind the file.
    last_row: int
    bytes_read: int
    bytes_total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """What of a file was taken in before (取込み済みの部分)."""

    #: The `last_row` of the last chunk; 0: nothing.
    last_row: int = 0
    #: Rows that were rejected, by their lines.
    rejected: AbstractSet[int] = frozenset()


_NOTHING: Final = Before()


def read_register(
    path: Path,
    encoding: Encoding | None = None,
    *,
    municipality: LocalGovernmentCode | None = None,
    check_rule: CheckRule = MODULUS_11,
    answers: Answers = NO_ANSWERS,
    before: Before = _NOTHING,
) -> Iterator[Chunk[ImportRow]]:
    """Read a register (既存台帳の取込み), a chunk at a time.

    Args:
        path: a CSV file; its columns are those of `openjuki.carriage.columns`, in any order.
        encoding: forced; None: recognised.
        municipality: whose register it is. Rows without a municipality are taken to be of it, rows of another, unless
            a ward of this city, are rejected. None: rows of every municipality enter.
        check_rule: of the resident codes; the formula is not public (`openjuki.codes.resident`).
        answers: which shapes sequences mean that are not of the list (`openjuki.residents.sequences`).
        before: what was taken in before; the chunks of the rest follow.

    Raises:
        BadFile: with the first chunk, where no row can be read; the leaf says why.
    """
    with open_table(path, encoding) as table:
        yield from _Register(table, municipality, check_rule, answers).chunks(before)


def digest_of(
    path: Path,
    encoding: Encoding | None = None,
    *,
    municipality: LocalGovernmentCode | None = None,
    answers: Answers = NO_ANSWERS,
) -> bytes:
    """What tells a register, and how it is read, from every other one (SHA-256).

    Raises:
        BadFile: no row can be read; the leaf says why.
    """
    with open_table(path, encoding) as table:
        _Register(table, municipality, MODULUS_11, answers)
    return digest_as_read(path, encoding, answers)


def digest_as_read(path: Path, encoding: Encoding | None, answers: Answers, kind: str = "") -> bytes:
    """SHA-256 over a file, how it is read, and as what where that is not a register."""
    with path.open("rb") as file:
        digest = file_digest(file, "sha256")
    digest.update(kind.encode())
    digest.update("\0".join((encoding or "", *map("".join, sorted(answers.items())))).encode())
    return digest.digest()


class _Register:
    """The file as it is read: its header, and what its rows so far have used up."""

    def __init__(
        self, table: Table, municipality: LocalGovernmentCode | None, rule: CheckRule, answers: Answers
    ) -> None:
        given = {"municipality"} if municipality else set()
        required = [column.name for column in RECORD if column.required and column.name not in given]
        self._table = table
        columns = _columns(rule)
        self._header = Header(table.header, columns, required, answers)
        reread = [column for column in columns if column.name in Known._fields]
        self._reread = Header(table.header, reread, (), look_over=False)
        self._territory = Territory(municipality)
        self._numbers = Numbers()
        self._households = Households()
        self._rejected: list[RejectedRow] = []
        self._alerts: list[Alert] = list(self._header.alerts())

    def chunks(self, before: Before) -> Iterator[Chunk[ImportRow]]:
        """The rows in the order of the file; the last chunk has the alerts of whole households."""
        rows = self._table.rows()
        if before.last_row:
            rows = self._pass_over(rows, before)
            self._alerts.clear()
        for batch in batched(rows, CHUNK_ROWS):
            whole = [row for row in batch if isinstance(row, Row)]
            self._rejected.extend(map(broken, (row for row in batch if isinstance(row, BrokenRow))))
            taken = [self._take(row, values, wrong) for row, values, wrong in self._header.read(whole)]
            yield self._chunk(tuple(filter(None, taken)), batch[-1].row)
        if before.last_row < self._table.line:
            self._alerts.extend(self._households.alerts())
            yield self._chunk((), self._table.line)

    def _pass_over(self, rows: Iterator[Row | BrokenRow], before: Before) -> Iterator[Row | BrokenRow]:
        """The rows behind those that were taken in before; of these the numbers and households are noted."""
        for batch in batched(rows, CHUNK_ROWS):
            known = [row for row in batch if row.row <= before.last_row]
            for row, values, wrong in self._reread.read([row for row in known if isinstance(row, Row)]):
                items = Known._make(values)
                self._numbers.note(row.row, items, wrong)
                if row.row not in before.rejected:
                    self._households.note(row.row, items)
            if len(known) < len(batch):
                return chain(batch[len(known) :], rows)
        return rows

    def _chunk(self, rows: tuple[ImportRow, ...], last_row: int) -> Chunk[ImportRow]:
        chunk = Chunk(
            rows=rows,
            rejected=tuple(sorted(self._rejected, key=attrgetter("row"))),
            alerts=tuple(self._alerts),
            last_row=last_row,
            bytes_read=self._table.bytes_read,
            bytes_total=self._table.bytes_total,
        )
        self._rejected, self._alerts = [], []
        return chunk

    def _take(self, row: Row, values: tuple[Any, ...], wrong: Wrong) -> ImportRow | None:
        """The record of a row; None: it is rejected."""
        items, history = Items._make(values[: len(RECORD)]), History._make(values[len(RECORD) :])
        items = self._territory.locate(items, wrong)
        self._numbers.note(row.row, items, wrong)
        entered_on = entry_date(items, history)
        wrong |= contradictions(items, entered_on)
        mapped = self._header.mapped(row.row)
        record = None if wrong else _assembled(items)
        if record is None or entered_on is None:
            self._reject(row.row, items, entered_on, wrong)
            return None
        self._alerts.extend((*mapped, *doubts(row.row, items)))
        self._households.note(row.row, record)
        return ImportRow(row=row.row, record=record, entry=_entry(history, entered_on))

    def _reject(self, row: int, items: Items, entered_on: date | None, wrong: Wrong) -> None:
        """Report all that is wrong; what cannot be read is not empty."""
        found = dict(flaws(items)) | wrong
        if entered_on is None and found.keys().isdisjoint(_TELL_ENTRY):
            found["entry_date"] = no_entry_date(items)
        self._rejected.extend(rejections(row, found))


def _columns(rule: CheckRule) -> tuple[Column, ...]:
    """The columns, the resident code read by this rule."""
    form = replace(RESIDENT_CODE, read=partial(ResidentCode.parse, rule=rule))
    return tuple(replace(column, form=form) if column.form is RESIDENT_CODE else column for column in COLUMNS)


def _assembled(items: Items) -> ResidentRecord | None:
    try:
        return assemble(items)
    except BadInput:
        return None


@lru_cache(maxsize=2**16)
def _entry(history: History, entered_on: date) -> Entry:
    return Entry(
        reason=history.entry_reason or Reason.ENTERED_EX_OFFICIO,
        date=entered_on,
        stay=history.stay or 1,
        version=history.version or 1,
    )
