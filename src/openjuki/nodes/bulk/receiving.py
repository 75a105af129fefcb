# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Keys are pulled (照会条件の取り寄せ): chunk by chunk, eight at a time, each known by its digest.

They are read apart first (`openjuki.wire.apart`), held in memory while their part is answered, and written nowhere.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from openjuki.errors import BadEnvelope
from openjuki.nodes.bulk import spool
from openjuki.wire.bulk import BULK_KEYS, Pulling
from openjuki.wire.chunks import WINDOW, Place, open_chunk
from openjuki.wire.columns import KEY_SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    import pyarrow as pa

    from openjuki.nodes.node import Node
    from openjuki.store.jobs import Due
    from openjuki.wire.apart import Reader


async def keys(node: Node, reader: Reader, due: Due) -> pa.Table:
    """The keys of a part, from its asker or from the medium on which they came.

    Raises:
        BadEnvelope, ForgedEnvelope: they are not what was announced.
        PeerUnavailable, PeerRefused: the asker does not answer, or will not.
    """
    name, number, request = due.name, due.number, due.request
    part = request.parts[number]
    there = spool.has_keys(node, name, number)

    async def fetch(chunk: int) -> bytes:
        if there:
            return await asyncio.to_thread(spool.keys_chunk, node, name, number, chunk)
        pulling = Pulling(request.id, number, chunk)
        return await node.transport.deliver(name.asker, BULK_KEYS, pulling.to_bytes())

    place = Place(name.asker, node.id, request.id, number, answers=False)
    content = await pulled(fetch, part.chunks, request.key, place)
    if len(content) != part.size:
        raise BadEnvelope("the keys are not as long as was announced")
    return await reader.read(content, KEY_SCHEMAS[request.kind], part.rows)


async def pulled(
    fetch: Callable[[int], Awaitable[bytes]], digests: Sequence[bytes], key: bytes, place: Place
) -> bytes:
    """The content of a part of which these are the digests; what fails first, fails it.

    Raises:
        BadEnvelope, ForgedEnvelope: a chunk is not the one that was announced.
    """
    window = asyncio.Semaphore(WINDOW)

    async def one(chunk: int) -> bytes:
        async with window:
            return open_chunk(await fetch(chunk), key, place, chunk, digests[chunk])

    tasks = [asyncio.create_task(one(chunk)) for chunk in range(len(digests))]
    try:
        return b"".join(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
