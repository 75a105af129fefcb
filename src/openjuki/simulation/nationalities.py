# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Nationalities (国籍・地域) of chance: who is a foreign resident, of which country, and called what.

About three people in a hundred are. Their names stand in Latin letters, those from countries of ideographs mostly
in both. Tables are `data/foreign_residents.toml`.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import numpy as np

from openjuki.simulation.chance import Weights
from openjuki.simulation.households import Kind, Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.simulation.chance import Chance, Ints
    from openjuki.simulation.households import Members

#: Of a hundred thousand households, how many are foreign, by the head's age: below 35, below 60, older.
_ALONE_OR_SHARING: Final = (10_400, 4_700, 700)
_FAMILIES: Final = (5_800, 3_700, 600)
_THREE_GENERATIONS: Final = (0, 0, 0)
_AGES: Final = (35, 60)
#: Of a thousand spouses below this age in Japanese couples, how many are foreign.
_MIXED: Final = 13
_MIXED_UNTIL: Final = 65
_JAPANESE: Final = -1


class Word(NamedTuple):
    """A surname or given name of a foreign resident."""

    latin: str
    #: None for languages written in letters.
    kanji: str | None

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `DE~LA~CRUZ` or `WANG/王`."""
        latin, _, kanji = text.replace("~", " ").partition("/")
        return cls(latin, kanji or None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nationality:
    """Nationality (国籍・地域): what its people here are called and why they are here."""

    name: str
    weight: int
    #: How many in a hundred bear an alias (通称).
    alias: int
    #: Empty where people have no surname.
    surnames: tuple[Word, ...]
    women: tuple[Word, ...]
    men: tuple[Word, ...]
    #: Statuses of residence (在留資格), each as often as its weight.
    statuses: tuple[str, ...]


@cache
def nationalities() -> tuple[Nationality, ...]:
    """The nationalities of the table."""
    table = resources.files(__package__).joinpath("data", "foreign_residents.toml")
    items = tomllib.loads(table.read_text(encoding="utf-8"))
    return tuple(_nationality(name, each) for name, each in items.items())


def _nationality(name: str, items: dict[str, Any]) -> Nationality:
    surnames, women, men = (
        tuple(Word.parse(word) for word in items[key].split()) for key in ("surnames", "female", "male")
    )
    return Nationality(
        name=name,
        weight=items["weight"],
        alias=items["alias"],
        surnames=surnames,
        women=women,
        men=men,
        statuses=tuple(status for status, weight in items["statuses"].items() for _ in range(weight)),
    )


def draw_nationalities(chance: Chance, members: Members) -> Ints:
    """For each person a nationality, by its place among them; -1 for Japanese people."""
    weights = Weights([each.weight for each in nationalities()])
    heads = np.unique(members.head)
    age_group = np.searchsorted(_AGES, members.age[heads], side="right")
    share = np.array([_shares(kind) for kind in Kind])[members.kind[heads], age_group]
    foreign = chance.below(100_000, len(heads)) < share
    nationality = np.where(foreign, weights.draw(chance, len(heads)), _JAPANESE)[members.household]
    may_be_mixed = (members.place == Place.SPOUSE) & (members.age < _MIXED_UNTIL) & (nationality == _JAPANESE)
    mixed = may_be_mixed & (chance.below(1000, len(nationality)) < _MIXED)
    return np.where(mixed, weights.draw(chance, len(mixed)), nationality)


def _shares(kind: Kind) -> Sequence[int]:
    if kind in (Kind.THREE_FROM_MIDDLE, Kind.THREE_FROM_ELDEST):
        return _THREE_GENERATIONS
    return _ALONE_OR_SHARING if kind in (Kind.ALONE, Kind.SHARING) else _FAMILIES
