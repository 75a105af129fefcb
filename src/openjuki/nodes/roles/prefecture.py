# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The prefecture (都道府県, 法30条の7): records its towns' notices and passes them on to the Centre.

What a town signed is passed on as it is: the Centre opens its own copy and checks the town's own
signature, so that the prefecture can neither change nor withhold a notice unseen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openjuki.config import CENTRE, Kind
from openjuki.errors import MisaddressedEnvelope
from openjuki.nodes import (
    admission,
    carrying,
    compacting,
    exchange,
    providing,
    proving,
    receipts,
    recovery,
    snapshots,
    watch,
)
from openjuki.nodes.bulk import jobs, serving
from openjuki.nodes.clientele.telling import Telling
from openjuki.nodes.disclosure import deciding
from openjuki.nodes.fetching import delivering, receipting
from openjuki.nodes.fetching.serving import handlers as giving_keys
from openjuki.nodes.work import Duty, Role
from openjuki.store import journal
from openjuki.wire import batch
from openjuki.wire.proving import PROVE
from openjuki.wire.provision import PROVIDE, PROVIDE_THROUGH
from openjuki.wire.receipt import RECEIPT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.link import Entry
    from openjuki.wire.transport import Handler


def sources(node: Node) -> Iterable[str]:
    """The municipalities of the prefecture (法30条の6第1項)."""
    return [
        listed.id
        for listed in node.directory.nodes.values()
        if listed.kind is Kind.MUNICIPALITY and listed.prefecture == node.id
    ]


async def receive(node: Node, connection: Connection, source: str, entry: Entry) -> None:
    """Record a town's notices (法30条の6第1項) and pass their batch on to the Centre (法30条の7第1項)."""
    sealed = batch.verify_batch(entry.document, directory=node.directory)
    if sealed.content.key_of(CENTRE) not in {one.key.key_id for one in node.directory.node(CENTRE).sealing}:
        raise MisaddressedEnvelope("the batch is not sealed to the Centre, to which it is passed on")
    notices = sealed.unseal(node.identity.keys)
    if (notices.origin, notices.first, notices.last) != (source, entry.first, entry.last):
        raise MisaddressedEnvelope("the batch is not the one that the link announced")
    await admission.admit(node, connection, notices)
    passed = journal.Entry(
        kind="batch.passed",
        recorded_at=node.clock(),
        payload=entry.document,
        salt=node.entropy(journal.SALT_SIZE),
        recipients=(CENTRE,),
    )
    await journal.append(connection, [passed])


def handlers(node: Node) -> Mapping[str, Handler]:
    """What it provides from its own records (法30条の11・30条の13), and what it passes on to the Centre (法30条の12)."""
    return {
        PROVIDE: providing.Providing(node).direct,
        PROVIDE_THROUGH: carrying.passing(node),
        **Telling(node).handlers(),
        **serving.handlers(node),
        **giving_keys(node),
    }


ROLE = Role(
    outgoing=exchange.passing_on,
    sources=sources,
    receive=receive,
    answers={
        "own-notices": recovery.own_notices,
        RECEIPT: receipts.take,
        PROVE: proving.prove,
        **serving.ANSWERS,
    },
    handlers=handlers,
    duties=(
        Duty(watch.watch_predecessors, 3600.0),
        Duty(receipts.send, receipts.EVERY),
        Duty(proving.check, proving.EVERY),
        Duty(compacting.compact, compacting.EVERY),
        Duty(snapshots.keep, snapshots.EVERY),
        Duty(deciding.erase_old, 3600.0),
        *jobs.DUTIES,
        Duty(receipting.owed, receipting.EVERY),
        Duty(delivering.erase_old, delivering.EVERY),
    ),
)
