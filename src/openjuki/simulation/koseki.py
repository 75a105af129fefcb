# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Families within households, and the koseki (戸籍) they stand in: who shares a surname, who is its head.

A couple stands in the husband's koseki, and so do its children; whoever never married stands in a parent's, and
a widow stays in her husband's. Where that head does not live in the household, the name is made up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from openjuki.simulation.households import Kind, Place
from openjuki.simulation.naming import given_names
from openjuki.simulation.naming import write as write_names

if TYPE_CHECKING:
    from openjuki.simulation.chance import Bools, Chance, Ints
    from openjuki.simulation.households import Members
    from openjuki.simulation.tables import Texts

#: A household has up to so many families: the head's, a married daughter's, each lodger's.
FAMILIES: Final = 4
_DAUGHTERS, _FIRST_LODGERS, _SECOND_LODGERS = 1, 2, 3
_ABSENT: Final = -1
_CHILDREN: Final = range(Place.CHILD, Place.FOURTH_CHILD + 1)
_YOUNGEST: Final = range(Place.CHILD, Place.THIRD_GRANDCHILD + 1)
#: Who lives alone and is younger has not married; a woman who is older is a widow.
_UNMARRIED_UNTIL, _WIDOW_FROM = 35, 65


def families(chance: Chance, members: Members) -> Ints:
    """The family of each person: those with one number share a surname."""
    at = seats(members)
    count = len(at)
    daughter = (at[:, Place.CHILDS_SPOUSE] >= 0) & ~members.male[at[:, Place.CHILD]]
    # Three in ten husbands take the name of her family (婿養子など).
    left = (daughter & chance.hits(0.7, count))[members.household]
    within = np.where(left & np.isin(members.place, _YOUNGEST), _DAUGHTERS, 0)
    within = np.where(members.place == Place.LODGER, _FIRST_LODGERS, within)
    within = np.where(members.place == Place.SECOND_LODGER, _SECOND_LODGERS, within)
    return members.household * FAMILIES + within


def seats(members: Members) -> Ints:
    """Who sits where: for each household and place the person, -1 where there is nobody."""
    at = np.full((int(members.household[-1]) + 1, len(Place)), _ABSENT, dtype=np.int64)
    at[members.household, members.place] = np.arange(len(members.place))
    return at


def heads_of_koseki(
    chance: Chance, members: Members, *, names: Texts, surname: Ints, birth_year: Ints, foreign: Bools
) -> Texts:
    """Name of the head of each person's koseki (筆頭者)."""
    head = _heads(members, foreign)
    older = np.where(_widowed(members), 2, 29)
    father = given_names().draw(chance, np.ones(len(head), dtype=bool), birth_year - older)
    made_up = write_names(surname, father).spelling
    return np.where(head == _ABSENT, made_up, names[head])


def _heads(members: Members, foreign: Bools) -> Ints:
    """The head of each person's koseki, by its place among the persons; -1 who is not in the household."""
    at = seats(members)
    main = _husband(at, members.male, Place.HEAD, Place.SPOUSE)
    other = at[:, Place.HEAD] + at[:, Place.SPOUSE] - main
    # A foreign spouse stands in no koseki: the Japanese one heads it.
    main = np.where((at[:, Place.SPOUSE] >= 0) & foreign[main], other, main)
    heir = _husband(at, members.male, Place.CHILD, Place.CHILDS_SPOUSE)
    head = main[members.household]
    three = members.kind == Kind.THREE_FROM_ELDEST
    head = np.where(three & np.isin(members.place, _YOUNGEST), heir[members.household], head)
    child_of_parents = (members.kind == Kind.WITH_PARENTS) & (members.place == Place.HEAD)
    of_father = child_of_parents | np.isin(members.place, (Place.FATHER, Place.MOTHER))
    head = np.where(of_father, at[members.household, Place.FATHER], head)
    own = np.isin(members.place, (Place.LODGER, Place.SECOND_LODGER))
    head = np.where(own, np.arange(len(head)), head)
    return np.where(_unmarried(members) | _widowed(members), _ABSENT, head)


def _husband(at: Ints, male: Bools, one: Place, other: Place) -> Ints:
    """Of a couple the husband; of one person that one."""
    return np.where((at[:, other] >= 0) & ~male[at[:, one]], at[:, other], at[:, one])


def _unmarried(members: Members) -> Bools:
    alone: Bools = np.isin(members.kind, (Kind.ALONE, Kind.SHARING))
    return alone & (members.age < _UNMARRIED_UNTIL)


def _widowed(members: Members) -> Bools:
    alone = np.isin(members.kind, (Kind.ALONE, Kind.THREE_FROM_ELDEST)) & (members.place == Place.HEAD)
    spouseless = seats(members)[members.household, Place.SPOUSE] == _ABSENT
    widowed: Bools = alone & spouseless & ~members.male & (members.age >= _WIDOW_FROM)
    return widowed
