# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who plays: a thousand households of fictitious people, before anything is written about them.

A few share name, sex and birthday with somebody else, here or in another municipality (同姓同名・同一生年月日):
they are drawn from small pools that depend on the seed alone, about ten in 10,000 people.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final

import numpy as np

from openjuki.simulation.chance import Chance
from openjuki.simulation.households import Kind, draw_members
from openjuki.simulation.koseki import FAMILIES, families
from openjuki.simulation.naming import given_names, redraw_namesakes, surnames, write
from openjuki.simulation.nationalities import draw_nationalities
from openjuki.simulation.settling import birth_days, year

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from openjuki.simulation.chance import Bools, Ints
    from openjuki.simulation.households import Members
    from openjuki.simulation.naming import Written

HOUSEHOLDS: Final = 1000
#: So many people have one pool in common: the blocks of this many numbers, of every municipality.
_POOL, _BLOCKS_OF_POOL = 16, 8
#: Of the Japanese people who live alone, how many come from the pool.
_FROM_POOL: Final = 1 / 170


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The members of a thousand households, one entry per person in each array."""

    #: Of the municipality.
    code: str
    on: date
    #: Opens the stream of a purpose.
    chance: Callable[[str], Chance]
    members: Members
    #: By its place in the table; -1 for Japanese people.
    nationality: Ints
    #: Day of birth, as a number of days.
    birth: Ints
    birth_year: Ints
    family: Ints
    #: Rows of the tables of names; those of foreign residents are not used.
    surname: Ints
    given: Ints
    names: Written

    @property
    def foreign(self) -> Bools:
        """Who is a foreign resident (外国人住民)."""
        return self.nationality >= 0

    @property
    def size(self) -> int:
        """How many people."""
        return len(self.birth)


def cast(seed: int, code: str, number: int, on: date) -> Cast:
    """The people of this block of the municipality."""
    chance = partial(Chance, seed, code, number)
    members = draw_members(chance("households"), HOUSEHOLDS)
    nationality = draw_nationalities(chance("nationalities"), members)
    alone = (members.kind == Kind.ALONE) & (nationality < 0)
    pooled = np.flatnonzero(alone & chance("pooled").hits(_FROM_POOL, len(alone)))
    which = chance("which").below(_POOL, len(pooled))
    pool = _Pool.draw(seed, number // _BLOCKS_OF_POOL, on)
    members = _put(members, pooled, age=pool.age[which], male=pool.male[which])
    birth = birth_days(members, on)
    family = families(chance("families"), members)
    surname = surnames().draw(chance("surnames"), HOUSEHOLDS * FAMILIES)[family]
    given = _given(chance("given names"), members, birth, family)
    surname[pooled], given[pooled] = pool.surname[which], pool.given[which]
    return Cast(
        code=code,
        on=on,
        chance=chance,
        members=members,
        nationality=nationality,
        birth=birth,
        birth_year=year(birth),
        family=family,
        surname=surname,
        given=given,
        names=write(surname, given),
    )


def _given(chance: Chance, members: Members, birth: Ints, family: Ints) -> Ints:
    birth_year = year(birth)
    given = given_names().draw(chance, members.male, birth_year)
    return redraw_namesakes(chance, given, family, members.male, birth_year)


def _put(members: Members, persons: Ints, **values: np.ndarray) -> Members:
    changed = {name: getattr(members, name).copy() for name in values}
    for name, value in values.items():
        changed[name][persons] = value
    return replace(members, **changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pool:
    """People who are met more than once."""

    age: np.ndarray
    male: Bools
    surname: Ints
    given: Ints

    @classmethod
    def draw(cls, seed: int, number: int, on: date) -> _Pool:
        """The pool of this number, the same for every municipality."""
        chance = Chance(seed, "namesakes", number)
        age, male = chance.between(20.0, 88.0, _POOL), chance.hits(0.5, _POOL)
        birth_year = on.year - age.astype(np.int64)
        given = given_names().draw(chance, male, birth_year)
        return cls(age=age, male=male, surname=surnames().draw(chance, _POOL), given=given)
