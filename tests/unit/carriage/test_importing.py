# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Import of an existing register (既存台帳の取込み)."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openjuki.carriage import faults, header, importing
from openjuki.carriage.columns import COLUMNS
from openjuki.carriage.importing import read_register
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.codes.resident import ANY_CHECK_DIGIT, ResidentCode
from openjuki.errors import BadFile, BadHeader, FileMissing
from openjuki.residents.changes import Reason
from openjuki.residents.record import Sex

CHIYODA = LocalGovernmentCode("131016")
YOKOHAMA = LocalGovernmentCode("141003")
NAKA_WARD = "141046"


def places(findings):
    """Where they are and what they are."""
    return [(finding.row, finding.column, finding.code) for finding in findings]


def test_a_row_becomes_a_record(read, right):
    """Every item stands where the Act has it."""
    (row,), rejected, alerts = read(right)

    record = row.record
    assert (rejected, alerts) == ([], [])
    assert row.row == 2
    assert record.resident_code == "24727059608"
    assert record.name.recorded == "渡邉　葵"
    assert record.birth_date.sort == date(1980, 1, 31)
    assert record.sex is Sex.FEMALE
    assert record.address.text == "千代田一丁目1番1号"
    assert record.foreign is None


def test_every_column_is_imported(read):
    """A row of all examples comes through, each value in its place."""
    examples = {column.name: column.example for column in COLUMNS}

    (row,), rejected, _ = read(examples)

    assert rejected == []
    assert row.record.name.latin == "LI PING"
    assert row.record.address.machiaza_id == "0001001"
    assert row.record.foreign.residence_card_number == "AB12345678CD"
    assert row.record.foreign.residence_expires_on.sort == date(2028, 3, 31)
    assert (row.entry.reason, row.entry.stay, row.entry.version) == (Reason.ENTERED_EX_OFFICIO, 1, 1)


def test_japanese_headers_do_as_well(read):
    """A register is exported with the names that its users see."""
    examples = {column.japanese: column.example for column in COLUMNS}

    (row,), rejected, _ = read(examples)

    assert rejected == []
    assert row.record.head_of_koseki == "渡邉　葵"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_and_line_ends_are_recognised(read, right, other, encoding, end):
    """What offices export, as they export it."""
    rows, rejected, _ = read(right, other, encoding=encoding, end=end)

    assert rejected == []
    assert [row.record.name.furigana for row in rows] == ["ワタナベ　アオイ", "ワタナベ　レン"]


def test_variation_sequences_are_kept(read, right):
    """The recorded name is never normalised."""
    (row,), _, _ = read(right | {"name": "渡邉\U000e010f　神"})

    assert row.record.name.recorded == "渡邉\U000e010f　神"


def test_padding_is_no_part_of_a_value(read, right):
    """Fixed-width exports fill their cells with blanks."""
    (row,), _, _ = read({name: f" {value}　" for name, value in right.items()})

    assert row.record.name.recorded == "渡邉　葵"


def test_the_name_of_a_foreign_resident_is_composed(read, right):
    """Latin letters, then ideographs (法30条の45), where the register has no composed name."""
    foreign = {"name": "", "name_latin": "LI PING", "name_kanji": "李　萍", "nationality": "中国"}

    (row,), _, _ = read(right | foreign)

    assert row.record.name.recorded == "LI PING　李　萍"
    assert row.record.foreign.nationality == "中国"


# How the record came to stand here


def test_an_entry_has_defaults(read, right):
    """Ex officio, on the day the person became a resident, first stay, first version."""
    (row,), _, _ = read(right)

    assert row.entry == importing.Entry(
        reason=Reason.ENTERED_EX_OFFICIO, date=date(2010, 4, 1), stay=1, version=1
    )


def test_an_entry_may_be_told(read, right):
    """By a register that knows its history."""
    history = {"entry_reason": "国内転入", "entry_date": "平成25年3月20日", "stay": "3", "version": "12"}

    (row,), _, _ = read(right | history)

    assert row.entry == importing.Entry(reason=Reason.MOVED_IN, date=date(2013, 3, 20), stay=3, version=12)


