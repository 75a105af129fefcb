# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The roles of the Act (市町村・都道府県・機構・国の機関等): four short files over one exchange."""

from __future__ import annotations

import asyncio
import gc
import signal
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Final

from openjuki.config import Kind
from openjuki.nodes import work
from openjuki.nodes.log import log_to_stderr
from openjuki.nodes.node import opened
from openjuki.nodes.roles import agency, centre, municipality, prefecture

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractAsyncContextManager

    from openjuki.config import Settings
    from openjuki.nodes.node import Node

    #: What an office's own network meets at a node, for as long as it runs.
    Beside = Callable[[Node], AbstractAsyncContextManager[None]]

#: So many objects are made before the young ones are looked through, and so often before all are: an answer makes
#: thousands, hardly one of them in a circle.
_RARELY: Final = (50_000, 20, 50)

ROLES = {
    Kind.MUNICIPALITY: municipality.ROLE,
    Kind.PREFECTURE: prefecture.ROLE,
    Kind.CENTRE: centre.ROLE,
    Kind.AGENCY: agency.ROLE,
}


async def serve(
    settings: Settings,
    node_ids: Sequence[str],
    *,
    simulated: bool = False,
    ready: Callable[[], None],
    beside: Mapping[Kind, Beside],
) -> None:
    """Run nodes until the process is told to stop (SIGTERM, SIGINT), each with its own pages beside it.

    Raises:
        BadConfiguration: a node is not configured here, or its keys cannot be used.
        PeerUnavailable, StoreUnavailable: the broker or a database does not answer at the start.
    """
    log_to_stderr()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    async with AsyncExitStack() as stack:
        running = []
        for node_id in node_ids:
            node = await stack.enter_async_context(opened(settings, node_id, simulated=simulated))
            role = ROLES[node.settings.kind]
            running.append(work.run(node, role, await work.listen(node, role), stop))
            if node.settings.kind in beside:
                await stack.enter_async_context(beside[node.settings.kind](node))
        _collect_rarely()
        ready()
        await asyncio.gather(*running)


def _collect_rarely() -> None:
    """What stands now stands for good, statute book and all: the collector need not go through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_RARELY)
