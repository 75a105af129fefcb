# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Initial load at the Centre: numbers, search keys, history, journal and indexes, beside a bare COPY.

    .venv/bin/python benchmarks/initial_load.py --persons 1000000

prints one JSON object. Making the fictitious persons is not counted; everything from the columns to the
commit is.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path

import numpy as np
import polars as pl
import psycopg

from openjuki.codes.local_government import Kind as Town
from openjuki.codes.local_government import municipalities
from openjuki.codes.resident import ResidentCode
from openjuki.config import JST, Kind
from openjuki.simulation.people import people
from openjuki.store.bulk import SCHEMA, load
from openjuki.store.bulk.columns import HEADER, TRAILER
from openjuki.store.bulk.preparing import CHUNK, Preparation
from openjuki.store.embedded import EmbeddedPostgres

TOWN = 50_000
TOWNS = {Town.CITY, Town.SPECIAL_WARD}
TODAY = date(2026, 4, 1)
NOW = datetime(2026, 4, 1, 9, tzinfo=JST)
KEY = bytes(range(32))


def persons(count: int, seed: int = 7):
    """Fictitious persons of as many towns as are needed, in the columns of an initial load."""
    towns = islice((code for code, town in municipalities().items() if town.kind in TOWNS), -(-count // TOWN))
    frames = [
        pl.from_arrow(people(seed, town, TOWN, on=TODAY)).with_columns(origin=pl.lit(town)) for town in towns
    ]
    everybody = pl.concat(frames).head(count)
    bodies = np.random.default_rng(seed).permutation(
        np.unique(np.random.default_rng(seed).integers(0, 10**10, 2 * count))
    )
    codes = [ResidentCode.from_body(f"{body:010d}") for body in bodies[:count].tolist()]
    exact = pl.col("birth_date").str.to_date("%Y-%m-%d", strict=False)
    building = (
        pl.when(pl.col("building").fill_null("") == "")
        .then(pl.lit(""))
        .otherwise("\u3000" + pl.col("building"))
    )
    columns = everybody.select(
        "name",
        "furigana",
        "former_surname",
        "former_surname_furigana",
        "alias",
        "sex",
        "municipality",
        "origin",
        resident_code=pl.Series(codes, dtype=pl.String),
        individual_number=pl.lit(None, pl.String),
        birth_date=exact.fill_null(date(1900, 1, 1)),
        birth_date_recorded=pl.when(exact.is_null()).then("birth_date"),
        address=pl.concat_str("town", pl.col("block").fill_null(""), building),
        stay=pl.lit(1, pl.Int32),
        reason=pl.lit("A06"),
        date_of_change=pl.lit(TODAY),
        recorded_at=pl.lit(NOW).dt.convert_time_zone("Asia/Tokyo"),
        predecessor_municipality=pl.lit(None, pl.String),
        predecessor_stay=pl.lit(None, pl.Int32),
    )
    return columns.select(SCHEMA.names).to_arrow().cast(SCHEMA)


def bare_copy(url: str, everybody) -> float:
    """Rows a second of COPY alone: the same records, made beforehand, into a table without keys or indexes."""
    made = Preparation(everybody, np.arange(len(everybody)), NOW, None)
    bodies = [rows["record"] for rows in islice(made.book().rows, 4)]
    rows = min(len(everybody), 4 * CHUNK)
    with psycopg.connect(url) as connection:
        connection.execute("SET ROLE juki_owner; CREATE TABLE bare (LIKE record)")
        columns = (
            "person_id, stay, version, reason, date_of_change, recorded_at, predecessor_municipality, "
            "predecessor_stay, resident_code, individual_number, name, furigana, former_surname, "
            "former_surname_furigana, alias, birth_date, birth_date_recorded, sex, municipality, address, origin, "
            "received_at, digest"
        )
        started = time.perf_counter()
        for body in bodies:
            with connection.cursor().copy(f"COPY bare ({columns}) FROM STDIN (FORMAT BINARY)") as copy:
                copy.write(HEADER)
                copy.write(body)
                copy.write(TRAILER)
        connection.commit()
        return rows / (time.perf_counter() - started)


def run(count: int, home: Path) -> dict[str, object]:
    """Load so many persons into a fresh Centre under a home; how fast that and a bare COPY went."""
    everybody = persons(count)
    server = EmbeddedPostgres(home)
    server.start()
    try:
        server.create_database("load", Kind.CENTRE)
        server.create_database("bare", Kind.PREFECTURE)
        os.sync()  # what was written before, making the persons included, is not this load's to wait for
        started = time.perf_counter()
        done = load(server.owner_url("load"), everybody, at=NOW + timedelta(hours=1), number_key=KEY)
        seconds = time.perf_counter() - started
        bare = bare_copy(server.owner_url("bare"), everybody)
    finally:
        server.stop()
    return {
        "schema": "openjuki/bench-initial-load/1",
        "persons": done.persons,
        "numbers_generated": done.generated,
        "journal_rows": done.tree.size,
        "seconds": round(seconds, 2),
        "persons_per_second": round(done.persons / seconds),
        "bare_copy_rows_per_second": round(bare),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=1_000_000)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(run(parser.parse_args().persons, Path(folder))))
