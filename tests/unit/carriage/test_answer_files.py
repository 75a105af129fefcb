# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Files of answers in bulk (一括提供の回答ファイル)."""

import csv
import errno
import os
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from openjuki.carriage.answer_files import (
    AnswerForm,
    Asked,
    Format,
    put_together,
    read_lines,
    write_part,
)
from openjuki.carriage.answer_parts import PartFiles
from openjuki.carriage.encoding import Encoding
from openjuki.carriage.key_files import WHOLE_ROW
from openjuki.errors import Unavailable
from openjuki.residents.look_up import Result
from openjuki.wire.bulk import NO_ARTICLE, RESULT_BYTES, KeyKind
from openjuki.wire.columns import answer_schema

FORM = AnswerForm(
    format=Format.CSV,
    encoding=Encoding.UTF_8,
    kind=KeyKind.FOUR_ITEMS,
    items=("resident_code", "name", "date_of_change", "address"),
)
ARTICLES = ("法30条の9・別表第1の74の項", "法30条の12")
#: Result, article, and what is told.
MATCHED = (Result.MATCHED, 0, 19, '渡邉 "葵"', 20_000, "千代田区𠮷町1")
NOBODY = (Result.NONE, NO_ARTICLE, None, None, None, None)
MALFORMED = (Result.MALFORMED, NO_ARTICLE, None, None, None, None)


@pytest.fixture
def write(tmp_path):
    """Write parts, each of rows with their lines and faults, and put them together."""
    folder = tmp_path / "request"
    folder.mkdir()

    def write(*parts, form=FORM, name="answer", late=(), keep=True):
        for number, rows in (*enumerate(parts), *((number, parts[number]) for number in late)):
            columns = list(zip(*(row for _, _, row in rows), strict=True))
            columns[0] = [RESULT_BYTES[result] for result in columns[0]]
            told = pa.table(columns, schema=answer_schema(form.items))
            asked = Asked(
                np.array([line for line, _, _ in rows], np.int64),
                np.array([wrong for _, wrong, _ in rows], np.uint8),
            )
            write_part(form, told, ARTICLES, asked, PartFiles(folder, number))
        written = [PartFiles(folder, number) for number in range(len(parts))]
        lost = put_together(form, written, tmp_path / name, keep=keep)
        return tmp_path / name, lost

    return write


ROWS = ([(2, 0, MATCHED), (3, 0, NOBODY)], [(5, 2, MALFORMED), (6, WHOLE_ROW, MALFORMED), (7, 0, MATCHED)])


def test_each_row_says_its_line_and_what_became_of_it(write):
    """The rows are those of the file of keys, in its order, whatever became of them."""
    path, _ = write(*ROWS)

    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))

    assert [row["行"] for row in rows] == ["2", "3", "5", "6", "7"]
    assert [row["照会結果"] for row in rows] == ["matched", "none", "malformed", "malformed", "matched"]
    assert [row["不備の項目"] for row in rows] == ["", "", "birth_date", "row", ""]
    assert {
        "行": "2",
        "照会結果": "matched",
        "根拠条文": ARTICLES[0],
        "不備の項目": "",
        "住民票コード": "00000000019",
        "氏名": '渡邉 "葵"',
        "異動年月日": "2024-10-04",
        "住所": "千代田区𠮷町1",
    } == rows[0]


def test_a_file_is_for_its_owner_and_for_spreadsheets(write):
    """It begins with a mark, its lines end as spreadsheets want it, and nobody else may read it."""
    path, _ = write(*ROWS)

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert 6 == path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n")
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("format_", [pytest.param(one, id=one.value) for one in Format])
def test_the_same_answer_is_the_same_file(write, format_):
    """Written again, it is the same byte by byte."""
    form = replace(FORM, format=format_)

    first, _ = write(*ROWS, form=form)
    again, _ = write(*ROWS, form=form, name="again")

    assert first.read_bytes() == again.read_bytes()


