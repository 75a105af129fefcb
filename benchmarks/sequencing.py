# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""From commit to sequenced, and from commit to signed, while a town's book takes in 2,000 rows a second, fsync on.

make bench-sequencing
.venv/bin/python benchmarks/sequencing.py --seconds 10 --rate 2000

Four writers, apart from the node's process as its clerks are, commit 20 rows of 400 bytes at a time. An observer looks
at the book every 3 ms: what it sees has been there for up to that long. Writers, observer, the whole of a small nation,
its signer, its broker and its database share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import bisect
import io
import json
import os
import platform
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console

from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.config import clock
from openjuki.nodes.node import opened_office
from openjuki.simulation.launcher import Nation
from openjuki.simulation.nation_plan import PlannedMunicipality, PlannedPrefecture
from openjuki.simulation.progress import Progress
from openjuki.store import journal
from openjuki.store.database import connect

TOWN = "132195"
PLAN = (
    PlannedPrefecture(
        code=LocalGovernmentCode("130001"),
        municipalities=(PlannedMunicipality(code=LocalGovernmentCode(TOWN), keeps_register=True),),
    ),
)
WRITERS, ROWS, BYTES = 4, 20, 400
#: Seconds between two looks at the book, and at the checkpoint.
LOOK, LOOK_AT_SIGNED = 0.003, 0.02


@dataclass(slots=True)
class Seen:
    """What was seen: all times are of one monotonic clock."""

    #: When each transaction was committed, by its number.
    committed: dict[int, float] = field(default_factory=dict)
    #: Seconds from commit to sequenced, of each row.
    sequenced: list[float] = field(default_factory=list)
    #: When each sequenced row was committed, by its place among the rows of the measurement.
    places: list[float] = field(default_factory=list)
    #: Age of the oldest entry without a signature, at each look.
    unsigned: list[float] = field(default_factory=list)
    first: int = 0
    over: bool = False


async def write(nation: Nation, seen: Seen, writer: int, rate: float, seconds: float) -> None:
    """Commit rows at a steady rate; one that comes late does not make up for it in a burst."""
    async with AsyncExitStack() as stack:
        office = await stack.enter_async_context(opened_office(nation.settings, TOWN))
        pause = WRITERS * ROWS / rate
        due, end, turn = time.monotonic() + pause * writer / WRITERS, time.monotonic() + seconds, 0
        while due < end:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            number, turn = turn * WRITERS + writer, turn + 1
            entries = [
                journal.Entry(
                    kind="bench",
                    recorded_at=clock(),
                    payload=b"%-*d" % (BYTES, number),
                    salt=os.urandom(journal.SALT_SIZE),
                )
                for _ in range(ROWS)
            ]
            await office.transact(lambda connection, entries=entries: journal.append(connection, entries))
            seen.committed[number] = time.monotonic()
            due = max(due + pause, time.monotonic() - pause)


async def watch_sequenced(url: str, seen: Seen) -> None:
    """Note when each row is in the book."""
    async with await connect(url) as book:
        await book.set_autocommit(True)
        query = "SELECT payload FROM journal WHERE index >= %s ORDER BY index"
        while not seen.over or len(seen.sequenced) < ROWS * len(seen.committed):
            rows = await (await book.execute(query, [seen.first + len(seen.places)])).fetchall()
            now = time.monotonic()
            for (payload,) in rows:
                # a row may be seen before its writer has heard that it is committed
                then = seen.committed.get(int(payload), now)
                seen.places.append(then)
                seen.sequenced.append(now - then)
            await asyncio.sleep(LOOK)


async def watch_signed(url: str, seen: Seen) -> None:
    """Note how long the oldest entry has waited for a signature, sequenced or not."""
    async with await connect(url) as book:
        await book.set_autocommit(True)
        while not seen.over:
            (size,) = await (await book.execute("SELECT coalesce(max(size), 0) FROM checkpoint")).fetchone()
            now, unsigned = time.monotonic(), seen.places[max(0, size - seen.first) :]
            seen.unsigned.append(now - min(unsigned) if unsigned else 0.0)
            await asyncio.sleep(LOOK_AT_SIGNED)


async def measure(nation: Nation, rate: float, seconds: float) -> Seen:
    """Write and watch."""
    url, seen = nation.urls()[TOWN], Seen()
    async with await connect(url) as book:
        (seen.first,) = await (await book.execute("SELECT size FROM tree")).fetchone()
    watching = [asyncio.create_task(watch(url, seen)) for watch in (watch_sequenced, watch_signed)]
    await asyncio.gather(*(write(nation, seen, writer, rate, seconds) for writer in range(WRITERS)))
    seen.over = True
    await asyncio.gather(*watching)
    return seen


def signed_first(nation: Nation) -> None:
    """Wait until the signer signs: at first it waits for the word of a witness."""

    async def look() -> None:
        async with await connect(nation.urls()[TOWN]) as book:
            await book.set_autocommit(True)
            while await (await book.execute("SELECT 1 FROM checkpoint")).fetchone() is None:  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.1)

    asyncio.run(asyncio.wait_for(look(), 60))


def processor_seconds(pid: int | None) -> float:
    """Seconds of a processor that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def quantile(values: list[float], part: float) -> float:
    """The value that this part of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def run(rate: float, seconds: float, home: Path) -> dict[str, object]:
    """Found a small nation, and measure at its town."""
    progress = Progress(Console(file=io.StringIO()))
    with Nation(home, seed=7, progress=progress, plan=PLAN) as nation:
        signed_first(nation)
        (signer,) = (worker for worker in nation.workers if worker.name == "signers")
        before = processor_seconds(signer.pid)
        seen = asyncio.run(measure(nation, rate, seconds))
        used = processor_seconds(signer.pid) - before
    milliseconds = [1000 * one for one in seen.sequenced]
    late = len(milliseconds) - bisect.bisect_right(sorted(milliseconds), 50.0)
    return {
        "rows_per_second": round(len(milliseconds) / seconds),
        "seconds": seconds,
        "commit_to_sequenced_ms": {
            "p50": round(quantile(milliseconds, 0.5), 1),
            "p99": round(quantile(milliseconds, 0.99), 1),
            "max": round(max(milliseconds), 1),
            "over_50": late,
        },
        "oldest_unsigned_s": {
            "p50": round(quantile(seen.unsigned, 0.5), 2),
            "p99": round(quantile(seen.unsigned, 0.99), 2),
            "max": round(max(seen.unsigned), 2),
        },
        "signer_cpu_share": round(used / seconds, 3),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rate", type=float, default=2_000)
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        result = run(arguments.rate, arguments.seconds, Path(folder) / "nation")
    machine = {"processor": platform.machine(), "cores": os.cpu_count(), "load_before": round(load, 1)}
    print(json.dumps({"schema": "openjuki/bench-sequencing/1", "machine": machine, **result}))
