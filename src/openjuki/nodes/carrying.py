# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What goes between a town, its prefecture and the Centre when somebody is looked up, and the prefecture's part in it.

The prefecture passes a town's sealed envelope on unopened, and the answer back, and records that it did (都道府県知事を経て,
法30条の12第1項). It learns who asked and when, and nothing of whom.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

import orjson

from openjuki.config import CENTRE
from openjuki.errors import BadEnvelope, JukiError, ReplayedEnvelope, SubjectMismatch
from openjuki.nodes import exchange
from openjuki.nodes.provision import Answer
from openjuki.nodes.sharing import Shared
from openjuki.store import journal, links
from openjuki.wire import post

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.document import Items
    from openjuki.wire.envelope import Message
    from openjuki.wire.transport import Handler

#: Most questions in one envelope: with all the persons they may lead to, the answers fit into a message.
TOGETHER: Final = 32
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


def passing(node: Node, message: str = THROUGH, kind: str = PASSED) -> Handler:
    """The prefecture's part: pass an asker's envelope on to the Centre unopened, and record it (都道府県知事を経て)."""

    async def record(batch: Sequence[Message]) -> Sequence[JukiError | None]:
        async def work(connection: Connection) -> Sequence[JukiError | None]:
            replayed = await replays(connection, [(request,) for request in batch])
            taken = [request for request, error in zip(batch, replayed, strict=True) if error is None]
            await journal.append(connection, [_passed(node, kind, request) for request in taken])
            return replayed

        return await node.transact(work)

    recording = Shared(record)

    async def handle(sender: str, raw: bytes) -> bytes:
        request = read(node, sender, raw, message)
        error = await recording.ask(request)
        if error is not None:
            raise error
        answered = await exchange.ask(node, CENTRE, message, request.body)
        return reply(node, request, raw, answered)

    return handle


def read(node: Node, sender: str | None, raw: bytes, message: str) -> Message:
    """Verify and open a request of one kind.

    Raises:
        PeerError: as `post.read`, or another message than the subject names.
    """
    request = post.read(
        raw, subject_sender=sender, keys=node.identity.keys, directory=node.directory, at=node.clock()
    )
    if request.type != message:
        raise SubjectMismatch("the subject names another message than the envelope")
    return request


def reply(node: Node, request: Message, raw: bytes, body: bytes) -> bytes:
    """The sealed answer to a request."""
    answer = request.reply(body, request=raw, id=node.entropy(16).hex(), issued=node.clock())
    return post.write(answer, keys=node.identity.keys, directory=node.directory)


async def replays(
    connection: Connection, batch: Sequence[Sequence[Message]]
) -> Sequence[ReplayedEnvelope | None]:
    """Which of these came in an envelope that was accepted before, be it in this batch; the others are accepted."""
    envelopes = {(one.sender, one.id): one.expires for carriers in batch for one in carriers}
    fresh = await links.accept_all(connection, envelopes)
    found: list[ReplayedEnvelope | None] = []
    for carriers in batch:
        own = {(one.sender, one.id) for one in carriers}
        found.append(None if own <= fresh else ReplayedEnvelope())
        fresh -= own
    return found


def _passed(node: Node, kind: str, request: Message) -> journal.Entry:
    return entry(node, kind, {"asker": request.sender, "envelope": sha256(request.body).hexdigest()})


def entry(node: Node, kind: str, said: Mapping[str, Any]) -> journal.Entry:
    """A row of this node's journal."""
    return journal.Entry(
        kind=kind,
        recorded_at=node.clock(),
        payload=orjson.dumps(said, option=orjson.OPT_SORT_KEYS),
        salt=node.entropy(journal.SALT_SIZE),
    )
