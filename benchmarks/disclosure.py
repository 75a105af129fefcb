# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who received my data: a person's lines out of a hundred million rows of the bulk log, a proof beside each, fsync on.

    make bench-disclosure
    .venv/bin/python benchmarks/disclosure.py --rows 2000000 --persons 200000 --json

The log is made as the Centre makes it: parts of 1,048,576 rows with salted leaves, each committed with its row in the
journal, and compacted by the duty's own steps until nothing is left to do. The journal has so many other rows besides.
Then one caller asks about persons drawn by chance, one in twenty of whom had another code before, and is given all lines and all
proofs; some of them are verified with nothing but the log's key. Beside it: the same lines found without the index.
Caller and database share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import platform
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from openjuki.config import JST, Kind
from openjuki.law.basis import Method
from openjuki.pki.keys import SigningKey
from openjuki.residents.look_up.result import Result
from openjuki.store import buckets, checkpoints, journal, parts
from openjuki.store.buckets.runs import runs
from openjuki.store.checkpoints import Signed, Tile
from openjuki.store.database import connect
from openjuki.store.embedded import EmbeddedPostgres
from openjuki.store.parts import reading
from openjuki.store.sequencer import sequence
from openjuki.store.verification.trust import Trust
from openjuki.wire import provided
from openjuki.wire.bulk import RESULT_BYTES, StateAt
from openjuki.wire.checkpoint import Checkpoint, origin, sign_checkpoint
from openjuki.wire.merkle import Tree, leaf_hash
from openjuki.wire.note import SignatureType, Verifier
from openjuki.wire.part import Carried, Part
from openjuki.wire.tiles import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from openjuki.store.database import Connection
    from openjuki.store.parts import Written

NOW = datetime(2026, 11, 22, 9, tzinfo=JST)
PART = 1 << 20
NAME = origin("bench", "centre")
#: Everything that the log of bulk provisions takes on the disk.
TABLES = (
    "provision_part",
    "provision_part_erased",
    "provision_run",
    "provision_run_part",
    "provision_bucket",
)
AIM_MS, AIM_BUILD_S = 200.0, 180.0


