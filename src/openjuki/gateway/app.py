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

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Route

from openjuki.errors import JukiError
from openjuki.gateway import documentation
from openjuki.gateway.api import Api
from openjuki.gateway.errors import BadRequest, NothingThere
from openjuki.gateway.problems import problem
from openjuki.gateway.road import dressed, failed, log_defect
from openjuki.nodes.fetching import Fetching

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

    from openjuki.nodes.asking import Asking
    from openjuki.nodes.node import Node

#: Where systems ask.
API: Final = "/v1"


def application(
    node: Node, asking: Asking, pages: Sequence[BaseRoute] = (), fetching: Fetching | None = None
) -> ASGIApp:
    """The gateway of a node: its API with its description, and the pages of its operators."""
    api = Api(node, asking, fetching or Fetching(node))
    roads, others, people = api.roads(), _others(api), Starlette(routes=list(pages))

    async def gateway(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        road = roads.get(scope["path"]) if scope["method"] == "POST" else None
        if road is not None:
            await road(scope, receive, send)
        elif scope["path"] == API or scope["path"].startswith(f"{API}/"):
            await _sheltered(others, scope, receive, dressed(send))
        else:
            await _sheltered(people, scope, receive, send)

    return gateway


def _others(api: Api) -> ASGIApp:
    """Everything of the API that is not asking; there too, whoever only looks is told that it is for asking."""
    asking = [Route(path, road, methods=["POST"]) for path, road in api.roads().items()]
    handlers: Mapping[Any, Any] = {JukiError: _failed, HTTPException: _no_road, Exception: _defect}
    app = Starlette(routes=[*api.routes(), *documentation.routes(), *asking], exception_handlers=handlers)
    app.router.redirect_slashes = False
    return app


async def _sheltered(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Stand between an unforeseen error, which has been answered by then, and the server's log."""
    try:
        await app(scope, receive, send)
    except Exception as error:  # noqa: BLE001 - a server would log its message, which may quote a person
        log_defect(error)


async def _failed(_: Request, error: Exception) -> Response:
    assert isinstance(error, JukiError)
    return failed(error)


async def _defect(_: Request, __: Exception) -> Response:
    return problem(JukiError())


async def _no_road(request: Request, error: Exception) -> Response:
    """Say what the router found: no such path, or no such method there."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:  # noqa: PLR2004 - the status that means this
        return problem(NothingThere())
    allowed = {"Allow": ", ".join(sorted(_methods(request)))}
    return problem(BadRequest("this method is not served here"), error.status_code, allowed)


def _methods(request: Request) -> set[str]:
    """Every method that is served at a path: each may have a road of its own."""
    found: set[str] = set()
    for route in request.app.routes:
        if isinstance(route, Route) and route.path_regex.match(request.url.path):
            found |= route.methods or set()
    return found
