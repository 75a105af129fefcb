# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Rows of the municipal register (住民票の行) and the values they stand for: names in SQL are those of the fields.

A value read here was checked when it was written: codes are taken as they are.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from openjuki.codes.individual import IndividualNumber
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.codes.resident import ResidentCode
from openjuki.residents.address import Address
from openjuki.residents.changes import Change, Destination, MunicipalReason, Predecessor, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.history import HistoryRow
from openjuki.residents.names import PersonName
from openjuki.residents.record import ForeignResidentItems, ResidentRecord, Sex
from openjuki.residents.transitions import State

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The columns of `from_history_row`'s values, in the order of `add_rows`.
NAMES = (
    *("resident_number", "history_number", "stay", "version", "reason", "action", "state", "date_of_change"),
    *("change_notified_on", "recorded_at", "predecessor_municipality", "predecessor_stay"),
    *(
        "destination_municipality",
        "destination_address",
        "resident_code",
        "individual_number",
        "name",
        "furigana",
    ),
    *("former_surname", "former_surname_furigana", "alias", "name_latin", "name_kanji", "birth_date", "sex"),
    *("municipality", "town", "block", "building", "postal_code", "machiaza_id", "household_number"),
    *("relationship", "registered_domicile", "head_of_koseki", "became_resident_on", "address_settled_on"),
    *("notified_on", "previous_address", "nationality", "became_foreign_resident_on", "residence_category"),
    *("residence_status", "residence_period", "residence_expires_on", "residence_card_number"),
)
#: What PostgreSQL calls their types.
TYPES = (
    *("text", "int4", "int4", "int4", "text", "text", "text", "date", "date", "timestamptz"),
    *("text", "int4", "text", "text"),
    *("text",) * 32,
)

#: By value, which no two reasons share.
_REASONS: Mapping[str, Reason | MunicipalReason] = {
    reason.value: reason for reasons in (Reason, MunicipalReason) for reason in reasons
}


def from_history_row(row: HistoryRow) -> tuple[Any, ...]:
    """The columns of a row of a history, in the order of `add_rows`."""
    change = row.change
    before, destination = change.predecessor, change.destination
    return (
        row.record.resident_number,
        row.history_number,
        row.stay,
        row.version,
        change.reason.value,
        change.action.value,
        row.state.value,
        change.date_of_change,
        change.notified_on,
        change.recorded_at,
        before and before.municipality,
        before and before.stay,
        destination and destination.municipality,
        destination and destination.address,
        *_from_record(row.record),
    )


def to_history_row(row: Mapping[str, Any]) -> HistoryRow:
    """The row of a history that columns stand for."""
    change = Change(
        reason=_REASONS[row["reason"]],
        date_of_change=row["date_of_change"],
        notified_on=row["change_notified_on"],
        recorded_at=row["recorded_at"],
        record=_to_record(row),
        predecessor=_to_predecessor(row),
        destination=_to_destination(row),
    )
    return HistoryRow(
        change=change,
        history_number=row["history_number"],
        stay=row["stay"],
        version=row["version"],
        state=State(row["state"]),
    )


def _from_record(record: ResidentRecord) -> tuple[Any, ...]:
    name, address = record.name, record.address
    return (
        record.resident_code,
        record.individual_number,
        name.recorded,
        name.furigana,
        name.former_surname,
        name.former_surname_furigana,
        name.alias,
        name.latin,
        name.kanji,
        record.birth_date.text,
        record.sex.value,
        address.municipality,
        address.town,
        address.block,
        address.building,
        address.postal_code,
        address.machiaza_id,
        record.household_number,
        record.relationship,
        record.registered_domicile,
        record.head_of_koseki,
        _from_date(record.became_resident_on),
        _from_date(record.address_settled_on),
        _from_date(record.notified_on),
        record.previous_address,
        *_from_foreign(record.foreign),
    )


def _to_record(row: Mapping[str, Any]) -> ResidentRecord:
    number = row["individual_number"]
    return ResidentRecord(
        resident_number=row["resident_number"],
        resident_code=ResidentCode(row["resident_code"]),
        individual_number=None if number is None else IndividualNumber(number),
        name=_to_name(row),
        birth_date=RecordedDate.parse(row["birth_date"]),
        sex=Sex(row["sex"]),
        address=_to_address(row),
        household_number=row["household_number"],
        relationship=row["relationship"],
        registered_domicile=row["registered_domicile"],
        head_of_koseki=row["head_of_koseki"],
        became_resident_on=_to_date(row["became_resident_on"]),
        address_settled_on=_to_date(row["address_settled_on"]),
        notified_on=_to_date(row["notified_on"]),
        previous_address=row["previous_address"],
        foreign=_to_foreign(row),
    )


def _to_name(row: Mapping[str, Any]) -> PersonName:
    return PersonName(
        row["name"],
        furigana=row["furigana"],
        former_surname=row["former_surname"],
        former_surname_furigana=row["former_surname_furigana"],
        alias=row["alias"],
        latin=row["name_latin"],
        kanji=row["name_kanji"],
    )


def _to_address(row: Mapping[str, Any]) -> Address:
    municipality = LocalGovernmentCode(row["municipality"])
    parts = (row["town"], row["block"], row["building"])
    return Address(municipality, *parts, postal_code=row["postal_code"], machiaza_id=row["machiaza_id"])


def _from_foreign(items: ForeignResidentItems | None) -> tuple[Any, ...]:
    if items is None:
        return (None,) * 7
    return (
        items.nationality,
        _from_date(items.became_foreign_resident_on),
        items.residence_category,
        items.residence_status,
        items.residence_period,
        _from_date(items.residence_expires_on),
        items.residence_card_number,
    )


def _to_foreign(row: Mapping[str, Any]) -> ForeignResidentItems | None:
    if row["nationality"] is None:
        return None
    return ForeignResidentItems(
        nationality=row["nationality"],
        became_foreign_resident_on=_to_date(row["became_foreign_resident_on"]),
        residence_category=row["residence_category"],
        residence_status=row["residence_status"],
        residence_period=row["residence_period"],
        residence_expires_on=_to_date(row["residence_expires_on"]),
        residence_card_number=row["residence_card_number"],
    )


def _to_predecessor(row: Mapping[str, Any]) -> Predecessor | None:
    municipality = row["predecessor_municipality"]
    if municipality is None:
        return None
    return Predecessor(municipality=LocalGovernmentCode(municipality), stay=row["predecessor_stay"])


def _to_destination(row: Mapping[str, Any]) -> Destination | None:
    municipality, address = row["destination_municipality"], row["destination_address"]
    if municipality is None and address is None:
        return None
    known = None if municipality is None else LocalGovernmentCode(municipality)
    return Destination(municipality=known, address=address)


def _from_date(recorded: RecordedDate | None) -> str | None:
    return None if recorded is None else recorded.text


@lru_cache(maxsize=1 << 16)
def _to_date(text: str | None) -> RecordedDate | None:
    """A register repeats its days; they are values and can be shared."""
    return None if text is None else RecordedDate.parse(text)
