# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Resident records out of flat items and back (住民票の項目, 法7条・30条の45)."""

from __future__ import annotations

from dataclasses import fields
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.carriage import faults
from openjuki.carriage.columns import RECORD
from openjuki.carriage.faults import EMPTY_VALUE
from openjuki.carriage.forms import Diagnosis, diagnose_text
from openjuki.errors import BadAddress, BadInput
from openjuki.refusal import Where
from openjuki.residents.address import Address
from openjuki.residents.names import PersonName
from openjuki.residents.record import ForeignResidentItems, ResidentRecord
from openjuki.residents.writing import LONGEST

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openjuki.codes.individual import IndividualNumber
    from openjuki.codes.local_government import LocalGovernmentCode
    from openjuki.codes.resident import ResidentCode
    from openjuki.residents.dates import RecordedDate
    from openjuki.residents.record import Sex


class Items(NamedTuple):
    """Items of a resident record (住民票の項目), flat: a value for every column of `RECORD`, or None."""

    resident_number: str | None = None
    resident_code: ResidentCode | None = None
    individual_number: IndividualNumber | None = None
    name: str | None = None
    furigana: str | None = None
    former_surname: str | None = None
    former_surname_furigana: str | None = None
    alias: str | None = None
    name_latin: str | None = None
    name_kanji: str | None = None
    birth_date: RecordedDate | None = None
    sex: Sex | None = None
    municipality: LocalGovernmentCode | None = None
    town: str | None = None
    block: str | None = None
    building: str | None = None
    postal_code: str | None = None
    machiaza_id: str | None = None
    household_number: str | None = None
    relationship: str | None = None
    registered_domicile: str | None = None
    head_of_koseki: str | None = None
    became_resident_on: RecordedDate | None = None
    address_settled_on: RecordedDate | None = None
    notified_on: RecordedDate | None = None
    previous_address: str | None = None
    nationality: str | None = None
    became_foreign_resident_on: RecordedDate | None = None
    residence_category: str | None = None
    residence_status: str | None = None
    residence_period: str | None = None
    residence_expires_on: RecordedDate | None = None
    residence_card_number: str | None = None


class Known(NamedTuple):
    """What of a row that entered before is still asked (取込み済みの行): its numbers, and who heads the household."""

    resident_number: str | None
    resident_code: ResidentCode | None
    individual_number: IndividualNumber | None
    household_number: str | None
    relationship: str | None


def assemble(items: Items) -> ResidentRecord:
    """Put a record together out of items that have their forms.

    Raises:
        BadInput: the items make no record; `flaws` says why.
    """
    if (
        items.resident_number is None
        or items.resident_code is None
        or items.birth_date is None
        or items.sex is None
    ):
        raise BadInput("a required item is missing")
    return ResidentRecord(
        resident_number=items.resident_number,
        resident_code=items.resident_code,
        individual_number=items.individual_number,
        name=_name(items),
        birth_date=items.birth_date,
        sex=items.sex,
        address=_address(items),
        household_number=items.household_number,
        relationship=items.relationship,
        registered_domicile=items.registered_domicile,
        head_of_koseki=items.head_of_koseki,
        became_resident_on=items.became_resident_on,
        address_settled_on=items.address_settled_on,
        notified_on=items.notified_on,
        previous_address=items.previous_address,
        foreign=_foreign(items),
    )


