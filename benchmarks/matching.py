# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Matching: ten thousand questions as people write them, asked of a prefecture's book, against the truth.

    .venv/bin/python benchmarks/matching.py --persons 200000

prints one JSON object: for each way of matching, of the persons found how many were meant (precision), and of those
meant how many were found (recall). `openjuki.simulation.examination` says how the questions are made.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from openjuki.codes.resident import ResidentCode
from openjuki.config import JST, Kind
from openjuki.residents.dates import RecordedDate
from openjuki.residents.look_up import LookUp, Matching
from openjuki.simulation.examination import Marks, Recorded, Tried, examine, register
from openjuki.store import looking
from openjuki.store.bulk import SCHEMA, load
from openjuki.store.database import connect
from openjuki.store.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.store.database import Connection

TODAY = date(2026, 4, 1)
NOW = datetime(2026, 4, 1, 9, tzinfo=JST)
#: As many questions as travel in one envelope.
TOGETHER = 32


def columns(everybody: Sequence[Recorded]) -> pa.Table:
    """The register in the columns of an initial load; a person's place in it is the body of the code."""
    born = [RecordedDate.parse(one.birth_date) for one in everybody]
    given: dict[str, list] = {item: [getattr(one, item) for one in everybody] for item in _RECORDED}
    same = {"stay": 1, "reason": "A06", "date_of_change": TODAY, "recorded_at": NOW}
    given |= {item: [value] * len(everybody) for item, value in same.items()}
    given |= {
        "resident_code": [ResidentCode.from_body(f"{place:010d}") for place in range(len(everybody))],
        "birth_date": [one.sort for one in born],
        "birth_date_recorded": [None if one.text == one.sort.isoformat() else one.text for one in born],
        "origin": given["municipality"],
    }
    return pa.table(
        {
            name: pa.array(given.get(name, [None] * len(everybody)), SCHEMA.field(name).type)
            for name in SCHEMA.names
        }
    )


_RECORDED = (
    *(
        "name",
        "furigana",
        "former_surname",
        "former_surname_furigana",
        "alias",
        "sex",
        "municipality",
        "address",
    ),
)


async def marked(connection: Connection, tried: Sequence[Tried], matching: Matching) -> Marks:
    """Ask everything, and count what is found."""
    marks = Marks()
    for start in range(0, len(tried), TOGETHER):
        some = tried[start : start + TOGETHER]
        questions = [LookUp.from_dict({**one.items, "matching": matching}) for one in some]
        for one, hits in zip(some, await looking.find(connection, questions), strict=True):
            marks.add(one, (int(hit.resident_code[:10]) for hit in hits))
    return marks


async def examined(url: str, tried: Sequence[Tried]) -> dict[str, Marks]:
    """By each way of matching."""
    async with await connect(url) as connection:
        return {matching.value: await marked(connection, tried, matching) for matching in Matching}


def table(result: dict[str, Marks]) -> Table:
    """For people."""
    shown = Table("way of matching", "precision", "recall", "right", "wrong", "missed")
    for matching, marks in result.items():
        figures = (marks.right, marks.wrong, marks.missed)
        shown.add_row(matching, f"{marks.precision:.5f}", f"{marks.recall:.4f}", *map(str, figures))
    return shown


def by_slip(marks: Marks) -> Table:
    """What was missed for what."""
    shown = Table("as it was written", "meant", "missed", "wrong")
    for what, meant in sorted(marks.meant_by.items()):
        shown.add_row(what, str(meant), str(marks.missed_by[what]), str(marks.wrong_by[what]))
    return shown


def main() -> None:
    """Make the register and the questions, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--persons", type=int, default=200_000)
    parser.add_argument("--questions", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--show", type=int, default=0, help="print so many that were missed or wrong")
    arguments = parser.parse_args()
    everybody = register(arguments.seed, arguments.persons, on=TODAY)
    tried = list(examine(arguments.seed, everybody, arguments.questions))
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder) / "matching")
        server.start()
        try:
            url = server.create_database("examined", Kind.PREFECTURE)
            load(server.owner_url("examined"), columns(everybody), at=NOW)
            began = time.perf_counter()
            result = asyncio.run(examined(url, tried))
            took = time.perf_counter() - began
        finally:
            server.stop()
    if not arguments.json:
        Console(stderr=True).print(table(result), by_slip(result["variant"]))
    figures = {
        "schema": "openjuki/bench-matching/1",
        "persons": len(everybody),
        "questions": len(tried),
        "about_nobody": sum(not one.meant for one in tried),
        "seed": arguments.seed,
        "per_second": round(3 * len(tried) / took),
        "matching": {
            matching: {
                "precision": round(marks.precision, 6),
                "recall": round(marks.recall, 6),
                "right": marks.right,
                "wrong": marks.wrong,
                "missed": marks.missed,
            }
            for matching, marks in result.items()
        },
    }
    json.dump(figures, sys.stdout)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
