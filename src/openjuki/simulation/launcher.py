# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A nation in a box (小さな国): from an empty folder to a running network, and back.

Entering a `Nation` lays everything a real network has into one home and starts it: a broker, a
database server with one database per node, and the workers. Leaving it stops them. A home that a
demonstration made is founded anew each time; any other folder is left alone.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Self

import orjson

from openjuki.config import CENTRE, Kind, clock, load
from openjuki.errors import BadConfiguration, SetUpFailed
from openjuki.simulation.founding import found, planned_nodes, write_settings
from openjuki.simulation.nation_plan import NATION
from openjuki.simulation.processes import Cradle, Worker
from openjuki.store.embedded import EmbeddedPostgres
from openjuki.wire.broker import EmbeddedBroker, permissions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType
    from typing import IO

    from openjuki.config import Settings
    from openjuki.pki.authority import Authority
    from openjuki.simulation.agencies import PlannedAgency
    from openjuki.simulation.founding import PlannedNode
    from openjuki.simulation.nation_plan import PlannedPrefecture
    from openjuki.simulation.progress import Progress
    from openjuki.wire.directory import Directory

#: Where NATS listens, unless somebody else does: then the next free port.
NATS_PORT = 4300
#: How often it is tried: between looking for a free port and taking it another nation may take it.
_TRIES = 3
#: What tells a demonstration's home from any other folder.
_MARKER = "demonstration.lock"
#: What tells us to stop: Ctrl-C, a service manager, the terminal that is closed.
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Nation:
    """A small nation in one process tree (小さな国)."""

    settings: Settings
    directory: Directory
    broker: EmbeddedBroker

    def __init__(
        self,
        home: Path,
        *,
        seed: int,
        progress: Progress,
        plan: Sequence[PlannedPrefecture] = NATION,
        agencies: Sequence[PlannedAgency] = (),
    ) -> None:
        """Where it will live; nothing is touched yet."""
        self.home, self.seed, self.progress, self.plan, self.agencies = home, seed, progress, plan, agencies
        self.nodes = tuple(planned_nodes(plan, agencies))
        self.postgres = EmbeddedPostgres(home)
        self.cradle = Cradle(home)
        self.workers = _workers(home / "openjuki.toml", self.nodes, self.cradle)
        self._lock: IO[str] | None = None
        self._clearing: threading.Thread | None = None

    def __enter__(self) -> Self:
        """Found it and start it.

        Raises:
            BadConfiguration: the folder is not a demonstration's, or one is running there.
            SetUpFailed: PostgreSQL, NATS or a worker does not start.
        """
        self._claim()
        try:
            with _Postponed() as signals:
                self.cradle.start()  # it loads while we found
                with self.progress.stage(
                    "設置 Founding: keys, directory, databases", len(self.nodes)
                ) as advance:
                    self._found(signals, advance)
            with self.progress.stage(
                "起動 Starting: one broker, one database server, workers", len(self.workers)
            ) as advance:
                self._start_workers(advance)
            self.announce()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop everything, in order: whoever asks before whoever answers."""
        self.stop()

    def urls(self, *kinds: Kind) -> dict[str, str]:
        """Databases by node, of some kinds of node or of all."""
        return {
            node.id: self.settings.nodes[node.id].database_url
            for node in self.nodes
            if not kinds or node.kind in kinds
        }

    def register(self, town: str) -> Path:
        """The file that a town's residents came in."""
        return self.home / "registers" / f"{town}.csv"

    def gateways(self) -> dict[str, str]:
        """Where the agencies' gateways listen, by node."""
        written = {agency.id: self.home / "run" / f"gateway-{agency.id}.json" for agency in self.agencies}
        return {
            node: str(orjson.loads(path.read_bytes())["url"])
            for node, path in written.items()
            if path.exists()
        }

    def credential(self, agency: str, system: str) -> Path:
        """The file with the credential of an agency's system, as its owner would keep it."""
        return self.home / "systems" / agency / system

    def watch(self) -> None:
        """Stay up until told to stop; a worker that died is started again."""
        while True:
            time.sleep(1.0)
            with _Postponed():
                for worker in self.workers:
                    worker.revive()

    def stop(self) -> None:
        """Stop what runs; what was never started is passed over, and a second Ctrl-C does not leave half of it."""
        with _undisturbed():
            for worker in self.workers:
                worker.tell_to_stop()
            for worker in self.workers:
                worker.stop()
            self.cradle.stop()
            if hasattr(self, "broker"):
                self.broker.stop()
            self.postgres.stop(at_once=True)  # nobody opens these books again
            (self.home / "run" / "endpoints.json").unlink(missing_ok=True)
            if self._clearing is not None:
                self._clearing.join()
            if self._lock is not None:
                self._lock.close()

    def _claim(self) -> None:
        """Take the home for us alone, and clear away the nation that was there."""
        if self.home.exists() and any(self.home.iterdir()) and not (self.home / _MARKER).exists():
            raise BadConfiguration(
                f"{self.home} holds something else; set OPENJUKI_HOME to an empty folder for the demonstration"
            )
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = (self.home / _MARKER).open("a", encoding="utf-8")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            message = (
                f"a demonstration is running in {self.home}; stop it, or set OPENJUKI_HOME to another folder"
            )
            raise BadConfiguration(message) from None
        self.postgres.stop(at_once=True)
        self._clear()

    def _clear(self) -> None:
        """Put the nation that was there out of the way, and throw it away while the new one is founded."""
        former = self.home / f"former.{os.getpid()}"
        entries = [entry for entry in self.home.iterdir() if entry.name != _MARKER]
        former.mkdir()
        for entry in entries:
            entry.rename(former / entry.name)
        self._clearing = threading.Thread(
            target=shutil.rmtree, args=(former,), kwargs={"ignore_errors": True}
        )
        self._clearing.start()

    def _start_workers(self, advance: Callable[[int], None]) -> None:
        with _Postponed() as signals:
            for worker in self.workers:
                signals.heed()
                worker.start()
        for worker in self.workers:
            worker.await_ready()
            advance(1)

    def _found(self, signals: _Postponed, advance: Callable[[int], None]) -> None:
        now = clock()
        with ThreadPoolExecutor(1) as aside:
            books = aside.submit(self._found_books, signals, advance)
            authority, self.directory = found(self.home, self.nodes, self.seed, now)
            self._start_broker(authority, now)
            books.result()
        signals.heed()
        databases = {node.id: self.postgres.worker_url(node.id) for node in self.nodes}
        signers = {node.id: self.postgres.signer_url(node.id) for node in self.nodes}
        write_settings(self.home, self.nodes, self.broker.url, databases, signers)
        self.settings = load(self.home / "openjuki.toml")

    def _start_broker(self, authority: Authority, now: datetime) -> None:
        """Start the broker; where another nation was faster at the port that was free, on the next one."""
        users = permissions(self.directory, at=now)
        for others in reversed(range(_TRIES)):
            self.broker = EmbeddedBroker(self.home, authority=authority, port=_free_port(NATS_PORT))
            try:
                self.broker.start(users, at=now)
            except SetUpFailed:
                if not others:
                    raise
            else:
                return

    def _found_books(self, signals: _Postponed, advance: Callable[[int], None]) -> None:
        """Start the server and make every node's database, while its keys are drawn."""
        self.postgres.start()
        if not signals.heard:
            self.postgres.create_databases({node.id: node.kind for node in self.nodes}, advance)

    def announce(self, **others: str) -> None:
        """Write down where everything is (`run/endpoints.json`), and what else stands beside the nation."""
        folder = self.home / "run"
        folder.mkdir(mode=0o700, exist_ok=True)
        endpoints = {
            "nats": self.broker.url,
            "postgres": str(self.postgres.socket_directory),
            **({"gateways": self.gateways()} if self.agencies else {}),
            **others,
            "pids": {
                "nats": self.broker.pid,
                "postgres": self.postgres.pid,
                **{worker.name: worker.pid for worker in self.workers},
            },
        }
        fresh = folder / "endpoints.json.new"
        fresh.write_bytes(orjson.dumps(endpoints, option=orjson.OPT_INDENT_2))
        fresh.rename(folder / "endpoints.json")  # whole, for whoever reads it meanwhile


