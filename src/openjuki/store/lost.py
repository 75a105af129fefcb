# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What was lost with a part of a journal (失われた通知), as those who have it can tell, and up to where both agree."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from openjuki.store.database import queries
from openjuki.store.sequencer import read_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("lost")
#: A transaction may get its place in the book so much later than others of its time.
_LATE = timedelta(hours=1)


class Common(NamedTuple):
    """Up to where this node and a neighbour are known to have the same (一致している位置)."""

    #: The last number of the link.
    seq: int
    #: When that entry was recorded; None where there is none.
    recorded_at: datetime | None


async def common(connection: Connection, recipient: str) -> Common:
    """Up to where a neighbour is known to have what this node had when it was restored."""
    cursor = await connection.execute(_SQL["resumed"], {"recipient": recipient})
    row = await cursor.fetchone()
    if row is not None:
        seq = orjson.loads(row[0])["common"]
    else:
        cursor = await connection.execute(_SQL["acknowledged"], {"recipient": recipient})
        (seq,) = await cursor.fetchone() or (0,)
    cursor = await connection.execute(_SQL["entry_time"], {"recipient": recipient, "seq": seq})
    row = await cursor.fetchone()
    return Common(seq, None if row is None else row[0])


async def notices_of(
    connection: Connection, origin: str, *, after: int, first: int, limit: int
) -> list[tuple[int, Mapping[str, Any]]]:
    """Notices of a municipality after a number of its link, as the journal has them, with their indexes."""
    values = {"origin": origin, "after": after, "first": first, "limit": limit}
    cursor = await connection.execute(_SQL["notices_of"], values)
    return [(index, orjson.loads(payload)) for index, payload in await cursor.fetchall()]


async def first_since(connection: Connection, since: datetime) -> int:
    """An index before which nothing was recorded since then, but for what a slow transaction brought late."""
    low, high = 0, (await read_tree(connection)).size
    while low < high:
        middle = (low + high) // 2
        cursor = await connection.execute(_SQL["time_of"], {"index": middle})
        row = await cursor.fetchone()
        if row is not None and row[0] < since:
            low = middle + 1
        else:
            high = middle
    return low


async def use_codes(connection: Connection, codes: Iterable[str], at: datetime) -> int:
    """Take codes that somebody bears from the stock of unused ones (空きコード); returns how many lay there."""
    return (await connection.execute(_SQL["use_codes"], {"codes": list(codes), "at": at})).rowcount


async def refused_letter(connection: Connection, at: datetime) -> bytes | None:
    """The letter that was refused at a time, sealed as it came; None where it is not in the book."""
    first = await first_since(connection, at - _LATE)
    cursor = await connection.execute(_SQL["refused_at"], {"at": at, "first": first})
    row = await cursor.fetchone()
    return None if row is None else row[0]
