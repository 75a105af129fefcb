# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What there is to ask on the day (照会の台本): for each errand who asks, for which affair, about whom, and by what.

People are asked about as they stood in the morning; what they told their towns meanwhile makes the answers differ.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from openjuki.codes.local_government import prefecture_of
from openjuki.residents.address import Address
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from openjuki.simulation.chance import Chance
    from openjuki.simulation.day import Happened, Row

    type Question = dict[str, Any]
    #: Draws the questions of one request; none where nobody fits.
    type Draw = Callable[[People, Chance], Sequence[Question]]

#: Every third applicant writes a birth date that is not theirs.
_SLIPS: Final = 3
#: Whom the State's agencies ask about: everybody, of whatever prefecture.
_ANYWHERE: Final = None


class People:
    """Whom one may ask about (照会の対象者)."""

    def __init__(self, residents: Mapping[str, Sequence[Row]], happened: Sequence[Happened]) -> None:
        """Residents by town as they stood in the morning, and what happened to some of them."""
        self._all = [row for rows in residents.values() for row in rows]
        self._by_prefecture: dict[str, list[Row]] = {}
        for town, rows in residents.items():
            self._by_prefecture.setdefault(str(prefecture_of(town)), []).extend(rows)
        self._codes: dict[str, list[str]] = {}
        for event in happened:
            if event.resident_code is not None:
                self._codes.setdefault(event.title, []).append(event.resident_code)
        born = Counter((row["name"], row["birth_date"]) for row in self._all)
        self._shared = [{"name": name, "birth_date": day} for (name, day), count in born.items() if count > 1]

    def some(self, chance: Chance, count: int, prefecture: str | None = _ANYWHERE) -> list[Row]:
        """So many of chance, of one prefecture or of any."""
        among = self._all if prefecture is None else self._by_prefecture.get(prefecture, [])
        return [among[place] for place in chance.below(len(among), count).tolist()] if among else []

    def whose(self, chance: Chance, title: str) -> list[str]:
        """The code under which somebody was known to whom this happened today."""
        codes = self._codes.get(title, [])
        return [codes[int(chance.below(len(codes), 1)[0])]] if codes else []

    def namesakes(self, chance: Chance) -> list[Question]:
        """A name and a day of birth that several people have."""
        return [self._shared[int(chance.below(len(self._shared), 1)[0])]] if self._shared else []


@dataclass(frozen=True, slots=True)
class Errand:
    """Something that an office asks again and again (照会の類型)."""

    title: str
    #: How many requests, of 20,000 residents.
    times: int
    node: str
    #: The office, whose system asks; or an operator of it.
    office: str
    affair: str
    draw: Draw
    what: What = What.ASK
    history: bool = False
    #: Whether somebody asks at a terminal, and not a system over HTTP.
    by_hand: bool = False
    reason: str = "受付"


def _code(row: Row) -> Question:
    return {"resident_code": row["resident_code"]}


def _number(row: Row) -> Question:
    return {"individual_number": row["individual_number"]}


def _born(row: Row) -> Question:
    return {"name": row["name"], "birth_date": row["birth_date"]}


def _lives(row: Row) -> Question:
    municipality, town = row["municipality"] or "", row["town"] or ""
    address = Address(municipality, town, row["block"] or "", row["building"] or "")  # type: ignore[arg-type]
    return {"name": row["name"], "municipality": municipality, "address": address.text}


def _some(keys: Callable[[Row], Question], count: int = 1, prefecture: str | None = _ANYWHERE) -> Draw:
    return lambda people, chance: [keys(row) for row in people.some(chance, count, prefecture)]


def _happened(title: str) -> Draw:
    return lambda people, chance: [{"resident_code": code} for code in people.whose(chance, title)]


def _claims(people: People, chance: Chance) -> list[Question]:
    """What applicants wrote: every third has a birth date wrong."""
    written = []
    for place, row in enumerate(people.some(chance, _SLIPS)):
        (other,) = people.some(chance, 1)
        born = (other if place == 0 else row)["birth_date"]
        written.append({**_lives(row), "birth_date": born, "verify": ["birth_date", "address"]})
    return written


def _malformed(people: People, chance: Chance) -> list[Question]:
    return [{"resident_code": (row["resident_code"] or "")[:-1]} for row in people.some(chance, 1)]


