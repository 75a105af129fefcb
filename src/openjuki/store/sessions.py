# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Operators who are signed in (サインイン中の操作者): tokens of their browsers as digests, with an end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openjuki.store.database import queries
from openjuki.store.passkeys import digest

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("sessions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An operator who is signed in at a terminal (サインイン)."""

    id: int
    operator: str
    operator_name: str
    terminal: str
    office: str
    office_name: str
    opened_at: datetime
    #: When something was last done in it.
    seen_at: datetime
    locked_at: datetime | None
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where an operator is signed in (サインインの場所)."""

    id: int
    terminal: str
    opened_at: datetime
    seen_at: datetime
    expires_at: datetime


async def open_(
    connection: Connection, token: bytes, operator: str, terminal: str, at: datetime, until: datetime
) -> int:
    """Sign somebody in."""
    values = {"digest": digest(token), "operator": operator, "terminal": terminal, "at": at, "until": until}
    row = await (await connection.execute(_SQL["open"], values)).fetchone()
    assert row is not None, "what is inserted is returned"
    return int(row[0])


async def find(connection: Connection, token: bytes, at: datetime) -> Session | None:
    """Who shows this token; None: nobody who is signed in."""
    row = await (await connection.execute(_SQL["find"], {"digest": digest(token), "at": at})).fetchone()
    return None if row is None else Session(**dict(zip(Session.__slots__, row, strict=True)))


async def seen(connection: Connection, session: int, at: datetime) -> None:
    """Note that somebody works there."""
    await connection.execute(_SQL["seen"], {"id": session, "at": at})


async def lock(connection: Connection, session: int, at: datetime) -> None:
    """Let nobody go on there without the operator's passkey."""
    await connection.execute(_SQL["lock"], {"id": session, "at": at})


async def resume(
    connection: Connection, token: bytes, fresh: bytes, operator: str, terminal: str, at: datetime
) -> bool:
    """Unlock a session under a new token; False: it is over, or was another's, or elsewhere."""
    values = {
        "digest": digest(token),
        "fresh": digest(fresh),
        "operator": operator,
        "terminal": terminal,
        "at": at,
    }
    return await (await connection.execute(_SQL["resume"], values)).fetchone() is not None


async def end(connection: Connection, session: int, operator: str, at: datetime) -> str | None:
    """End a session of an operator; returns where it was, None where there was none."""
    values = {"id": session, "operator": operator, "at": at}
    row = await (await connection.execute(_SQL["end"], values)).fetchone()
    return None if row is None else row[0]


async def end_all(connection: Connection, operator: str, at: datetime) -> int:
    """End every session of an operator; returns how many there were."""
    return (await connection.execute(_SQL["end_all"], {"operator": operator, "at": at})).rowcount


async def of_operator(connection: Connection, operator: str, at: datetime) -> list[Place]:
    """Where an operator is signed in, the latest first."""
    cursor = await connection.execute(_SQL["of_operator"], {"operator": operator, "at": at})
    return [Place(**dict(zip(Place.__slots__, row, strict=True))) for row in await cursor.fetchall()]
