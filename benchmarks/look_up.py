# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Look-ups, fsync on: in a town's own book, and at the Centre over the network, beside pgbench on the same server.

    make bench-look-up
    .venv/bin/python benchmarks/look_up.py --persons 100000 --seconds 5 --json

So many callers ask, each the next question as soon as it has its answer. In the own book every question is
decided by the statute book, answered from the register, and in the journal when the answer comes; the
sequencer works beside, in the same process, as in a node. Over the network the questions go from a town through
its prefecture to the Centre, in envelopes, and the town keeps the Centre's promise before it shows anything. What is counted is answers. Callers, nodes, broker and databases share the
machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import tempfile
import time
from datetime import date, datetime, timedelta
from itertools import count
from pathlib import Path

import numpy as np
import polars as pl
import psycopg
from rich.console import Console
from rich.table import Table

import initial_load
from openjuki.codes.individual import IndividualNumber
from openjuki.codes.resident import ResidentCode
from openjuki.config import CENTRE, JST, Kind, NodeSettings, Register, clock
from openjuki.errors import Unavailable
from openjuki.nodes import asking
from openjuki.nodes.node import Office, opened
from openjuki.nodes.provision import REGISTER_WORK, Asked, Desk
from openjuki.residents.look_up import LookUp, Result
from openjuki.residents.search import kana_key_series, variant_key_series
from openjuki.simulation.launcher import Nation
from openjuki.simulation.people import people
from openjuki.simulation.progress import Progress
from openjuki.simulation.report import quantile
from openjuki.store import offices, sequencer
from openjuki.store.bulk import load
from openjuki.store.database import pool
from openjuki.store.embedded import EmbeddedPostgres, _binaries
from openjuki.wire.directory import Directory, Node

TOWN, PREFECTURE = "131016", "130001"
TODAY = date(2026, 4, 1)
NOW = datetime(2026, 4, 1, 9, tzinfo=JST)
CALLERS = 64
#: Operators of the town, each at a terminal of their own.
OPERATORS = 16


def residents(persons: int, seed: int = 7) -> pl.DataFrame:
    """Fictitious residents with codes and numbers, as the register keeps them."""
    everybody = pl.from_arrow(people(seed, TOWN, persons, on=TODAY))
    chance = np.random.default_rng(seed)
    bodies = chance.permutation(np.unique(chance.integers(0, 10**10, 2 * persons)))[:persons].tolist()
    exact = pl.col("birth_date").str.to_date("%Y-%m-%d", strict=False).fill_null(date(1900, 1, 1))
    return everybody.with_columns(
        pl.lit(1).alias("history_number"),
        pl.lit(1).alias("stay"),
        pl.lit(1).alias("version"),
        pl.lit("A06").alias("reason"),
        pl.lit("記載").alias("action"),
        pl.lit("resident").alias("state"),
        pl.lit(TODAY.isoformat()).alias("date_of_change"),
        pl.lit(NOW.isoformat()).alias("recorded_at"),
        pl.Series("resident_code", [ResidentCode.from_body(f"{body:010d}") for body in bodies]),
        pl.Series("individual_number", [IndividualNumber.from_body(f"1{body:010d}") for body in bodies]),
        pl.col("block").fill_null(""),
        pl.col("building").fill_null(""),
        exact.alias("born_on"),
        variant_key_series(everybody["name"]).alias("name_key"),
        kana_key_series(everybody["furigana"]).alias("kana_key"),
    )


RECORD = (
    "resident_number, history_number, stay, version, reason, action, state, date_of_change, recorded_at, "
    "resident_code, individual_number, name, furigana, alias, birth_date, sex, municipality, town, block, building, "
    "household_number, relationship, registered_domicile, head_of_koseki, became_resident_on, nationality"
)
RESIDENT = (
    "resident_number, history_number, state, resident_code, individual_number, household_number, birth_date, "
    "name_key, kana_key"
)


def fill(url: str, everybody: pl.DataFrame) -> None:
    """Put the residents into a fresh register."""
    pointers = everybody.with_columns(birth_date=pl.col("born_on"))
    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE juki_owner")
        for table, columns, frame in (
            ("resident_record", RECORD, everybody),
            ("resident", RESIDENT, pointers),
        ):
            # an empty text is a text here, and nothing is nothing
            body = frame.select(columns.split(", ")).write_csv(
                include_header=False, null_value="\\N", quote_style="non_numeric"
            )
            statement = f"COPY {table} ({columns}) FROM STDIN (FORMAT CSV, NULL '\\N')"
            with connection.cursor() as cursor, cursor.copy(statement) as copy:
                copy.write(body)
        connection.commit()
        connection.autocommit = True
        connection.execute("VACUUM ANALYZE resident, resident_record")


