# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Asking what changed (異動の照会) at an agency: decided by the own book, shown only what the provider has recorded.

A turn is written down, then asked; while it is worked on, the provider pulls the list from whichever process of the node
answers. What comes back is held against the row that the provider promises, and is kept together with the cursor: of two
processes that ask at once the slower one finds the cursor gone on, and keeps nothing.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson
import structlog

from openjuki.errors import (
    BadInput,
    JukiError,
    NotPermitted,
    Overtaken,
    PeerError,
    PeerRefused,
    PeerUnavailable,
    Refused,
    Unavailable,
)
from openjuki.nodes import exchange
from openjuki.nodes.clientele import checking, listing
from openjuki.nodes.clientele.entitling import entitled
from openjuki.refusal import Where
from openjuki.store import clientele, journal
from openjuki.store.clientele import CursorAt, Turned
from openjuki.wire.bulk import KeyKind
from openjuki.wire.clientele import (
    CLIENTELE,
    CLIENTELE_CHANGES,
    CLIENTELE_KEYS,
    CLIENTELE_RECEIPT,
    ClienteleAsk,
    Cursor,
    State,
    Turn,
    Wanted,
    write_receipt,
)
from openjuki.wire.leaf import commitment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openjuki.nodes.node import Node
    from openjuki.store.clientele import Clientele
    from openjuki.store.database import Connection
    from openjuki.wire.envelope import Message
    from openjuki.wire.transport import Handler

log = structlog.get_logger()

#: Kinds of the agency's rows: what leaves, and what comes of it.
ASKED, ANSWERED = "clientele.asked", "clientele.answered"
#: Seconds between two looks for lists that it is time to ask about.
EVERY: Final = 1.0
#: Seconds between two questions how far a turn is, at first and at most; and after how many it is given up.
_FIRST, _LONGEST, _PATIENCE = 0.05, 1.0, 900.0
#: Seconds after which a turn of a process that was killed is over: nobody is shown a list for it any more.
_SHOWN: Final = 2 * _PATIENCE
#: Pages that are pulled at a time.
_WINDOW: Final = 4


class Outcome(NamedTuple):
    """What a turn brought (異動の照会の結果)."""

    provider: str
    changes: int
    #: Whether there is more to ask at once.
    more: bool
    #: Whether it was the first one: changes are told from now on.
    begun: bool


class Asked(NamedTuple):
    """A turn that is written down (照会)."""

    of: Clientele
    provider: str
    ask: ClienteleAsk
    #: How far the provider told the list before; None: this is the first turn.
    cursor: CursorAt | None
    #: Items that may come back.
    items: frozenset[str]


def showing(node: Node) -> Mapping[str, Handler]:
    """What an agency answers about its lists: chunks, to whom it has asked."""
    return {CLIENTELE_KEYS: exchange.answering(node, CLIENTELE_KEYS, _show)}


async def ask(node: Node, name: str) -> list[Outcome]:
    """Ask everybody who provides for the affair of a list what changed, until there is no more.

    Raises:
        Refused: the own book or a provider says no.
        PeerError, Unavailable: a provider breaks the protocol, or does not answer.
        IntegrityFailure: what came back is not what its provider promises to have recorded.
    """
    providers = await node.read(lambda connection: _providers(node, connection, name))
    turns = [asyncio.create_task(_turns(node, name, provider)) for provider in providers]
    try:
        told = await asyncio.gather(*turns, return_exceptions=True)
    finally:
        for one in turns:
            one.cancel()
    await receipt(node)
    for failed in told:
        if isinstance(failed, BaseException):
            raise failed
    return [outcome for outcomes in told if isinstance(outcomes, list) for outcome in outcomes]


async def _turns(node: Node, name: str, provider: str) -> list[Outcome]:
    """Ask one provider until there is no more; what the others tell does not wait for it."""
    outcomes = [await turn(node, name, provider)]
    while outcomes[-1].more:
        outcomes.append(await turn(node, name, provider))
    return outcomes


async def turn(node: Node, name: str, provider: str) -> Outcome:
    """Ask one provider once.

    Raises:
        JukiError: as `ask`.
    """
    asked = await node.transact(lambda connection: _write(node, connection, name, provider))
    try:
        said, pages = await _answered(node, asked)
        told = checking.told(node, asked, said, pages)
        return await node.transact(lambda connection: _keep(node, connection, asked, said, told))
    except JukiError as error:
        code = error.refusal.code if isinstance(error, Refused) else error.code
        failed = partial(clientele.answer, request=asked.ask.id, turned=Turned(code=code), at=node.clock())
        await node.read(failed)
        raise


async def receipt(node: Node) -> None:
    """Tell providers what has arrived; a receipt that is lost is sent again and changes nothing."""
    away = set[str]()
    for one in await node.read(clientele.to_receipt):
        if one.provider in away:
            continue
        body = write_receipt(one.request, commitment(one.salt, one.payload))
        try:
            await exchange.ask(node, one.provider, CLIENTELE_RECEIPT, body)
        except (Unavailable, PeerError) as error:
            away.add(one.provider)
            log.info("not receipted", node=node.id, provider=one.provider, code=error.code)
            continue
        await node.read(partial(clientele.receipt_sent, request=one.request, at=node.clock()))


