# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Erasing a row of the log of bulk provisions (提供の記録の消去): from its part, and from the index of it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from openjuki.store import parts as log
from openjuki.store.buckets import runs
from openjuki.store.buckets.entries import ERASED, Packed
from openjuki.store.buckets.runs import SQL

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from openjuki.store.buckets.runs import Bucket, Entropy
    from openjuki.store.database import Connection


async def erase(connection: Connection, part: int, row: int, at: datetime, entropy: Entropy) -> bool:
    """Erase a row wherever it stands, in the caller's transaction; False: there is none, or it was erased before.

    The leaf stays, and so does every proof of another row. Each run that held the row is vouched for anew.

    Raises:
        IntegrityFailure: the part or a bucket is damaged.
    """
    await runs.hold(connection)
    code = await _code(connection, part, row)
    if code is None:
        return False
    await log.erase(connection, part, row)
    held = await (await connection.execute(SQL["holding"], {"code": code})).fetchall()
    rewritten = await asyncio.to_thread(_without, held, part, row, entropy)
    if rewritten:
        await connection.execute(SQL["one_less"], {"part": part})
    for run, complete, first, buckets in rewritten:
        await connection.execute(SQL["drop_bucket"], {"run": run, "first": first})
        await runs.add(connection, buckets)
        if complete:
            await runs.complete(connection, run, at, entropy)
    return True


async def _code(connection: Connection, part: int, row: int) -> int | None:
    """The code that stands in a row; none where nothing does."""
    found = await (await connection.execute(SQL["log_of"], {"part": part})).fetchone()
    if found is None:
        return None
    codes = await asyncio.to_thread(log.codes, found[0])
    return int(codes[row]) if 0 <= row < len(codes) and codes[row] != ERASED else None


def _without(
    held: list[tuple[Any, ...]], part: int, row: int, entropy: Entropy
) -> list[tuple[int, bool, int, list[Bucket]]]:
    """The buckets that held the row, as they are without it; none where it was all that one held."""
    rewritten = []
    for run, complete, first, entries, strands in held:
        before = Packed(entries, strands).unpack()
        after = before.without(part, row)
        if len(after) < len(before):
            rewritten.append((run, complete, first, list(runs.packed(after, run, entropy))))
    return rewritten