def written(persons: np.ndarray, amount: int, number: int) -> Written:
    """A part as the engine hands it over: an agency's, for an affair of several; about whoever it happens to be."""
    chance = np.random.default_rng((11, number))
    codes = persons[chance.random(len(persons), np.float32) < amount / len(persons)][:PART]
    part = Part(
        request=hashlib.sha256(b"%d" % (number // 32)).hexdigest()[:32],
        number=number % 32,
        asker=f"agency-{number % 7}",
        through=None,
        affair=f"state-{100 + number % 11}",
        office="benefits",
        operator="system:1",
        terminal="system:1",
        method=Method.BULK,
        reason=hashlib.sha256(b"yearly").digest(),
        key="resident_code",
        bases=(Carried("法30条の9・別表第1の77の2の項", ("name", "address", "birth_date")),),
        retention="provision",
        state=StateAt(1_000_000, bytes(32), NOW),
        at=NOW + timedelta(seconds=number),
        results={Result.MATCHED: len(codes), Result.NONE: PART - len(codes)},
    )
    told = np.full(len(codes), RESULT_BYTES[Result.MATCHED], np.uint8)
    return parts.write(part, codes, told, np.zeros(len(codes), np.uint8), os.urandom)


async def provide(book: Connection, persons: np.ndarray, rows: int) -> None:
    """Write parts on two threads, and commit each with its row in the journal."""
    most = min(PART, len(persons))
    with ThreadPoolExecutor(2) as threads:
        loop, coming = asyncio.get_running_loop(), []
        for number, begin in enumerate(range(0, rows, most)):
            amount = min(most, rows - begin)
            coming.append(loop.run_in_executor(threads, written, persons, amount, number))
            if len(coming) > 2:
                await _keep(book, await coming.pop(0))
        for part in coming:
            await _keep(book, await part)


async def _keep(book: Connection, part: Written) -> None:
    await parts.keep(book, part)
    await book.commit()


async def compact(book: Connection) -> int:
    """Compact as the duty does; how many steps that took."""
    steps = 0
    while await buckets.compact(book, NOW + timedelta(days=1), os.urandom):
        await book.commit()
        steps += 1
    await book.commit()
    return steps


async def fill(book: Connection, rows: int) -> None:
    """Other rows of the journal, as a day's envelopes of questions leave them."""
    entries = [
        journal.Entry(
            kind=provided.ENVELOPE, recorded_at=NOW, payload=envelope(row).to_bytes(), salt=os.urandom(32)
        )
        for row in range(rows)
    ]
    await journal.append(book, entries)
    await book.commit()


def envelope(number: int) -> provided.Envelope:
    """What the journal says of an envelope."""
    carried = provided.Carried("agency-nenkin", f"{number:032x}", None)
    return provided.Envelope(carried, NOW, 20, 0, hashlib.sha256(carried.envelope.encode()).digest())


async def sign(owner_url: str, key: SigningKey) -> int:
    """Sequence what waits, write the tiles and sign the whole; the size of the journal."""
    async with await connect(owner_url) as book:
        while (await sequence(book)).count:
            await book.commit()
        leaves = [leaf async for (leaf,) in await book.execute("SELECT leaf FROM journal ORDER BY index")]
        hashes = [leaf_hash(leaf) for leaf in leaves]
        checkpoint = Checkpoint(origin=NAME, size=len(hashes), root=Tree.EMPTY.append(hashes).root)
        await checkpoints.put_tiles(book, list(_tiles(hashes)))
        signed = Signed(
            size=len(hashes), root=checkpoint.root, note=sign_checkpoint(checkpoint, key), signed_at=NOW
        )
        await checkpoints.publish(book, signed)
    return len(hashes)


def _tiles(hashes: list[bytes]) -> Iterator[Tile]:
    level = 0
    while len(hashes) >= WIDTH:
        above = []
        for index in range(len(hashes) // WIDTH):
            some = hashes[index * WIDTH : (index + 1) * WIDTH]
            above.append(Tree.EMPTY.append(some).root)
            yield Tile(level, index, b"".join(some), above[-1])
        level, hashes = level + 1, above


class Asked(NamedTuple):
    """What asking about one person took."""

    lines: int
    find_ms: float
    whole_ms: float


async def ask(book: Connection, trust: Trust, codes: Sequence[int], keys: Sequence[Verifier] = ()) -> Asked:
    """All lines about a person: found, read, and proved."""
    begun = time.perf_counter()
    lines = await buckets.lines(book, codes)
    found = time.perf_counter()
    places = [(line.part, line.row) for line in lines]
    await parts.read(book, {line.part for line in lines})
    proofs = await parts.proofs(book, trust, places)
    done = time.perf_counter()
    for line, proof in zip(lines, proofs, strict=True):
        assert int(proof.row.code) == line.code
        if keys:
            proof.verify(keys)
    return Asked(len(lines), 1000 * (found - begun), 1000 * (done - begun))


async def without_index(book: Connection, codes: Sequence[int]) -> float:
    """Milliseconds to find the same lines by looking through every part."""
    every = [number for (number,) in await (await book.execute("SELECT part FROM provision_part")).fetchall()]
    begun = time.perf_counter()
    await reading.find(book, every, codes)
    return 1000 * (time.perf_counter() - begun)


def of_persons(persons: np.ndarray, count: int) -> list[list[int]]:
    """The codes of persons drawn by chance; one in twenty had another before."""
    chance = np.random.default_rng(13)
    return [
        chance.choice(persons, 2 if number % 20 == 0 else 1, replace=False).tolist()
        for number in range(count)
    ]


def quantile(values: Sequence[float], part: float) -> float:
    """The value that this part of all values does not exceed."""
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(part * len(ordered)))], 2)


def spread(values: Sequence[float]) -> dict[str, float]:
    """Quantiles of milliseconds."""
    return {"p50": quantile(values, 0.5), "p95": quantile(values, 0.95), "p99": quantile(values, 0.99)}


async def sizes(book: Connection) -> dict[str, int]:
    """Bytes on the disk by table, with everything that belongs to it."""
    cursor = await book.execute(
        "SELECT name, pg_total_relation_size(name::regclass) FROM unnest(%s::text[]) AS name", [list(TABLES)]
    )
    return dict(await cursor.fetchall())


