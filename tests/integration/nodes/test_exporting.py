# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""An export can be imported again and gives the same register; what an encoding loses is listed, not passed over."""

from __future__ import annotations

import asyncio
import csv
import json
import stat
from typing import TYPE_CHECKING

import pytest

from fixtures.network import CHIYODA
from openjuki.carriage.columns import COLUMNS
from openjuki.carriage.encoding import Encoding
from openjuki.carriage.report import ReportWriter
from openjuki.errors import StoreUnavailable, Unavailable
from openjuki.nodes import exporting
from openjuki.nodes.exporting import export_register
from openjuki.nodes.importing import import_register
from openjuki.residents.changes import Reason
from openjuki.store import register

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from fixtures.installation import Installation
    from fixtures.offices import Country
    from openjuki.carriage.exporting import ExportReport

pytestmark = pytest.mark.postgres

#: Names as registers have them; in cp932 four of these lose something.
PEOPLE: tuple[dict[str, str], ...] = (
    {"name": "渡邉　葵"},
    {"name": "葛\U000e0102城　一郎", "furigana": "カツラギ　イチロウ"},
    {"name": "𠮷野　神\ufe00", "birth_date": "昭和55年2月30日"},
    {"name": "髙﨑　か゚", "birth_date": "令和6年5月中旬頃", "former_surname": "德川"},
    {"name": 'O"NEILL, ÅSA', "name_latin": 'O"NEILL, ÅSA', "nationality": "米国", "residence_period": "5年"},
    {"name": "齋藤　花", "building": "コーポ〜桜101", "alias": "斎藤　花", "previous_address": "千代田区"},
)


async def entered(country: Country) -> list[Any]:
    """Everybody enters; the present rows of the register."""
    for person in PEOPLE:
        await country.enter(CHIYODA, **person)
    return await present(country)


async def present(country: Country) -> list[Any]:
    """The records that stand, with how they came to stand there."""
    office = await country.node(CHIYODA)

    async def read(connection: Any) -> list[Any]:
        chunks = [chunk async for chunk in register.standing(connection, country.clock().date())]
        return [
            (row.record, row.stay, entry.change.reason, entry.change.date_of_change)
            for chunk in chunks
            for row, entry in chunk
        ]

    return await office.read(read)


async def exported(country: Country, path: Path, encoding: Encoding, **more: Any) -> ExportReport:
    """The register as a file."""
    return await export_register(await country.node(CHIYODA), path, encoding, **more)


async def imported(country: Country, path: Path, encoding: Encoding | None) -> Any:
    """A file as the register of a town whose book is empty."""
    country.clear()
    with ReportWriter(path) as report:
        await import_register(await country.node(CHIYODA), path, encoding, report)
        return report.summary()


def names(folder: Path) -> list[str]:
    """The files in a folder that are about a register, hidden ones too."""
    return sorted(one.name for one in folder.glob("*register*"))


def rows(path: Path, encoding: str) -> list[dict[str, str]]:
    """The rows of a file."""
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file))


async def test_an_export_that_is_imported_gives_the_same_register(country: Country, tmp_path: Path):
    """Every item of every resident, the stay and the entry included; sequences survive."""
    before = await entered(country)
    path = tmp_path / "register.csv"

    report = await exported(country, path, Encoding.UTF_8)
    summary = await imported(country, path, None)

    assert (report.rows, report.losses, report.written, report.exit_code) == (6, 0, True, 0)
    assert (summary.accepted, summary.rejected) == (6, 0)
    assert await present(country) == before
    assert rows(path, "utf-8-sig")[1]["氏名"] == "葛\U000e0102城　一郎"
    assert list(rows(path, "utf-8-sig")[0]) == [column.japanese for column in COLUMNS]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_an_export_of_an_export_is_the_same_file(country: Country, tmp_path: Path):
    """Byte by byte."""
    await entered(country)
    first, second = tmp_path / "first.csv", tmp_path / "second.csv"

    await exported(country, first, Encoding.UTF_8)
    await imported(country, first, None)
    await exported(country, second, Encoding.UTF_8)

    assert first.read_bytes() == second.read_bytes()


LOST = {
    Encoding.CP932: [
        (3, "name", "U+845B U+E0102", "MJ022335", "葛"),
        (4, "name", "U+20BB7", "MJ032129", "吉"),
        (4, "name", "U+795E U+FE00", "MJ030211", "神"),
        (5, "name", "U+304B U+309A", None, None),
        (6, "name", "U+00C5", None, None),
        (6, "name_latin", "U+00C5", None, None),
        (7, "building", "U+301C", None, "～"),
    ],
    Encoding.SHIFT_JIS_2004: [
        (3, "name", "U+845B U+E0102", "MJ022335", "葛"),
        (4, "name", "U+20BB7", "MJ032129", "吉"),
        (4, "name", "U+795E U+FE00", "MJ030211", "神"),
        (5, "name", "U+9AD9", "MJ028902", "高"),
    ],
}


