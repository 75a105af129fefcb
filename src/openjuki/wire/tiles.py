# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Tiles (ハッシュの板; C2SP tlog-tiles): a Merkle tree cut into pieces of 256 hashes, eight levels high. Pure.

The tile ``(0, n)`` holds leaf hashes; each hash of the tile ``(l + 1, n)`` is the root over a full tile of
level ``l``. A tile that is full never changes, and one that is not has only its beginning. Specified in
``docs/spec/proof.md``.

>>> tile_path(1, 1234067), tile_path(0, 273, 112), entries_path(0)
('tile/1/x001/x234/067', 'tile/0/273.p/112', 'tile/entries/000')
>>> [(level, width) for level, index, width in tiles(70_000) if width < WIDTH]
[(0, 112), (1, 17), (2, 1)]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openjuki.errors import IntegrityFailure
from openjuki.wire.merkle import HASH_SIZE

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Levels of the tree that a tile spans.
HEIGHT = 8
#: Hashes in a full tile.
WIDTH = 1 << HEIGHT
#: Most bytes of a leaf in an entry bundle.
LARGEST_LEAF = 65_535

_LENGTH_SIZE = 2


def tile_path(level: int, index: int, width: int = WIDTH) -> str:
    """Where a tile lies in the folder of a log (板の置き場所)."""
    return f"tile/{level}/{_place(index, width)}"


def entries_path(index: int, width: int = WIDTH) -> str:
    """Where the leaves under a tile of level 0 lie, as an entry bundle (葉の束の置き場所)."""
    return f"tile/entries/{_place(index, width)}"


def _place(index: int, width: int) -> str:
    *upper, last = f"{index:,}".split(",")
    path = "".join(f"x{group:0>3}/" for group in upper) + f"{last:0>3}"
    return path if width == WIDTH else f"{path}.p/{width}"


def tiles(size: int) -> Iterator[tuple[int, int, int]]:
    """Level, index and width of every tile of a tree (板の一覧), level by level."""
    level, hashes = 0, size
    while hashes:
        for index in range(-(-hashes // WIDTH)):
            yield level, index, min(WIDTH, hashes - index * WIDTH)
        level, hashes = level + 1, hashes // WIDTH


def tile_hashes(tile: bytes, width: int = WIDTH) -> tuple[bytes, ...]:
    """The hashes of a tile so wide (板のハッシュ).

    Raises:
        IntegrityFailure: it has another width.
    """
    if len(tile) != width * HASH_SIZE:
        raise IntegrityFailure(
            f"a tile of {width} hashes has {width * HASH_SIZE} bytes, this one {len(tile)}"
        )
    return tuple(tile[start : start + HASH_SIZE] for start in range(0, len(tile), HASH_SIZE))


def entry_bundle(leaves: Iterable[bytes]) -> bytes:
    """Leaves one after the other, each behind its length (葉の束).

    Raises:
        IntegrityFailure: a leaf is longer than a bundle can say.
    """
    bundle = bytearray()
    for leaf in leaves:
        if len(leaf) > LARGEST_LEAF:
            raise IntegrityFailure(f"a leaf of {len(leaf)} bytes does not fit an entry bundle")
        bundle += len(leaf).to_bytes(_LENGTH_SIZE) + leaf
    return bytes(bundle)


def read_bundle(bundle: bytes) -> list[bytes]:
    """The leaves of an entry bundle.

    Raises:
        IntegrityFailure: its lengths do not add up.
    """
    leaves, start = [], 0
    while start < len(bundle):
        begin = start + _LENGTH_SIZE
        start = begin + int.from_bytes(bundle[start:begin])
        leaves.append(bundle[begin:start])
    if start != len(bundle):
        raise IntegrityFailure("the lengths in an entry bundle do not add up")
    return leaves
