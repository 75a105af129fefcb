# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Standing (提供の可否): whether a node's journal is vouched for, without which it provides nothing. It fails closed.

Register work never asks: people must be able to move in, whatever has happened to a signer or a line.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from openjuki.errors import LogNotSigned
from openjuki.store import alarms, checkpoints
from openjuki.wire.envelope import CLOCK_SKEW

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection

#: Without a checkpoint for so long, nothing is provided.
UNSIGNED = timedelta(seconds=60)
#: Without a witness's confirmation for so long, somebody must look.
UNCONFIRMED = timedelta(minutes=10)


async def check_may_provide(office: Office, connection: Connection, *, to_others: bool) -> None:
    """Return only when the journal is vouched for: by the signer now, and to others by a witness lately.

    A time ahead of ours vouches for nothing: one of the two clocks is wrong.

    Raises:
        LogNotSigned: it is not.
    """
    now = office.clock()
    signed = await checkpoints.latest(connection)
    if signed is None or not _is_recent(signed.signed_at, now, UNSIGNED):
        raise LogNotSigned
    if to_others and office.directory.witnesses(office.id):
        limit = timedelta(hours=office.settings.cosignature_hours)
        confirmed = (await checkpoints.cosigned(connection)).values()
        if not any(_is_recent(one.at, now, limit) for one in confirmed):
            raise LogNotSigned("no witness has confirmed this node's journal for too long")


def _is_recent(then: datetime, now: datetime, limit: timedelta) -> bool:
    return -CLOCK_SKEW <= now - then < limit


async def watch_cosignatures(office: Office, connection: Connection) -> None:
    """Raise an alarm for each witness that has not confirmed the journal for ten minutes; settle it when it has."""
    now, began = office.clock(), await checkpoints.began(connection)
    confirmed = await checkpoints.cosigned(connection)
    for witness in office.directory.witnesses(office.id):
        since = confirmed[witness].at if witness in confirmed else began
        detail = {"witness": witness}
        if since is not None and now - since >= UNCONFIRMED:
            await alarms.raise_once(connection, "cosignature-missing", detail, now)
        else:
            await alarms.settle_about(connection, "cosignature-missing", detail, now)
