# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Towns (町字) that exist, with their chome, postal codes and how many people to expect there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from openjuki.codes.local_government import Kind, LocalGovernmentCode, municipalities, municipality
from openjuki.simulation.chance import Weights
from openjuki.simulation.tables import read, texts

if TYPE_CHECKING:
    from openjuki.simulation.chance import Ints
    from openjuki.simulation.tables import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Towns:
    """Towns (町字), one entry for each run of chome that shares a postal code."""

    #: Code of the municipality or ward, as a text.
    municipality: Texts
    #: Without chome; empty where the village is one town.
    town: Texts
    #: 0 where there is no chome.
    first_chome: Ints
    last_chome: Ints
    postal_code: Texts
    #: Where people live.
    weights: Weights


def wards(code: str) -> tuple[LocalGovernmentCode, ...]:
    """The codes that addresses bear: a designated city's wards (指定都市の区, 法38条), else its own."""
    bearer = municipality(code)
    if bearer.kind is not Kind.DESIGNATED_CITY:
        return (bearer.code,)
    return tuple(each.code for each in municipalities().values() if each.designated_city == code)


@cache
def towns_of(code: str) -> Towns:
    """The towns of a municipality; wards, and towns with many chome, have the more people."""
    return _towns(wards(code))


@cache
def towns_of_japan() -> Towns:
    """The towns of the whole country: where people come from."""
    without_towns = (Kind.PREFECTURE, Kind.DESIGNATED_CITY)
    return _towns(tuple(each.code for each in municipalities().values() if each.kind not in without_towns))


def _towns(codes: tuple[LocalGovernmentCode, ...]) -> Towns:
    table = read("towns")
    of_body = {int(code[:5]): code for code in codes}
    table = table.filter(np.isin(table["municipality"].to_numpy(), list(of_body)))
    body, first, last = (table[name].to_numpy().astype(np.int64) for name in _COLUMNS)
    bodies, place = np.unique(body, return_inverse=True)
    bearers = [of_body[each] for each in bodies.tolist()]
    return Towns(
        municipality=texts([str(bearer) for bearer in bearers])[place],
        town=texts(table["town"].to_pylist()),
        first_chome=first,
        last_chome=last,
        postal_code=texts([f"{code:07}" for code in table["postal_code"].to_pylist()]),
        weights=_weights(np.array([_people_in(bearer) for bearer in bearers]), place, last - first + 1),
    )


_COLUMNS = ("municipality", "first_chome", "last_chome")


def _weights(people: Ints, place: Ints, chome: Ints) -> Weights:
    """Everybody's municipality shared out by chome; a hundredfold, so that the smallest keep a whole number."""
    all_chome = np.bincount(place, weights=chome).astype(np.int64)
    return Weights(100 * people[place] * chome // all_chome[place] + 1)


def _people_in(code: LocalGovernmentCode) -> int:
    """Its population; a ward younger than the census has its part of the city's."""
    bearer = municipality(code)
    if bearer.population is None and bearer.designated_city:
        return _people_in(bearer.designated_city) // len(wards(bearer.designated_city))
    return bearer.population or 1
