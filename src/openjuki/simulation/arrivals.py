# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Single people and addresses for the events of a day: a birth, an entry from abroad, a move.

Each is told apart by an ordinal and depends on the seed, the municipality and that ordinal alone. People come
as a row of the register, by column, as `people` makes it; the two numbers the office gives itself are the caller's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from openjuki.residents.names import PersonName
from openjuki.simulation.chance import Chance, Weights
from openjuki.simulation.foreigners import FOR_LIFE, LUCK_NEEDED, Luck, Person, describe
from openjuki.simulation.households import Kind, Place
from openjuki.simulation.naming import SPACE, given_names, surnames, write
from openjuki.simulation.nationalities import nationalities
from openjuki.simulation.people import COLUMNS
from openjuki.simulation.places import draw_addresses

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from openjuki.simulation.nationalities import Nationality

    type Row = dict[str, str | None]

#: What a newborn has from the parent's row.
_OF_PARENT: Final = (
    "municipality",
    "town",
    "block",
    "building",
    "postal_code",
    "machiaza_id",
    "household_number",
    "registered_domicile",
    "head_of_koseki",
    "nationality",
)
#: A child's relationship (続柄) by the parent's; else it is a relative.
_RELATIONSHIPS: Final = dict.fromkeys(("世帯主", "妻", "夫"), "子") | dict.fromkeys(
    ("子", "子の妻", "子の夫"), "子の子"
)
_RELATIVE: Final = "縁故者"
#: Births are notified within fourteen days (戸籍法49条).
_TO_NOTIFY: Final = 14
_FLAT: Final = 0.5
_STUDENT: Final = "留学"
_ENTRANT_YOUNGEST, _ENTRANT_OLDEST = 19, 42


def newborn(seed: int, parent: Mapping[str, str | None], ordinal: int, *, on: date) -> Row:
    """A child born to somebody (出生), notified on that day.

    Args:
        seed: of the simulation.
        parent: the row of the mother or father; the child has its address, household, koseki and surname.
        ordinal: tells the births of one municipality apart.
        on: the day of the notification.
    """
    chance = Chance(seed, parent["municipality"] or "", "newborn", ordinal)
    male = bool(chance.hits(0.513, 1)[0])
    born = (on - timedelta(days=int(chance.below(_TO_NOTIFY + 1, 1)[0]))).isoformat()
    row: Row = dict.fromkeys(COLUMNS)
    row |= {name: parent[name] for name in _OF_PARENT}
    row |= _child_names(chance, parent, male=male, year=on.year)
    row |= {
        "birth_date": born,
        "sex": "male" if male else "female",
        "relationship": _RELATIONSHIPS.get(parent["relationship"] or "", _RELATIVE),
    }
    row |= {"became_resident_on": born, "address_settled_on": born, "notified_on": on.isoformat()}
    if row["nationality"]:
        row |= {"became_resident_on": None, "became_foreign_resident_on": born}
        row |= {"residence_category": "出生による経過滞在者"}
    return row


def _child_names(chance: Chance, parent: Mapping[str, str | None], *, male: bool, year: int) -> Row:
    """The parent's surname and a name of the year."""
    if nationality := parent["nationality"]:
        known = next(each for each in nationalities() if each.name == nationality)
        luck = Luck(chance.units(1).tolist())
        given = luck.of(known.men if male else known.women)
        surname = (parent["name_latin"] or "").partition(" ")[0] if known.surnames else ""
        latin = f"{surname} {given.latin}".strip()
        return {"name": PersonName.foreign(latin=latin).recorded, "name_latin": latin}
    row = given_names().draw(chance, np.array([male]), np.array([year]))
    names = given_names().names
    surname, reading = ((parent[item] or "").partition(SPACE)[0] for item in ("name", "furigana"))
    return {
        "name": f"{surname}{SPACE}{names.spelling[row][0]}",
        "furigana": f"{reading}{SPACE}{names.reading[row][0]}",
    }


def entrant_from_abroad(seed: int, municipality: str, ordinal: int, *, on: date) -> Row:
    """A foreign resident who comes from abroad (国外からの転入, 法30条の46) on that day, alone."""
    chance = Chance(seed, municipality, "entrant", ordinal)
    nation = _newly_here(
        nationalities()[int(Weights([each.weight for each in nationalities()]).draw(chance, 1)[0])]
    )
    age = float(chance.between(_ENTRANT_YOUNGEST, _ENTRANT_OLDEST, 1)[0])
    person = Person(
        nationality=nation,
        place=Place.HEAD,
        kind=Kind.ALONE,
        male=bool(chance.hits(0.5, 1)[0]),
        birth=on - timedelta(days=int(age * 365.2425)),
        with_japanese=False,
        family_status=float(chance.units(1)[0]),
        family_surname=float(chance.units(1)[0]),
        alias=_alias(chance),
    )
    row: Row = dict.fromkeys(COLUMNS)
    row |= new_address(seed, municipality, ordinal, purpose="entrant")
    row |= describe(person, Luck(chance.units(LUCK_NEEDED).tolist()), None, on)
    row |= {"birth_date": person.birth.isoformat(), "sex": "male" if person.male else "female"}
    row |= {"relationship": "世帯主", "previous_address": nation.name}
    days = ("became_foreign_resident_on", "address_settled_on", "notified_on")
    return row | dict.fromkeys(days, on.isoformat())


def _newly_here(nation: Nationality) -> Nationality:
    """The nationality with the statuses of people who come for the first time."""
    return replace(
        nation, statuses=tuple(each for each in nation.statuses if each not in FOR_LIFE) or (_STUDENT,)
    )


def _alias(chance: Chance) -> str:
    given = given_names().draw(chance, np.array([True]), np.array([1995]))
    return str(write(surnames().draw(chance, 1), given).spelling[0])


def new_address(seed: int, municipality: str, ordinal: int, *, purpose: str = "move") -> Row:
    """An address in the municipality to move to, as columns of the register."""
    chance = Chance(seed, municipality, "address", purpose, ordinal)
    addresses = draw_addresses(chance, municipality, np.array([_FLAT]), np.array([0.0]))
    return {name: column[0] for name, column in addresses.columns(np.array([0])).items()}
