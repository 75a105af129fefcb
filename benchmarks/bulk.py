# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Bulk provision: the engine with its log, by code and by four items; agency file to answer file; beside bare joins.

    make bench-bulk
    .venv/bin/python benchmarks/bulk.py --persons 1000000 --only engine limits

The engine answers a file of keys from a snapshot of so many persons, as `bulk_engine` says: what counts is done when
the log of every person is durable in PostgreSQL and the answer lies in a file. One key in a hundred leads to nobody. Beside
it, in the same run and with the same keys and persons: a join in DuckDB and one in PostgreSQL (`bulk_limits`). The
road (`bulk_road`) is a nation's: an agency's file of codes, through `juki provide`, to its file of answers.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from datetime import timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pyarrow as pa
from pyarrow import ipc
from rich.console import Console
from rich.table import Table

import bulk_limits
import people
from bulk_engine import NOW
from openjuki.config import Kind
from openjuki.simulation.progress import Progress
from openjuki.store import buckets
from openjuki.store.database import connect
from openjuki.store.embedded import EmbeddedPostgres
from openjuki.store.snapshot import Overlay, State
from openjuki.wire.bulk import KeyKind
from openjuki.wire.columns import KEY_SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openjuki.store.snapshot import Generation

#: Keys of a part: as many as askers have by themselves (`bulk_part_rows`).
PART = 1 << 18
#: Keys of a hundred that lead to nobody.
UNKNOWN = 1
#: What the nation provides in bulk in a year.
NATION_A_YEAR = 1_350_000_000
#: Every table that has a copy of somebody who was told about.
LOG = ("provision_part", "provision_part_erased", "provision_run", "provision_bucket", "provision_run_part")
#: Memory of one part is kept for the next, not handed back to the kernel: a fifth of the processor's time.
KEPT_MEMORY = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_MMAP_THRESHOLD_": "2000000000",
    "MALLOC_TRIM_THRESHOLD_": "4000000000",
}
SECTIONS = ("engine", "four", "limits", "road")


def codes(generation: Generation, keys: int, *, ascending: bool) -> Iterator[pa.RecordBatch]:
    """Codes of persons drawn by chance, some of nobody among them."""
    chance = np.random.default_rng(11)
    drawn = np.asarray(generation.codes)[chance.permutation(generation.rows)[:keys]]
    nobody = chance.random(len(drawn)) < UNKNOWN / 100
    drawn[nobody] = chance.integers(0, 10**11, int(nobody.sum()))
    if ascending:
        drawn.sort()
    for first in range(0, len(drawn), PART):
        yield pa.record_batch([drawn[first : first + PART]], names=["resident_code"])


def four_items(generation: Generation, keys: int) -> Iterator[pa.RecordBatch]:
    """Names, birth dates, sexes and addresses of persons drawn by chance, as they are recorded."""
    state = State(generation=generation, overlay=Overlay(), size=0, root=bytes(32), at=NOW)
    schema = KEY_SCHEMAS[KeyKind.FOUR_ITEMS]
    drawn = np.random.default_rng(12).permutation(generation.rows)[:keys]
    for first in range(0, len(drawn), PART):
        found = state.take(np.sort(drawn[first : first + PART]), schema.names)
        shuffled = np.random.default_rng(first).permutation(found.num_rows)
        yield found.take(shuffled).cast(schema).combine_chunks().to_batches()[0]


def written(path: Path, batches: Iterator[pa.RecordBatch]) -> Path:
    """A file of keys, a batch a part, that can be mapped."""
    first = next(batches)
    with ipc.new_file(path, first.schema) as file:
        file.write_batch(first)
        for batch in batches:
            file.write_batch(batch)
    return path


