# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Looking into a book (台帳の状況): sizes, signatures, links, shelves and alarms; never an item of a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, LiteralString, NamedTuple

from openjuki.simulation.live.provisions import Answered
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("reading", package=__package__)


class Signed(NamedTuple):
    """The newest checkpoint of a book (署名済みの到達点)."""

    size: int
    at: datetime
    #: When the oldest entry was recorded that it does not cover; None where it covers all.
    beyond: datetime | None


class Cosigned(NamedTuple):
    """What a witness cosigned last (立会署名)."""

    size: int
    at: datetime


class HeldNotice(NamedTuple):
    """A notice on the shelf (保留通知), without the notice."""

    origin: str
    seq: int
    code: str
    at: datetime


class Alarm(NamedTuple):
    """An open alarm (警報)."""

    id: int
    kind: str
    detail: Mapping[str, Any]
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """How one node's book stands (台帳の状況)."""

    size: int
    root: bytes
    #: When the oldest change without an index was recorded.
    unsequenced: datetime | None = None
    signed: Signed | None = None
    cosigned: Mapping[str, Cosigned] = field(default_factory=dict)
    #: The last number on each link, by recipient; what was taken in of others' links, by sender.
    reaches: Mapping[str, int] = field(default_factory=dict)
    marks: Mapping[str, int] = field(default_factory=dict)
    held: tuple[HeldNotice, ...] = ()
    held_count: int = 0
    alarms: tuple[Alarm, ...] = ()


async def read_book(connection: Connection) -> Book:
    """How a book stands now."""
    ((size, root, unsequenced),) = await _rows(connection, "book")
    signed = [Signed(*row) for row in await _rows(connection, "signed")]
    ((held_count,),) = await _rows(connection, "count_held")
    return Book(
        size=size,
        root=root,
        unsequenced=unsequenced,
        signed=signed[0] if signed else None,
        cosigned={row[0]: Cosigned(*row[1:]) for row in await _rows(connection, "cosigned")},
        reaches=dict(await _rows(connection, "reaches")),
        marks=dict(await _rows(connection, "marks")),
        held=tuple(HeldNotice(*row) for row in await _rows(connection, "held")) if held_count else (),
        held_count=held_count,
        alarms=tuple(Alarm(*row) for row in await _rows(connection, "alarms")),
    )


async def waiting_since(connection: Connection, recipient: str, seq: int) -> datetime | None:
    """When an entry of a link was recorded."""
    rows = await _rows(connection, "waiting_since", recipient=recipient, seq=seq)
    return rows[0][0] if rows else None


class Entry(NamedTuple):
    """Where a notice stands in a book: row and time (記録簿の位置)."""

    row: int
    at: datetime


async def last_notice(connection: Connection, prefecture: str) -> int:
    """The number of a town's last notice."""
    ((seq,),) = await _rows(connection, "last_notice", recipient=prefecture)
    return int(seq)


async def issued(connection: Connection, prefecture: str, after: int) -> dict[int, Entry]:
    """A town's notices after a number."""
    rows = await _rows(connection, "issued", recipient=prefecture, after=after)
    return {seq: Entry(index, at) for seq, index, at in rows}


async def applied(connection: Connection, first: int, size: int) -> dict[tuple[str, int], Entry]:
    """Notices that an upper tier took in between two sizes of its book, the last 200 of them."""
    rows = await _rows(connection, "applied", first=first, size=size)
    return {(origin, seq): Entry(index, at) for index, origin, seq, at in rows}


async def answered(connection: Connection, first: int, size: int) -> list[Answered]:
    """What a provider answered between two sizes of its book, counted."""
    return [Answered(*row) for row in await _rows(connection, "answered", first=first, size=size)]


async def _rows(connection: Connection, name: LiteralString, **values: Any) -> list[tuple[Any, ...]]:
    return await (await connection.execute(_SQL[name], values)).fetchall()
