# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The small page of an agency (照会画面): choose the affair, ask, read the answer, see the ledger.

Served on the office's LAN, to operators who are signed in with a passkey. Rendered by the server alone, so that it
works by keyboard and without scripts; the one script there is speaks to the passkey.
"""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Final

from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from openjuki.gateway.affairs import Affairs
from openjuki.gateway.answers import Answers
from openjuki.gateway.entrance import Entrance
from openjuki.gateway.entries import Entries
from openjuki.gateway.frame import Frame
from openjuki.gateway.guard import Guard

if TYPE_CHECKING:
    from starlette.requests import Request

    from openjuki.nodes.asking import Asking
    from openjuki.nodes.node import Office

_FILES: Final = {
    "page.css": "text/css",
    "tokens.css": "text/css",
    "passkey.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


def routes(node: Office, asking: Asking) -> list[Route]:
    """The pages of a node, each behind the guard: for an application that serves other things too."""
    frame = Frame(node, asking)
    rooms = (Entrance(frame), Affairs(frame), Answers(frame), Entries(frame))
    roads = [road for room in rooms for road in room.routes()]
    roads += [
        Route("/static/{name}", _file, methods=["GET"]),
        Route("/{path:path}", frame.outside(frame.nowhere)),
    ]
    guard = [Middleware(Guard, name=node.settings.gateway_name)]
    return [Route(road.path, road.endpoint, methods=road.methods, middleware=guard) for road in roads]


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _FILES:
        return PlainTextResponse("No such file.\n", 404)
    content = resources.files(__package__).joinpath("static", name).read_bytes()
    return Response(content, media_type=_FILES[name])
