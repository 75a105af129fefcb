# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Readings as they are heard and keyed in (振り仮名): voice, size and length of kana."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openjuki.simulation.handwriting.choice import at_one_place, by_character
from openjuki.simulation.handwriting.width import kana_of_the_other_kind, narrow_kana, other_spaces

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from openjuki.simulation.chance import Chance

    type Slip = Callable[[Chance, str], str | None]

_SMALL: Final = dict(zip("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ", strict=True))
_VOICED: Final = dict(
    zip("カキクケコサシスセソタチツテトハヒフヘホ", "ガギグゲゴザジズゼゾダヂヅデドバビブベボ", strict=True)
)
_VOICELESS: Final = {voiced: plain for plain, voiced in _VOICED.items()} | dict(
    zip("パピプペポ", "ハヒフヘホ", strict=True)
)
_ROWS: Final = {
    "ア": "アカサタナハマヤラワガザダバパャ",
    "イ": "イキシチニヒミリギジヂビピ",
    "ウ": "ウクスツヌフムユルグズヅブプュ",
    "エ": "エケセテネヘメレゲゼデベペ",
    "オ": "オコソトノホモヨロゴゾドボポョ",
}
_VOWEL: Final = {kana: vowel for vowel, row in _ROWS.items() for kana in row}
#: Which vowel, written after which, is heard as a long one.
_HEARD_LONG: Final = {
    ("ア", "ア"),
    ("イ", "イ"),
    ("ウ", "ウ"),
    ("エ", "イ"),
    ("エ", "エ"),
    ("オ", "ウ"),
    ("オ", "オ"),
}
_ALIKE: Final = {"ヅ": "ズ", "ズ": "ヅ", "ヂ": "ジ", "ジ": "ヂ"}


def voice_lost(chance: Chance, reading: str) -> str | None:
    """濁点 or 半濁点 left out."""
    return by_character(chance, reading, _VOICELESS)


def voice_gained(chance: Chance, reading: str) -> str | None:
    """濁点 where there is none: ヤマザキ for ヤマサキ."""
    places = {
        i: _VOICED[c] for i, c in enumerate(reading) if c in _VOICED and i and reading[i - 1] != "\u3000"
    }
    return at_one_place(chance, reading, places)


def small_written_large(chance: Chance, reading: str) -> str | None:
    """シヨウ for ショウ (小書き)."""
    return by_character(chance, reading, _SMALL)


def long_vowel(chance: Chance, reading: str) -> str | None:
    """ユーコ for ユウコ, and ユウコ for ユーコ (長音)."""
    places: dict[int, Sequence[str]] = {}
    for i in range(1, len(reading)):
        before, here = _VOWEL.get(reading[i - 1]), reading[i]
        if before is None:
            continue
        if here == "ー":
            places[i] = [vowel for vowel in "アイウエオ" if (before, vowel) in _HEARD_LONG]
        elif (before, here) in _HEARD_LONG:
            places[i] = "ー"
    return at_one_place(chance, reading, places)


def long_o(chance: Chance, reading: str) -> str | None:
    """サトオ for サトウ, オウノ for オオノ (オ段+ウ)."""
    places = {
        i: {"ウ": "オ", "オ": "ウ"}[reading[i]]
        for i in range(1, len(reading))
        if reading[i] in "ウオ" and _VOWEL.get(reading[i - 1]) == "オ"
    }
    return at_one_place(chance, reading, places)


def four_kana(chance: Chance, reading: str) -> str | None:
    """ズ for ヅ, ヂ for ジ (四つ仮名)."""
    return by_character(chance, reading, _ALIKE)


#: Slips in readings.
IN_READINGS: Final[Mapping[str, Slip]] = {
    "濁点 lost": voice_lost,
    "濁点 gained": voice_gained,
    "小書き": small_written_large,
    "長音": long_vowel,
    "オ段+ウ": long_o,
    "ヅ・ズ": four_kana,
    "half-width": narrow_kana,
    "hiragana": kana_of_the_other_kind,
    "spaces": other_spaces,
}