def test_a_foreign_resident_entered_on_becoming_one(read, right):
    """外国人住民となった年月日 stands in for 住民となった年月日 (法30条の45)."""
    dates = {"became_resident_on": "", "nationality": "中国", "became_foreign_resident_on": "2012-07-09"}

    (row,), _, _ = read(right | dates)

    assert row.entry.date == date(2012, 7, 9)


@pytest.mark.parametrize(
    ("became", "said"),
    [("", "empty"), ("平成22年4月頃", "empty, and became_resident_on of precision month")],
)
def test_the_day_of_the_entry_must_be_known(read, right, became, said):
    """A vague date is recorded, but changes have days; `entry_date` gives one."""
    _, (finding,), _ = read(right | {"became_resident_on": became})

    assert (finding.column, finding.fault) == ("entry_date", faults.NO_ENTRY_DATE)
    assert finding.value_class.english == said


def test_a_vague_date_enters_beside_the_day_of_the_entry(read, right):
    """The record keeps what was recorded."""
    (row,), _, _ = read(right | {"became_resident_on": "平成22年4月頃", "entry_date": "2010-04-15"})

    assert row.record.became_resident_on.text == "平成22年4月頃"
    assert row.entry.date == date(2010, 4, 15)


# Rejected rows


@pytest.mark.parametrize(
    ("items", "column", "fault"),
    [
        pytest.param({"resident_number": ""}, "resident_number", faults.EMPTY, id="no resident number"),
        pytest.param({"resident_code": ""}, "resident_code", faults.EMPTY, id="no resident code"),
        pytest.param({"name": ""}, "name", faults.EMPTY, id="no name"),
        pytest.param({"birth_date": " "}, "birth_date", faults.EMPTY, id="a blank birth date"),
        pytest.param({"sex": ""}, "sex", faults.EMPTY, id="no sex"),
        pytest.param({"municipality": ""}, "municipality", faults.EMPTY, id="no municipality"),
        pytest.param({"town": "", "block": ""}, "town", faults.EMPTY, id="no address"),
        pytest.param({"resident_code": "24727059609"}, "resident_code", faults.BAD_CHECK_DIGIT, id="code"),
        pytest.param({"individual_number": "1"}, "individual_number", faults.BAD_DIGITS, id="number"),
        pytest.param({"name": "渡邉\ue000"}, "name", faults.PRIVATE_CHARACTER, id="gaiji in the name"),
        pytest.param({"name": "渡邉\ufffd"}, "name", faults.LOST_CHARACTER, id="a name lost in conversion"),
        pytest.param({"name": "渡\n邉"}, "name", faults.CONTROL_CHARACTER, id="a line break in the name"),
        pytest.param({"name": "あ" * 201}, "name", faults.TOO_LONG, id="a name too long"),
        pytest.param({"building": "館" * 199}, "building", faults.TOO_LONG, id="an address too long"),
        pytest.param(
            {"name": "", "name_latin": "A" * 101, "name_kanji": "字" * 99, "nationality": "中国"},
            "name",
            faults.TOO_LONG,
            id="a name too long of its two forms",
        ),
        pytest.param({"furigana": "渡邉"}, "furigana", faults.BAD_KANA, id="kanji as furigana"),
        pytest.param({"alias": "花\u200b子"}, "alias", faults.BAD_NAME, id="an invisible character"),
        pytest.param({"block": "1番\x00"}, "block", faults.CONTROL_CHARACTER, id="NUL in the address"),
        pytest.param({"building": "\u2060"}, "building", faults.BAD_ADDRESS, id="a building nobody sees"),
        pytest.param({"postal_code": "100"}, "postal_code", faults.BAD_DIGITS, id="half a postal code"),
        pytest.param(
            {"residence_status": "永住者"}, "nationality", faults.NO_NATIONALITY, id="no nationality"
        ),
        pytest.param(
            {"became_resident_on": "1979-12-31"}, "entry_date", faults.BEFORE_BIRTH, id="entered unborn"
        ),
        pytest.param(
            {"address_settled_on": "1970-01-01"},
            "address_settled_on",
            faults.BEFORE_BIRTH,
            id="settled unborn",
        ),
        pytest.param({"entry_reason": "D03"}, "entry_reason", faults.NOT_A_CHOICE, id="a deletion as entry"),
        pytest.param({"stay": "0"}, "stay", faults.NOT_AN_ORDINAL, id="stay nought"),
    ],
)
def test_a_wrong_row_is_rejected_and_the_rest_goes_on(read, right, other, items, column, fault):
    """One bad row never stops a town."""
    rows, rejected, _ = read(right | items, other, header=[*(right | items)])

    assert (2, column, fault.code) in places(rejected)
    assert [row.record.resident_code for row in rows] == [other["resident_code"]]


