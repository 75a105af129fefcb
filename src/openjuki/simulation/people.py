# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The people of a municipality (住民) of chance: the only generator of persons. All of them are fictitious.

Rules of this file:

1. The same seed, municipality and day give the same people, in whatever order they are asked for, on whatever
   machine; of more people the first ones are the same.
2. People are made a thousand households at a time, in whole columns.
3. What comes out has the columns of the register but for the resident code and the individual number, which
   only the centre gives (法30条の2, 番号法7条).

>>> from datetime import date
>>> batch = people(7, "133078", 3, on=date(2026, 4, 1))
>>> batch.num_rows, batch.schema.names[:2]
(3, ['resident_number', 'name'])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa

from openjuki.carriage.columns import RECORD
from openjuki.codes.local_government import municipality as bearer
from openjuki.residents.dates import to_wareki
from openjuki.simulation.cast import HOUSEHOLDS, cast
from openjuki.simulation.foreigners import LUCK_NEEDED, Luck, Person, describe
from openjuki.simulation.households import Kind, Place
from openjuki.simulation.koseki import heads_of_koseki
from openjuki.simulation.naming import surnames, write
from openjuki.simulation.nationalities import nationalities
from openjuki.simulation.places import draw_addresses, draw_domiciles, draw_places_of_origin
from openjuki.simulation.serials import office_numbers
from openjuki.simulation.settling import iso, settle_in
from openjuki.simulation.tables import nothing, only, texts

if TYPE_CHECKING:
    from datetime import date

    from openjuki.simulation.cast import Cast
    from openjuki.simulation.tables import Texts

    type Columns = dict[str, Texts]

_GIVEN_BY_THE_CENTRE: Final = ("resident_code", "individual_number")
#: The columns of the register, in its order.
COLUMNS: Final = tuple(column.name for column in RECORD if column.name not in _GIVEN_BY_THE_CENTRE)
SCHEMA: Final = pa.schema([(name, pa.string()) for name in COLUMNS])

#: How likely a household of this kind lives in a building with others.
_FLATS: Final = {
    Kind.ALONE: 0.8,
    Kind.SHARING: 0.8,
    Kind.COUPLE: 0.5,
    Kind.FAMILY: 0.5,
    Kind.LONE_PARENT: 0.6,
}
_FLATS_OF_OTHERS: Final = 0.05
#: How many of the very old who live alone live in a nursing home.
_NURSED, _NURSED_FROM = 0.25, 85
#: How many of the women who married keep a former surname on the record (旧氏, 令30条の13).
_FORMER, _FORMER_FROM, _FORMER_UNTIL = 0.06, 24, 68
#: How many of the oldest have a birth date that is written with its era, or not to the day.
_OLDEST_FROM, _WITH_ERA, _NOT_TO_THE_DAY = 95, 0.15, 0.06
_DOMICILED_HERE: Final = 0.55


def people(seed: int, municipality: str, n: int, *, on: date) -> pa.RecordBatch:
    """So many residents of a municipality as they stand on that day.

    Args:
        seed: of the simulation.
        municipality: its code; of a designated city (指定都市) the addresses bear its wards'.
        n: how many.
        on: the day of the register; nobody is born or settles after it.
    """
    code = bearer(municipality).code
    blocks: list[pa.RecordBatch] = []
    made = 0
    while made < n:
        block = _block(
            cast(seed, code, len(blocks), on), household=len(blocks) * HOUSEHOLDS + 1, first=made + 1
        )
        blocks.append(block.slice(0, n - made))
        made += block.num_rows
    columns = [pa.concat_arrays([block[name] for block in (_NOBODY, *blocks)]) for name in COLUMNS]
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)


_NOBODY: Final = pa.RecordBatch.from_pylist([], schema=SCHEMA)


def _block(who: Cast, *, household: int, first: int) -> pa.RecordBatch:
    """Everything written about them, from this household and this resident on."""
    columns: Columns = {name: nothing(who.size) for name in COLUMNS}
    columns["resident_number"] = office_numbers(first, who.size)
    columns["household_number"] = office_numbers(household, HOUSEHOLDS)[who.members.household]
    columns["relationship"] = who.members.relationships()
    columns["sex"] = np.where(who.members.male, texts(["male"]), texts(["female"]))
    columns["birth_date"] = _birth_dates(who)
    columns |= _addresses(who) | _former_surnames(who) | _days(who)
    columns |= _koseki(who) | {"name": who.names.spelling, "furigana": who.names.reading}
    _write_foreigners(who, columns)
    return pa.record_batch([pa.array(columns[name], pa.string()) for name in COLUMNS], schema=SCHEMA)


