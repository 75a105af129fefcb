# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Alarms (警報): what somebody must look at, until somebody has. One that is open is not raised again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.types.json import Jsonb

from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("alarms")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAlarm:
    """Open alarm (未対応の警報)."""

    id: int
    kind: str
    #: Where to look: nodes, rules, codes; never a person's other items.
    detail: Mapping[str, Any]
    raised_at: datetime


async def raise_once(connection: Connection, kind: str, detail: Mapping[str, Any], at: datetime) -> None:
    """Say that somebody must look, unless it is being said already."""
    await raise_all(connection, [(kind, detail)], at)


async def raise_all(
    connection: Connection, raised: Iterable[tuple[str, Mapping[str, Any]]], at: datetime
) -> None:
    """Raise many alarms at once, by kind and detail."""
    await _execute_all(connection, "raise", raised, at)


async def settle_all(
    connection: Connection, over: Iterable[tuple[str, Mapping[str, Any]]], at: datetime
) -> None:
    """What these alarms say is over, by kind and detail; one that is not open is passed over."""
    await _execute_all(connection, "settle_all", over, at)


async def open_alarms(connection: Connection) -> list[OpenAlarm]:
    """What somebody must look at, the oldest first."""
    cursor = await connection.execute(_SQL["open"])
    return [
        OpenAlarm(id=key, kind=kind, detail=detail, raised_at=at)
        for key, kind, detail, at in await cursor.fetchall()
    ]


async def settle(connection: Connection, ids: Iterable[int], at: datetime) -> int:
    """Somebody has looked; returns how many were open."""
    return (await connection.execute(_SQL["settle"], {"ids": list(ids), "at": at})).rowcount


async def settle_about(connection: Connection, kind: str, about: Mapping[str, Any], at: datetime) -> int:
    """What these alarms say is over: those of a kind whose detail says this; returns how many were open."""
    values = {"kind": kind, "about": Jsonb(dict(about)), "at": at}
    return (await connection.execute(_SQL["settle_about"], values)).rowcount


async def _execute_all(
    connection: Connection, statement: str, alarms: Iterable[tuple[str, Mapping[str, Any]]], at: datetime
) -> None:
    named = [(kind, Jsonb(dict(detail))) for kind, detail in alarms]
    if named:
        kinds, details = map(list, zip(*named, strict=True))
        await connection.execute(_SQL[statement], {"kinds": kinds, "details": details, "at": at})
