# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A file in, a file out (一括照会): the pension service asks how everybody stands, and some rows are not what they should be.

The file stays in the nation's home, as an office would have it, with the answer beside it::

    var/files/kokunen.csv, var/files/kokunen-answer.csv
"""

from __future__ import annotations

import csv
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from openjuki.nodes.asking import AtTerminal
from openjuki.nodes.fetching import BulkAsked, Fetching
from openjuki.nodes.node import opened
from openjuki.wire.bulk import KeyKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from openjuki.simulation.launcher import Nation

ASKER: Final = "agency-nenkin"
_OFFICE, _AFFAIR = "kokunen", "state-118"
_HEADER: Final = "resident_code"
#: Seconds for which a provider that is away is waited for.
_PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class InBulk:
    """What came of the file (一括照会の結果): never about whom."""

    asker: str
    affair: str
    #: Rows of the file, and of the answer.
    rows: int
    answered_rows: int
    malformed: int
    duplicates: int
    parts: int
    results: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0


async def play(nation: Nation, codes: Iterable[str]) -> InBulk:
    """Ask about these, about one of them twice, and about two codes that are nobody's or none."""
    file = nation.home / "files" / f"{_OFFICE}.csv"
    answer = file.with_name(f"{_OFFICE}-answer.csv")
    _write(file, list(codes))
    began = time.monotonic()
    async with opened(nation.settings, ASKER, simulated=True) as node:
        fetching = Fetching(node)
        try:
            asked = BulkAsked(
                by=AtTerminal(f"{_OFFICE}-1", f"{_OFFICE}-t1"),
                affair=_AFFAIR,
                reason="現況の確認-00001",
                kind=KeyKind.RESIDENT_CODE,
                name=file.name,
            )
            entered = await fetching.submit(asked, file)
            done = await fetching.run(entered.request.id, patience=_PATIENCE)
            await fetching.deliver(done.request, answer)
        finally:
            await fetching.close()
    return InBulk(
        asker=ASKER,
        affair=_AFFAIR,
        rows=done.request.rows,
        answered_rows=_rows(answer),
        malformed=done.request.malformed,
        duplicates=done.request.duplicates,
        parts=done.request.parts,
        results=dict(sorted(done.results.items())),
        seconds=time.monotonic() - began,
    )


def _write(file: Path, codes: list[str]) -> None:
    """The office's file: as a spreadsheet would save it."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8-sig", newline="") as lines:
        rows = csv.writer(lines)
        rows.writerow((_HEADER,))
        rows.writerows((code,) for code in (*codes, codes[0], codes[0][:-1], "00000000000"))


def _rows(file: Path) -> int:
    with file.open(encoding="utf-8-sig", newline="") as lines:
        return sum(1 for _ in csv.reader(lines)) - 1
