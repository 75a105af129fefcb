# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Telling of changes (異動の提供) at a prefecture or the Centre: who is on a stranger's list is looked for, and not kept.

A turn is decided at once. Then what the journal says has happened since the cursor is read; the list is pulled chunk
by chunk, each is held against what happened and dropped; of who is on it the records are read, what changed is told
under the basis that is about the person, and all of it is on record before a page of it can be pulled. Answers wait in
memory for a while. Whoever loses one asks again, from the same cursor, and is told again, which is recorded again.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import structlog

from openjuki.errors import BadEnvelope, JukiError
from openjuki.law.basis import Method
from openjuki.nodes import exchange
from openjuki.nodes.clientele import meaning, recording
from openjuki.nodes.clientele.finding import Watched
from openjuki.nodes.judging import Bench
from openjuki.nodes.standing import check_may_provide
from openjuki.nodes.statutes import statute_book
from openjuki.nodes.writable import check_writable
from openjuki.refusal import Refusal
from openjuki.store import changes, clientele, journal
from openjuki.store.sequencer import read_tree
from openjuki.wire import key_list
from openjuki.wire.clientele import (
    CLIENTELE,
    CLIENTELE_CHANGES,
    CLIENTELE_KEYS,
    CLIENTELE_RECEIPT,
    RECEIPTED,
    ClienteleAsk,
    Cursor,
    State,
    Turn,
    Wanted,
    read_receipt,
)
from openjuki.wire.provision import Ask, What

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openjuki.law.book import Book
    from openjuki.law.decision import Grant
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.envelope import Message
    from openjuki.wire.merkle import Tree
    from openjuki.wire.transport import Handler

log = structlog.get_logger()

#: Most changes that one turn looks at; of more, the next one tells.
MOST: Final = 262_144
#: Chunks of keys that are pulled at a time.
WINDOW: Final = 4
#: Answers that wait to be pulled, the newest of whoever asks for fewest; and turns that are worked on at a time.
_KEPT, _AT_ONCE = 32, 2


@dataclass(slots=True)
class _Running:
    """A turn, and its answer once there is one."""

    turn: Turn = field(default_factory=lambda: Turn(state=State.WORKING))
    pages: list[bytes] = field(default_factory=list)


class Telling:
    """Where a node tells agencies of changes (異動の提供窓口)."""

    def __init__(self, node: Node, book: Book | None = None) -> None:
        """Take the node, and a statute book where it is not the node's own."""
        self._node, self._book = node, book
        self._running: dict[tuple[str, str], _Running] = {}
        self._order: deque[tuple[str, str]] = deque()
        self._turns: set[asyncio.Task[None]] = set()
        self._room = asyncio.Semaphore(_AT_ONCE)
        #: By asker: of its turns one is worked on at a time, so that who is slow to show a list leaves room for others.
        self._lines: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    def handlers(self) -> Mapping[str, Handler]:
        """What it answers, by message."""
        answers = {CLIENTELE: self._ask, CLIENTELE_CHANGES: self._changes, CLIENTELE_RECEIPT: self._receipt}
        return {name: exchange.answering(self._node, name, answer) for name, answer in answers.items()}

    async def _ask(self, node: Node, connection: Connection, request: Message) -> bytes:
        """Decide a turn, and say what comes of it; where keys are needed, begin to pull them."""
        ask = ClienteleAsk.from_bytes(request.body)
        check_writable(ask)
        key = (request.sender, ask.id)
        if key in self._running:
            return self._running[key].turn.to_bytes()
        await check_may_provide(node, connection, to_others=True)
        decision = self._decide(request.sender, ask)
        if isinstance(decision, Refusal):
            await recording.refuse(node, connection, request.sender, ask, decision)
            return Turn(state=State.REFUSED, refusal=decision).to_bytes()
        tree, number = await read_tree(connection), node.directory.node(node.id).journal
        if ask.cursor is None:
            return Turn(state=State.BEGUN, cursor=Cursor(number, tree.size)).to_bytes()
        if ask.cursor.journal != number or ask.cursor.size > tree.size:
            return Turn(state=State.REFUSED, refusal=meaning.KEY_IS_FOREIGN_TO_CURSOR).to_bytes()
        first = await changes.applied(connection, ask.cursor.size, tree.size, most=1)
        if not first.applied and not first.erased:
            return Turn(state=State.NOTHING, cursor=Cursor(number, tree.size)).to_bytes()
        running = _Running()
        self._begin(key, running, _Work(node, request.sender, ask, ask.cursor, decision, tree))
        return running.turn.to_bytes()

    async def _changes(self, _: Node, __: Connection, request: Message) -> bytes:
        """Say how far a turn is, with the page that is wanted."""
        wanted = Wanted.from_bytes(request.body)
        running = self._running.get((request.sender, wanted.request))
        if running is None:
            return Turn(state=State.UNKNOWN).to_bytes()
        if wanted.place is None:
            return running.turn.to_bytes()
        if wanted.place >= len(running.pages):
            raise BadEnvelope("there is no such page")
        return running.turn.to_bytes(running.pages[wanted.place])

    async def _receipt(self, node: Node, connection: Connection, request: Message) -> bytes:
        """Record that what was told has arrived, and forget it."""
        name, row = read_receipt(request.body)
        self._forget((request.sender, name))
        at = node.clock()
        if await clientele.receipt(connection, name, request.sender, row, at):
            entry = journal.Entry(
                kind=RECEIPTED,
                recorded_at=at,
                payload=request.body,
                salt=node.entropy(journal.SALT_SIZE),
            )
            await journal.append(connection, [entry])
        return b"{}"

    def _decide(self, asker: str, ask: ClienteleAsk) -> Grant | Refusal:
        node = self._node
        bench = Bench(node, self._book or statute_book(node), node.clock())
        return bench.decide(asker, None, as_question(ask), (ask.kind.value,))

    def _begin(self, key: tuple[str, str], running: _Running, work: _Work) -> None:
        self._running[key] = running
        self._order.append(key)
        while len(self._order) > _KEPT:
            self._forget(self._most_dispensable())
        task = asyncio.create_task(self._work(key, running, work))
        self._turns.add(task)
        task.add_done_callback(self._turns.discard)

    def _forget(self, key: tuple[str, str]) -> None:
        if self._running.pop(key, None) is not None:
            self._order.remove(key)

    def _most_dispensable(self) -> tuple[str, str]:
        """The oldest turn of whoever has the most."""
        ((asker, _),) = Counter(asker for asker, _ in self._order).most_common(1)
        return next(key for key in self._order if key[0] == asker)

    async def _work(self, key: tuple[str, str], running: _Running, work: _Work) -> None:
        async with self._lines[key[0]], self._room:
            if self._running.get(key) is not running:
                return  # it was forgotten while it waited, and nobody could ask for its answer
            try:
                running.turn, running.pages = await work.turn()
            except JukiError as error:
                log.warning("clientele not told", node=self._node.id, code=error.code)
                running.turn = replace(running.turn, state=State.FAILED, code=error.code)
            except Exception:
                log.exception("defect", node=self._node.id, loop="clientele")
                running.turn = replace(running.turn, state=State.FAILED, code=JukiError.code)


