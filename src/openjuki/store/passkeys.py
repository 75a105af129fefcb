# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Passkeys of operators (パスキー), the codes by which they are enrolled, and the tokens that mark terminals.

Whatever would let somebody in is kept as a digest only: a copy of the book opens no door.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from openjuki.store.database import queries

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("passkeys")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """For whom a one-time code is good, and where (登録の案内)."""

    operator: str
    terminal: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passkey:
    """A passkey: its public half, and how often its device says it was used (パスキー)."""

    credential: bytes
    operator: str
    public_key: bytes
    uses: int


def digest(secret: bytes) -> bytes:
    """What is kept of a code or a token."""
    return hashlib.sha256(secret).digest()


async def invite(
    connection: Connection, secret: bytes, invitation: Invitation, at: datetime, until: datetime
) -> None:
    """Keep a one-time code."""
    values = {
        "digest": digest(secret),
        "operator": invitation.operator,
        "terminal": invitation.terminal,
        "at": at,
        "until": until,
    }
    await connection.execute(_SQL["invite"], values)


async def invitation(connection: Connection, secret: bytes, at: datetime) -> Invitation | None:
    """For whom a code is good; None: it is not, or no longer."""
    return await _invitation(connection, "invitation", secret, at)


async def use_invitation(connection: Connection, secret: bytes, at: datetime) -> Invitation | None:
    """Use a code up; None: it is not good, or no longer."""
    return await _invitation(connection, "use_invitation", secret, at)


async def challenge(
    connection: Connection, challenge: bytes, visit: bytes, at: datetime, until: datetime
) -> None:
    """Keep what a browser is asked to have signed."""
    values = {"challenge": challenge, "visit": digest(visit), "at": at, "until": until}
    await connection.execute(_SQL["challenge"], values)


async def use_challenge(connection: Connection, challenge: bytes, visit: bytes, at: datetime) -> bool:
    """Use a challenge up; False: this browser was not asked to have it signed, or it is too late."""
    values = {"challenge": challenge, "visit": digest(visit), "at": at}
    return await (await connection.execute(_SQL["use_challenge"], values)).fetchone() is not None


async def enrol(connection: Connection, passkey: Passkey, at: datetime) -> bool:
    """Keep a new passkey; False: it is somebody's already."""
    values = {
        "credential": passkey.credential,
        "operator": passkey.operator,
        "public_key": passkey.public_key,
        "uses": passkey.uses,
        "at": at,
    }
    return (await connection.execute(_SQL["enrol"], values)).rowcount > 0


async def find(connection: Connection, credential: bytes) -> Passkey | None:
    """A passkey that was not withdrawn, held until the transaction ends."""
    row = await (await connection.execute(_SQL["passkey"], {"credential": credential})).fetchone()
    return (
        None
        if row is None
        else Passkey(credential=credential, operator=row[0], public_key=row[1], uses=row[2])
    )


async def credentials(connection: Connection, operator: str) -> list[bytes]:
    """The credentials of an operator's passkeys."""
    cursor = await connection.execute(_SQL["of_operator"], {"operator": operator})
    return [credential for (credential,) in await cursor.fetchall()]


async def used(connection: Connection, credential: bytes, uses: int, at: datetime) -> None:
    """Note that a passkey was used."""
    await connection.execute(_SQL["used"], {"credential": credential, "uses": uses, "at": at})


async def withdraw(connection: Connection, operator: str, at: datetime) -> int:
    """Withdraw an operator's passkeys; returns how many there were."""
    return (await connection.execute(_SQL["withdraw"], {"operator": operator, "at": at})).rowcount


async def mark_terminal(connection: Connection, token: bytes, terminal: str, at: datetime) -> None:
    """Let a browser that shows this token be known as a terminal."""
    values = {"digest": digest(token), "terminal": terminal, "at": at}
    await connection.execute(_SQL["mark_terminal"], values)


async def terminal(connection: Connection, token: bytes) -> str | None:
    """The terminal that a token marks."""
    row = await (await connection.execute(_SQL["terminal"], {"digest": digest(token)})).fetchone()
    return None if row is None else row[0]


async def _invitation(
    connection: Connection, statement: str, secret: bytes, at: datetime
) -> Invitation | None:
    cursor = await connection.execute(_SQL[statement], {"digest": digest(secret), "at": at})
    row = await cursor.fetchone()
    return None if row is None else Invitation(operator=row[0], terminal=row[1])
