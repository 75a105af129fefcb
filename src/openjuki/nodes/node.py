# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""An office (機関) and its node: book, keys and line, as one object that runs anywhere."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from openjuki.config import clock
from openjuki.errors import BadConfiguration
from openjuki.pki.identity import NodeIdentity
from openjuki.store.database import glance, pool, transact
from openjuki.wire.directory import read_directory
from openjuki.wire.transport import NatsTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime
    from pathlib import Path

    from openjuki.config import NodeSettings, Settings
    from openjuki.nodes.snapshots import Snapshot
    from openjuki.store.database import Connection, Pool
    from openjuki.wire.apart import Reader
    from openjuki.wire.directory import Directory


@dataclass(slots=True, kw_only=True)
class Office:
    """One office of the network (機関): its keys and its book; whoever works there needs no line.

    Only the directory changes while an office is open: it is replaced by newer editions. Time and
    chance are parts of it, so that a simulation can hand it others.
    """

    settings: NodeSettings
    identity: NodeIdentity
    directory: Directory
    pool: Pool
    #: The signed directory as it was last received; the Centre hands it out.
    published: Path
    #: Whether this is a simulation; only there are seeded keys accepted.
    simulated: bool = False
    clock: Callable[[], datetime] = clock
    entropy: Callable[[int], bytes] = secrets.token_bytes
    #: Set when something was committed that waits to be sequenced.
    written: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def id(self) -> str:
        """Node id."""
        return self.settings.id

    @property
    def prefecture(self) -> str:
        """A municipality's prefecture, which pulls its notices (法30条の6).

        Raises:
            BadConfiguration: this is no municipality.
        """
        upper = self.directory.nodes[self.id].prefecture
        if upper is None:
            raise BadConfiguration(f"{self.id} is not a municipality")
        return upper

    async def read[T](self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """One transaction that leaves nothing for the sequencer.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await transact(self.pool, work)

    async def glance[T](self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """One statement that changes nothing, without a transaction.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await glance(self.pool, work)

    async def transact[T](self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """One transaction in the node's book, done again where another was first; then wake the sequencer.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        done = await transact(self.pool, work)
        self.written.set()
        return done


@dataclass(slots=True)
class Patrol:
    """Where a node's rolling verification of its journal stands (見回り)."""

    #: Row at which it goes on; None: it has not begun.
    following: int | None = None
    #: Size of the journal at the last step.
    size: int = 0
    #: Steps passed over since one was taken, because the journal was growing.
    passed: int = 0


@dataclass(slots=True)
class Bulk:
    """What a node keeps in hand between two turns of work in bulk (一括処理の手元)."""

    #: Reads what peers send in columns; made at the first.
    reader: Reader | None = None
    #: The state of its book, followed up; made at the first.
    snapshot: Snapshot | None = None

    async def close(self) -> None:
        """Put it away."""
        reader, self.reader, self.snapshot = self.reader, None, None
        if reader is not None:
            await reader.close()


@dataclass(slots=True, kw_only=True)
class Node(Office):
    """An office on the line (機関のサーバ): it asks, answers and pulls."""

    transport: NatsTransport
    #: When the directory on the disk was changed that was read last, in nanoseconds.
    directory_seen: int = 0
    #: The rolling verification of its own journal.
    patrol: Patrol = field(default_factory=Patrol)
    #: What it keeps in hand for work in bulk.
    bulk: Bulk = field(default_factory=Bulk)
    #: Effects of what is pulled are applied one after the other: two towns may speak of one person.
    applying: asyncio.Lock = field(default_factory=asyncio.Lock)


@asynccontextmanager
async def opened_office(settings: Settings, node_id: str) -> AsyncIterator[Office]:
    """An office with its keys read and its book open.

    Raises:
        BadConfiguration: not configured here, or its keys or directory cannot be used.
        StoreUnavailable: the database does not answer.
    """
    own = settings.node(node_id)
    async with pool(own.database_url, size=2) as book:
        yield Office(pool=book, **_parts(settings, own))


@asynccontextmanager
async def opened(settings: Settings, node_id: str, *, simulated: bool = False) -> AsyncIterator[Node]:
    """A node with its keys read, its book open and its line up.

    Raises:
        BadConfiguration, StoreUnavailable: as `opened_office`.
        PeerUnavailable: the broker does not answer.
    """
    own = settings.node(node_id)
    parts = _parts(settings, own)
    line = NatsTransport(parts["identity"], settings.nats_url)
    async with pool(own.database_url) as book, line as transport:
        node = Node(pool=book, transport=transport, simulated=simulated, **parts)
        try:
            yield node
        finally:
            await node.bulk.close()


def _parts(settings: Settings, own: NodeSettings) -> dict[str, Any]:
    """What an office reads from its disk."""
    now = clock()
    identity = NodeIdentity.load(own.identity, at=now)
    if identity.node != own.id:
        raise BadConfiguration(f"the keys at {own.identity} are another node's")
    directory = read_directory(settings.directory.read_bytes(), roots=identity.roots, at=now)
    return {
        "settings": own,
        "identity": identity,
        "directory": directory,
        "published": settings.directory,
    }
