# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The process that makes a generation: what it cannot do is said by its code, and it outlives nobody."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from contextlib import closing, suppress
from datetime import UTC, datetime
from socket import create_server, socket
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from openjuki.config import CENTRE
from openjuki.errors import IntegrityFailure, JukiError, StoreUnavailable
from openjuki.nodes import generating

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fixtures.offices import Country

pytestmark = pytest.mark.postgres

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
SECONDS = 60


@pytest.fixture
async def database(country: Country) -> str:
    """The Centre's."""
    return (await country.node(CENTRE)).settings.database_url


@pytest.fixture
def silent() -> Iterator[socket]:
    """A database that takes a call and says nothing."""
    with closing(create_server(("127.0.0.1", 0))) as server:
        server.settimeout(SECONDS)
        yield server


def url(server: socket) -> str:
    """How it is called."""
    return f"postgresql://nobody@127.0.0.1:{server.getsockname()[1]}/none"


@pytest.fixture
def child(silent: socket, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A child that was asked, and has called a database that says nothing."""
    command = [sys.executable, "-m", "openjuki.nodes.generating"]
    question = {"at": NOW, "database_url": url(silent), "folder": str(tmp_path)}
    ends = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, **ends) as child:
        assert child.stdin is not None
        child.stdin.write(orjson.dumps(question) + b"\n")
        child.stdin.flush()
        with silent.accept()[0]:
            yield child
        child.kill()


async def test_the_first_generation_is_made(database: str, tmp_path: Path) -> None:
    """A child makes what is then open here."""
    made = await generating.made_apart(database, tmp_path / "snapshot", NOW)

    assert (made.number, made.rows, made.at) == (1, 0, NOW)


async def test_what_cannot_be_written_is_said(database: str, tmp_path: Path) -> None:
    """Where no folder can be, the reason is the disk's."""
    (tmp_path / "file").touch()
    with pytest.raises(StoreUnavailable, match="Not a directory"):
        await generating.made_apart(database, tmp_path / "file" / "snapshot", NOW)


async def test_a_database_that_is_away_is_said(tmp_path: Path) -> None:
    """Nobody listens there."""
    with pytest.raises(StoreUnavailable):
        await generating.made_apart("postgresql://nobody@127.0.0.1:1/none", tmp_path, NOW)


async def test_a_damaged_generation_is_said(database: str, tmp_path: Path) -> None:
    """What is to be merged into must be whole."""
    made = await generating.made_apart(database, tmp_path, NOW)
    shutil.copytree(made.path, tmp_path / "00000002")
    (tmp_path / "00000002" / "persons.codes").unlink()
    with pytest.raises(IntegrityFailure, match="00000002 lacks a file"):
        await generating.made_apart(database, tmp_path, NOW)


async def test_a_mistake_of_ours_quotes_nobody(tmp_path: Path) -> None:
    """Of what nobody foresaw the frames are told, and not the words."""
    said = await generating._said("postgresql://?nonsense=小島", tmp_path, NOW)

    assert "小島" not in said["frames"]
    assert said["frames"].startswith("ProgrammingError < ")


async def test_such_a_mistake_is_no_traceback(tmp_path: Path) -> None:
    """Whoever waits for the child is told by a code."""
    with pytest.raises(JukiError, match="Something went wrong"):
        await generating.made_apart("postgresql://?nonsense=1", tmp_path, NOW)


async def test_a_child_that_is_ended_is_tried_again_later(database: str, tmp_path: Path, monkeypatch) -> None:
    """One that says nothing was ended by somebody."""
    monkeypatch.setattr(generating.sys, "executable", shutil.which("true"))
    with pytest.raises(StoreUnavailable, match="ended"):
        await generating.made_apart(database, tmp_path, NOW)


async def test_whoever_is_told_to_stop_leaves_no_child(silent: socket, tmp_path: Path, monkeypatch) -> None:
    """The child of a node that stops does not go on by itself."""
    begun: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def seen(*arguments: Any, **options: Any) -> Any:
        begun.set_result(await begin(*arguments, **options))
        return begun.result()

    begin = asyncio.create_subprocess_exec
    monkeypatch.setattr(generating.asyncio, "create_subprocess_exec", seen)
    making = asyncio.create_task(generating.made_apart(url(silent), tmp_path, NOW))
    child = await begun
    making.cancel()
    with suppress(asyncio.CancelledError):
        await making

    assert child.returncode is not None


def test_it_lets_others_go_first(child: subprocess.Popen[bytes]) -> None:
    """Whoever answers somebody meanwhile has the processor when they need it."""
    assert os.getpriority(os.PRIO_PROCESS, child.pid) == os.getpriority(os.PRIO_PROCESS, 0) + 10


def test_it_ends_when_its_parent_does(child: subprocess.Popen[bytes]) -> None:
    """However the parent ends, its end of the line is closed then."""
    assert child.stdin is not None
    child.stdin.close()

    assert child.wait(SECONDS) == 1


def test_whoever_stops_a_node_at_a_terminal_sees_no_traceback(child: subprocess.Popen[bytes]) -> None:
    """Ctrl-C reaches the child as well as its parent."""
    child.send_signal(signal.SIGINT)
    child.wait(SECONDS)

    assert child.stderr is not None
    assert child.stderr.read() == b""
