# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How often will be provided, and how wrong the rule was on years that are over."""

from __future__ import annotations

from datetime import date

from openjuki.oversight.forecast import Miss, Outlook, expected, forecast, sheet
from openjuki.store.provisions import Tally

PASSPORT = Tally(date(2023, 6, 1), "prefecture-013", "130001", ("法30条の15第1項第1号",), "terminal", 100)


def of(day: date, provisions: int) -> Tally:
    """So many on a day."""
    return PASSPORT._replace(day=day, provisions=provisions)


def test_the_first_check_of_a_clientele_is_not_carried_on():
    """難病 had 268,111 in its first year and thousands in the years after."""
    assert expected([268_111, 6_020]) == 6_020


def test_a_lone_year_goes_on():
    """There is nothing else to go by."""
    assert expected([7]) == 7


def test_the_year_that_runs_goes_on_as_the_last_twelve_months_went():
    """365 in the twelve months before the first of October: one a day, for 182 days to come."""
    found = forecast([of(date(2025, 10, 1), 300), of(date(2026, 5, 1), 65)], date(2026, 10, 1))

    assert found.year == 2026
    assert found.outlooks == (Outlook("prefecture-013", 65, 65 + 182, 247, 247, 300),)


def test_who_has_asked_for_a_month_goes_on_as_in_that_month():
    """The days before the first provision say nothing."""
    (found,) = forecast([of(date(2026, 4, 1), 10)], date(2026, 4, 11)).outlooks

    assert found.this_year == 10 + 355


def test_today_is_not_over():
    """What was provided today counts tomorrow."""
    assert forecast([of(date(2026, 10, 1), 3)], date(2026, 10, 1)).outlooks == ()


def test_years_that_are_over_tell_how_wrong_the_rule_was():
    """100, 20, 50: after 100 it says 100 and is wrong by 80; after 20 it says 20 and is wrong by 30."""
    years = [of(date(2023, 6, 1), 100), of(date(2024, 6, 1), 20), of(date(2025, 6, 1), 50)]

    assert forecast(years, date(2026, 4, 1)).miss == Miss(110, 110, 70)


def test_years_without_use_between_are_years():
    """A year in which nobody asked is one of none."""
    years = [of(date(2023, 6, 1), 10), of(date(2025, 6, 1), 10)]

    assert forecast(years, date(2026, 4, 1)).miss.rule == 20


def test_the_table_has_titles_and_sums():
    """As the statute book calls the affair; the sum below."""
    found = forecast([of(date(2025, 6, 1), 50)], date(2026, 4, 1))

    assert sheet(found, {"prefecture-013": "旅券法"}).rows[0][0] == "旅券法"
    assert sheet(found, {}).rows[-1] == ("計", *found.outlooks[0][1:])
    assert sheet(forecast([], date(2026, 4, 1)), {}).rows == (("計", 0, 0, 0, 0, 0),)
