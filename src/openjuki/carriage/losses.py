# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an encoding cannot hold (文字の縮退): which characters, and what stands in their place.

Rules of this file:

1. A character is lost where the encoding does not give it back: also where it silently becomes another (〜 in cp932).
2. A character is looked at with what selects its shape: a variation sequence is one character.
3. The plain character of the same shape stands in its place if there is one; else what the MJ map names, its most
   trusted table first; of signs their twin in the other mapping of Shift_JIS. Where nothing can, 〓 does.

>>> from openjuki.carriage.encoding import Encoding
>>> [(loss.replacement, loss.by) for loss in Transcoder(Encoding.CP932).convert("𠮷野髙子")[1]]
[('吉', 'JIS包摂規準・UCS統合規則')]
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from openjuki.residents.characters import SHRINKING_TABLES, mj_of, shapes_of, shrinking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openjuki.carriage.encoding import Encoding

#: Where nothing can stand in for a character; an import alerts of it.
NOTHING: Final = "〓"

SAME_SHAPE: Final = "同じ字形"
SIGNS: Final = "記号の対応"

#: A character with the selectors and marks behind it.
_UNIT: Final = re.compile("(?s:.)[\u0300-\u036f\u3099\u309a\ufe00-\ufe0f\U000e0100-\U000e01ef]*")

#: Signs for which cp932 and JIS X 0213 have two code points.
_TWINS: Final = dict(zip("〜～−－‖∥¢￠£￡¬￢—", "～〜－−∥‖￠¢￡£￢¬―", strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A character that an encoding cannot hold (縮退される文字)."""

    character: str
    #: Number of its shape; None: it is not of the MJ list.
    mj: str | None
    #: What stands in its place; None: nothing can.
    replacement: str | None
    #: Who says so: a table of the MJ map, `SAME_SHAPE` or `SIGNS`.
    by: str | None


class Transcoder:
    """Makes texts fit an encoding (文字コードの変換)."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._loss = lru_cache(maxsize=2**16)(self._look)

    def holds(self, text: str) -> bool:
        """Whether the encoding gives the text back as it is."""
        try:
            return text.encode(self._encoding).decode(self._encoding) == text
        except UnicodeError:
            return False

    def convert(self, text: str) -> tuple[str, list[Loss]]:
        """The text as the encoding holds it, and what of it is lost."""
        if self.holds(text):
            return text, []
        looked = [(unit, self._loss(unit)) for unit in _UNIT.findall(text)]
        fitting = "".join(unit if loss is None else loss.replacement or NOTHING for unit, loss in looked)
        return fitting, [loss for _, loss in looked if loss is not None]

    def _look(self, unit: str) -> Loss | None:
        if self.holds(unit):
            return None
        shape = mj_of(unit)
        found = next(((other, by) for other, by in self._others(unit) if self.holds(other)), (None, None))
        return Loss(character=unit, mj=shape.mj if shape else None, replacement=found[0], by=found[1])

    @staticmethod
    def _others(unit: str) -> Iterator[tuple[str, str]]:
        """What may stand for a character, the best first, and who says so."""
        shape = mj_of(unit)
        if shape is not None:
            yield from ((one.text, SAME_SHAPE) for one in shapes_of(unit[0]) if one.mj == shape.mj)
            yield from (
                (other, SHRINKING_TABLES[letter]) for other, letter in shrinking().get(shape.mj, {}).items()
            )
        if unit in _TWINS:
            yield _TWINS[unit], SIGNS
