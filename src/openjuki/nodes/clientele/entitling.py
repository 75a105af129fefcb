# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the own book says of a list (対象者一覧についての判断): who may ask for it, whom, and what may come back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.config import CENTRE, Kind
from openjuki.errors import Refused
from openjuki.law.basis import Method
from openjuki.law.decision import Request, roads
from openjuki.nodes.roads import gone_by_file
from openjuki.nodes.statutes import statute_book
from openjuki.refusal import Refusal
from openjuki.store import credentials, offices
from openjuki.wire.bulk import KeyKind

if TYPE_CHECKING:
    from openjuki.nodes.node import Office
    from openjuki.store.clientele import Clientele
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing

#: Mark of a system in place of an operator.
_SYSTEM: Final = "system:"


class Entitled(NamedTuple):
    """What the own book says of a list (照会の可否)."""

    standing: Standing
    #: Who is asked, directly.
    providers: tuple[str, ...]
    #: Items that may come back.
    items: frozenset[str]


async def entitled(office: Office, connection: Connection, one: Clientele) -> Entitled:
    """Decide a list as it would be asked now.

    Raises:
        Refused: whoever put it may not act any more, or not for this affair, or nobody provides for it in bulk.
    """
    standing = await standing_of(office, connection, (one.operator, one.terminal))
    found = roads(_request(office, standing, one), statute_book(office), office.clock())
    if isinstance(found, Refusal):
        raise Refused(found)
    direct = gone_by_file(found, office.id, Method.BULK)
    if isinstance(direct, Refusal):
        raise Refused(direct)
    items = frozenset(item for road in direct for basis in road.grant.bases for item in basis.items)
    return Entitled(standing, tuple(dict.fromkeys(road.provider for road in direct)), items)


async def standing_of(office: Office, connection: Connection, by: tuple[str, str]) -> Standing:
    """Who acts for a list: an operator at a terminal, or ``system:<id>`` with its credential.

    Raises:
        Refused: they may not act any more.
    """
    at, (operator, terminal) = office.clock(), by
    if operator.startswith(_SYSTEM):
        shown = (operator.removeprefix(_SYSTEM), terminal)
        (found,) = await credentials.find_all(connection, [shown], at)
    else:
        (found,) = await offices.find_all(connection, [(operator, terminal)], at)
    if isinstance(found, Refusal):
        raise Refused(found)
    return found


def _request(office: Office, standing: Standing, one: Clientele) -> Request:
    own = office.directory.node(office.id)
    return Request(
        recipient_kind=own.kind,
        recipient=own.id,
        prefecture=own.prefecture,
        office=standing.office,
        holds=standing.holds(one.affair),
        operator=standing.operator,
        terminal=standing.terminal,
        affair=one.affair,
        reason=one.reason,
        keys=KeyKind(one.kind).keys,
        provider_kind=Kind.CENTRE,
        provider=CENTRE,
        method=Method.BULK,
    )
