# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The gateway beside its node (接続口の稼働): in the node's own loop, for as long as the node is open.

Where it listens is told in ``run/gateway-<node>.json`` of the installation's home: a taken port means the next.
Beyond its own machine it speaks TLS or not at all.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import asynccontextmanager, contextmanager
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final

import orjson
import structlog
import uvicorn

from openjuki.errors import BadConfiguration
from openjuki.gateway.app import application
from openjuki.gateway.pages import routes
from openjuki.nodes.asking import Asking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

    from openjuki.config import NodeSettings
    from openjuki.nodes.node import Node

log = structlog.get_logger()

#: So many ports are tried, one after the other.
_PORTS: Final = 1_000
#: Seconds for which a connection on which nothing is asked stays open: longer than a system pauses within a day's work.
_KEEP_ALIVE: Final = 75
#: Seconds that answers under way are given when the node stops.
_GRACE: Final = 5
#: Largest head of a request, in bytes.
_LARGEST_HEAD: Final = 16_384


class _Server(uvicorn.Server):
    """A server that leaves signals to the process: the nodes in it stop together."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def beside(node: Node) -> AsyncIterator[None]:
    """Serve the gateway of a node until the block is left.

    Raises:
        BadConfiguration: the address cannot be listened at, or lies beyond this machine and there is no certificate.
    """
    own, asking = node.settings, Asking(node)
    _check(own)
    server = _Server(_config(own, application(node, asking, routes(node, asking))))
    with _listening(own.gateway_host, own.gateway_port) as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        try:
            await _begun(server, serving)
            with _told(node, _url(own, listening)):
                yield
        finally:
            server.should_exit = True
            await serving


async def _begun(server: uvicorn.Server, serving: asyncio.Task[None]) -> None:
    while not server.started and not serving.done():  # noqa: ASYNC110 - a server has no event
        await asyncio.sleep(0.005)
    if serving.done():
        await serving


def _config(own: NodeSettings, app: Any) -> uvicorn.Config:
    config = uvicorn.Config(
        app,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="critical",  # what a server says of a request it cannot read may quote it
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=_KEEP_ALIVE,
        timeout_graceful_shutdown=_GRACE,
        ssl_certfile=own.gateway_certificate,
        ssl_keyfile=own.gateway_key,
    )
    try:
        config.load()
    except OSError as error:  # that of TLS is one too
        raise BadConfiguration(
            f"gateway_certificate or gateway_key cannot be used: {error.strerror}"
        ) from None
    return config


def _check(own: NodeSettings) -> None:
    if (own.gateway_certificate is None) is not (own.gateway_key is None):
        raise BadConfiguration("gateway_certificate and gateway_key go together")
    if own.gateway_certificate is None and not _is_this_machine(own.gateway_host):
        raise BadConfiguration(
            f"the gateway of {own.id} would listen beyond this machine: gateway_certificate and gateway_key are missing"
        )


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _listening(host: str, wished: int) -> socket.socket:
    """A socket at the port wished for, or at the next that nobody has taken."""
    tried: Sequence[int] = range(wished, min(wished + _PORTS, 65_536)) if wished else (0,)
    for port in tried:
        try:
            family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
            listening = socket.socket(family, kind, protocol)
        except OSError as error:
            raise BadConfiguration(f"gateway_host cannot be listened at: {error.strerror}") from None
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen()
        except OSError:
            listening.close()
        else:
            return listening
    raise BadConfiguration(f"nothing is free for the gateway from port {wished} on")


def _url(own: NodeSettings, listening: socket.socket) -> str:
    scheme = "http" if own.gateway_certificate is None else "https"
    host = f"[{own.gateway_host}]" if ":" in own.gateway_host else own.gateway_host
    return f"{scheme}://{host}:{listening.getsockname()[1]}"


@contextmanager
def _told(node: Node, url: str) -> Iterator[None]:
    """Write down where the gateway listens, for as long as it does."""
    path = told_at(node.published.parent, node.id)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.write_bytes(orjson.dumps({"node": node.id, "url": url}))
    fresh.rename(path)  # whole, for whoever reads it meanwhile
    log.info("gateway-listens", node=node.id, url=url)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def told_at(home: Path, node: str) -> Path:
    """Where it is written down at which address the gateway of a node listens."""
    return home / "run" / f"gateway-{node}.json"
