# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A file of changes (異動データ) goes on wherever it was interrupted: each change is recorded once, or refused once."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from fixtures.network import CHIYODA
from openjuki.carriage.report import ReportWriter
from openjuki.errors import BadHeader, Unavailable
from openjuki.nodes import counter
from openjuki.nodes.importing import import_changes

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from fixtures.installation import Installation
    from fixtures.offices import Country
    from openjuki.nodes.node import Node

pytestmark = pytest.mark.postgres

BIRTH = {
    "reason": "出生",
    "date_of_change": "2020-03-01",
    "birth_date": "2020-03-01",
    "sex": "女",
    "town": "一番町",
}
NOBODYS = {"reason": "死亡", "date_of_change": "2020-03-02", "resident_number": "999"}
#: Twins, whom only their names tell apart; a death of nobody; a row without a day; and one birth more.
ROWS = (
    {**BIRTH, "name": "山田　葵"},
    {**BIRTH, "name": "山田　蓮"},
    NOBODYS,
    {**BIRTH, "name": "佐藤　凛", "date_of_change": ""},
    {**BIRTH, "name": "鈴木　湊"},
)
BORN = [("山田　葵",), ("山田　蓮",), ("鈴木　湊",)]
REPORTED = [(4, "refusal", "JK-CHANGE-0001"), (5, "error", "JK-IMPORT-0010")]


class Interrupted(BaseException):
    """Somebody pulls the plug."""


@pytest_asyncio.fixture
async def file(country: Country, tmp_path: Path) -> Path:
    """The file of changes, and codes for those who are born."""
    await country.stock(CHIYODA)
    path = tmp_path / "changes.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, [*BIRTH, "name", "resident_number"])
        writer.writeheader()
        writer.writerows(ROWS)
    return path


async def run(office: Node, path: Path) -> Any:
    """Record a file; what its report says."""
    with ReportWriter(path) as report:
        await import_changes(office, path, None, report)
        return report.summary()


def reported(path: Path) -> list[tuple[int, str, str]]:
    """Row, kind and code of every finding."""
    text = path.with_name(f"{path.name}.report.jsonl").read_text("utf-8")
    return [(one["row"], one["kind"], one["code"]) for one in map(json.loads, text.splitlines())]


def names(folder: Path) -> list[str]:
    """The files of changes in a folder, and their reports."""
    return sorted(one.name for one in folder.glob("changes*"))


def born(country: Country) -> list[tuple[str]]:
    """Everybody who stands in the register, in the order of entry."""
    return country.rows(CHIYODA, "SELECT name FROM resident_record ORDER BY recorded_at, resident_number")


@pytest.mark.parametrize("moment", range(4), ids=lambda moment: f"before change {moment}")
async def test_a_file_that_was_interrupted_ends_as_if_it_had_not_been(
    country: Country, file: Path, monkeypatch, moment
):
    """Wherever it stopped, no child is entered twice, none is left out, and what was kept out is reported once."""
    office, calls, record = await country.node(CHIYODA), iter(range(100)), counter.record

    async def falter(*arguments: Any) -> Any:
        if next(calls) == moment:
            raise Interrupted
        return await record(*arguments)

    monkeypatch.setattr(counter, "record", falter)
    with pytest.raises(Interrupted):
        await run(office, file)
    monkeypatch.undo()

    summary = await run(office, file)

    assert born(country) == BORN
    assert (summary.rows, summary.accepted, summary.rejected) == (5, 3, 2)
    assert reported(file) == REPORTED
    assert len(country.journal(CHIYODA, "record.changed")) == len(BORN)


async def test_a_file_that_was_interrupted_before_its_report_is_reported_whole(country: Country, file: Path):
    """What became of the changes is kept with them, not with the report."""
    office = await country.node(CHIYODA)

    class Faltering(ReportWriter):
        def add(self, *_: Any, **__: Any) -> None:
            raise Interrupted

    with pytest.raises(Interrupted), Faltering(file) as report:
        await import_changes(office, file, None, report)

    summary = await run(office, file)

    assert born(country) == BORN
    assert (summary.accepted, summary.rejected, reported(file)) == (3, 2, REPORTED)


async def test_codes_that_ran_out_stop_a_file_and_more_codes_let_it_go_on(
    country: Country, file: Path, monkeypatch
):
    """What the node itself lacks is no fault of a row: the same command goes on at the row that lacked it."""
    office, draw, left = await country.node(CHIYODA), counter.register.draw_codes, iter([True])

    async def scarce(*arguments: Any) -> Any:
        if not next(left, False):
            raise Unavailable("the stock of unused codes is too small")
        return await draw(*arguments)

    monkeypatch.setattr(counter.register, "draw_codes", scarce)
    with pytest.raises(Unavailable):
        await run(office, file)
    assert born(country) == BORN[:1]
    monkeypatch.undo()

    await run(office, file)

    assert born(country) == BORN


async def test_a_file_that_cannot_be_read_changes_nothing(country: Country, tmp_path: Path):
    """Nothing is noted of it, and there is no report."""
    path = tmp_path / "changes.csv"
    path.write_text("a,b\n1,2\n", "utf-8")

    office = await country.node(CHIYODA)

    with country.refuses(BadHeader):
        await run(office, path)

    assert country.rows(CHIYODA, "SELECT count(*) FROM register_import") == [(0,)]
    assert names(tmp_path) == ["changes.csv"]


def test_the_command_says_what_it_did(country: Country, installation: Installation, file: Path):
    """Its result counts rows as its report does, and nothing is left of the way there."""
    code, summary = installation.run("change", "--file", file)

    assert code == 3
    assert (summary["rows"], summary["accepted"], summary["rejected"]) == (5, 3, 2)
    assert born(country) == BORN
    assert country.rows(CHIYODA, "SELECT count(*) FROM import_chunk") == [(0,)]


@pytest.mark.parametrize("beside", [("--reason", "死亡"), ("town=一番町",), ("--date", "2026-03-01")])
def test_what_is_given_beside_a_file_is_not_passed_over(
    country: Country, installation: Installation, file: Path, beside
):
    """An item beside a file would change nothing: the command says so, and records nothing."""
    code, said = installation.run("change", "--file", file, *beside)

    assert (code, said["code"]) == (2, "JK-INPUT-0021")
    assert born(country) == []
