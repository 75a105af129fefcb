# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Import of a register by ``juki import``, killed twice on the way, with planted bad rows, beside a bare COPY.

    .venv/bin/python benchmarks/import_register.py --rows 1000000

prints one JSON object. The register is made beforehand; the clock runs from the first start of the command to
the end of the last, starts included. The peak is the greatest resident set of any of the runs, as the kernel
counts it. What must hold is asserted: every good row stands once, every bad row is reported once.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import psycopg

from openjuki.codes.individual import IndividualNumber
from openjuki.codes.local_government import municipality
from openjuki.codes.resident import ResidentCode
from openjuki.config import CENTRE, Kind, clock
from openjuki.simulation.founding import PlannedNode, found, write_settings
from openjuki.simulation.people import people
from openjuki.store.embedded import EmbeddedPostgres

#: 静岡市, which is a little smaller than the register.
TOWN, PREFECTURE = "221007", "220001"
TODAY = date(2026, 4, 1)
_JUKI = (sys.executable, "-c", "from openjuki.cli import main; main()")


def register(count: int, path: Path, seed: int = 7) -> None:
    """A register of fictitious persons, every one with a code and a number."""
    residents = pl.from_arrow(people(seed, TOWN, count, on=TODAY))
    draw = np.random.default_rng(seed)
    codes = draw.permutation(np.unique(draw.integers(0, 10**10, 2 * count)))[:count].tolist()
    numbers = draw.permutation(np.unique(draw.integers(0, 10**11, 2 * count)))[:count].tolist()
    residents.insert_column(
        1, pl.Series("resident_code", [ResidentCode.from_body(f"{c:010d}") for c in codes])
    )
    residents.insert_column(
        2, pl.Series("individual_number", [IndividualNumber.from_body(f"{n:011d}") for n in numbers])
    )
    residents.write_csv(path)


def spoil(path: Path, count: int, seed: int = 7) -> set[int]:
    """Make so many rows of a register bad, each in one of five ways; returns their numbers."""
    lines = path.read_bytes().split(b"\n")
    rows = sorted(random.Random(seed).sample(range(3, len(lines) - 2, 2), count))
    for place, row in enumerate(rows):
        cells = lines[row].split(b",")
        match place % 5:
            case 0:  # a wrong check digit
                cells[1] = cells[1][:-1] + str((int(cells[1][-1:]) + 1) % 10).encode()
            case 1:  # a number that an earlier row has
                cells[0] = lines[row - 1].split(b",")[0]
            case 2:  # a comma too few
                cells.pop()
            case 3:  # a byte that no UTF-8 has
                cells[3] = b"\xff" + cells[3]
            case 4:  # no day of birth
                cells[10] = b"x"
        lines[row] = b",".join(cells)
    path.write_bytes(b"\n".join(lines))
    return {row + 1 for row in rows}


def install(home: Path, server: EmbeddedPostgres) -> None:
    """An installation with one town."""
    names = (
        (CENTRE, Kind.CENTRE, None),
        (PREFECTURE, Kind.PREFECTURE, None),
        (TOWN, Kind.MUNICIPALITY, PREFECTURE),
    )
    nodes = [
        PlannedNode(
            id=node, kind=kind, name=node if node == CENTRE else municipality(node).name, prefecture=above
        )
        for node, kind, above in names
    ]
    found(home, nodes, seed=7, at=clock())
    databases = {node.id: server.create_database(node.id, node.kind) for node in nodes}
    write_settings(home, nodes, "tls://127.0.0.1:4300", databases)


def run_once(home: Path, file: Path, kill_at: int | None, standing) -> tuple[int, int, str]:
    """Run the command, and kill it once so many residents stand: exit code, peak in KiB, what it printed."""
    command = [*_JUKI, "import", "--json", "--node", TOWN, "--config", home / "openjuki.toml", file]
    peak = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        while process.poll() is None:
            peak = max(peak, high_water_mark(process.pid))
            if kill_at is not None and standing() >= kill_at:
                process.kill()
            time.sleep(0.1)
        return process.returncode, peak, process.stdout.read().decode()


def high_water_mark(pid: int) -> int:
    """The greatest resident set of a process so far, in KiB; what `wait` tells counts its parent's in."""
    found = re.search(r"^VmHWM:\s+(\d+) kB$", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) if found else 0


def cpu_seconds() -> float:
    """What the processor has spent on commands of ours that have ended; the database's work is not in it."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def bare_copy(url: str) -> float:
    """Rows a second of COPY alone: the same rows, as they came out of the register, into a table without keys."""
    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE juki_owner; CREATE TABLE bare (LIKE resident_record)")
        with connection.cursor().copy(
            "COPY (SELECT * FROM resident_record LIMIT 100000) TO STDOUT (FORMAT BINARY)"
        ) as copy:
            rows = [bytes(block) for block in copy]
        started = time.perf_counter()
        with connection.cursor() as cursor:
            with cursor.copy("COPY bare FROM STDIN (FORMAT BINARY)") as copy:
                for block in rows:
                    copy.write(block)
            copied = cursor.rowcount
        connection.commit()
        return copied / (time.perf_counter() - started)


def check(url: str, file: Path, rows: int, bad: set[int]) -> None:
    """Every good row stands once, and every bad one is reported once."""
    with psycopg.connect(url) as connection:
        for table in ("resident", "resident_record"):
            ((stand,),) = connection.execute(f"SELECT count(*) FROM {table}").fetchall()
            assert stand == rows - len(bad), (table, stand)
        query = "SELECT count(*) FROM journal_pending WHERE kind = 'notice.issued'"
        ((notices,),) = connection.execute(query).fetchall()
        assert notices == rows - len(bad), notices
    with file.with_name(f"{file.name}.report.csv").open(encoding="utf-8-sig", newline="") as report:
        reported = Counter(int(row["row"]) for row in csv.DictReader(report) if row["kind"] != "alert")
    assert reported == dict.fromkeys(bad, 1), len(reported)


def run(rows: int, kills: int, home: Path) -> dict[str, object]:
    """The figures, as one JSON object."""
    file = home / "register.csv"
    register(rows, file)
    bad = spoil(file, max(1, rows // 1000))
    server = EmbeddedPostgres(home)
    server.start()
    try:
        install(home, server)
        url = server.owner_url(TOWN)
        with psycopg.connect(url, autocommit=True) as watch:

            def standing() -> int:
                return watch.execute("SELECT coalesce(sum(entered), 0) FROM import_chunk").fetchone()[0]

            os.sync()
            before, started = cpu_seconds(), time.perf_counter()
            runs = [
                run_once(home, file, (rows * (turn + 1)) // (kills + 1) if turn < kills else None, standing)
                for turn in range(kills + 1)
            ]
            seconds, used = time.perf_counter() - started, cpu_seconds() - before
        assert [code for code, _, _ in runs] == [*(-signal.SIGKILL,) * kills, 3], runs
        report = json.loads(runs[-1][2])
        check(url, file, rows, bad)
        bare = bare_copy(url)
    finally:
        server.stop()
    return {
        "schema": "openjuki/bench-import/1",
        "rows": report["rows"],
        "accepted": report["accepted"],
        "bad_rows": len(bad),
        "reported_once": report["rejected"],
        "kills": kills,
        "seconds": round(seconds, 1),
        "cpu_seconds": round(used, 1),
        "rows_per_second": round(rows / seconds),
        "peak_memory_mib": round(max(peak for _, peak, _ in runs) / 1024),
        "bare_copy_rows_per_second": round(bare),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--kills", type=int, default=2)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(run(arguments.rows, arguments.kills, Path(folder))))
