# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The exchange between nodes: asking, answering, pulling. The same for every role.

Theory of operation. Whatever one node must tell another waits on a *link*: a dense sequence of entries
in the sender's own book. The receiver pulls: it shows its mark, gets what follows, applies it, and
advances the mark in the same transaction. So every entry has its effect exactly once, however often a
line is cut, a process killed or an answer lost: what was not committed is simply pulled again, and
what was committed lies behind the mark.

The sender keeps no cursor. A pull after n tells it that everything up to n is safe at the receiver;
what it kept only for that receiver (formed batches, passed-on bytes) may go. A doorbell carries no
content and may be lost: receivers also ask by themselves from time to time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openjuki.errors import SubjectMismatch
from openjuki.store import links
from openjuki.wire import link, post
from openjuki.wire.envelope import CLOCK_SKEW, LIFETIME, Message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.link import Entry, Mark, Pull, Pulled
    from openjuki.wire.transport import Handler

    #: Answers one kind of request within a transaction: (node, connection, request) -> body.
    Answer = Callable[[Node, Connection, Message], Awaitable[bytes]]
    #: What waits on the link to a recipient after its mark, as documents.
    Outgoing = Callable[[Node, Connection, str, Pull], Awaitable[tuple[Entry, ...]]]
    #: Applies one pulled entry within the transaction that advances the mark.
    Receive = Callable[[Node, Connection, str, Entry], Awaitable[None]]

#: Most sequence numbers asked for at once: three batches of 1,000 notices.
PULL_LIMIT = 3_000
#: Beside a document of fewer bytes, any other fits into an answer.
SMALL = 50_000
#: Room for the documents of one answer: base64 and the envelope around them fit 1 MB.
PULL_ROOM = 500_000


async def ask(node: Node, to: str, message: str, body: bytes) -> bytes:
    """Ask another node and return the body of its verified answer.

    Raises:
        PeerError: the peer, or someone in its place, broke the protocol, or refused.
        PeerUnavailable: no answer.
    """
    now = node.clock()
    request = Message(
        sender=node.id,
        recipient=to,
        id=node.entropy(16).hex(),
        type=message,
        body=body,
        issued=now,
        expires=now + LIFETIME,
    )
    sent = post.write(request, keys=node.identity.keys, directory=node.directory)
    answered = await node.transport.deliver(to, message, sent)
    reply = post.read_reply(
        answered,
        request=request,
        sent=sent,
        keys=node.identity.keys,
        directory=node.directory,
        at=node.clock(),
    )
    return reply.body


def answering(node: Node, message: str, answer: Answer) -> Handler:
    """Wrap an answer into everything a receiver owes: verify, accept once, commit, sign.

    The id is remembered in the transaction of the effect, so that a replay finds either both or neither.
    """

    async def handle(sender: str, raw: bytes) -> bytes:
        request = post.read(
            raw, subject_sender=sender, keys=node.identity.keys, directory=node.directory, at=node.clock()
        )
        if request.type != message:
            raise SubjectMismatch("the subject names another message than the envelope")

        async def effect(connection: Connection) -> bytes:
            await links.accept_once(connection, request.sender, request.id, request.expires)
            return await answer(node, connection, request)

        body = await node.transact(effect)
        reply = request.reply(body, request=raw, id=node.entropy(16).hex(), issued=node.clock())
        return post.write(reply, keys=node.identity.keys, directory=node.directory)

    return handle


async def forget_expired(node: Node) -> bool:
    """Forget the envelopes that would be refused for their age, a difference of clocks included."""
    before = node.clock() - CLOCK_SKEW
    await node.read(lambda connection: links.forget_expired(connection, before))
    return False


def pulling(outgoing: Outgoing) -> Answer:
    """The sender's side of a link: give what follows the receiver's mark."""

    async def answer(node: Node, connection: Connection, request: Message) -> bytes:
        pull = link.Pull.from_bytes(request.body)
        await links.acknowledge(connection, request.sender, pull.mark.seq)
        entries = await outgoing(node, connection, request.sender, pull)
        size, root = await links.tree_head(connection)
        return link.Pulled(entries=entries, size=size, root=root).to_bytes()

    return answer


async def passing_on(
    node: Node,  # noqa: ARG001 - every outgoing road has it
    connection: Connection,
    recipient: str,
    pull: Pull,
) -> tuple[Entry, ...]:
    """Outgoing for links whose entries are documents already: passed-on batches, relayed messages."""
    limit = min(pull.limit, PULL_LIMIT)
    waiting = await links.documents(connection, recipient, after=pull.mark.seq, limit=limit, room=PULL_ROOM)
    return tuple(link.Entry(first=seq, last=seq, document=document) for seq, document in waiting)


class Taken(NamedTuple):
    """What a pull brought (取り寄せの結果)."""

    #: How many sequence numbers.
    entries: int
    #: Whether something may have been left behind for want of room.
    more: bool


async def pull_once(node: Node, source: str, receive: Receive) -> Taken:
    """Pull what waits at a source and apply it.

    Raises:
        LinkGap, IntegrityFailure: the source's link or journal is not what it was; nothing is applied.
        PeerError, PeerUnavailable: as `ask`.
    """
    mark = await node.read(lambda connection: links.read_mark(connection, source))
    body = await ask(node, source, "pull", link.Pull(mark=mark, limit=PULL_LIMIT).to_bytes())
    pulled = link.Pulled.from_bytes(body)
    after = link.receive(mark, pulled)
    if after.seq == mark.seq:
        return Taken(0, more=False)
    async with node.applying:
        await _apply(node, source, mark, after, pulled, receive)
    # One small entry was everything: the next would have fitted beside it, and what came since has rung.
    small = len(pulled.entries) == 1 and len(pulled.entries[0].document) < SMALL
    return Taken(after.seq - mark.seq, more=not small)


async def _apply(node: Node, source: str, mark: Mark, after: Mark, pulled: Pulled, receive: Receive) -> None:
    """Effect and mark in one transaction; `advance_mark` fails if another worker was faster."""

    async def effect(connection: Connection) -> None:
        await links.advance_mark(connection, source, mark, after, node.clock())
        for entry in pulled.entries:
            await receive(node, connection, source, entry)

    await node.transact(effect)
