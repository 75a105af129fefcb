# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki`` as somebody calls it, in this process, at an installation with the nodes of Chiyoda and Tokyo."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fixtures.network import CHIYODA, TOKYO
from openjuki import cli, config
from openjuki.config import clock
from openjuki.nodes.node import opened_office
from openjuki.simulation import clerks
from openjuki.wire.directory import write_directory

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fixtures.ground import Ground

type Juki = Callable[..., tuple[int, str, str]]


@pytest.fixture
def juki(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Juki:
    """Runs ``juki`` with arguments: exit code, standard output, standard error."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["juki", *words])
        with pytest.raises(SystemExit) as left:
            cli.main()
        told = capsys.readouterr()
        return int(left.value.code or 0), told.out, told.err

    return run


@pytest.fixture
def installed(ground: Ground, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ground]:
    """An installation with the nodes of Chiyoda and Tokyo."""
    lines = ['network = "test"', 'nats_url = "tls://127.0.0.1:1"']
    for node in (CHIYODA, TOKYO):
        own = ground.settings(node)
        lines += [f"[nodes.{node}]", f'kind = "{own.kind}"', f'database_url = "{own.database_url}"']
        lines += [f'identity = "{own.identity}"']
    (tmp_path / "openjuki.toml").write_text("\n".join(lines), encoding="utf-8")
    edition = ground.directory.revise([], issued=clock(), expires=clock() + timedelta(days=1))
    (tmp_path / "directory.json").write_bytes(write_directory(edition, ground.root))
    monkeypatch.setenv("OPENJUKI_HOME", str(tmp_path))
    monkeypatch.delenv("OPENJUKI_CONFIG", raising=False)
    yield ground
    for node in (CHIYODA, TOKYO):
        ground.clear(node)


@pytest.fixture
def division(installed: Ground) -> Ground:
    """Chiyoda with the residents' division that the demonstration founds: jumin-1 and jumin-2 at jumin-t1."""

    async def found() -> None:
        async with opened_office(config.load(), CHIYODA) as chiyoda:
            await clerks.found_at(chiyoda)

    asyncio.run(found())
    return installed
