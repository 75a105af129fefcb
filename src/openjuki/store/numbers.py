# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Residents who wait for an individual number from the Centre (個人番号の生成要求, 番号法8条1項)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from openjuki.residents.changes import Reason
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("numbers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Somebody who waits for a number (個人番号の生成待ち)."""

    resident_number: str
    #: Under which reason the number will be recorded.
    reason: Reason
    resident_code: str
    #: The number that is to be replaced, if there is one.
    individual_number: str | None


async def ask(connection: Connection, residents: Collection[str], reason: Reason, at: datetime) -> None:
    """Note that residents need a number."""
    if residents:
        values = {"residents": list(residents), "reason": reason.value, "at": at}
        await connection.execute(_SQL["ask"], values)


async def awaited(connection: Connection, limit: int, passed: int = 0) -> list[Waiting]:
    """Who waits, the longest first, so many of them passed over."""
    cursor = await connection.execute(_SQL["awaited"], {"limit": limit, "passed": passed})
    return [
        Waiting(resident_number=number, reason=Reason(reason), resident_code=code, individual_number=before)
        for number, reason, code, before in await cursor.fetchall()
    ]


async def answered(connection: Connection, residents: Collection[str]) -> None:
    """They have their numbers."""
    await connection.execute(_SQL["answered"], {"residents": list(residents)})
