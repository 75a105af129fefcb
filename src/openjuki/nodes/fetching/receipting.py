# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Parts that have arrived are receipted (一括提供の受領の確認): signed, as soon as they are written here.

A receipt that is lost is sent again, also after the request is over; until then its provider lists the part as
outstanding.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from openjuki.errors import PeerError, Unavailable
from openjuki.nodes import exchange
from openjuki.store import requests
from openjuki.wire.answered import BulkReceipt, ReceiptedPart
from openjuki.wire.bulk import BULK_RECEIPT, Progress

if TYPE_CHECKING:
    from openjuki.nodes.node import Node

log = structlog.get_logger()

#: Seconds between two looks for receipts that are still owed.
EVERY: Final = 10.0


async def send(node: Node, request: str, provider: str) -> None:
    """Tell a provider which parts have arrived; where it is away, it is told later."""
    waiting = await node.read(partial(requests.to_receipt, line=request))
    if not waiting:
        return
    receipt = BulkReceipt(
        network=node.directory.network,
        asker=node.id,
        provider=provider,
        time=node.clock(),
        request=request,
        parts=tuple(ReceiptedPart.of(part, manifest) for part, manifest in waiting),
    )
    try:
        answered = await exchange.ask(node, provider, BULK_RECEIPT, receipt.sign(node.identity.keys))
        Progress.from_bytes(answered)
    except (Unavailable, PeerError) as error:
        log.info("not receipted", node=node.id, provider=provider, code=error.code)
        return
    parts = [part for part, _ in waiting]
    await node.read(partial(requests.receipted, line=request, parts=parts, at=node.clock()))


async def owed(node: Node) -> bool:
    """Send receipts that were lost when their requests were over."""
    for line in await node.glance(requests.unreceipted):
        request = await node.glance(partial(requests.find, line=line))
        if request is not None:
            await send(node, line, request.provider)
    return False
