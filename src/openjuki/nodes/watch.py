# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Watching over stays (居住の監視): somebody entered elsewhere whose stay before was never closed is an alarm.

It is no error: the old town's notice may come a week after the new one's (令13条). After so many days
somebody must ask the old town.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from openjuki.residents.persons import open_predecessors
from openjuki.store import alarms, moves

if TYPE_CHECKING:
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection

#: How far back entries are looked at, beyond the days allowed.
_BACK = timedelta(days=60)


async def watch_predecessors(node: Node) -> bool:
    """Raise an alarm for each stay left open after the next one began (転出未処理)."""

    async def look(connection: Connection) -> None:
        now, days = node.clock(), node.settings.predecessor_days
        until = now - timedelta(days=days)
        found = [
            (alarm.kind.value, person.place(alarm))
            async for person in moves.entered(connection, until - _BACK, until)
            for alarm in open_predecessors(person, now.date(), days)
        ]
        await alarms.raise_all(connection, found, now)

    await node.read(look)
    return False
