# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Online provision: REST gateway, network, decision, log and signatures, under wrk, beside a bare echo and pgbench.

    make bench-online
    .venv/bin/python benchmarks/online.py --persons 100000 --seconds 10

A nation stands whose Centre knows so many persons. 64 connections are kept alive by `wrk`, a compiled load
generator, and ask one agency's gateway, by individual number, each the next question as soon as it has its
answer: one person a request, then a hundred. An answer counts when the Centre's journal counts it, the
agency has checked the Centre's promise, and answer and promise are durable in its ledger. After each run the
books are asked: the Centre's journal must count as many questions as persons, and a sample must be matches.

Beside it, in the same run: a FastAPI that does nothing but read and write the same bodies, and `pgbench`,
a durable insert of a row of the journal's size. Generator, gateway, broker, nodes, signer and database share the
machine.
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
import time
import timeit
import urllib.error
import urllib.request
from dataclasses import replace
from itertools import batched
from pathlib import Path

import psycopg
from rich.console import Console
from rich.table import Table

import initial_load
from look_up import pgbench
from openjuki.config import CENTRE, clock
from openjuki.simulation import clerks
from openjuki.simulation.agencies import AGENCIES
from openjuki.simulation.launcher import Nation
from openjuki.simulation.nation_plan import NATION
from openjuki.simulation.progress import Progress
from openjuki.store.bulk import load

#: Who asks, and under which affair of table 1 (日本年金機構).
SYSTEM, AFFAIR = "kounen-sys", "state-115"
CONNECTIONS = 64
#: So many different bodies are asked in turn.
BODIES = 20_000
PATH = "/v1/provisions"

ECHO = """
import sys, orjson, uvicorn
from fastapi import FastAPI, Request, Response

app = FastAPI(openapi_url=None)

@app.post("/v1/provisions")
async def echo(request: Request) -> Response:
    return Response(orjson.dumps(orjson.loads(await request.body())), media_type="application/json")

uvicorn.run(app, port=int(sys.argv[1]), log_level="warning", access_log=False)
"""


def bodies(numbers: list[str], together: int, path: Path) -> Path:
    """Write the bodies of requests, one to a line, so many persons in each."""
    with path.open("w") as file:
        for place, some in enumerate(batched(numbers, together)):
            questions = [{"individual_number": number} for number in some]
            file.write(
                json.dumps({"affair": AFFAIR, "reason": f"案件{place}", "questions": questions}) + "\n"
            )
    return path


