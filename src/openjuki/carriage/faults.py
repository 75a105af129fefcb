# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What can be wrong with a row of a file, and what to do about it (取込時の不備).

An error keeps the row out; an alert lets it in and asks for a look (標準仕様書のエラー・アラート項目).
Both say where, of which class the value is, and what to do: never the value itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from openjuki.refusal import Refusal


class ValueClass(NamedTuple):
    """What a value looks like, without telling it (値の種類)."""

    english: str
    japanese: str

    @classmethod
    def of(cls, value: str) -> ValueClass:
        """Empty, so many digits, or text of so many characters."""
        if not value:
            return EMPTY_VALUE
        if value.isascii() and value.isdigit():
            return cls(f"{len(value)} digits", f"数字{len(value)}桁")
        return cls(f"text of {len(value)} characters", f"{len(value)}文字の文字列")

    @classmethod
    def row_of(cls, cells: int) -> ValueClass:
        """A whole row."""
        return cls(f"row of {cells} cells", f"{cells}項目の行")

    def but(self, english: str, japanese: str) -> ValueClass:
        """The same with what is wrong about it."""
        return ValueClass(f"{self.english}, {english}", f"{self.japanese}、{japanese}")


EMPTY_VALUE = ValueClass("empty", "空欄")


@dataclass(frozen=True, slots=True)
class Fault:
    """Fault (不備): its stable code, and what to do in two languages."""

    #: ``JK-IMPORT-0001`` and on keep the row out, ``JK-IMPORT-0101`` and on alert.
    code: str
    remedy_ja: str
    remedy_en: str

    @property
    def is_alert(self) -> bool:
        """Whether the row enters all the same."""
        return self.code > "JK-IMPORT-0100"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One fault at one place (不備の箇所)."""

    #: The line the row begins on; the header is 1.
    row: int
    #: The column at fault; None: the row as a whole.
    column: str | None
    value_class: ValueClass
    fault: Fault
    #: What the remedy names: another row, a count.
    details: tuple[Any, ...] = ()

    @property
    def kind(self) -> str:
        """``error`` or ``alert``."""
        return "alert" if self.fault.is_alert else "error"

    @property
    def code(self) -> str:
        """The fault's stable code."""
        return self.fault.code

    @property
    def remedy_ja(self) -> str:
        """What to do, for people at a counter."""
        return _filled(self.fault.remedy_ja, self.details)

    @property
    def remedy_en(self) -> str:
        """What to do, for engineers."""
        return _filled(self.fault.remedy_en, self.details)


def _filled(remedy: str, details: tuple[Any, ...]) -> str:
    return remedy.format(*details) if details else remedy


class RejectedRow(Finding):
    """A row kept out (取り込まない行); a row with several faults is reported for each."""

    __slots__ = ()


class Alert(Finding):
    """Something to look at (アラート); the row entered."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedRow:
    """A row that can be read and that a rule keeps out (拒否された行); the node says so, not the reader."""

    row: int
    refusal: Refusal
    column: ClassVar[None] = None
    details: ClassVar[tuple[Any, ...]] = ()
    kind: ClassVar[str] = "refusal"
    value_class: ClassVar[ValueClass] = ValueClass("record", "住民票")

    @property
    def code(self) -> str:
        """The refusal's stable code."""
        return self.refusal.code

    @property
    def remedy_ja(self) -> str:
        """Why, for people at a counter."""
        return self.refusal.message_ja

    @property
    def remedy_en(self) -> str:
        """Why, for engineers."""
        return self.refusal.message_en


