# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Parcels are taken in (媒体の受入れ): only those to this node, each once, and as far as they were signed.

A parcel that was taken in before has no effect again. Numbers that never came are told: somebody must look for them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple

from openjuki.carriage import media
from openjuki.config import Kind
from openjuki.errors import BadEnvelope, FileMissing, IntegrityFailure, MisaddressedEnvelope
from openjuki.law.basis import Method
from openjuki.nodes.bulk import serving, spool
from openjuki.nodes.fetching.pulling import believed
from openjuki.nodes.fetching.running import Run, look
from openjuki.nodes.media.sending import note
from openjuki.refusal import Where
from openjuki.store import jobs, parcels, requests
from openjuki.store.jobs import Name
from openjuki.wire.answered import PartReply
from openjuki.wire.apart import Reader
from openjuki.wire.bulk import BULK_RECEIPT, BulkRequest, Progress
from openjuki.wire.chunks import SEALED_SIZE
from openjuki.wire.envelope import Message
from openjuki.wire.parcel import Parcel, What, read_answer, read_parcel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from openjuki.nodes.fetching.asked import Fetched
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.answered import Manifest

#: Kind of the row of a parcel that was taken in.
TAKEN_IN: Final = "parcel.taken-in"


class TakenIn(NamedTuple):
    """A parcel that was taken in (受け入れた媒体)."""

    parcel: Parcel
    document: bytes
    #: Whether it had been taken in before.
    known: bool
    #: Numbers of the same sender before it that never came.
    missing: list[int]
    #: How far the request is, at its provider; of an answer, at its asker.
    outcome: Progress | Fetched


async def take_in(node: Node, folder: Path) -> TakenIn:
    """Take a parcel in from its folder.

    Raises:
        FileMissing, BadInput: no parcel, or a file of it cannot be read.
        PeerError: it is not its sender's, goes to another node, or holds what was not signed.
        IntegrityFailure: another parcel of this number was taken in before, or its answer is not what was promised.
        LogNotSigned: nobody vouches for the provider's journal; the parcel can be taken in later.
    """
    document = await asyncio.to_thread(media.document, folder)
    parcel = read_parcel(document, keys=node.identity.keys, directory=node.directory)
    await asyncio.to_thread(media.check, folder, parcel)
    known = await node.read(lambda connection: _known(connection, parcel, document))
    missing = await node.read(partial(parcels.missing, peer=parcel.sender, number=parcel.number))
    if parcel.what is What.ANSWER:
        outcome: Progress | Fetched = await _answer(node, parcel, document, folder, known=known)
    elif node.settings.kind not in {Kind.CENTRE, Kind.PREFECTURE}:
        raise MisaddressedEnvelope("requests and receipts go to who provides")
    elif parcel.what is What.REQUEST:
        outcome = await _request(node, parcel, document, folder, known=known)
    else:
        outcome = await _receipt(node, parcel, document, known=known)
    return TakenIn(parcel, document, known, missing, outcome)


async def _known(connection: Connection, parcel: Parcel, document: bytes) -> bool:
    before = await parcels.taken_in(connection, parcel.sender, parcel.number)
    if before is not None and before != sha256(document).digest():
        raise IntegrityFailure("another parcel of this number was taken in before")
    return before is not None


async def _request(node: Node, parcel: Parcel, document: bytes, folder: Path, *, known: bool) -> Progress:
    """Keys go where they would be pulled to; then the request is taken like one over the line."""
    asked = BulkRequest.from_bytes(parcel.body)
    if asked.id != parcel.request or len(parcel.files) != len(asked.parts):
        raise BadEnvelope("the parcel is not of its request")
    name = Name(parcel.sender, asked.id)
    before = await node.read(partial(jobs.find, name=name))
    if before is None or not before.progress.standing.is_final:
        for part in range(len(asked.parts)):
            pieces = _pieces(folder / f"keys-{part:04}.bin")
            await asyncio.to_thread(spool.put_keys, node, name, part, pieces)

    async def work(connection: Connection) -> Progress:
        if not known:
            await note(node, connection, parcel, document, parcels.IN, TAKEN_IN)
        return await serving.take(node, connection, parcel.sender, parcel.body, Method.MEDIA)

    return await node.transact(work)


async def _receipt(node: Node, parcel: Parcel, document: bytes, *, known: bool) -> Progress:
    message = Message.request(
        BULK_RECEIPT,
        parcel.body,
        sender=parcel.sender,
        recipient=node.id,
        id=parcel.request,
        issued=parcel.issued,
    )

    async def work(connection: Connection) -> Progress:
        if not known:
            await note(node, connection, parcel, document, parcels.IN, TAKEN_IN)
        return Progress.from_bytes(await serving.ANSWERS[BULK_RECEIPT](node, connection, message))

    return await node.transact(work)


async def _answer(node: Node, parcel: Parcel, document: bytes, folder: Path, *, known: bool) -> Fetched:
    """Believe of an answer what would be believed of the line; write it, and say that it arrived."""
    found = await look(node, parcel.request)
    if found.request.provider != parcel.sender:
        raise MisaddressedEnvelope("an answer to a question that was put to another")
    if found.request.ended_at is None:
        progress, replies = read_answer(parcel.body)
        node.bulk.reader = node.bulk.reader or Reader()
        by = node.entropy(8).hex()
        run = _ByHand(
            node=node,
            request=found.request,
            by=by,
            reader=node.bulk.reader,
            patience=0.0,
            progress=Progress.from_bytes(progress),
            replies=tuple(map(PartReply.from_bytes, replies)),
            folder=folder,
        )
        found = await run.go()
    if not known:
        await node.transact(lambda connection: note(node, connection, parcel, document, parcels.IN, TAKEN_IN))
    return found


@dataclass(slots=True, kw_only=True)
class _ByHand(Run):
    """A request whose answer came on a medium."""

    progress: Progress
    replies: tuple[PartReply, ...]
    folder: Path

    async def _through(self) -> None:
        body = await self.node.glance(partial(requests.body, line=self.request.id))
        if body is None:
            return
        asked = BulkRequest.from_bytes(body)
        if self.progress.request != asked.id or self.progress.answered != len(self.replies):
            raise BadEnvelope("the parcel is not of its request")
        arrived = await self.node.glance(partial(requests.arrived, line=self.request.id))
        for part, reply in enumerate(self.replies):
            if part not in arrived:
                rows = asked.parts[part].rows
                pulled = await believed(self.node, self.reader, self.request, part, rows, reply, self._chunk)
                await self._write(part, pulled)
        await self._end(self.progress)

    async def _chunk(self, manifest: Manifest, chunk: int) -> bytes:
        path = self.folder / f"answer-{manifest.part:04}.bin"
        return await asyncio.to_thread(_piece, path, chunk)


def _piece(path: Path, chunk: int) -> bytes:
    with _opened(path) as file:
        file.seek(chunk * SEALED_SIZE)
        return file.read(SEALED_SIZE)


def _pieces(path: Path) -> Iterator[bytes]:
    with _opened(path) as file:
        while piece := file.read(SEALED_SIZE):
            yield piece


def _opened(path: Path) -> BinaryIO:
    """A file that ought to be there; what was signed for may have other names."""
    try:
        return path.open("rb")
    except OSError as error:
        raise FileMissing(where=Where(file=path.name)) from error
