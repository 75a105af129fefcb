# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Variation sequences at intake (異体字列): mapped, asked with candidates and answered, or refused."""

import csv

import pytest

from openjuki.carriage.answers import QUESTION_FIELDS, read_answers, write_questions
from openjuki.carriage.importing import Before, read_register
from openjuki.carriage.life_events import ChangeRequest, read_changes
from openjuki.carriage.report import ReportWriter
from openjuki.errors import BadHeader, BadInput, Unavailable
from openjuki.residents.characters import mj_of

KATSU, ICHI = "葛\U000e0100", "一\U000e0100"


def findings(found):
    """Where they are and what they are."""
    return [(one.row, one.column, one.code) for one in found]


def test_a_sequence_with_one_shape_becomes_it(read, right, other):
    """The row enters, and an alert says what became of it."""
    rows, rejected, alerts = read(right | {"name": f"渡邉　{ICHI}"}, other)

    assert rejected == []
    assert rows[0].record.name.recorded == "渡邉　一"
    assert findings(alerts) == [(2, "name", "JK-IMPORT-0107")]
    assert f"U+4E00 U+E0100: {mj_of('一').mj}" in alerts[0].remedy_en


def test_a_sequence_with_several_shapes_is_asked_about(read, right):
    """The row is kept out; the remedy lists the candidates."""
    rows, rejected, alerts = read(right | {"town": f"{KATSU}西一丁目"})

    assert (rows, alerts) == ([], [])
    assert findings(rejected) == [(2, "town", "JK-IMPORT-0024")]
    assert "U+845B U+E0100: MJ022335 (U+845B U+E0102)" in rejected[0].remedy_ja


def test_an_unknown_sequence_is_refused(read, right):
    """With its code points, whatever else the name has."""
    _, rejected, alerts = read(right | {"name": f"葛\U000e01ef　{KATSU}{ICHI}"})

    assert findings(rejected) == [(2, "name", "JK-IMPORT-0025")]
    assert alerts == []
    assert "U+845B U+E01EF" in rejected[0].remedy_en


def test_an_answer_lets_the_row_enter(read, right):
    """Under the shape that the operator chose."""
    rows, rejected, alerts = read(right | {"town": f"{KATSU}西"}, answers={KATSU: "葛\U000e0103"})

    assert rejected == []
    assert rows[0].record.address.town == "葛\U000e0103西"
    assert findings(alerts) == [(2, "town", "JK-IMPORT-0107")]


def test_a_rejected_row_has_no_alert_of_a_mapping(read, right):
    """It did not enter."""
    _, rejected, alerts = read(right | {"name": ICHI, "sex": "?"})

    assert findings(rejected) == [(2, "sex", "JK-IMPORT-0020")]
    assert "JK-IMPORT-0107" not in [one.code for one in alerts]


def test_a_quoted_row_is_looked_at_too(read, right):
    """Whatever way its cells were read."""
    _, rejected, _ = read(right | {"name": f"{KATSU}　葵", "building": "コーポ,1"})

    assert findings(rejected) == [(2, "name", "JK-IMPORT-0024")]


def test_a_form_is_looked_at():
    """At the counter as in a file: asked, answered, mapped."""
    moved = {"reason": "転居", "resident_number": "19", "date_of_change": "2026-04-01", "town": f"{KATSU}西"}

    with pytest.raises(BadInput, match=r"town: .*MJ022335") as caught:
        ChangeRequest.from_dict(moved)

    assert caught.value.where.column == "town"
    answered = ChangeRequest.from_dict(moved, {KATSU: "葛\U000e0102"})
    assert answered.items["town"] == "葛\U000e0102西"
    assert ChangeRequest.from_dict(moved | {"town": ICHI}).items["town"] == "一"


def test_a_file_of_changes_is_looked_at(tmp_path):
    """Rows are kept out or enter with an alert."""
    path = tmp_path / "changes.csv"
    path.write_text(
        "reason,resident_number,date_of_change,town\n"
        f"転居,19,2026-04-01,{KATSU}西\n転居,27,2026-04-01,{ICHI}番町\n",
        "utf-8",
    )

    chunks = list(read_changes(path))

    assert findings(one for chunk in chunks for one in chunk.rejected) == [(2, "town", "JK-IMPORT-0024")]
    assert findings(one for chunk in chunks for one in chunk.alerts) == [(3, "town", "JK-IMPORT-0107")]
    assert [row.request.items["town"] for chunk in chunks for row in chunk.rows] == ["一番町"]


@pytest.fixture
def table(tmp_path):
    """Writes a table of answers."""

    def table(*rows, header="sequence,answer"):
        path = tmp_path / "answers.csv"
        path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
        return path

    return table


