# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""When people of chance settled."""

from datetime import date

import numpy as np
import pytest

from openjuki.simulation.chance import Chance
from openjuki.simulation.households import draw_members
from openjuki.simulation.settling import birth_days, day_number, iso, settle_in, year

ON = date(2026, 4, 1)


@pytest.fixture(scope="module")
def lives():
    """A thousand households, their births and when they settled."""
    members = draw_members(Chance(1, "members"), 1000)
    birth = birth_days(members, ON)
    return members, birth, settle_in(Chance(1, "days"), members, birth, ON)


def test_days_are_numbers_of_days():
    """From 1970-01-01; texts are ISO."""
    assert iso(np.array([0, day_number(ON), -1])).tolist() == ["1970-01-01", "2026-04-01", "1969-12-31"]
    assert year(np.array([0, day_number(ON), -1])).tolist() == [1970, 2026, 1969]


def test_ages_are_those_of_the_day(lives):
    """Who is 40 has been born 40 years and less than one more before."""
    members, birth, _ = lives

    assert (np.abs((day_number(ON) - birth) / 365.2425 - members.age) < 1 / 365).all()


def test_nothing_happens_before_what_it_follows(lives):
    """Birth, becoming a resident, settling, notifying, the day of the register."""
    _, birth, settled = lives

    for earlier, later in (
        (birth, settled.became_resident),
        (settled.became_resident, settled.address),
        (settled.address, settled.notified),
        (settled.notified, day_number(ON)),
    ):
        assert (earlier <= later).all()
    assert (settled.notified - settled.address).max() == 14


def test_who_is_born_there_came_from_nowhere(lives):
    """Natives have no previous address; a third of the grown people are natives, and most children."""
    members, birth, settled = lives

    assert ((settled.became_resident == birth) == ~settled.came).all()
    assert 0.5 < settled.came[members.place == 0].mean() < 0.7
    assert settled.came[members.age < 10].mean() < 0.3


def test_a_household_settles_together(lives):
    """Whoever was born by then settled on the same day; whoever was not, on the day of birth."""
    members, birth, settled = lives
    with_head = settled.address == settled.address[members.head]

    assert (with_head | (settled.address == birth)).all()
    assert with_head.mean() > 0.85