ERRANDS: Final = (
    Errand(
        "住民票コードで照会 By resident code", 12, "agency-nenkin", "kokunen", "state-118", _some(_code, 20)
    ),
    Errand(
        "履歴を照会 With history", 6, "agency-nenkin", "kounen", "state-115", _some(_number, 5), history=True
    ),
    Errand("死亡した人 Who died today", 4, "agency-nenkin", "kokunen", "state-118", _happened("死亡 Deaths")),
    Errand(
        "出国した人 Who left the country",
        2,
        "agency-nenkin",
        "kokunen",
        "state-118",
        _happened("国外転出 Moves abroad"),
    ),
    Errand(
        "変更前のコード Under a replaced code",
        2,
        "agency-nenkin",
        "kokunen",
        "state-118",
        _happened("住民票コードの変更 Changes of code"),
    ),
    Errand(
        "申請書との照合 Verifying applications",
        10,
        "agency-nenkin",
        "kounen",
        "state-115",
        _claims,
        what=What.VERIFY,
    ),
    Errand(
        "個人番号で照会 By individual number", 10, "agency-kokuzei", "tanto", "state-061", _some(_number, 20)
    ),
    Errand(
        "氏名と生年月日で照会 By name and birth date",
        10,
        "agency-kyokai-kenpo",
        "tanto",
        "state-108",
        _some(_born, 5),
    ),
    Errand(
        "同姓同名の確定 Namesakes, confirmed",
        4,
        "agency-kyokai-kenpo",
        "tanto",
        "state-108",
        lambda people, chance: people.namesakes(chance),
    ),
    Errand(
        "氏名と住所で照会 By name and address", 10, "agency-jasso", "tanto", "state-070", _some(_lives, 5)
    ),
    Errand(
        "番号からコードへ Code for a number",
        4,
        "agency-digital",
        "tanto",
        "digital-agency-code",
        _some(_number, 10),
    ),
    Errand(
        "旅券の申請 Passports",
        8,
        "agency-tokyo-ryoken",
        "tanto",
        "prefecture-013",
        _some(_born, 1, "130001"),
        by_hand=True,
    ),
    Errand(
        "他県の人の旅券 A passport, elsewhere",
        2,
        "agency-tokyo-ryoken",
        "tanto",
        "prefecture-013",
        _some(_born, 1, "010006"),
        by_hand=True,
    ),
    Errand(
        "道内・道外の納税者 Taxpayers, of any prefecture",
        8,
        "agency-hokkaido-zei",
        "tanto",
        "prefecture-010",
        _some(_code, 5),
    ),
    Errand(
        "条例による道税 By ordinance",
        6,
        "agency-hokkaido-zei",
        "tanto",
        "hokkaido-2-02",
        _some(_born, 3, "010006"),
    ),
    Errand(
        "県内・県外の納税者 Taxpayers, of any prefecture",
        8,
        "agency-shizuoka-zei",
        "tanto",
        "prefecture-010",
        _some(_code, 5),
    ),
    Errand(
        "就学支援金 School support", 6, "agency-hokkaido-kyoiku", "tanto", "prefecture-014", _some(_number, 3)
    ),
    Errand("生活保護 Public assistance", 8, "agency-chiyoda-fukushi", "tanto", "city-027", _some(_code, 3)),
    Errand(
        "窓口から At a terminal", 4, "agency-chiyoda-fukushi", "tanto", "city-021", _some(_born), by_hand=True
    ),
    Errand(
        "担当外の事務 An affair the office does not hold",
        1,
        "agency-nenkin",
        "kokunen",
        "state-115",
        _some(_code),
    ),
    Errand(
        "法に定めのない受領者 Not a recipient by law",
        1,
        "agency-hokkaido-zei",
        "tanto",
        "state-118",
        _some(_code),
    ),
    Errand(
        "未登載の条例事務 An ordinance not yet entered",
        1,
        "agency-hokkaido-zei",
        "tanto",
        "hokkaido-2-31",
        _some(_born),
    ),
    Errand(
        "効力のない事務 An affair no longer in force",
        1,
        "agency-tokyo-ryoken",
        "tanto",
        "prefecture-067",
        _some(_born),
    ),
    Errand(
        "使えない照会条件 A key that is not open",
        1,
        "agency-tokyo-ryoken",
        "tanto",
        "prefecture-013",
        _some(_number),
    ),
    Errand(
        "理由のない照会 No reason given", 1, "agency-kokuzei", "tanto", "state-061", _some(_code), reason=" "
    ),
    Errand("形式の誤り A malformed code", 1, "agency-jasso", "tanto", "state-070", _malformed),
)
