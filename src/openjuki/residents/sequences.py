# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
r"""Which variation sequences (異体字列, IVS) may be recorded: only those of the MJ list, which every office can draw.

Rules of this file:

1. A sequence of the list (Moji_Joho, or a standardized one) stays as it is.
2. A sequence of Adobe-Japan1, which everyday input makes, becomes the shape of the list where its character has
   one shape only. Where the character has several, only somebody who sees the original can say which: that is
   asked, and the answer holds for the sequence wherever it stands.
3. Every other sequence is refused. So is one of Adobe-Japan1 whose character is not in the list.

>>> admitted = admit("葛\U000e0102　一\U000e0100郎")
>>> admitted.text == "葛\U000e0102　一郎", admitted.asked
(True, ())
>>> question, = admit("葛\U000e0100西").asked
>>> question.code_points, [shape.mj for shape in question.candidates][:2]
('U+845B U+E0100', ['MJ022335', 'MJ022336'])
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from openjuki.residents.characters import adobe_japan1, mj_of, sequences, shapes_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openjuki.residents.characters import Shape

#: A character with all that selects its shape; a selector behind nothing is left to `writing.flaw`.
_SEQUENCE: Final = re.compile(
    "([^\ufe00-\ufe0f\U000e0100-\U000e01ef])([\ufe00-\ufe0f\U000e0100-\U000e01ef]+)"
)
_SELECTOR: Final = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_FIRST_SELECTOR: Final = 0xE0100
#: A character and one selector.
_LENGTH: Final = 2

#: What operators answered: the text of a shape by the sequence that was asked about.
type Answers = Mapping[str, str]

NO_ANSWERS: Final[Answers] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ShapeQuestion:
    """Which shape a sequence means (字形の確認): only the original tells."""

    sequence: str
    candidates: tuple[Shape, ...]

    @property
    def code_points(self) -> str:
        """The sequence, as it can be written anywhere."""
        return code_points(self.sequence)


@dataclass(frozen=True, slots=True)
class AdmittedText:
    """A text whose sequences were looked at (受付済みの文字列)."""

    #: What may be recorded, where nothing is asked and nothing unknown.
    text: str
    #: Sequences that became a shape of the list, and which.
    mapped: tuple[tuple[str, Shape], ...] = ()
    asked: tuple[ShapeQuestion, ...] = ()
    #: Sequences that no list of ours knows.
    unknown: tuple[str, ...] = ()


def has_sequences(text: str) -> bool:
    """Whether there is anything to look at; quick."""
    return _SELECTOR.search(text) is not None


def admit(text: str, answers: Answers = NO_ANSWERS) -> AdmittedText:
    """Look at the sequences of a text that is to be recorded."""
    mapped: list[tuple[str, Shape]] = []
    asked: list[ShapeQuestion] = []
    unknown: list[str] = []

    def look(match: re.Match[str]) -> str:
        sequence = match[0]
        if (match[1], match[2]) in sequences():
            return sequence
        candidates = candidates_of(sequence)
        chosen = _chosen(candidates, answers.get(sequence))
        if chosen is not None:
            mapped.append((sequence, chosen))
            return chosen.text
        if candidates:
            asked.append(ShapeQuestion(sequence, candidates))
        else:
            unknown.append(sequence)
        return sequence

    return AdmittedText(_SEQUENCE.sub(look, text), tuple(mapped), tuple(asked), tuple(unknown))


def candidates_of(sequence: str) -> tuple[Shape, ...]:
    """The shapes that a sequence of Adobe-Japan1 may mean; none of any other."""
    if len(sequence) != _LENGTH:
        return ()
    place = ord(sequence[1]) - _FIRST_SELECTOR
    return shapes_of(sequence[0]) if 0 <= place < adobe_japan1().get(sequence[0], 0) else ()


def code_points(text: str) -> str:
    """As standards write them: ``U+845B U+E0100``."""
    return " ".join(f"U+{ord(character):04X}" for character in text)


def _chosen(candidates: tuple[Shape, ...], answer: str | None) -> Shape | None:
    if len(candidates) == 1:
        return candidates[0]
    chosen = None if answer is None else mj_of(answer)
    return chosen if chosen is not None and chosen.mj in {shape.mj for shape in candidates} else None