def test_questions_are_written_once_and_answered_in_place(write, right, other, tmp_path):
    """The table beside the report is filled in and given back."""
    path = write(right | {"name": f"{KATSU}　葵"}, other | {"name": f"{KATSU}　蓮", "town": "辻\U000e0100"})
    with ReportWriter(path) as report:
        for chunk in read_register(path):
            report.write(chunk)
    summary = report.summary()
    questions = tmp_path / "register.csv.questions.csv"

    assert summary.questions == str(questions)
    with questions.open(encoding="utf-8-sig", newline="") as file:
        asked = list(csv.DictReader(file))
    assert tuple(asked[0]) == QUESTION_FIELDS
    assert [(one["code_points"], one["answer"]) for one in asked] == [
        ("U+845B U+E0100", ""),
        ("U+8FBB U+E0100", ""),
    ]
    assert read_answers(questions) == {}
    questions.write_text(
        questions.read_text("utf-8-sig").replace("\r\n", "\n").replace(",\n", ",MJ022335\n", 1)
    )
    assert read_answers(questions) == {KATSU: "葛\U000e0102"}


def test_answers_stay_where_more_is_asked(tmp_path):
    """The table that was filled in is the one that is written again."""
    path = tmp_path / "register.csv.questions.csv"
    path.write_text(f"sequence,answer\n{KATSU},MJ022335\n", "utf-8")

    write_questions(path, ["辻\U000e0100"])

    assert read_answers(path) == {KATSU: "葛\U000e0102"}
    assert path.read_text("utf-8-sig").count("\n") == 3


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(f"{KATSU},葛\U000e0104", id="as text"),
        pytest.param(f"{KATSU},MJ022340", id="by number"),
        pytest.param("U+845B U+E0100,U+845B U+E0104", id="by code points"),
        pytest.param("U+845b U+e0100,MJ022340", id="in small letters"),
    ],
)
def test_an_answer_is_given_in_any_form(table, row):
    """Whatever a spreadsheet leaves of it."""
    assert read_answers(table(row)) == {KATSU: "葛\U000e0104"}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        pytest.param("葛,MJ022335", "not a sequence of Adobe-Japan1", id="a character alone"),
        pytest.param("葛\U000e0102,MJ022335", "not a sequence of Adobe-Japan1", id="a sequence of the list"),
        pytest.param(f"{KATSU},辻", "none of the candidates", id="another character"),
        pytest.param(f"{KATSU},MJ000001", "none of the candidates", id="a shape of another character"),
        pytest.param(f"{KATSU},MJ022335,more", "number of cells", id="a broken row"),
    ],
)
def test_an_answer_that_answers_nothing_is_refused(table, row, said):
    """Before anything is imported, with its row."""
    with pytest.raises(BadInput, match=said) as caught:
        read_answers(table(f"{KATSU},", row))

    assert (caught.value.where.file, caught.value.where.row) == ("answers.csv", 3)


@pytest.mark.parametrize("header", ["sequence,reply", "character,answer"])
def test_a_table_of_answers_has_its_columns(table, header):
    """The header says what is lacking."""
    with pytest.raises(BadHeader, match="lacks"):
        read_answers(table(header=header))


def test_questions_that_cannot_be_written_are_said_plainly(tmp_path):
    """No stack of calls."""
    with pytest.raises(Unavailable, match="questions cannot be written"):
        write_questions(tmp_path / "nowhere" / "questions.csv", [KATSU])


def test_reading_goes_on_behind_what_was_taken_in(write, right, other):
    """Numbers of earlier rows are known, rejected ones too; nothing of them is told again."""
    third = right | {"resident_number": "0000000035", "resident_code": other["resident_code"], "備考": ""}
    path = write(third | right, third | other | {"sex": "?"}, third)

    chunks = list(read_register(path, before=Before(last_row=3, rejected=frozenset({3}))))

    assert [(chunk.rows, chunk.last_row) for chunk in chunks] == [((), 4), ((), 5)]
    found = [findings(chunk.rejected) + findings(chunk.alerts) for chunk in chunks]
    assert found == [[(4, "resident_code", "JK-IMPORT-0030"), (4, "individual_number", "JK-IMPORT-0030")], []]


def test_nothing_follows_the_last_chunk(write, right):
    """A file that was read to its end tells nothing of its households a second time."""
    path = write(right | {"relationship": "子"})
    *_, last = read_register(path)

    assert [one.code for one in last.alerts] == ["JK-IMPORT-0102"]
    assert list(read_register(path, before=Before(last_row=last.last_row))) == []
