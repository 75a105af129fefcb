# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The columns of a resident register as a file (住民基本台帳の項目, 法7条・30条の45).

Every column has one name, that of the field in Python, SQL and JSON, and one Japanese name, that of the
resident-record standard (標準仕様書 1.1.1・1.1.2); a header may use either.

>>> find("住民票コード").name
'resident_code'
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openjuki.carriage import forms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.carriage.forms import Form


@dataclass(frozen=True, slots=True)
class Column:
    """Column (列): one item of the register (項目)."""

    #: As the field in Python, SQL and JSON.
    name: str
    #: As the resident-record standard has it.
    japanese: str
    form: Form
    example: str
    #: Whether the header must have it and the cell a value.
    required: bool = False


#: The resident record, in the order in which it is written out.
RECORD: Final = (
    Column("resident_number", "宛名番号", forms.OFFICE_NUMBER, "0000000019", required=True),
    Column("resident_code", "住民票コード", forms.RESIDENT_CODE, "24727059608", required=True),
    Column("individual_number", "個人番号", forms.INDIVIDUAL_NUMBER, "123456789018"),
    Column("name", "氏名", forms.NAME, "渡邉　葵", required=True),
    Column("furigana", "氏名の振り仮名", forms.KANA, "ワタナベ　アオイ"),
    Column("former_surname", "旧氏", forms.NAME, "佐藤"),
    Column("former_surname_furigana", "旧氏の振り仮名", forms.KANA, "サトウ"),
    Column("alias", "通称", forms.NAME, "木村　花"),
    Column("name_latin", "氏名（アルファベット）", forms.NAME, "LI PING"),
    Column("name_kanji", "氏名（漢字）", forms.NAME, "李　萍"),
    Column("birth_date", "生年月日", forms.DATE, "1980-01-31", required=True),
    Column("sex", "性別", forms.SEX, "female", required=True),
    Column("municipality", "市区町村コード", forms.MUNICIPALITY, "131016", required=True),
    Column("town", "町字", forms.PART_OF_ADDRESS, "千代田一丁目", required=True),
    Column("block", "番地号", forms.PART_OF_ADDRESS, "1番1号"),
    Column("building", "方書", forms.PART_OF_ADDRESS, "千代田ハイツ101"),
    Column("postal_code", "郵便番号", forms.SEVEN_DIGITS, "1000001"),
    Column("machiaza_id", "町字ID", forms.SEVEN_DIGITS, "0001001"),
    Column("household_number", "世帯番号", forms.OFFICE_NUMBER, "0000000027"),
    Column("relationship", "続柄", forms.TEXT, "世帯主"),
    Column("registered_domicile", "本籍", forms.TEXT, "東京都千代田区千代田1番"),
    Column("head_of_koseki", "筆頭者", forms.TEXT, "渡邉　葵"),
    Column("became_resident_on", "住民となった年月日", forms.DATE, "2010-04-01"),
    Column("address_settled_on", "住所を定めた年月日", forms.DATE, "平成25年3月20日"),
    Column("notified_on", "届出の年月日", forms.DATE, "2010-04-05"),
    Column("previous_address", "転入前住所", forms.TEXT, "神奈川県横浜市中区日本大通1番"),
    Column("nationality", "国籍・地域", forms.TEXT, "中国"),
    Column("became_foreign_resident_on", "外国人住民となった年月日", forms.DATE, "2012-07-09"),
    Column("residence_category", "30条の45区分", forms.TEXT, "中長期在留者"),
    Column("residence_status", "在留資格", forms.TEXT, "永住者"),
    Column("residence_period", "在留期間", forms.TEXT, "5年"),
    Column("residence_expires_on", "在留期間の満了の日", forms.DATE, "2028-03-31"),
    Column("residence_card_number", "在留カード番号", forms.OFFICE_NUMBER, "AB12345678CD"),
)

#: How the record came to stand in this register; all have a default.
HISTORY: Final = (
    Column("entry_reason", "異動事由", forms.ENTRY_REASON, "A06"),
    Column("entry_date", "異動年月日", forms.DAY, "2010-04-01"),
    Column("stay", "居住回次", forms.ORDINAL, "1"),
    Column("version", "更新順番号", forms.ORDINAL, "1"),
)

COLUMNS: Final = RECORD + HISTORY


def _key(name: str) -> str:
    """A name as people write it: either width, either case, blanks about it."""
    return unicodedata.normalize("NFKC", name).strip().lower()


def find(name: str, columns: Sequence[Column] = COLUMNS) -> Column | None:
    """The column of this English or Japanese name, however wide its letters are."""
    key = _key(name)
    return next((column for column in columns if key in (column.name, _key(column.japanese))), None)