def test_all_faults_of_a_row_are_told_at_once(read, right):
    """Whoever mends the row mends it once."""
    wrong = {
        "resident_code": "1",
        "name": "",
        "birth_date": "いつか",
        "furigana": "?",
        "became_resident_on": "x",
    }

    rows, rejected, _ = read(right | wrong)

    assert rows == []
    assert {finding.column for finding in rejected} == {
        "resident_code",
        "name",
        "birth_date",
        "became_resident_on",
    }


def test_a_value_that_cannot_be_read_is_not_empty(read, right):
    """It is told for what it is, once."""
    _, rejected, _ = read(right | {"sex": "f", "birth_date": "いつか"})

    assert sorted(places(rejected)) == [
        (2, "birth_date", faults.BAD_DATE.code),
        (2, "sex", faults.NOT_A_CHOICE.code),
    ]


def test_a_value_never_enters_a_finding(read, right):
    """Not a code, not a name, not a piece of one."""
    secrets = {
        "resident_code": "98765432109",
        "name": "機密\ue000",
        "birth_date": "機密",
        "sex": "機密",
        "municipality": "987654",
        "postal_code": "98765",
        "relationship": "機密\x07",
        "stay": "機密",
    }

    _, rejected, _ = read(right | secrets, header=[*(right | secrets)])

    assert len(rejected) == len(secrets)
    said = "".join(f"{one.value_class}{one.remedy_ja}{one.remedy_en}{one.column}" for one in rejected)
    assert not any(value in said for value in ("機密", "98765"))


@pytest.mark.parametrize("column", ["resident_number", "resident_code", "individual_number"])
def test_the_second_row_with_a_number_is_rejected(read, right, other, column):
    """It names the first; two people never share a number."""
    rows, (finding,), _ = read(right, other | {column: right[column]})

    assert [row.row for row in rows] == [2]
    assert (finding.row, finding.column, finding.fault) == (3, column, faults.DUPLICATE)
    assert "2行目" in finding.remedy_ja
    assert "row 2" in finding.remedy_en


def test_a_number_is_used_by_a_rejected_row_too(read, right, other):
    """Which of the two is right, somebody has to see."""
    rows, rejected, _ = read(right | {"sex": ""}, other | {"resident_code": right["resident_code"]})

    assert rows == []
    assert (3, "resident_code", faults.DUPLICATE.code) in places(rejected)


def test_numbers_are_compared_as_numbers(read, right, other):
    """However they are grouped."""
    _, (finding,), _ = read(right, other | {"resident_code": "2472 7059 608"})

    assert finding.fault is faults.DUPLICATE


def test_broken_rows_are_reported_in_their_place(read, right, other, write):
    """With the rows around them, in the order of the file."""
    lines = write(right, other).read_text("utf-8").splitlines()
    content = "\n".join([lines[0], "1,2,3", lines[1], '"stray', lines[2], ""])

    rows, rejected, _ = read(content)

    assert [row.row for row in rows] == [3, 5]
    assert places(rejected) == [(2, None, faults.WRONG_WIDTH.code), (4, None, faults.BAD_QUOTES.code)]


@pytest.mark.parametrize("encoding", ["utf-8", "cp932"])
@pytest.mark.parametrize("header", ["name", "備考"])
def test_undecodable_bytes_reject_their_row(read, write, right, other, encoding, header):
    """Also where they stand in a column that is not read: the row did not come through whole."""
    content = write(right | {header: "葵##"}, other | {header: "蓮"}, encoding=encoding).read_bytes()

    good, rejected, _ = read(content.replace(b"##", b"\xff\x82"))

    assert [row.row for row in good] == [3]
    assert (2, header, faults.BAD_ENCODING.code) in places(rejected)


