# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Chance that can be told again: a stream of random numbers for each (seed, node, purpose).

Rules of this file:

1. A stream depends on its seed and its path alone: neither on other streams, nor on the machine, nor on how
   often or in which order streams are opened.
2. Only the raw 64-bit output of PCG64 is used, whose stream NumPy promises never to change; NumPy's own
   distributions carry no such promise.
3. Weights are whole numbers and no transcendental function is called, so that every machine draws alike.

>>> Chance(7, "221007", "names").below(6, 4).tolist() == Chance(7, "221007", "names").below(6, 4).tolist()
True
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    type Floats = NDArray[np.float64]
    type Ints = NDArray[np.int64]
    type Bools = NDArray[np.bool_]

#: A double has 53 bits of fraction: the upper ones of 64 are used.
_DROPPED_BITS: Final = np.uint64(11)
_UNIT: Final = 2.0**-53


class Chance:
    """A stream of chance; each call takes the next numbers of it."""

    def __init__(self, seed: int, *path: str | int) -> None:
        """Open the stream of this seed and path, such as a node and a purpose."""
        name = json.dumps(["openjuki/simulation/1", seed, *path], ensure_ascii=False)
        digest = hashlib.sha256(name.encode()).digest()
        self._bits = np.random.PCG64(int.from_bytes(digest))

    def units(self, count: int) -> Floats:
        """So many numbers from 0 to below 1."""
        upper: NDArray[np.uint64] = self._bits.random_raw(count) >> _DROPPED_BITS
        return upper.astype(np.float64) * _UNIT

    def below(self, bound: ArrayLike, count: int) -> Ints:
        """So many whole numbers from 0 to below the bound, which may differ for each."""
        return (self.units(count) * np.asarray(bound, dtype=np.float64)).astype(np.int64)

    def between(self, low: ArrayLike, high: ArrayLike, count: int) -> Floats:
        """So many numbers from low to below high, each of which may differ for each."""
        first = np.asarray(low, dtype=np.float64)
        return first + self.units(count) * (np.asarray(high, dtype=np.float64) - first)

    def hits(self, probability: ArrayLike, count: int) -> Bools:
        """So many answers to "does it happen?"."""
        return self.units(count) < np.asarray(probability)

    def entropy(self, length: int) -> bytes:
        """So many bytes."""
        words = self._bits.random_raw(-(-length // 8))
        return words.astype("<u8").tobytes()[:length]


class Weights:
    """Something to draw from: position i comes up in proportion to the i-th weight."""

    def __init__(self, weights: ArrayLike) -> None:
        """Take whole numbers, not all of them nought."""
        self._sums = np.cumsum(np.asarray(weights, dtype=np.int64))
        if not len(self._sums) or self._sums[-1] < 1:
            raise ValueError("nothing to draw from")

    def draw(self, chance: Chance, count: int) -> Ints:
        """So many positions."""
        return np.searchsorted(self._sums, chance.below(self._sums[-1], count), side="right")


def draw_by_row(table: ArrayLike, rows: Ints, chance: Chance) -> Ints:
    """For each entry of `rows` a column of that row of the table, in proportion to its weights."""
    sums = np.cumsum(np.asarray(table, dtype=np.int64), axis=1)
    drawn = chance.below(sums[rows, -1], len(rows))
    return (drawn[:, None] >= sums[rows]).sum(axis=1)
