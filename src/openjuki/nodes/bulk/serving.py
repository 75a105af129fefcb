# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What askers say to their provider in bulk (一括提供の窓口): a request, how far it is, its parts, receipts, enough.

Everything is about the sender's own requests: they are known by asker and id. Requests, manifests and receipts come and
go in envelopes; chunks come naked, for they are sealed, and whoever has the manifest knows their digests.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from openjuki.errors import BadEnvelope, MisaddressedEnvelope, NotPermitted
from openjuki.law.basis import Method
from openjuki.nodes.bulk import spool
from openjuki.nodes.bulk.deciding import cancelled_row, decided, decision_row
from openjuki.nodes.standing import check_may_provide
from openjuki.nodes.writable import check_writable
from openjuki.refusal import Refusal
from openjuki.store import jobs, journal
from openjuki.store.jobs import Name
from openjuki.wire.answered import PartReply, read_bulk_receipt
from openjuki.wire.bulk import (
    BULK,
    BULK_CANCEL,
    BULK_CHUNK,
    BULK_PART,
    BULK_RECEIPT,
    BULK_STATE,
    BulkRequest,
    Progress,
    Pulling,
    Standing,
    read_named,
)
from openjuki.wire.errors import NotOnOffer, RequestDiffers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openjuki.nodes.exchange import Answer
    from openjuki.nodes.node import Node, Office
    from openjuki.store.database import Connection
    from openjuki.wire.envelope import Message
    from openjuki.wire.transport import Handler

#: Kind of the row that parts have arrived.
RECEIPTED: Final = "bulk.receipted"


async def take(office: Office, connection: Connection, asker: str, body: bytes, method: Method) -> Progress:
    """Take a request in: decide it, record that, and let it wait for its turn; one that is known goes on.

    Raises:
        BadEnvelope: malformed, in texts that no book can hold, or asked for by another method than the one by which it came.
        RequestDiffers: another request of this asker has this id.
        LogNotSigned: nobody vouches for the journal; nothing is decided.
    """
    request, digest = BulkRequest.from_bytes(body), sha256(body).digest()
    check_writable(request)
    if request.method is not method:
        raise BadEnvelope(f"what comes by this road is asked for as {method.value}")
    name = Name(asker, request.id)
    if await jobs.find(connection, name) is None:
        await check_may_provide(office, connection, to_others=True)
        at = office.clock()
        decision = decided(office, asker, request, at)
        refusal = decision if isinstance(decision, Refusal) else None
        if await jobs.take(connection, asker, request, digest, refusal, at):
            await journal.append(connection, [decision_row(office, asker, request, decision, at)])
            return (await _known(connection, name)).progress
    known = await _known(connection, name)
    if known.digest != digest:
        raise RequestDiffers
    return replace(known.progress, known=True)


async def _taken(node: Node, connection: Connection, request: Message) -> bytes:
    return (await take(node, connection, request.sender, request.body, Method.BULK)).to_bytes()


async def _state(node: Node, connection: Connection, request: Message) -> bytes:  # noqa: ARG001 - its book says all
    name = Name(request.sender, read_named(request.body))
    return (await _known(connection, name)).progress.to_bytes()


async def _cancelled(node: Node, connection: Connection, request: Message) -> bytes:
    """Call a request off between two parts: one that is being recorded is recorded first (取りやめ)."""
    name, at = Name(request.sender, read_named(request.body)), node.clock()
    if await jobs.stand(connection, name, Standing.CANCELLED, at=at):
        answered = (await _known(connection, name)).progress.answered
        await journal.append(connection, [cancelled_row(node, *name, answered, at)])
    return (await _known(connection, name)).progress.to_bytes()


async def part_reply(connection: Connection, name: Name, number: int) -> PartReply:
    """What opens a part of an answer, and shows that it is on record.

    Raises:
        NotOnOffer: it is not recorded, or has been let go.
    """
    found = await jobs.answered(connection, name, number)
    if found is None or found.key is None:
        raise NotOnOffer
    return PartReply(
        manifest=found.manifest,
        key=found.key,
        payload=found.payload,
        salt=found.salt,
        promise=found.promise,
    )


async def _part(node: Node, connection: Connection, request: Message) -> bytes:  # noqa: ARG001 - its book says all
    pulling = Pulling.from_bytes(request.body)
    reply = await part_reply(connection, Name(request.sender, pulling.request), pulling.part)
    return reply.to_bytes()


async def _receipted(node: Node, connection: Connection, request: Message) -> bytes:
    """Parts have arrived: record it, and let go of what opens them."""
    at = node.clock()
    receipt = read_bulk_receipt(request.body, directory=node.directory, at=at)
    if (receipt.asker, receipt.provider) != (request.sender, node.id):
        raise MisaddressedEnvelope("a receipt is its sender's own, and for this provider")
    name = Name(receipt.asker, receipt.request)
    arrived = await jobs.receipted(connection, name, receipt.parts, at)
    if arrived:
        salt = node.entropy(journal.SALT_SIZE)
        row = journal.Entry(kind=RECEIPTED, recorded_at=at, payload=request.body, salt=salt)
        await journal.append(connection, [row])
    return (await _known(connection, name)).progress.to_bytes()


async def _known(connection: Connection, name: Name) -> jobs.Known:
    known = await jobs.find(connection, name)
    if known is None:
        raise NotOnOffer("no request of this asker has this id")
    return known


def chunks(node: Node) -> Handler:
    """Where sealed chunks are pulled from; only of parts that are recorded."""

    async def handle(sender: str, raw: bytes) -> bytes:
        node.directory.active(sender, at=node.clock())
        if not node.directory.permits(sender, node.id, BULK_CHUNK):
            raise NotPermitted(f"{sender} may not pull in bulk from {node.id}")
        request, part, chunk = Pulling.from_bytes(raw)
        name = Name(sender, request)
        commitment = await node.glance(partial(jobs.place, name=name, number=part))
        if commitment is None or chunk is None:
            raise NotOnOffer
        return await asyncio.to_thread(spool.answer_chunk, node, name, commitment, chunk)

    return handle


#: What is answered within a transaction.
ANSWERS: Final[Mapping[str, Answer]] = {
    BULK: _taken,
    BULK_STATE: _state,
    BULK_CANCEL: _cancelled,
    BULK_PART: _part,
    BULK_RECEIPT: _receipted,
}


def handlers(node: Node) -> Mapping[str, Handler]:
    """What is answered without one."""
    return {BULK_CHUNK: chunks(node)}