def test_nul_rejects_its_row_in_a_column_that_is_not_read_too(read, right, other):
    """The row did not come through whole."""
    rows, (finding,), _ = read(right | {"備考": "x\x00"}, other)

    assert [row.row for row in rows] == [3]
    assert (finding.row, finding.column, finding.fault) == (2, "備考", faults.CONTROL_CHARACTER)


def test_readings_are_remembered_within_bounds(read, right, monkeypatch):
    """However many values a column has; each row still gets its own."""
    monkeypatch.setattr(header, "_REMEMBERED", 3)
    days = [f"2010-04-{day:02}" for day in (1, 2, 3, 4, 1, 5, 2)]
    rows = [
        right
        | {
            "resident_number": str(number),
            "resident_code": ResidentCode.from_body(f"{number:010}"),
            "individual_number": "",
            "household_number": "",
            "became_resident_on": day,
        }
        for number, day in enumerate(days)
    ]

    entered, _, _ = read(*rows)

    assert [row.record.became_resident_on.text for row in entered] == days


# Alerts


def test_an_unknown_column_is_no_error(read, right):
    """Other systems export more than we read."""
    rows, _, (alert,) = read(right | {"備考": "x"})

    assert len(rows) == 1
    assert places([alert]) == [(1, "備考", faults.UNKNOWN_COLUMN.code)]


def test_a_column_without_name_is_told_by_its_place(read, right):
    """Spreadsheets leave empty columns behind."""
    _, _, (alert,) = read(right | {"": ""})

    assert (alert.column, alert.value_class.english) == (f"#{len(right) + 1}", "empty")


def test_a_column_without_a_proper_name_is_told_by_its_place(read, right):
    """What stands in a header may be anything."""
    _, _, (alert,) = read(right | {"=cmd|' /C calc'!A0": "x"})

    assert alert.column == f"#{len(right) + 1}"


def test_every_household_has_one_head(read, right, other):
    """世帯主 is one of its members (法7条4号)."""
    without = right | {"relationship": "妻"}
    second = other | {"relationship": "世帯主"}

    assert read(right, other)[2] == []
    assert places(read(without, other)[2]) == [(2, "relationship", faults.NO_HEAD.code)]
    (alert,) = read(right, second)[2]
    assert (alert.fault, alert.details) == (faults.SEVERAL_HEADS, (2,))
    assert "2人" in alert.remedy_ja


def test_people_without_a_household_number_have_no_household_to_check(read, right):
    """A CS without register knows no households."""
    assert read(right | {"household_number": "", "relationship": ""})[2] == []


@pytest.mark.parametrize(
    ("items", "column", "fault"),
    [
        pytest.param({"name": "〓田　葵"}, "name", faults.REPLACED_CHARACTER, id="a geta mark"),
        pytest.param({"name": "?田　葵"}, "name", faults.REPLACED_CHARACTER, id="a question mark"),
        pytest.param(
            {"address_settled_on": "2010-03-31"},
            "address_settled_on",
            faults.SETTLED_BEFORE_ENTRY,
            id="dates",
        ),
        pytest.param(
            {"nationality": "中国", "registered_domicile": "東京都"},
            "registered_domicile",
            faults.FOREIGN_WITH_KOSEKI,
            id="koseki",
        ),
    ],
)
def test_doubts_are_told_and_the_row_enters(read, right, items, column, fault):
    """Somebody with the original can judge."""
    rows, rejected, (alert,) = read(right | items)

    assert (len(rows), rejected) == (1, [])
    assert places([alert]) == [(2, column, fault.code)]


# Whose register


def test_rows_without_municipality_are_of_the_town(read, right):
    """The node knows whose register it is."""
    (row,), _, _ = read(
        {name: value for name, value in right.items() if name != "municipality"}, municipality=CHIYODA
    )

    assert row.record.address.municipality == CHIYODA


def test_rows_of_a_ward_are_of_its_city(read, right):
    """The wards of a designated city are its own (法38条)."""
    rows, rejected, _ = read(right | {"municipality": NAKA_WARD}, municipality=YOKOHAMA)

    assert rejected == []
    assert rows[0].record.address.municipality == NAKA_WARD


