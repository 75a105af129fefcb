# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Forms that a value in a file may have (項目の形式): how to read one, and what to say of one that is none.

What a form refuses to read it diagnoses: the fault and the class of the value, never the value.

>>> SEX.read("女")
<Sex.FEMALE: 'female'>
>>> RESIDENT_CODE.diagnose("24727059609").value_class.english
'11 digits, wrong check digit'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openjuki.carriage import faults
from openjuki.carriage.faults import Fault, ValueClass
from openjuki.codes import digits
from openjuki.codes.individual import IndividualNumber
from openjuki.codes.local_government import Kind, LocalGovernmentCode, municipality
from openjuki.codes.resident import ResidentCode
from openjuki.errors import BadCode, BadDate, BadInput
from openjuki.residents.changes import Action, MunicipalReason, Reason
from openjuki.residents.dates import Precision, RecordedDate
from openjuki.residents.record import Sex
from openjuki.residents.writing import LONGEST, flaw

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

#: Longest number that an office makes up itself.
LONGEST_NUMBER: Final = 20
_ORDINAL: Final = re.compile(r"0*[1-9][0-9]{0,8}")


class Diagnosis(NamedTuple):
    """What is wrong with a value, without telling it (不備の内容)."""

    fault: Fault
    value_class: ValueClass
    #: What the remedy names.
    details: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """Form of a value (項目の形式)."""

    #: For the documentation.
    english: str
    japanese: str
    #: Takes a value that is not empty; raises `BadInput` where it has another form.
    read: Callable[[str], Any]
    #: Takes a value that `read` has refused.
    diagnose: Callable[[str], Diagnosis]
    #: Whether the rows of a register repeat each other's values, so that it pays to remember readings.
    repeats: bool = True


# Text

_UNFIT: Final = (
    # Bytes that are no character of cp932 come out of Python's codec as U+F8F0 to U+F8F3.
    (re.compile("[\ud800-\udfff\uf8f0-\uf8f3]"), faults.BAD_ENCODING),
    (re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]"), faults.CONTROL_CHARACTER),
    (re.compile("\ufffd"), faults.LOST_CHARACTER),
    (re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]"), faults.PRIVATE_CHARACTER),
)


def diagnose_text(value: str, otherwise: Fault = faults.UNFIT_CHARACTER) -> Diagnosis:
    """What keeps a text from being recorded."""
    value_class = ValueClass.of(value)
    if len(value) > LONGEST:
        return Diagnosis(faults.TOO_LONG, value_class, (LONGEST,))
    unfit = (fault for characters, fault in _UNFIT if characters.search(value))
    return Diagnosis(next(unfit, otherwise), value_class)


def _read_text(value: str) -> str:
    if len(value) > LONGEST or flaw(value):
        raise BadInput
    return value


def _composed(fault: Fault) -> Callable[[str], Diagnosis]:
    return lambda value: diagnose_text(value, fault)


_OFFICE_NUMBER: Final = re.compile(rf"[0-9A-Za-z-]{{1,{LONGEST_NUMBER}}}")


def _read_office_number(value: str) -> str:
    if not _OFFICE_NUMBER.fullmatch(value):
        raise BadInput
    return value


TEXT: Final = Form(f"text of at most {LONGEST} characters", f"{LONGEST}文字まで", _read_text, diagnose_text)
#: Read by `PersonName`, which alone says what a name may hold.
NAME: Final = Form("name as recorded", "記録のとおりの氏名", str, _composed(faults.BAD_NAME), repeats=False)
KANA: Final = Form("hiragana or katakana", "平仮名又は片仮名", str, _composed(faults.BAD_KANA), repeats=False)
#: Read by `Address`.
PART_OF_ADDRESS: Final = Form(
    f"text as recorded; with the other parts at most {LONGEST} characters",
    f"記録のとおりの文字列（住所全体で{LONGEST}文字まで）",
    str,
    _composed(faults.BAD_ADDRESS),
)
OFFICE_NUMBER: Final = Form(
    f"at most {LONGEST_NUMBER} ASCII letters, digits and hyphens",
    f"半角英数字とハイフン{LONGEST_NUMBER}文字まで",
    _read_office_number,
    _composed(faults.BAD_OFFICE_NUMBER),
    repeats=False,
)


# Digits


def _diagnose_digits(length: int) -> Callable[[str], Diagnosis]:
    def diagnose(value: str) -> Diagnosis:
        try:
            number = digits.read(value, length)
        except BadCode:
            fault, value_class, _ = diagnose_text(value, faults.BAD_DIGITS)
            return Diagnosis(fault, value_class, (length,))
        wrong = ValueClass.of(number).but("wrong check digit", "検査数字の誤り")
        return Diagnosis(faults.BAD_CHECK_DIGIT, wrong)

    return diagnose


