# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The agency (国の機関等・執行機関, 法30条の9–30条の15): it asks, and keeps what it asked and was told.

It records nobody, so nobody pulls from it, and it pulls from nobody. Its journal is a journal like any other:
sequenced, signed, shown to its witnesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openjuki.errors import NotPermitted
from openjuki.nodes import proving, receipts
from openjuki.nodes.clientele import asking
from openjuki.nodes.fetching import delivering, receipting, serving
from openjuki.nodes.work import Duty, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.link import Entry, Pull
    from openjuki.wire.transport import Handler


#: Nobody waits for an agency's rows: more of them share a turn of its sequencer.
_PAUSE: Final = 0.1


def sources(node: Node) -> Iterable[str]:  # noqa: ARG001 - the same for every agency
    """Nobody: an agency is told nothing unasked (法30条の25)."""
    return ()


async def outgoing(node: Node, connection: Connection, recipient: str, pull: Pull) -> tuple[Entry, ...]:  # noqa: ARG001 - the same for everybody
    """Nothing waits for anybody."""
    return ()


async def receive(node: Node, connection: Connection, source: str, entry: Entry) -> None:  # noqa: ARG001 - the same from everybody
    """Take in what nobody may send.

    Raises:
        NotPermitted: always.
    """
    raise NotPermitted(f"an agency takes in nothing from {source}")


def handlers(node: Node) -> Mapping[str, Handler]:
    """What it shows to those whom it has asked: its lists, and the keys of its files."""
    return {**asking.showing(node), **serving.handlers(node)}


ROLE = Role(
    outgoing=outgoing,
    sources=sources,
    receive=receive,
    handlers=handlers,
    duties=(
        Duty(receipts.send, receipts.EVERY),
        Duty(proving.check, proving.EVERY),
        Duty(asking.due, asking.EVERY),
        Duty(receipting.owed, receipting.EVERY),
        Duty(delivering.erase_old, delivering.EVERY),
    ),
    pause=_PAUSE,
)
