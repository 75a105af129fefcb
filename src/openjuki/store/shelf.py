# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The shelf of held notices (保留通知): what a rule refused, and what waits behind it.

A refused notice does not block its town: it lies here with the code of the refusal, later notices
of the same person join it, all others flow. Whoever takes a notice down says when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from openjuki.store.database import Connection

#: The code of a notice that nothing is wrong with, but one before it is held.
BEHIND = "JK-HELD-0001"

_SQL = queries("shelf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Held notice (保留通知)."""

    #: The municipality that sent it, and its number there.
    origin: str
    seq: int
    #: Under which code the person is known before it; None where that cannot be read.
    resident_code: str | None
    #: The code of the refusal, or `BEHIND`.
    code: str
    #: The notice as it was received.
    notice: bytes
    held_at: datetime


async def hold(connection: Connection, notices: Sequence[Held]) -> None:
    """Put notices on the shelf; for one that lies there already, another code may be the reason by now."""
    if not notices:
        return
    values = {
        "origins": [held.origin for held in notices],
        "seqs": [held.seq for held in notices],
        "resident_codes": [held.resident_code for held in notices],
        "codes": [held.code for held in notices],
        "notices": [held.notice for held in notices],
        "held_ats": [held.held_at for held in notices],
    }
    await connection.execute(_SQL["hold"], values)


async def held_behind(connection: Connection, codes: Iterable[str]) -> set[str]:
    """Which of these residents' codes have a notice on the shelf: what follows must join it."""
    cursor = await connection.execute(_SQL["held_behind"], {"codes": list(codes)})
    return {code for (code,) in await cursor.fetchall()}


async def shelf(connection: Connection, codes: Iterable[str] | None = None) -> list[Held]:
    """What lies on the shelf, of these residents' codes or of all, in the order of its towns."""
    if codes is None:
        cursor = await connection.execute(_SQL["whole_shelf"])
    else:
        cursor = await connection.execute(_SQL["shelf"], {"codes": list(codes)})
    names = ("origin", "seq", "resident_code", "code", "notice", "held_at")
    return [Held(**dict(zip(names, row, strict=True))) for row in await cursor.fetchall()]


async def release(connection: Connection, notices: Iterable[Held], at: datetime) -> int:
    """Take notices from the shelf; returns how many were still there."""
    places = [(held.origin, held.seq) for held in notices]
    values = {"origins": [origin for origin, _ in places], "seqs": [seq for _, seq in places], "at": at}
    return (await connection.execute(_SQL["release"], values)).rowcount
