# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""When people of chance settled: days (住民となった年月日・住所を定めた年月日・届出の年月日) that agree with their lives.

Nobody becomes a resident before birth, settles at an address before becoming a resident, or notifies it before
settling there. A household settles together; who is born later is there from birth. Days are numbers of
days since 1970-01-01, as NumPy's `datetime64[D]` counts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from openjuki.simulation.households import Place
from openjuki.simulation.tables import texts

if TYPE_CHECKING:
    from datetime import date

    from openjuki.simulation.chance import Bools, Chance, Ints
    from openjuki.simulation.households import Members
    from openjuki.simulation.tables import Texts

DAYS_OF_YEAR: Final = 365.2425
#: People notify within fourteen days (法22条–24条, 戸籍法49条).
_TO_NOTIFY: Final = 14
#: Nobody is at one address for longer.
_LONGEST: Final = 60.0
#: How many grown people, and children, lived in the municipality from birth.
_NATIVE, _NATIVE_CHILDREN = 0.35, 0.7
#: How many households moved within the municipality since they came.
_MOVED_WITHIN: Final = 0.4


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """When each person settled."""

    #: 住民となった年月日.
    became_resident: Ints
    #: 住所を定めた年月日.
    address: Ints
    #: 届出の年月日.
    notified: Ints
    #: Whether the person came from another municipality.
    came: Bools


def day_number(day: date) -> int:
    """A day as a number of days."""
    return int(np.datetime64(day, "D").astype(np.int64))


def iso(days: Ints) -> Texts:
    """Days as texts."""
    return texts(days.astype("datetime64[D]").astype(str))


def year(days: Ints) -> Ints:
    """The year of each day."""
    return days.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def birth_days(members: Members, on: date) -> Ints:
    """When they were born who are of this age on that day."""
    return day_number(on) - np.floor(members.age * DAYS_OF_YEAR).astype(np.int64)


def settle_in(chance: Chance, members: Members, birth: Ints, on: date) -> Settled:
    """When each of them settled."""
    count, heads = len(birth), np.unique(members.head)
    since = chance.units(len(heads)) * chance.units(len(heads)) * np.minimum(members.age[heads], _LONGEST)
    earlier = chance.units(len(heads)) * 20.0 * chance.hits(_MOVED_WITHIN, len(heads))
    moved_in = day_number(on) - (since * DAYS_OF_YEAR).astype(np.int64)
    came_in = moved_in - (earlier * DAYS_OF_YEAR).astype(np.int64)
    child = np.isin(members.place, [place for place in Place if "CHILD" in place.name])
    native = chance.hits(np.where(child, _NATIVE_CHILDREN, _NATIVE), count)
    became = np.where(native, birth, np.maximum(birth, came_in[members.household]))
    address = np.maximum(birth, moved_in[members.household])
    notified = np.minimum(address + chance.below(_TO_NOTIFY + 1, count), day_number(on))
    return Settled(became_resident=became, address=address, notified=notified, came=became > birth)
