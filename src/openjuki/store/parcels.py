# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What changed hands on media (媒体による授受): numbered for each pair of nodes, so that a parcel that is lost shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from openjuki.store.database import queries

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("parcels")

OUT, IN = "out", "in"


class Handed(NamedTuple):
    """A parcel that changed hands (授受した媒体)."""

    #: `OUT` or `IN`.
    direction: str
    peer: str
    number: int
    what: str
    request: str
    #: Of its document.
    digest: bytes
    at: datetime

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {**self._asdict(), "digest": self.digest.hex(), "at": self.at.isoformat()}


async def following(connection: Connection, peer: str) -> int:
    """The number of the next parcel to a node; who was slower finds it taken when it is added."""
    row = await (await connection.execute(_SQL["next"], {"peer": peer})).fetchone()
    return int(row[0]) if row else 1


async def add(connection: Connection, handed: Handed) -> None:
    """Note that a parcel changed hands."""
    await connection.execute(_SQL["add"], handed._asdict())


async def taken_in(connection: Connection, peer: str, number: int) -> bytes | None:
    """Digest of the parcel that was taken in under a number; None: it never came."""
    row = await (await connection.execute(_SQL["digest"], {"peer": peer, "number": number})).fetchone()
    return None if row is None else bytes(row[0])


async def missing(connection: Connection, peer: str, number: int) -> list[int]:
    """Parcels of a node before this one that never came; the first twenty."""
    rows = await (await connection.execute(_SQL["missing"], {"peer": peer, "number": number})).fetchall()
    return [number for (number,) in rows]


async def listed(connection: Connection, limit: int = 100) -> list[Handed]:
    """What changed hands, the latest first."""
    rows = await (await connection.execute(_SQL["listed"], {"limit": limit})).fetchall()
    return [Handed(*row) for row in rows]
