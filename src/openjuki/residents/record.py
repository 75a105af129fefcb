# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Resident record (住民票, 法7条) and what of it may leave the municipality (本人確認情報, 法30条の6)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from openjuki.codes.individual import IndividualNumber
    from openjuki.codes.local_government import LocalGovernmentCode
    from openjuki.codes.resident import ResidentCode
    from openjuki.residents.address import Address
    from openjuki.residents.dates import RecordedDate
    from openjuki.residents.names import PersonName


class Sex(StrEnum):
    """Sex (男女の別, 法7条3号)."""

    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentificationInformation:
    """Identification information (本人確認情報, 法30条の6第1項): exactly the items of the article.

    Former surname and alias ride with the name (令30条の13–16). Relationship, koseki, household and
    everything else of the resident record stay in the municipality.
    """

    #: 住民票コード (法7条13号).
    resident_code: ResidentCode
    #: 個人番号 (法7条8号の2); None between entry and the Centre's answer.
    individual_number: IndividualNumber | None
    #: 氏名 (法7条1号), as recorded, never normalised.
    name: str
    #: 氏名の振り仮名 (法7条1号の2); None for foreign residents.
    furigana: str | None
    #: 旧氏 (令30条の13).
    former_surname: str | None
    #: 旧氏の振り仮名.
    former_surname_furigana: str | None
    #: 通称 (令30条の16).
    alias: str | None
    #: 出生の年月日 (法7条2号).
    birth_date: RecordedDate
    #: 男女の別 (法7条3号).
    sex: Sex
    #: The municipality of the address (市町村コード).
    municipality: LocalGovernmentCode
    #: 住所 (法7条7号) below the municipality, as recorded.
    address: str

    def to_dict(self) -> dict[str, Any]:
        """JSON form; names as in SQL."""
        return {
            "resident_code": str(self.resident_code),
            "individual_number": None if self.individual_number is None else str(self.individual_number),
            "name": self.name,
            "furigana": self.furigana,
            "former_surname": self.former_surname,
            "former_surname_furigana": self.former_surname_furigana,
            "alias": self.alias,
            "birth_date": self.birth_date.to_json(),
            "sex": self.sex.value,
            "municipality": str(self.municipality),
            "address": self.address,
        }


def canonical_line(identification: IdentificationInformation) -> bytes:
    """One line of a digest over identification information (本人確認情報の照合): canonical JSON and a line feed.

    Whoever compares two stores hashes these lines in the order of the codes (docs/spec/notice.md).
    """
    return orjson.dumps(identification.to_dict(), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignResidentItems:
    """Items of a foreign resident (外国人住民, 法30条の45); they never leave the municipality's own road."""

    #: 国籍・地域.
    nationality: str
    #: 外国人住民となった年月日.
    became_foreign_resident_on: RecordedDate | None = None
    #: 法30条の45の表の区分.
    residence_category: str | None = None
    #: 在留資格.
    residence_status: str | None = None
    #: 在留期間.
    residence_period: str | None = None
    #: 在留期間の満了の日.
    residence_expires_on: RecordedDate | None = None
    #: 在留カード等の番号.
    residence_card_number: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidentRecord:
    """Resident record (住民票, 法7条): one full row, as it stands after a change."""

    #: 宛名番号, the municipality's own number; never leaves it.
    resident_number: str
    #: 住民票コード.
    resident_code: ResidentCode
    #: 個人番号.
    individual_number: IndividualNumber | None
    #: 氏名, 振り仮名, 旧氏, 通称.
    name: PersonName
    #: 出生の年月日.
    birth_date: RecordedDate
    #: 男女の別.
    sex: Sex
    #: 住所.
    address: Address
    #: 世帯番号; None where the register is another system's (CS only).
    household_number: str | None = None
    #: 世帯主との続柄 (法7条4号).
    relationship: str | None = None
    #: 戸籍の表示: 本籍 (法7条5号).
    registered_domicile: str | None = None
    #: 筆頭者.
    head_of_koseki: str | None = None
    #: 住民となった年月日 (法7条6号).
    became_resident_on: RecordedDate | None = None
    #: 住所を定めた年月日 (法7条7号).
    address_settled_on: RecordedDate | None = None
    #: 届出の年月日 (法7条8号).
    notified_on: RecordedDate | None = None
    #: 従前の住所 (転入前住所).
    previous_address: str | None = None
    #: 外国人住民の項目 (法30条の45).
    foreign: ForeignResidentItems | None = None

    def identification(self) -> IdentificationInformation:
        """What the Act lets leave the municipality (本人確認情報, 法30条の6第1項)."""
        return IdentificationInformation(
            resident_code=self.resident_code,
            individual_number=self.individual_number,
            name=self.name.recorded,
            # the Act gives foreign residents no furigana (法30条の45); a register may note their kana
            furigana=None if self.foreign else self.name.furigana,
            former_surname=self.name.former_surname,
            former_surname_furigana=self.name.former_surname_furigana,
            alias=self.name.alias,
            birth_date=self.birth_date,
            sex=self.sex,
            municipality=self.address.municipality,
            address=self.address.text,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """Household (世帯, 法6条・7条4号): people who live together and share a livelihood."""

    #: 世帯番号.
    household_number: str
    #: The head's 宛名番号 (世帯主).
    head: str
    #: 宛名番号 of all members, the head first, in the order of the record.
    members: tuple[str, ...]
