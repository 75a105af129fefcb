# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Receipts (受領の確認): whoever was answered says so, and its provider knows what has arrived.

Theory of operation. The provider records, answers, and cannot know more. The asker has an answer once it stands in
its ledger; every few seconds it tells each provider, in one signed list, of which envelopes that is so. The provider
journals the list as it came. What it has recorded and nobody has receipted is outstanding: told to somebody who
lost it, or who does not say so. A receipt that is lost is sent again and changes nothing.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from openjuki.config import CENTRE
from openjuki.errors import IntegrityFailure, MisaddressedEnvelope, PeerError, Unavailable
from openjuki.nodes import exchange
from openjuki.store import alarms, journal, receipts
from openjuki.wire.receipt import MOST_RECEIPTED, RECEIPT, Receipt, read_receipt, read_unknown, write_unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.envelope import Message

log = structlog.get_logger()

#: Kind of the provider's row.
RECEIPTED: Final = "provision.receipted"
#: The alarm that a provider does not stand by what it promised.
BROKEN: Final = "promise-broken"
#: Seconds between two receipts to a provider.
EVERY: Final = 2.0


async def take(node: Node, connection: Connection, request: Message) -> bytes:
    """Record at the provider that answers have arrived; say which envelopes it does not know.

    Raises:
        BadEnvelope, ForgedEnvelope: not a receipt of the sender's.
        MisaddressedEnvelope: a receipt of somebody else's answers, or for another provider.
    """
    now = node.clock()
    receipt = read_receipt(request.body, directory=node.directory, at=now)
    if (receipt.asker, receipt.provider) != (request.sender, node.id):
        raise MisaddressedEnvelope("a receipt is its sender's own, and for this provider")
    arrived = await receipts.receipted(connection, receipt.asker, receipt.envelopes, now)
    if arrived:
        row = journal.Entry(
            kind=RECEIPTED,
            recorded_at=now,
            payload=request.body,
            salt=node.entropy(journal.SALT_SIZE),
        )
        await journal.append(connection, [row])
    known = await receipts.known(connection, receipt.asker, receipt.envelopes)
    return write_unknown(set(receipt.envelopes) - known)


async def send(node: Node) -> bool:
    """Tell each provider what has arrived from it."""
    return any([await _send(node, provider) for provider in providers(node)])


def providers(node: Node) -> Sequence[str]:
    """Who provides to this node: the Centre, and its own governor where it has one."""
    own = node.directory.node(node.id).prefecture
    return (CENTRE,) if own is None else (CENTRE, own)


async def _send(node: Node, provider: str) -> bool:
    waiting = await node.glance(partial(receipts.to_receipt, provider=provider, limit=MOST_RECEIPTED))
    if not waiting:
        return False
    receipt = Receipt(
        network=node.directory.network,
        asker=node.id,
        provider=provider,
        time=node.clock(),
        envelopes=tuple(waiting),
    )
    try:
        unknown = read_unknown(await exchange.ask(node, provider, RECEIPT, receipt.sign(node.identity.keys)))
    except (Unavailable, PeerError) as error:
        log.info("not receipted", node=node.id, provider=provider, code=error.code)
        return False
    await node.read(partial(_note, node, provider=provider, envelopes=waiting, unknown=unknown))
    return len(waiting) == MOST_RECEIPTED


async def _note(
    node: Node,
    connection: Connection,
    *,
    provider: str,
    envelopes: Collection[str],
    unknown: Collection[str],
) -> None:
    """They are receipted; what the provider does not know any more, although it promised it, somebody must look at."""
    now = node.clock()
    await receipts.told(connection, envelopes, now)
    await alarms.raise_all(
        connection,
        [broken(provider, one, IntegrityFailure.code) for one in sorted(set(envelopes) & set(unknown))],
        now,
    )


def broken(provider: str, envelope: str, code: str) -> tuple[str, dict[str, str]]:
    """The alarm about a promise that was not kept (約束の不履行)."""
    return BROKEN, {"provider": provider, "envelope": envelope, "code": code}