# The row
WRONG_WIDTH = Fault(
    "JK-IMPORT-0001",
    "項目の数が見出し行と違います。コンマの不足又は余分を直し、値の中のコンマは引用符で囲んでください。",
    "the row has another number of cells than the header; mend the commas, quote values that contain one",
)
BAD_QUOTES = Fault(
    "JK-IMPORT-0002",
    "引用符が閉じていません。この行の引用符を直してください。次の行から読取りを続けました。",
    "the quotes do not close; mend those of this row (reading went on at the next line)",
)
ROW_TOO_LONG = Fault(
    "JK-IMPORT-0003",
    "1行が長すぎます。改行が失われていないか確認してください。",
    "the row is too long; see whether line ends were lost",
)
BAD_ENCODING = Fault(
    "JK-IMPORT-0004",
    "この文字コードでは読み取れない文字が含まれています。元の台帳から UTF-8 で書き出し直してください。",
    "the bytes are not of this encoding; export the row again as UTF-8",
)
CONTROL_CHARACTER = Fault(
    "JK-IMPORT-0005",
    "改行などの制御文字が含まれています。取り除いてください。",
    "remove the line breaks and other control characters",
)
LOST_CHARACTER = Fault(
    "JK-IMPORT-0006",
    "変換で失われた文字（U+FFFD）があります。元の台帳から書き出し直してください。",
    "a character was lost in conversion (U+FFFD); export the row again",
)
PRIVATE_CHARACTER = Fault(
    "JK-IMPORT-0007",
    "外字（私用領域の文字）があります。文字情報基盤の文字に置き換えてください。",
    "a character of a private font (gaiji); replace it by one of Unicode",
)
UNFIT_CHARACTER = Fault(
    "JK-IMPORT-0008",
    "記録できない文字（見えない文字など）があります。取り除いてください。",
    "a character that cannot be recorded, such as an invisible one; remove it",
)

# A value
EMPTY = Fault("JK-IMPORT-0010", "必須の項目です。値を入れてください。", "give the value: it is required")
TOO_LONG = Fault(
    "JK-IMPORT-0011",
    "{0}文字を超えています。列がずれていないか確認してください。",
    "more than {0} characters; see whether the columns are shifted",
)
BAD_CHECK_DIGIT = Fault(
    "JK-IMPORT-0012",
    "検査数字が合いません。原本と見比べて番号を直してください。",
    "the check digit does not fit; compare the number with the original",
)
BAD_DIGITS = Fault(
    "JK-IMPORT-0013",
    "{0}桁の番号ではありません。先頭の0が失われていないか確認してください。",
    "not a number of {0} digits; see whether leading zeros were lost",
)
UNKNOWN_MUNICIPALITY = Fault(
    "JK-IMPORT-0014",
    "この団体コードの市区町村はありません。合併後のコードに直してください。",
    "no municipality bears this code today; give the code after the merger",
)
OTHER_MUNICIPALITY = Fault(
    "JK-IMPORT-0015",
    "この市区町村の住民票ではありません。別の市区町村のファイルでないか確認してください。",
    "the record is of another municipality than this node's",
)
BAD_DATE = Fault(
    "JK-IMPORT-0016",
    "日付を読み取れません。1980-01-31、昭和55年1月31日、令和6年5月頃、年月日不詳などの形にしてください。",
    "write the date as 1980-01-31, 昭和55年1月31日, 令和6年5月頃 or 年月日不詳",
)
NOT_A_DAY = Fault(
    "JK-IMPORT-0017",
    "暦にある年月日が要ります。1980-01-31 又は昭和55年1月31日の形にしてください。",
    "a day of the calendar is needed: 1980-01-31 or 昭和55年1月31日",
)
BAD_NAME = Fault(
    "JK-IMPORT-0018",
    "氏名として記録できない文字又は形式です。",
    "the text cannot be recorded as a name",
)
BAD_KANA = Fault(
    "JK-IMPORT-0022",
    "平仮名又は片仮名で書いてください。",
    "write hiragana or katakana",
)
BAD_OFFICE_NUMBER = Fault(
    "JK-IMPORT-0023",
    "半角の英数字とハイフンで、20文字までにしてください。",
    "at most 20 ASCII letters, digits and hyphens",
)
BAD_ADDRESS = Fault(
    "JK-IMPORT-0019",
    "住所として記録できない文字又は形式です。",
    "the text cannot be recorded as an address",
)
NOT_A_CHOICE = Fault(
    "JK-IMPORT-0020",
    "{0}のいずれかにしてください。",
    "one of {0}",
)
NOT_AN_ORDINAL = Fault(
    "JK-IMPORT-0021",
    "1以上の整数にしてください。",
    "a whole number from 1",
)

#: Its details are code points and numbers of shapes: the one thing of a value that a report tells, for somebody must answer.
ASKED_SEQUENCE = Fault(
    "JK-IMPORT-0024",
    "Adobe-Japan1 の異体字列がどの字形か、原本を見て選んでください（{0}）。質問の一覧に答えて --answers で渡してください。",
    "a variation sequence of Adobe-Japan1; see in the original which shape it is ({0}), and answer with --answers",
)
UNKNOWN_SEQUENCE = Fault(
    "JK-IMPORT-0025",
    "文字情報基盤にない異体字列です（{0}）。文字情報基盤の文字に置き換えてください。",
    "a variation sequence that the MJ set lacks ({0}); replace it by a character of the MJ set",
)

