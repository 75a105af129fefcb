# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Protective measures (支援措置): part of a resident's record, and never out of the municipality."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openjuki.store.database import queries

if TYPE_CHECKING:
    from datetime import date, datetime

    from openjuki.codes.resident import ResidentCode
    from openjuki.store.database import Connection

_SQL = queries("protective")


class Measure(NamedTuple):
    """A protective measure (支援措置)."""

    id: int
    since: date
    #: The last day.
    until: date
    #: Whether it was taken before what it rests on was seen (仮の支援措置).
    provisional: bool


async def enter(
    connection: Connection,
    resident: str,
    *,
    since: date,
    until: date,
    provisional: bool,
    office: str,
    at: datetime,
) -> int:
    """Protect a resident for a time, of a year at most; the number of the measure."""
    values = {
        "resident": resident,
        "since": since,
        "until": until,
        "provisional": provisional,
        "office": office,
        "at": at,
    }
    ((number,),) = await (await connection.execute(_SQL["enter"], values)).fetchall()
    return int(number)


async def lift(connection: Connection, resident: str, on: date, at: datetime) -> list[int]:
    """End whatever protects a resident; the numbers of what was ended."""
    cursor = await connection.execute(_SQL["lift"], {"resident": resident, "on": on, "at": at})
    return [number for (number,) in await cursor.fetchall()]


async def standing(connection: Connection, resident: str, on: date) -> list[Measure]:
    """What protects a resident on a day or later, the last to end first."""
    cursor = await connection.execute(_SQL["standing"], {"resident": resident, "on": on})
    return [Measure(*row) for row in await cursor.fetchall()]


async def is_open(connection: Connection, code: ResidentCode, on: date) -> bool:
    """Whether somebody of this code is in the book, and nothing protects them on a day."""
    cursor = await connection.execute(_SQL["protected"], {"code": code, "on": on})
    return await cursor.fetchall() == [(False,)]
