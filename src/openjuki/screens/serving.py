# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Pages beside their node (画面の稼働): in the node's own loop, for as long as the node is open.

Where it listens is told in ``run/<kind>-<node>.json`` of the installation's home: a taken port means the next.
Beyond its own machine it speaks TLS or not at all.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

import orjson
import structlog
import uvicorn

from openjuki.errors import BadConfiguration
from openjuki.screens.connection import KEEP_ALIVE, Connection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from starlette.types import ASGIApp

    from openjuki.nodes.node import Node
    from openjuki.screens.place import Place

log = structlog.get_logger()

#: So many ports are tried, one after the other.
_PORTS: Final = 1_000
#: Seconds that answers under way are given when the node stops.
_GRACE: Final = 5
#: Of a server's ticks, which come ten times a second, those at which it looks at its connections.
LOOKS: Final = 10


class _Server(uvicorn.Server):
    """A server that leaves signals to the process, whose nodes stop together, and hangs up on who lets it wait."""

    async def on_tick(self, counter: int) -> bool:
        if counter % LOOKS == 0:
            for connection in tuple(self.server_state.connections):
                assert isinstance(connection, Connection)
                connection.look()
        return await super().on_tick(counter)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def served(node: Node, place: Place, app: ASGIApp) -> AsyncIterator[None]:
    """Serve an application of a node until the block is left.

    Raises:
        BadConfiguration: the address cannot be listened at, or lies beyond this machine and there is no certificate.
    """
    _check(node, place)
    server = _Server(_config(place, app))
    with _listening(place) as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await _begun(server, serving)
            with _told(node, place, _url(place, listening)):
                yield
        finally:
            server.should_exit = True
            await serving


async def _begun(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    while not server.started and not serving.done():  # noqa: ASYNC110 - a server has no event
        await asyncio.sleep(0.005)
    if serving.done():
        await serving


def _config(place: Place, app: ASGIApp) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # what a server says of a request it cannot read may quote it
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
        ssl_certfile=place.certificate,
        ssl_keyfile=place.key,
    )
    try:
        config.load()
    except OSError as error:  # that of TLS is one too
        raise BadConfiguration(
            f"{place.kind}_certificate or {place.kind}_key cannot be used: {error.strerror}"
        ) from None
    return config


def _check(node: Node, place: Place) -> None:
    kind = place.kind
    if (place.certificate is None) is not (place.key is None):
        raise BadConfiguration(f"{kind}_certificate and {kind}_key go together")
    if place.certificate is None and not _is_this_machine(place.host):
        raise BadConfiguration(
            f"the {kind} of {node.id} would listen beyond this machine: {kind}_certificate and {kind}_key are missing"
        )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listening(place: Place) -> socket.socket:
    """A socket at the port wished for, or at the next that nobody has taken."""
    host, wished = place.host, place.port
    tried: Sequence[int] = range(wished, min(wished + _PORTS, 65_536)) if wished else (0,)
    for port in tried:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listening = socket.socket(family, kind, protocol)
        except OSError as error:
            raise BadConfiguration(f"{place.kind}_host cannot be listened at: {error.strerror}") from None
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen()
        except OSError:
            listening.close()
        else:
            return listening
    raise BadConfiguration(f"nothing is free for the {place.kind} from port {wished} on")


def _url(place: Place, listening: socket.socket) -> str:
    scheme = "http" if place.certificate is None else "https"
    host = f"[{place.host}]" if ":" in place.host else place.host
    return f"{scheme}://{host}:{listening.getsockname()[1]}"


@contextmanager
def _told(node: Node, place: Place, url: str) -> Iterator[None]:
    """Write down where the pages are, for as long as they are."""
    path = told_at(node.published.parent, node.id, place.kind)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(orjson.dumps({"node": node.id, "url": url}))
    fresh.rename(path)  # whole, for whoever reads it meanwhile
    log.info("listens", node=node.id, what=place.kind, url=url)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def told_at(home: Path, node: str, kind: str) -> Path:
    """Where it is written down at which address a node's pages are."""
    return home / "run" / f"{kind}-{node}.json"