def _workers(config: Path, nodes: Sequence[PlannedNode], cradle: Cradle) -> tuple[Worker, ...]:
    """One for the Centre, one for the prefectures, one for each prefecture's towns, one for the agencies, one that signs."""
    worker = partial(Worker, config=config, cradle=cradle)
    shared: dict[str, list[str]] = {}
    for node in nodes:
        shared.setdefault(_shared_by(node), []).append(node.id)
    signers = worker(name="signers", nodes=[], module="openjuki.simulation.signer")
    return (*(worker(name=name, nodes=run) for name, run in shared.items()), signers)


def _shared_by(node: PlannedNode) -> str:
    """Name of the worker that runs a node."""
    return {
        Kind.CENTRE: CENTRE,
        Kind.PREFECTURE: "prefectures",
        Kind.MUNICIPALITY: f"towns-{node.prefecture}",
        Kind.AGENCY: "agencies",
    }[node.kind]


class _Postponed:
    """Signals to stop that wait for the end of a step (割込みの保留).

    A process that is just being started would otherwise be nobody's: it runs, and we do not know it yet.
    """

    def __init__(self) -> None:
        #: Whether one came.
        self.heard = False

    def __enter__(self) -> Self:
        for name in _heard():
            signal.signal(name, self._hear)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for name in _heard():
            signal.signal(name, signal.default_int_handler if name is signal.SIGINT else _as_ctrl_c)
        self.heed()  # Ctrl-C also reaches what we have just started, whose failure then is no news

    def heed(self) -> None:
        """Stop now if we were told to."""
        if self.heard:
            raise KeyboardInterrupt

    def _hear(self, *_: object) -> None:
        self.heard = True


def _as_ctrl_c(*_: object) -> None:
    """Do what Ctrl-C does: a loop that runs cancels its work, where an exception out of nowhere could be taken for a fault."""
    signal.raise_signal(signal.SIGINT)


def _heard() -> Sequence[signal.Signals]:
    """What we stop at: Ctrl-C also where a shell had us ignore it, a closed terminal not under `nohup`."""
    under_nohup = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return _STOPPING[:-1] if under_nohup else _STOPPING


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Hear no signal until the block is done."""
    before = {name: signal.signal(name, signal.SIG_IGN) for name in _STOPPING}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


def _free_port(wished: int) -> int:
    """The port wished for, or the next that nobody has taken."""
    for port in range(wished, wished + 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    return 0