def engine(home: Path, generation: Generation, keys: Path, kind: KeyKind, url: str) -> dict[str, Any]:
    """The engine in a process of its own."""
    answers = home / "answers"
    answers.mkdir()
    command = [sys.executable, Path(__file__).with_name("bulk_engine.py"), "--generation", generation.path]
    command += ["--keys", keys, "--answers", answers, "--kind", kind.value, "--database", url]
    environment = {**os.environ, **KEPT_MEMORY}
    done = subprocess.run(
        list(map(str, command)), env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    shutil.rmtree(answers)
    return json.loads(done.stdout)


async def compacted(url: str) -> None:
    """What was logged is put into buckets, as the duty does it."""
    async with await connect(url) as book:
        later = NOW + timedelta(days=1)
        while await buckets.compact(book, later, os.urandom):
            await book.commit()
        await book.commit()


def log_size(url: str, owner_url: str) -> dict[str, float]:
    """Bytes of a provision on disk, every copy of it and all that belongs to it counted."""
    asyncio.run(compacted(url))
    with psycopg.connect(owner_url, autocommit=True) as book:
        book.execute("VACUUM")
        size = sum(book.execute("SELECT pg_total_relation_size(%s)", [table]).fetchone()[0] for table in LOG)
        (rows,) = book.execute("SELECT sum(rows) FROM provision_part").fetchone()
    return {"rows": int(rows), "bytes": size, "bytes_a_provision": round(size / int(rows), 2)}


def _made(folder: Path, persons: int) -> None:
    people.generation(folder, persons)


def run(home: Path, asked: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    """Make persons and keys, and measure each section."""
    found: dict[str, Any] = {}
    with progress.stage(f"{asked.persons:,} persons"):
        folder = asked.snapshot or home / "snapshot"
        with ProcessPoolExecutor(1, get_context("spawn")) as child:  # what it needs is not to be our memory
            child.submit(_made, folder, asked.persons).result()
        generation = people.generation(folder, asked.persons)
    server = EmbeddedPostgres(home / "postgres")
    server.start()
    try:
        url = server.create_database("centre", Kind.CENTRE)
        if {"engine", "limits"} & set(asked.only):
            ascending = written(home / "ascending.arrow", codes(generation, asked.keys, ascending=True))
            shuffled = written(home / "shuffled.arrow", codes(generation, asked.keys, ascending=False))
        if "engine" in asked.only:
            with progress.stage("engine, by code"):
                found["engine"] = engine(home, generation, ascending, KeyKind.RESIDENT_CODE, url)
                found["log"] = log_size(url, server.owner_url("centre"))
            with progress.stage("engine, by code in no order"):
                found["shuffled"] = engine(home, generation, shuffled, KeyKind.RESIDENT_CODE, url)
        if "four" in asked.only:
            with progress.stage("engine, by four items"):
                keys = written(home / "four.arrow", four_items(generation, asked.keys))
                found["four"] = engine(home, generation, keys, KeyKind.FOUR_ITEMS, url)
        if "limits" in asked.only:
            with progress.stage("limit: DuckDB"):
                found["duckdb"] = bulk_limits.of_duckdb(generation, shuffled, home)
            with progress.stage("limit: PostgreSQL"):
                owner = server.owner_url("centre")
                found["postgres"] = bulk_limits.of_postgres(owner, generation, shuffled, home)
    finally:
        server.stop()
    if "road" in asked.only:
        import bulk_road  # noqa: PLC0415 - a nation of processes is started only for it

        found["road"] = bulk_road.measure(home / "nation", generation, asked.road, progress)
    return found


TITLES = {
    "engine": "by code, in the order of codes",
    "shuffled": "by code, in no order",
    "four": "by four items",
    "road": "agency file to answer file",
    "duckdb": "limit: DuckDB, join alone",
    "postgres": "limit: PostgreSQL, COPY and join",
}


def table(found: dict[str, Any]) -> Table:
    """For people, ratios first."""
    shown = Table(
        "bulk provision",
        "of DuckDB's join",
        "of PostgreSQL's",
        "persons/s",
        "seconds",
        "anonymous",
        "the nation's year",
    )
    limits = [found.get(name, {}).get("per_second") for name in ("duckdb", "postgres")]
    for name, title in TITLES.items():
        if name not in found:
            continue
        one = found[name]
        rate = one["per_second"]
        ratios = ["" if limit is None else f"{rate / limit:.2f}" for limit in limits]
        memory = f"{one['anonymous_peak'] / 2**20:,.0f} MiB" if "anonymous_peak" in one else ""
        shown.add_row(
            title,
            *ratios,
            f"{rate:,}",
            f"{one['seconds']:.1f}",
            memory,
            f"{NATION_A_YEAR / rate / 3600:.1f} h",
        )
    if "log" in found:
        shown.caption = (
            f"log: {found['log']['bytes_a_provision']} bytes a provision on disk, every copy counted"
        )
    return shown


def main() -> None:
    """Measure, and print a table and one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=10_000_000)
    parser.add_argument("--keys", type=int, default=None, help="as many as persons where it is not said")
    parser.add_argument(
        "--road", type=int, default=10_000_000, help="keys that go over the network; at most one a person"
    )
    parser.add_argument(
        "--snapshot", type=Path, default=None, help="a folder that keeps the persons between runs"
    )
    parser.add_argument("--only", nargs="+", choices=SECTIONS, default=SECTIONS)
    parser.add_argument("--json", action="store_true", help="no table")
    asked = parser.parse_args()
    asked.keys = asked.keys or asked.persons
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, Progress(Console(stderr=True)) as progress:
        found = run(Path(folder), asked, progress)
    if not asked.json:
        Console(stderr=True, width=120).print(table(found))
    machine = {"processor": platform.machine(), "cores": os.cpu_count(), "load_before": round(before, 1)}
    year = {name: round(NATION_A_YEAR / found[name]["per_second"]) for name in TITLES if name in found}
    figures = {"machine": machine, "persons": asked.persons, **found, "nation_year_seconds": year}
    print(json.dumps({"schema": "openjuki/bench-bulk/1", **figures}))


if __name__ == "__main__":
    main()
