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

from base64 import b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import orjson

from openjuki.config import CENTRE
from openjuki.errors import (
    BadEnvelope,
    BadQuestion,
    IntegrityFailure,
    JukiError,
    MisaddressedEnvelope,
    ReplayedEnvelope,
    SubjectMismatch,
)
from openjuki.law.decision import Grant
from openjuki.nodes import exchange, provision
from openjuki.nodes.provision import Answer, Asked, Case, Claim
from openjuki.nodes.sharing import Shared
from openjuki.nodes.standing import check_may_provide
from openjuki.residents.look_up import LookUp, Result
from openjuki.store import journal, links
from openjuki.wire import post
from openjuki.wire.document import Items
from openjuki.wire.envelope import Message
from openjuki.wire.leaf import commitment
from openjuki.wire.promise import Promise, read_promise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.law.book import Book
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.transport import Handler

    #: What each of some questions is answered with, and the row that says so.
    type _Provided = Sequence[tuple[Answer, journal.Entry]]

#: Most questions in one envelope: with all the persons they may lead to, the answers fit into a message.
TOGETHER: Final = 32
#: How many envelopes a town may have under way.
UNDER_WAY: Final = 8
#: The town's own envelope to the Centre, and what carries it there.
DIRECT, THROUGH = "look-up", "look-up-through"
SENT, ANSWERED, PASSED = "look-up.sent", "look-up.answered", "look-up.passed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a provider answered (回答), and the promise by which it answers for it."""

    answer: Answer
    #: Kind, time, salt and payload of the provider's row: the asker's own question and its answer.
    row: journal.Entry
    promise: bytes

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        row = {
            "kind": self.row.kind,
            "payload": b64encode(self.row.payload).decode(),
            "salt": b64encode(self.row.salt).decode(),
            "time": self.row.recorded_at.isoformat(),
        }
        return {"answer": self.answer.to_dict(), "promise": b64encode(self.promise).decode(), "row": row}

    @classmethod
    def from_items(cls, items: Items) -> Told:
        """Read the JSON form.

        Raises:
            BadEnvelope: incomplete or malformed.
        """
        row = items.inner("row")
        try:
            return cls(
                answer=Answer.from_dict(items.take("answer", dict)),
                row=journal.Entry(
                    kind=row.take("kind", str),
                    recorded_at=row.time("time"),
                    payload=row.raw("payload"),
                    salt=row.raw("salt"),
                ),
                promise=items.raw("promise"),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadEnvelope("missing or malformed: answer") from error


class Enquiry:
    """Where a town's terminals ask beyond its own book (照会窓口)."""

    def __init__(self, node: Node, book: Book | None = None) -> None:
        """Take the town and the statute book."""
        self._node = node
        self._book = book or provision.statute_book()
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
            cases = await provision.judged(node, connection, self._book, batch, provider=CENTRE)
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
        entries = [_entry(self._node, ANSWERED, one.to_dict()) for one in told]
        if entries:
            await self._node.transact(lambda connection: journal.append(connection, entries))


def passing(node: Node) -> Handler:
    """The prefecture's part: pass a town's envelope on to the Centre unopened, and record it (都道府県知事を経て)."""

    async def record(batch: Sequence[Message]) -> Sequence[JukiError | None]:
        async def work(connection: Connection) -> Sequence[JukiError | None]:
            replayed = await _replays(connection, [(request,) for request in batch])
            taken = [request for request, error in zip(batch, replayed, strict=True) if error is None]
            await journal.append(connection, [_passed(node, request) for request in taken])
            return replayed

        return await node.transact(work)

    recording = Shared(record)

    async def handle(sender: str, raw: bytes) -> bytes:
        request = _read(node, sender, raw, THROUGH)
        error = await recording.ask(request)
        if error is not None:
            raise error
        answered = await exchange.ask(node, CENTRE, THROUGH, request.body)
        return _reply(node, request, raw, answered)

    return handle


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
        self._book = book or provision.statute_book()
        self._shared = Shared(self._provide, most=TOGETHER)

    async def direct(self, sender: str, raw: bytes) -> bytes:
        """Answer a town that asks by itself: about persons of its own prefecture (法30条の10第1項)."""
        request = _read(self._node, sender, raw, DIRECT)
        told = await self._told(_Put(claims=_claims(request, None), carriers=(request,)))
        return _reply(self._node, request, raw, told)

    async def through(self, sender: str, raw: bytes) -> bytes:
        """Answer a town that asks through its governor (法30条の12第1項); the governor cannot read the answer."""
        node = self._node
        carrier = _read(node, sender, raw, THROUGH)
        inner = _read(node, None, carrier.body, DIRECT)
        if node.directory.node(inner.sender).prefecture != sender:
            raise MisaddressedEnvelope("a question comes through another prefecture than the asker's own")
        told = await self._told(_Put(claims=_claims(inner, sender), carriers=(carrier, inner)))
        return _reply(node, carrier, raw, _reply(node, inner, carrier.body, told))

    async def _told(self, put: _Put) -> bytes:
        provided = await self._shared.ask(put)
        if isinstance(provided, JukiError):
            raise provided
        return orjson.dumps({"told": [_promised(self._node, *one).to_dict() for one in provided]})

    async def _provide(self, batch: Sequence[_Put]) -> Sequence[_Provided | ReplayedEnvelope]:
        node = self._node

        async def work(connection: Connection) -> Sequence[_Provided | ReplayedEnvelope]:
            await check_may_provide(node, connection, to_others=True)
            replays = await _replays(connection, [put.carriers for put in batch])
            fresh = [put for put, replay in zip(batch, replays, strict=True) if replay is None]
            told = iter(await self._tell(connection, [claim for put in fresh for claim in put.claims]))
            return [
                replay or [next(told) for _ in put.claims] for put, replay in zip(batch, replays, strict=True)
            ]

        return await node.transact(work)

    async def _tell(self, connection: Connection, claims: Sequence[Claim]) -> _Provided:
        node, at = self._node, self._node.clock()
        cases = [provision.judge(node, self._book, claim, at, node.id) for claim in claims]
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


def _read(node: Node, sender: str | None, raw: bytes, message: str) -> Message:
    request = post.read(
        raw, subject_sender=sender, keys=node.identity.keys, directory=node.directory, at=node.clock()
    )
    if request.type != message:
        raise SubjectMismatch("the subject names another message than the envelope")
    return request


def _reply(node: Node, request: Message, raw: bytes, body: bytes) -> bytes:
    reply = request.reply(body, request=raw, id=node.entropy(16).hex(), issued=node.clock())
    return post.write(reply, keys=node.identity.keys, directory=node.directory)


async def _replays(
    connection: Connection, batch: Sequence[Sequence[Message]]
) -> Sequence[ReplayedEnvelope | None]:
    """Which of these came in an envelope that was accepted before, be it in this batch; the others are accepted."""
    envelopes = {(one.sender, one.id): one.expires for carriers in batch for one in carriers}
    fresh = await links.accept_all(connection, envelopes)
    replays: list[ReplayedEnvelope | None] = []
    for carriers in batch:
        own = {(one.sender, one.id) for one in carriers}
        replays.append(None if own <= fresh else ReplayedEnvelope())
        fresh -= own
    return replays


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


def _passed(node: Node, request: Message) -> journal.Entry:
    return _entry(node, PASSED, {"asker": request.sender, "envelope": sha256(request.body).hexdigest()})


def _entry(node: Node, kind: str, said: dict[str, Any]) -> journal.Entry:
    return journal.Entry(
        kind=kind,
        recorded_at=node.clock(),
        payload=orjson.dumps(said, option=orjson.OPT_SORT_KEYS),
        salt=node.entropy(journal.SALT_SIZE),
    )
