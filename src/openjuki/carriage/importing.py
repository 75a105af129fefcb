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

What stays in memory of a million rows are the numbers seen and the households.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache, partial
from itertools import batched
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
from openjuki.carriage.records import Items, assemble, flaws
from openjuki.carriage.tables import BrokenRow, Row, Table, open_table
from openjuki.codes.resident import MODULUS_11, ResidentCode
from openjuki.errors import BadInput
from openjuki.residents.changes import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from openjuki.carriage.columns import Column
    from openjuki.carriage.encoding import Encoding
    from openjuki.carriage.faults import Alert, RejectedRow
    from openjuki.carriage.header import Wrong
    from openjuki.codes.local_government import LocalGovernmentCode
    from openjuki.codes.resident import CheckRule
    from openjuki.residents.record import ResidentRecord

#: Rows of a chunk: one statement of the store, one transaction of the node.
CHUNK_ROWS: Final = 1000

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
    bytes_read: int
    bytes_total: int


def read_register(
    path: Path,
    encoding: Encoding | None = None,
    *,
    municipality: LocalGovernmentCode | None = None,
    check_rule: CheckRule = MODULUS_11,
) -> Iterator[Chunk[ImportRow]]:
    """Read a register (既存台帳の取込み), a chunk at a time.

    Args:
        path: a CSV file; its columns are those of `openjuki.carriage.columns`, in any order.
        encoding: forced; None: recognised.
        municipality: whose register it is. Rows without a municipality are taken to be of it, rows of another, unless
            a ward of this city, are rejected. None: rows of every municipality enter.
        check_rule: of the resident codes; the formula is not public (`openjuki.codes.resident`).

    Raises:
        BadFile: with the first chunk, where no row can be read; the leaf says why.
    """
    with open_table(path, encoding) as table:
        yield from _Register(table, municipality, check_rule).chunks()


class _Register:
    """The file as it is read: its header, and what its rows so far have used up."""

    def __init__(self, table: Table, municipality: LocalGovernmentCode | None, rule: CheckRule) -> None:
        given = {"municipality"} if municipality else set()
        required = [column.name for column in RECORD if column.required and column.name not in given]
        self._table = table
        self._header = Header(table.header, _columns(rule), required)
        self._territory = Territory(municipality)
        self._numbers = Numbers()
        self._households = Households()
        self._rejected: list[RejectedRow] = []
        self._alerts: list[Alert] = list(self._header.alerts())

    def chunks(self) -> Iterator[Chunk[ImportRow]]:
        """The rows in the order of the file; the last chunk has the alerts of whole households."""
        for batch in batched(self._table.rows(), CHUNK_ROWS):
            whole = [row for row in batch if isinstance(row, Row)]
            self._rejected.extend(map(broken, (row for row in batch if isinstance(row, BrokenRow))))
            rows = [self._take(row, values, wrong) for row, values, wrong in self._header.read(whole)]
            yield self._chunk(tuple(filter(None, rows)))
        self._alerts.extend(self._households.alerts())
        yield self._chunk(())

    def _chunk(self, rows: tuple[ImportRow, ...]) -> Chunk[ImportRow]:
        chunk = Chunk(
            rows=rows,
            rejected=tuple(sorted(self._rejected, key=attrgetter("row"))),
            alerts=tuple(self._alerts),
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
        record = None if wrong else _assembled(items)
        if record is None or entered_on is None:
            self._reject(row.row, items, entered_on, wrong)
            return None
        self._alerts.extend(doubts(row.row, items))
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