def _birth_dates(who: Cast) -> Texts:
    """Birth dates (出生の年月日); a few of the oldest as old registers have them."""
    chance, dates = who.chance("birth dates"), iso(who.birth)
    oldest = np.flatnonzero(who.members.age >= _OLDEST_FROM)
    for person, luck in zip(oldest.tolist(), chance.units(len(oldest)).tolist(), strict=True):
        if luck < _WITH_ERA and not who.foreign[person]:
            text = to_wareki(np.datetime64(int(who.birth[person]), "D").item())
            dates[person] = _blurred(text, luck) if luck < _NOT_TO_THE_DAY else text
    return dates


def _blurred(text: str, luck: float) -> str:
    """A date of which the day, or more, is not known (不詳日)."""
    until_month, until_year = text.rpartition("月")[0], text.partition("年")[0]
    forms = (f"{until_month}月日不詳", f"{until_year}年月日不詳", f"{until_month}月頃", f"推定{until_year}年")
    return forms[int(luck / _NOT_TO_THE_DAY * len(forms))]


def _addresses(who: Cast) -> Columns:
    heads = np.unique(who.members.head)
    kind, age = who.members.kind[heads], who.members.age[heads]
    flat = np.array([_FLATS.get(each, _FLATS_OF_OTHERS) for each in Kind])[kind]
    nursed = np.where((kind == Kind.ALONE) & (age >= _NURSED_FROM), _NURSED, 0.0)
    addresses = draw_addresses(who.chance("addresses"), who.code, flat, nursed)
    return addresses.columns(who.members.household)


def _former_surnames(who: Cast) -> Columns:
    chance, age = who.chance("former surnames"), who.members.age
    married = np.isin(who.members.place, (Place.SPOUSE, Place.CHILDS_SPOUSE)) & ~who.members.male
    has = married & (age >= _FORMER_FROM) & (age < _FORMER_UNTIL) & chance.hits(_FORMER, who.size)
    names, row = surnames().names, surnames().draw(chance, who.size)
    has &= (row != who.surname) & ~who.foreign
    return {
        "former_surname": only(has, names.spelling[row]),
        "former_surname_furigana": only(has, names.reading[row]),
    }


def _days(who: Cast) -> Columns:
    chance = who.chance("days")
    settled = settle_in(chance, who.members, who.birth, who.on)
    origin = draw_places_of_origin(chance, HOUSEHOLDS)[who.members.household]
    return {
        "became_resident_on": iso(settled.became_resident),
        "address_settled_on": iso(settled.address),
        "notified_on": iso(settled.notified),
        "previous_address": only(settled.came, origin),
    }


def _koseki(who: Cast) -> Columns:
    chance = who.chance("koseki")
    heads = heads_of_koseki(
        chance,
        who.members,
        names=who.names.spelling,
        surname=who.surname,
        birth_year=who.birth_year,
        foreign=who.foreign,
    )
    # One koseki has one domicile: in a household, those with one head stand in one.
    numbers: dict[tuple[int, str], int] = {}
    keys = zip(who.members.household.tolist(), heads.tolist(), strict=True)
    koseki = np.array([numbers.setdefault(key, len(numbers)) for key in keys])
    domiciles = draw_domiciles(chance, who.code, _DOMICILED_HERE, len(numbers))
    return {"registered_domicile": domiciles[koseki], "head_of_koseki": heads}


def _write_foreigners(who: Cast, columns: Columns) -> None:
    """Write over what is otherwise recorded of foreign residents (法30条の45)."""
    chance, persons = who.chance("foreign residents"), np.flatnonzero(who.foreign)
    for name in ("furigana", "registered_domicile", "head_of_koseki", "became_resident_on"):
        columns[name][persons] = None
    luck = chance.units(len(persons) * LUCK_NEEDED).reshape(-1, LUCK_NEEDED)
    family = chance.units(2 * HOUSEHOLDS * 4).reshape(-1, 2)
    alias = write(surnames().draw(chance, who.size), who.given).spelling
    for person, units in zip(persons.tolist(), luck.tolist(), strict=True):
        members = who.members
        status, surname = family[who.family[person]].tolist()
        described = describe(
            Person(
                nationality=nationalities()[who.nationality[person]],
                place=Place(members.place[person]),
                kind=Kind(members.kind[person]),
                male=bool(members.male[person]),
                birth=np.datetime64(int(who.birth[person]), "D").item(),
                with_japanese=not who.foreign[members.head[person]],
                family_status=status,
                family_surname=surname,
                alias=alias[person],
            ),
            Luck(units),
            columns["previous_address"][person],
            who.on,
        )
        for name, value in described.items():
            columns[name][person] = value