async def due(node: Node) -> bool:
    """Ask about the lists whose time has come; one that fails or waits does not keep the others waiting."""
    names = await node.read(lambda connection: clientele.due(connection, node.clock()))
    async with asyncio.TaskGroup() as lists:
        for name in names:
            lists.create_task(_asked_in_time(node, name))
    return False


async def _asked_in_time(node: Node, name: str) -> None:
    try:
        await ask(node, name)
    except JukiError as error:
        code = error.refusal.code if isinstance(error, Refused) else error.code
        log.warning("clientele not told", node=node.id, code=code)


async def _show(node: Node, connection: Connection, request: Message) -> bytes:
    """Show a chunk of the list of a turn that is under way, to who was asked."""
    wanted = Wanted.from_bytes(request.body)
    since = node.clock() - timedelta(seconds=_SHOWN)
    asked = await clientele.asked(connection, wanted.request, since)
    if asked is None or asked[0] != request.sender:
        raise NotPermitted(f"{request.sender} has no turn of this name under way")
    return await asyncio.to_thread(listing.chunk, node, asked[1], wanted.place or 0)


async def _named(connection: Connection, name: str) -> Clientele:
    found = await clientele.lists(connection, name)
    if not found:
        raise BadInput("there is no clientele of this name", where=Where(column="name"))
    return found[0]


async def _providers(node: Node, connection: Connection, name: str) -> Sequence[str]:
    return (await entitled(node, connection, await _named(connection, name))).providers


async def _write(node: Node, connection: Connection, name: str, provider: str) -> Asked:
    """Write a turn down, before anything of it leaves."""
    one, at = await _named(connection, name), node.clock()
    may = await entitled(node, connection, one)
    listed = listing.read(node, one.digest)
    cursor = (await clientele.cursors(connection, name)).get(provider)
    ask = ClienteleAsk(
        id=node.entropy(16).hex(),
        affair=one.affair,
        office=may.standing.office,
        operator=may.standing.operator,
        terminal=may.standing.terminal,
        reason=one.reason,
        holds=may.standing.holds(one.affair),
        kind=KeyKind(one.kind),
        cursor=None if cursor is None else Cursor(cursor.journal, cursor.size),
        keys=listed.keys,
        chunks=listed.digests,
    )
    await clientele.ask(connection, ask.id, name, provider, one.digest, at)
    said = {"clientele": name, "list": one.digest.hex(), "provider": provider, "request": ask.id}
    await journal.append(connection, [_entry(node, ASKED, said)])
    return Asked(one, provider, ask, cursor, may.items)


async def _answered(node: Node, asked: Asked) -> tuple[Turn, list[bytes]]:
    """What a provider says, once it has it, and the pages of its answer."""
    said, _ = Turn.from_bytes(await exchange.ask(node, asked.provider, CLIENTELE, asked.ask.to_bytes()))
    waited, pause = 0.0, _FIRST
    while said.state is State.WORKING:
        if waited > _PATIENCE:
            raise PeerUnavailable("the provider has not told the changes in time")
        await asyncio.sleep(pause)
        waited, pause = waited + pause, min(2 * pause, _LONGEST)
        said, _ = await _pull(node, asked, None)
    if said.state is State.REFUSED and said.refusal is not None:
        raise Refused(said.refusal)
    if said.state in {State.REFUSED, State.FAILED, State.UNKNOWN}:
        raise PeerRefused("the provider could not tell the changes", peer_code=said.code)
    return said, await _pages(node, asked, said.pages)


async def _pages(node: Node, asked: Asked, count: int) -> list[bytes]:
    window = asyncio.Semaphore(_WINDOW)

    async def page(place: int) -> bytes:
        async with window:
            return (await _pull(node, asked, place))[1]

    return await asyncio.gather(*(page(place) for place in range(count)))


async def _pull(node: Node, asked: Asked, place: int | None) -> tuple[Turn, bytes]:
    body = Wanted(asked.ask.id, place).to_bytes()
    return Turn.from_bytes(await exchange.ask(node, asked.provider, CLIENTELE_CHANGES, body))


async def _keep(
    node: Node, connection: Connection, asked: Asked, said: Turn, told: Sequence[bytes]
) -> Outcome:
    """Keep what was told together with the cursor."""
    at, name, request = node.clock(), asked.of.name, asked.ask.id
    assert said.cursor is not None  # it was checked
    after = CursorAt(asked.provider, *said.cursor, at)
    if asked.cursor is None:
        await clientele.begin(connection, name, after)
        await _named(connection, name)  # it may have been dropped meanwhile
    elif not await clientele.move(connection, name, asked.cursor, after):
        raise Overtaken("another process was told the same changes first")
    last = await clientele.add(connection, name, request, at, told) if told else asked.of.told
    recorded = said.state is State.READY
    turned = Turned(
        len(told),
        None,
        said.payload if recorded else None,
        said.salt if recorded else None,
        said.promise if recorded else None,
    )
    await clientele.answer(connection, request, turned, at)
    kept = {"changes": len(told), "last": last, "request": request, "state": said.state}
    await journal.append(connection, [_entry(node, ANSWERED, kept)])
    return Outcome(asked.provider, len(told), said.more, asked.cursor is None)


def _entry(node: Node, kind: str, said: Mapping[str, object]) -> journal.Entry:
    return journal.Entry(
        kind=kind,
        recorded_at=node.clock(),
        payload=orjson.dumps(said, option=orjson.OPT_SORT_KEYS),
        salt=node.entropy(journal.SALT_SIZE),
    )
