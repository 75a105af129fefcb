# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The width and the kind of letters and kana (全角・半角), and the spaces between them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING
from unicodedata import normalize

from openjuki.simulation.handwriting.choice import pick

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openjuki.simulation.chance import Chance


def other_spaces(chance: Chance, name: str) -> str | None:
    """The space between the parts of a name narrow, doubled or forgotten."""
    return name.replace("\u3000", pick(chance, (" ", "", "  "))) if "\u3000" in name else None


def other_width(chance: Chance, text: str) -> str | None:
    """Letters and kana of the other width, letters small or large (全角・半角)."""
    ways: tuple[Callable[[str], str], ...] = (to_wide, to_narrow, str.lower, str.title)
    changed = [other for way in ways if (other := way(text)) != text]
    return pick(chance, changed) if changed else None


def kana_of_the_other_kind(_: Chance, name: str) -> str | None:
    """Katakana for hiragana, or hiragana for katakana."""
    changed = "".join(_other_kana(character) for character in name)
    return None if changed == name else changed


def narrow_kana(_: Chance, reading: str) -> str | None:
    """Half-width katakana (半角カナ)."""
    return to_narrow(reading)


def to_wide(text: str) -> str:
    """Every letter, figure and space full-width."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else "\u3000" if c == " " else c for c in text)


def to_narrow(text: str) -> str:
    """Every letter, figure, kana and space half-width."""
    narrow = "".join(_narrow().get(c, c) for c in text)
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else " " if c == "\u3000" else c for c in narrow)


def _other_kana(character: str) -> str:
    if "ァ" <= character <= "ヴ":
        return chr(ord(character) - 0x60)
    return chr(ord(character) + 0x60) if "ぁ" <= character <= "ゔ" else character


@cache
def _narrow() -> Mapping[str, str]:
    """Half-width kana by full-width ones, with their marks apart."""
    half = {normalize("NFKC", chr(code)): chr(code) for code in range(0xFF66, 0xFF9E)}
    marks = {"\u3099": "ﾞ", "\u309a": "ﾟ"}
    composed = (chr(code) for code in range(ord("ァ"), ord("ヺ") + 1))
    parts = {c: normalize("NFD", c) for c in composed}
    return {c: half[p[0]] + "".join(marks[m] for m in p[1:]) for c, p in parts.items() if p[0] in half} | {
        "ー": "ｰ"
    }
