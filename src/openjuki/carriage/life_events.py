# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Life events as forms (異動届): what a person at a counter, or another system, says of one change.

A form is flat: the reason, whose record it is, the days, and the items that change, as they are afterwards. It is
given as JSON or as options of a command (`ChangeRequest.from_dict`), or as a row of a file (`read_changes`).

>>> request = ChangeRequest.from_dict({"reason": "死亡", "resident_number": "19", "date_of_change": "令和8年4月1日"})
>>> request.reason, request.date_of_change
(<Reason.DIED: 'D03'>, datetime.date(2026, 4, 1))
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import batched
from operator import attrgetter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from openjuki.carriage import faults
from openjuki.carriage.columns import find
from openjuki.carriage.faults import EMPTY_VALUE, RejectedRow, ValueClass
from openjuki.carriage.forms import Diagnosis
from openjuki.carriage.header import Header, broken, rejections
from openjuki.carriage.importing import CHUNK_ROWS, Chunk, digest_as_read
from openjuki.carriage.reasons import ADDRESS, CHANGE, FORMS
from openjuki.carriage.records import Items, assemble, disassemble, flaws
from openjuki.carriage.tables import BrokenRow, Row, Table, open_table
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.codes.resident import ResidentCode
from openjuki.errors import BadAddress, BadCode, BadDate, BadInput, BadName
from openjuki.refusal import Where
from openjuki.residents.changes import Change, Destination, Predecessor, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.record import Sex
from openjuki.residents.sequences import NO_ANSWERS, has_sequences

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from collections.abc import Set as AbstractSet
    from datetime import date, datetime
    from pathlib import Path

    from openjuki.carriage.encoding import Encoding
    from openjuki.carriage.faults import Alert
    from openjuki.carriage.header import Wrong
    from openjuki.carriage.reasons import ChangeForm
    from openjuki.residents.changes import MunicipalReason
    from openjuki.residents.record import ResidentRecord
    from openjuki.residents.sequences import Answers

SCHEMA: Final = "openjuki/change/1"

_NAMES: Final = tuple(column.name for column in CHANGE)
_RECORD_ITEMS: Final = frozenset(Items._fields)
_PREDECESSOR: Final = ("predecessor_municipality", "predecessor_stay")
#: Beside what the form of the reason asks for.
_OF_EVERY_FORM: Final = frozenset(
    ("reason", "resident_number", "resident_code", "date_of_change", "notified_on", "cleared")
)
_NEVER_CLEARED: Final = frozenset(("name", "birth_date", "sex", "municipality"))

#: Entries with which the person becomes a resident; who changes nationality was one before (令8条の2).
_BECOMES_RESIDENT: Final = frozenset(
    (Reason.MOVED_IN, Reason.MOVED_IN_FROM_ABROAD, Reason.BORN, Reason.ENTERED_EX_OFFICIO)
)
#: Entries whose day of notification, or of the decision, is an item of the record (法7条8号).
_NOTIFIED: Final = _BECOMES_RESIDENT - {Reason.BORN}


_EMPTY: Final = Diagnosis(faults.EMPTY, EMPTY_VALUE)
_GIVEN: Final = ValueClass("a value", "値あり")

