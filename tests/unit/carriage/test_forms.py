# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Forms of values (項目の形式): what is read, and what is said of the rest."""

from datetime import date

import pytest

from openjuki.carriage import faults, forms
from openjuki.carriage.columns import COLUMNS, RECORD, find
from openjuki.carriage.reasons import CHANGE
from openjuki.carriage.records import Items
from openjuki.errors import BadInput
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.residents.record import Sex

ALL = {column.name: column for column in (*COLUMNS, *CHANGE)}


@pytest.mark.parametrize("column", ALL.values(), ids=list(ALL))
def test_every_example_is_right(column):
    """What the documentation shows can be read."""
    assert column.form.read(column.example) is not None


@pytest.mark.parametrize("column", COLUMNS, ids=lambda column: column.name)
def test_both_names_of_a_column_find_it(column):
    """A header is in English or Japanese, in letters of either width and case, padded or not."""
    wide = "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in column.name)

    assert {find(name) for name in (column.name, column.name.upper(), f" {column.japanese} ", wide)} == {
        column
    }


@pytest.mark.parametrize("columns", [COLUMNS, CHANGE])
def test_names_of_columns_are_one_to_one(columns):
    """No two columns share a name, in either language."""
    names = [name for column in columns for name in (column.name, column.japanese)]

    assert sorted(set(names)) == sorted(names)


def test_items_are_the_columns_of_the_record():
    """A value for each, in the same order."""
    assert Items._fields == tuple(column.name for column in RECORD)


def test_another_name_finds_nothing():
    """備考 is no column of ours."""
    assert find("備考") is None


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        pytest.param(forms.SEX, "男", Sex.MALE, id="sex in Japanese"),
        pytest.param(forms.SEX, "２", Sex.FEMALE, id="sex as a wide digit"),
        pytest.param(forms.SEX, "unknown", Sex.UNKNOWN, id="sex in English"),
        pytest.param(forms.DAY, "令和8年4月1日", date(2026, 4, 1), id="a day with its era"),
        pytest.param(forms.DAY, "明治45年7月30日", date(1912, 7, 30), id="the last day of an era"),
        pytest.param(forms.SEVEN_DIGITS, "１００－０００１", "1000001", id="a postal code with a hyphen"),
        pytest.param(forms.ORDINAL, "007", 7, id="an ordinal with leading zeros"),
        pytest.param(forms.ENTRY_REASON, "国外転入等", Reason.MOVED_IN_FROM_ABROAD, id="an entry by name"),
        pytest.param(forms.ENTRY_REASON, "Ａ０３", Reason.BORN, id="an entry by a wide code"),
        pytest.param(
            forms.REASON, "職権修正等", Reason.CORRECTED_EX_OFFICIO, id="a statutory reason by name"
        ),
        pytest.param(
            forms.REASON,
            "異動の取消し(増)",
            MunicipalReason.ENTRY_BY_CANCELLATION,
            id="a municipal reason with narrow brackets",
        ),
        pytest.param(forms.OFFICE_NUMBER, "00-A1", "00-A1", id="a number of the office's own"),
        pytest.param(forms.MUNICIPALITY, "13101-6", "131016", id="a municipality with a hyphen"),
        pytest.param(forms.MUNICIPALITY, "141038", "141038", id="a ward"),
    ],
)
def test_values_are_read(form, text, value):
    """As people and systems write them."""
    assert form.read(text) == value


@pytest.mark.parametrize("reason", [*Reason, *MunicipalReason])
def test_every_reason_is_read_by_its_name(reason):
    """The statutory ones by their code too."""
    assert forms.REASON.read(reason.japanese) is reason
    assert forms.REASON.read(reason.value) is reason