def disassemble(record: ResidentRecord) -> Items:
    """The items of a record."""
    name, address, foreign = record.name, record.address, record.foreign
    return Items(
        resident_number=record.resident_number,
        resident_code=record.resident_code,
        individual_number=record.individual_number,
        name=name.recorded,
        furigana=name.furigana,
        former_surname=name.former_surname,
        former_surname_furigana=name.former_surname_furigana,
        alias=name.alias,
        name_latin=name.latin,
        name_kanji=name.kanji,
        birth_date=record.birth_date,
        sex=record.sex,
        municipality=address.municipality,
        town=address.town or None,
        block=address.block or None,
        building=address.building or None,
        postal_code=address.postal_code,
        machiaza_id=address.machiaza_id,
        household_number=record.household_number,
        relationship=record.relationship,
        registered_domicile=record.registered_domicile,
        head_of_koseki=record.head_of_koseki,
        became_resident_on=record.became_resident_on,
        address_settled_on=record.address_settled_on,
        notified_on=record.notified_on,
        previous_address=record.previous_address,
        **({} if foreign is None else {item: getattr(foreign, item) for item in _FOREIGN}),
    )


#: Items of foreign residents (法30条の45の表).
_FOREIGN: Final = tuple(field.name for field in fields(ForeignResidentItems))
#: They stand last.
_FIRST_FOREIGN: Final = Items._fields.index("nationality")

#: Where `PersonName` names an item otherwise than the register.
_COLUMN_OF: Final = {"recorded": "name", "latin": "name_latin", "kanji": "name_kanji"}
_PARTS_OF_ADDRESS: Final = frozenset(("town", "block", "building"))
_FORMS: Final = {column.name: column.form for column in RECORD}


def flaws(items: Items) -> Iterator[tuple[str, Diagnosis]]:
    """Why items make no record: each column at fault, and what is wrong there."""
    for column in ("resident_number", "resident_code", "birth_date", "sex"):
        if getattr(items, column) is None:
            yield column, Diagnosis(faults.EMPTY, EMPTY_VALUE)
    for build in (_name, _address, _foreign):
        try:
            build(items)
        except BadInput as error:
            part = error.where.column or ""
            column = _COLUMN_OF.get(part, part)
            yield column, _diagnosis(column, items)


def _diagnosis(column: str, items: Items) -> Diagnosis:
    value, whole = getattr(items, column), _whole(column, items)
    if len(whole) > LONGEST:
        return diagnose_text(whole)
    if value is not None:
        return _FORMS[column].diagnose(value)
    return Diagnosis(faults.NO_NATIONALITY if column == "nationality" else faults.EMPTY, EMPTY_VALUE)


def _whole(column: str, items: Items) -> str:
    """What is recorded of an item together with others; empty where it stands alone."""
    if column in _PARTS_OF_ADDRESS:
        return "\u3000".join(filter(None, (f"{items.town or ''}{items.block or ''}", items.building)))
    return _composed_name(items) if column == "name" else ""


def _composed_name(items: Items) -> str:
    """The name; of a foreign resident it is composed where only its forms are given (法30条の45)."""
    return items.name or "\u3000".join(filter(None, (items.name_latin, items.name_kanji)))


def _name(items: Items) -> PersonName:
    return PersonName(
        _composed_name(items),
        items.furigana,
        items.former_surname,
        items.former_surname_furigana,
        items.alias,
        items.name_latin,
        items.name_kanji,
    )


def _address(items: Items) -> Address:
    if items.municipality is None:
        raise BadAddress("no municipality", where=Where(column="municipality"))
    return _shared_address(
        items.municipality,
        items.town or "",
        items.block or "",
        items.building or "",
        items.postal_code,
        items.machiaza_id,
    )


#: A household stands together in most registers: its members share the value.
_shared_address = lru_cache(maxsize=2**12)(Address)


def _foreign(items: Items) -> ForeignResidentItems | None:
    if items.nationality is not None:
        return ForeignResidentItems(
            nationality=items.nationality,
            became_foreign_resident_on=items.became_foreign_resident_on,
            residence_category=items.residence_category,
            residence_status=items.residence_status,
            residence_period=items.residence_period,
            residence_expires_on=items.residence_expires_on,
            residence_card_number=items.residence_card_number,
        )
    if items[_FIRST_FOREIGN:].count(None) != len(_FOREIGN):
        raise BadInput("items of a foreign resident without nationality", where=Where(column="nationality"))
    return None
