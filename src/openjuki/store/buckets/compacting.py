# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Compaction (索引の編成): parts become a run of buckets, and runs of like size become one.

Theory of operation. A part is committed with its answer and nothing else; while it waits, whoever asks about a person
looks it through. A few that wait together are sorted into a run. Eight runs of like size are merged into one, so that
there are never many, and an entry is written once for each eightfold of the log: four times in a year of the nation.
A merger goes through the codes range by range, each in a transaction of its own; its sources are looked through until
it is complete. So it needs no more memory for a year than for a day, and whoever is interrupted goes on where it was.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from openjuki.store import parts as log
from openjuki.store.buckets import runs
from openjuki.store.buckets.entries import Entries, Packed
from openjuki.store.buckets.runs import SQL, Run

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    from openjuki.store.buckets.runs import Entropy
    from openjuki.store.database import Connection

#: Parts are taken in when so many wait, or hold so many rows, or the oldest has waited so long.
PARTS: Final = 16
ROWS: Final = 1 << 24
WAITED: Final = timedelta(minutes=10)
#: Most parts that are taken in at once.
MOST: Final = 1024
#: So many runs of like size are merged: of sizes whose logarithms to the base of eight have one whole part.
ALIKE: Final = 8
#: Entries that are sorted at once.
STEP: Final = 1 << 21


async def compact(connection: Connection, at: datetime, entropy: Entropy) -> bool:
    """Do one step, in the caller's transaction; True: there is more to do.

    Raises:
        IntegrityFailure: parts or buckets are damaged; the log stays as it is, and is looked through as it is.
    """
    await runs.hold(connection)
    known = await runs.runs(connection)
    unfinished = next((run for run in known if not run.complete), None)
    if unfinished is not None:
        sources = [run.run for run in known if run.merged_into == unfinished.run]
        return await _go_on(connection, unfinished, sources, at, entropy)
    if await _take_in(connection, at, entropy):
        return True
    return await _begin_merger(connection, known, at)


async def _take_in(connection: Connection, at: datetime, entropy: Entropy) -> bool:
    """Make a run of parts that wait, if they are due."""
    queue = await (await connection.execute(SQL["queue"], {"limit": MOST})).fetchall()
    if not _due(queue, at):
        return False
    chosen = _first(queue)
    taken = await (await connection.execute(SQL["take"], {"parts": chosen})).fetchall()
    run = await runs.begin(connection, at)
    counts, buckets = await asyncio.to_thread(_sorted, taken, run, entropy)
    entries = [counts.get(part, 0) for part in chosen]
    await connection.execute(SQL["assign"], {"run": run, "parts": chosen, "entries": entries})
    await connection.execute(SQL["indexed"], {"parts": chosen})
    await runs.add(connection, buckets)
    await runs.complete(connection, run, at, entropy)
    return True


def _due(queue: Sequence[tuple[Any, ...]], at: datetime) -> bool:
    return len(queue) >= PARTS or any(
        sum(rows for _, rows, _ in queue) >= ROWS or at - since >= WAITED for _, _, since in queue
    )


def _first(queue: Iterable[tuple[Any, ...]]) -> list[int]:
    """The oldest parts, as many as are sorted at once: at least one."""
    chosen: list[int] = []
    total = 0
    for part, rows, _ in queue:
        total += rows
        if chosen and total > ROWS:
            break
        chosen.append(part)
    return chosen


def _sorted(
    taken: Iterable[tuple[Any, ...]], run: int, entropy: Entropy
) -> tuple[dict[int, int], list[runs.Bucket]]:
    """How many entries each part has, and the buckets of all: sorted range by range of codes, for the memory's sake."""
    parts = {part: Entries.of([(part, log.codes(raw))]) for part, raw in taken}
    buckets: list[runs.Bucket] = []
    for first, before in pairwise((0, *_cuts(parts.values()), None)):
        cut = Entries.joined(one.between(first or 0, before) for one in parts.values())
        buckets += runs.packed(cut, run, entropy)
    return {part: len(one) for part, one in parts.items()}, buckets


def _cuts(parts: Collection[Entries]) -> list[int]:
    """Codes between which about as many entries lie as are sorted at once."""
    ranges = -(-sum(map(len, parts)) // STEP)
    longest = max(parts, key=len).codes
    return sorted({int(longest[len(longest) * number // ranges]) for number in range(1, ranges)})


async def _begin_merger(connection: Connection, known: Iterable[Run], at: datetime) -> bool:
    """Begin to merge runs of like size, the smallest first."""
    alike: dict[int, list[int]] = defaultdict(list)
    for run in known:
        alike[run.entries.bit_length() // 3].append(run.run)
    sources = next((alike[size] for size in sorted(alike) if len(alike[size]) >= ALIKE), None)
    if sources is None:
        return False
    await connection.execute(SQL["merge"], {"run": await runs.begin(connection, at), "sources": sources})
    return True


async def _go_on(
    connection: Connection, run: Run, sources: Sequence[int], at: datetime, entropy: Entropy
) -> bool:
    """Merge the next range of codes; after the last the new run takes the others' place."""
    before = await _next_range(connection, run, sources)
    values = {"sources": list(sources), "run": run.run, "first": run.merged_before, "before": before}
    cut = await (await connection.execute(SQL["cut"], values)).fetchall()
    buckets = await asyncio.to_thread(_merged, cut, run, before, entropy)
    await runs.add(connection, buckets)
    if before is not None:
        await connection.execute(SQL["progress"], values)
        return True
    for name in ("reassign", "drop_buckets", "drop_runs"):
        await connection.execute(SQL[name], values)
    await runs.complete(connection, run.run, at, entropy)
    return True


async def _next_range(connection: Connection, run: Run, sources: Sequence[int]) -> int | None:
    """The code at which enough is merged for once; None: all that is left is little enough."""
    values = {"sources": list(sources), "first": run.merged_before, "limit": STEP}
    total = 0
    for first_code, number in await (await connection.execute(SQL["ranges"], values)).fetchall():
        if total >= STEP and first_code > run.merged_before:
            return int(first_code)
        total += number
    return None


def _merged(
    cut: Iterable[tuple[bytes, bytes]], run: Run, before: int | None, entropy: Entropy
) -> list[runs.Bucket]:
    found = (Packed(*one).unpack().between(run.merged_before, before) for one in cut)
    return list(runs.packed(Entries.joined(found), run.run, entropy))
