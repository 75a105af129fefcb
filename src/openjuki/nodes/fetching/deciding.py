# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""May this be asked in bulk, and of whom (一括照会の可否): one decision for a whole file, by the own book.

A file goes to one provider: the Centre where a direct road leads there, else the own governor. Persons whom that
provider may not tell about are answered as such, row by row. What the own book refuses never leaves the node.
"""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING, NamedTuple

from openjuki.config import CENTRE, JST, Kind
from openjuki.law.decision import Request, roads
from openjuki.nodes.asking import AtTerminal
from openjuki.nodes.roads import gone_by_file
from openjuki.refusal import Refusal
from openjuki.store import credentials, ledger, offices

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.law.book import Book
    from openjuki.law.decision import Road
    from openjuki.nodes.fetching.asked import BulkAsked
    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing


class Opened(NamedTuple):
    """What the book opens to a file (開かれた一括照会の経路)."""

    standing: Standing
    provider: str
    #: Items that may be told, of anybody in the file.
    items: tuple[str, ...]


class Closed(NamedTuple):
    """Why nothing is asked (照会できない理由)."""

    refusal: Refusal
    #: None: nobody knows who asks.
    standing: Standing | None = None


async def decide(
    office: Office, connection: Connection, book: Book, asked: BulkAsked, persons: int
) -> Opened | Closed:
    """Decide about a file with so many keys, in the caller's transaction."""
    at = office.clock()
    standing = await _standing(connection, asked, at)
    if isinstance(standing, Refusal):
        return Closed(standing)
    quota = await _quota(connection, standing, asked.affair, at)
    request = _request(office, standing, asked, persons, quota)
    found = roads(request, book, at)
    if isinstance(found, Refusal):
        return Closed(found, standing)
    direct = gone_by_file(found, office.id, asked.method)
    if isinstance(direct, Refusal):
        return Closed(direct, standing)
    road = _widest(direct)
    items = dict.fromkeys(item for basis in road.grant.bases for item in basis.items)
    return Opened(standing, road.provider, tuple(items))


def _widest(direct: Sequence[Road]) -> Road:
    """The road that leads to most: the Centre's, else the governor's."""
    return next((road for road in direct if road.provider == CENTRE), direct[0])


async def _standing(connection: Connection, asked: BulkAsked, at: datetime) -> Standing | Refusal:
    """Who asks, as the node's records have them."""
    if isinstance(asked.by, AtTerminal):
        return (await offices.find_all(connection, [asked.by], at))[0]
    return (await credentials.find_all(connection, [asked.by], at))[0]


async def _quota(connection: Connection, standing: Standing, affair: str, at: datetime) -> int | None:
    """How many persons the office may still ask about today; None: nobody counts."""
    most = standing.per_day(affair)
    if most is None:
        return None
    midnight = datetime.combine(at.astimezone(JST).date(), time(), JST)
    used = await ledger.asked_since(connection, [(standing.office, affair)], midnight)
    return most - used.get((standing.office, affair), 0)


def _request(
    office: Office, standing: Standing, asked: BulkAsked, persons: int, quota: int | None
) -> Request:
    node = office.directory.node(office.id)
    return Request(
        recipient_kind=node.kind,
        recipient=node.id,
        prefecture=node.prefecture,
        office=standing.office,
        holds=standing.holds(asked.affair),
        operator=standing.operator,
        terminal=standing.terminal,
        affair=asked.affair,
        reason=asked.reason,
        keys=asked.kind.keys,
        provider_kind=Kind.CENTRE,
        provider=CENTRE,
        method=asked.method,
        persons=persons,
        quota=quota,
    )
