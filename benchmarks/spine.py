# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The spine in figures: notices through three tiers, and the Centre's initial load, each beside its limit.

make bench-spine
.venv/bin/python benchmarks/spine.py --json
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

import initial_load
import notices


def machine() -> dict[str, object]:
    """What the figures were measured on."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    load = os.getloadavg()[0]
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9),
        "load_before": round(load, 1),
    }


def table(result: dict) -> Table:
    """For people, ratios first."""
    spine, bulk = result["notices"], result["initial_load"]
    shown = Table("measured", "ratio to its limit", "figure", "limit in the same run")
    shown.add_row(
        "notices through three tiers",
        f"{spine['notices_per_insert']:.2f}",
        f"{spine['notices_per_second']:,}/s for {spine['seconds']:.0f} s, batches of {spine['batch']}",
        f"pgbench, one durable insert each: {spine['pgbench_inserts_per_second']:,}/s",
    )
    ratio = bulk["persons_per_second"] / bulk["bare_copy_rows_per_second"]
    shown.add_row(
        "initial load at the Centre",
        f"{ratio:.2f}",
        f"{bulk['persons_per_second']:,} persons/s, {bulk['persons']:,} persons",
        f"bare COPY of the record rows alone: {bulk['bare_copy_rows_per_second']:,}/s",
    )
    return shown


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--residents", type=int, default=20_000)
    parser.add_argument("--persons", type=int, default=1_000_000)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    result = {"schema": "openjuki/bench-spine/1", "machine": machine()}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        result["initial_load"] = initial_load.run(arguments.persons, home / "load")
        os.sync()
        result["notices"] = notices.run(arguments.seconds, arguments.residents, home / "nation")
    if not arguments.json:
        Console().print(table(result))
    print(json.dumps(result))