def questions(everybody: pl.DataFrame, form: str, seed: int) -> list[LookUp]:
    """Questions about residents at random, each about somebody else."""
    sample = everybody.sample(min(len(everybody), 100_000), seed=seed, shuffle=True)
    columns = {"code": ["resident_code"], "birth": ["name", "birth_date"], "address": ["name", "address"]}
    if form == "address":
        sample = sample.with_columns(address=pl.col("town") + pl.col("block"))
    return [LookUp.from_dict(row) for row in sample.select(columns[form]).to_dicts()]


def directory() -> Directory:
    """A directory with the town and its prefecture; over the own book nobody signs anything."""
    nodes = [
        Node(id=PREFECTURE, kind=Kind.PREFECTURE, name="東京都", signing=(), sealing=()),
        Node(id=TOWN, kind=Kind.MUNICIPALITY, name="千代田区", prefecture=PREFECTURE, signing=(), sealing=()),
    ]
    return Directory.of("bench", nodes, issued=clock(), expires=clock() + timedelta(days=1))


async def found(office: Office) -> list[tuple[str, str]]:
    """An office with its operators and terminals, which holds the affair."""

    async def work(connection) -> None:
        since = office.clock()
        await offices.add_office(connection, offices.Office(id="counter", name="住民窓口"), since)
        await offices.grant_affair(connection, "counter", REGISTER_WORK, since)
        for number in range(OPERATORS):
            operator = offices.Operator(id=f"op{number}", office="counter", name="係員", since=since)
            await offices.add_operator(connection, operator)
            terminal = offices.Terminal(id=f"t{number}", office="counter", since=since)
            await offices.add_terminal(connection, terminal)

    await office.read(work)
    return [(f"op{number}", f"t{number}") for number in range(OPERATORS)]


async def ask(
    look_up, asked: list[LookUp], seconds: float, operators: list[tuple[str, str]]
) -> dict[str, object]:
    """Ask for so long; how many answers came, and what they said."""
    results, waits, numbers = dict.fromkeys(Result, 0), [], count()
    until = time.perf_counter() + seconds

    async def call(caller: int) -> None:
        operator, terminal = operators[caller % len(operators)]
        while (began := time.perf_counter()) < until:
            question = asked[next(numbers) % len(asked)]
            one = Asked(question=question, operator=operator, terminal=terminal, reason=f"窓口 {caller}")
            results[(await look_up(one)).result] += 1
            waits.append(time.perf_counter() - began)

    began, used = time.perf_counter(), time.process_time()
    await asyncio.gather(*map(call, range(CALLERS)))
    took = time.perf_counter() - began
    return {
        "per_second": round(len(waits) / took),
        "p50_ms": round(1000 * quantile(waits, 0.5), 1),
        "p99_ms": round(1000 * quantile(waits, 0.99), 1),
        "asker_cpu_us": round(1e6 * (time.process_time() - used) / len(waits)),
        "results": {result.value: number for result, number in results.items() if number},
    }


async def own_book(url: str, home: Path, everybody: pl.DataFrame, seconds: float) -> dict[str, object]:
    """Look-ups in the town's own book, by each of the lawful keys."""
    settings = NodeSettings(
        id=TOWN, kind=Kind.MUNICIPALITY, register=Register.OWN, database_url=url, identity=home
    )
    async with pool(url) as book:
        office = Office(settings=settings, identity=None, directory=directory(), pool=book, published=home)
        operators = await found(office)
        sequencing = asyncio.create_task(_sequencing(office))
        desk, figures = Desk(office), {}
        for form in ("code", "birth", "address"):
            await ask(desk.look_up, questions(everybody, form, 1), 1, operators)
            figures[form] = await ask(desk.look_up, questions(everybody, form, 2), seconds, operators)
        while await office.read(sequencer.waits):  # noqa: ASYNC110 - the book says so, no event does
            await asyncio.sleep(0.05)
        sequencing.cancel()
        await asyncio.gather(sequencing, return_exceptions=True)
        tree = await office.read(sequencer.read_tree)
    answers = sum(sum(figure["results"].values()) for figure in figures.values())
    assert tree.size >= answers, "an answer without its row"
    return figures


async def _sequencing(office: Office) -> None:
    while True:
        if not (await office.read(sequencer.sequence)).count:
            office.written.clear()
            await office.written.wait()