async def build(url: str, owner_url: str, key: SigningKey, given: argparse.Namespace) -> dict[str, Any]:
    """Make the log and its index; how long each took."""
    chance, took, begun = np.random.default_rng(7), {}, time.perf_counter()
    persons = np.unique(chance.integers(10**9, 10**11, given.persons))
    async with await connect(url) as book:
        await fill(book, given.journal)
        took["journal"] = time.perf_counter() - begun
        await provide(book, persons, given.rows)
        took["parts"] = time.perf_counter() - begun - took["journal"]
        steps = await compact(book)
        took["index"] = time.perf_counter() - begun - sum(took.values())
    size = await sign(owner_url, key)
    took["sign"] = time.perf_counter() - begun - sum(took.values())
    rounded = {name: round(seconds, 1) for name, seconds in took.items()}
    return {
        "persons": persons,
        "steps": steps,
        "journal": size,
        "build_s": rounded | {"all": round(sum(took.values()), 1)},
    }


async def measure(url: str, owner_url: str, given: argparse.Namespace) -> dict[str, Any]:
    """Build, then ask."""
    key = SigningKey.generate()
    keys = (Verifier(name=NAME, key=key.public, kind=SignatureType.ED25519),)
    trust = Trust(log=keys, witnesses=())
    built = await build(url, owner_url, key, given)
    persons = built.pop("persons")
    async with await connect(url) as book:
        asked = of_persons(persons, given.questions)
        for codes in asked[:20]:
            await ask(book, trust, codes, keys)
        found = [await ask(book, trust, codes) for codes in asked[20:]]
        beside = [await without_index(book, codes) for codes in asked[:5]]
        (rows,) = await (await book.execute("SELECT sum(rows) FROM provision_part")).fetchone() or (0,)
        disk, made = await sizes(book), await runs(book)
    return {
        "rows": int(rows),
        "persons": len(persons),
        **built,
        "runs": [run.entries for run in made],
        "bytes_a_row": {name: round(size / int(rows), 2) for name, size in disk.items()}
        | {"all": round(sum(disk.values()) / int(rows), 2)},
        "questions": len(found),
        "lines_a_person": round(sum(one.lines for one in found) / len(found), 1),
        "most_lines": max(one.lines for one in found),
        "find_ms": spread([one.find_ms for one in found]),
        "with_proofs_ms": spread([one.whole_ms for one in found]),
        "without_index_find_ms": spread(beside),
    }


def show(found: dict[str, Any]) -> None:
    """As a table, on standard error."""
    table = Table(
        title=f"{found['rows']:,} rows of the log, {found['lines_a_person']} lines a person",
        title_justify="left",
    )
    for heading in ("", "p50", "p95", "p99", "aim"):
        table.add_column(heading, justify="left" if not heading else "right")
    for title, name, aim in (
        ("lines found (ms)", "find_ms", ""),
        ("lines, what each says, proofs (ms)", "with_proofs_ms", f"p95 < {AIM_MS:.0f}"),
        ("beside: found without the index (ms)", "without_index_find_ms", ""),
    ):
        table.add_row(title, *(f"{found[name][one]:,.1f}" for one in ("p50", "p95", "p99")), aim)
    screen = Console(stderr=True, highlight=False)
    screen.print(table)
    took = ", ".join(f"{name} {seconds} s" for name, seconds in found["build_s"].items())
    screen.print(
        f"built: {took} (aim: < {AIM_BUILD_S:.0f} s); on the disk {found['bytes_a_row']['all']} bytes a row"
    )


def main() -> None:
    """Measure, and print table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=100_000_000)
    parser.add_argument("--persons", type=int, default=10_000_000)
    parser.add_argument("--journal", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=1_000)
    parser.add_argument("--json", action="store_true", help="no table")
    given = parser.parse_args()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder))
        server.start()
        try:
            url = server.create_database("centre", Kind.CENTRE)
            found = asyncio.run(measure(url, server.owner_url("centre"), given))
        finally:
            server.stop()
    if not given.json:
        show(found)
    machine = {"processor": platform.machine(), "cores": os.cpu_count(), "load_before": round(load, 1)}
    print(json.dumps({"schema": "openjuki/bench-disclosure/1", "machine": machine, **found}))


if __name__ == "__main__":
    main()
