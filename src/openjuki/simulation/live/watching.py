# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Watching over the nation (見守り): every book once a second, and the road of the newest notice."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

import psycopg

from openjuki.config import CENTRE, Kind, clock
from openjuki.errors import StoreUnavailable
from openjuki.simulation.live import reading
from openjuki.simulation.live.provisions import Counting, Provisions
from openjuki.simulation.live.road import Road, hop
from openjuki.store.database import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping, Sequence
    from datetime import datetime, timedelta
    from typing import Any

    from openjuki.simulation.founding import PlannedNode
    from openjuki.simulation.live.ear import Ear, Heard
    from openjuki.simulation.live.hands import Damage, Hands
    from openjuki.simulation.live.reading import Book, Entry
    from openjuki.store.database import Connection

#: Seconds between two looks.
EVERY: Final = 1.0
#: How many notices are remembered, and how many measured times.
_NOTICES, _TIMES = 400, 200

type Notice = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """What waits on a link (未達)."""

    count: int
    since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """All that one look saw (一目)."""

    at: datetime
    nodes: Sequence[PlannedNode]
    #: By node; a book that did not answer is missing.
    books: Mapping[str, Book]
    #: By sender and recipient.
    lags: Mapping[tuple[str, str], Lag] = field(default_factory=dict)
    road: Road | None = None
    #: From a town's book to the Centre's, and from a record to its index, lately.
    travelled: Sequence[timedelta] = ()
    sequenced: Sequence[timedelta] = ()
    #: Towns whose notices were recorded anywhere since the look before, for what moves on the drawing.
    moving: frozenset[str] = frozenset()
    apart: Mapping[str, datetime] = field(default_factory=dict)
    damages: Mapping[str, Damage] = field(default_factory=dict)
    #: What people told the counters lately: when, title, town.
    happened: Sequence[tuple[datetime, str, str]] = ()
    #: What was provided.
    provisions: Provisions = Provisions()  # noqa: RUF009 - it is frozen
    heard: Sequence[Heard] = ()
    heard_count: int = 0