#: A record that nothing is wrong with.
_TRIAL: Final = Items(
    resident_number="1",
    resident_code=ResidentCode.from_body("0000000000"),
    name="氏名",
    birth_date=RecordedDate.parse("不詳"),
    sex=Sex.UNKNOWN,
    municipality=LocalGovernmentCode.from_body("13101"),
    town="町",
    nationality="国",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """Request for a change (異動届): one form, read and found complete."""

    #: 異動事由.
    reason: Reason | MunicipalReason
    #: 異動年月日.
    date_of_change: date
    #: 届出年月日.
    notified_on: date | None
    #: Whose record: 宛名番号; of an entry, the number the record shall have, if it is known.
    resident_number: str | None
    #: Whose record: 住民票コード; of an entry, the code the person has already (法30条の3第1項).
    resident_code: ResidentCode | None
    #: Of a change of code, the new code where it was drawn elsewhere.
    new_resident_code: ResidentCode | None
    #: Of an entry: which stay of the person's life.
    stay: int | None
    #: Of an entry by moving in.
    predecessor: Predecessor | None
    #: Of moving out.
    destination: Destination | None
    #: The items that change, as they are afterwards, by column; None: emptied.
    items: Mapping[str, Any]

    @classmethod
    def from_dict(cls, form: Mapping[str, Any], answers: Answers = NO_ANSWERS) -> ChangeRequest:
        """Read a form: items by English or Japanese name, values as text; null empties an item.

        Args:
            form: the items.
            answers: which shapes sequences mean that are not of the list (`openjuki.residents.sequences`).

        Raises:
            BadInput: an item is unknown, missing, out of place or malformed; the message names all of them by
                name and never quotes a value, `where.column` names the first.
        """
        form = {name: value for name, value in form.items() if (name, value) != ("schema", SCHEMA)}
        header = Header(tuple(form), CHANGE, (), answers)
        wrong: Wrong = {
            alert.column or "": Diagnosis(faults.UNKNOWN_ITEM, alert.value_class) for alert in header.alerts()
        }
        wrong |= _no_texts(form)
        cells = [_text(value) for value in form.values()]
        row = Row(1, cells, suspect=False, sequences=any(map(has_sequences, cells)))
        ((_, values, misread),) = header.read((row,))
        cleared = {
            column.name for name, value in form.items() if value is None and (column := find(name, CHANGE))
        }
        request = _interpret(values, cleared, wrong := wrong | misread)
        if request is None:
            raise _bad_input(wrong)
        return request

    def enter(
        self, *, resident_number: str, resident_code: ResidentCode, municipality: LocalGovernmentCode
    ) -> ResidentRecord:
        """The record of an entry (記載), under the numbers that the municipality gives it.

        Raises:
            BadInput: the items make no record; as `from_dict`.
        """
        values: dict[str, Any] = {"municipality": municipality}
        if self.reason in _BECOMES_RESIDENT:
            values["became_resident_on"] = RecordedDate.of(self.date_of_change)
        if self.reason in _NOTIFIED and self.notified_on is not None:
            values["notified_on"] = RecordedDate.of(self.notified_on)
        values |= self.items
        values |= {"resident_number": resident_number, "resident_code": resident_code}
        return _assembled(Items(**values))

    def revise(self, record: ResidentRecord) -> ResidentRecord:
        """The record after a correction or deletion (修正・消除).

        A new address replaces the old one whole, and is settled on the day of the move (法7条7号).

        Raises:
            BadInput: the items make no record; as `from_dict`.
        """
        items = disassemble(record)
        if self.reason is Reason.MOVED_WITHIN:
            elsewhere = dict.fromkeys(ADDRESS - {"municipality"})
            items = items._replace(**elsewhere, address_settled_on=RecordedDate.of(self.date_of_change))
        items = items._replace(**dict.fromkeys(FORMS[self.reason].clears), **self.items)
        if self.new_resident_code is not None:
            items = items._replace(resident_code=self.new_resident_code)
        return _assembled(items)

    def change(self, record: ResidentRecord, recorded_at: datetime) -> Change:
        """The change (異動), given the record as it stands afterwards."""
        return Change(
            reason=self.reason,
            date_of_change=self.date_of_change,
            notified_on=self.notified_on,
            recorded_at=recorded_at,
            record=record,
            predecessor=self.predecessor,
            destination=self.destination,
            stay=self.stay,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A row of a file of changes (異動の行)."""

    #: The line it begins on; the header is 1.
    row: int
    request: ChangeRequest
    #: The row as a form: its cells by the names of the header, empty ones and columns that are not known left out.
    form: Mapping[str, str]

    def rejected(self, error: BadInput) -> RejectedRow:
        """The row, where only beside the record it was seen that the two make none (`ChangeRequest.revise`)."""
        value_class = ValueClass("record", "住民票")
        return RejectedRow(
            row=self.row, column=error.where.column, value_class=value_class, fault=faults.NO_RECORD
        )


def read_changes(
    path: Path, encoding: Encoding | None = None, answers: Answers = NO_ANSWERS
) -> Iterator[Chunk[ChangeRow]]:
    """Read a file of changes (異動データ), a chunk at a time, in the order of the file.

    An empty cell leaves its item as it is; the column `cleared` names the items that are emptied.

    Args:
        path: a CSV file with the columns of `openjuki.carriage.reasons.CHANGE`, in any order.
        encoding: forced; None: recognised.
        answers: which shapes sequences mean that are not of the list (`openjuki.residents.sequences`).

    Raises:
        BadFile: with the first chunk, where no row can be read; the leaf says why.
    """
    with open_table(path, encoding) as table:
        header = _header(table, answers)
        alerts = tuple(header.alerts())
        for batch in batched(table.rows(), CHUNK_ROWS):
            yield _chunk(header, batch, alerts, table)
            alerts = ()
        yield _chunk(header, (), alerts, table)


def digest_of(path: Path, encoding: Encoding | None = None, answers: Answers = NO_ANSWERS) -> bytes:
    """What tells a file of changes, and how it is read, from every other one (SHA-256).

    Raises:
        BadFile: no row can be read; the leaf says why.
    """
    with open_table(path, encoding) as table:
        _header(table, answers)
    return digest_as_read(path, encoding, answers, "changes\0")


def _header(table: Table, answers: Answers) -> Header:
    return Header(table.header, CHANGE, [column.name for column in CHANGE if column.required], answers)


def _chunk(
    header: Header, batch: Sequence[Row | BrokenRow], alerts: tuple[Alert, ...], table: Table
) -> Chunk[ChangeRow]:
    rows: list[ChangeRow] = []
    noted = list(alerts)
    rejected = [broken(row) for row in batch if isinstance(row, BrokenRow)]
    for row, values, wrong in header.read([row for row in batch if isinstance(row, Row)]):
        request, mapped = _interpret(values, set(), wrong), header.mapped(row.row)
        if request is None:
            rejected.extend(rejections(row.row, wrong))
        else:
            noted.extend(mapped)
            rows.append(ChangeRow(row=row.row, request=request, form=_form(table.header, row.cells)))
    return Chunk(
        rows=tuple(rows),
        rejected=tuple(sorted(rejected, key=attrgetter("row"))),
        alerts=tuple(noted),
        last_row=batch[-1].row if batch else table.line,
        bytes_read=table.bytes_read,
        bytes_total=table.bytes_total,
    )


def _form(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    given = zip(names, cells, strict=True)
    return {name: cell for name, cell in given if cell.strip() and find(name, CHANGE) is not None}


def _no_texts(form: Mapping[str, Any]) -> Iterator[tuple[str, Diagnosis]]:
    """Values of JSON that are neither text nor whole number nor null."""
    for name, value in form.items():
        if isinstance(value, bool) or not isinstance(value, str | int | None):
            column = find(name, CHANGE)
            yield (
                column.name if column else name,
                Diagnosis(faults.NOT_TEXT, ValueClass("no text", "文字列でない値")),
            )


def _text(value: Any) -> str:
    """A value of JSON as the cell of a file."""
    return str(value) if isinstance(value, str | int) else ""


def _interpret(cells: tuple[Any, ...], cleared: set[str], wrong: Wrong) -> ChangeRequest | None:
    """The request that these values make; None: `wrong` says why they make none."""
    values = dict(zip(_NAMES, cells, strict=True))
    cleared |= _named(values["cleared"], wrong)
    for item in ("reason", "date_of_change"):
        if values[item] is None:
            wrong.setdefault(item, _EMPTY)
    if values["reason"] is not None:
        given = {item for item, value in values.items() if value is not None} - _OF_EVERY_FORM
        for item, diagnosis in _misfits(FORMS[values["reason"]], values, given, cleared):
            wrong.setdefault(item, diagnosis)
    return None if wrong else _request(values, cleared)


def _named(text: str | None, wrong: Wrong) -> set[str]:
    """The columns that a list of names means."""
    found = [find(name, CHANGE) for name in re.split(r"[\s,、]+", text or "") if name]
    if None in found:
        wrong["cleared"] = Diagnosis(faults.UNKNOWN_ITEM, ValueClass.of(text or ""))
    return {column.name for column in found if column is not None}


def _misfits(
    form: ChangeForm, values: Mapping[str, Any], given: AbstractSet[str], cleared: AbstractSet[str]
) -> Iterator[tuple[str, Diagnosis]]:
    """What the form of a reason does not take, or lacks."""
    for item in sorted((given | cleared) - form.items):
        yield item, Diagnosis(faults.NOT_FOR_REASON, EMPTY_VALUE if item in cleared else _GIVEN)
    for item in sorted(cleared & (_NEVER_CLEARED | given)):
        yield item, Diagnosis(faults.NOT_CLEARABLE, EMPTY_VALUE)
    for group in form.needs:
        if given.isdisjoint(group):
            yield group[0], Diagnosis(faults.NEEDED_FOR_REASON, EMPTY_VALUE)
    if form.corrects and not (given | cleared):
        yield "reason", Diagnosis(faults.NOTHING_CHANGED, EMPTY_VALUE)
    if form.of_recorded and values["resident_number"] is None and values["resident_code"] is None:
        yield "resident_number", Diagnosis(faults.NOBODY_NAMED, EMPTY_VALUE)
    for item, other in (_PREDECESSOR, _PREDECESSOR[::-1]):
        if item in given and other not in given:
            yield other, Diagnosis(faults.NEEDED_FOR_REASON, EMPTY_VALUE)
    yield from _unfit(values, given)


def _unfit(values: Mapping[str, Any], given: AbstractSet[str]) -> Iterator[tuple[str, Diagnosis]]:
    """Names and addresses that cannot be recorded: tried on a record that is otherwise right."""
    trial = _TRIAL._replace(**{item: values[item] for item in given & _RECORD_ITEMS})
    if "block" in given:
        trial = trial._replace(town=values["town"])
    return ((column, diagnosis) for column, diagnosis in flaws(trial) if column in given)


def _request(values: Mapping[str, Any], cleared: AbstractSet[str]) -> ChangeRequest:
    items = {
        item: values[item]
        for item in _RECORD_ITEMS
        if values[item] is not None and item not in _OF_EVERY_FORM
    }
    municipality, stay = (values[item] for item in _PREDECESSOR)
    destination = Destination(
        municipality=values["destination_municipality"], address=values["destination_address"]
    )
    return ChangeRequest(
        reason=values["reason"],
        date_of_change=values["date_of_change"],
        notified_on=values["notified_on"],
        resident_number=values["resident_number"],
        resident_code=values["resident_code"],
        new_resident_code=values["new_resident_code"],
        stay=values["stay"],
        predecessor=Predecessor(municipality=municipality, stay=stay) if municipality else None,
        destination=destination if destination.municipality or destination.address else None,
        items=MappingProxyType(items | dict.fromkeys(cleared)),
    )


def _assembled(items: Items) -> ResidentRecord:
    try:
        return assemble(items)
    except BadInput as error:
        raise _bad_input(dict(flaws(items))) from error


#: The error that says it best, by fault.
_ERRORS: Final = {
    faults.BAD_CHECK_DIGIT: BadCode,
    faults.BAD_DIGITS: BadCode,
    faults.UNKNOWN_MUNICIPALITY: BadCode,
    faults.BAD_DATE: BadDate,
    faults.NOT_A_DAY: BadDate,
    faults.BAD_NAME: BadName,
    faults.BAD_KANA: BadName,
    faults.BAD_ADDRESS: BadAddress,
}


def _bad_input(wrong: Mapping[str, Diagnosis]) -> BadInput:
    """One error for all that is wrong."""
    findings = rejections(1, wrong)
    said = "; ".join(f"{one.column}: {one.value_class.english}: {one.remedy_en}" for one in findings)
    return _ERRORS.get(findings[0].fault, BadInput)(said, where=Where(column=findings[0].column))
