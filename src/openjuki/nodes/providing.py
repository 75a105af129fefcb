# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Providing (提供, 法30条の9から30条の15まで): the Centre and the prefectures decide, record and answer, in this order.

Theory of operation. Questions come in an envelope that the asking node itself has signed, directly or carried by its
governor. Envelopes that come together share a transaction: everybody's questions are decided by this node's own book,
the persons are found with one statement for each kind of key, and every question, granted or refused, becomes a
row of what was provided, and every envelope one of the journal. The answers leave when it is durable, with the signed
promise of that row. Where nobody vouches for the journal, nothing is told.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from openjuki.errors import JukiError, MisaddressedEnvelope
from openjuki.nodes.answering import Window
from openjuki.nodes.carrying import read, replays, reply
from openjuki.nodes.deliberating import Case, deliberate
from openjuki.nodes.judging import Bench
from openjuki.nodes.recording import Provided, Put, Recording
from openjuki.nodes.sharing import Shared
from openjuki.nodes.standing import check_may_provide
from openjuki.nodes.statutes import statute_book
from openjuki.wire.provision import (
    PROVIDE,
    PROVIDE_THROUGH,
    read_asks,
    write_answers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from openjuki.errors import ReplayedEnvelope
    from openjuki.law.book import Book
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.envelope import Message

#: Most questions of one transaction, unless they come in one envelope.
TOGETHER: Final = 64
#: For so long after somebody vouched for the journal it is not asked again.
_VOUCHED: Final = timedelta(seconds=1)


class Providing:
    """Where a node answers questions of others (提供窓口): directly, or through their governor."""

    def __init__(self, node: Node, book: Book | None = None) -> None:
        """Take the node, and a statute book where it is not the node's own."""
        self._node = node
        self._book = book
        self._vouched: datetime | None = None
        self._shared = Shared(self._provide, most=TOGETHER, wait=0, size=lambda put: put.questions)

    async def direct(self, sender: str, raw: bytes) -> bytes:
        """Answer somebody who asks by themselves."""
        request = read(self._node, sender, raw, PROVIDE)
        body = await self._answers(Put(asks=read_asks(request.body), through=None, carriers=(request,)))
        return reply(self._node, request, raw, body)

    async def through(self, sender: str, raw: bytes) -> bytes:
        """Answer somebody who asks through their governor (都道府県知事を経て); the governor cannot read the answer."""
        node = self._node
        carrier = read(node, sender, raw, PROVIDE_THROUGH)
        own = read(node, None, carrier.body, PROVIDE)
        if node.directory.node(own.sender).prefecture != sender:
            raise MisaddressedEnvelope("a question comes through another prefecture than the asker's own")
        body = await self._answers(Put(asks=read_asks(own.body), through=sender, carriers=(carrier, own)))
        return reply(node, carrier, raw, reply(node, own, carrier.body, body))

    async def within(self, request: Message) -> bytes:
        """Answer the node's own offices (知事の利用, 法30条の15): decided, recorded and promised like any other."""
        return await self._answers(Put(asks=read_asks(request.body), through=None, carriers=(request,)))

    async def _answers(self, put: Put) -> bytes:
        """The body of the answer, promise and all."""
        provided = await self._shared.ask(put)
        if isinstance(provided, JukiError):
            raise provided
        node = self._node
        promises = provided.promises(node.directory.origin(node.id))
        return write_answers(provided.answers._replace(promise=promises.sign(node.identity.keys)))

    async def _provide(self, batch: Sequence[Put]) -> Sequence[Provided | ReplayedEnvelope]:
        async def work(connection: Connection) -> Sequence[Provided | ReplayedEnvelope]:
            await self._check_vouched_for(connection)
            replayed = await replays(connection, [put.carriers for put in batch])
            fresh = [put for put, replay in zip(batch, replayed, strict=True) if replay is None]
            provided = iter(await self._tell(connection, fresh) if fresh else ())
            return [replay or next(provided) for replay in replayed]

        return await self._node.transact(work)

    async def _check_vouched_for(self, connection: Connection) -> None:
        """As `check_may_provide`, which is about minutes: so once a second is enough."""
        now = self._node.clock()
        if self._vouched is None or not timedelta(0) <= now - self._vouched < _VOUCHED:
            await check_may_provide(self._node, connection, to_others=True)
            self._vouched = now

    async def _tell(self, connection: Connection, puts: Sequence[Put]) -> Sequence[Provided]:
        node, at = self._node, self._node.clock()
        cases = [list(_cases(put)) for put in puts]
        together = [case for of_one in cases for case in of_one]
        bench = Bench(node, self._book or statute_book(node), at)
        window = Window(on=at.date(), most=node.settings.look_up_most)
        await deliberate(connection, bench, window, together)
        recording = Recording(node, at)
        provided = [recording.take(put, of_one) for put, of_one in zip(puts, cases, strict=True)]
        await recording.keep(connection)
        return provided


def _cases(put: Put) -> Iterator[Case]:
    for ask in put.asks:
        for question in ask.questions:
            yield Case(put.own.sender, put.through, ask, question)
