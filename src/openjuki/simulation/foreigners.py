# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Foreign residents (外国人住民, 法30条の45) of chance: names, alias, status of residence, card, days.

What only Japanese people have stays empty with them: koseki, furigana, and the day of becoming a resident, for
which the day of becoming a foreign resident stands (法30条の45). They are few, so they are made one by one.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.residents.names import PersonName
from openjuki.simulation.households import Kind, Place
from openjuki.simulation.naming import SPACE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openjuki.simulation.nationalities import Nationality, Word

#: Foreign residents have resident records since this day (平成21年法律77号).
_FIRST_DAY: Final = date(2012, 7, 9)

_PERMANENT: Final = "永住者"
_SPECIAL: Final = "特別永住者"
_WORKER: Final = "技術・人文知識・国際業務"
_DEPENDANT: Final = "家族滞在"
_SPOUSE_OF_JAPANESE: Final = "日本人の配偶者等"
#: Statuses of people who come without their family.
_ALONE: Final = frozenset({"技能実習", "特定技能１号", "留学", "特定活動"})
#: What the family of somebody with this status has; else 家族滞在.
_OF_FAMILY: Final = {
    _PERMANENT: _PERMANENT,
    _SPECIAL: _SPECIAL,
    "定住者": "定住者",
    _SPOUSE_OF_JAPANESE: "定住者",
}
#: Statuses that one keeps in old age, and does not have on first coming.
FOR_LIFE: Final = frozenset({_PERMANENT, _SPECIAL, "定住者", _SPOUSE_OF_JAPANESE, "永住者の配偶者等"})
_OLD: Final = 63
#: For how many years people with this status have been here at most.
_YEARS_HERE: Final = {
    _PERMANENT: 35,
    _SPECIAL: 120,
    "定住者": 30,
    "留学": 3,
    "技能実習": 3,
    "特定技能１号": 5,
}
_USUAL_YEARS_HERE: Final = 10
#: Periods of stay (在留期間) and how many days they last.
_PERIODS: Final = {
    "留学": (("1年3月", 455), ("2年3月", 820)),
    "技能実習": (("1年", 365), ("2年", 730)),
    "特定技能１号": (("6月", 182), ("1年", 365)),
    "特定活動": (("6月", 182), ("1年", 365)),
}
_USUAL_PERIODS: Final = (("1年", 365), ("3年", 1095), ("5年", 1826))
_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Luck:
    """Numbers from 0 to below 1, drawn beforehand, taken one after the other."""

    def __init__(self, units: Sequence[float]) -> None:
        """Take them in this order."""
        self._units: Iterator[float] = iter(units)

    def unit(self) -> float:
        """The next number."""
        return next(self._units)

    def of[T](self, things: Sequence[T]) -> T:
        """One of them."""
        return things[int(self.unit() * len(things))]

    def hits(self, per_hundred: float) -> bool:
        """Whether it happens."""
        return self.unit() * 100 < per_hundred


#: How many numbers one person takes at most.
LUCK_NEEDED: Final = 24


class Person(NamedTuple):
    """Who a foreign resident is before names and papers."""

    nationality: Nationality
    place: Place
    kind: Kind
    male: bool
    birth: date
    #: Whether the head of the household is Japanese.
    with_japanese: bool
    #: Numbers that all of the family share: what its status and its surname come from.
    family_status: float
    family_surname: float
    #: The Japanese name for an alias (通称).
    alias: str


def describe(person: Person, luck: Luck, origin: str | None, on: date) -> dict[str, str | None]:
    """The items of a foreign resident by column, but for those that everybody has alike."""
    status = _status(person, luck, on)
    return _name(person, luck, status) | _papers(luck, status, on) | _days(person, luck, status, origin, on)


def _age(person: Person, on: date) -> int:
    return (on - person.birth).days // 365


def _status(person: Person, luck: Luck, on: date) -> str:
    """Status of residence (在留資格)."""
    statuses = person.nationality.statuses
    first = statuses[int(person.family_status * len(statuses))]
    if person.with_japanese:
        return first if first == _SPECIAL else luck.of((_SPOUSE_OF_JAPANESE, _SPOUSE_OF_JAPANESE, _PERMANENT))
    if _age(person, on) >= _OLD and first not in FOR_LIFE:
        return _PERMANENT
    if person.kind in (Kind.ALONE, Kind.SHARING):
        return first
    first = _WORKER if first in _ALONE or first == _DEPENDANT else first
    return first if person.place is Place.HEAD else _OF_FAMILY.get(first, _DEPENDANT)


def _name(person: Person, luck: Luck, status: str) -> dict[str, str | None]:
    """Names in letters and ideographs, and the alias (通称)."""
    nationality = person.nationality
    given = luck.of(nationality.men if person.male else nationality.women)
    own = luck.unit()
    surname = own if person.place is Place.SPOUSE else person.family_surname
    surnames = nationality.surnames and (nationality.surnames[int(surname * len(nationality.surnames))],)
    latin, kanji = _written((*surnames, given), luck, letters=status != _SPECIAL)
    alias = person.alias if luck.hits(nationality.alias) else None
    recorded = PersonName.foreign(latin=latin, kanji=kanji, alias=alias)
    return {"name": recorded.recorded, "name_latin": latin, "name_kanji": kanji, "alias": alias}


def _written(words: Sequence[Word], luck: Luck, *, letters: bool) -> tuple[str | None, str | None]:
    """In letters, in ideographs or both; special permanent residents (特別永住者) often have no letters."""
    latin = " ".join(word.latin for word in words)
    ideographs = [word.kanji for word in words if word.kanji]
    if len(ideographs) < len(words) or luck.hits(12):
        return latin, None
    kanji = SPACE.join(ideographs)
    return (None, kanji) if not letters and luck.hits(65) else (latin, kanji)


def _papers(luck: Luck, status: str, on: date) -> dict[str, str | None]:
    """Category, status, period and card (法30条の45の表)."""
    number = "".join((luck.of(_LETTERS), luck.of(_LETTERS), f"{int(luck.unit() * 10**8):08}"))
    number += luck.of(_LETTERS) + luck.of(_LETTERS)
    papers: dict[str, str | None] = {
        "residence_category": _SPECIAL if status == _SPECIAL else "中長期在留者",
        "residence_status": None if status == _SPECIAL else status,
        "residence_period": None,
        "residence_expires_on": None,
        "residence_card_number": number,
    }
    if status in (_PERMANENT, _SPECIAL):
        return papers
    period, days = luck.of(_PERIODS.get(status, _USUAL_PERIODS))
    expires = on + timedelta(days=1 + int(luck.unit() * days))
    return papers | {"residence_period": period, "residence_expires_on": expires.isoformat()}


def _days(person: Person, luck: Luck, status: str, origin: str | None, on: date) -> dict[str, str | None]:
    """When the person came, settled and notified it, and from where."""
    years = min(_YEARS_HERE.get(status, _USUAL_YEARS_HERE), 120)
    here = min(int(luck.unit() * years * 365), (on - person.birth).days)
    moved = luck.hits(60)
    address = on - timedelta(days=int(here * (luck.unit() if moved else 1.0)))
    came = on - timedelta(days=here)
    notified = min(on, address + timedelta(days=int(luck.unit() * 15)))
    born_here = came == person.birth
    return {
        "nationality": person.nationality.name,
        "became_foreign_resident_on": max(came, _FIRST_DAY).isoformat(),
        "address_settled_on": address.isoformat(),
        "notified_on": notified.isoformat(),
        "previous_address": origin if moved else None if born_here else person.nationality.name,
    }
