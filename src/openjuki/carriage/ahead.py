# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Pieces that are made ahead (先読み): one by another thread, while the one before it is used."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def ahead[Piece](pieces: Iterator[Piece]) -> Iterator[Piece]:
    """The same pieces in the same order; what goes wrong with one is said when its turn comes.

    >>> list(ahead(iter("abc")))
    ['a', 'b', 'c']
    """
    with ThreadPoolExecutor(1) as thread:
        following = thread.submit(_next, pieces)
        while found := following.result():
            following = thread.submit(_next, pieces)
            yield found[0]


def _next[Piece](pieces: Iterator[Piece]) -> tuple[Piece] | None:
    """The next piece; None where there is none."""
    for piece in pieces:
        return (piece,)
    return None
