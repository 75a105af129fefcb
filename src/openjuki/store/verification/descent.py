# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The way down (検証の経路): from the root that was signed to every leaf under it, left to right."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

from openjuki.errors import IntegrityFailure
from openjuki.store.verification.damage import Damage, What
from openjuki.store.verification.settling import edge_root, edges, perfect_root, settle
from openjuki.wire.tiles import HEIGHT, WIDTH, tile_hashes, tile_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from openjuki.store.verification.evidence import Book, Hash, Head, Leaf
    from openjuki.store.verification.growth import Growth
    from openjuki.store.verification.settling import Edge


class _Settled(NamedTuple):
    """The hashes of a tile, as far as they could be settled."""

    path: str
    hashes: Sequence[Hash]
    #: Whether they hash to what is believed.
    sure: bool


@dataclass(slots=True)
class Descent:
    """The way down through one book."""

    book: Book
    head: Head
    growth: Growth
    #: Told how many leaves are behind.
    progress: Callable[[int], None]
    #: Hashes by level and place that an older checkpoint vouches for, where the newest does not.
    _vouched: dict[tuple[int, int], Hash] = field(default_factory=dict)

    async def walk(self) -> None:
        """Verify everything that the newest checkpoint covers."""
        bounds = edges(self.head.signed)
        stored = [await self._edge(edge) for edge in bounds]
        fitting = await self._fitting(bounds, stored, self.head.root)
        if fitting is None:
            await self._ask_older()
        for edge, before, after in zip(bounds, stored, fitting or stored, strict=True):
            path = tile_path(edge.level, edge.number, edge.width)
            if self.book.keeps_edges and before != after:
                self._blame(path)
            await self._below(edge.level, edge.number, _Settled(path, after, fitting is not None))

    async def _fitting(
        self, bounds: Sequence[Edge], stored: Sequence[list[Hash]], root: Hash
    ) -> list[list[Hash]] | None:
        """The tiles at the right edge, so that together they have a root."""
        if root is None:
            return None
        if edge_root(stored, bounds) == root:
            return list(stored)
        computed = chain(*[await self._edge_computed(edge) for edge in bounds])
        fitting = settle(
            list(chain(*stored)),
            list(computed),
            lambda tried: edge_root(_parts(tried, bounds), bounds) == root,
        )
        return None if fitting is None else _parts(fitting, bounds)

    async def _ask_older(self) -> None:
        """The newest checkpoint is not met: believe what the newest one vouches for that is.

        What is wrong at a leaf is wrong for every checkpoint after it, so it is enough to halve.
        """
        met, missed = 0, self.head.signed
        while missed - met > 1:
            middle = (met + missed) // 2
            older = await self.book.newest(middle + 1)
            if older is None or older.size <= met:
                met = middle
                continue
            bounds = edges(older.size)
            fitting = await self._fitting(bounds, [await self._edge(edge) for edge in bounds], older.root)
            if fitting is None:
                missed = older.size
                continue
            met = middle
            self._vouched = {
                (edge.level, place): one
                for edge, hashes in zip(bounds, fitting, strict=True)
                for place, one in enumerate(hashes, edge.number * WIDTH)
            }

    async def _edge(self, edge: Edge) -> list[Hash]:
        """A tile that is not full, as the book has it."""
        if not self.book.keeps_edges:
            return await self._children(edge.level, edge.number, edge.width)
        stored = await self._stored(*edge)
        return stored or await self._children(*edge)

    async def _edge_computed(self, edge: Edge) -> list[Hash]:
        """The same tile from what is below that from which `_edge` has it."""
        if self.book.keeps_edges:
            return await self._children(*edge)
        if not edge.level:
            leaves = await self.book.leaves(edge.number * WIDTH, edge.width)
            return [leaf and (leaf.rebuilt or leaf.hash) for leaf in leaves]
        first = edge.number * WIDTH
        return [
            perfect_root(await self._children(edge.level - 1, index))
            for index in range(first, first + edge.width)
        ]

    async def _children(self, level: int, index: int, width: int = WIDTH) -> list[Hash]:
        """What the hashes of a tile should be, by what is below it."""
        first = index * WIDTH
        if not level:
            return [leaf and leaf.hash for leaf in await self.book.leaves(first, width)]
        return [await self._root_of(level - 1, below) for below in range(first, first + width)]

    async def _root_of(self, level: int, index: int) -> Hash:
        """Root over a full tile, or over what is below it where the tile is not there."""
        tile = _hashes(await self.book.tile(level, index, WIDTH), WIDTH)
        return perfect_root(tile or await self._children(level, index))

    async def _stored(self, level: int, index: int, width: int = WIDTH) -> list[Hash] | None:
        """A tile as it is stored; one that ought to be there and is not is a damage."""
        stored = _hashes(await self.book.tile(level, index, width), width)
        begins, ends = index << HEIGHT * (level + 1), index * WIDTH + width << HEIGHT * level
        if stored is None and begins < self.head.end and ends <= self.head.tiled:
            self.book.findings.add(Damage(what=What.TILE_MISSING, tile=tile_path(level, index, width)))
        return stored

    async def _below(self, level: int, index: int, settled: _Settled) -> None:
        places = range(index * WIDTH, index * WIDTH + len(settled.hashes))
        vouched = [self._vouched.get((level, place)) for place in places]
        hashes = [sure or one for sure, one in zip(vouched, settled.hashes, strict=True)]
        if not level:
            await self._leaves(places.start, hashes)
            return
        for below, expected, sure in zip(places, hashes, vouched, strict=True):
            above = settled._replace(sure=settled.sure or sure is not None)
            await self._below(level - 1, below, await self._settle(level - 1, below, expected, above))

    async def _settle(self, level: int, index: int, expected: Hash, above: _Settled) -> _Settled:
        """A full tile, held against its hash in the tile above."""
        path = tile_path(level, index)
        stored = await self._stored(level, index)
        if stored is not None and expected in {None, perfect_root(stored)}:
            return _Settled(path, stored, above.sure and expected is not None)
        children = await self._children(level, index)
        fitting = settle(stored or children, children, lambda tried: perfect_root(tried) == expected)
        if fitting is not None:
            if stored is not None:
                self._blame(path)
            return _Settled(path, fitting, above.sure)
        self._blame_unsettled(level, index, stored, children, above)
        return _Settled(path, stored or children, sure=False)

    def _blame_unsettled(
        self, level: int, index: int, stored: list[Hash] | None, children: list[Hash], above: _Settled
    ) -> None:
        """Neither a tile nor what is below it fits what is above: who is it?"""
        if None in children or stored is None:
            return  # what is missing is named already
        if stored != children:
            self._blame(tile_path(level, index))
        elif above.sure:
            leaves = 1 << HEIGHT * (level + 1)
            path = tile_path(level, index)
            self.book.findings.add(Damage(what=What.REWRITTEN, tile=path, index=index * leaves, count=leaves))
        else:
            self._blame(above.path)

    def _blame(self, path: str) -> None:
        self.book.findings.add(Damage(what=What.TILE, tile=path))

    async def _leaves(self, first: int, hashes: Sequence[Hash]) -> None:
        """Leaves, held against their hashes in the tile above."""
        leaves = await self.book.leaves(first, len(hashes))
        there = islice(zip(leaves, hashes, strict=True), max(0, self.head.end - first))
        for index, (leaf, expected) in enumerate(there, first):
            self.book.findings.extend(judged(index, leaf, expected))
        await self.growth.feed(hashes)
        self.progress(first + len(hashes))


def judged(index: int, leaf: Leaf | None, expected: Hash) -> Iterable[Damage]:
    """What is wrong with a leaf that should have a hash (葉の照合)."""
    if leaf is None:
        yield Damage(what=What.MISSING, index=index)
    elif expected is not None and leaf.hash != expected:
        yield Damage(what=What.LEAF, index=index)
    else:
        yield from (Damage(what=what, index=index) for what in leaf.wrong)


def _parts(hashes: Iterable[Hash], bounds: Sequence[Edge]) -> list[list[Hash]]:
    rest = iter(hashes)
    return [list(islice(rest, edge.width)) for edge in bounds]


def _hashes(tile: bytes | None, width: int) -> list[Hash] | None:
    """The hashes of a tile; None where there is none, or one of another width."""
    if tile is None:
        return None
    try:
        return list(tile_hashes(tile, width))
    except IntegrityFailure:
        return None