def test_rows_of_another_town_are_rejected(read, right):
    """Somebody has taken the wrong file."""
    _, (finding,), _ = read(right, municipality=YOKOHAMA)

    assert (finding.column, finding.fault) == ("municipality", faults.OTHER_MUNICIPALITY)


def test_a_municipality_that_cannot_be_read_is_not_the_towns(read, right):
    """A slip in the code is told, not overwritten."""
    _, (finding,), _ = read(right | {"municipality": "131017"}, municipality=CHIYODA)

    assert finding.fault is faults.BAD_CHECK_DIGIT


def test_the_check_rule_can_be_switched_off(read, right):
    """Real codes are not refused for a formula that is not public."""
    (row,), rejected, _ = read(right | {"resident_code": "24727059609"}, check_rule=ANY_CHECK_DIGIT)

    assert rejected == []
    assert row.record.resident_code == ResidentCode("24727059609")


# Whole files


@pytest.mark.parametrize("column", [column.name for column in COLUMNS if column.required])
def test_a_required_column_must_be_there(read, right, column):
    """The missing ones are named."""
    with pytest.raises(BadHeader, match=column) as caught:
        read({name: value for name, value in right.items() if name != column})

    assert caught.value.where.to_dict() == {"file": "register.csv", "row": 1, "column": column}


def test_a_file_with_tabs_is_told_from_one_without_columns(read):
    """A hint at what is likely."""
    with pytest.raises(BadHeader, match="commas"):
        read("resident_number\tname\n1\t2\n")


def test_a_column_may_not_be_there_twice(read, right):
    """Not by its two names either."""
    with pytest.raises(BadHeader, match=r"name.* twice"):
        read(right | {"氏名": "x"})


def test_errors_come_with_the_first_chunk(tmp_path):
    """Nothing is opened before somebody reads."""
    chunks = read_register(tmp_path / "none.csv")

    with pytest.raises(FileMissing):
        next(chunks)


def test_a_register_comes_in_chunks(write, right, monkeypatch):
    """So that a million rows need no more memory than a thousand; progress grows to the whole."""
    monkeypatch.setattr(importing, "CHUNK_ROWS", 2)
    rows = [
        right
        | {
            "resident_number": str(n),
            "resident_code": ResidentCode.from_body(f"{n:010}"),
            "individual_number": "",
        }
        for n in range(1, 6)
    ]

    chunks = list(read_register(write(*rows)))

    assert [len(chunk.rows) for chunk in chunks] == [2, 2, 1, 0]
    assert [row.row for chunk in chunks for row in chunk.rows] == [2, 3, 4, 5, 6]
    assert all(chunk.bytes_read <= chunk.bytes_total for chunk in chunks)
    assert chunks[-1].bytes_read == chunks[-1].bytes_total


def test_a_header_alone_is_an_empty_register(read, right):
    """Nobody lives there."""
    assert read(",".join(right) + "\n") == ([], [], [])


WORDS = st.sampled_from(
    [
        "",
        "x",
        "24727059608",
        "1980-01-31",
        "不詳",
        "女",
        "131016",
        "世帯主",
        "渡邉　葵",
        "カナ",
        "1",
        "\ue000",
        "\x00",
        "中国",
        "?",
        "A01",
        "2010-04-01",
    ]
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.lists(st.lists(WORDS, min_size=len(COLUMNS), max_size=len(COLUMNS)), min_size=1, max_size=5))
def test_every_row_enters_or_is_rejected(write, cells):
    """None is lost, none both enters and is rejected, and nothing breaks."""
    names = [column.name for column in COLUMNS]
    path = write(*(dict(zip(names, row, strict=True)) for row in cells))

    chunks = list(read_register(path))

    entered = [row.row for chunk in chunks for row in chunk.rows]
    rejected = {finding.row for chunk in chunks for finding in chunk.rejected}
    written = {number for number, row in enumerate(cells, 2) if any(cell for cell in row)}
    assert sorted([*entered, *rejected]) == sorted(written)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_damage_breaks_nothing(write, right, raw, place):
    """Any bytes anywhere: rows, rejections, or an error of ours."""
    content = write(right).read_bytes()
    path = write(content[:place] + raw + content[place:])

    try:
        chunks = list(read_register(path))
    except BadFile:
        return
    assert all(chunk.bytes_total == path.stat().st_size for chunk in chunks)
