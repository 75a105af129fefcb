# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a visitor may do to the nation, and undo (体験操作): cut a town off, and flip a byte in its journal.

Both are real. The town's permissions are taken from the broker, which closes its connection; and the byte is
changed under the owner's login of the database, for the worker's may not touch what was written.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import psycopg

from openjuki.config import Kind, clock
from openjuki.errors import BadInput
from openjuki.nodes.node import opened_office
from openjuki.nodes.scrub import verify_office
from openjuki.simulation.live.ear import EAR, PERMISSIONS
from openjuki.store import alarms
from openjuki.store.database import queries
from openjuki.wire.broker import permissions

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from datetime import datetime
    from typing import Any

    from openjuki.simulation.launcher import Nation
    from openjuki.store.database import Connection
    from openjuki.store.verification import damage as verification

_SQL = queries("hands", package=__package__)
#: The alarm of a node that finds its own book damaged.
DAMAGED: Final = "journal-damaged"


@dataclass(slots=True, kw_only=True)
class Damage:
    """A byte that was flipped (書き換えた1バイト)."""

    town: str
    #: Which row of the journal, and which byte of what it says.
    index: int
    offset: int
    at: datetime
    #: What checking the whole journal finds; None until it has been checked.
    findings: tuple[verification.Damage, ...] | None = None


class Hands:
    """What has been done to a nation, so that it can be undone."""

    def __init__(self, nation: Nation) -> None:
        """Nothing yet."""
        self._nation = nation
        self._towns = frozenset(node.id for node in nation.nodes if node.kind is Kind.MUNICIPALITY)
        self._turn = asyncio.Lock()
        #: Towns cut off, and since when.
        self.apart: dict[str, datetime] = {}
        self.damages: dict[str, Damage] = {}
        self._checking: set[asyncio.Task[None]] = set()

    def permit(self) -> None:
        """Tell the broker who may say what: everybody in the directory but who is cut off, and the ear."""
        everybody = permissions(self._nation.directory, at=clock())
        users = {node: may for node, may in everybody.items() if node not in self.apart}
        self._nation.broker.reload(users | {EAR: PERMISSIONS})

    async def _permit(self) -> None:
        async with self._turn:  # the broker takes its time, and the page lives on
            await asyncio.to_thread(self.permit)

    async def cut_off(self, town: str) -> None:
        """Take a town's permissions away: the broker closes its connection (切離し)."""
        self._check(town)
        self.apart.setdefault(town, clock())
        await self._permit()

    async def rejoin(self, town: str) -> None:
        """Give them back; the town connects by itself and catches up (再接続)."""
        self._check(town)
        self.apart.pop(town, None)
        await self._permit()

    async def flip(self, town: str) -> None:
        """Flip one bit of a row of the town's journal (記録簿の書換え), and check the journal."""
        self._check(town)
        async with self._turn:
            if town not in self.damages:
                self.damages[town] = await asyncio.to_thread(self._flip_somewhere, town)
                self._begin(self._check_damaged(town))

    async def restore(self, town: str) -> None:
        """Flip the bit back, check the journal, and settle the alarms if it is whole (復旧)."""
        self._check(town)
        async with self._turn:
            damage = self.damages.get(town)
            if damage is None:
                return
            await asyncio.to_thread(self._write, town, damage.index, damage.offset)
            del self.damages[town]
            self._begin(self._check_restored(town))

    def _check(self, town: str) -> None:
        if town not in self._towns:
            raise BadInput("no municipality of this nation")

    def _flip_somewhere(self, town: str) -> Damage:
        with psycopg.connect(self._nation.postgres.owner_url(town)) as owner:
            rows = owner.execute(_SQL["candidates"]).fetchall()
        index, length = secrets.choice(rows)
        offset = secrets.randbelow(length)
        self._write(town, index, offset)
        return Damage(town=town, index=index, offset=offset, at=clock())

    def _write(self, town: str, index: int, offset: int) -> None:
        with psycopg.connect(self._nation.postgres.owner_url(town)) as owner:
            owner.execute(_SQL["flip"], {"index": index, "offset": offset})

    def _begin(self, checking: Coroutine[Any, Any, None]) -> None:
        """Check meanwhile: a button answers at once."""
        task = asyncio.create_task(checking)
        self._checking.add(task)
        task.add_done_callback(self._checking.discard)

    async def _check_damaged(self, town: str) -> None:
        found = (await asyncio.to_thread(self._verify, town)).damages
        if town in self.damages:
            self.damages[town].findings = found

    async def _check_restored(self, town: str) -> None:
        """Settle the alarms about the book, if it is whole again: somebody has looked."""
        if (await asyncio.to_thread(self._verify, town)).damages:
            return
        async with opened_office(self._nation.settings, town) as office:
            await office.read(_settle)

    def _verify(self, town: str) -> verification.Verified:
        """What `juki log verify` finds, in a loop of its own: hashing keeps nobody waiting."""
        return asyncio.run(_verified(self._nation, town))


async def _settle(connection: Connection) -> None:
    ours = [alarm.id for alarm in await alarms.open_alarms(connection) if alarm.kind == DAMAGED]
    await alarms.settle(connection, ours, clock())


async def _verified(nation: Nation, town: str) -> verification.Verified:
    async with opened_office(nation.settings, town) as office:
        return await verify_office(office)