def _read_municipality(value: str) -> LocalGovernmentCode:
    code = LocalGovernmentCode.parse(value)
    if municipality(code).kind is Kind.PREFECTURE:
        raise BadCode("the code is a prefecture's")
    return code


def _diagnose_municipality(value: str) -> Diagnosis:
    if LocalGovernmentCode.is_valid(value):
        return Diagnosis(faults.UNKNOWN_MUNICIPALITY, ValueClass.of(digits.compact(value)))
    return _diagnose_digits(6)(value)


def _read_seven_digits(value: str) -> str:
    return digits.read(value, 7)


RESIDENT_CODE: Final = Form(
    "11 digits, the last one a check digit",
    "検査数字を含む数字11桁",
    ResidentCode.parse,
    _diagnose_digits(11),
    repeats=False,
)
INDIVIDUAL_NUMBER: Final = Form(
    "12 digits, the last one a check digit",
    "検査数字を含む数字12桁",
    IndividualNumber.parse,
    _diagnose_digits(12),
    repeats=False,
)
MUNICIPALITY: Final = Form(
    "6 digits, the last one a check digit; of a municipality or ward of today",
    "検査数字を含む数字6桁（現在の市区町村）",
    _read_municipality,
    _diagnose_municipality,
)
SEVEN_DIGITS: Final = Form("7 digits", "数字7桁", _read_seven_digits, _diagnose_digits(7))


# Dates


def _read_day(value: str) -> date:
    recorded = RecordedDate.parse(value)
    if recorded.precision is not Precision.DAY:
        raise BadDate("not a day of the calendar")
    return recorded.sort


def _diagnose_date(value: str) -> Diagnosis:
    fault, value_class, details = diagnose_text(value, faults.BAD_DATE)
    if fault is faults.BAD_DATE:
        value_class = ValueClass("date of unknown form", "形式の分からない日付")
    return Diagnosis(fault, value_class, details)


def _diagnose_day(value: str) -> Diagnosis:
    try:
        precision = RecordedDate.parse(value).precision
    except BadDate:
        return _diagnose_date(value)
    return Diagnosis(faults.NOT_A_DAY, ValueClass(f"date of precision {precision}", "暦上日でない年月日"))


DATE: Final = Form(
    "date, also with an era or unknown parts",
    "年月日（和暦、不詳日も可）",
    RecordedDate.parse,
    _diagnose_date,
)
DAY: Final = Form("day of the calendar", "暦上の年月日（和暦も可）", _read_day, _diagnose_day)


# Words and counts


def _choice(english: str, japanese: str, words: Mapping[str, Any]) -> Form:
    def read(value: str) -> Any:
        try:
            return words[value.translate(_HALF_WIDTH)]
        except KeyError as error:
            raise BadInput from error

    def diagnose(value: str) -> Diagnosis:
        fault, value_class, _ = diagnose_text(value, faults.NOT_A_CHOICE)
        return Diagnosis(fault, value_class, (", ".join(words),))

    return Form(english, japanese, read, diagnose)


#: Words are written with brackets, digits and letters of either width.
_HALF_WIDTH: Final = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_REASONS: Final = {name: reason for reason in Reason for name in (reason.value, reason.japanese)}
_MUNICIPAL: Final = {reason.japanese: reason for reason in MunicipalReason}
_ENTRIES: Final = {name: reason for name, reason in _REASONS.items() if reason.action is Action.ENTRY}


def _half_width(words: Mapping[str, Any]) -> dict[str, Any]:
    return {word.translate(_HALF_WIDTH): value for word, value in words.items()}


def _read_ordinal(value: str) -> int:
    if not _ORDINAL.fullmatch(value):
        raise BadInput
    return int(value)


SEX: Final = _choice(
    "male, female or unknown; 男, 女 or 不明; 1, 2 or 0",
    "男、女又は不明；1、2又は0",
    {
        word: sex
        for sex, words in (
            (Sex.MALE, "male 男 1"),
            (Sex.FEMALE, "female 女 2"),
            (Sex.UNKNOWN, "unknown 不明 0"),
        )
        for word in words.split()
    },
)
ENTRY_REASON: Final = _choice(
    "A01 to A06, or the statutory name", "A01からA06、又は異動事由の名称", _half_width(_ENTRIES)
)
REASON: Final = _choice(
    "code or statutory name of a reason, or the name of a municipal one",
    "異動事由のコード又は名称",
    _half_width(_REASONS | _MUNICIPAL),
)
ORDINAL: Final = Form("whole number from 1", "1以上の整数", _read_ordinal, _composed(faults.NOT_AN_ORDINAL))
