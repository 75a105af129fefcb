# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Look-ups at the Centre (機構による提供, 法30条の10第1項第4号・30条の12第1項第4号): decided, answered and recorded per person.

Theory of operation. A question comes in an envelope that the town itself has signed, directly or carried by its
prefecture; the statute book decides by that which persons may be told. Envelopes that come together share a
transaction. The answer leaves when it is durable, with the row that says so and a signed promise that the row will be
in the journal. Where nobody vouches for the journal, nothing is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from openjuki.errors import BadEnvelope, BadQuestion, JukiError, MisaddressedEnvelope
from openjuki.nodes import provision
from openjuki.nodes.carrying import DIRECT, THROUGH, TOGETHER, Told, read, replays, reply
from openjuki.nodes.provision import Asked, Claim
from openjuki.nodes.sharing import Shared
from openjuki.nodes.standing import check_may_provide
from openjuki.residents.look_up import LookUp
from openjuki.store import journal
from openjuki.wire.document import Items
from openjuki.wire.leaf import commitment
from openjuki.wire.promise import Promise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.errors import ReplayedEnvelope
    from openjuki.law.book import Book
    from openjuki.nodes.node import Node
    from openjuki.nodes.provision import Answer
    from openjuki.store.database import Connection
    from openjuki.wire.envelope import Message

    #: What each of some questions is answered with, and the row that says so.
    type _Provided = Sequence[tuple[Answer, journal.Entry]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Put:
    """Questions that were put to the Centre in one envelope, and every envelope that brought them."""

    claims: Sequence[Claim]
    carriers: tuple[Message, ...]


class Providing:
    """Where the Centre answers look-ups of others (提供窓口): directly, or through their governor."""

    def __init__(self, node: Node, book: Book | None = None) -> None:
        """Take the node and the statute book."""
        self._node = node
        self._book = book
        self._shared = Shared(self._provide, most=TOGETHER)

    async def direct(self, sender: str, raw: bytes) -> bytes:
        """Answer a town that asks by itself: about persons of its own prefecture (法30条の10第1項)."""
        request = read(self._node, sender, raw, DIRECT)
        told = await self._told(_Put(claims=_claims(request, None), carriers=(request,)))
        return reply(self._node, request, raw, told)

    async def through(self, sender: str, raw: bytes) -> bytes:
        """Answer a town that asks through its governor (法30条の12第1項); the governor cannot read the answer."""
        node = self._node
        carrier = read(node, sender, raw, THROUGH)
        inner = read(node, None, carrier.body, DIRECT)
        if node.directory.node(inner.sender).prefecture != sender:
            raise MisaddressedEnvelope("a question comes through another prefecture than the asker's own")
        told = await self._told(_Put(claims=_claims(inner, sender), carriers=(carrier, inner)))
        return reply(node, carrier, raw, reply(node, inner, carrier.body, told))

    async def _told(self, put: _Put) -> bytes:
        provided = await self._shared.ask(put)
        if isinstance(provided, JukiError):
            raise provided
        return orjson.dumps({"told": [_promised(self._node, *one).to_dict() for one in provided]})

    async def _provide(self, batch: Sequence[_Put]) -> Sequence[_Provided | ReplayedEnvelope]:
        node = self._node

        async def work(connection: Connection) -> Sequence[_Provided | ReplayedEnvelope]:
            await check_may_provide(node, connection, to_others=True)
            replayed = await replays(connection, [put.carriers for put in batch])
            fresh = [put for put, replay in zip(batch, replayed, strict=True) if replay is None]
            told = iter(await self._tell(connection, [claim for put in fresh for claim in put.claims]))
            return [
                replay or [next(told) for _ in put.claims]
                for put, replay in zip(batch, replayed, strict=True)
            ]

        return await node.transact(work)

    async def _tell(self, connection: Connection, claims: Sequence[Claim]) -> _Provided:
        node, at = self._node, self._node.clock()
        book = self._book or provision.statute_book(node)
        cases = [provision.judge(node, book, claim, at, node.id) for claim in claims]
        answers = await provision.answered(node, connection, cases)
        rows = [provision.entry(node, *pair) for pair in zip(cases, answers, strict=True)]
        await journal.append(connection, rows)
        return list(zip(answers, rows, strict=True))


def _promised(node: Node, answer: Answer, row: journal.Entry) -> Told:
    promise = Promise(
        origin=node.directory.origin(node.id),
        kind=row.kind,
        time=row.recorded_at,
        commitment=commitment(row.salt, row.payload),
    )
    return Told(answer=answer, row=row, promise=promise.sign(node.identity.keys))


def _claims(request: Message, through: str | None) -> Sequence[Claim]:
    """What a town says in its signed questions.

    Raises:
        BadEnvelope: incomplete or malformed.
    """
    questions = Items(request.body).list("questions")
    if not 1 <= len(questions) <= TOGETHER:
        raise BadEnvelope(f"an envelope has one question, and at most {TOGETHER}")
    return [_claim(items, request.sender, through) for items in questions]


def _claim(items: Items, asker: str, through: str | None) -> Claim:
    question: LookUp | BadQuestion
    try:
        question = LookUp.from_dict(items.take("question", dict))
    except BadQuestion as error:
        question = error
    asked = Asked(
        question=question,
        operator=items.take("operator", str),
        terminal=items.take("terminal", str),
        reason=items.take("reason", str),
        affair=items.take("affair", str),
    )
    return Claim(
        asked=asked,
        asker=asker,
        through=through,
        office=items.take("office", str),
        holds=items.take("holds", bool),
    )
