# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Looking a person up beyond the own book (他の機関への照会): town, own prefecture, Centre, and back.

Theory of operation. The Centre answers (法30条の10第1項第4号・30条の12第1項第4号). A town does not know where
somebody lives, and about persons of other prefectures it asks through its governor; so every question goes
that way. The town seals its question to the Centre and signs it; the prefecture passes the envelope on unopened, and
records that it did. The Centre decides by its own statute book, per person, and records before it
answers; its answer says what the row says, and promises that the row will be in the journal. The town checks the
promise and keeps it, and only then shows anything.

An asking town leaves two rows: that the question was sent, and what was answered. Questions that come together
share transactions (`nodes.sharing`), and the envelope in which they go: sealing and signing cost more than asking.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import orjson

from openjuki.config import CENTRE
from openjuki.errors import (
    BadEnvelope,
    IntegrityFailure,
    JukiError,
)
from openjuki.law.decision import Grant
from openjuki.nodes import exchange, provision
from openjuki.nodes.carrying import ANSWERED, DIRECT, SENT, THROUGH, TOGETHER, Told, entry
from openjuki.nodes.provision import Answer, Asked, Case
from openjuki.nodes.sharing import Shared
from openjuki.residents.look_up import LookUp, Result
from openjuki.store import journal
from openjuki.wire import post
from openjuki.wire.document import Items
from openjuki.wire.envelope import Message
from openjuki.wire.leaf import commitment
from openjuki.wire.promise import read_promise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.law.book import Book
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection

#: How many envelopes a town may have under way.
UNDER_WAY: Final = 8


class Enquiry:
    """Where a town's terminals ask beyond its own book (照会窓口)."""

    def __init__(self, node: Node, book: Book | None = None) -> None:
        """Take the town and the statute book."""
        self._node = node
        self._book = book
        self._shared = Shared(self._look_up, most=TOGETHER, at_once=UNDER_WAY)

    async def look_up(self, asked: Asked) -> Answer:
        """Ask the Centre, through the prefecture; nothing is shown before both ends have recorded it.

        Raises:
            PeerError, Unavailable: no answer that may be believed.
            IntegrityFailure: the answer is not what the provider promises to have recorded.
        """
        answer = await self._shared.ask(asked)
        if isinstance(answer, JukiError):
            raise answer
        return answer

    async def _look_up(self, batch: Sequence[Asked]) -> Sequence[Answer | JukiError]:
        cases = await self._send(batch)
        granted = [case for case in cases if isinstance(case.decision, Grant)]
        told = iter(await self._try(granted))
        outcomes = [
            next(told) if isinstance(case.decision, Grant) else provision.refused(case.decision)
            for case in cases
        ]
        await self._keep([outcome for outcome in outcomes if isinstance(outcome, Told)])
        return [outcome.answer if isinstance(outcome, Told) else outcome for outcome in outcomes]

    async def _send(self, batch: Sequence[Asked]) -> list[Case]:
        """Decide, and record what will be asked and what was refused."""
        node = self._node

        async def work(connection: Connection) -> list[Case]:
            cases = await provision.judged(
                node, connection, self._book or provision.statute_book(node), batch, provider=CENTRE
            )
            await journal.append(connection, [_sent(node, case) for case in cases])
            return cases

        return await node.transact(work)

    async def _try(self, cases: Sequence[Case]) -> Sequence[Told | JukiError]:
        """What the Centre tells; an envelope that is lost is lost for all its questions."""
        try:
            return await self._ask(cases) if cases else []
        except JukiError as error:
            return [error] * len(cases)

    async def _ask(self, cases: Sequence[Case]) -> Sequence[Told | JukiError]:
        node, keys, directory = self._node, self._node.identity.keys, self._node.directory
        body = orjson.dumps({"questions": [_question(case) for case in cases]})
        request = Message.request(
            DIRECT,
            body,
            sender=node.id,
            recipient=CENTRE,
            id=node.entropy(16).hex(),
            issued=node.clock(),
        )
        sent = post.write(request, keys=keys, directory=directory)
        carried = await exchange.ask(node, node.prefecture, THROUGH, sent)
        reply = post.read_reply(
            carried, request=request, sent=sent, keys=keys, directory=directory, at=node.clock()
        )
        told = Items(reply.body).list("told")
        if len(told) != len(cases):
            raise BadEnvelope("there are not as many answers as questions")
        return [_checked(node, *pair) for pair in zip(told, cases, strict=True)]

    async def _keep(self, told: Sequence[Told]) -> None:
        entries = [entry(self._node, ANSWERED, one.to_dict()) for one in told]
        if entries:
            await self._node.transact(lambda connection: journal.append(connection, entries))


def _question(case: Case) -> dict[str, Any]:
    """A question as the town puts it to the Centre."""
    asked = case.asked
    assert isinstance(asked.question, LookUp)
    return {
        "affair": asked.affair,
        "holds": True,
        "office": case.office,
        "operator": asked.operator,
        "question": asked.question.to_dict(),
        "reason": asked.reason,
        "terminal": asked.terminal,
    }


def _checked(node: Node, items: Items, case: Case) -> Told | JukiError:
    """What the Centre tells, if it promises a row that says what was asked and what was answered."""
    try:
        told = Told.from_items(items)
        _check_promised(node, told, case)
    except JukiError as error:
        return error
    return told


def _check_promised(node: Node, told: Told, case: Case) -> None:
    promise = read_promise(told.promise, directory=node.directory, at=node.clock())
    row, answer, asked = told.row, told.answer, _question(case)
    promised = (node.directory.origin(CENTRE), row.kind, row.recorded_at, commitment(row.salt, row.payload))
    if (promise.origin, promise.kind, promise.time, promise.commitment) != promised:
        raise IntegrityFailure("the answer does not come with the promise of its row")
    said = orjson.loads(row.payload)
    expected = {name: asked[name] for name in ("operator", "terminal", "office", "question", "reason")}
    expected |= {"asker": node.id, "result": answer.result.value, "count": answer.count}
    if any(said.get(name) != value for name, value in expected.items()):
        raise IntegrityFailure("the row that was promised is about another question or answer")


def _sent(node: Node, case: Case) -> journal.Entry:
    """The row of the asking town: what is about to be asked, or what it was not allowed to ask."""
    answer = (
        Answer(result=Result.NONE) if isinstance(case.decision, Grant) else provision.refused(case.decision)
    )
    row = provision.entry(node, case, answer)
    return replace(row, kind=SENT) if isinstance(case.decision, Grant) else row
