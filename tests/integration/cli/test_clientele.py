# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki clientele`` as an agency meets it: a file in, changes out, the same again without asking."""

from __future__ import annotations

import asyncio
import csv
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from pyarrow import parquet

from fixtures.agencies import CLERK, PENSION, furnished
from fixtures.ground import PENSIONS
from fixtures.network import CENTRE, CHIYODA, TOKYO
from fixtures.notices import code_of
from fixtures.provisions import vouch
from openjuki.config import clock
from openjuki.residents.changes import Reason
from openjuki.wire.directory import write_directory

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from fixtures.offices import Country

    type Juki = Callable[..., Awaitable[tuple[int, str, str]]]

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

ACTING = ("--operator", CLERK.operator, "--terminal", CLERK.terminal)
NAMED = ("--agency", PENSIONS, "--name", "pensioners")


@pytest.fixture
async def command(country: Country, tmp_path: Path, monkeypatch: Any, juki: Any) -> Juki:
    """Runs ``juki clientele …`` at an agency whose Centre knows two residents of 千代田区."""
    country.clock.now = clock()
    for _ in range(2):
        await country.enter(CHIYODA)
    await country.settle(CHIYODA, TOKYO, CENTRE)
    vouch(country)
    node = await furnished(country, PENSIONS, PENSION)
    centre = await country.node(CENTRE)
    lines = ['network = "test"', f'nats_url = "{country.ground.broker.url}"']
    for one in (node, centre):
        lines += [
            f"[nodes.{one.id}]",
            f'kind = "{one.settings.kind}"',
            f'database_url = "{one.settings.database_url}"',
            f'identity = "{one.settings.identity}"',
        ]
    (tmp_path / "openjuki.toml").write_text("\n".join(lines), encoding="utf-8")
    edition = country.directory.revise([], issued=clock(), expires=clock() + timedelta(days=1))
    (tmp_path / "directory.json").write_bytes(write_directory(edition, country.ground.root))
    monkeypatch.setenv("OPENJUKI_HOME", str(tmp_path))
    monkeypatch.delenv("OPENJUKI_CONFIG", raising=False)

    async def run(*words: str) -> tuple[int, str, str]:
        return await asyncio.to_thread(partial(juki, "clientele", *words))

    return run


def listed(path: Path, *codes: str) -> Path:
    """A file of codes."""
    path.write_text("\r\n".join(("住民票コード", *codes)) + "\r\n", "utf-8-sig")
    return path


def files(home: Path) -> list[Path]:
    """Lists that lie in a home."""
    return list(home.glob("clientele/*/*.keys"))


async def put(command: Juki, file: Path, *more: str) -> tuple[int, str, str]:
    reason = ("--reason", "受給権者の異動")
    return await command("put", *NAMED, "--affair", PENSION, "--in", str(file), *ACTING, *reason, *more)


async def test_changes_come_as_a_file_and_again_without_asking(
    command: Juki, country: Country, tmp_path: Path
):
    """A list is put, what happened is written as CSV, and the day is written again as Parquet."""
    code, out, _ = await put(command, listed(tmp_path / "in.csv", str(code_of(1)), str(code_of(2))))
    assert (code, "2" in out) == (0, True)
    assert "これ以後" in (await command("changes", *NAMED))[1]
    await country.record(CHIYODA, Reason.DIED, resident_code=code_of(2))
    await country.settle(CHIYODA, TOKYO, CENTRE)

    code, out, _ = await command("changes", *NAMED, "--out", str(tmp_path / "ido.csv"))
    again = ("--day", clock().date().isoformat(), "--out", str(tmp_path / "again.parquet"))
    replayed, _, _ = await command("replay", *NAMED, *again)

    assert (code, replayed) == (0, 0)
    (row,) = csv.DictReader((tmp_path / "ido.csv").read_text("utf-8-sig").splitlines())
    assert (row["key"], row["meaning"], row["meaning_ja"]) == (code_of(2), "died", "死亡")
    assert row["name"] == "渡邉　葵"
    (same,) = parquet.read_table(tmp_path / "again.parquet").to_pylist()
    assert same == row


async def test_rows_that_cannot_be_read_are_listed_and_the_others_are_put(command: Juki, tmp_path: Path):
    """A wrong check digit and a code twice: exit code 3, and everybody who can be read is on the list."""
    file = listed(tmp_path / "in.csv", str(code_of(1)), "12345", str(code_of(1)), str(code_of(2)))

    code, out, _ = await put(command, file, "--json")

    said = orjson.loads(out)
    assert (code, said["schema"]) == (3, "openjuki/clientele-put/1")
    assert (said["rows"], said["faults"], said["repeated"], said["keys"]) == (4, 1, 1, 2)
    assert (said["rejected"][0]["row"], said["rejected"][0]["column"]) == (3, "resident_code")


async def test_lists_are_shown_and_dropped(command: Juki, tmp_path: Path):
    """What was put stands in the list until it is dropped; then even its file is gone."""
    await put(command, listed(tmp_path / "in.csv", str(code_of(1))), "--every", "60")

    _, shown, _ = await command("list", "--agency", PENSIONS, "--json")
    code, _, _ = await command("drop", *NAMED, *ACTING)
    _, after, _ = await command("list", "--agency", PENSIONS, "--json")

    ((one,), none) = (orjson.loads(shown)["lists"], orjson.loads(after)["lists"])
    assert (one["name"], one["every"], one["cursors"]) == ("pensioners", 60, [])
    assert (code, none) == (0, [])
    assert not files(tmp_path)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("changes", *NAMED), 3, id="a list that was never put"),
        pytest.param(("replay", *NAMED), 3, id="and asked for again"),
        pytest.param(("drop", *NAMED, *ACTING), 3, id="and dropped"),
        pytest.param(("list", "--agency", CENTRE), 2, id="a Centre has no lists"),
        pytest.param(("outstanding", "--node", PENSIONS), 2, id="an agency tells nobody"),
        pytest.param(("outstanding", "--node", CENTRE), 0, id="nothing is outstanding"),
    ],
)
async def test_what_cannot_be_done_is_said_with_its_code(command: Juki, words: tuple[str, ...], code: int):
    """Bad input, a wrong kind of node, nothing to show: each leaves with its own code."""
    assert (await command(*words))[0] == code


async def test_a_list_has_a_plain_name(command: Juki, tmp_path: Path):
    """A name stands in paths and in rows: letters, figures, dots, dashes and underlines."""
    code, out, _ = await put(
        command, listed(tmp_path / "in.csv", str(code_of(1))), "--name", "受給権者", "--json"
    )

    assert (code, orjson.loads(out)["where"]) == (3, {"column": "name"})


async def test_a_stranger_puts_no_list(command: Juki, tmp_path: Path):
    """Whoever is not registered, or whose office does not hold the affair, is refused, and no file stays."""
    file = listed(tmp_path / "in.csv", str(code_of(1)))
    who = ("--operator", "stranger", "--terminal", "window-2", "--reason", "調査")

    code, out, _ = await command("put", *NAMED, "--affair", PENSION, "--in", str(file), *who, "--json")

    assert (code, orjson.loads(out)["rule"]) == (1, "affair-not-held")
    _, shown, _ = await command("list", "--agency", PENSIONS, "--json")
    assert orjson.loads(shown)["lists"] == []
    assert not files(tmp_path)