@dataclass(frozen=True, slots=True)
class _Work:
    """A turn that is worked on."""

    node: Node
    asker: str
    ask: ClienteleAsk
    cursor: Cursor
    grant: Grant
    tree: Tree

    async def turn(self) -> tuple[Turn, list[bytes]]:
        """What became of it, and the pages of its answer."""
        size = self.tree.size
        passed = await self.node.read(
            lambda connection: changes.applied(connection, self.cursor.size, size, most=MOST)
        )
        if passed.erased:
            return Turn(state=State.REFUSED, refusal=meaning.CURSOR_TOO_OLD), []
        upto = Cursor(self.cursor.journal, passed.until)
        told = await self._told(passed, upto)
        return told.over(Turn(state=State.READY, cursor=upto, more=passed.until < size)), told.pages

    async def _told(self, passed: changes.Passed, upto: Cursor) -> recording.ToldTurn:
        """Find who is on the list, and record what is told of them."""
        watched = await asyncio.to_thread(Watched.of, passed.applied, self.ask.kind)
        await self._compare(watched)
        found = watched.found()
        recorded = await self.node.read(
            lambda connection: changes.recorded(connection, {one.resident_code for one in found})
        )
        telling = recording.Recording(self.node, self.asker, self.ask, self.grant, self.tree)
        await asyncio.to_thread(telling.take, found, recorded)
        return await telling.keep(upto)

    async def _compare(self, watched: Watched) -> None:
        """Pull the list and hold it against what happened; each chunk is dropped as it was looked through."""
        places = asyncio.Queue[int]()
        for place in range(len(self.ask.chunks)):
            places.put_nowait(place)

        async def pull() -> int:
            keys = 0
            while not places.empty():
                place = places.get_nowait()
                keys += await asyncio.to_thread(watched.look, place, await self._chunk(place))
            return keys

        if sum(await asyncio.gather(*(pull() for _ in range(WINDOW)))) != self.ask.keys:
            raise BadEnvelope("there are not as many keys as were announced")
        watched.check_ascends()

    async def _chunk(self, place: int) -> key_list.Keys:
        body = Wanted(self.ask.id, place).to_bytes()
        raw = await exchange.ask(self.node, self.asker, CLIENTELE_KEYS, body)
        if sha256(raw).digest() != self.ask.chunks[place]:
            raise BadEnvelope("a chunk of keys is not the one that was announced")
        return await asyncio.to_thread(partial(key_list.read, raw))


def as_question(ask: ClienteleAsk) -> Ask:
    """What the statute book is asked about a turn: a provision in bulk (一括提供)."""
    return Ask(
        affair=ask.affair,
        office=ask.office,
        operator=ask.operator,
        terminal=ask.terminal,
        reason=ask.reason,
        method=Method.BULK,
        what=What.ASK,
        history=False,
        holds=ask.holds,
        questions=(),
    )
