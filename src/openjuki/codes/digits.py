# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the three numbers share: reading digits, weighing them, drawing them.

>>> compact("１２３４-5678 9018")
'123456789018'
>>> weighted_sum("13101", (6, 5, 4, 3, 2))
27
"""

from __future__ import annotations

from math import sumprod
from typing import TYPE_CHECKING

from openjuki.errors import BadCode

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Fewest random bytes from which a body is drawn: the bias of the remainder stays below 2**-90.
ENTROPY_BYTES = 16

_ZERO = ord("0")

#: Full-width digits become digits; spaces, hyphens and everything that passes for a hyphen go.
_COMPACT = str.maketrans(
    "０１２３４５６７８９",
    "0123456789",
    " \t\u00a0\u3000-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\uff0d\u30fc",
)


def compact(text: str) -> str:
    """The digits people mean, without the grouping they were written with."""
    return text.translate(_COMPACT)


def read(text: str, length: int) -> str:
    """Compact `text` and insist on `length` digits.

    Raises:
        BadCode: something else remains.
    """
    if len(text) == length and text.isascii() and text.isdigit():
        return text
    digits = compact(text)
    if len(digits) == length and digits.isascii() and digits.isdigit():
        return digits
    raise BadCode(f"not {length} digits")


def weighted_sum(digits: str, weights: Sequence[int]) -> int:
    """Sum of digit times weight, the leftmost digit with the first weight."""
    return int(sumprod(digits.encode(), weights)) - _ZERO * sum(weights)


def draw(entropy: bytes, length: int) -> str:
    """A uniform body of `length` digits out of random bytes.

    Raises:
        ValueError: fewer than `ENTROPY_BYTES` bytes were given.
    """
    if len(entropy) < ENTROPY_BYTES:
        raise ValueError(f"{ENTROPY_BYTES} random bytes are needed")
    return str(int.from_bytes(entropy) % 10**length).zfill(length)
