# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who works in the nation (部署・操作者・端末): a residents' division in every town, an office at each other node.

All of them are fictitious, and the same in every town, so that a reader of the manual finds them::

    juki look-up --node 132195 --operator jumin-1 --terminal jumin-t1 ...
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openjuki.config import Kind
from openjuki.nodes import offices
from openjuki.nodes.node import opened_office
from openjuki.store.offices import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openjuki.config import Settings
    from openjuki.nodes.node import Office
    from openjuki.simulation.founding import PlannedNode
    from openjuki.store.database import Connection

#: The affair of a residents' division (住民基本台帳に関する事務).
REGISTER_WORK: Final = "register-work"
#: Who makes the changes of the day, and where.
CLERK: Final = Standing(
    operator="jumin-1", terminal="jumin-t1", office="jumin", affairs=frozenset({REGISTER_WORK})
)
_OPERATORS: Final = {"jumin-1": "窓口　一郎", "jumin-2": "窓口　花子"}
_ELSEWHERE: Final = {Kind.PREFECTURE: ("shichoson", "市町村課"), Kind.CENTRE: ("zenkoku", "全国センター")}


async def found(settings: Settings, nodes: Iterable[PlannedNode]) -> None:
    """Register who works at these nodes."""
    for node in nodes:
        async with opened_office(settings, node.id) as office:
            await found_at(office)


async def found_at(office: Office) -> None:
    """Register who works at one node."""
    town = office.settings.kind is Kind.MUNICIPALITY
    await office.transact(lambda connection: (_division if town else _office)(office, connection))


async def _division(town: Office, connection: Connection) -> None:
    await offices.add_office(town, connection, CLERK.office, "住民課")
    await offices.grant_affair(town, connection, CLERK.office, REGISTER_WORK)
    for operator, name in _OPERATORS.items():
        await offices.add_operator(town, connection, operator, office=CLERK.office, name=name)
    await offices.add_terminal(town, connection, CLERK.terminal, office=CLERK.office)


async def _office(node: Office, connection: Connection) -> None:
    await offices.add_office(node, connection, *_ELSEWHERE[node.settings.kind])
