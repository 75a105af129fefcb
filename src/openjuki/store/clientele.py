# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Changes for a clientele (対象者の異動の提供): at an agency the lists and what they were told; at a provider its turns.

A list itself is a file (`nodes.clientele.listing`); what stands here is whose it is, and how far it was told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from openjuki.store.database import copy_rows, queries

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("clientele")
_CHANGE = ("text", "int8", "text", "timestamptz", "bytea")


class Clientele(NamedTuple):
    """A list of persons about whom an office wants to know what changes (対象者一覧)."""

    name: str
    office: str
    affair: str
    reason: str
    #: Who put it, and asks for it: an operator at a terminal, or a system with its credential.
    operator: str
    terminal: str
    #: By what it names persons.
    kind: str
    keys: int
    #: Of its file.
    digest: bytes
    #: Seconds between two turns; 0: asked only when somebody says so.
    every: int
    put_at: datetime
    #: Number of the last change that it was told.
    told: int = 0

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {**self._asdict(), "digest": self.digest.hex(), "put_at": self.put_at.isoformat()}


class CursorAt(NamedTuple):
    """How far a list was told by a provider, and when (提供済みの位置)."""

    provider: str
    journal: int
    size: int
    told_at: datetime


class Change(NamedTuple):
    """A change that a list was told (対象者の異動)."""

    #: Counts from 1 in each list.
    seq: int
    received_at: datetime
    #: As it came.
    told: bytes


class ToReceipt(NamedTuple):
    """A turn of which the provider has no receipt yet."""

    request: str
    provider: str
    payload: bytes
    salt: bytes


class Turned(NamedTuple):
    """What became of a turn (照会の結果)."""

    changes: int = 0
    #: Of the error or refusal, where nothing was told.
    code: str | None = None
    #: The provider's row, its salt, and the promise about it; None where nothing was told.
    payload: bytes | None = None
    salt: bytes | None = None
    promise: bytes | None = None


class Outstanding(NamedTuple):
    """What was told and nobody has confirmed to have received (受領未確認)."""

    request: str
    asker: str
    affair: str
    at: datetime
    changes: int


async def hold(connection: Connection) -> None:
    """Let nobody else change which lists there are until the end of the transaction."""
    await connection.execute(_SQL["hold"])


async def put(connection: Connection, clientele: Clientele) -> bool:
    """Keep a list, or its next edition; False: the name is another office's, or for another affair."""
    return (await connection.execute(_SQL["put"], clientele._asdict())).rowcount == 1


async def drop(connection: Connection, name: str, office: str) -> bool:
    """Forget a list and what it was told; False: the office has none of that name."""
    return (await connection.execute(_SQL["drop"], {"name": name, "office": office})).rowcount == 1


async def lists(connection: Connection, name: str | None = None) -> list[Clientele]:
    """The lists of a node, or the one of a name."""
    cursor = await connection.execute(_SQL["lists"], {"name": name})
    return [Clientele(*row) for row in await cursor.fetchall()]


async def due(connection: Connection, now: datetime) -> list[str]:
    """Names of the lists that it is time to ask about."""
    return [name for (name,) in await (await connection.execute(_SQL["due"], {"now": now})).fetchall()]


async def cursors(connection: Connection, name: str) -> dict[str, CursorAt]:
    """How far a list was told, by provider."""
    rows = await (await connection.execute(_SQL["cursors"], {"name": name})).fetchall()
    return {row[0]: CursorAt(*row) for row in rows}


async def begin(connection: Connection, name: str, cursor: CursorAt) -> None:
    """From now on a provider tells about a list."""
    values = {"name": name, "at": cursor.told_at, **cursor._asdict()}
    await connection.execute(_SQL["begin_cursor"], values)


async def move(connection: Connection, name: str, before: CursorAt, after: CursorAt) -> bool:
    """A list was told so far; False: somebody was faster."""
    values = {
        "name": name,
        "at": after.told_at,
        "from_journal": before.journal,
        "from_size": before.size,
        **after._asdict(),
    }
    return (await connection.execute(_SQL["move_cursor"], values)).rowcount == 1


async def begin_anew(connection: Connection, name: str) -> None:
    """Forget how far a list was told: the next turn begins from then on."""
    await connection.execute(_SQL["forget_cursors"], {"name": name})


async def ask(
    connection: Connection, request: str, name: str, provider: str, digest: bytes, at: datetime
) -> None:
    """A turn is about to be asked."""
    values = {"request": request, "name": name, "provider": provider, "digest": digest, "at": at}
    await connection.execute(_SQL["ask"], values)


async def asked(connection: Connection, request: str, since: datetime) -> tuple[str, bytes] | None:
    """To whom which list is being shown in a turn that is under way since then; None: there is no such turn."""
    values = {"request": request, "since": since}
    row = await (await connection.execute(_SQL["asked"], values)).fetchone()
    return None if row is None else (row[0], row[1])


async def answer(connection: Connection, request: str, turned: Turned, at: datetime) -> None:
    """Note what became of a turn."""
    await connection.execute(_SQL["answer"], {"request": request, "at": at, **turned._asdict()})


async def add(connection: Connection, name: str, request: str, at: datetime, told: Iterable[bytes]) -> int:
    """Keep what a list was told, numbered on; returns the number of the last."""
    row = await (await connection.execute(_SQL["last"], {"name": name})).fetchone()
    if row is None:
        return 0
    numbered = list(enumerate(told, row[0] + 1))
    rows = ((name, seq, request, at, one) for seq, one in numbered)
    await copy_rows(connection, _SQL["add_changes"], _CHANGE, rows)
    return numbered[-1][0] if numbered else int(row[0])


async def changes(
    connection: Connection,
    name: str,
    *,
    after: int = 0,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 10_000,
) -> list[Change]:
    """What a list was told after a number, the first first; in a span of time, where one is given."""
    values = {"name": name, "after": after, "since": since, "until": until, "limit": limit}
    return [Change(*row) for row in await (await connection.execute(_SQL["changes"], values)).fetchall()]


async def to_receipt(connection: Connection) -> list[ToReceipt]:
    """Turns of which no receipt has reached the provider: of each provider the oldest first."""
    return [ToReceipt(*row) for row in await (await connection.execute(_SQL["to_receipt"])).fetchall()]


async def receipt_sent(connection: Connection, request: str, at: datetime) -> None:
    """The provider has the receipt of a turn."""
    await connection.execute(_SQL["receipt_sent"], {"request": request, "at": at})


async def tell(connection: Connection, turn: Outstanding, commitment: bytes) -> None:
    """At a provider: a turn is about to be told, under the row of this commitment."""
    await connection.execute(_SQL["tell"], {**turn._asdict(), "commitment": commitment})


async def receipt(connection: Connection, request: str, asker: str, commitment: bytes, at: datetime) -> bool:
    """At a provider: what was told has arrived; False: that was known, or it was never told."""
    values = {"request": request, "asker": asker, "commitment": commitment, "at": at}
    return (await connection.execute(_SQL["receipt"], values)).rowcount == 1


async def outstanding(connection: Connection, limit: int = 1000) -> list[Outstanding]:
    """At a provider: what was told and nobody has confirmed to have received, the oldest first."""
    rows = await (await connection.execute(_SQL["outstanding"], {"limit": limit})).fetchall()
    return [Outstanding(*row) for row in rows]