@pytest.mark.parametrize("encoding", LOST)
async def test_what_an_encoding_loses_is_listed(country: Country, tmp_path: Path, encoding):
    """Row, column, character, code points, shape, and what stands in its place or that nothing can."""
    await entered(country)
    path = tmp_path / "register.csv"

    report = await exported(country, path, encoding, accept_losses=True)

    lines = [
        json.loads(line) for line in (tmp_path / "register.csv.losses.jsonl").read_text("utf-8").splitlines()
    ]
    found = [
        tuple(one[name] for name in ("row", "column", "code_points", "mj", "replacement")) for one in lines
    ]
    assert found == LOST[encoding]
    assert report.losses == len(found)
    assert report.unreplaced == sum(one[4] is None for one in found)
    assert report.rows_with_losses == len({one[0] for one in found})
    table = rows(tmp_path / "register.csv.losses.csv", "utf-8-sig")
    assert table == [
        {name: "" if value is None else str(value) for name, value in one.items()} for one in lines
    ]
    cells = rows(path, encoding.value)
    for row, column, _, _, replacement in found:
        japanese = next(one.japanese for one in COLUMNS if one.name == column)
        assert (replacement or "〓") in cells[row - 2][japanese]


async def test_an_export_with_accepted_losses_can_be_imported(country: Country, tmp_path: Path):
    """Everybody enters, under the characters that the file has; 〓 is an alert."""
    await entered(country)
    path = tmp_path / "register.csv"

    await exported(country, path, Encoding.CP932, accept_losses=True)
    summary = await imported(country, path, None)

    assert (summary.accepted, summary.rejected) == (6, 0)
    assert summary.codes["JK-IMPORT-0104"] == 2
    names = [record.name.recorded for record, *_ in await present(country)]
    assert names[1:4] == ["葛城　一郎", "吉野　神", "髙﨑　〓"]


async def test_losses_that_nobody_accepted_leave_no_file(country: Country, tmp_path: Path):
    """The list says what would be lost; a file that was there is left as it is."""
    await entered(country)
    path = tmp_path / "register.csv"
    path.write_text("before")

    report = await exported(country, path, Encoding.CP932)

    assert (report.written, report.exit_code, report.losses) == (False, 1, 7)
    assert path.read_text() == "before"
    assert names(tmp_path) == [
        "register.csv",
        "register.csv.losses.csv",
        "register.csv.losses.jsonl",
    ]
    assert country.journal(CHIYODA, "register.exported") == []


async def test_an_export_is_noted_in_the_journal(country: Country, tmp_path: Path):
    """That the register left the node, how many residents, in what form."""
    await entered(country)

    await exported(country, tmp_path / "register.csv", Encoding.UTF_8)

    assert country.journal(CHIYODA, "register.exported") == [
        b'{"encoding":"utf-8-sig","losses":0,"residents":6}'
    ]


async def test_no_file_is_there_that_is_not_noted(country: Country, tmp_path: Path, monkeypatch):
    """Where the journal does not take the note, nothing has left the node."""
    await country.enter(CHIYODA)
    office = await country.node(CHIYODA)

    async def away(*_: Any) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(exporting.journal, "append", away)
    with pytest.raises(StoreUnavailable):
        await export_register(office, tmp_path / "register.csv", Encoding.UTF_8)

    assert names(tmp_path) == ["register.csv.losses.csv", "register.csv.losses.jsonl"]


async def test_who_is_no_resident_any_more_is_not_exported(country: Country, tmp_path: Path):
    """The dead are not, nor who has left; who will leave tomorrow is a resident still."""
    for person, (reason, day) in enumerate(
        (
            (Reason.DIED, "2026-11-20"),
            (Reason.MOVED_OUT, "2026-11-21"),
            (Reason.MOVED_OUT, "2026-11-22"),
            (Reason.MOVED_ABROAD, "2026-11-22"),
        )
    ):
        code = await country.enter(CHIYODA, name=f"第{person}人")
        where = {} if reason is Reason.DIED else {"destination_address": "行先未定"}
        await country.record(CHIYODA, reason, resident_code=code, date_of_change=day, **where)

    report = await exported(country, tmp_path / "register.csv", Encoding.UTF_8)

    assert report.rows == 2
    assert [row["氏名"] for row in rows(tmp_path / "register.csv", "utf-8-sig")] == ["第2人", "第3人"]


async def test_a_folder_that_is_not_there_is_said_plainly(country: Country, tmp_path: Path):
    """No stack of calls."""
    await country.enter(CHIYODA)

    with pytest.raises(Unavailable, match="register cannot be written"):
        await exported(country, tmp_path / "nowhere" / "register.csv", Encoding.UTF_8)


async def test_an_empty_register_is_a_header(country: Country, tmp_path: Path):
    """A file that can be imported, of nobody."""
    await country.node(CHIYODA)
    path = tmp_path / "register.csv"

    assert (await exported(country, path, Encoding.CP932)).rows == 0
    assert rows(path, "cp932") == []


async def test_the_command_says_what_it_did(country: Country, installation: Installation, tmp_path: Path):
    """Exit code 1 where something would be lost, 0 where that is accepted; one JSON object."""
    await country.enter(CHIYODA, name="𠮷野　葵")
    path = tmp_path / "register.csv"
    line = ("export", "--encoding", "cp932", path)

    refused = await asyncio.to_thread(installation.run, *line)
    accepted = await asyncio.to_thread(installation.run, *line, "--accept-losses")

    code, said = refused
    assert (code, said["schema"], said["written"]) == (1, "openjuki/export-report/1", False)
    code, said = accepted
    assert (code, said["written"], said["rows"], said["losses"], said["unreplaced"]) == (0, True, 1, 1, 0)
    assert rows(path, "cp932")[0]["氏名"] == "吉野　葵"
