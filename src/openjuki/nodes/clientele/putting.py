# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Putting and dropping a list (対象者一覧の登録と廃止): whoever puts it must be entitled to what it will be told.

A list that is put again takes the place of the one before, and goes on from where that stood. A list belongs to an
office and an affair for as long as it exists.
"""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from openjuki.errors import BadInput, Refused
from openjuki.nodes.clientele import listing
from openjuki.nodes.clientele.entitling import entitled, standing_of
from openjuki.refusal import Refusal, Where
from openjuki.store import clientele, journal
from openjuki.store.clientele import Clientele

if TYPE_CHECKING:
    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection
    from openjuki.wire.bulk import KeyKind
    from openjuki.wire.key_list import Keys

#: Kinds of the rows.
PUT, DROPPED = "clientele.put", "clientele.dropped"
#: Seconds between two turns: at most a week.
LONGEST: Final = 7 * 86_400
#: What a list may be called.
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
ANOTHERS_LIST: Final = Refusal(
    code="JK-CLIENTELE-0003",
    rule="clientele-of-the-office",
    article="法30条の26",
    message_ja="この名前の対象者一覧は、他の部署又は他の事務のものです。",
    message_en="The clientele of this name is another office's, or for another affair.",
)


class By(NamedTuple):
    """Who acts (行為者): an operator at a terminal, or ``system:<id>`` with the credential that it showed."""

    operator: str
    terminal: str


class Wish(NamedTuple):
    """What an office wants to be told about (異動の提供の申出)."""

    name: str
    affair: str
    reason: str
    by: By
    kind: KeyKind
    #: Seconds between two turns; 0: asked only when somebody says so.
    every: int = 0


async def put(office: Office, wish: Wish, keys: Keys) -> Clientele:
    """Put a list of keys, in any order.

    Raises:
        BadInput: no name, a time that is too long, no key, or too many.
        Refused: whoever puts it may not ask for this affair, or the name is taken.
        NotWritable: the disk does not take it.
        StoreUnavailable: the database does not answer.
    """
    if not NAME.fullmatch(wish.name):
        raise BadInput(
            "a list is named by letters, figures, dots, dashes and underlines", where=Where(column="name")
        )
    if not 0 <= wish.every <= LONGEST:
        raise BadInput("a list is asked about at least once a week", where=Where(column="every"))
    ordered = await asyncio.to_thread(listing.sorted_keys, [keys])
    written = await asyncio.to_thread(listing.write, office, ordered)

    async def work(connection: Connection) -> Clientele:
        await clientele.hold(connection)
        # another put or drop that came between knew of no list with this file
        if not listing.is_there(office, written.digest):
            await asyncio.to_thread(listing.write, office, ordered)
        found = await clientele.lists(connection, wish.name)
        one = _clientele(office, wish, written)
        may = await entitled(office, connection, one)
        one = one._replace(office=may.standing.office, told=found[0].told if found else 0)
        if not await clientele.put(connection, one):
            raise Refused(ANOTHERS_LIST)
        await journal.append(connection, [_entry(office, PUT, one)])
        return one

    try:
        return await office.transact(work)
    finally:
        await _sweep(office)


async def drop(office: Office, name: str, by: By) -> None:
    """Drop a list, and what it was told.

    Raises:
        BadInput: there is none of that name.
        Refused: whoever drops it may not act, or it is another office's.
    """

    async def work(connection: Connection) -> None:
        found = await clientele.lists(connection, name)
        if not found:
            raise BadInput("there is no clientele of this name", where=Where(column="name"))
        standing = await standing_of(office, connection, by)
        if not await clientele.drop(connection, name, standing.office):
            raise Refused(ANOTHERS_LIST)
        await journal.append(connection, [_entry(office, DROPPED, found[0])])

    await office.transact(work)
    await _sweep(office)


async def _sweep(office: Office) -> None:
    """Remove files that no list has; a turn that is under way with one of them is asked again."""

    async def work(connection: Connection) -> None:
        await clientele.hold(connection)
        needed = {one.digest for one in await clientele.lists(connection)}
        await asyncio.to_thread(listing.sweep, office, needed)

    await office.transact(work)


def _clientele(office: Office, wish: Wish, written: listing.Listing) -> Clientele:
    return Clientele(
        name=wish.name,
        office="",
        affair=wish.affair,
        reason=wish.reason,
        operator=wish.by.operator,
        terminal=wish.by.terminal,
        kind=wish.kind.value,
        keys=written.keys,
        digest=written.digest,
        every=wish.every,
        put_at=office.clock(),
    )


def _entry(office: Office, kind: str, one: Clientele) -> journal.Entry:
    said = one.to_dict()
    del said["told"]
    return journal.Entry(
        kind=kind,
        recorded_at=office.clock(),
        payload=orjson.dumps(said, option=orjson.OPT_SORT_KEYS),
        salt=office.entropy(journal.SALT_SIZE),
    )
