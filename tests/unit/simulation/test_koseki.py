# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Families within households, and their koseki."""

import numpy as np
import pytest

from openjuki.simulation.chance import Chance
from openjuki.simulation.households import Kind, Place, draw_members, settle
from openjuki.simulation.koseki import FAMILIES, families, heads_of_koseki, seats

COUNT = 400


def household(kind, group, foreign=()):
    """Households of one kind; heads of koseki by name, each person named by its place among them."""
    members = settle(Chance(1, "koseki", kind), np.full(COUNT, group), np.full(COUNT, kind))
    names = np.array([str(person) for person in range(len(members.place))], dtype=object)
    surname = np.zeros(len(names), dtype=np.int64)
    heads = heads_of_koseki(
        Chance(2, "koseki", kind),
        members,
        names=names,
        surname=surname,
        birth_year=np.full(len(names), 1980),
        foreign=np.isin(members.place, foreign),
    )
    return members, heads


def head_names(members, heads, place):
    """What is recorded of those in this place, and who sits at the head and beside."""
    here = members.place == place
    at = seats(members)[members.household[here]]
    return heads[here], at


def test_wife_and_children_stand_in_the_husbands_koseki():
    """筆頭者 is the husband, whether he heads the household or his wife does."""
    members, heads = household(Kind.FAMILY, 5)

    for place in (Place.HEAD, Place.SPOUSE, Place.CHILD):
        named, at = head_names(members, heads, place)
        husband = np.where(members.male[at[:, Place.HEAD]], at[:, Place.HEAD], at[:, Place.SPOUSE])
        assert (named == husband.astype(str)).all()


def test_a_japanese_spouse_heads_the_koseki_of_a_mixed_couple():
    """A foreign husband stands in none."""
    members, heads = household(Kind.FAMILY, 5, foreign=(Place.HEAD,))
    named, at = head_names(members, heads, Place.CHILD)

    assert (named == at[:, Place.SPOUSE].astype(str)).all()


def test_a_lone_parents_children_stand_in_the_parents_koseki():
    """The parent heads it."""
    members, heads = household(Kind.LONE_PARENT, 5)
    named, at = head_names(members, heads, Place.CHILD)

    assert (named == at[:, Place.HEAD].astype(str)).all()


def test_the_unmarried_stand_in_their_fathers_koseki():
    """Where he lives in the household it is he; else somebody of the same surname."""
    members, heads = household(Kind.WITH_PARENTS, 6)
    named, at = head_names(members, heads, Place.HEAD)
    has_father = at[:, Place.FATHER] >= 0

    assert (named[has_father] == at[has_father, Place.FATHER].astype(str)).all()
    assert all("\u3000" in name for name in named[~has_father])


def test_who_lives_alone_young_or_widowed_stands_in_anothers_koseki():
    """In the father's below 35, in the late husband's from 65 on; others head their own."""
    young, _ = household(Kind.ALONE, 1)[1], None
    middle = household(Kind.ALONE, 7)[1]
    members, old = household(Kind.ALONE, 12)

    assert all("\u3000" in name for name in young)
    assert not any("\u3000" in name for name in middle)
    assert (np.array(["\u3000" in name for name in old]) == ~members.male).all()


def test_grandchildren_stand_in_their_own_fathers_koseki():
    """Not in their grandfather's (三代戸籍の禁止, 戸籍法6条)."""
    members, heads = household(Kind.THREE_FROM_ELDEST, 11)
    named, at = head_names(members, heads, Place.GRANDCHILD)

    assert (named != at[:, Place.HEAD].astype(str)).all()
    assert np.isin(named, np.r_[at[:, Place.CHILD], at[:, Place.CHILDS_SPOUSE]].astype(str)).all()


def test_a_lodger_heads_the_own_koseki_unless_young():
    """A lodger is no relative."""
    members, heads = household(Kind.SHARING, 6)
    named, at = head_names(members, heads, Place.LODGER)

    assert (named == at[:, Place.LODGER].astype(str))[members.age[members.place == Place.LODGER] >= 35].all()


@pytest.mark.parametrize(
    ("place", "shared"),
    [
        pytest.param(Place.SPOUSE, True, id="a spouse"),
        pytest.param(Place.CHILD, True, id="a child"),
        pytest.param(Place.FATHER, True, id="a father"),
        pytest.param(Place.LODGER, False, id="a lodger has a family of the own"),
    ],
)
def test_who_shares_the_heads_surname(place, shared):
    """One family, one surname."""
    members = draw_members(Chance(4, "families"), 1000)
    own = families(Chance(5, "families"), members)
    here = (members.place == place) & (members.kind != Kind.THREE_FROM_ELDEST)

    assert here.any()
    assert ((own[here] == own[members.head[here]]) == shared).all()
    assert (own // FAMILIES == members.household).all()


def test_a_daughters_family_mostly_has_her_husbands_surname():
    """She, he and their children share it; three in ten keep that of her parents."""
    members = settle(Chance(6), np.full(COUNT, 11), np.full(COUNT, Kind.THREE_FROM_ELDEST))
    own = families(Chance(7), members)
    at = seats(members)
    daughters = at[(at[:, Place.CHILDS_SPOUSE] >= 0) & ~members.male[at[:, Place.CHILD]]]
    left = own[daughters[:, Place.CHILD]] != own[daughters[:, Place.HEAD]]

    assert 0.55 < left.mean() < 0.85
    assert (own[daughters[:, Place.CHILD]] == own[daughters[:, Place.CHILDS_SPOUSE]]).all()
    assert (own[daughters[:, Place.CHILD]] == own[daughters[:, Place.GRANDCHILD]]).all()
