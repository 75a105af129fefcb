# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Published counts, played back as provisions: every cell comes out as it was printed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from openjuki.config import Kind
from openjuki.errors import Refused
from openjuki.law.book import Book, packaged
from openjuki.oversight import layouts, playback, published
from openjuki.oversight.playback import Decided, Playback
from openjuki.oversight.usage import aggregate, fiscal_year

BOOK = Book.load()
PLAYED = Playback(BOOK)
TALLIES = tuple(PLAYED.hokkaido())
COUNTS = aggregate(TALLIES)
LAW, TOWNS, PREFECTURE = (layouts.hokkaido(table.plan, COUNTS) for table in published.hokkaido())
PERIODS, TOTALS = published.shizuoka()
SHIZUOKA = layouts.shizuoka("", PERIODS, TOTALS, aggregate(playback.shizuoka()))
TITLE, SINCE, FIRST = 1, 2, 3


def row(sheet: layouts.Sheet, title: str, section: str | None = None) -> tuple[layouts.Cell, ...]:
    """The only row of this title, in a section where several have it."""
    (found,) = (one for one in sheet.rows if one[TITLE] == title and section in {None, one[0]})
    return found


@pytest.mark.parametrize("table", published.hokkaido(), ids=lambda table: table.plan.title)
def test_every_cell_is_as_published(table):
    """What was counted is what the provisions come to: number for number, "-" for "-", blank for blank."""
    sheet = layouts.hokkaido(table.plan, COUNTS)

    assert [cells[FIRST:] for cells in sheet.rows[: len(table.plan.lines)]] == [
        tuple(table.counts.get((line, year)) for year in table.plan.years) for line in table.plan.lines
    ]


def test_nothing_is_provided_that_was_not_published():
    """All provisions are in the cells: 26 and 2 affairs of the Act, 13, 21 and 2 of the ordinance."""
    published_counts = sum(sum(table.counts.values()) for table in published.hokkaido())

    assert sum(COUNTS.values()) == published_counts == 4_006_405
    assert [len(table.plan.lines) for table in published.hokkaido()] == [28, 13, 23]


@pytest.mark.parametrize(
    ("sheet", "title", "cells"),
    [
        pytest.param(
            LAW,
            "公金受取口座登録法による情報の管理に関する事務",
            ("R3.5～", *[None] * 8, 1993, 299),
            id="blank before it began",
        ),
        pytest.param(
            LAW,
            "感染症予防法による措置又は療養費の支給等に関する事務",
            ("H28.1～", None, None, 0, 0, 0, 0, 0, 1, 0, 0),
            id="in force and not used",
        ),
        pytest.param(
            LAW,
            "番号利用法附則第二条に基づく準備行為",
            ("H27.4～", None, None, 177904, 0, 0, 0, 0, 0, 0, 0),
            id="preparatory acts",
        ),
        pytest.param(
            TOWNS,
            "奨学金の債権管理に関する事務",
            ("H23.4～", 1, 1, 1, 0, 0, 0, 0, 1, 0, 0),
            id="provided to towns",
        ),
        pytest.param(
            PREFECTURE,
            "道路交通法による放置違反金の納付命令等に関する事務",
            ("H26.6～", 0, 5273, 6590, 6780, 6178, 5216, 4958, 4544, 4664, 3716),
            id="another body of the prefecture",
        ),
    ],
)
def test_rows_are_as_printed(sheet, title, cells):
    """Some rows, as anybody can read them in the published report."""
    assert row(sheet, title)[SINCE:] == cells


@pytest.mark.parametrize(
    ("section", "cells"),
    [
        ("法別表5", (None, None, 0, 0, 0, 0, 45012, 24765, 23066, 23353)),
        ("法別表6", (None, None, 0, 0, 0, 0, 23, 358664, 57307, 50661)),
    ],
)
def test_one_affair_under_two_articles_is_two_rows(section, cells):
    """就学支援金 is the governor's under table 5 and the board of education's under table 6."""
    assert row(LAW, "高校無償化法による就学支援金の支給に関する事務", section)[FIRST:] == cells


def test_printed_totals_that_are_not_their_rows_are_named():
    """All ten totals under the Act leave out the same two rows; both totals are shown."""
    first, last = LAW.disagreements[0], LAW.disagreements[-1]

    assert [one.column for one in LAW.disagreements] == list(LAW.columns[FIRST:])
    assert (first.printed, first.rows, last.printed, last.rows) == (66_748, 68_242, 260_779, 261_596)
    assert first.left_out == (
        "公金受取口座登録法による情報の管理に関する事務",
        "恩給法による年金の支給に関する事務",
    )
    assert row(LAW, "計（公表）")[FIRST] == 66_748
    assert row(LAW, "計（各行の合計）")[FIRST] == 68_242


