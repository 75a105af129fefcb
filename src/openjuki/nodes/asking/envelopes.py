# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Envelopes (照会の電文): questions of many requests that go the same way, and what comes back.

What comes together goes together: sealing and signing cost more than asking. An envelope carries what its
answers have room for. One that is lost is lost for its own questions, and the others go on.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openjuki.errors import JukiError
from openjuki.nodes import exchange
from openjuki.nodes.asking import checking
from openjuki.nodes.providing import Providing
from openjuki.nodes.sharing import Shared
from openjuki.store.ledger import Envelope
from openjuki.wire import post
from openjuki.wire.envelope import Message
from openjuki.wire.provision import (
    MOST_WEIGHT,
    PROVIDE,
    PROVIDE_THROUGH,
    Ask,
    read_answers,
    weight,
    write_asks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from openjuki.nodes.asking.deciding import Case
    from openjuki.nodes.asking.merging import Way
    from openjuki.nodes.node import Node
    from openjuki.wire.provided import Row, Written
    from openjuki.wire.provision import Answered, Answers

#: How many batches may be under way at a time, on each way: an envelope costs the same whatever is in it, so what
#: comes meanwhile gathers.
UNDER_WAY: Final = 2
#: Requests of one question that go together: transactions, seals and signatures cost the same whatever the length of a
#: convoy. Who asks while one is under way goes with the next.
TOGETHER: Final = 64
#: What a question says that is nobody else's business: where the own ledger has what is confirmed.
_OWN: Final = frozenset(("ledger", "question"))


class Told(NamedTuple):
    """What a provider told for one question (回答), and the row that it promised."""

    way: Way
    envelope: Envelope
    #: Place of the row in the envelope, from 0.
    place: int
    answered: Answered
    #: The answer, read.
    said: Mapping[str, Any]
    row: Row


@dataclass(slots=True, kw_only=True)
class Parcel:
    """Questions of one request that go the same way, and what became of them (照会の束)."""

    case: Case
    #: Which of the request's questions.
    places: Sequence[int]
    told: dict[int, Told] = field(default_factory=dict)
    #: Why some were not answered.
    error: JukiError | None = None

    def ask(self, places: Iterable[int]) -> Ask:
        """Some of its questions, as they are put to a provider."""
        case, asked = self.case, self.case.asked
        return Ask(
            affair=asked.affair,
            office=case.office,
            operator=case.operator,
            terminal=case.terminal,
            reason=asked.reason,
            method=asked.method,
            what=asked.what,
            history=asked.history,
            holds=True,
            questions=tuple(_put(case.plans[place].question) for place in places),
        )


class Carrying:
    """One way to a provider (照会の経路), and what is under way on it."""

    def __init__(self, node: Node, way: Way) -> None:
        """Take the asking node and the way."""
        self._node, self._way = node, way
        self._own = Providing(node)
        # whoever comes here was written down together: nobody else is waited for
        self._shared = Shared(self._carry_all, most=TOGETHER, at_once=UNDER_WAY, wait=0)

    def carry(self, parcel: Parcel) -> asyncio.Future[Parcel]:
        """Ask the provider; the parcel comes back with what was told, or why nothing was."""
        return self._shared.ask(parcel)

    async def _carry_all(self, parcels: Sequence[Parcel]) -> Sequence[Parcel]:
        await asyncio.gather(*map(self._carry, _packed(parcels)))
        return parcels

    async def _carry(self, load: Sequence[tuple[Parcel, Sequence[int]]]) -> None:
        try:
            told = iter(await self._asked([parcel.ask(places) for parcel, places in load]))
            for parcel, places in load:
                parcel.told |= {place: next(told) for place in places}
        except JukiError as error:
            for parcel, _ in load:
                parcel.error = error

    async def _asked(self, asks: Sequence[Ask]) -> Iterator[Told]:
        """What is told of these questions, with the promise of their record.

        Raises:
            PeerError, PeerUnavailable: no answer that may be believed.
            IntegrityFailure: not what the provider promises to have recorded.
        """
        node, way = self._node, self._way
        request = Message.request(
            PROVIDE,
            write_asks(asks),
            sender=node.id,
            recipient=way.provider,
            id=node.entropy(16).hex(),
            issued=node.clock(),
        )
        answers = read_answers(await self._answered(request))
        written = checking.promised(node, asks, answers, way, request.id)
        checking.check_answers(written)
        envelope = self._envelope(request.id, answers, written)
        return (
            Told(way, envelope, place, answered, row.said, row)
            for place, (answered, row) in enumerate(zip(answers.answered, written.rows, strict=True))
        )

    def _envelope(self, envelope: str, answers: Answers, written: Written) -> Envelope:
        """What is kept of an envelope: enough to show of each of its rows alone that it was promised."""
        now = self._node.clock()
        # what a node told itself has arrived
        arrived = now if self._way.provider == self._node.id else None
        leaves = b"".join([row.commitment for row in written.rows])
        record = (answers.salt, written.payload, leaves)
        return Envelope(envelope, *self._way, answers.at, now, answers.promise, arrived, arrived, *record)

    async def _answered(self, request: Message) -> bytes:
        """The body of the provider's answer; a governor's own offices are answered within (法30条の15)."""
        node = self._node
        if request.recipient == node.id:
            return await self._own.within(request)
        keys, directory = node.identity.keys, node.directory
        sent = post.write(request, keys=keys, directory=directory)
        carried = await self._delivered(sent)
        return post.read_reply(
            carried, request=request, sent=sent, keys=keys, directory=directory, at=node.clock()
        ).body

    async def _delivered(self, sent: bytes) -> bytes:
        provider, through = self._way
        if through is None:
            return await self._node.transport.deliver(provider, PROVIDE, sent)
        return await exchange.ask(self._node, through, PROVIDE_THROUGH, sent)


def _put(question: Mapping[str, Any]) -> Mapping[str, Any]:
    """A question as it is put to a provider."""
    if "of" not in question:
        return question
    return {name: value for name, value in question.items() if name not in _OWN}


def _packed(parcels: Iterable[Parcel]) -> Iterable[Sequence[tuple[Parcel, list[int]]]]:
    """Envelopes: of each parcel as many questions as there is room for."""
    load: list[tuple[Parcel, list[int]]] = []
    room = MOST_WEIGHT
    for parcel in parcels:
        load.append((parcel, []))
        for place in parcel.places:
            heavy = weight(parcel.case.plans[place].question)
            if heavy > room:
                yield [(one, places) for one, places in load if places]
                load, room = [(parcel, [])], MOST_WEIGHT
            load[-1][1].append(place)
            room -= heavy
    yield load
