# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Names of chance."""

import numpy as np

from openjuki.simulation.chance import Chance
from openjuki.simulation.naming import given_names, redraw_namesakes, surnames, write


def drawn(*, male, year, count=2_000):
    """Given names as they were given in that year."""
    names = given_names().draw(Chance(1, "given", year), np.full(count, male), np.full(count, year))
    return given_names().names.spelling[names].tolist()


def test_surnames_are_as_common_as_their_bearers():
    """佐藤 is about 1.9 in a hundred."""
    rows = surnames().draw(Chance(1, "surnames"), 50_000)

    assert 0.015 < (surnames().names.spelling[rows] == "佐藤").mean() < 0.024


def test_a_surname_may_be_read_in_two_ways():
    """河野 is こうの or かわの."""
    readings = {reading for spelling, reading in zip(*surnames().names, strict=True) if spelling == "河野"}

    assert readings == {"カワノ", "コウノ"}


def test_given_names_have_their_years():
    """三郎 and 和子 were common names once, 蓮 and 陽葵 are now."""
    assert "三郎" in drawn(male=True, year=1922)
    assert "三郎" not in drawn(male=True, year=2020)
    assert "蓮" in drawn(male=True, year=2020)
    assert drawn(male=False, year=1940).count("和子") > 20
    assert drawn(male=False, year=2020).count("和子") < 5
    assert "陽葵" not in drawn(male=False, year=1940)


def test_years_beyond_the_table_have_the_fashion_of_its_ends():
    """Somebody born in 1905 or 2030 has a name too."""
    assert "清" in drawn(male=True, year=1905)
    assert "蓮" in drawn(male=True, year=2030)


def test_half_way_between_two_years_both_fashions_count():
    """1990 has names of 1984 and of 1996."""
    assert {"大輔", "海斗"} <= set(drawn(male=True, year=1990, count=10_000))


def test_names_are_written_with_their_readings():
    """A full-width space stands between surname and given name in both; readings are katakana."""
    rows = np.arange(50)
    names = write(rows, rows)

    assert all(name.count("\u3000") == 1 for name in [*names.spelling, *names.reading])
    assert all("ァ" <= kana <= "ー" for reading in names.reading for kana in reading.replace("\u3000", ""))


def test_the_younger_of_two_namesakes_in_a_family_gets_another_name():
    """Even if they are read otherwise; in two families both keep theirs."""
    spelling = given_names().spelling
    same = np.flatnonzero(spelling == np.bincount(spelling).argmax())[:2]
    years, male = np.full(3, 2000), np.ones(3, dtype=bool)
    given = np.array([same[0], same[1], same[0]])

    redrawn = redraw_namesakes(Chance(1, "again"), given, np.array([5, 5, 6]), male, years)

    assert redrawn[[0, 2]].tolist() == [same[0]] * 2
    assert spelling[redrawn[1]] != spelling[same[0]]