@pytest.mark.parametrize("sheet", [TOWNS, PREFECTURE], ids=["towns", "prefecture"])
def test_totals_that_agree_stand_once(sheet):
    """The ordinance's totals are the sums of their rows."""
    assert sheet.disagreements == ()
    assert sheet.rows[-1][TITLE] == "計"


@pytest.mark.parametrize("table", published.hokkaido(), ids=lambda table: table.plan.title)
def test_totals_are_printed_as_published(table):
    """The published total is in the table, whether or not it is the sum."""
    sheet = layouts.hokkaido(table.plan, COUNTS)
    totals = sheet.rows[len(table.plan.lines)]

    assert totals[FIRST:] == tuple(table.plan.printed.values())


def test_shizuoka_is_as_printed():
    """39 affairs and 160,929 provisions under the Act, 33 and 2,830 under the ordinance, in the second year of 令和."""
    assert SHIZUOKA.rows == (
        ("H15～30", "6～37", 1_326_871, "0～25", 289_408),
        ("R元", "39", 206_279, "31", 4_245),
        ("R2", "39", 160_929, "33", 2_830),
        ("計", None, 1_694_079, None, 296_483),
    )
    assert SHIZUOKA.disagreements == ()


def test_a_total_that_is_not_the_sum_of_the_periods_is_named():
    """A misprint of one would be seen."""
    wrong = layouts.shizuoka("", PERIODS, (1_694_080, 296_483), aggregate(playback.shizuoka()))

    (found,) = wrong.disagreements
    assert (found.column, found.printed, found.rows) == ("法令事務 利用件数", 1_694_080, 1_694_079)


def test_each_provision_is_decided_by_the_book_of_its_day():
    """Where the book has a text of the day, that decides; else the oldest that has the affair, and it is counted."""
    assert sum(PLAYED.decided.values()) == sum(COUNTS.values())
    assert {one.book for one in PLAYED.decided if not one.in_force} == {date(2015, 10, 5), date(2023, 12, 1)}
    assert PLAYED.decided[Decided(date(2023, 12, 1), in_force=False)] == 2_932_848


def test_preparatory_acts_rest_on_the_act_on_numbers():
    """They are a basis of their own, in force then and over when the number could be used."""
    prepared = [one for one in TALLIES if one.affair == "number-act-preparation"]

    assert {one.articles for one in prepared} == {("番号利用法附則2条",)}
    assert (prepared[0].day, prepared[-1].day) == (date(2015, 4, 1), date(2015, 12, 31))
    assert BOOK.affair("number-act-preparation", date(2016, 1, 1)) is None


def test_provisions_lie_in_the_years_in_which_they_were_counted():
    """No provision before the month from which on the affair was used."""
    lines = {(line.affair, line.article): line for table in published.hokkaido() for line in table.plan.lines}

    for tally in TALLIES:
        line = lines[tally.affair, tally.articles[0].partition("・")[0]]
        assert line.since is not None
        assert line.since <= tally.day
        assert fiscal_year(tally.day) in line.years


def test_every_town_may_what_one_may():
    """The ordinance is for the bodies of all municipalities of Hokkaido, by turns here."""
    towns = {one.recipient for one in TALLIES if one.articles[0].startswith("法30条の13第1項")}

    assert len(towns) == 179
    affair = BOOK.affair("hokkaido-1-01", date(2020, 4, 1))
    assert affair is not None
    assert all(
        affair.is_for(Kind.MUNICIPALITY, BOOK.body(town, Kind.MUNICIPALITY, "010006")) for town in towns
    )


def test_a_book_that_does_not_open_an_affair_does_not_play_it():
    """A count of what the book refuses is no provision."""
    without = {path: text for path, text in packaged().items() if "ordinance-010006" not in path}

    with pytest.raises(Refused):
        list(Playback(Book.read(without)).hokkaido())


def test_a_difference_that_no_rows_explain_is_named_all_the_same():
    """A misprint in one year is a disagreement without rows that were left out."""
    towns = published.hokkaido()[1].plan
    misprinted = layouts.hokkaido(replace(towns, printed={**towns.printed, 2013: 2_572}), COUNTS)

    (found,) = misprinted.disagreements
    assert (found.column, found.printed, found.rows, found.left_out) == ("H25", 2_572, 2_571, ())
