# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A part of an answer is pulled (回答の取り寄せ), and believed only as far as its provider has signed for it.

Manifest, promise and row belong together and to this part; each chunk has the digest that the manifest says; the
columns are exactly those that were announced, and of nothing that the own book does not grant.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from openjuki.errors import IntegrityFailure, PeerUnavailable
from openjuki.nodes import exchange
from openjuki.wire import chunks
from openjuki.wire.answered import PART_PROVIDED, Manifest, PartReply, read_manifest
from openjuki.wire.bulk import BULK_CHUNK, BULK_PART, RESULT_BYTES, Pulling
from openjuki.wire.columns import answer_schema
from openjuki.wire.leaf import commitment
from openjuki.wire.promise import read_promises

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import pyarrow as pa

    from openjuki.nodes.node import Node
    from openjuki.store.requests import Request
    from openjuki.wire.apart import Reader

    #: Where a sealed chunk of a part comes from.
    type Fetch = Callable[[Manifest, int], Awaitable[bytes]]

#: A chunk that is lost on the way is asked for again, so often.
_ATTEMPTS = 4
_PAUSE = 0.25


class Pulled(NamedTuple):
    """A part of an answer that may be believed (取り寄せた回答)."""

    manifest: Manifest
    reply: PartReply
    table: pa.Table


async def pull(node: Node, reader: Reader, request: Request, part: int, rows: int) -> Pulled:
    """Pull a part of so many rows.

    Raises:
        PeerError: what came is not what was signed for.
        IntegrityFailure: it contradicts itself, or holds more than was granted.
        PeerUnavailable: the provider does not answer.
    """
    body = Pulling(request.id, part).to_bytes()
    reply = PartReply.from_bytes(await exchange.ask(node, request.provider, BULK_PART, body))
    return await believed(node, reader, request, part, rows, reply, partial(_sealed, node))


async def believed(
    node: Node, reader: Reader, request: Request, part: int, rows: int, reply: PartReply, fetch: Fetch
) -> Pulled:
    """A part as far as its provider has signed for it, whichever way its chunks come.

    Raises:
        PeerError, IntegrityFailure, PeerUnavailable: as `pull`.
    """
    manifest = read_manifest(reply.manifest, directory=node.directory, at=node.clock())
    _check(node, request, part, rows, manifest, reply)
    stream = await _stream(manifest, reply.key, fetch)
    table = await reader.read(stream, answer_schema(manifest.items), manifest.rows)
    _recount(manifest, table)
    return Pulled(manifest, reply, table)


def _check(node: Node, request: Request, part: int, rows: int, manifest: Manifest, reply: PartReply) -> None:
    """Return only when manifest, row and promise are about this part."""
    said = (manifest.asker, manifest.provider, manifest.request, manifest.part, manifest.rows)
    if said != (node.id, request.provider, request.id, part, rows):
        raise IntegrityFailure("the manifest is of another part")
    if not set(manifest.items) <= set(request.items):
        raise IntegrityFailure("the answer holds more than was granted")
    promise = read_promises(reply.promise, directory=node.directory, at=node.clock())
    promised = (promise.origin, promise.time, promise.rows)
    row = ((PART_PROVIDED, manifest.row),)
    if promised != (node.directory.origin(request.provider), manifest.time, row):
        raise IntegrityFailure("the part does not come with the promise of its row")
    if commitment(reply.salt, reply.payload) != manifest.row:
        raise IntegrityFailure("the row is not the one that was promised")


async def _stream(manifest: Manifest, key: bytes, fetch: Fetch) -> bytes:
    """The chunks of a part, a few at a time, put together."""
    window = asyncio.Semaphore(chunks.WINDOW)

    async def one(chunk: int) -> bytes:
        async with window:
            sealed = await fetch(manifest, chunk)
        digest = manifest.chunks[chunk]
        return await asyncio.to_thread(chunks.open_chunk, sealed, key, manifest.place, chunk, digest)

    tasks = [asyncio.create_task(one(chunk)) for chunk in range(len(manifest.chunks))]
    try:
        stream = b"".join(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
    if len(stream) != manifest.size:
        raise IntegrityFailure("the part is not as long as its manifest says")
    return stream


async def _sealed(node: Node, manifest: Manifest, chunk: int) -> bytes:
    body = Pulling(manifest.request, manifest.part, chunk).to_bytes()
    for attempt in range(1, _ATTEMPTS):
        try:
            return await node.transport.deliver(manifest.provider, BULK_CHUNK, body)
        except PeerUnavailable:
            await asyncio.sleep(_PAUSE * attempt)
    return await node.transport.deliver(manifest.provider, BULK_CHUNK, body)


def _recount(manifest: Manifest, table: pa.Table) -> None:
    """Return only when there are as many rows of each result as the manifest says."""
    counted = np.bincount(table["result"].to_numpy(), minlength=256)
    said = np.zeros(256, np.int64)
    for result, count in manifest.results.items():
        said[RESULT_BYTES[result]] = count
    if (counted != said).any():
        raise IntegrityFailure("the rows are not those that the manifest counts")
