# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Letters from municipality to municipality (市町村間の通知): what is sealed inside a relayed message.

Nobody but the two municipalities reads them; the Centre passes them on unopened. The layout is our
own definition: the real one is not public.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Final, Self

import orjson

from openjuki.carriage.columns import RECORD
from openjuki.carriage.records import Items, assemble, disassemble
from openjuki.codes.local_government import LocalGovernmentCode, municipality
from openjuki.codes.resident import ResidentCode
from openjuki.errors import BadInput, BadLetter
from openjuki.residents.dates import RecordedDate
from openjuki.residents.notice import LAST_ORDINAL
from openjuki.residents.writing import LONGEST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openjuki.residents.address import Address
    from openjuki.residents.record import ResidentRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateOfMovingOut:
    """Certificate of moving out (転出証明書情報, 法24条の2第4項, 令24条の3)."""

    name: ClassVar[str] = "certificate-of-moving-out"

    #: The stay that ends; the destination's is the next.
    stay: int
    next_stay: int
    #: 転出の予定年月日.
    planned_on: date
    #: The record as it stands at the municipality that is left; 宛名番号 is nobody else's, and is not sent.
    record: ResidentRecord
    #: Codes that the person bore since the move was planned: what they show may still say one of them.
    replaced_codes: tuple[ResidentCode, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "stay": self.stay,
            "next_stay": self.next_stay,
            "planned_on": self.planned_on.isoformat(),
            "record": {item: text for item, text in written(self.record).items() if item != _KEPT},
            "replaced_resident_codes": list(self.replaced_codes),
        }

    @classmethod
    def from_dict(cls, items: Mapping[str, Any]) -> Self:
        """Read the JSON form."""
        return cls(
            stay=_ordinal(items["stay"]),
            next_stay=_ordinal(items["next_stay"]),
            planned_on=date.fromisoformat(items["planned_on"]),
            record=_read(items["record"]),
            replaced_codes=_replaced(items.get("replaced_resident_codes", [])),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveInNotice:
    """Move-in notice (転入通知, 法9条1項): the person has been entered here."""

    name: ClassVar[str] = "move-in-notice"

    #: Under the code that the certificate had.
    resident_code: ResidentCode
    #: The stay that ended with the move.
    stay: int
    #: The municipality the person moved to, a ward of a designated city included, and
    municipality: LocalGovernmentCode
    #: the address there.
    address: str
    #: 転入をした年月日.
    moved_in_on: date

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "resident_code": str(self.resident_code),
            "stay": self.stay,
            "municipality": str(self.municipality),
            "address": self.address,
            "moved_in_on": self.moved_in_on.isoformat(),
        }

    @classmethod
    def from_dict(cls, items: Mapping[str, Any]) -> Self:
        """Read the JSON form."""
        return cls(
            resident_code=ResidentCode.parse(_text(items["resident_code"])),
            stay=_ordinal(items["stay"]),
            municipality=LocalGovernmentCode.parse(_text(items["municipality"])),
            address=_recorded(items["address"]),
            moved_in_on=date.fromisoformat(items["moved_in_on"]),
        )


#: Longest letter in bytes, thrice what its items can be, and most codes that it names: it is kept under each of them.
LARGEST: Final = 65_536
MOST_REPLACED: Final = 100

#: What a municipality keeps to itself (宛名番号), and what stands in its place in a record that came from another.
_KEPT: Final = "resident_number"
UNNUMBERED: Final = "0"

#: Items that a person takes along (令24条の3); the address is new, the household and the days begin anew.
_CARRIED_OVER = (
    *("resident_code", "individual_number", "name", "furigana", "former_surname", "former_surname_furigana"),
    *("alias", "name_latin", "name_kanji", "birth_date", "sex", "registered_domicile", "head_of_koseki"),
    *("nationality", "became_foreign_resident_on", "residence_category", "residence_status"),
    *("residence_period", "residence_expires_on", "residence_card_number"),
)

type Letter = CertificateOfMovingOut | MoveInNotice
_LETTERS: tuple[type[Letter], ...] = (CertificateOfMovingOut, MoveInNotice)


def write_letter(letter: Letter) -> bytes:
    """Canonical JSON, the letter's name first among its items."""
    return orjson.dumps({"letter": letter.name, **letter.to_dict()}, option=orjson.OPT_SORT_KEYS)


def read_letter(raw: bytes) -> Letter:
    """Read what `write_letter` wrote; items of later versions are passed over.

    Raises:
        BadLetter: it is none, or longer than any, or an item is missing or malformed.
    """
    if len(raw) > LARGEST:
        raise BadLetter
    try:
        items = orjson.loads(raw)
        kind = {letter.name: letter for letter in _LETTERS}[items["letter"]]
        return kind.from_dict(items)
    except (BadInput, KeyError, TypeError, ValueError) as error:
        raise BadLetter from error


def form_of(certificate: CertificateOfMovingOut, sender: str) -> dict[str, str]:
    """What a form of moving in need not ask, because the certificate says it already (法24条の2)."""
    told = written(certificate.record)
    return {item: told[item] for item in _CARRIED_OVER if item in told} | {
        "stay": str(certificate.next_stay),
        "predecessor_municipality": sender,
        "predecessor_stay": str(certificate.stay),
        "previous_address": _whole(certificate.record.address),
    }


def _whole(address: Address) -> str:
    """An address as another municipality writes it; one that has no room for its municipality stands alone."""
    bearer = municipality(address.municipality)
    whole = f"{bearer.prefecture}{bearer.name}{address.text}"
    return whole if len(whole) <= LONGEST else address.text


def written(record: ResidentRecord) -> dict[str, str]:
    """The items of a record as they stand in a register's file."""
    items = zip(Items._fields, disassemble(record), strict=True)
    return {
        name: value.text if isinstance(value, RecordedDate) else value
        for name, value in items
        if value is not None
    }


def _read(items: Mapping[str, str]) -> ResidentRecord:
    known = {
        column.name: column.form.read(_text(items[column.name])) for column in RECORD if column.name in items
    }
    return assemble(Items(**known | {_KEPT: UNNUMBERED}))


def _ordinal(value: Any) -> int:
    if type(value) is not int or not 1 <= value <= LAST_ORDINAL:
        raise BadLetter
    return value


def _replaced(values: Any) -> tuple[ResidentCode, ...]:
    if not isinstance(values, list) or len(values) > MOST_REPLACED:
        raise BadLetter
    return tuple(ResidentCode.parse(_text(value)) for value in values)


def _recorded(value: Any) -> str:
    """What a register takes as a text."""
    if len(_text(value)) > LONGEST:
        raise BadLetter
    return str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise BadLetter
    return value
