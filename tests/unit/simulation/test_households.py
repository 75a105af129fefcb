# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Households of chance."""

import numpy as np
import pytest

from openjuki.simulation.chance import Chance
from openjuki.simulation.households import Kind, Place, draw_members, head_table, settle

COUNT = 500


def members_of(kind, group=6):
    """500 households of one kind whose heads are of one age group, from 15 by five years."""
    return settle(Chance(1, "test", kind), np.full(COUNT, group), np.full(COUNT, kind))


def ages(members, place):
    """Ages by household; NaN where the place is empty."""
    column = np.full(COUNT, np.nan)
    here = members.place == place
    column[members.household[here]] = members.age[here]
    return column


@pytest.mark.parametrize(
    ("kind", "group", "places"),
    [
        pytest.param(Kind.ALONE, 6, {Place.HEAD}, id="one person"),
        pytest.param(Kind.COUPLE, 6, {Place.HEAD, Place.SPOUSE}, id="a couple"),
        pytest.param(Kind.LONE_PARENT, 5, {Place.HEAD, Place.CHILD}, id="a lone parent has no spouse"),
        pytest.param(
            Kind.FAMILY, 5, {Place.HEAD, Place.SPOUSE, Place.CHILD}, id="a family has a child at least"
        ),
        pytest.param(
            Kind.THREE_FROM_MIDDLE,
            6,
            {Place.HEAD, Place.SPOUSE, Place.CHILD},
            id="three generations have both",
        ),
        pytest.param(
            Kind.THREE_FROM_ELDEST,
            11,
            {Place.HEAD, Place.CHILD, Place.GRANDCHILD},
            id="and so from the eldest",
        ),
        pytest.param(Kind.SHARING, 1, {Place.HEAD, Place.LODGER}, id="who shares has a lodger"),
    ],
)
def test_these_places_are_always_taken(kind, group, places):
    """What makes a household of its kind is there in each."""
    members = members_of(kind, group)

    for place in places:
        assert not np.isnan(ages(members, place)).any()


def test_somebody_grown_lives_with_a_parent():
    """One or both, and the father alone least often."""
    members = members_of(Kind.WITH_PARENTS)
    father, mother = (~np.isnan(ages(members, place)) for place in (Place.FATHER, Place.MOTHER))

    assert (father | mother).all()
    assert (father & ~mother).sum() < (mother & ~father).sum()


def test_children_come_eldest_first_and_years_after_their_mother():
    """A second child is at least a year younger, a mother at least 17 years older."""
    members = members_of(Kind.FAMILY, 4)
    head, spouse = ages(members, Place.HEAD), ages(members, Place.SPOUSE)
    male = members.male[members.place == Place.HEAD]
    first, second = ages(members, Place.CHILD), ages(members, Place.SECOND_CHILD)

    assert (np.where(male, spouse, head) - first >= 17).all()
    assert (first - second)[~np.isnan(second)].min() >= 1
    assert 0.3 < np.isnan(second).mean() < 0.8


def test_grandchildren_are_younger_than_their_parents():
    """From the eldest to the youngest, generations lie 17 years and more apart."""
    members = members_of(Kind.THREE_FROM_ELDEST, 11)
    child, grandchild = ages(members, Place.CHILD), ages(members, Place.GRANDCHILD)

    assert (child - grandchild).min() > 12
    assert (np.fmax(ages(members, Place.HEAD), ages(members, Place.SPOUSE)) - child).min() > 17


def test_spouses_are_of_either_sex_and_so_is_their_relationship():
    """妻 of a man, 夫 of a woman."""
    members = members_of(Kind.COUPLE)
    words = members.relationships()
    head = members.male[members.place == Place.HEAD]

    assert (words[members.place == Place.SPOUSE] == np.where(head, "妻", "夫")).all()
    assert set(words) == {"世帯主", "妻", "夫"}


def test_members_come_household_by_household_with_their_head():
    """The head stands first, and everybody points there."""
    members = draw_members(Chance(3, "test"), 1000)

    assert (np.diff(members.household) >= 0).all()
    assert (members.place[members.head] == Place.HEAD).all()
    assert (members.household[members.head] == members.household).all()
    assert members.household[-1] == 999


def test_the_table_covers_every_kind_and_age():
    """Heads from 15 to 99 by five years; every kind of household occurs."""
    table = head_table()

    assert table.shape == (17, len(Kind))
    assert (table.sum(axis=0) > 0).all()
    assert (table.sum(axis=1) > 0).all()


def test_people_are_as_old_as_the_people_of_japan():
    """人口推計 2024, rounded: in 20-year groups of either sex, no share is out by more than one in a hundred."""
    members = draw_members(Chance(1, "pyramid"), 50_000)
    group = np.minimum(members.age // 20, 4).astype(int) + 5 * members.male
    shares = np.bincount(group, minlength=10) / len(group)
    women = (9480, 12710, 17180, 16140, 8174)
    men = (9965, 13440, 17540, 14740, 4951)

    assert np.abs(shares - np.array(women + men) / sum(women + men)).max() < 0.01
