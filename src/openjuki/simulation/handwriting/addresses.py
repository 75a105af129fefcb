# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Addresses as people write them (住所): 丁目, 番地 and 号 in full or as hyphens, figures of every kind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from openjuki.simulation.handwriting.choice import happens, pick
from openjuki.simulation.handwriting.width import to_narrow, to_wide

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openjuki.simulation.chance import Chance

_DASHES: Final = "-－‐−–ー"
_FIGURES: Final = "〇一二三四五六七八九"
#: 丁目, 番 and 号.
_WITH_CHOME: Final = 3


class Place:
    """Where somebody lives (住所), in the parts that people write in different ways."""

    def __init__(self, town: str, block: str, building: str) -> None:
        """Take the parts of an address as a register has them."""
        found = re.fullmatch("(.*?)(?:([0-9]+|[一二三四五六七八九十]+)丁目)?", town)
        base, chome = (found[1], found[2]) if found else (town, None)
        self.base = base
        self.numbers = [int(figures) for figures in re.findall("[0-9]+", block)]
        self.chome = _number(chome) if chome else None
        self.building = building
        #: 番地, or 番 and 号; where the register writes hyphens nobody can tell.
        self.is_lot = "番地" in block
        if self.chome is None and not self.is_lot and len(self.numbers) == _WITH_CHOME:
            self.chome, *self.numbers = self.numbers
        self.is_plain = len(self.numbers) in {1, 2} and re.fullmatch("[0-9番地の号-]*", block) is not None

    def written(self, chance: Chance, *, how: str, building: bool) -> str | None:
        """The address in one of `STYLES`; None where it has parts that no style writes."""
        if not self.is_plain or (text := STYLES[how](chance, self)) is None:
            return None
        text = _base(chance, self.base) + text
        if not building or not self.building:
            return text
        return text + pick(chance, ("\u3000", " ", "")) + _building(chance, self.building)


def _marks(chance: Chance, place: Place, figures: Callable[[int], str], chome: Callable[[int], str]) -> str:
    first, *more = place.numbers
    block = f"{figures(first)}{'番地' if place.is_lot else '番'}"
    for number in more:
        block += pick(chance, ("の", "", "ノ")) + figures(number) if place.is_lot else figures(number) + "号"
    return (f"{chome(place.chome)}丁目" if place.chome else "") + block


def _all_numbers(place: Place) -> list[int]:
    return ([place.chome] if place.chome else []) + place.numbers


def _with_marks(chance: Chance, place: Place) -> str:
    figures = pick(chance, _ARABIC)
    return _marks(chance, place, figures, pick(chance, (figures, _kanji)))


def _with_hyphens(chance: Chance, place: Place) -> str:
    figures = pick(chance, _ARABIC)
    return pick(chance, _DASHES).join(map(figures, _all_numbers(place)))


def _with_no(chance: Chance, place: Place) -> str:
    return pick(chance, "のノ").join(map(str, _all_numbers(place)))


def _chome_then_hyphens(chance: Chance, place: Place) -> str | None:
    if place.chome is None:
        return None
    chome = pick(chance, (*_ARABIC, _kanji))(place.chome)
    return f"{chome}丁目" + pick(chance, "-－").join(map(str, place.numbers))


def _in_kanji(chance: Chance, place: Place) -> str:
    return _marks(chance, place, pick(chance, (_kanji, _kanji_figures)), _kanji)


def _without_the_last_mark(chance: Chance, place: Place) -> str:
    return re.sub("(号|番地?)$", "", _with_marks(chance, place))


def _base(chance: Chance, base: str) -> str:
    """The town with 大字 or without, and ケ as it is heard."""
    if base.startswith("大字") and happens(chance, 0.5):
        base = base.removeprefix("大字")
    for one in ("ケ", "ヶ"):
        if f"{one}" in base[1:] and happens(chance, 0.7):
            base = base[0] + base[1:].replace(one, pick(chance, "ケヶが"))
    return base


def _building(chance: Chance, building: str) -> str:
    if happens(chance, 0.4):
        building = re.sub("号室?$", "", building)
    if happens(chance, 0.3):
        building = to_wide(building)
    if happens(chance, 0.2):
        building = to_narrow(building)
    return building


def _kanji(number: int) -> str:
    """二百三十四."""
    text = ""
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        figure, number = divmod(number, unit)
        text += ("" if figure == 1 and name else _FIGURES[figure] if figure else "") + (
            name if figure else ""
        )
    return text


def _kanji_figures(number: int) -> str:
    """二三四."""
    return "".join(_FIGURES[int(figure)] for figure in str(number))


def _wide_figures(number: int) -> str:
    return to_wide(str(number))


def _number(text: str) -> int:
    if text.isascii():
        return int(text)
    tens, has_tens, ones = text.rpartition("十")
    return (10 * (_FIGURES.index(tens) if tens else 1) if has_tens else 0) + (
        _FIGURES.index(ones) if ones else 0
    )


_ARABIC: Final[tuple[Callable[[int], str], ...]] = (str, _wide_figures)
#: Ways of writing the numbers of an address.
STYLES: Final[Mapping[str, Callable[[Chance, Place], str | None]]] = {
    "丁目・番・号": _with_marks,
    "hyphens": _with_hyphens,
    "の": _with_no,
    "丁目 and hyphens": _chome_then_hyphens,
    "kanji numerals": _in_kanji,
    "without the last mark": _without_the_last_mark,
}