@pytest.mark.parametrize(
    ("form", "text", "fault", "said"),
    [
        pytest.param(
            forms.RESIDENT_CODE,
            "24727059609",
            faults.BAD_CHECK_DIGIT,
            "11 digits, wrong check digit",
            id="check digit",
        ),
        pytest.param(forms.RESIDENT_CODE, "2472705960", faults.BAD_DIGITS, "10 digits", id="a lost zero"),
        pytest.param(
            forms.RESIDENT_CODE,
            "2.47E+10",
            faults.BAD_DIGITS,
            "text of 8 characters",
            id="a spreadsheet's number",
        ),
        pytest.param(
            forms.INDIVIDUAL_NUMBER,
            "1234 5678 9012",
            faults.BAD_CHECK_DIGIT,
            "12 digits, wrong check digit",
            id="a number in groups",
        ),
        pytest.param(
            forms.MUNICIPALITY,
            "131017",
            faults.BAD_CHECK_DIGIT,
            "6 digits, wrong check digit",
            id="a code of nobody",
        ),
        pytest.param(
            forms.MUNICIPALITY,
            "221317",
            faults.UNKNOWN_MUNICIPALITY,
            "6 digits",
            id="a ward before the merger",
        ),
        pytest.param(
            forms.MUNICIPALITY, "130001", faults.UNKNOWN_MUNICIPALITY, "6 digits", id="a prefecture"
        ),
        pytest.param(
            forms.MUNICIPALITY, "13101", faults.BAD_DIGITS, "5 digits", id="a code without its check digit"
        ),
        pytest.param(forms.SEVEN_DIGITS, "100", faults.BAD_DIGITS, "3 digits", id="half a postal code"),
        pytest.param(
            forms.DATE, "昭和99年1月1日", faults.BAD_DATE, "date of unknown form", id="an era too long"
        ),
        pytest.param(forms.DATE, "44197", faults.BAD_DATE, "date of unknown form", id="a spreadsheet's date"),
        pytest.param(forms.DAY, "令和6年5月頃", faults.NOT_A_DAY, "date of precision month", id="no day"),
        pytest.param(forms.DAY, "いつか", faults.BAD_DATE, "date of unknown form", id="no date"),
        pytest.param(forms.SEX, "f", faults.NOT_A_CHOICE, "text of 1 characters", id="no word for sex"),
        pytest.param(
            forms.ENTRY_REASON, "D03", faults.NOT_A_CHOICE, "text of 3 characters", id="a deletion as entry"
        ),
        pytest.param(forms.ORDINAL, "0", faults.NOT_AN_ORDINAL, "1 digits", id="zero"),
        pytest.param(
            forms.ORDINAL, "9" * 5000, faults.TOO_LONG, "5000 digits", id="a number beyond counting"
        ),
        pytest.param(
            forms.OFFICE_NUMBER, "１２", faults.BAD_OFFICE_NUMBER, "text of 2 characters", id="wide digits"
        ),
        pytest.param(
            forms.OFFICE_NUMBER, "1" * 21, faults.BAD_OFFICE_NUMBER, "21 digits", id="a number too long"
        ),
        pytest.param(forms.TEXT, "世帯\x07主", faults.CONTROL_CHARACTER, "text of 4 characters", id="a bell"),
        pytest.param(
            forms.TEXT, "山\udc82", faults.BAD_ENCODING, "text of 2 characters", id="an undecodable byte"
        ),
        pytest.param(
            forms.TEXT, "山\uf8f3", faults.BAD_ENCODING, "text of 2 characters", id="no byte of cp932"
        ),
        pytest.param(
            forms.TEXT, "山\ufffd", faults.LOST_CHARACTER, "text of 2 characters", id="a lost character"
        ),
        pytest.param(forms.TEXT, "山\ue000", faults.PRIVATE_CHARACTER, "text of 2 characters", id="gaiji"),
        pytest.param(
            forms.TEXT, "山\u200b", faults.UNFIT_CHARACTER, "text of 2 characters", id="an invisible one"
        ),
        pytest.param(forms.TEXT, "字" * 201, faults.TOO_LONG, "text of 201 characters", id="too long"),
        pytest.param(
            forms.DATE, "2020-01-\udc82", faults.BAD_ENCODING, "text of 9 characters", id="a damaged date"
        ),
    ],
)
def test_what_has_no_form_is_diagnosed(form, text, fault, said):
    """Its class is told, what to do about it, and never the value."""
    with pytest.raises(BadInput):
        form.read(text)

    diagnosis = form.diagnose(text)

    assert (diagnosis.fault, diagnosis.value_class.english) == (fault, said)
    assert len(text) < 2 or text not in f"{diagnosis.value_class}{fault.remedy_ja}{fault.remedy_en}"


@pytest.mark.parametrize(
    ("form", "fault"),
    [
        (forms.NAME, faults.BAD_NAME),
        (forms.KANA, faults.BAD_KANA),
        (forms.PART_OF_ADDRESS, faults.BAD_ADDRESS),
    ],
)
def test_names_and_addresses_are_for_the_record_to_judge(form, fault):
    """Any text is read; what the record refuses is diagnosed as a name or address."""
    assert form.read("\u200b") == "\u200b"
    assert form.diagnose("\u200b").fault is fault
    assert form.diagnose("\ue000").fault is faults.PRIVATE_CHARACTER
