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
share a transaction at each of the three (`nodes.sharing`).
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

from openjuki.config import CENTRE
from openjuki.errors import (
    BadEnvelope,
    BadQuestion,
    IntegrityFailure,
    JukiError,
    MisaddressedEnvelope,
    Refusal,
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

    def to_bytes(self) -> bytes:
        """What is sealed into the reply."""
        row = {
            "kind": self.row.kind,
            "payload": b64encode(self.row.payload).decode(),
            "salt": b64encode(self.row.salt).decode(),
            "time": self.row.recorded_at.isoformat(),
        }
        return orjson.dumps(
            {"answer": self.answer.to_dict(), "promise": b64encode(self.promise).decode(), "row": row}
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> Told:
        """Read what `to_bytes` wrote.

        Raises:
            BadEnvelope: incomplete or malformed.
        """
        items = Items(raw)
        row = items.inner("row")
        try:
            return cls(
                answer=_answer(orjson.loads(raw)["answer"]),
                row=journal.Entry(
                    kind=row.take("kind", str),
                    recorded_at=row.time("time"),
                    payload=b64decode(row.take("payload", str), validate=True),
                    salt=b64decode(row.take("salt", str), validate=True),
                ),
                promise=b64decode(items.take("promise", str), validate=True),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise BadEnvelope("missing or malformed: answer") from error


class Enquiry:
    """Where a town's terminals ask beyond its own book (照会窓口)."""

    def __init__(self, node: Node, book: Book | None = None) -> None:
        """Take the town and the statute book."""
        self._node = node
        self._book = book or provision.statute_book()
        self._sending = Shared(self._send)
        self._keeping = Shared(self._keep)

    async def look_up(self, asked: Asked) -> Answer:
        """Ask the Centre, through the prefecture; nothing is shown before both ends have recorded it.

        Raises:
            PeerError, Unavailable: no answer that may be believed.
            IntegrityFailure: the answer is not what the provider promises to have recorded.
        """
        case = await self._sending.ask(asked)
        if not isinstance(case.decision, Grant):
            return provision.refused(case.decision)
        told = await self._ask(case)
        await self._keeping.ask(told)
        return told.answer

    async def _ask(self, case: Case) -> Told:
        node = self._node
        request = Message.request(
            DIRECT,
            _body(case),
            sender=node.id,
            recipient=CENTRE,
            id=node.entropy(16).hex(),
            issued=node.clock(),
        )
        sent = post.write(request, keys=node.identity.keys, directory=node.directory)
        carried = await exchange.ask(node, node.prefecture, THROUGH, sent)
        reply = post.read_reply(
            carried,
            request=request,
            sent=sent,
            keys=node.identity.keys,
            directory=node.directory,
            at=node.clock(),
        )
        told = Told.from_bytes(reply.body)
        _check_promised(node, told, case)
        return told

    async def _send(self, batch: Sequence[Asked]) -> list[Case]:
        node = self._node

        async def work(connection: Connection) -> list[Case]:
            cases = await provision.judged(node, connection, self._book, batch, provider=CENTRE)
            await journal.append(connection, [_sent(node, case) for case in cases])
            return cases

        return await node.transact(work)

    async def _keep(self, batch: Sequence[Told]) -> Sequence[None]:
        entries = [_entry(self._node, ANSWERED, orjson.loads(told.to_bytes())) for told in batch]
        await self._node.transact(lambda connection: journal.append(connection, entries))
        return [None] * len(batch)


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
    """A question that was put to the Centre, and every envelope that brought it."""

    question: Message
    through: str | None
    carriers: tuple[Message, ...]


class Providing:
    """Where the Centre answers look-ups of others (提供窓口): directly, or through their governor."""

    def __init__(self, node: Node, book: Book | None = None) -> None:
        """Take the node and the statute book."""
        self._node = node
        self._book = book or provision.statute_book()
        self._shared = Shared(self._provide)

    async def direct(self, sender: str, raw: bytes) -> bytes:
        """Answer a town that asks by itself: about persons of its own prefecture (法30条の10第1項)."""
        request = _read(self._node, sender, raw, DIRECT)
        told = await self._told(_Put(question=request, through=None, carriers=(request,)))
        return _reply(self._node, request, raw, told)

    async def through(self, sender: str, raw: bytes) -> bytes:
        """Answer a town that asks through its governor (法30条の12第1項); the governor cannot read the answer."""
        node = self._node
        carrier = _read(node, sender, raw, THROUGH)
        inner = _read(node, None, carrier.body, DIRECT)
        if node.directory.node(inner.sender).prefecture != sender:
            raise MisaddressedEnvelope("a question comes through another prefecture than the asker's own")
        told = await self._told(_Put(question=inner, through=sender, carriers=(carrier, inner)))
        return _reply(node, carrier, raw, _reply(node, inner, carrier.body, told))

    async def _told(self, put: _Put) -> bytes:
        provided = await self._shared.ask(put)
        if isinstance(provided, JukiError):
            raise provided
        answer, row = provided
        node = self._node
        promise = Promise(
            origin=node.directory.origin(node.id),
            kind=row.kind,
            time=row.recorded_at,
            commitment=commitment(row.salt, row.payload),
        )
        return Told(answer=answer, row=row, promise=promise.sign(node.identity.keys)).to_bytes()

    async def _provide(self, batch: Sequence[_Put]) -> Sequence[tuple[Answer, journal.Entry] | JukiError]:
        node = self._node

        async def work(connection: Connection) -> Sequence[tuple[Answer, journal.Entry] | JukiError]:
            await check_may_provide(node, connection, to_others=True)
            errors = await _replays(connection, [put.carriers for put in batch])
            read = [_claim(put) if error is None else error for put, error in zip(batch, errors, strict=True)]
            at = node.clock()
            cases = [
                provision.judge(node, self._book, claim, at, node.id)
                for claim in read
                if isinstance(claim, Claim)
            ]
            answers = await provision.answered(node, connection, cases)
            rows = [provision.entry(node, *pair) for pair in zip(cases, answers, strict=True)]
            await journal.append(connection, rows)
            told = iter(zip(answers, rows, strict=True))
            return [next(told) if isinstance(claim, Claim) else claim for claim in read]

        return await node.transact(work)


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


def _body(case: Case) -> bytes:
    asked = case.asked
    assert isinstance(asked.question, LookUp)
    return orjson.dumps(
        {
            "affair": asked.affair,
            "holds": True,
            "office": case.office,
            "operator": asked.operator,
            "question": asked.question.to_dict(),
            "reason": asked.reason,
            "terminal": asked.terminal,
        }
    )


def _claim(put: _Put) -> Claim | JukiError:
    """What a town says in its signed question."""
    question: LookUp | BadQuestion
    try:
        items = Items(put.question.body)
        form = items.take("question", dict)
        asked = {name: items.take(name, str) for name in ("affair", "operator", "reason", "terminal")}
        office, holds = items.take("office", str), items.take("holds", bool)
    except BadEnvelope as error:
        return error
    try:
        question = LookUp.from_dict(form)
    except BadQuestion as error:
        question = error
    return Claim(
        asked=Asked(question=question, **asked),
        asker=put.question.sender,
        through=put.through,
        office=office,
        holds=holds,
    )


def _answer(items: dict[str, Any]) -> Answer:
    """Read the JSON form of an answer."""
    refusal = items["refusal"]
    kept = ("code", "rule", "article", "message_ja", "message_en")
    return Answer(
        result=Result(items["result"]),
        count=int(items["count"]),
        hits=tuple(dict(hit) for hit in items["hits"]),
        articles=tuple(map(str, items["articles"])),
        refusal=refusal and Refusal(**{name: refusal[name] for name in kept}),
        malformed=items["malformed"],
    )


def _check_promised(node: Node, told: Told, case: Case) -> None:
    """Return only when the Centre promises a row that says what was asked and what was answered.

    Raises:
        IntegrityFailure: it does not.
    """
    promise = read_promise(told.promise, directory=node.directory, at=node.clock())
    row = told.row
    promised = (node.directory.origin(CENTRE), row.kind, row.recorded_at, commitment(row.salt, row.payload))
    if (promise.origin, promise.kind, promise.time, promise.commitment) != promised:
        raise IntegrityFailure("the answer does not come with the promise of its row")
    said = orjson.loads(row.payload)
    asked = case.asked
    expected = {
        "asker": node.id,
        "operator": asked.operator,
        "terminal": asked.terminal,
        "question": orjson.loads(_body(case))["question"],
        "reason": asked.reason,
        "result": told.answer.result.value,
        "count": told.answer.count,
    }
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
