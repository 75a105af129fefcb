# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A provider's snapshot (スナップショット): the present state for whoever answers in bulk, and generations kept near to it.

Building and merging take minutes of a large book and wait for nobody: they have a process of their own (`generating`).
A small book has no generation; it is folded from its journal.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from openjuki.nodes.generating import made_apart
from openjuki.store import snapshot
from openjuki.store.snapshot import places
from openjuki.store.snapshot.following import MOST, size_of

if TYPE_CHECKING:
    from openjuki.nodes.node import Node, Office
    from openjuki.store.snapshot import State

#: Seconds between two looks at how far the newest generation lies behind.
EVERY: Final = 60.0
#: Rows of a journal from which on there is a generation.
LARGE: Final = 100_000

log = structlog.get_logger()


@dataclass(slots=True)
class Snapshot:
    """The state of a node's book as it is followed up (台帳の状態の追跡), for everybody who answers from it."""

    node: Office
    _known: State | None = None
    _one_at_a_time: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def state(self, size: int | None = None) -> State:
        """The present state, or the one at an earlier size of the journal.

        Raises:
            SnapshotMissing: no generation is near enough.
            IntegrityFailure: the generation is damaged, or of another journal.
            StoreUnavailable: the database does not answer.
        """
        folder, now = self.node.settings.snapshot_folder, self.node.clock()
        async with self._one_at_a_time:
            found = await self.node.read(
                partial(snapshot.current, folder=folder, known=self._known, size=size, at=now)
            )
            if size is None:
                self._known = found
        return found


async def keep(node: Node) -> bool:
    """Build the first generation, or merge the next one, when it is time; a duty of the Centre and the prefectures.

    Raises:
        SnapshotMissing, IntegrityFailure, StoreUnavailable, JukiError: as `made_apart`; it is tried again.
    """
    if not await _is_due(node):
        return False
    settings = node.settings
    made = await made_apart(settings.database_url, settings.snapshot_folder, node.clock())
    log.info("snapshot", node=node.id, generation=made.number, size=made.size, persons=made.rows)
    return False


async def _is_due(node: Node) -> bool:
    size = await node.read(size_of)
    newest = places.newest(node.settings.snapshot_folder)
    if newest is None:
        return size >= LARGE
    age = node.clock() - newest.at
    behind = size - newest.size
    return behind > MOST // 2 or (behind > 0 and age >= timedelta(hours=node.settings.snapshot_hours))
