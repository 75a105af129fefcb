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
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from openjuki.config import Kind
from openjuki.residents.look_up import Matching
from openjuki.simulation.examination import examine
from openjuki.simulation.examining import NOW, TODAY, columns, marked
from openjuki.simulation.namesakes import register
from openjuki.store.bulk import load
from openjuki.store.database import connect
from openjuki.store.embedded import EmbeddedPostgres

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.simulation.examination import Marks, Tried


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
