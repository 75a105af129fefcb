# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The processes of a nation in a box: the Centre, the prefectures, each prefecture's towns, the agencies, the signers.

All are born of one that has loaded what they need (`openjuki.simulation.cradle`). A worker that dies is started
again; what it had not committed it pulls again.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

import orjson

from openjuki.errors import SetUpFailed
from openjuki.simulation.cradle import LONGEST

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: What a worker prints once its nodes answer.
READY = "ready"
_STOP_SECONDS = 20.0


class Cradle:
    """The process that workers are born of (稼働プロセスの親)."""

    def __init__(self, home: Path) -> None:
        """Of which home; its path stands on the command line, so that whose processes they are can be seen."""
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def start(self) -> None:
        """Start it, without waiting until it has loaded."""
        self.stop()
        self._line, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        log = self._home / "log"
        log.mkdir(mode=0o700, exist_ok=True)
        number = other.fileno()
        command = [sys.executable, "-m", "openjuki.simulation.cradle", str(self._home), str(number)]
        with other, (log / "cradle.log").open("ab") as written:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
                command, stdout=written, stderr=written, pass_fds=[number], start_new_session=True
            )

    def bear(
        self, arguments: Sequence[str], environment: Mapping[str, str], outputs: tuple[int, int]
    ) -> Child:
        """Bear a worker that runs a module, the first argument, and writes to two files.

        Raises:
            SetUpFailed: nothing can be started; the log says why.
        """
        if self._process is None or self._process.poll() is not None:
            self.start()
        assert self._line is not None
        told = orjson.dumps({"arguments": arguments, "environment": {**os.environ, **environment}})
        try:
            socket.send_fds(self._line, [told], outputs)
            return Child(int(self._line.recv(LONGEST)))
        except (OSError, ValueError) as error:
            raise SetUpFailed("no worker can be started; see log/cradle.log") from error

    def stop(self) -> None:
        """End it, and with it whichever of its workers still runs."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.wait()


class Child:
    """A worker's process, which is the cradle's child and not ours (稼働プロセス)."""

    def __init__(self, pid: int) -> None:
        """Hold on to it: its number may be another's once it has ended."""
        self.pid = pid
        try:
            self._held: int | None = os.pidfd_open(pid)
        except ProcessLookupError:  # it has ended already
            self._held = None

    def __del__(self) -> None:
        """Let go."""
        if self._held is not None:
            os.close(self._held)

    def ends(self, within: float | None = 0.0) -> bool:
        """Whether it has ended, or does within so many seconds; None waits for as long as it takes."""
        return self._held is None or bool(select.select([self._held], [], [], within)[0])

    def tell(self, number: signal.Signals) -> None:
        """Send it a signal; nothing happens where it has ended."""
        if self._held is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._held, number)


@dataclass(slots=True)
class Worker:
    """A process that runs some nodes (稼働プロセス)."""

    name: str
    nodes: Sequence[str]
    config: Path
    #: What it is born of.
    cradle: Cradle
    #: What it finds in its environment beside what we find in ours.
    environment: Mapping[str, str] = field(default_factory=dict)
    #: What it runs.
    module: str = "openjuki.simulation.worker"
    process: Child | None = None
    _said: IO[str] | None = None

    def start(self) -> None:
        """Start, without waiting until its nodes answer."""
        self._hang_up()
        log = self.config.parent / "log"
        log.mkdir(mode=0o700, exist_ok=True)
        hear, say = os.pipe()
        self._said = os.fdopen(hear, encoding="utf-8")
        try:
            with (log / f"{self.name}.log").open("ab") as written:
                self.process = self.cradle.bear(
                    [self.module, str(self.config), *self.nodes], self.environment, (say, written.fileno())
                )
        finally:
            os.close(say)

    def await_ready(self) -> None:
        """Wait until its nodes answer.

        Raises:
            SetUpFailed: it ended instead; its log says why.
        """
        assert self._said is not None, "the worker was never started"
        said = self._said.readline().strip()
        self._hang_up()
        if said != READY:
            raise SetUpFailed(f"worker {self.name} did not start; see log/{self.name}.log")

    def kill(self) -> None:
        """Kill it as a power cut would."""
        process = self._running()
        process.tell(signal.SIGKILL)
        process.ends(None)

    def tell_to_stop(self) -> None:
        """Tell it to stop in order, without waiting."""
        self._hang_up()
        if self.process is not None:
            self.process.tell(signal.SIGTERM)

    def stop(self) -> None:
        """Stop it in order, and wait until it has."""
        self.tell_to_stop()
        if self.process is not None and not self.process.ends(_STOP_SECONDS):
            self.kill()

    def revive(self) -> bool:
        """Start it again if it died; whether it had."""
        if not self._running().ends():
            return False
        self.start()
        return True

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""
        return self.process.pid if self.process and not self.process.ends() else None

    def _hang_up(self) -> None:
        """Hear no more: a pipe that nobody reads would fill."""
        if self._said is not None:
            self._said.close()

    def _running(self) -> Child:
        assert self.process is not None, "the worker was never started"
        return self.process
