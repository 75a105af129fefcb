# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""From an agency's file to its file of answers: `juki provide` in a nation of processes; `bulk.py` runs it.

The Centre has the persons in a snapshot; broker, Centre, signer, witnesses, agency and database share the machine. The
clock runs from the command to its end: the file is read and checked, keys are pulled, parts answered, logged, sealed and
pulled, and the answers written in the order of the file. Before it, a small file waits until the Centre's journal is
vouched for.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import psycopg
import pyarrow as pa
from pyarrow import csv

from openjuki.config import CENTRE, clock
from openjuki.simulation import clerks
from openjuki.simulation.agencies import AGENCIES
from openjuki.simulation.launcher import Nation
from openjuki.simulation.nation_plan import NATION

if TYPE_CHECKING:
    from openjuki.simulation.progress import Progress
    from openjuki.store.snapshot import Generation

#: Who asks, and under which affair of table 1 (日本年金機構).
AFFAIR = "state-115"
#: Keys of the file that goes first.
FEW = 1000


def measure(home: Path, generation: Generation, keys: int, progress: Progress) -> dict[str, Any]:
    """Found the nation, give the Centre its snapshot, ask with a file."""
    plan = [replace(prefecture, municipalities=prefecture.municipalities[:1]) for prefecture in NATION[:2]]
    (agency,) = agencies = AGENCIES[:1]
    with Nation(home, seed=7, progress=progress, plan=plan, agencies=agencies) as nation:
        asyncio.run(clerks.found(nation.settings, (), agencies))
        adopt(nation, generation)
        (office,) = (office for office in agency.offices if AFFAIR in office.affairs)
        command = [
            Path(sys.executable).with_name("juki"),
            "provide",
            "--agency",
            agency.id,
            "--affair",
            AFFAIR,
        ]
        command += [
            "--operator",
            office.operators[0],
            "--terminal",
            office.terminal,
            "--reason",
            "現況の確認",
        ]
        with progress.stage("road: the Centre is vouched for"):
            ask(nation, command, codes(home / "few.csv", generation, FEW, seed=1))
        with progress.stage(f"road: {keys:,} keys"):
            return ask(nation, command, codes(home / "many.csv", generation, keys, seed=2))


def codes(path: Path, generation: Generation, keys: int, *, seed: int) -> Path:
    """A file of codes drawn by chance, in no order."""
    drawn = np.random.default_rng(seed).permutation(generation.rows)[:keys]
    written = pa.array([f"{code:011}" for code in np.asarray(generation.codes)[drawn].tolist()])
    csv.write_csv(pa.table({"resident_code": written}), path)
    return path


def adopt(nation: Nation, generation: Generation) -> None:
    """Make the generation the Centre's own, as of the journal that it has now."""
    with psycopg.connect(nation.postgres.owner_url(CENTRE)) as book:
        size, root = book.execute("SELECT size, root FROM tree").fetchone()
    folder = nation.settings.nodes[CENTRE].snapshot_folder / f"{1:08d}"
    folder.mkdir(parents=True, mode=0o700)
    for file in generation.path.iterdir():
        if file.name != "manifest.json":
            os.link(file, folder / file.name) if same_disk(file, folder) else (folder / file.name).symlink_to(
                file
            )
    manifest = replace(generation.manifest, number=1, size=size, root=root, at=clock())
    manifest.write(folder)


def same_disk(file: Path, folder: Path) -> bool:
    """Whether a file can have a second name there."""
    return file.stat().st_dev == folder.stat().st_dev


def ask(nation: Nation, command: list[Any], keys: Path) -> dict[str, Any]:
    """The command, timed; its answers must be matches, a row for each key."""
    answers = keys.with_name(f"{keys.stem}-answers.csv")
    settings = {"OPENJUKI_CONFIG": str(nation.home / "openjuki.toml")}
    begun = time.perf_counter()
    done = subprocess.run(
        [*map(str, command), "--in", str(keys), "--out", str(answers), "--json"],
        env={**os.environ, **settings},
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    seconds = time.perf_counter() - begun
    if done.returncode:
        raise SystemExit(f"juki provide ended with {done.returncode}")
    said = json.loads(done.stdout)
    with keys.open("rb") as file:
        rows = sum(1 for _ in file) - 1
    return {
        "asked": rows,
        "seconds": round(seconds, 2),
        "per_second": round(rows / seconds),
        "results": said.get("results"),
        "answer_bytes": answers.stat().st_size,
    }
