# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A register with namesakes (同姓同名等): people of chance, and among them those whom one might take for another.

A share of the register are planted where a matcher would stumble: twins, other characters that look or sound alike,
one name born on another day or living elsewhere.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.codes.local_government import Kind, municipalities
from openjuki.residents.names import other_names
from openjuki.simulation.chance import Chance
from openjuki.simulation.handwriting.choice import happens, pick
from openjuki.simulation.handwriting.readings import voice_gained, voice_lost
from openjuki.simulation.people import people

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_TOWNS: Final = frozenset((Kind.CITY, Kind.SPECIAL_WARD))
#: Characters of given names that are taken for one another, by the eye or by the ear, and are others.
_CONFUSED: Final = [
    "太大犬",
    "未末",
    "千干",
    "人入",
    "士土",
    "日目",
    "己巳",
    "一二三",
    "美実",
    "夫男雄",
    "菜奈",
    "花華",
    "斗人",
    "郎朗",
    "之行",
    "幸孝",
    "介助佑",
    "晴春治",
    "陽洋",
    "司史志",
    "香佳",
    "枝江恵",
    "彦比",
    "明昭章",
    "正昌",
    "博浩宏",
    "和一",
    "子女",
    "輝光",
    "紀則典",
    "悠優",
    "翔祥",
    "真麻",
    "由友",
    "里理",
    "沙紗",
    "絵恵",
]
#: How many of a hundred persons are followed by a planted namesake.
_NAMESAKES: Final = 0.03


class Recorded(NamedTuple):
    """Somebody of the register (住民), as far as one is asked about them."""

    name: str
    furigana: str | None
    former_surname: str | None
    former_surname_furigana: str | None
    alias: str | None
    birth_date: str
    sex: str
    municipality: str
    town: str
    block: str
    building: str

    @property
    def address(self) -> str:
        """住所 below the municipality."""
        return self.town + self.block + ("\u3000" + self.building if self.building else "")

    @property
    def names(self) -> tuple[str, ...]:
        """Names that applicants write."""
        return (self.name, *other_names(self.name, self.former_surname, self.alias))


def register(seed: int, count: int, *, on: date, town: int = 20_000) -> list[Recorded]:
    """So many persons, in towns all over the country, with their namesakes among them."""
    codes = [code for code, one in municipalities().items() if one.kind in _TOWNS]
    towns = -(-count // town)
    chosen = codes[:: max(1, len(codes) // towns)][:towns]
    natural = islice((one for code in chosen for one in _town(seed, code, min(town, count), on)), count)
    return list(_with_namesakes(Chance(seed, "namesakes"), list(natural), count))


def _town(seed: int, code: str, count: int, on: date) -> Iterator[Recorded]:
    rows = people(seed, code, count, on=on).select(list(Recorded._fields)).to_pylist()
    for row in rows:
        yield Recorded(**{**row, "block": row["block"] or "", "building": row["building"] or ""})


def _with_namesakes(chance: Chance, natural: Sequence[Recorded], count: int) -> Iterator[Recorded]:
    planted = 0
    for one in natural:
        if count <= 0:
            return
        count -= 1
        yield one
        if count and one.furigana is not None and happens(chance, _NAMESAKES):
            planted += 1
            count -= 1
            yield pick(chance, _PLANTING)(chance, one, pick(chance, natural))


def _twin(_: Chance, one: Recorded, other: Recorded) -> Recorded:
    """Born on one day in one house, with another given name."""
    if other.furigana is None or "\u3000" not in other.name:
        return one
    given, reading = other.name.partition("\u3000")[2], other.furigana.partition("\u3000")[2]
    surname, its_reading = one.name.partition("\u3000")[0], (one.furigana or "").partition("\u3000")[0]
    return one._replace(
        name=f"{surname}\u3000{given}", furigana=f"{its_reading}\u3000{reading}", sex=other.sex, alias=None
    )


def _confused_twin(chance: Chance, one: Recorded, other: Recorded) -> Recorded:
    """Born on one day in one house, with a given name that looks or sounds alike."""
    name = confused(chance, one.name)
    return _twin(chance, one, other) if name is None else one._replace(name=name, alias=None)


def _elsewhere(_: Chance, one: Recorded, other: Recorded) -> Recorded:
    """One name and birth date, another home."""
    return one._replace(**dict(zip(_HOME, (getattr(other, part) for part in _HOME), strict=True)))


def _on_another_day(chance: Chance, one: Recorded, _: Recorded) -> Recorded:
    """One name and home, another birth date."""
    return one._replace(birth_date=other_day(chance, one.birth_date))


def _heard_alike(chance: Chance, one: Recorded, other: Recorded) -> Recorded:
    """Born on one day in one house, with a name that a slip of the ear makes of the other."""
    twin = _twin(chance, one, other)
    heard = pick(chance, (voice_gained, voice_lost))(chance, one.furigana or "")
    return twin if heard is None else twin._replace(furigana=heard)


_HOME: Final = ("municipality", "town", "block", "building")
_PLANTING: Final = (
    *(_twin, _confused_twin) * 6,
    *(_elsewhere,) * 4,
    *(_on_another_day,) * 3,
    _heard_alike,
)


def confused(chance: Chance, name: str) -> str | None:
    """The name with a character of the given name that is taken for another."""
    surname, space, given = name.partition("\u3000")
    for place, character in enumerate(given):
        for group in _CONFUSED:
            if character in group:
                other = pick(chance, group.replace(character, ""))
                return surname + space + given[:place] + other + given[place + 1 :]
    return None


def other_day(chance: Chance, born: str) -> str:
    """A day that a birth date is taken for."""
    try:
        day = date.fromisoformat(born)
    except ValueError:
        return "1970-01-01"
    return (day + timedelta(days=pick(chance, (-1, 1, 10, -30, 365)))).isoformat()