def wrk(url: str, file: Path, credential: str, seconds: int) -> dict[str, float]:
    """Drive one form of request for so long."""
    script = Path(__file__).with_name("online.lua")
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "30s", "-s", script, url]
    done = subprocess.run(
        [*command, "--", file, credential],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    try:
        return json.loads(done.stdout.strip().splitlines()[-1])
    except (IndexError, json.JSONDecodeError):
        raise SystemExit(f"wrk failed:\n{done.stdout}") from None


def post(url: str, body: str, credential: str) -> dict:
    """One request, for what wrk does not look at: the answer."""
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {credential}"}
    request = urllib.request.Request(url, body.encode(), headers)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def provided(url: str) -> int:
    """How many questions the Centre has answered, by its own journal."""
    # in one statement: between two the sequencer moves some from the one to the other
    counted = """
        SELECT coalesce(sum((row ->> 'questions')::bigint - (row ->> 'refused')::bigint), 0)::bigint
        FROM (
            SELECT convert_from(payload, 'UTF8')::jsonb AS row FROM (
                SELECT kind, payload FROM journal_pending UNION ALL SELECT kind, payload FROM journal
            ) AS rows
            WHERE kind = 'provision.envelope'
        ) AS envelopes
    """
    with psycopg.connect(url) as book:
        return book.execute(counted).fetchone()[0]


def measure(
    centre: str, url: str, file: Path, credential: str, together: int, seconds: int
) -> dict[str, object]:
    """One form of request: warm, then driven, then checked against the Centre's book."""
    wrk(url, file, credential, 2)
    before = provided(centre)
    seen = wrk(url, file, credential, seconds)
    time.sleep(1)  # what was under way when wrk stopped is answered to nobody
    rows = provided(centre) - before
    assert seen["refused"] == seen["broken"] == 0, seen
    assert rows >= seen["requests"] * together, "an answer without its row"
    with file.open() as lines:
        answers = [one for line in lines.readlines()[:5] for one in post(url, line, credential)["answers"]]
    assert all(
        one["result"] in {"matched", "died", "moved_out", "left_the_country", "removed"} for one in answers
    )
    return {"persons_per_second": round(seen["requests"] * together / seen["seconds"]), **seen}


def echo(home: Path, file: Path, seconds: int) -> dict[str, float]:
    """A FastAPI that answers with what it was sent, driven with the same bodies."""
    script = home / "echo.py"
    script.write_text(ECHO)
    port = "8999"
    with subprocess.Popen([sys.executable, script, port]) as server:
        try:
            _await(f"http://127.0.0.1:{port}/")
            return wrk(f"http://127.0.0.1:{port}{PATH}", file, "none", seconds)
        finally:
            server.terminate()


def _await(url: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url, timeout=5).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nobody answers at {url}")


def credential(nation: Nation) -> str:
    """The credential of the system of the agency's office."""
    secrets = asyncio.run(clerks.found(nation.settings, (), nation.agencies))
    return next(secret for (agency, system), secret in secrets.items() if system == SYSTEM)


def vouched(url: str, body: str, by: str) -> None:
    """Wait until the Centre's journal is signed and confirmed: before that it tells nothing."""
    deadline = time.monotonic() + 300
    while time.monotonic() < deadline:
        try:
            post(url, body, by)
        except urllib.error.HTTPError as error:
            if error.code != 503:
                raise SystemExit(f"{error.code}: {error.read().decode()}") from None
            time.sleep(1)
        else:
            return
    raise SystemExit("the Centre's journal is not vouched for")


def snapshot(nation: Nation) -> None:
    """Give the Centre the generation that it has had for long: the first one of a large book is made once in its life."""
    command = [Path(sys.executable).with_name("juki"), "snapshot", "build", "--node", CENTRE]
    config = nation.home / "openjuki.toml"
    subprocess.run([*command, "--config", config], check=True, stdout=subprocess.DEVNULL)


def run(persons: int, seconds: int, home: Path, progress: Progress) -> dict[str, object]:
    """Found the nation, fill the Centre, and measure."""
    everybody = initial_load.persons(persons)
    plan = [replace(prefecture, municipalities=prefecture.municipalities[:1]) for prefecture in NATION[:2]]
    agencies = AGENCIES[:1]
    nation = Nation(home, seed=7, progress=progress, plan=plan, agencies=agencies)
    with nation:
        with progress.stage(f"{persons:,} persons at the Centre"):
            load(nation.postgres.owner_url(CENTRE), everybody, at=clock(), number_key=initial_load.KEY)
        centre = nation.urls()[CENTRE]
        with psycopg.connect(nation.postgres.owner_url(CENTRE)) as book:
            book.autocommit = True
            book.execute("VACUUM ANALYZE")
            numbers = book.execute(
                "SELECT individual_number FROM number_succession ORDER BY md5(individual_number) LIMIT %s",
                [BODIES * 100],
            ).fetchall()
        with progress.stage("the Centre's snapshot"):
            snapshot(nation)
        asked = [number for (number,) in numbers]
        single = bodies(asked[:BODIES], 1, home / "single.jsonl")
        hundred = bodies(asked, 100, home / "hundred.jsonl")
        (gateway,) = nation.gateways().values()
        url = gateway.rstrip("/") + PATH
        by = credential(nation)
        vouched(url, single.read_text().splitlines()[0], by)
        result = {
            "single": measure(centre, url, single, by, 1, seconds),
            "hundred": measure(centre, url, hundred, by, 100, seconds),
            "echo": {name: echo(home, file, 5) for name, file in (("single", single), ("hundred", hundred))},
        }
        inserts = pgbench(nation.postgres, home, 5)
    return {**result, "pgbench": inserts}


def table(result: dict) -> Table:
    """For people, ratios first."""
    shown = Table(
        "online provision, 64 connections",
        "of the bare echo",
        "of pgbench's inserts",
        "persons/s",
        "p50",
        "p95",
    )
    inserts = result["pgbench"]["inserts"]
    for name, what in (("single", "1 person a request"), ("hundred", "100 persons a request")):
        one, bare = result[name], result["echo"][name]
        times = (f"{one['p50_ms']} ms", f"{one['p95_ms']} ms")
        requests, echoes = one["requests"] / one["seconds"], bare["requests"] / bare["seconds"]
        rate = one["persons_per_second"]
        shown.add_row(what, f"{requests / echoes:.2f}", f"{rate / inserts:.2f}", f"{rate:,}", *times)
    return shown


def step() -> float:
    """Nanoseconds for a step of a counting loop: how fast the processor is, and how well this Python was built."""
    number = 1_000_000
    return round(min(timeit.repeat("x += 1", "x = 0", number=number, repeat=5)) / number * 1e9, 1)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=20)
    arguments = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed: apt-get install wrk")
    before = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder, Progress(Console(stderr=True)) as progress:
        found = run(arguments.persons, arguments.seconds, Path(folder), progress)
    machine = {
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "load_before": round(before, 1),
        "python": platform.python_version(),
        "step_ns": step(),
    }
    found = {"schema": "openjuki/bench-online/1", "machine": machine, "persons": arguments.persons, **found}
    Console(stderr=True).print(table(found))
    print(json.dumps(found))
