# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A part of a book (部分検証): the rows under one tile, held against it and it against the tile above."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openjuki.store.verification.damage import Damage, What
from openjuki.store.verification.descent import judged
from openjuki.store.verification.settling import perfect_root
from openjuki.wire.tiles import WIDTH, tile_hashes, tile_path

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.store.verification.evidence import Book, Hash


async def verify_window(book: Book, index: int) -> int:
    """Verify the rows that share a tile with a row; returns where the next ones begin, 0 at the end of the book.

    An index beyond the end goes round. Of rows without a tile it is only known whether leaf and row agree.
    """
    head = await book.head()
    size = head.tree[0] if head.tree else head.signed
    number = index % size // WIDTH if size else 0
    first = number * WIDTH
    leaves = await book.leaves(first, min(WIDTH, size - first))
    for place, (leaf, expected) in enumerate(
        zip(leaves, await _expected(book, number, len(leaves)), strict=True), first
    ):
        book.findings.extend(judged(place, leaf, expected))
    if first + WIDTH <= head.signed and await book.tile(0, number, WIDTH) is None:
        book.findings.add(Damage(what=What.TILE_MISSING, tile=tile_path(0, number), index=first))
    return first + WIDTH if first + WIDTH < size else 0


async def _expected(book: Book, number: int, width: int) -> Sequence[Hash]:
    """Hashes of a run of leaves, as far as their tile is there and fits the one above."""
    unknown: Sequence[Hash] = [None] * width
    tile = await book.tile(0, number, WIDTH) if width == WIDTH else None
    if tile is None:
        return unknown
    hashes = tile_hashes(tile)
    above = await book.tile(1, number // WIDTH, WIDTH)
    if above is not None and tile_hashes(above)[number % WIDTH] != perfect_root(hashes):
        book.findings.add(Damage(what=What.TILE, tile=tile_path(0, number), index=number * WIDTH))
        return unknown
    return hashes
