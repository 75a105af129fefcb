# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How often was provided: one aggregation, by fiscal year, affair, recipient, article and method."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.oversight.usage import Heading, aggregate, first_day, fiscal_year, month_ja, year_ja
from openjuki.store.provisions import Tally

PASSPORT = "法30条の15第1項第1号・別表第5の6の項"
TALLY = Tally(date(2021, 4, 1), "prefecture-013", "010006", (PASSPORT,), "terminal", 3)


@pytest.mark.parametrize(
    ("day", "year"),
    [
        pytest.param(date(2021, 3, 31), 2020, id="the last day of March ends a year"),
        pytest.param(date(2021, 4, 1), 2021, id="the first of April begins one"),
        pytest.param(date(2020, 1, 1), 2019, id="January is of the year before"),
    ],
)
def test_a_fiscal_year_begins_in_april(day, year):
    """A local government's year is from April to March (地方自治法208条)."""
    assert fiscal_year(day) == year


@given(st.dates(min_value=date(1900, 1, 1)))
def test_every_day_is_in_its_fiscal_year(day):
    """The year of a day begins on or before it and ends after it."""
    year = fiscal_year(day)

    assert first_day(year) <= day < first_day(year + 1)


def test_what_is_alike_is_one_heading():
    """Days of one year come together; the row of the table is no part of the heading."""
    counts = aggregate([TALLY, TALLY._replace(day=date(2022, 3, 31), provisions=4)])

    assert counts == {Heading(2021, "prefecture-013", "010006", "法30条の15第1項第1号", "terminal"): 7}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"day": date(2021, 3, 31)}, id="another fiscal year"),
        pytest.param({"affair": "prefecture-014"}, id="another affair"),
        pytest.param({"recipient": "agency-nenkin"}, id="another recipient"),
        pytest.param({"articles": ("法30条の9・別表第1の1の項",)}, id="another article"),
        pytest.param({"method": "bulk"}, id="another method"),
    ],
)
def test_what_differs_is_counted_apart(other):
    """Each part of the heading separates."""
    assert sorted(aggregate([TALLY, TALLY._replace(**other)]).values()) == [3, 3]


def test_a_provision_under_two_articles_counts_once():
    """Persons of one question may be told under several articles; it is one provision, under the first."""
    (heading,) = aggregate([TALLY._replace(articles=(PASSPORT, "法30条の11第1項第1号・別表第3の1の項"))])

    assert heading.article == "法30条の15第1項第1号"


@pytest.mark.parametrize(
    ("article", "by_ordinance"),
    [
        ("法30条の9", False),
        ("法30条の13第1項", True),
        ("法30条の14", True),
        ("法30条の15第1項第1号", False),
        ("法30条の15第1項第2号", True),
        ("法30条の15第2項第2号", True),
        ("法30条の15の2第2項", False),
    ],
)
def test_articles_of_ordinances_are_told_from_the_acts_own(article, by_ordinance):
    """条例事務 is what an ordinance opened."""
    assert Heading(2021, "affair", "010006", article, "terminal").by_ordinance is by_ordinance


@pytest.mark.parametrize(("year", "written"), [(1989, "H1"), (2018, "H30"), (2019, "R1"), (2022, "R4")])
def test_a_fiscal_year_bears_the_era_of_most_of_its_days(year, written):
    """平成30年度 is followed by 令和元年度, though that began in April of 平成31年."""
    assert year_ja(year) == written


@pytest.mark.parametrize(
    ("day", "written"), [(date(2019, 4, 1), "H31.4"), (date(2019, 5, 1), "R1.5"), (date(2016, 1, 1), "H28.1")]
)
def test_a_month_bears_the_era_of_its_day(day, written):
    """私立高校等における授業料軽減補助金 was used from H31.4 on."""
    assert month_ja(day) == written
