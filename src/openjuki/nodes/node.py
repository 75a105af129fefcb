# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A node (機関): one office's book, keys and line, as one object that runs anywhere."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from openjuki.config import clock
from openjuki.errors import BadConfiguration
from openjuki.pki.identity import NodeIdentity
from openjuki.store.database import pool, transact
from openjuki.wire.directory import read_directory
from openjuki.wire.transport import NatsTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from datetime import datetime

    from openjuki.config import NodeSettings, Settings
    from openjuki.store.database import Connection, Pool
    from openjuki.wire.directory import Directory


@dataclass(slots=True, kw_only=True)
class Node:
    """One office of the network (機関): municipality, prefecture or centre.

    Only the directory changes while a node runs: it is replaced by newer editions. Time and chance are
    parts of the node, so that a simulation can hand it others.
    """

    settings: NodeSettings
    identity: NodeIdentity
    directory: Directory
    pool: Pool
    transport: NatsTransport
    clock: Callable[[], datetime] = clock
    entropy: Callable[[int], bytes] = secrets.token_bytes
    #: Whether this is a simulation; only there are seeded keys accepted.
    simulated: bool = False
    #: Set when something was committed that waits to be sequenced.
    written: asyncio.Event = field(default_factory=asyncio.Event)
    #: Effects of what is pulled are applied one after the other: two towns may speak of one person.
    applying: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def id(self) -> str:
        """Node id."""
        return self.settings.id

    async def read[T](self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """One transaction that leaves nothing for the sequencer.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        return await transact(self.pool, work)

    async def transact[T](self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """One transaction in the node's book, done again where another was first; then wake the sequencer.

        Raises:
            StoreUnavailable: the database does not answer.
        """
        done = await transact(self.pool, work)
        self.written.set()
        return done


@asynccontextmanager
async def opened(settings: Settings, node_id: str, *, simulated: bool = False) -> AsyncIterator[Node]:
    """A node with its keys read, its book open and its line up.

    Raises:
        BadConfiguration: not configured here, or its keys or directory cannot be used.
        StoreUnavailable, PeerUnavailable: the database or the broker does not answer.
    """
    own = settings.node(node_id)
    identity = NodeIdentity.load(own.identity)
    if identity.node != node_id:
        raise BadConfiguration(f"the keys at {own.identity} are another node's")
    directory = read_directory(settings.directory.read_bytes(), roots=identity.roots, at=clock())
    async with pool(own.database_url) as book, NatsTransport(identity, settings.nats_url) as transport:
        yield Node(
            settings=own,
            identity=identity,
            directory=directory,
            pool=book,
            transport=transport,
            simulated=simulated,
        )
