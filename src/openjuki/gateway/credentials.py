# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who a system is that calls (接続システムの認証): the credential that it shows, `Authorization: Bearer juki-…`.

Whose a credential is never changes, so it is looked up once and remembered by the digest of what
was shown. Whether it is still good
is never remembered: that is asked in the transaction in which a question is decided, or a ledger read, so that
one that was revoked is refused from the next decision on, at no cost but a part of a statement that is made anyway.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

from openjuki.errors import Refused
from openjuki.gateway.road import header
from openjuki.refusal import Refusal
from openjuki.store import credentials
from openjuki.store.credentials import UNKNOWN_CREDENTIAL, Secret

if TYPE_CHECKING:
    from openjuki.gateway.road import Headers
    from openjuki.nodes.node import Office
    from openjuki.store.credentials import Shown
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing

#: How many credentials are remembered; an agency has fewer systems.
MOST: Final = 1_000


class Doorkeeper:
    """Knows the systems of a node by what they show (資格情報の確認)."""

    def __init__(self, node: Office) -> None:
        """Take the node."""
        self._node = node
        self._known: dict[bytes, Shown] = {}

    async def identify(self, headers: Headers) -> Shown:
        """Whose the credential is that came with a request.

        Raises:
            Refused: none came, or nobody's.
            StoreUnavailable: the database does not answer.
        """
        given = header(headers, b"authorization")
        digest = sha256(given).digest()
        return self._known.get(digest) or await self._look_up(digest, given)

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

    async def _look_up(self, digest: bytes, given: bytes) -> Shown:
        secret = _secret(given)
        if secret is None:
            raise Refused(UNKNOWN_CREDENTIAL)
        shown = await self._node.read(lambda connection: credentials.shown(connection, secret))
        if shown is None:
            raise Refused(UNKNOWN_CREDENTIAL)
        if len(self._known) >= MOST:
            self._known.clear()
        self._known[digest] = shown
        return shown


def _secret(given: bytes) -> Secret | None:
    scheme, _, text = given.decode("latin-1").partition(" ")
    return Secret.read(text.strip(" ")) if scheme.lower() == "bearer" else None
