# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""An import goes on wherever it was interrupted: nobody enters twice, nobody is lost, each fault is reported once."""

from __future__ import annotations

import csv
import json
import signal
import time
from typing import TYPE_CHECKING

import pytest

from fixtures.network import CHIYODA, CHUO
from fixtures.notices import code_of, number_of
from fixtures.offices import day
from openjuki.carriage import importing as reading
from openjuki.carriage.report import ReportWriter
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.errors import BadHeader, Overtaken
from openjuki.nodes import importing, intake
from openjuki.nodes.importing import import_register
from openjuki.residents.changes import Reason

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from fixtures.installation import Installation
    from fixtures.offices import Country
    from openjuki.nodes.node import Node

pytestmark = pytest.mark.postgres

BAD = {"sex": "?", "birth_date": "13月", "town": "", "resident_code": "24727059609"}


def register(path: Path, rows: int, *, bad: int = 0, **items: str) -> set[int]:
    """A register of so many rows, every so-many-th of them bad in one way; returns the lines of those."""
    lines = set()
    with path.open("w", encoding="utf-8", newline="") as file:
        known = {
            "name": "山田　太郎",
            "birth_date": "1980-01-02",
            "town": "一番町",
            "relationship": "世帯主",
            "became_resident_on": "2010-04-01",
            "備考": "",
        }
        names = ["resident_number", "resident_code", "individual_number", *known, "sex", "household_number"]
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        for person in range(1, rows + 1):
            row = {
                **known,
                "resident_number": str(person),
                "resident_code": code_of(person),
                "individual_number": number_of(person),
                "sex": "男",
                "household_number": str(person // 3),
                **items,
            }
            if bad and person % bad == 0:
                name, value = list(BAD.items())[person // bad % len(BAD)]
                row[name] = value
                lines.add(person + 1)
            writer.writerow(row)
    return lines


def reported(path: Path) -> list[dict[str, Any]]:
    """What both reports say, which is the same."""
    with path.with_name(f"{path.name}.report.csv").open(encoding="utf-8-sig", newline="") as file:
        table = [{name: value or None for name, value in row.items()} for row in csv.DictReader(file)]
    text = path.with_name(f"{path.name}.report.jsonl").read_text("utf-8")
    objects = [json.loads(line) for line in text.splitlines()]
    assert table == [{name: value and str(value) for name, value in one.items()} for one in objects]
    return objects


def names(folder: Path, pattern: str) -> list[str]:
    """The files in a folder."""
    return sorted(one.name for one in folder.glob(pattern))


async def run(office: Node, path: Path) -> tuple[Any, Any]:
    """Import a file; what its report and the import say."""
    with ReportWriter(path) as report:
        done = await import_register(office, path, None, report)
        return report.summary(), done


@pytest.fixture
def small_chunks(monkeypatch):
    """Four rows at a time."""
    monkeypatch.setattr(reading, "CHUNK_ROWS", 4)


class Interrupted(BaseException):
    """Somebody pulls the plug."""


MOMENTS = [(part, when) for part in range(5) for when in ("before", "after")]


@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize(("part", "when"), MOMENTS, ids=[f"{when} part {part}" for part, when in MOMENTS])
async def test_an_import_that_was_interrupted_ends_as_if_it_had_not_been(
    country: Country, tmp_path: Path, monkeypatch, part, when
):
    """Wherever it stopped, between commit and report too, books and report come out the same."""
    path = tmp_path / "register.csv"
    register(path, 18, bad=5)
    town, other = await country.node(CHIYODA), await country.node(CHUO)
    expected, _ = await run(other, path_for(path, CHUO))
    kept = reported(path_for(path, CHUO))
    calls = iter(range(100))
    take_part = intake.take_part

    async def falter(*arguments: Any) -> Any:
        reached = next(calls) == part
        if reached and when == "before":
            raise Interrupted
        return await take_part(*arguments)

    class FalteringReport(ReportWriter):
        def add(self, *arguments: Any, **more: Any) -> None:
            if when == "after" and next(calls) == part:
                raise Interrupted
            super().add(*arguments, **more)

    if when == "before":
        monkeypatch.setattr(importing.intake, "take_part", falter)
    with pytest.raises(Interrupted), FalteringReport(path) as report:
        await import_register(town, path, None, report)
    monkeypatch.undo()
    monkeypatch.setattr(reading, "CHUNK_ROWS", 4)

    summary, done = await run(town, path)

    assert (summary.accepted, summary.rejected, summary.codes) == (
        expected.accepted,
        expected.rejected,
        expected.codes,
    )
    assert done.unchanged == 0
    assert (done.resumed_after is None) == (part == 0 and when == "before")
    assert reported(path) == kept
    everybody = "SELECT resident_number, resident_code, name FROM resident_record ORDER BY 1"
    assert country.rows(CHIYODA, everybody) == country.rows(CHUO, everybody)
    assert len(country.journal(CHIYODA, "notice.issued")) == expected.accepted


def path_for(path: Path, town: str) -> Path:
    """The same register for another town, in which no row names a municipality."""
    copy = path.with_name(f"register-{town}.csv")
    copy.write_bytes(path.read_bytes())
    return copy


@pytest.mark.usefixtures("small_chunks")
async def test_what_was_used_before_the_interruption_counts_as_used(country: Country, tmp_path: Path):
    """A number of an earlier part, and the head of a household there, are known behind the interruption."""
    path = tmp_path / "register.csv"
    register(path, 7)
    lines = path.read_text("utf-8").splitlines()
    first, sixth = lines[1].split(","), lines[6].split(",")
    sixth[1] = first[1]
    lines[6] = ",".join(sixth)
    path.write_text("\n".join([*lines[:7], lines[7].replace("世帯主", "子")]), "utf-8")
    office = await country.node(CHIYODA)

    class Faltering(ReportWriter):
        def add(self, *_: Any, **__: Any) -> None:
            raise Interrupted

    with pytest.raises(Interrupted), Faltering(path) as report:
        await import_register(office, path, None, report)
    _, done = await run(office, path)

    assert done.resumed_after == 5
    assert [(one["row"], one["column"], one["code"]) for one in reported(path) if one["kind"] == "error"] == [
        (7, "resident_code", "JK-IMPORT-0030")
    ]
    assert "2" in next(one["remedy_ja"] for one in reported(path) if one["kind"] == "error")


async def test_a_finished_import_is_begun_anew(country: Country, tmp_path: Path):
    """The same file again is another import, in which everybody stands already; nothing is left of the first."""
    path = tmp_path / "register.csv"
    register(path, 3)
    office = await country.node(CHIYODA)
    await run(office, path)

    summary, done = await run(office, path)

    assert (summary.accepted, done.unchanged, done.resumed_after) == (3, 3, None)
    assert country.rows(CHIYODA, "SELECT count(*) FROM import_chunk") == [(0,)]
    assert country.rows(CHIYODA, "SELECT count(*), count(finished_at) FROM register_import") == [(2, 2)]


@pytest.mark.usefixtures("small_chunks")
async def test_a_mended_file_is_another_import(country: Country, tmp_path: Path):
    """Who mends a file while its import is interrupted begins with it; who entered before is left as they are."""
    path = tmp_path / "register.csv"
    register(path, 9, bad=9)
    office = await country.node(CHIYODA)

    class Faltering(ReportWriter):
        def add(self, *_: Any, **__: Any) -> None:
            raise Interrupted

    with pytest.raises(Interrupted), Faltering(path) as report:
        await import_register(office, path, None, report)
    register(path, 9)

    summary, done = await run(office, path)

    assert (summary.accepted, summary.rejected, done.unchanged, done.resumed_after) == (9, 0, 4, None)


@pytest.mark.usefixtures("small_chunks")
async def test_who_changed_since_the_interruption_is_not_looked_at_again(country: Country, tmp_path: Path):
    """Between the two runs a clerk records a change: that is no difference to the file, whose row had entered."""
    path = tmp_path / "register.csv"
    register(path, 9)
    office = await country.node(CHIYODA)

    class Faltering(ReportWriter):
        def add(self, *_: Any, **__: Any) -> None:
            raise Interrupted

    with pytest.raises(Interrupted), Faltering(path) as report:
        await import_register(office, path, None, report)
    await country.record(CHIYODA, Reason.MOVED_WITHIN, resident_number="1", town="二番町", block="2番地")

    summary, _ = await run(office, path)

    assert (summary.accepted, summary.rejected) == (9, 0)


@pytest.mark.parametrize(
    ("gone", "left"), [(Reason.DIED, True), (Reason.MOVED_ABROAD, True), (Reason.MOVED_ABROAD, False)]
)
async def test_whose_record_is_closed_stands_here_no_more(country: Country, tmp_path: Path, gone, left):
    """A file that still has somebody as a resident does not say what the register says; until they leave it does."""
    path = tmp_path / "register.csv"
    register(path, 2)
    office = await country.node(CHIYODA)
    await run(office, path)
    await country.record(CHIYODA, gone, resident_number="1", date_of_change=day(0 if left else 1))

    summary, done = await run(office, path)

    assert (summary.rejected, done.unchanged) == ((1, 1) if left else (0, 2))
    refused = [(one["row"], one["code"]) for one in reported(path) if one["kind"] == "refusal"]
    assert refused == ([(2, "JK-COUNTER-0007")] if left else [])
    assert country.rows(CHIYODA, "SELECT count(*) FROM resident_record") == [(3,)]


async def test_two_at_once_take_each_part_once(country: Country, tmp_path: Path):
    """Who comes second with a part is told what became of it; whoever comes after the end is told that too."""
    path = tmp_path / "register.csv"
    register(path, 3)
    office = await country.node(CHIYODA)
    chunk, _ = reading.read_register(path, municipality=LocalGovernmentCode(CHIYODA))
    begun = await office.read(lambda connection: intake.begin(office, connection, bytes(32)))
    again = await office.read(lambda connection: intake.begin(office, connection, bytes(32)))

    first, second = [
        await office.transact(lambda connection: intake.take_part(office, connection, begun.number, chunk))
        for _ in range(2)
    ]
    await office.transact(lambda connection: intake.finish(office, connection, begun.number))

    assert begun == again
    assert (first.entered, second) == (3, first)
    with pytest.raises(Overtaken):
        await office.transact(lambda connection: intake.take_part(office, connection, begun.number, chunk))


async def test_a_file_that_cannot_be_read_is_no_import(country: Country, tmp_path: Path):
    """Nothing is noted of it, and there is no report."""
    path = tmp_path / "register.csv"
    path.write_text("a,b\n1,2\n", "utf-8")
    office = await country.node(CHIYODA)

    with country.refuses(BadHeader), ReportWriter(path) as report:
        await import_register(office, path, None, report)

    assert names(tmp_path, "register*") == ["register.csv"]


def test_the_command_is_killed_and_goes_on(country: Country, installation: Installation, tmp_path: Path):
    """Killed twice on the way, stopped once by hand, it ends with every row where it belongs, and each fault once."""
    path = tmp_path / "register.csv"
    bad = register(path, 28000, bad=200)
    ways = [(1, signal.SIGKILL, -9), (3, signal.SIGINT, 130), (5, signal.SIGKILL, -9)]
    for parts, how, code in ways:
        process = installation.start("import", path)
        deadline = time.monotonic() + 120
        while country.rows(CHIYODA, "SELECT count(*) FROM import_chunk")[0][0] < parts:
            assert time.monotonic() < deadline
            assert process.poll() is None, process.communicate()
            time.sleep(0.01)
        process.send_signal(how)
        said = process.communicate(timeout=60)[1]
        assert process.returncode == code, said

    code, summary = installation.run("import", path)

    assert code == 3
    assert (summary["rows"], summary["accepted"], summary["rejected"]) == (28000, 27860, 140)
    assert summary["resumed_after"] > 10000
    assert sorted(one["row"] for one in reported(path) if one["kind"] == "error") == sorted(bad)
    for query in ("SELECT count(*) FROM resident", "SELECT count(*) FROM resident_record"):
        assert country.rows(CHIYODA, query) == [(27860,)]
    assert len(country.journal(CHIYODA, "notice.issued")) == 27860


def test_questions_are_asked_and_answered(country: Country, installation: Installation, tmp_path: Path):
    """The command names the table of questions; filled in, it lets the row enter under the chosen shape."""
    path = tmp_path / "register.csv"
    register(path, 1, name="葛\U000e0100城　一郎")

    code, summary = installation.run("import", path)

    questions = tmp_path / "register.csv.questions.csv"
    assert (code, summary["codes"]["JK-IMPORT-0024"], summary["questions"]) == (3, 1, str(questions))
    answered = questions.read_text("utf-8-sig").rstrip() + "MJ022335\n"
    questions.write_text(answered, "utf-8")

    code, summary = installation.run("import", "--answers", questions, path)

    assert (code, summary["accepted"]) == (0, 1)
    assert country.rows(CHIYODA, "SELECT name FROM resident_record") == [("葛\U000e0102城　一郎",)]
