# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The provider pulls keys (照会条件の取り寄せ): each chunk is sealed when it is asked for, and only for who was asked.

Sealing again gives the same bytes, whose digest the provider has from the request.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from openjuki.nodes.fetching.folder import folder
from openjuki.store import requests
from openjuki.wire.bulk import BULK_KEYS, BulkRequest, Pulling
from openjuki.wire.chunks import CHUNK_SIZE, Place, seal_chunk
from openjuki.wire.errors import NotOnOffer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from openjuki.nodes.node import Node
    from openjuki.wire.transport import Handler


def handlers(node: Node) -> Mapping[str, Handler]:
    """What a node that asks in bulk answers to its provider."""
    return {BULK_KEYS: partial(_keys, node)}


async def _keys(node: Node, provider: str, raw: bytes) -> bytes:
    """Answer with a chunk of keys.

    Raises:
        BadEnvelope: malformed.
        NotOnOffer: nothing of this is asked of the sender, or not any more.
    """
    pulling = Pulling.from_bytes(raw)

    request = await node.glance(partial(requests.find, line=pulling.request))
    body = await node.glance(partial(requests.body, line=pulling.request))
    if request is None or body is None or request.provider != provider:
        raise NotOnOffer
    asked = BulkRequest.from_bytes(body)
    if pulling.chunk is None or not pulling.part < len(asked.parts):
        raise NotOnOffer
    if not pulling.chunk < len(asked.parts[pulling.part].chunks):
        raise NotOnOffer
    place = Place(node.id, provider, request.id, pulling.part, answers=False)
    file = folder(node, request.id).keys(pulling.part)
    return await asyncio.to_thread(_sealed, file, asked.key, place, pulling.chunk)


def _sealed(file: Path, key: bytes, place: Place, chunk: int) -> bytes:
    try:
        with file.open("rb") as opened:
            opened.seek(chunk * CHUNK_SIZE)
            return seal_chunk(opened.read(CHUNK_SIZE), key, place, chunk)
    except FileNotFoundError as error:
        raise NotOnOffer from error
