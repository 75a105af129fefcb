# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which of several things happens, where in a text."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openjuki.simulation.chance import Chance


def pick[T](chance: Chance, things: Sequence[T]) -> T:
    """One of these."""
    return things[int(chance.below(len(things), 1)[0])]


def happens(chance: Chance, probability: float) -> bool:
    """Whether it happens."""
    return bool(chance.hits(probability, 1)[0])


def at_one_place(chance: Chance, text: str, other: Mapping[int, Sequence[str]]) -> str | None:
    """The text with one of its places written otherwise, of those for which something else is known."""
    if not other:
        return None
    place = pick(chance, sorted(other))
    return text[:place] + pick(chance, other[place]) + text[place + 1 :]


def by_character(chance: Chance, text: str, table: Mapping[str, Sequence[str]]) -> str | None:
    """The text with one of its characters replaced, of those that the table names."""
    return at_one_place(chance, text, {i: table[c] for i, c in enumerate(text) if c in table})
