# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who a system is that calls (接続システムの認証): the credential that it shows, `Authorization: Bearer juki-…`.

Rules of this file:

1. Whose a credential is never changes, so it is remembered, by the digest that is kept of it.
2. Whether it is still good is never remembered: that is asked in the transaction in which a question is decided, or a
   ledger read, so that one that was revoked is refused from the next decision on, at no cost but a part of a statement
   that is made anyway.
3. Where one is shown that is not remembered, all there are are read again: once for whoever comes meanwhile, and as
   often as `EVERY` and `SAVED` say. So a stranger costs a few small statements, and keeps nobody out: whoever was
   registered is known from the next reading on, whoever caused it.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from openjuki.errors import Refused
from openjuki.gateway.errors import TooManyStrangers
from openjuki.gateway.road import header
from openjuki.refusal import Refusal
from openjuki.store import credentials
from openjuki.store.credentials import UNKNOWN_CREDENTIAL, Secret

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openjuki.gateway.road import Headers
    from openjuki.nodes.node import Office
    from openjuki.store.credentials import Shown
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing

#: Seconds in which the credentials are read again once, in the long run.
EVERY: Final = 1.0
#: Readings that may come at once, after a time without any.
SAVED: Final = 20


class Doorkeeper:
    """Knows the systems of a node by what they show (資格情報の確認)."""

    def __init__(self, node: Office, now: Callable[[], float] = time.monotonic) -> None:
        """Take the node, and what tells the seconds."""
        self._node, self._now = node, now
        self._known: Mapping[bytes, Shown] = {}
        self._reading: asyncio.Task[None] | None = None
        #: When all readings will have been saved up again.
        self._whole = now()

    async def identify(self, headers: Headers) -> Shown:
        """Whose the credential is that came with a request.

        Raises:
            Refused: none came, or nobody's.
            TooManyStrangers: it is not known yet, and too many came of which that was true.
            StoreUnavailable: the database does not answer.
        """
        secret = _secret(header(headers, b"authorization"))
        if secret is None:
            raise Refused(UNKNOWN_CREDENTIAL)
        digest = secret.digest
        shown = self._known.get(digest) or await self._look_up(digest)
        if shown is None:
            raise Refused(UNKNOWN_CREDENTIAL)
        return shown

    async def standing(self, connection: Connection, shown: Shown) -> Standing:
        """How a system stands at this moment, within the transaction in which it is served.

        Raises:
            Refused: its credential is not good any more.
        """
        asked = [(shown.system, shown.credential)]
        (found,) = await credentials.find_all(connection, asked, self._node.clock())
        if isinstance(found, Refusal):
            raise Refused(found)
        return found

    async def _look_up(self, digest: bytes) -> Shown | None:
        """Whose a credential is that is not remembered."""
        if self._reading is not None:
            await asyncio.shield(self._reading)
            if digest in self._known:
                return self._known[digest]
        # That one began before this request came, and may not have seen what was added since.
        if self._reading is None:
            self._spend()
            self._reading = asyncio.create_task(self._read())
        await asyncio.shield(self._reading)
        return self._known.get(digest)

    async def _read(self) -> None:
        try:
            self._known = await self._node.glance(credentials.known)
        finally:
            self._reading = None

    def _spend(self) -> None:
        """Take one of the readings that were saved."""
        now = self._now()
        whole = max(self._whole, now) + EVERY
        if whole > now + SAVED * EVERY:
            raise TooManyStrangers
        self._whole = whole


def _secret(given: bytes) -> Secret | None:
    scheme, _, text = given.decode("latin-1").partition(" ")
    return Secret.read(text.strip(" ")) if scheme.lower() == "bearer" else None
