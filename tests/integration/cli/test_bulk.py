# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki provide --agency … --in … --out …`` as an office meets it: one command, a file in, a file out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import pytest_asyncio
from pyarrow import parquet

from fixtures.agencies import CLERK, PENSION, furnished
from fixtures.bulk_providers import standing_in
from fixtures.ground import PENSIONS
from fixtures.network import CENTRE
from fixtures.notices import code_of
from openjuki.config import clock
from openjuki.law import refusals
from openjuki.wire.directory import write_directory

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from fixtures.bulk_providers import BulkStandIn
    from fixtures.offices import Country

    type Provide = Callable[..., Awaitable[tuple[int, str, str]]]

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

ACTING = ("--operator", CLERK.operator, "--terminal", CLERK.terminal, "--reason", "現況確認 2026-11")
CODES = [code_of(number) for number in range(1, 8)]


@pytest_asyncio.fixture
async def provider(country: Country) -> BulkStandIn:
    """A Centre that answers in bulk."""
    country.clock.now = clock()
    return await standing_in(country, CENTRE)


@pytest_asyncio.fixture
async def provide(
    country: Country,
    provider: BulkStandIn,  # noqa: ARG001 - it stands before anybody asks
    tmp_path: Path,
    monkeypatch: Any,
    juki: Any,
) -> Provide:
    """Runs ``juki provide`` at an installation with an agency."""
    node = await furnished(country, PENSIONS, PENSION)
    lines = [
        'network = "test"',
        f'nats_url = "{country.ground.broker.url}"',
        f"[nodes.{PENSIONS}]",
        'kind = "agency"',
        f'database_url = "{node.settings.database_url}"',
        f'identity = "{node.settings.identity}"',
    ]
    (tmp_path / "openjuki.toml").write_text("\n".join(lines), encoding="utf-8")
    edition = country.directory.revise([], issued=clock(), expires=clock() + timedelta(days=1))
    published = write_directory(edition, country.ground.root)
    (tmp_path / "directory.json").write_bytes(published)
    # the served node and the command are one installation
    node.published = tmp_path / "directory.json"
    monkeypatch.setenv("OPENJUKI_HOME", str(tmp_path))
    monkeypatch.delenv("OPENJUKI_CONFIG", raising=False)

    async def run(*words: str) -> tuple[int, str, str]:
        return await asyncio.to_thread(partial(juki, "provide", *words))

    return run


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A file of seven codes."""
    path = tmp_path / "keys.csv"
    path.write_text("\n".join(["住民票コード", *CODES]) + "\n")
    return path


def bulk(keys: Path, out: Path, *more: str) -> tuple[str, ...]:
    files = ("--in", str(keys), "--out", str(out))
    return ("--agency", PENSIONS, "--affair", PENSION, *files, *ACTING, *more)


async def test_one_command_turns_keys_into_answers(provide: Provide, keys: Path, tmp_path: Path):
    """The answer lies where it was asked for; nothing of it stays elsewhere, and the request is listed."""
    code, out, err = await provide(*bulk(keys, tmp_path / "answers.csv"))
    _, listed, _ = await provide("requests", "--agency", PENSIONS)

    assert code == 0, err
    assert "一致" in out
    assert len((tmp_path / "answers.csv").read_bytes().splitlines()) == 8
    assert "完了" in listed
    assert not list((tmp_path / "bulk").rglob("answer*"))


async def test_a_program_reads_json(provide: Provide, keys: Path, tmp_path: Path):
    """One object says what came of it; rows that could not be read make the exit code that of bad input."""
    keys.write_text("\n".join(["住民票コード", *CODES, "x"]))  # noqa: ASYNC240 - a few lines
    code, out, err = await provide(*bulk(keys, tmp_path / "answers.parquet", "--json"))

    told = orjson.loads(out)
    assert code == 3, err
    assert (told["schema"], told["rows"], told["malformed"]) == ("openjuki/bulk/1", 8, 1)
    assert sum(told["results"].values()) == 8
    assert told["report"].endswith("answers.parquet.report.csv")
    assert parquet.read_table(told["out"]).num_rows == 8


async def test_the_same_file_is_asked_once(provide: Provide, keys: Path, tmp_path: Path):
    """Whoever sends it twice is told so, and how to ask anew."""
    await provide(*bulk(keys, tmp_path / "answers.csv"))
    code, _, err = await provide(*bulk(keys, tmp_path / "answers.csv"))
    anew, _, _ = await provide(*bulk(keys, tmp_path / "again.csv", "--again"))

    assert (code, anew) == (1, 0)
    assert "--again" in err
    assert (tmp_path / "answers.csv").read_bytes() == (tmp_path / "again.csv").read_bytes()


async def test_a_refusal_is_told_with_its_article(
    provide: Provide, provider: BulkStandIn, keys: Path, tmp_path: Path
):
    """What the provider's book says no to leaves no file."""
    provider.refusal = refusals.OUTSIDE_THE_AREA
    code, _, err = await provide(*bulk(keys, tmp_path / "answers.csv"))

    assert code == 1
    assert refusals.OUTSIDE_THE_AREA.code in err
    assert not (tmp_path / "answers.csv").exists()


async def test_a_request_is_called_off(provide: Provide, provider: BulkStandIn, keys: Path, tmp_path: Path):
    """Another command calls it off; whoever waits for it is told."""
    provider.at_once = 0
    asking = asyncio.create_task(provide(*bulk(keys, tmp_path / "answers.csv")))
    async with asyncio.timeout(120):
        while not provider.requests:  # noqa: ASYNC110 - what is waited for is another's
            await asyncio.sleep(0.02)
    provider.cancelled = True

    code, _, err = await asking

    assert code == 1
    assert "JK-ASKING-0004" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--agency", PENSIONS, "--affair", PENSION), "--in", id="no file"),
        pytest.param(("--in", "keys.csv"), "--agency", id="no agency"),
    ],
)
async def test_what_is_missing_is_named(provide: Provide, words: tuple[str, ...], said: str):
    """Asking with a file needs all four of agency, affair and files."""
    code, _, err = await provide(*words)

    assert code == 3
    assert said in err
