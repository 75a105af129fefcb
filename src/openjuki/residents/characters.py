# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
r"""Characters (文字) of names: the shapes an official list knows, and which of them are variants (異体字).

A shape of the MJ list (MJ文字図形) is written in Unicode as a character alone or with a variation
selector behind it. Only sequences of that list are shapes for us: those of another collection look
alike in the data and are drawn as something else (葛 with U+E0100 is one; the list begins at U+E0102).

The tables are package data under a licence of their own (`openjuki/data/characters/LICENSE.md`), read
once when first asked for. Nothing here changes what is recorded.

>>> mj_of("葛\U000e0102")
Shape(mj='MJ022335', text='葛\U000e0102', juki='J+845B')
>>> ivs_base("葛\U000e0102城")
'葛城'
>>> [character.encode("unicode_escape") for character in without_glyph("葛\U000e0100城")]
[b'\\u845b\\U000e0100']
"""

from __future__ import annotations

import csv
import gzip
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_SELECTORS: Final = "\ufe00-\ufe0f\U000e0100-\U000e01ef"
_SELECTOR: Final = re.compile(f"[{_SELECTORS}]")
_UNIT: Final = re.compile(f"(?s:.)[{_SELECTORS}]*")
#: What needs a shape of the list; kana, letters and signs are every font's.
_IDEOGRAPH: Final = re.compile("[㐀-䶿一-鿿豈-\ufaff\U00020000-\U0003ffff]")


@dataclass(frozen=True, slots=True)
class Shape:
    """Shape of a character (MJ文字図形), as the list of 文字情報基盤 numbers it."""

    #: MJ文字図形名, ``MJ`` and six digits.
    mj: str
    #: How it is written here: a character, or a character with a variation selector.
    text: str
    #: 住基ネット統一文字コード, ``J+`` and four hexadecimal digits; None for two thirds of the list.
    juki: str | None


def mj_of(text: str) -> Shape | None:
    """The shape (MJ文字図形) that one character, with or without a variation selector, is written for."""
    row = _shapes().get(text)
    return row and Shape(mj=f"MJ{row[0]}", text=text, juki=f"J+{row[1]}" if row[1] else None)


def ivs_base(text: str) -> str:
    """The text without its variation selectors (異体字セレクタ): what it reads, not how it looks."""
    return _SELECTOR.sub("", text)


@cache
def sequences() -> frozenset[tuple[str, str]]:
    """Every (character, variation selector) of the list (Moji_JohoコレクションのIVS), and its 89 standardized ones."""
    return frozenset((text[0], text[1]) for text in _shapes() if len(text) > 1)


def without_glyph(text: str) -> tuple[str, ...]:
    """What no font of the list can draw as written: in order, each character with its selectors.

    That is a selector without its character, a sequence the list does not know, an ideograph outside it.
    """
    return tuple(unit for unit in _UNIT.findall(text) if not _drawable(unit))


def has_glyph(text: str) -> bool:
    """Whether every character of the text has its own shape (字形); see `without_glyph`."""
    return not without_glyph(text)


@cache
def variants() -> Mapping[str, str]:
    """The representative of every character that has variants (異体字), but of the representatives themselves."""
    return {member: first for first, members in _rows("variants.csv.gz") for member in members}


def _drawable(unit: str) -> bool:
    if len(unit) > 1 or _IDEOGRAPH.match(unit):
        return unit in _shapes()
    return not _SELECTOR.match(unit)


@cache
def _shapes() -> Mapping[str, tuple[str, str]]:
    """Number and 統一文字コード by every way of writing the shape."""
    return {
        text: (mj, juki)
        for mj, character, sequences, juki in _rows("shapes.csv.gz")
        for text in (character, *sequences.split())
        if text
    }


def _rows(name: str) -> Iterator[list[str]]:
    """The rows of a table below its header."""
    compressed = files("openjuki.data").joinpath("characters", name).read_bytes()
    rows = csv.reader(gzip.decompress(compressed).decode().splitlines())
    next(rows)
    return rows
