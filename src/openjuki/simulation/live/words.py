# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Numbers, times and names in words (表記), Japanese and English side by side. Pure.

>>> ago(3.3).ja, ago(3.3).en
('3.3秒', '3.3 s')
>>> latin("千代田区", "チヨダク")
'Chiyoda'
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import jaconv

from openjuki.codes.local_government import municipality
from openjuki.config import CENTRE, Kind
from openjuki.law.book import Book
from openjuki.simulation.agencies import AGENCIES

if TYPE_CHECKING:
    from datetime import date

    from openjuki.simulation.founding import PlannedNode

_MINUTE, _FINE = 60, 10
#: The agencies of the demonstration.
_ENGLISH = {agency.id: agency.english for agency in AGENCIES}
#: What the name of a local government ends with, and its readings.
_ENDINGS = {
    "市": ("シ",),
    "区": ("ク",),
    "町": ("チョウ", "マチ"),
    "村": ("ムラ", "ソン"),
    "県": ("ケン",),
    "都": ("ト",),
    "府": ("フ",),
}


class Said(NamedTuple):
    """The same in Japanese and in English."""

    ja: str
    en: str


NONE = Said("なし", "none")


def ago(seconds: float) -> Said:
    """A duration."""
    seconds = max(seconds, 0.0)
    if seconds < _FINE:
        return Said(f"{seconds:.1f}秒", f"{seconds:.1f} s")
    if seconds < 2 * _MINUTE:
        return Said(f"{seconds:.0f}秒", f"{seconds:.0f} s")
    return Said(f"{seconds / _MINUTE:.0f}分", f"{seconds / _MINUTE:.0f} min")


def milliseconds(seconds: float) -> str:
    """A short duration, or a long one."""
    return f"{1000 * seconds:,.0f} ms" if seconds < _FINE else f"{seconds:,.0f} s"


def size(octets: int) -> str:
    """So many bytes, on one line."""
    return f"{octets:,}\u00a0B"


def latin(name: str, kana: str) -> str:
    """A local government's name in Latin letters, without what it ends with (市, 町)."""
    for ending in _ENDINGS.get(name[-1], ()):
        kana = kana.removesuffix(ending)
    letters: str = jaconv.kana2alphabet(jaconv.kata2hira(kana))
    for long, short in (("ou", "o"), ("oo", "o"), ("uu", "u")):
        letters = letters.replace(long, short)
    return letters.capitalize()


def purpose(affair: str, on: date) -> Said:
    """The law that an affair is done under, and its row of the tables."""
    found = _book().affair(affair, on)
    return Said(affair, affair) if found is None else Said(found.law, found.title_en)


@cache
def _book() -> Book:
    return Book.load()


def called(node: PlannedNode) -> Said:
    """A node's name."""
    if node.id == CENTRE:
        return Said("機構", "Centre")
    if node.kind is Kind.AGENCY:
        return Said(node.name, _ENGLISH.get(node.id, node.id.removeprefix("agency-")))
    if node.kind in (Kind.MUNICIPALITY, Kind.PREFECTURE):
        return Said(node.name, latin(node.name, municipality(node.id).kana))
    return Said(node.name, node.id)