@pytest.mark.parametrize("format_", [pytest.param(one, id=one.value) for one in Format])
def test_who_writes_a_part_late_changes_nothing(write, format_):
    """Whoever was overtaken writes the same bytes to the same place; what others wrote behind it stays."""
    form = replace(FORM, format=format_)

    first, _ = write(*ROWS, form=form)
    before = first.read_bytes()
    again, _ = write(*ROWS, form=form, name="again", late=(0, 1, 0))

    assert before == again.read_bytes()


def test_who_writes_into_their_answer_changes_no_other(write):
    """A spreadsheet that saves in place alters its own copy; the answer is handed over again as it came."""
    mine, _ = write(*ROWS)
    came = mine.read_bytes()
    with mine.open("r+b") as file:
        file.write(b"altered")
    again, _ = write(*ROWS, name="again")

    assert again.read_bytes() == came != mine.read_bytes()
    assert not list(mine.parent.glob(".*.part"))


def test_what_was_broken_off_behind_the_last_part_is_no_answer(write):
    """Another edition may have written more of a part before it was killed."""
    first, _ = write(*ROWS)
    whole = first.read_bytes()
    with (first.parent / "request" / "answer").open("ab") as file:
        file.write(b"broken off")
    again, _ = write(*ROWS, name="again")

    assert whole == again.read_bytes()


@pytest.mark.parametrize("disk", [pytest.param(one, id=f"{one} disk") for one in ("this", "another")])
def test_what_is_not_kept_is_handed_over_itself(write, monkeypatch, disk):
    """No byte is written twice, unless it is to be on another disk."""
    kept, _ = write(*ROWS)
    if disk == "another":

        def refuse(*_):
            raise OSError(errno.EXDEV, "Invalid cross-device link")

        whole = type(kept)
        replace_ = whole.replace
        monkeypatch.setattr(
            whole, "replace", lambda old, new: refuse() if old.name == "answer" else replace_(old, new)
        )
    given, _ = write(*ROWS, name="given", keep=False)

    assert kept.read_bytes() == given.read_bytes()
    assert given.stat().st_mode & 0o777 == 0o600
    assert (kept.parent / "request" / "answer").exists() == (disk == "another")


def test_parquet_has_the_same_rows(write):
    """Columns have the names of the API, and days are days."""
    path, _ = write(*ROWS, form=replace(FORM, format=Format.PARQUET))

    table = parquet.read_table(path)

    assert ("row", "result", "article", "fault", *FORM.items) == tuple(table.column_names)
    assert table["row"].to_pylist() == [2, 3, 5, 6, 7]
    assert table["resident_code"].to_pylist() == ["00000000019", None, None, None, "00000000019"]
    assert pa.date32() == table.schema.field("date_of_change").type


def test_what_cp932_cannot_hold_is_replaced_and_listed(write):
    """A character that is lost is listed with its line and what stands in its place."""
    path, lost = write(*ROWS, form=replace(FORM, encoding=Encoding.CP932))

    text = path.read_bytes().decode("cp932")
    losses = list(read_lines(path.parent / "answer.losses.jsonl"))

    assert 2 == lost == text.count("千代田区吉町1")
    assert [(one["row"], one["column"], one["character"], one["replacement"]) for one in losses] == [
        (2, "address", "𠮷", "吉"),
        (7, "address", "𠮷", "吉"),
    ]


def test_an_encoding_that_holds_everything_has_an_empty_list(write):
    """That nothing was lost is said too."""
    plain = (*MATCHED[:5], "千代田区")
    path, lost = write([(2, 0, plain)], form=replace(FORM, encoding=Encoding.CP932))

    assert lost == 0
    assert (path.parent / "answer.losses.jsonl").read_bytes() == b""


def test_a_disk_that_is_full_is_a_sentence(write, monkeypatch):
    """A file that cannot be written leaves nothing in its place."""

    def full(_):
        raise OSError(28, "No space left on device")

    path, _ = write(*ROWS)
    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(Unavailable, match="No space left"):
        write(*ROWS)
    assert before == path.read_bytes()
    assert not list(path.parent.glob(".*.part"))
