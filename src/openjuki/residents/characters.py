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


@cache
def adobe_japan1() -> Mapping[str, int]:
    """How many sequences of the collection Adobe-Japan1 a character begins, their selectors from U+E0100 on.

    They are what everyday input makes, and none of them is a sequence of the list.
    """
    return {
        character: int(count)
        for count, characters in _rows("adobe_japan1.csv.gz")
        for character in characters
    }


def shapes_of(character: str) -> tuple[Shape, ...]:
    """The shapes of the list that one character stands for, each as it is written here, in the list's order."""
    return _by_character().get(character, ())


@cache
def shrinking() -> Mapping[str, Mapping[str, str]]:
    """What a shape may be replaced by where it cannot be written (縮退), by its number: the best first.

    The value of a character is the letter of the table that says so (`SHRINKING_TABLES`).
    """
    return {
        f"MJ{mj}": dict(zip(text[1::2], text[::2], strict=True)) for mj, text in _rows("shrinking.csv.gz")
    }


#: The tables of the MJ map (MJ縮退マップ).
SHRINKING_TABLES: Final[Mapping[str, str]] = {
    "J": "JIS包摂規準・UCS統合規則",
    "M": "民一2842号通達別表 誤字俗字・正字一覧表",
    "Z": "民一2842号通達別表 誤字俗字・正字一覧表（俗字）",
    "N": "民二5202号通知別表 正字・俗字等対照表",
    "K": "戸籍統一文字情報 親字・正字",
    "H": "法務省告示582号別表第四 一",
    "I": "法務省告示582号別表第四 二",
    "Y": "読み・字形による類推",
    "B": "民一2842号通達別表 誤字俗字・正字一覧表（別字）",
    "D": "辞書類等による関連字",
}


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


@cache
def _by_character() -> Mapping[str, tuple[Shape, ...]]:
    """Every shape once under its character: plainly where that writes it, else by its first sequence."""
    found: dict[str, dict[str, Shape]] = {}
    for text, (mj, juki) in _shapes().items():
        shape = Shape(mj=f"MJ{mj}", text=text, juki=f"J+{juki}" if juki else None)
        found.setdefault(text[0], {}).setdefault(mj, shape)
    return {character: tuple(shapes.values()) for character, shapes in found.items()}


def _rows(name: str) -> Iterator[list[str]]:
    """The rows of a table below its header."""
    compressed = files("openjuki.data").joinpath("characters", name).read_bytes()
    rows = csv.reader(gzip.decompress(compressed).decode().splitlines())
    next(rows)
    return rows
