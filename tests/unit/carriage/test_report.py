# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Report of an import (取込結果の一覧)."""

import csv
import io
import json
import stat
from pathlib import Path

import pytest

from openjuki.carriage import faults
from openjuki.carriage.faults import RefusedRow
from openjuki.carriage.importing import read_register
from openjuki.carriage.report import FIELDS, ReportWriter
from openjuki.errors import FileMissing, Unavailable
from openjuki.residents.transitions import ALREADY_RECORDED


@pytest.fixture
def report(write):
    """Import a register and write its report; `refuse` tells rows that the node refuses."""

    def report(*rows, beside=None, refuse=()):
        path = write(*rows)
        with ReportWriter(path, beside) as writer:
            for chunk in read_register(path):
                refused = [
                    RefusedRow(row=row.row, refusal=ALREADY_RECORDED)
                    for row in chunk.rows
                    if row.row in refuse
                ]
                writer.write(chunk, refused)
        return writer.summary()

    return report


def lines(summary):
    """The findings as both reports have them."""
    table = Path(summary.report_csv).read_bytes().decode("utf-8-sig")
    objects = Path(summary.report_jsonl).read_text("utf-8")
    return list(csv.DictReader(io.StringIO(table))), [json.loads(line) for line in objects.splitlines()]


def test_what_is_wrong_stands_in_both_reports(report, right, other):
    """Row, column, class, what to do; for a spreadsheet and for programs."""
    summary = report(right | {"resident_code": "24727059609"}, other)

    table, objects = lines(summary)

    assert table == [{name: str(value) for name, value in one.items()} for one in objects]
    assert objects[0] == {
        "row": 2,
        "column": "resident_code",
        "column_ja": "住民票コード",
        "kind": "error",
        "code": "JK-IMPORT-0012",
        "value_class": "11 digits, wrong check digit",
        "value_class_ja": "数字11桁、検査数字の誤り",
        "remedy_ja": faults.BAD_CHECK_DIGIT.remedy_ja,
        "remedy_en": faults.BAD_CHECK_DIGIT.remedy_en,
    }
    assert list(table[0]) == list(FIELDS)


def test_a_summary_counts_rows_not_faults(report, right, other):
    """A row with two faults is one row."""
    summary = report(right | {"sex": "", "birth_date": ""}, other)

    assert (summary.rows, summary.accepted, summary.rejected) == (2, 1, 1)
    assert summary.codes[faults.EMPTY.code] == 2
    assert summary.codes[faults.NO_HEAD.code] == summary.alerts == 1
    assert summary.exit_code == 3


def test_without_rejections_the_import_has_succeeded(report, right):
    """Alerts do not keep a row out."""
    summary = report(right | {"備考": "x"})

    assert (summary.rejected, summary.alerts, summary.exit_code) == (0, 1, 0)
    assert summary.to_dict() == {
        "schema": "openjuki/import-report/1",
        "file": "register.csv",
        "rows": 1,
        "accepted": 1,
        "rejected": 0,
        "alerts": 1,
        "codes": {"JK-IMPORT-0101": 1},
        "report_csv": summary.report_csv,
        "report_jsonl": summary.report_jsonl,
        "questions": None,
    }


def test_rows_that_the_node_refuses_are_rejected(report, right, other):
    """The rule and its sentence stand in the report."""
    summary = report(right, other, refuse={3})

    _, (finding,) = lines(summary)

    assert (summary.accepted, summary.rejected) == (1, 1)
    assert (finding["row"], finding["kind"], finding["code"]) == (3, "refusal", ALREADY_RECORDED.code)
    assert finding["remedy_ja"] == ALREADY_RECORDED.message_ja
    assert finding["remedy_en"] == ALREADY_RECORDED.message_en
    assert finding["column"] is None


def test_findings_stand_in_the_order_of_the_file(report, right, other):
    """Errors, refusals and alerts together."""
    summary = report(right | {"name": "?田"}, other, other | {"sex": ""}, refuse={3})

    _, objects = lines(summary)

    assert [(one["row"], one["kind"]) for one in objects][:2] == [(2, "alert"), (3, "refusal")]


def test_reports_stand_beside_the_file_or_where_they_are_wanted(report, right, tmp_path):
    """Two files, whose names begin with the file's."""
    assert report(right).report_csv == str(tmp_path / "register.csv.report.csv")
    assert report(right, beside=tmp_path / "today").report_jsonl == str(tmp_path / "today.report.jsonl")


def test_only_the_owner_reads_a_report(report, right):
    """It tells of people, if little."""
    summary = report(right)

    assert stat.S_IMODE(Path(summary.report_csv).stat().st_mode) == 0o600
    assert stat.S_IMODE(Path(summary.report_jsonl).stat().st_mode) == 0o600


def test_a_report_is_begun_anew(report, right):
    """The last import counts."""
    report(right | {"sex": ""})

    assert lines(report(right)) == ([], [])


def test_a_file_that_cannot_be_read_has_no_report(tmp_path):
    """A misspelt name leaves nothing behind."""
    path = tmp_path / "none.csv"

    with pytest.raises(FileMissing), ReportWriter(path) as writer:
        writer.write(next(read_register(path)))

    assert list(tmp_path.iterdir()) == []


def test_a_report_that_cannot_be_written_stops_the_import(report, right, tmp_path):
    """Rows would be lost without a trace."""
    with pytest.raises(Unavailable, match="report cannot be written"):
        report(right, beside=tmp_path / "nowhere" / "report")


def test_a_full_disk_stops_the_import(report, right, tmp_path):
    """A clear sentence, not a stack of calls."""
    (tmp_path / "register.csv.report.csv").symlink_to("/dev/full")

    with pytest.raises(Unavailable, match="No space left"):
        report(right | {"sex": ""})