class Watch:
    """Looks at a nation again and again."""

    def __init__(
        self,
        nodes: Sequence[PlannedNode],
        urls: Mapping[str, str],
        ear: Ear,
        hands: Hands,
        happened: Sequence[tuple[datetime, str, str]] = (),
    ) -> None:
        """At which nodes, by their databases."""
        self._nodes, self._urls, self._ear, self._hands, self._happened = nodes, urls, ear, hands, happened
        self._connections: dict[str, Connection] = {}
        self._seen: dict[str, int] = {}
        self._written: dict[Notice, Entry] = {}
        self._taken: dict[str, dict[Notice, Entry]] = {}
        self._road: Road | None = None
        self._counting = Counting()
        self._counted: dict[str, int] = {}
        self._travelled: deque[timedelta] = deque(maxlen=_TIMES)
        self._sequenced: deque[timedelta] = deque(maxlen=_TIMES)

    async def look(self) -> Sight:
        """Look once."""
        asked = await asyncio.gather(*(self._at(node.id, reading.read_book) for node in self._nodes))
        books = {node.id: book for node, book in zip(self._nodes, asked, strict=True) if book is not None}
        moved, at = await self._follow(books), clock()
        return Sight(
            at=at,
            nodes=self._nodes,
            books=books,
            lags=await self._lags(books),
            road=self._newest_road(moved),
            travelled=tuple(self._travelled),
            sequenced=tuple(self._sequenced),
            moving=frozenset(town for town, _ in moved),
            apart=dict(self._hands.apart),
            damages=dict(self._hands.damages),
            happened=tuple(self._happened)[-6:],
            provisions=await self._count(books, at),
            heard=tuple(self._ear.heard)[-8:],
            heard_count=self._ear.count,
        )

    async def close(self) -> None:
        """Close the books."""
        for connection in self._connections.values():
            await connection.close()
        self._connections.clear()

    async def _at[T](self, node: str, read: Callable[[Connection], Coroutine[Any, Any, T]]) -> T | None:
        """Read something in a node's book; None where it does not answer, and next time we connect again."""
        try:
            if node not in self._connections:
                self._connections[node] = await connect(self._urls[node])
                await self._connections[node].set_autocommit(True)
            return await read(self._connections[node])
        except (StoreUnavailable, psycopg.Error):
            broken = self._connections.pop(node, None)
            if broken is not None:
                with suppress(psycopg.Error):
                    await broken.close()
            return None

    async def _lags(self, books: Mapping[str, Book]) -> dict[tuple[str, str], Lag]:
        lags = {}
        for sender, book in books.items():
            for recipient, reached in book.reaches.items():
                if recipient not in books:
                    continue
                mark = min(books[recipient].marks.get(sender, 0), reached)
                lags[sender, recipient] = await self._lag(sender, recipient, mark, reached)
        return lags

    async def _lag(self, sender: str, recipient: str, mark: int, reached: int) -> Lag:
        if mark == reached:
            return Lag(count=0, since=None)

        async def since(connection: Connection) -> datetime | None:
            return await reading.waiting_since(connection, recipient, mark + 1)

        return Lag(count=reached - mark, since=await self._at(sender, since))

    async def _follow(self, books: Mapping[str, Book]) -> set[Notice]:
        """Follow the notices through the books; returns those recorded anywhere since the last look."""
        moved: set[Notice] = set()
        for node in self._nodes:
            if node.id not in books:
                continue
            if node.kind is Kind.MUNICIPALITY:
                moved |= await self._follow_town(node)
            elif node.kind is not Kind.AGENCY:  # no notice goes there
                moved |= await self._follow_upper(node.id, books[node.id].size)
        self._forget()
        return moved

    async def _follow_town(self, town: PlannedNode) -> set[Notice]:
        prefecture = town.prefecture or ""
        if town.id not in self._seen:
            last = await self._at(town.id, lambda book: reading.last_notice(book, prefecture))
            if last is not None:
                self._seen[town.id] = last
            return set()
        after = self._seen[town.id]
        found = await self._at(town.id, lambda book: reading.issued(book, prefecture, after)) or {}
        self._seen[town.id] = max(found, default=after)
        self._written |= {(town.id, seq): entry for seq, entry in found.items()}
        for entry in found.values():
            self._measure_sequencing(town.id, prefecture, entry)
        return {(town.id, seq) for seq in found}

    def _measure_sequencing(self, town: str, prefecture: str, entry: Entry) -> None:
        """Whoever has given an index rings at once: the first bell after a record bounds the delay from above."""
        for heard in self._ear.heard:
            rung = heard.message == "doorbell" and (heard.sender, heard.recipient) == (town, prefecture)
            if rung and heard.at >= entry.at:
                self._sequenced.append(heard.at - entry.at)
                return

    async def _follow_upper(self, node: str, size: int) -> set[Notice]:
        first = self._seen.setdefault(node, size)
        if size <= first:
            return set()
        found = await self._at(node, lambda book: reading.applied(book, first, size)) or {}
        self._seen[node] = size
        self._taken.setdefault(node, {}).update(found)
        if node == CENTRE:
            arrived = ((self._written.get(notice), entry) for notice, entry in found.items())
            self._travelled.extend(entry.at - written.at for written, entry in arrived if written)
        return set(found)

    async def _count(self, books: Mapping[str, Book], at: datetime) -> Provisions:
        """Count what the upper nodes have answered; what they had before the first look is not counted as a rate."""
        earlier, answered = not self._counted, []
        for node in self._nodes:
            if node.kind in (Kind.CENTRE, Kind.PREFECTURE) and node.id in books:
                first, size = self._counted.get(node.id, 0), books[node.id].size
                read = partial(reading.answered, first=first, size=size)
                found = await self._at(node.id, read) if size > first else []
                if found is not None:
                    answered += found
                    self._counted[node.id] = size
        return self._counting.take(answered, at, earlier=earlier)

    def _forget(self) -> None:
        for known in (self._written, *self._taken.values()):
            for notice in list(known)[:-_NOTICES]:
                del known[notice]

    def _newest_road(self, moved: set[Notice]) -> Road | None:
        """The road of the notice that arrived last, or, before one has, of one that set out."""
        taken = self._taken.get(CENTRE, {})
        arrived = [notice for notice in taken if notice in self._written]
        if arrived:
            newest: Notice | None = max(arrived, key=lambda notice: (taken[notice].at, notice))
        else:
            newest = min(moved & self._written.keys(), default=None)
        if newest is not None and (self._road is None or newest != (self._road.town, self._road.seq)):
            self._road = self._travel(newest)
        return self._road

    def _travel(self, notice: Notice) -> Road:
        town, seq = notice
        written = self._written[notice]
        prefecture = next(node.prefecture or "" for node in self._nodes if node.id == town)
        taken = self._taken.get(prefecture, {}).get(notice)
        first = hop(town, prefecture, written.at, taken, self._ear.heard)
        since = taken.at if taken else written.at
        at_centre = self._taken.get(CENTRE, {}).get(notice)
        second = hop(prefecture, CENTRE, since, at_centre, self._ear.heard)
        return Road(town=town, seq=seq, written=written, hops=(first, second))