# A row in itself and beside others
DUPLICATE = Fault(
    "JK-IMPORT-0030",
    "{0}行目と同じ番号です。どちらが正しいか確認し、誤った行を直してください。",
    "the same number as row {0}; see which one is right and mend the other",
)
BEFORE_BIRTH = Fault(
    "JK-IMPORT-0031",
    "出生の年月日より前の日付です。どちらかの日付を直してください。",
    "the date lies before the birth date; mend one of them",
)
NO_ENTRY_DATE = Fault(
    "JK-IMPORT-0032",
    "記載の年月日が分かりません。entry_date（記載の異動年月日）に暦上の年月日を入れてください。",
    "give entry_date as a day of the calendar: became_resident_on does not tell it",
)
NO_NATIONALITY = Fault(
    "JK-IMPORT-0033",
    "外国人住民の項目があるのに国籍・地域がありません。国籍・地域を入れるか、他の項目を空欄にしてください。",
    "items of a foreign resident without nationality; give it or empty them",
)

# A change
NEEDED_FOR_REASON = Fault(
    "JK-IMPORT-0040",
    "この異動事由では必須の項目です。値を入れてください。",
    "this reason needs a value here",
)
NOT_FOR_REASON = Fault(
    "JK-IMPORT-0041",
    "この異動事由で変わる項目ではありません。空欄にするか、異動事由を直してください。",
    "a change for this reason does not touch this item; leave it out or mend the reason",
)
NOBODY_NAMED = Fault(
    "JK-IMPORT-0042",
    "だれの異動か分かりません。宛名番号又は住民票コードを入れてください。",
    "say whose record it is: resident_number or resident_code",
)
NOTHING_CHANGED = Fault(
    "JK-IMPORT-0043",
    "変わる項目がありません。変更後の値を入れてください。",
    "nothing changes; give the items as they are afterwards",
)
UNKNOWN_ITEM = Fault(
    "JK-IMPORT-0044",
    "知らない項目です。項目の名前を直してください。",
    "no item has this name",
)
NOT_CLEARABLE = Fault(
    "JK-IMPORT-0045",
    "空欄にできない項目です。",
    "this item cannot be cleared",
)
NOT_TEXT = Fault(
    "JK-IMPORT-0046",
    "文字列で入れてください。",
    "give the value as text",
)
NO_RECORD = Fault(
    "JK-IMPORT-0047",
    "現在の住民票と合わせると、この項目が不足するか誤っています。現在の記載を確認してください。",
    "together with the record as it stands, this item is missing or wrong; look at the record",
)

# Alerts
UNKNOWN_COLUMN = Fault(
    "JK-IMPORT-0101",
    "知らない列です。取り込みませんでした。",
    "the column is not known and was left out",
)
NO_HEAD = Fault(
    "JK-IMPORT-0102",
    "取り込んだ行の中に、この世帯の世帯主がいません。",
    "no row that entered is the head of this household",
)
SEVERAL_HEADS = Fault(
    "JK-IMPORT-0103",
    "この世帯に世帯主が{0}人います。",
    "this household has {0} heads",
)
REPLACED_CHARACTER = Fault(
    "JK-IMPORT-0104",
    "〓や?は失われた文字の代わりかもしれません。原本と見比べてください。",
    "〓 or ? may stand for a lost character; compare with the original",
)
SETTLED_BEFORE_ENTRY = Fault(
    "JK-IMPORT-0105",
    "住所を定めた年月日が住民となった年月日より前です。",
    "address_settled_on lies before became_resident_on",
)
FOREIGN_WITH_KOSEKI = Fault(
    "JK-IMPORT-0106",
    "外国人住民に戸籍の表示があります。",
    "a foreign resident with a koseki",
)
MAPPED_SEQUENCE = Fault(
    "JK-IMPORT-0107",
    "Adobe-Japan1 の異体字列を文字情報基盤の字形に置き換えました（{0}）。",
    "a variation sequence of Adobe-Japan1 became the shape of the MJ set ({0})",
)
