# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who works in the nation (部署・操作者・端末): residents' divisions, offices of the upper nodes and of the agencies.

All of them are fictitious, and the same in every town, so that a reader of the manual finds them::

    juki look-up --node 132195 --operator jumin-1 --terminal jumin-t1 ...
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from openjuki.config import Kind
from openjuki.nodes import credentials, offices
from openjuki.nodes.node import opened_office
from openjuki.store.offices import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openjuki.config import Settings
    from openjuki.nodes.node import Office
    from openjuki.simulation.agencies import PlannedAgency
    from openjuki.simulation.founding import PlannedNode
    from openjuki.store.database import Connection

    #: What each agency's systems show to be known, by agency and system.
    type Secrets = dict[tuple[str, str], str]

#: The affair of a residents' division (住民基本台帳に関する事務).
REGISTER_WORK: Final = "register-work"
#: Who makes the changes of the day, and where.
CLERK: Final = Standing(
    operator="jumin-1", terminal="jumin-t1", office="jumin", affairs=frozenset({REGISTER_WORK})
)
_OPERATORS: Final = {"jumin-1": "窓口　一郎", "jumin-2": "窓口　花子"}
#: What these offices hold: people ask there what is held about them (開示, 法30条の32).
_DISCLOSURE: Final = "disclosure"
_ELSEWHERE: Final = {Kind.PREFECTURE: ("shichoson", "市町村課"), Kind.CENTRE: ("zenkoku", "全国センター")}
#: Operator and terminal where people ask what the Centre holds about them.
DISCLOSER: Final = ("zenkoku-1", "zenkoku-t1")


async def found(
    settings: Settings, nodes: Iterable[PlannedNode], agencies: Iterable[PlannedAgency] = ()
) -> Secrets:
    """Register who works at these nodes; returns the secret of each agency's systems, which is shown but once."""
    secrets: Secrets = {}
    for node in nodes:
        if node.kind is not Kind.AGENCY:
            async with opened_office(settings, node.id) as office:
                await found_at(office)
    for agency in agencies:
        async with opened_office(settings, agency.id) as office:
            secrets |= await office.transact(partial(_agency, office, agency))
    return secrets


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


async def _agency(node: Office, agency: PlannedAgency, connection: Connection) -> Secrets:
    secrets: Secrets = {}
    for office in agency.offices:
        await offices.add_office(node, connection, office.id, office.name)
        for affair in office.affairs:
            await offices.grant_affair(node, connection, office.id, affair)
        for operator, name in zip(office.operators, _OPERATORS.values(), strict=True):
            await offices.add_operator(node, connection, operator, office=office.id, name=name)
        await offices.add_terminal(node, connection, office.terminal, office=office.id)
        issued = await credentials.add(
            node, connection, office.system, office=office.id, name=f"{office.name}のシステム"
        )
        secrets[agency.id, office.system] = issued.secret
    return secrets


async def _office(node: Office, connection: Connection) -> None:
    office, name = _ELSEWHERE[node.settings.kind]
    await offices.add_office(node, connection, office, name)
    await offices.grant_affair(node, connection, office, _DISCLOSURE)
    for number, person in enumerate(_OPERATORS.values(), 1):
        await offices.add_operator(node, connection, f"{office}-{number}", office=office, name=person)
    await offices.add_terminal(node, connection, f"{office}-t1", office=office)
