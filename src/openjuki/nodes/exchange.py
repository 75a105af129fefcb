# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The exchange between nodes: asking, answering, pulling. The same for every role.

Theory of operation. Whatever one node must tell another waits on a *link*: a dense sequence of entries
in the sender's own book. The receiver pulls: it shows its mark, gets what follows, applies it, and
advances the mark in the same transaction. So every entry has its effect exactly once, however often a
line is cut, a process killed or an answer lost: what was not committed is simply pulled again, and
what was committed lies behind the mark.

The sender keeps no cursor. A pull after n tells it that everything up to n is safe at the receiver;
the batches formed for that receiver may go. A doorbell carries no content and may be lost: receivers also
ask by themselves from time to time.

Every answer proves that the sender's journal extends the one of the mark. The sender checks the proof first: if
its own book does not extend what the receiver has seen, it was restored from an old backup, and says so
at home too. Such a node begins its journal anew (`store.anew`), and its links go on from the marks.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from openjuki.errors import IntegrityFailure, JournalForked, StaleDirectory, SubjectMismatch
from openjuki.store import alarms, anew, checkpoints, journal, links, proofs
from openjuki.store.sequencer import read_tree
from openjuki.wire import link, merkle, post
from openjuki.wire.envelope import CLOCK_SKEW, LIFETIME, Message

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.link import Entry, Mark, Pull, Pulled
    from openjuki.wire.merkle import Tree
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

        try:
            body = await node.transact(effect)
        except JournalForked as error:
            await _say_forked(node, request.sender, error)
            raise
        reply = request.reply(body, request=raw, id=node.entropy(16).hex(), issued=node.clock())
        return post.write(reply, keys=node.identity.keys, directory=node.directory)

    return handle


async def _say_forked(node: Node, recipient: str, error: JournalForked) -> None:
    detail = {"recipient": recipient, "seq": error.seq, "size": error.size}
    await node.read(lambda connection: alarms.raise_once(connection, "journal-forked", detail, node.clock()))


async def forget_expired(node: Node) -> bool:
    """Forget the envelopes that would be refused for their age, a difference of clocks included."""
    before = node.clock() - CLOCK_SKEW
    await node.read(lambda connection: links.forget_expired(connection, before))
    return False


async def erase_passed(node: Node) -> bool:
    """Erase what was passed on so long ago that no recipient will be restored from a backup of before."""
    before = node.clock() - timedelta(days=node.settings.passed_on_days)
    return await node.read(lambda connection: links.erase_passed(connection, before)) > 0


async def begin_journal(node: Node) -> bool:
    """Begin the journal that the directory lists, where it is a new one (記録簿の起こし直し)."""
    number = node.directory.node(node.id).journal
    if number > 1 and not await node.read(lambda connection: anew.is_begun(connection, number)):
        await node.transact(lambda connection: _begin(node, connection, number))
    return False


async def _begin(node: Node, connection: Connection, number: int) -> None:
    now = node.clock()
    if await anew.begin(connection, number, at=now, salt=node.entropy(journal.SALT_SIZE)):
        # what the signer missed was of the journal that is given up
        await alarms.settle_about(connection, "log-not-extended", {}, now)


def pulling(outgoing: Outgoing) -> Answer:
    """The sender's side of a link: give what follows the receiver's mark."""

    async def answer(node: Node, connection: Connection, request: Message) -> bytes:
        pull, number = link.Pull.from_bytes(request.body), node.directory.node(node.id).journal
        if pull.mark.journal > number:
            raise StaleDirectory(f"{request.sender} knows of a later journal of this node")
        if pull.mark.journal < number:
            await _go_on(node, connection, request.sender, pull.mark, number)
        await links.acknowledge(connection, request.sender, pull.mark)
        entries = await outgoing(node, connection, request.sender, pull)
        tree = await read_tree(connection)
        signed = await checkpoints.latest(connection)
        return link.Pulled(
            entries=entries,
            size=tree.size,
            root=tree.root,
            consistency=await _proof(connection, pull.mark, tree) if pull.mark.journal == number else (),
            checkpoint=None if signed is None else signed.note.decode(),
            journal=number,
        ).to_bytes()

    return answer


async def _go_on(node: Node, connection: Connection, recipient: str, mark: Mark, number: int) -> None:
    """The receiver knows only a journal that was given up: its link goes on after its mark."""
    await _begin(node, connection, number)
    now = node.clock()
    await anew.go_on(connection, recipient, mark, number, at=now, salt=node.entropy(journal.SALT_SIZE))
    await alarms.settle_about(connection, "journal-forked", {"recipient": recipient}, now)


async def _proof(connection: Connection, mark: Mark, tree: Tree) -> tuple[bytes, ...]:
    """That the journal extends what the receiver has seen; checked here before it is said."""
    try:
        proof = await proofs.extension(connection, mark.size, tree)
        merkle.verify_consistency(mark.size, mark.root, tree.size, tree.root, proof)
    except IntegrityFailure as error:
        raise JournalForked(str(error), seq=mark.seq, size=mark.size) from error
    return proof


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
    after = link.receive(mark, pulled, journal=node.directory.node(source).journal)
    if (after.seq, after.journal) == (mark.seq, mark.journal):
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
