# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Certificates of moving out that came for people who are moving here (転出証明書情報, 法24条の2第4項)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime

    from openjuki.codes.resident import ResidentCode
    from openjuki.store.database import Connection

#: How long after the planned day a certificate is kept (令24条の4).
KEPT = timedelta(days=30)

_SQL = queries("certificates")


async def keep(
    connection: Connection,
    sender: str,
    *,
    resident_codes: Iterable[ResidentCode],
    stay: int,
    planned_on: date,
    letter: bytes,
    at: datetime,
) -> None:
    """Keep a certificate, under the person's code and those that a change has ended; of several copies the newest counts."""
    values = {
        "sender": sender,
        "resident_codes": list(resident_codes),
        "stay": stay,
        "planned_on": planned_on,
        "letter": letter,
        "at": at,
    }
    await connection.execute(_SQL["keep"], values)


async def find(connection: Connection, resident_code: ResidentCode) -> tuple[str, bytes] | None:
    """Who sent the newest certificate for a code, and the letter; None: none has come."""
    cursor = await connection.execute(_SQL["find"], {"resident_code": resident_code})
    row = await cursor.fetchone()
    return None if row is None else (row[0], row[1])


async def erase_old(connection: Connection, today: date) -> int:
    """Erase certificates 30 days after the planned day (令24条の4); returns how many."""
    return (await connection.execute(_SQL["erase"], {"before": today - KEPT})).rowcount