def pgbench(server: EmbeddedPostgres, home: Path, seconds: int) -> dict[str, int]:
    """The server alone: a read of one record, and a durable insert of one row of the journal's size, 8 clients each."""
    url = server.owner_url(TOWN)
    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE juki_owner")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS bare (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body bytea)"
        )
        connection.execute("GRANT INSERT ON bare TO PUBLIC")
    scripts = {
        "reads": "\\set n random(1, 9999999999)\n"
        "SELECT * FROM resident JOIN resident_record USING (resident_number, history_number) "
        "WHERE resident.resident_code >= lpad(:n::text, 11, '0') ORDER BY resident.resident_code LIMIT 1;\n",
        "inserts": "INSERT INTO bare (body) VALUES (decode(repeat('ab', 600), 'hex'));\n",
    }
    figures = {}
    for name, text in scripts.items():
        script = home / f"{name}.sql"
        script.write_text(text)
        command = [_binaries() / "pgbench", "-n", "-f", script, "-c", "8", "-j", "2", "-M", "prepared"]
        done = subprocess.run([*command, "-T", str(seconds), url], capture_output=True, text=True, check=True)
        (line,) = [line for line in done.stdout.splitlines() if line.startswith("tps")]
        figures[name] = round(float(line.split()[2]))
    return figures


async def at_the_centre(nation: Nation, people_: list[dict], seconds: float) -> dict[str, object]:
    """Look-ups from a town, through its prefecture, at the Centre."""
    async with opened(nation.settings, TOWN) as town:
        operators = await found(town)
        look_up, figures = beyond(asking.Asking(town)), {}
        for form, items in (("code", ["resident_code"]), ("birth", ["name", "birth_date"])):
            asked = [LookUp.from_dict({item: str(one[item]) for item in items}) for one in people_]
            await _vouched(look_up, asked[0], operators[0])
            figures[form] = await ask(look_up, asked, seconds, operators)
    return figures


def beyond(place: asking.Asking):
    """Asks others as the own book is asked: one question, one answer."""

    async def look_up(one: Asked):
        by = asking.AtTerminal(one.operator, one.terminal)
        request = asking.Asked(by=by, affair=one.affair, reason=one.reason, questions=(one.question,))
        (answer,) = (await place.ask(request)).answers
        return answer

    return look_up


async def _vouched(look_up, question: LookUp, by: tuple[str, str]) -> None:
    """Wait until the Centre's journal is signed and confirmed: before that it tells nothing."""
    operator, terminal = by
    deadline = time.monotonic() + 300
    while True:
        try:
            await look_up(Asked(question=question, operator=operator, terminal=terminal, reason="窓口"))
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(1)
        else:
            return


def town(persons: int, seconds: int, home: Path) -> dict[str, object]:
    """The own book: look-ups, and pgbench on the same server before and after."""
    home.mkdir(parents=True)
    everybody = residents(persons)
    server = EmbeddedPostgres(home)
    server.start()
    try:
        url = server.create_database(TOWN, Kind.MUNICIPALITY)
        fill(server.owner_url(TOWN), everybody)
        os.sync()
        before = pgbench(server, home, 5)
        figures = asyncio.run(own_book(url, home, everybody, seconds))
        after = pgbench(server, home, 5)
    finally:
        server.stop()
    return {**figures, "pgbench": {name: round((before[name] + after[name]) / 2) for name in before}}


def centre(persons: int, seconds: int, home: Path) -> dict[str, object]:
    """A nation whose Centre knows so many persons."""
    everybody = initial_load.persons(persons)
    sample = everybody.select(["resident_code", "name", "birth_date"]).slice(0, 50_000).to_pylist()
    with Progress(Console(stderr=True)) as progress, Nation(home, seed=7, progress=progress) as nation:
        with progress.stage(f"{persons:,} persons at the Centre"):
            load(nation.postgres.owner_url(CENTRE), everybody, at=clock(), number_key=None)
        return asyncio.run(at_the_centre(nation, sample, seconds))


def table(result: dict) -> Table:
    """For people, ratios first."""
    own, far = result["own_book"], result["centre"]
    reads, inserts = own["pgbench"]["reads"], own["pgbench"]["inserts"]
    shown = Table("look-ups, 64 callers", "beside pgbench", "answers/s", "p50", "p99")
    words = {"code": "by code", "birth": "by name and birth date", "address": "by name and address"}
    for place, figures in (("own book", own), ("at the Centre", far)):
        for form, what in words.items():
            if form in figures:
                one = figures[form]
                ratio = f"{one['per_second'] / inserts:.2f} of its durable inserts"
                shown.add_row(
                    f"{place}, {what}",
                    ratio,
                    f"{one['per_second']:,}",
                    f"{one['p50_ms']} ms",
                    f"{one['p99_ms']} ms",
                )
    shown.add_row("pgbench, 8 clients", "", f"{inserts:,} durable inserts, {reads:,} reads", "", "")
    return shown


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = {
        "schema": "openjuki/bench-look-up/1",
        "persons": arguments.persons,
        "callers": CALLERS,
        "load_before": round(os.getloadavg()[0], 1),
    }
    with tempfile.TemporaryDirectory() as folder:
        result["own_book"] = town(arguments.persons, arguments.seconds, Path(folder) / "town")
        os.sync()
        result["centre"] = centre(arguments.persons, arguments.seconds, Path(folder) / "nation")
    if not arguments.json:
        Console().print(table(result))
    print(json.dumps(result))
