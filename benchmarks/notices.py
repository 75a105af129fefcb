# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Notices through all three tiers, fsync on, beside durable single-row inserts by pgbench on the same server.

    .venv/bin/python benchmarks/notices.py --seconds 60

The counters of all towns correct residents' furigana, a batch of them per transaction, everybody in turn, as
fast as the Centre keeps up: no more than a bounded number of notices is under way. What is
counted is what the Centre has committed within the time. Generator, towns, prefectures, Centre, broker and
database share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import tempfile
import time
from contextlib import AsyncExitStack
from dataclasses import replace
from itertools import cycle
from pathlib import Path

import psycopg
from rich.console import Console

from openjuki.config import CENTRE, Kind, clock
from openjuki.nodes import counter
from openjuki.nodes.node import opened_office
from openjuki.residents.changes import Change, Reason
from openjuki.simulation import agreement
from openjuki.simulation.launcher import Nation
from openjuki.simulation.life import TODAY, live, settled
from openjuki.simulation.progress import Progress
from openjuki.simulation.report import quantile
from openjuki.store import register
from openjuki.store.embedded import _binaries

BATCH = 250
#: Notices that may be under way at once.
UNDER_WAY = 2_000


async def generate(nation: Nation, seconds: float) -> None:
    """Correct residents of all towns in turn until the time is over, never too far ahead of the Centre."""
    async with AsyncExitStack() as stack:
        groups = []
        for town in nation.urls(Kind.MUNICIPALITY):
            office = await stack.enter_async_context(opened_office(nation.settings, town))
            own = await office.read(_groups)
            groups += [((place + 0.5) / len(own), office, group) for place, group in enumerate(own)]
        groups.sort(key=lambda one: one[0])
        centre = await stack.enter_async_context(
            await psycopg.AsyncConnection.connect(nation.urls()[CENTRE], autocommit=True)
        )
        until, sent = time.monotonic() + seconds, 0
        before = await _taken(centre)
        for _, office, group in cycle(groups):
            if time.monotonic() > until:
                return
            await office.transact(lambda connection, o=office, g=group: _correct(o, connection, g))
            sent += len(group)
            while sent - (await _taken(centre) - before) > UNDER_WAY and time.monotonic() < until:  # noqa: ASYNC110 - it happens in another process
                await asyncio.sleep(0.01)


async def _groups(connection) -> list[list[str]]:
    residents = [
        row.record.resident_number
        async for row in register.current_rows(connection)
        if row.state == "resident" and row.record.name.furigana
    ]
    return [residents[first : first + BATCH] for first in range(0, len(residents), BATCH)]


async def _taken(centre) -> int:
    cursor = await centre.execute("SELECT coalesce(sum(seq), 0) FROM origin_mark")
    return int((await cursor.fetchone())[0])


async def _correct(office, connection, numbers) -> None:
    histories = await register.lock_histories(connection, numbers)
    changes = []
    for number in numbers:
        history = histories[number]
        record = history.rows[-1].record
        furigana = record.name.furigana
        furigana = furigana[:-1] if furigana.endswith("ー") else furigana + "ー"
        change = Change(
            reason=Reason.CORRECTED_EX_OFFICIO,
            date_of_change=TODAY,
            notified_on=None,
            recorded_at=office.clock(),
            record=replace(record, name=replace(record.name, furigana=furigana)),
        )
        changes.append((history.apply(change), change))
    await counter.record_changes(office, connection, changes)


def pgbench(nation: Nation, seconds: int) -> float:
    """Durable transactions a second, each one insert of as many bytes as a notice has."""
    url = nation.postgres.owner_url(CENTRE)
    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE juki_owner")
        connection.execute(
            "CREATE TABLE bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea)"
        )
    script = nation.home / "insert.sql"
    script.write_text("INSERT INTO bare (body) VALUES (decode(repeat('ab', 600), 'hex'));\n")
    command = [_binaries() / "pgbench", "-n", "-f", script, "-c", "8", "-j", "2", "-M", "prepared"]
    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE juki_owner")
        connection.execute("GRANT INSERT ON bare TO PUBLIC")
    done = subprocess.run([*command, "-T", str(seconds), url], capture_output=True, text=True, check=True)
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("tps")]
    return float(line.split()[2])


def run(seconds: int, residents: int, home: Path) -> dict[str, object]:
    """The figures, as one JSON object."""
    console = Console(stderr=True)
    with Progress(console) as progress, Nation(home, seed=7, progress=progress) as nation:
        asyncio.run(live(nation, residents))
        began = clock()
        with progress.stage(f"notices for {seconds} s"):
            asyncio.run(generate(nation, seconds))
        ended = clock()
        with psycopg.connect(nation.urls()[CENTRE]) as centre:
            query = "SELECT count(*) FROM record WHERE received_at BETWEEN %s AND %s"
            ((applied,),) = centre.execute(query, (began, ended)).fetchall()
        asyncio.run(settled(nation))
        latencies = agreement.latencies(nation.urls()[CENTRE], began)
        agreed = agreement.check(
            nation.urls(Kind.MUNICIPALITY), nation.urls(Kind.PREFECTURE), nation.urls()[CENTRE]
        )
        inserts = pgbench(nation, 10)
    took = (ended - began).total_seconds()
    return {
        "schema": "openjuki/bench-notices/1",
        "seconds": round(took, 1),
        "batch": BATCH,
        "under_way": UNDER_WAY,
        "applied_centre": applied,
        "notices_per_second": round(applied / took),
        "propagation_ms": {
            "p50": round(quantile(latencies, 0.5)),
            "p99": round(quantile(latencies, 0.99)),
        },
        "mismatches": agreed.mismatches,
        "duplicates": agreed.duplicates,
        "pgbench_inserts_per_second": round(inserts),
        "notices_per_insert": round(applied / took / inserts, 3),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--residents", type=int, default=20_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(run(arguments.seconds, arguments.residents, Path(folder) / "nation")))
