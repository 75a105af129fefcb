# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The index to the log of bulk provisions is kept in order (索引の編成), beside all other work."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from openjuki.errors import IntegrityFailure
from openjuki.store import alarms, buckets

if TYPE_CHECKING:
    from openjuki.nodes.node import Node

#: Seconds between two looks at what waits.
EVERY: Final = 15.0
#: The alarm that parts or the index of them are damaged; `juki log audit` says which.
DAMAGED: Final = "provision-log-damaged"


async def compact(node: Node) -> bool:
    """Take parts into the index, or merge some of it; a duty of the Centre and the prefectures.

    Raises:
        IntegrityFailure: what is there is damaged; nothing was changed, and somebody must look.
    """
    try:
        more = await node.read(partial(buckets.compact, at=node.clock(), entropy=node.entropy))
    except IntegrityFailure:
        raised = partial(alarms.raise_once, kind=DAMAGED, detail={}, at=node.clock())
        await node.read(raised)
        raise
    if more:
        node.written.set()
    return more
