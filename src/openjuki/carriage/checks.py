# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Checks across the items of a row and the rows of a file (論理チェック).

A check either adds to what is wrong with a row, column by column, or alerts.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.carriage import faults
from openjuki.carriage.faults import EMPTY_VALUE, Alert, ValueClass
from openjuki.carriage.forms import Diagnosis
from openjuki.codes.local_government import municipality as bearer
from openjuki.residents.dates import Precision

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from openjuki.carriage.faults import Fault
    from openjuki.carriage.header import Wrong
    from openjuki.carriage.records import Items, Known
    from openjuki.codes.local_government import LocalGovernmentCode
    from openjuki.residents.changes import Reason
    from openjuki.residents.dates import RecordedDate
    from openjuki.residents.record import ResidentRecord

#: 続柄 of the head of a household.
HEAD: Final = "世帯主"

#: Of a date that has its form, nothing more is told.
A_DATE: Final = ValueClass("date", "年月日")


class Territory:
    """Whose register it is (区域): one municipality's, or everybody's."""

    def __init__(self, own: LocalGovernmentCode | None) -> None:
        self._own = own

    def locate(self, items: Items, wrong: Wrong) -> Items:
        """Fill in the municipality where the row leaves it out; another one is wrong."""
        code = items.municipality
        if self._own is None or "municipality" in wrong:
            return items
        if code is None:
            return items._replace(municipality=self._own)
        if not _lies_in(code, self._own):
            wrong["municipality"] = Diagnosis(faults.OTHER_MUNICIPALITY, ValueClass.of(code))
        return items


@cache
def _lies_in(code: LocalGovernmentCode, own: LocalGovernmentCode) -> bool:
    """Whether it is this municipality or a ward of this designated city (法38条)."""
    return own in (code, bearer(code).designated_city)


class Numbers:
    """The numbers that rows have used: none may be used twice (法30条の2第2項, 番号法施行令6条).

    Kept as integers where they are digits: a million rows take about 300 MB.
    """

    def __init__(self) -> None:
        self._resident_numbers: dict[str, int] = {}
        self._resident_codes: dict[int, int] = {}
        self._individual_numbers: dict[int, int] = {}

    def note(self, row: int, items: Items | Known, wrong: Wrong) -> None:
        """Remember the row's numbers; one that another row has used is wrong."""
        number, code, individual = items.resident_number, items.resident_code, items.individual_number
        if number is not None and (first := self._resident_numbers.setdefault(number, row)) != row:
            wrong["resident_number"] = _used(number, first)
        if code is not None and (first := self._resident_codes.setdefault(int(code), row)) != row:
            wrong["resident_code"] = _used(code, first)
        if individual is not None and (
            (first := self._individual_numbers.setdefault(int(individual), row)) != row
        ):
            wrong["individual_number"] = _used(individual, first)


def _used(number: str, first: int) -> Diagnosis:
    return Diagnosis(faults.DUPLICATE, ValueClass.of(number), (first,))


class Households:
    """The households of a file (世帯, 法7条4号): every one has one head."""

    def __init__(self) -> None:
        self._first_rows: dict[str, int] = {}
        self._heads: dict[str, int] = {}

    def note(self, row: int, record: ResidentRecord | Known) -> None:
        """Count a member."""
        household = record.household_number
        if household is not None:
            self._first_rows.setdefault(household, row)
            if record.relationship == HEAD:
                self._heads[household] = self._heads.get(household, 0) + 1

    def alerts(self) -> Iterator[Alert]:
        """The households without a head or with several, at the first row of each."""
        for household, row in self._first_rows.items():
            heads = self._heads.get(household, 0)
            if heads != 1:
                yield Alert(
                    row=row,
                    column="relationship",
                    value_class=ValueClass("household", "世帯"),
                    fault=faults.SEVERAL_HEADS if heads else faults.NO_HEAD,
                    details=(heads,),
                )


class History(NamedTuple):
    """How a record came to stand in the register, as far as the file tells: the columns of `HISTORY`."""

    entry_reason: Reason | None = None
    entry_date: date | None = None
    stay: int | None = None
    version: int | None = None


def entry_date(items: Items, history: History) -> date | None:
    """The day of the entry: as given, or the day the person became a resident (法7条6号, 30条の45)."""
    return history.entry_date or _day(items.became_resident_on) or _day(items.became_foreign_resident_on)


def contradictions(items: Items, entered_on: date | None) -> Iterator[tuple[str, Diagnosis]]:
    """Days before the birth."""
    birth = items.birth_date
    if birth is None or birth.precision is Precision.UNKNOWN:
        return
    days = (
        ("entry_date", entered_on),
        ("became_resident_on", _day(items.became_resident_on)),
        ("address_settled_on", _day(items.address_settled_on)),
    )
    for column, day in days:
        if day is not None and day < birth.sort:
            yield column, Diagnosis(faults.BEFORE_BIRTH, A_DATE)


def no_entry_date(items: Items) -> Diagnosis:
    """Why the day of the entry is not known."""
    became = items.became_resident_on
    if became is None:
        return Diagnosis(faults.NO_ENTRY_DATE, EMPTY_VALUE)
    told = EMPTY_VALUE.but(
        f"and became_resident_on of precision {became.precision}", "住民となった年月日は暦上日でない"
    )
    return Diagnosis(faults.NO_ENTRY_DATE, told)


def _day(recorded: RecordedDate | None) -> date | None:
    """The day of a date that tells it."""
    return recorded.sort if recorded is not None and recorded.precision is Precision.DAY else None


def doubts(row: int, items: Items) -> Iterator[Alert]:
    """What of a row that enters wants a look at the original."""
    if items.name is not None and not _REPLACEMENTS.isdisjoint(items.name):
        yield _doubt(row, "name", ValueClass.of(items.name), faults.REPLACED_CHARACTER)
    became, settled = _day(items.became_resident_on), _day(items.address_settled_on)
    if became is not None and settled is not None and settled < became:
        yield _doubt(row, "address_settled_on", A_DATE, faults.SETTLED_BEFORE_ENTRY)
    if items.nationality is not None and items.registered_domicile is not None:
        value_class = ValueClass.of(items.registered_domicile)
        yield _doubt(row, "registered_domicile", value_class, faults.FOREIGN_WITH_KOSEKI)


#: What conversions put where a character was lost.
_REPLACEMENTS: Final = frozenset("?？〓")


def _doubt(row: int, column: str, value_class: ValueClass, fault: Fault) -> Alert:
    return Alert(row=row, column=column, value_class=value_class, fault=fault)
