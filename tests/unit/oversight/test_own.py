# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A provider's own provisions in the published layouts, as text and as CSV."""

from __future__ import annotations

import csv
from datetime import date

from openjuki.law.book import Book
from openjuki.oversight import layouts, own, printing
from openjuki.oversight.plotting import Series, of_detail
from openjuki.oversight.usage import aggregate
from openjuki.store.provisions import Tally

BOOK = Book.load()
TODAY = date(2026, 11, 22)
PASSPORT = Tally(
    date(2025, 2, 1), "prefecture-013", "130001", ("法30条の15第1項第1号・別表第5の6の項",), "terminal", 1200
)
PENSIONS = Tally(TODAY, "hokkaido-2-01", "130001", ("法30条の15第1項第2号・条例4条",), "online", 2)
COUNTS = aggregate([PASSPORT, PENSIONS])
SHEET = layouts.hokkaido(own.plan(COUNTS, BOOK, TODAY), COUNTS)


def test_affairs_that_were_used_are_rows_and_years_without_use_are_there():
    """From the first year with a use to this one; the title and the first day are the book's."""
    title = "旅券法による発給、渡航先の追加又は届出"

    assert SHEET.columns[3:] == ("R6", "R7", "R8")
    assert SHEET.rows[0] == ("法30条の15第1項第1号", title, "R5.12～", 1200, 0, 0)
    assert SHEET.rows[-1] == (None, "計", None, 1200, 0, 2)


def test_years_before_an_affair_are_blank():
    """Who used the affair of 2026 only has no "-" for the years before there was one."""
    new = PENSIONS._replace(affair="prefecture-078", articles=("法30条の15第1項第1号・別表第5の4の2の項",))
    counts = aggregate([PASSPORT, new])

    sheet = layouts.hokkaido(own.plan(counts, BOOK, TODAY), counts)

    assert sheet.rows[1][3:] == (None, None, 2)


def test_an_affair_that_the_book_no_longer_knows_is_counted_all_the_same():
    """A home's own text may be gone; what was provided under it stays."""
    counts = aggregate([PASSPORT._replace(affair="of-old")])

    sheet = layouts.hokkaido(own.plan(counts, BOOK, TODAY), counts)

    assert sheet.rows[0][1:] == ("of-old", None, 1200, 0, 0)


def test_an_affair_that_has_ended_is_blank_after_its_end():
    """Preparatory acts ended with the year 2015."""
    prepared = Tally(
        date(2015, 5, 1), "number-act-preparation", "010006", ("番号利用法附則2条",), "terminal", 5
    )
    counts = aggregate([prepared])

    sheet = layouts.hokkaido(own.plan(counts, BOOK, date(2017, 5, 1)), counts)

    assert sheet.rows[0][3:] == (5, None, None)


def test_a_provider_without_provisions_has_an_empty_table():
    """Nobody asked: this year, and a total of none."""
    sheet = layouts.hokkaido(own.plan({}, BOOK, TODAY), {})

    assert sheet.columns[3:] == ("R8",)
    assert sheet.rows == ((None, "計", None, 0),)
    assert layouts.shizuoka("", own.periods({}), own.totals({}), {}).rows == (("計", None, 0, None, 0),)


def test_years_are_divided_into_act_and_ordinance():
    """As Shizuoka publishes: for how many affairs, how often."""
    sheet = layouts.shizuoka("", own.periods(COUNTS), own.totals(COUNTS), COUNTS)

    assert sheet.rows == (("R6", "1", 1200, "0", 0), ("R8", "0", 0, "1", 2), ("計", None, 1200, None, 2))
    assert sheet.disagreements == ()


def test_people_read_columns():
    """Numbers stand to the right, Japanese is two wide, "-" is no use."""
    header, first, *_ = printing.lines(SHEET)

    assert header.endswith("R6  R7  R8")
    assert first.endswith("1,200   -   -")


def test_spreadsheets_read_bare_numbers(tmp_path):
    """The file names its table in every row, and has no thousands' marks."""
    file = tmp_path / "usage.csv"

    printing.write_csv(file, [SHEET])

    with file.open(encoding="utf-8-sig", newline="") as read:
        header, first, *_, total = csv.reader(read)
    assert header[:3] == ["表", "区分", "利用事務"]
    assert first[4:] == ["1200", "-", "-"]
    assert total == ["本人確認情報の提供件数", "", "計", "", "1200", "-", "2"]


def test_every_heading_has_a_row_in_detail():
    """Fiscal year, affair, recipient by name, article and method; the sum below."""
    sheet = layouts.detail("提供件数", COUNTS, {"130001": "東京都"})

    assert sheet.rows == (
        ("R6", "prefecture-013", "東京都", "法30条の15第1項第1号", "terminal", 1200),
        ("R8", "hokkaido-2-01", "東京都", "法30条の15第1項第2号", "online", 2),
        ("計", None, None, None, None, 1202),
    )
    assert of_detail(sheet).series == (
        Series(name="online", values=(0, 2)),
        Series(name="terminal", values=(1200, 0)),
    )
