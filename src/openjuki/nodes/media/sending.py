# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Parcels are packed (媒体の作成): files first, then the number, the document and the row, and the folder's name last.

A parcel whose folder has its name is whole. Its number was given in the transaction of its row; where the medium was
pulled out before the end, that number never arrives, and whoever waits for it knows.
"""

from __future__ import annotations

import asyncio
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING, Final, NamedTuple

import orjson

from openjuki.carriage import media
from openjuki.errors import BadInput
from openjuki.law.basis import Method
from openjuki.nodes.bulk import spool
from openjuki.nodes.bulk.serving import part_reply
from openjuki.nodes.fetching.folder import folder
from openjuki.store import jobs, journal, parcels, requests
from openjuki.store.jobs import Name
from openjuki.wire.answered import BulkReceipt, PartReply, ReceiptedPart, read_manifest
from openjuki.wire.bulk import BulkRequest, Standing
from openjuki.wire.chunks import CHUNK_SIZE, Place, seal_chunk
from openjuki.wire.leaf import leaf_time
from openjuki.wire.parcel import Parcel, What, write_answer, write_parcel

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection
    from openjuki.wire.parcel import Enclosed

    #: Writes the files of a parcel into a folder.
    type Pack = Callable[[Path], list[Enclosed]]

#: Kind of the row of a parcel that was packed.
HANDED_OVER: Final = "parcel.handed-over"


class Packed(NamedTuple):
    """A parcel on its medium (作成した媒体)."""

    parcel: Parcel
    folder: Path


async def request(office: Office, line: str, medium: Path) -> Packed:
    """Pack a request with its keys, for its provider.

    Raises:
        BadInput: there is no such request, it is not for a medium, or it is over.
        NotWritable: the medium does not take it.
    """
    found = await office.read(partial(requests.find, line=line))
    body = await office.read(partial(requests.body, line=line))
    if found is None or body is None or found.method != Method.MEDIA:
        raise BadInput("there is no such request for a medium, or it is over")
    asked = BulkRequest.from_bytes(body)

    def pack(place: Path) -> list[Enclosed]:
        return [
            media.enclose(place, f"keys-{part:04}.bin", _keys(office, found.provider, asked, part))
            for part in range(len(asked.parts))
        ]

    return await _packed(office, found.provider, What.REQUEST, line, medium, body, pack)


async def answer(office: Office, asker: str, request_id: str, medium: Path) -> Packed:
    """Pack what became of a request, with every part of the answer that can be pulled.

    Raises:
        BadInput: there is no such request, or it is not over.
        NotWritable: the medium does not take it.
    """
    name = Name(asker, request_id)
    known = await office.read(partial(jobs.find, name=name))
    if known is None:
        raise BadInput("there is no request of this asker with this id")
    if known.progress.standing not in {Standing.DONE, Standing.REFUSED, Standing.CANCELLED, Standing.FAILED}:
        raise BadInput("the request is not answered yet")
    replies = [
        await office.read(partial(part_reply, name=name, number=part))
        for part in range(known.progress.answered)
    ]
    body = write_answer(known.progress.to_bytes(), tuple(reply.to_bytes() for reply in replies))

    def pack(place: Path) -> list[Enclosed]:
        return [
            media.enclose(place, f"answer-{part:04}.bin", _chunks(office, name, reply))
            for part, reply in enumerate(replies)
        ]

    return await _packed(office, asker, What.ANSWER, request_id, medium, body, pack)


async def receipt(office: Office, line: str, medium: Path) -> Packed:
    """Pack the receipt of the parts of an answer that have arrived.

    Raises:
        BadInput: there is no such request, or nothing of it that its provider does not know to have arrived.
        NotWritable: the medium does not take it.
    """
    found = await office.read(partial(requests.find, line=line))
    waiting = await office.read(partial(requests.to_receipt, line=line))
    if found is None or not waiting:
        raise BadInput("nothing has arrived for this request that its provider does not know of")
    said = BulkReceipt(
        network=office.directory.network,
        asker=office.id,
        provider=found.provider,
        time=office.clock(),
        request=line,
        parts=tuple(ReceiptedPart.of(part, manifest) for part, manifest in waiting),
    )
    body = said.sign(office.identity.keys)
    return await _packed(office, found.provider, What.RECEIPT, line, medium, body, lambda _: [])


async def _packed(
    office: Office, to: str, what: What, about: str, medium: Path, body: bytes, pack: Pack
) -> Packed:
    place = await asyncio.to_thread(media.packing, medium, about)
    files = await asyncio.to_thread(pack, place)

    async def work(connection: Connection) -> tuple[Parcel, bytes]:
        parcel = Parcel(
            network=office.directory.network,
            sender=office.id,
            recipient=to,
            number=await parcels.following(connection, to),
            what=what,
            request=about,
            issued=office.clock(),
            files=tuple(files),
            body=body,
        )
        document = write_parcel(parcel, keys=office.identity.keys, directory=office.directory)
        await note(office, connection, parcel, document, parcels.OUT, HANDED_OVER)
        return parcel, document

    parcel, document = await office.transact(work)
    return Packed(parcel, await asyncio.to_thread(media.seal_up, place, parcel, document))


async def note(
    office: Office, connection: Connection, parcel: Parcel, document: bytes, direction: str, kind: str
) -> None:
    """Put down that a parcel changed hands, in the caller's transaction."""
    at, digest = office.clock(), sha256(document).digest()
    peer = parcel.recipient if direction == parcels.OUT else parcel.sender
    handed = parcels.Handed(direction, peer, parcel.number, parcel.what.value, parcel.request, digest, at)
    await parcels.add(connection, handed)
    said = {
        "document": digest.hex(),
        "number": parcel.number,
        "peer": peer,
        "request": parcel.request,
        "time": leaf_time(at),
        "what": parcel.what,
    }
    entry = journal.Entry(
        kind=kind,
        recorded_at=at,
        payload=orjson.dumps(said, option=orjson.OPT_SORT_KEYS),
        salt=office.entropy(journal.SALT_SIZE),
    )
    await journal.append(connection, [entry])


def _keys(office: Office, provider: str, asked: BulkRequest, part: int) -> Iterator[bytes]:
    """The sealed keys of a part, chunk by chunk."""
    place = Place(office.id, provider, asked.id, part, answers=False)
    with folder(office, asked.id).keys(part).open("rb") as file:
        for chunk in range(len(asked.parts[part].chunks)):
            yield seal_chunk(file.read(CHUNK_SIZE), asked.key, place, chunk)


def _chunks(office: Office, name: Name, reply: PartReply) -> Iterator[bytes]:
    """The sealed answer of a part, as it lies there to be pulled."""
    manifest = read_manifest(reply.manifest, directory=office.directory, at=office.clock())
    for chunk in range(len(manifest.chunks)):
        yield spool.answer_chunk(office, name, manifest.row, chunk)
