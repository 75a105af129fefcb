# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The page stands beside the nation (画面の起動): a thread of its own, with its own loop, until the block ends.

The main thread stays with the signals and the workers. In here live the page, the ear, the watch, and a slow
trickle of life, so that there is something to see.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
import socket
import threading
from contextlib import AsyncExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

import structlog
import uvicorn

from openjuki.config import Kind, clock
from openjuki.errors import JukiError, SetUpFailed
from openjuki.nodes.node import opened_office
from openjuki.pki.authority import Authority
from openjuki.pki.identity import NodeIdentity, issue_identity
from openjuki.pki.keys import SigningKey
from openjuki.simulation.enquiries import Enquiries
from openjuki.simulation.errands import People
from openjuki.simulation.live.app import Screen, site
from openjuki.simulation.live.ear import EAR, Ear, listening
from openjuki.simulation.live.hands import Hands
from openjuki.simulation.live.view import page
from openjuki.simulation.live.watching import EVERY, Watch

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from datetime import datetime

    from openjuki.simulation.day import Day
    from openjuki.simulation.launcher import Nation

log = structlog.get_logger()

#: Where the page is, unless somebody else is there: then the next free port.
PORT: Final = 8700
#: How many ports are tried.
_PORTS: Final = 100
#: Seconds between two events of life.
TRICKLE: Final = 1.0
#: How long one event may take; a certificate that does not come is no reason to wait longer.
_PATIENCE: Final = 3.0


class LivePage:
    """The live page of one nation (稼働状況の画面)."""

    def __init__(
        self, nation: Nation, day: Day | None, *, port: int = PORT, trickle: float = TRICKLE
    ) -> None:
        """Of which nation; its day goes on, one event at a time, where one is given."""
        self._nation, self._day, self._trickle = nation, day, trickle
        self._socket = listening_socket(port)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self._happened: list[tuple[datetime, str, str]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._ready = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="live page")

    def start(self) -> None:
        """Stand up.

        Raises:
            SetUpFailed: it cannot.
        """
        self._thread.start()
        self._ready.wait()
        if self._failure is not None:
            self._thread.join()
            raise SetUpFailed(f"the live page does not start: {self._failure}") from self._failure

    def stop(self) -> None:
        """Lie down, and wait until everything is closed."""
        if self._loop is not None and self._stopping is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stopping.set)
        while self._thread.is_alive():
            with suppress(KeyboardInterrupt):  # we are stopping; a second Ctrl-C does not leave half of it
                self._thread.join()

    def _run(self) -> None:
        asyncios = logging.getLogger("asyncio")
        level = asyncios.level
        asyncios.setLevel(logging.ERROR)  # it warns whenever the broker hangs up first
        try:
            asyncio.run(self._stand())
        except BaseException as error:  # noqa: BLE001 - told to whoever waits for us
            self._failure = error
        finally:
            asyncios.setLevel(level)
            self._socket.close()
            self._ready.set()

    async def _stand(self) -> None:
        self._loop, self._stopping = asyncio.get_running_loop(), asyncio.Event()
        nation, screen = self._nation, Screen(secrets.token_urlsafe(24))
        ear, hands = Ear(nation.directory), Hands(nation)
        watch = Watch(nation.nodes, nation.urls(), ear, hands, self._happened)

        async def look() -> None:
            await screen.show(page(await watch.look()))

        def then_look(deed: Callable[[str], Awaitable[None]]) -> Callable[[str], Awaitable[None]]:
            async def done(town: str) -> None:
                await deed(town)
                await look()

            return done

        deeds = {
            "cut-off": hands.cut_off,
            "rejoin": hands.rejoin,
            "flip": hands.flip,
            "restore": hands.restore,
        }
        app = site(screen, {name: then_look(deed) for name, deed in deeds.items()}, port=self.port)
        async with AsyncExitStack() as stack:
            stack.push_async_callback(watch.close)
            hands.permit()
            await stack.enter_async_context(listening(self._identity(), nation.broker.url, ear))
            await look()
            server = uvicorn.Server(_settings(app))
            serving = asyncio.create_task(server.serve(sockets=[self._socket]))
            while not (server.started or serving.done()):  # noqa: ASYNC110 - it says so in no other way
                await asyncio.sleep(0.01)
            others = [asyncio.create_task(_repeat(look, EVERY))]
            if self._day is not None and nation.agencies:
                others.append(asyncio.create_task(self._ask_on(self._day)))
            if self._day is not None:
                others.append(asyncio.create_task(self._live_on(self._day, hands)))
            self._ready.set()
            await self._stopping.wait()
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            await screen.close()
            server.should_exit = True
            await serving

    async def _live_on(self, day: Day, hands: Hands) -> None:
        """Life goes on, one event after the other at the counters: every second one where somebody is looking."""
        async with AsyncExitStack() as stack:
            day.offices = {
                node.id: await stack.enter_async_context(opened_office(self._nation.settings, node.id))
                for node in self._nation.nodes
                if node.kind is Kind.MUNICIPALITY
            }

            async def one() -> None:
                before = len(day.happened)
                looked_at = tuple(hands.apart) if secrets.randbelow(2) else ()
                async with asyncio.timeout(_PATIENCE):
                    await day.another(looked_at)
                for event in day.happened[before:]:
                    self._happened.append((clock(), event.title, event.example[:6]))
                del self._happened[:-20]

            await _repeat(one, self._trickle)

    async def _ask_on(self, day: Day) -> None:
        """The agencies go on asking, one request after the other, about people as they stood in the morning."""
        async with Enquiries(self._nation, People(day.residents, day.happened)) as enquiries:
            await _repeat(enquiries.another, self._trickle)

    def _identity(self) -> NodeIdentity:
        """The ear's certificate; the keys beside it go unused."""
        home, now = self._nation.home / "ear", clock()
        if home.exists():
            return NodeIdentity.load(home, at=now)
        authority = Authority.load(self._nation.home / "pki")
        return issue_identity(home, EAR, authority=authority, roots=[SigningKey.generate().public], at=now)


@contextmanager
def live_page(nation: Nation, day: Day | None, **options: Any) -> Iterator[LivePage]:
    """The page, for as long as the block lasts."""
    stands = LivePage(nation, day, **options)
    stands.start()
    try:
        yield stands
    finally:
        stands.stop()


def listening_socket(wished: int) -> socket.socket:
    """A socket on the port wished for, or on the next that nobody has taken; 0 asks the system.

    Raises:
        SetUpFailed: a hundred ports in a row are taken.
    """
    for port in range(wished, wished + _PORTS):
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            listener.close()
            continue
        return listener
    raise SetUpFailed(f"ports {wished} to {wished + _PORTS - 1} are taken; free one for the live page")


async def _repeat(work: Callable[[], Awaitable[None]], every: float) -> None:
    """Do something again and again; what goes wrong is logged, and done again."""
    while True:
        await asyncio.sleep(every)
        try:
            await work()
        except TimeoutError:
            continue
        except JukiError as error:
            log.info("waiting", loop="live page", code=error.code)
        except Exception:
            log.exception("defect", loop="live page")


def _settings(app: Any) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        server_header=False,
        timeout_graceful_shutdown=2,
    )
