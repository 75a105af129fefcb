# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The processes of a nation in a box: one for the Centre, one for the prefectures, one for each prefecture's towns, one that signs.

A worker that dies is started again; what it had not committed it pulls again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from openjuki.errors import SetUpFailed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

#: What a worker prints once its nodes answer.
READY = "ready"
#: How long founding may take, in seconds.
_PATIENCE = 120.0
_STOP_SECONDS = 20


def awaited(path: Path) -> Path:
    """The settings, once they are written: the launcher starts us early, so that we are loaded by then."""
    deadline = time.monotonic() + _PATIENCE
    while not path.exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    return path


@dataclass(slots=True)
class Worker:
    """A process that runs some nodes (稼働プロセス)."""

    name: str
    nodes: Sequence[str]
    config: Path
    #: What it finds in its environment beside what we find in ours.
    environment: Mapping[str, str] = field(default_factory=dict)
    #: What it runs.
    module: str = "openjuki.simulation.worker"
    process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Start, without waiting."""
        self._hang_up()
        log = self.config.parent / "log"
        log.mkdir(mode=0o700, exist_ok=True)
        command = [sys.executable, "-m", self.module, str(self.config), *self.nodes]
        with (log / f"{self.name}.log").open("a", encoding="utf-8") as written:
            self.process = subprocess.Popen(  # noqa: S603 - our own interpreter, our own module
                command,
                stdout=subprocess.PIPE,
                stderr=written,
                text=True,
                start_new_session=True,
                env={**os.environ, **self.environment},
            )

    def await_ready(self) -> None:
        """Wait until its nodes answer.

        Raises:
            SetUpFailed: it ended instead; its log says why.
        """
        process = self._running()
        assert process.stdout is not None
        said = process.stdout.readline().strip()
        self._hang_up()
        if said != READY:
            raise SetUpFailed(f"worker {self.name} did not start; see log/{self.name}.log")

    def kill(self) -> None:
        """Kill it as a power cut would."""
        process = self._running()
        process.send_signal(signal.SIGKILL)
        process.wait()

    def tell_to_stop(self) -> None:
        """Tell it to stop in order, without waiting."""
        self._hang_up()
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)  # nothing happens where it has ended

    def stop(self) -> None:
        """Stop it in order, and wait until it has."""
        self.tell_to_stop()
        if self.process is None:
            return
        try:
            self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def revive(self) -> bool:
        """Start it again if it died; whether it had."""
        if self._running().poll() is None:
            return False
        self.start()
        return True

    @property
    def pid(self) -> int | None:
        """Its process, while it runs."""
        return self.process.pid if self.process and self.process.poll() is None else None

    def _hang_up(self) -> None:
        """Hear no more: a pipe that nobody reads would fill."""
        if self.process is not None and self.process.stdout is not None:
            self.process.stdout.close()

    def _running(self) -> subprocess.Popen[str]:
        assert self.process is not None, "the worker was never started"
        return self.process
