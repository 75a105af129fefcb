# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether a gateway can ask (稼働の確認): whoever wants to know shows no credential, and so costs next to nothing."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from openjuki.nodes.standing import check_may_provide

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.nodes.node import Office

#: For so long what was seen is told again.
KEPT: Final = timedelta(seconds=1)


class Health:
    """Looks whether a node can ask, once in a while, and tells everybody (稼働の確認)."""

    def __init__(self, node: Office) -> None:
        """Take the node."""
        self._node = node
        self._looked: tuple[datetime, asyncio.Task[datetime]] | None = None

    async def check(self) -> datetime:
        """Return when it was seen that the book is open, and the journal vouched for.

        Raises:
            StoreUnavailable, LogNotSigned: they are not.
        """
        now = self._node.clock()
        if self._looked is None or self._is_over(*self._looked, now):
            self._looked = now, asyncio.create_task(self._look(now))
        return await asyncio.shield(self._looked[1])

    def _is_over(self, at: datetime, look: asyncio.Task[datetime], now: datetime) -> bool:
        """Whether a look has to be taken again: never before the last has ended, also where a clock was put back."""
        return look.done() and not timedelta(0) <= now - at < KEPT

    async def _look(self, at: datetime) -> datetime:
        await self._node.read(lambda book: check_may_provide(self._node, book, to_others=True))
        return at
