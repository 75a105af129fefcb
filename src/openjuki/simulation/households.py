# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Households (世帯) of chance: who lives with whom, how old, and how they are related to the head.

Rules of this file:

1. A household is a row of places (head, spouse, children …); a place is taken or not. So a thousand
   households are drawn at once, and their members come out household by household, the head first.
2. How old heads are and how they live is a table, `data/households.csv`, fitted so that everybody's age and
   sex together come out as in Japan; the rest follows from biology: mothers are 17 to 45 at a birth.
3. Ages are in years with fractions, as of the day of the register; a place with a negative age is empty.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final

import numpy as np

from openjuki.simulation.chance import Weights, draw_by_row

if TYPE_CHECKING:
    from openjuki.simulation.chance import Bools, Chance, Floats, Ints


class Kind(IntEnum):
    """How a head of household lives (世帯の家族類型), in the order of the table's columns."""

    ALONE = 0
    COUPLE = 1
    FAMILY = 2
    LONE_PARENT = 3
    #: An unmarried head with one or both parents.
    WITH_PARENTS = 4
    #: Three generations, the middle one heading.
    THREE_FROM_MIDDLE = 5
    #: Three generations, the eldest heading.
    THREE_FROM_ELDEST = 6
    SHARING = 7


class Place(IntEnum):
    """A place in a household, in the order in which its members are recorded (世帯票の順序)."""

    HEAD = 0
    SPOUSE = 1
    CHILD = 2
    SECOND_CHILD = 3
    THIRD_CHILD = 4
    FOURTH_CHILD = 5
    CHILDS_SPOUSE = 6
    GRANDCHILD = 7
    SECOND_GRANDCHILD = 8
    THIRD_GRANDCHILD = 9
    FATHER = 10
    MOTHER = 11
    LODGER = 12
    SECOND_LODGER = 13


_CHILDREN: Final = slice(Place.CHILD, Place.FOURTH_CHILD + 1)
_GRANDCHILDREN: Final = slice(Place.GRANDCHILD, Place.THIRD_GRANDCHILD + 1)
_FIRST_GROUP: Final = 15
_GROUP: Final = 5
_EMPTY: Final = -1.0

#: How many children live at home, one to four, by the age of the eldest: below 20, below 30, older.
_AT_HOME: Final = ((45, 42, 11, 2), (62, 32, 5, 1), (89, 10, 1, 0))
#: Which parents live with a grown child: both, the mother, the father.
_PARENTS: Final = (34, 53, 13)
#: Out of a thousand heads, how many are men: below 40, below 60, below 75, older.
_MEN: Final = {
    Kind.ALONE: (575, 620, 500, 290),
    Kind.COUPLE: (950, 960, 975, 980),
    Kind.FAMILY: (965, 970, 980, 980),
    Kind.LONE_PARENT: (80, 130, 190, 180),
    Kind.WITH_PARENTS: (600, 640, 600, 600),
    Kind.THREE_FROM_MIDDLE: (930, 940, 940, 940),
    Kind.THREE_FROM_ELDEST: (930, 930, 900, 700),
    Kind.SHARING: (560, 560, 450, 400),
}
_AGES_OF_MEN: Final = (40, 60, 75)


@dataclass(frozen=True, slots=True, kw_only=True)
class Members:
    """Members of households, one entry per person, household by household, the head first."""

    #: Which household, counted from 0.
    household: Ints
    #: A value of `Kind`.
    kind: Ints
    #: A value of `Place`.
    place: Ints
    #: Age in years.
    age: Floats
    male: Bools
    #: Where the head stands among the persons.
    head: Ints

    def relationships(self) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
        """Relationship to the head (世帯主との続柄, 法7条4号)."""
        return _RELATIONSHIPS[self.place, self.male.astype(np.int64)]


#: By place: for a woman, for a man.
_RELATIONSHIPS: Final = np.array(
    [
        ("世帯主", "世帯主"),
        ("妻", "夫"),
        *[("子", "子")] * 4,
        ("子の妻", "子の夫"),
        *[("子の子", "子の子")] * 3,
        ("父", "父"),
        ("母", "母"),
        *[("同居人", "同居人")] * 2,
    ],
    dtype=object,
)


def draw_members(chance: Chance, count: int) -> Members:
    """The members of so many households."""
    table = head_table()
    group = Weights(table.sum(axis=1)).draw(chance, count)
    return settle(chance, group, draw_by_row(table, group, chance))


@cache
def head_table() -> Ints:
    """How many heads of each age group (rows, from 15 by five years) live how (columns, `Kind`)."""
    source = resources.files(__package__).joinpath("data", "households.csv")
    rows = list(csv.reader(source.read_text(encoding="utf-8").splitlines()))[1:]
    return np.array([row[1:] for row in rows], dtype=np.int64)


def settle(chance: Chance, group: Ints, kind: Ints) -> Members:
    """The members of households whose head's age group and kind are given."""
    count = len(group)
    age = np.full((count, len(Place)), _EMPTY)
    male = chance.hits(0.513, count * len(Place)).reshape(age.shape)
    age[:, Place.HEAD] = _FIRST_GROUP + _GROUP * group + chance.between(0, _GROUP, count)
    male[:, Place.HEAD] = chance.below(1000, count) < _men(kind, age[:, Place.HEAD])
    _marry(chance, age, male, kind)
    _have_children(chance, age, male, kind)
    _add_grandchildren(chance, age, male, kind)
    _add_parents(chance, age, male, kind)
    _add_lodgers(chance, age, kind)
    return _flatten(age, male, kind)


def _men(kind: Ints, age: Floats) -> Ints:
    return np.array([_MEN[each] for each in Kind])[kind, np.searchsorted(_AGES_OF_MEN, age, side="right")]


