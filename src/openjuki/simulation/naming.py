# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Names (氏名) of chance: surnames as common as they are, given names as they were given in each year.

A name is a row number of `data/surnames.parquet` or `data/given_names.parquet` until it is written out, with
a full-width space between surname and given name, in the reading too.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from openjuki.simulation.chance import Weights
from openjuki.simulation.tables import join, read, texts

if TYPE_CHECKING:
    from openjuki.simulation.chance import Bools, Chance, Ints
    from openjuki.simulation.tables import Texts

#: Between surname and given name (氏と名の間).
SPACE: Final = "\u3000"
_WEIGHT: Final = "weight_"


class Written(NamedTuple):
    """Names as they are recorded (氏名・氏名の振り仮名)."""

    spelling: Texts
    reading: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Surnames:
    """Surnames (氏) by row."""

    names: Written
    weights: Weights

    def draw(self, chance: Chance, count: int) -> Ints:
        """So many rows."""
        return self.weights.draw(chance, count)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenNames:
    """Given names (名) by row, with their fashions."""

    names: Written
    #: By row, a number that rows of one spelling share.
    spelling: Ints
    #: The years for which there are weights, ascending.
    years: Ints
    #: By sex (0 for women) and year: the rows of that sex, and their weights.
    fashions: tuple[tuple[tuple[Ints, Weights], ...], ...]

    def draw(self, chance: Chance, male: Bools, birth_year: Ints) -> Ints:
        """A row for each person, as names were given to that sex in that year."""
        fashion = self._fashion(chance, birth_year)
        drawn = np.zeros(len(male), dtype=np.int64)
        for sex, by_year in enumerate(self.fashions):
            for year, (rows, weights) in enumerate(by_year):
                persons = np.flatnonzero((male == bool(sex)) & (fashion == year))
                drawn[persons] = rows[weights.draw(chance, len(persons))]
        return drawn

    def _fashion(self, chance: Chance, birth_year: Ints) -> Ints:
        """The year whose weights count: of the two around, the nearer the likelier."""
        later = np.clip(np.searchsorted(self.years, birth_year, side="right"), 1, len(self.years) - 1)
        start, end = self.years[later - 1], self.years[later]
        return later - 1 + chance.hits((birth_year - start) / (end - start), len(birth_year))


@cache
def surnames() -> Surnames:
    """The surnames."""
    table = read("surnames")
    return Surnames(
        names=Written(texts(table["spelling"].to_pylist()), texts(table["reading"].to_pylist())),
        weights=Weights(table["weight"].to_numpy()),
    )


@cache
def given_names() -> GivenNames:
    """The given names."""
    table = read("given_names")
    male = np.array(table["male"].to_pylist())
    columns = [name for name in table.column_names if name.startswith(_WEIGHT)]
    names = Written(texts(table["spelling"].to_pylist()), texts(table["reading"].to_pylist()))
    return GivenNames(
        names=names,
        spelling=np.unique(names.spelling.astype(str), return_inverse=True)[1],
        years=np.array([int(name.removeprefix(_WEIGHT)) for name in columns]),
        fashions=tuple(
            tuple(_of_sex(table[name].to_numpy(), male == sex) for name in columns) for sex in (False, True)
        ),
    )


def _of_sex(weights: Ints, of_this_sex: Bools) -> tuple[Ints, Weights]:
    rows = np.flatnonzero(of_this_sex & (weights > 0))
    return rows, Weights(weights[rows])


def write(surname: Ints, given: Ints) -> Written:
    """Write out names given by their rows."""
    first, second = surnames().names, given_names().names
    return Written(
        join(first.spelling[surname], SPACE, second.spelling[given]),
        join(first.reading[surname], SPACE, second.reading[given]),
    )


def redraw_namesakes(chance: Chance, given: Ints, family: Ints, male: Bools, birth_year: Ints) -> Ints:
    """Give the later of two of one family with one given name another: nobody is named like a parent or sibling."""
    names = given.copy()
    for _ in range(8):  # should chance repeat itself even then, it stays: registers have had that
        again = _later_of_two(given_names().spelling[names], family)
        if not len(again):
            break
        names[again] = given_names().draw(chance, male[again], birth_year[again])
    return names


def _later_of_two(spelling: Ints, family: Ints) -> Ints:
    _, first = np.unique(family * (spelling.max(initial=0) + 1) + spelling, return_index=True)
    return np.setdiff1d(np.arange(len(spelling)), first)
