# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The gateway as one application (接続口): systems under `/v1/`, operators' pages everywhere else.

Rules of this file:

1. Whatever goes wrong under `/v1/` is a problem of one form, and no server's own words reach anybody.
2. An unforeseen error is logged by its frames; neither its message nor what was asked is.
3. Every answer says that it must not be kept, guessed at or framed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException

from openjuki.errors import BadRequest, JukiError, NothingThere
from openjuki.gateway import documentation
from openjuki.gateway.api import Api
from openjuki.gateway.problems import problem
from openjuki.nodes.log import frames

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from openjuki.nodes.asking import Asking
    from openjuki.nodes.node import Node

log = structlog.get_logger()

#: Where systems ask.
API: Final = "/v1"
HEADERS: Final = {
    "cache-control": "no-store",
    "content-security-policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
}
_HEADERS: Final = [(name.encode(), value.encode()) for name, value in HEADERS.items()]


def application(node: Node, asking: Asking, pages: Sequence[BaseRoute] = ()) -> ASGIApp:
    """The gateway of a node: its API with its description, and the pages of its operators."""
    api, people = _api(node, asking), Starlette(routes=list(pages))

    async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"]
        is_api = path == API or path.startswith(f"{API}/")
        try:
            await (api if is_api else people)(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - what has been answered is raised again for a server to log
            log.error("gateway-defect", kind=type(error).__name__, frames=" < ".join(frames(error)))  # noqa: TRY400 - its message may quote a person

    return gateway


def _api(node: Node, asking: Asking) -> ASGIApp:
    roads = [*Api(node, asking).routes(), *documentation.routes()]
    handlers: Mapping[Any, Any] = {JukiError: _told, HTTPException: _no_road, Exception: _defect}
    app = Starlette(routes=roads, exception_handlers=handlers)
    app.router.redirect_slashes = False

    async def api(scope: Scope, receive: Receive, send: Send) -> None:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *_HEADERS]
            await send(message)

        await app(scope, receive, dressed)

    return api


async def _told(_: Request, error: Exception) -> Response:
    assert isinstance(error, JukiError)
    answer = problem(error)
    if answer.status_code >= 500:  # noqa: PLR2004 - ours to look at, and not the caller's
        log.warning("gateway-failed", code=error.code)
    return answer


async def _no_road(_: Request, error: Exception) -> Response:
    """Say what the router found: no such path, or no such method there."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:  # noqa: PLR2004 - the status that means this
        return problem(NothingThere())
    return problem(BadRequest("this method is not served here"), error.status_code, error.headers)


async def _defect(_: Request, __: Exception) -> Response:
    """Say that it is our fault, and nothing else."""
    return problem(JukiError())