def _bell(chance: Chance, low: float, high: float, count: int) -> Floats:
    """Numbers between low and high, mostly in the middle."""
    return low + (high - low) * (chance.units(count) + chance.units(count) + chance.units(count)) / 3


def _among(kind: Ints, *kinds: Kind) -> Bools:
    return np.isin(kind, kinds)


def _partner_age(chance: Chance, age: Floats, male: Bools) -> Floats:
    """Age of the spouse of somebody of this age: wives are two years younger in the mean."""
    older = _bell(chance, -5.0, 9.0, len(age))
    return np.clip(np.where(male, age - older, age + older), 18.1, 105.0)


def _marry(chance: Chance, age: Floats, male: Bools, kind: Ints) -> None:
    count = len(kind)
    married = _among(kind, Kind.COUPLE, Kind.FAMILY, Kind.THREE_FROM_MIDDLE)
    married |= (kind == Kind.THREE_FROM_ELDEST) & chance.hits(0.55, count)
    spouse = _partner_age(chance, age[:, Place.HEAD], male[:, Place.HEAD])
    age[:, Place.SPOUSE] = np.where(married, spouse, _EMPTY)
    male[:, Place.SPOUSE] = ~male[:, Place.HEAD]


def _gap(chance: Chance, mother: Floats) -> Floats:
    """How much older a mother is than her first child; those born long ago married younger."""
    return _bell(chance, 19.0, 40.0, len(mother)) - np.where(mother > 62.0, 3.0, 0.0)  # noqa: PLR2004 - born before the 1960s


def _first_child(chance: Chance, mother: Floats) -> Floats:
    """Age of a first child, just born where the mother is young."""
    youngest = np.minimum(chance.between(0.0, 3.0, len(mother)), np.maximum(mother - 17.5, 0.05))
    return np.maximum(mother - _gap(chance, mother), youngest)


def _siblings(chance: Chance, first: Floats, places: int) -> Floats:
    """Ages of the children at home, eldest first; empty places are negative."""
    how_many = 1 + draw_by_row(_AT_HOME, np.searchsorted((20, 30), first, side="right"), chance)
    ages = np.full((len(first), places), _EMPTY)
    ages[:, 0] = first
    for nth in range(1, places):
        younger = ages[:, nth - 1] - chance.between(1.3, 4.5, len(first))
        ages[:, nth] = np.where((nth < how_many) & (younger >= 0), younger, _EMPTY)
    return ages


def _mother_age(age: Floats, male: Bools) -> Floats:
    """Age of the woman of the couple at the head, or of the head where there is no couple."""
    wife = male[:, Place.HEAD] & (age[:, Place.SPOUSE] >= 0)
    mother: Floats = np.where(wife, age[:, Place.SPOUSE], age[:, Place.HEAD])
    return mother


def _have_children(chance: Chance, age: Floats, male: Bools, kind: Ints) -> None:
    parents = np.flatnonzero(_among(kind, Kind.FAMILY, Kind.LONE_PARENT, Kind.THREE_FROM_MIDDLE))
    first = _first_child(chance, _mother_age(age, male)[parents])
    age[parents, _CHILDREN] = _siblings(chance, first, 4)


def _add_grandchildren(chance: Chance, age: Floats, male: Bools, kind: Ints) -> None:
    eldest = np.flatnonzero(kind == Kind.THREE_FROM_ELDEST)
    count = len(eldest)
    child = np.maximum(_first_child(chance, _mother_age(age, male)[eldest]), 24.0)
    heir = chance.hits(0.78, count)
    spouse = _partner_age(chance, child, heir)
    married = chance.hits(0.85, count)
    age[eldest, Place.CHILD] = child
    male[eldest, Place.CHILD] = heir
    age[eldest, Place.CHILDS_SPOUSE] = np.where(married, spouse, _EMPTY)
    male[eldest, Place.CHILDS_SPOUSE] = ~heir
    mother = np.where(heir & married, spouse, child)
    age[eldest, _GRANDCHILDREN] = _siblings(chance, _first_child(chance, mother), 3)


def _add_parents(chance: Chance, age: Floats, male: Bools, kind: Ints) -> None:
    grown = np.flatnonzero(_among(kind, Kind.WITH_PARENTS, Kind.THREE_FROM_MIDDLE))
    count = len(grown)
    mother = np.minimum(age[grown, Place.HEAD] + _bell(chance, 19.0, 36.0, count), 104.0)
    father = _partner_age(chance, mother, np.zeros(count, dtype=bool))
    who = Weights(_PARENTS).draw(chance, count)
    age[grown, Place.MOTHER] = np.where(who != 2, mother, _EMPTY)  # noqa: PLR2004 - the father alone
    age[grown, Place.FATHER] = np.where(who != 1, father, _EMPTY)
    male[:, Place.MOTHER], male[:, Place.FATHER] = False, True


def _add_lodgers(chance: Chance, age: Floats, kind: Ints) -> None:
    sharing = np.flatnonzero(kind == Kind.SHARING)
    head = age[sharing, Place.HEAD]
    for place, share in ((Place.LODGER, 1.0), (Place.SECOND_LODGER, 0.2)):
        lodger = np.clip(head + chance.between(-9.0, 9.0, len(head)), 18.1, 104.0)
        age[sharing, place] = np.where(chance.hits(share, len(head)), lodger, _EMPTY)


def _flatten(age: Floats, male: Bools, kind: Ints) -> Members:
    household, place = np.nonzero(age >= 0)
    first = np.flatnonzero(place == Place.HEAD)
    return Members(
        household=household,
        kind=kind[household],
        place=place,
        age=age[household, place],
        male=male[household, place],
        head=first[household],
    )
