# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which of two versions of the same hashes is right, if what stands above is (照合). Pure."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from openjuki.wire.merkle import Tree, node_hash
from openjuki.wire.tiles import HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from openjuki.store.verification.evidence import Hash

#: Every choice among so many differences is tried; among more, only all of them.
_TRIED: Final = 8


class Edge(NamedTuple):
    """A tile at the right edge of a tree (右端の板), and how many hashes it has."""

    level: int
    number: int
    width: int


def edges(size: int) -> list[Edge]:
    """The tiles of a tree that are not full, the highest first."""
    highest = (size.bit_length() - 1) // HEIGHT
    tiles = (
        Edge(level, size >> HEIGHT * (level + 1), (size >> HEIGHT * level) % WIDTH)
        for level in range(highest, -1, -1)
    )
    return [tile for tile in tiles if tile.width]


def edge_root(parts: Sequence[Sequence[Hash]], bounds: Sequence[Edge]) -> Hash:
    """Root of the tree over what stands at its right edge; None where a hash is not known."""
    tree = Tree.EMPTY
    for edge, hashes in zip(bounds, parts, strict=True):
        if None in hashes:
            return None
        tree = tree.append(cast("Sequence[bytes]", hashes), height=HEIGHT * edge.level)
    return tree.root


def perfect_root(hashes: Sequence[Hash]) -> Hash:
    """Root over a tile that is full; None where one of its hashes is not known."""
    if None in hashes:
        return None
    row = cast("Sequence[bytes]", hashes)
    while len(row) > 1:
        row = [node_hash(row[place], row[place + 1]) for place in range(0, len(row), 2)]
    return row[0]


def settle(
    stored: Sequence[Hash], computed: Sequence[Hash], fits: Callable[[Sequence[Hash]], bool]
) -> list[Hash] | None:
    """The stored hashes, as few of them as possible replaced by computed ones, so that they fit.

    None where no choice fits.
    """
    known = [one if one is not None else other for one, other in zip(stored, computed, strict=True)]
    differ = [place for place, one in enumerate(computed) if one not in {None, known[place]}]
    for places in _choices(differ):
        tried = list(known)
        for place in places:
            tried[place] = computed[place]
        if fits(tried):
            return tried
    return None


def _choices(places: Sequence[int]) -> Iterator[Sequence[int]]:
    if len(places) > _TRIED:
        yield from ((), places)
        return
    for count in range(len(places) + 1):
        yield from combinations(places, count)
