# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Envelopes of questions on their way: read, answered, accepted once; and the prefecture's part when it passes them on.

The prefecture passes an asker's sealed envelope on unopened, and the answer back, and records that it did (都道府県知事を
経て, 法30条の12第1項). It learns who asked and when, and nothing of whom.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import orjson

from openjuki.config import CENTRE
from openjuki.errors import ReplayedEnvelope, SubjectMismatch
from openjuki.nodes import exchange
from openjuki.nodes.sharing import Shared
from openjuki.store import journal, links
from openjuki.wire import post
from openjuki.wire.provision import PROVIDE_THROUGH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.envelope import Message
    from openjuki.wire.transport import Handler

#: Kind of the row of a prefecture that passed an envelope on.
PASSED: Final = "provision.passed"


def passing(node: Node) -> Handler:
    """The prefecture's part: pass an asker's envelope on to the Centre unopened, and record it (都道府県知事を経て)."""

    async def record(batch: Sequence[Message]) -> Sequence[ReplayedEnvelope | None]:
        async def work(connection: Connection) -> Sequence[ReplayedEnvelope | None]:
            replayed = await replays(connection, [(request,) for request in batch])
            taken = [request for request, error in zip(batch, replayed, strict=True) if error is None]
            await journal.append(connection, [_passed(node, request) for request in taken])
            return replayed

        return await node.transact(work)

    recording = Shared(record)

    async def handle(sender: str, raw: bytes) -> bytes:
        request = read(node, sender, raw, PROVIDE_THROUGH)
        error = await recording.ask(request)
        if error is not None:
            raise error
        answered = await exchange.ask(node, CENTRE, PROVIDE_THROUGH, request.body)
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


def _passed(node: Node, request: Message) -> journal.Entry:
    said = {"asker": request.sender, "envelope": sha256(request.body).hexdigest()}
    return journal.Entry(
        kind=PASSED,
        recorded_at=node.clock(),
        payload=orjson.dumps(said, option=orjson.OPT_SORT_KEYS),
        salt=node.entropy(journal.SALT_SIZE),
    )
