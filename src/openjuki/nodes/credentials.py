# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Systems are registered, and their credentials issued, exchanged and revoked (資格情報の管理, 法30条の28).

Each of these commits together with its row in the journal, which names the credential and never the secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from openjuki.errors import BadInput, Refused
from openjuki.nodes.offices import (
    ID_GIVEN_ONCE,
    NOTHING_TO_CLOSE,
    ahead,
    check_office,
    named,
    plain_id,
    require,
    tell,
)
from openjuki.refusal import Refusal, Where
from openjuki.store import credentials
from openjuki.store.credentials import Credential, Secret, System

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection

UNKNOWN_SYSTEM: Final = Refusal(
    code="JK-CREDENTIAL-0003",
    rule="system-known",
    article="法30条の28",
    message_ja="登録されていない接続システムです。",
    message_en="No such system is registered at this node.",
)
#: For how long the former credential stays good when one is exchanged, unless it is said otherwise.
OVERLAP: Final = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """A credential that was just made (発行した資格情報): the only time that its secret is seen."""

    credential: Credential
    secret: str


async def add(
    node: Office,
    connection: Connection,
    system: str,
    *,
    office: str,
    name: str,
    until: datetime | None = None,
) -> Issued:
    """Register a system of an office, and issue its first credential.

    Raises:
        BadInput: the id is not plain, there is no name, or the end lies in the past.
        Refused: the id is taken, or there is no such office.
    """
    at = node.clock()
    new = System(id=plain_id(system, "id"), office=office, name=named(name), since=at)
    await check_office(connection, office)
    require(await credentials.add_system(connection, new), ID_GIVEN_ONCE)
    await tell(node, connection, "system.added", at, system=new.id, office=office, name=new.name)
    return await _issue(node, connection, new.id, at, until)


async def rotate(
    node: Office,
    connection: Connection,
    system: str,
    *,
    overlap: timedelta = OVERLAP,
    until: datetime | None = None,
) -> Issued:
    """Issue another credential; what the system had before ends after the overlap.

    Raises:
        BadInput: the overlap is negative, or the end lies in the past.
        Refused: there is no such system.
    """
    at = node.clock()
    if overlap < timedelta():
        raise BadInput("the overlap is negative", where=Where(column="overlap"))
    issued = await _issue(node, connection, system, at, until)
    await _end(node, connection, system, at + overlap, but=issued.credential.id)
    return issued


async def revoke(
    node: Office, connection: Connection, system: str, *, credential: str | None = None
) -> list[str]:
    """End a system's credentials now, all of them or one; returns which.

    Raises:
        Refused: there is none that could end.
    """
    ended = await _end(node, connection, system, node.clock(), only=credential)
    if not ended:
        raise Refused(NOTHING_TO_CLOSE)
    return ended


async def _issue(
    node: Office, connection: Connection, system: str, at: datetime, until: datetime | None
) -> Issued:
    if until is not None:
        ahead(until, at, "until")
    secret = Secret.draw(node.entropy)
    new = Credential(id=secret.id, system=system, since=at, until=until)
    require(await credentials.add(connection, new, secret.digest), UNKNOWN_SYSTEM)
    ends = until and until.isoformat()
    await tell(node, connection, "credential.issued", at, system=system, credential=new.id, until=ends)
    return Issued(credential=new, secret=secret.text)


async def _end(
    node: Office,
    connection: Connection,
    system: str,
    end: datetime,
    *,
    only: str | None = None,
    but: str | None = None,
) -> list[str]:
    ended = await credentials.end(connection, system, end, only=only, but=but)
    for credential in ended:
        items = {"system": system, "credential": credential, "until": end.isoformat()}
        await tell(node, connection, "credential.ended", node.clock(), **items)
    return ended
