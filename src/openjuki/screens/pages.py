# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A set of pages, each behind the guard, and the files that dress them (画面の一式)."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Final, Protocol

from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from openjuki.screens.guard import Guard

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

    from openjuki.screens.frame import Frame

_FILES: Final = {
    "page.css": "text/css",
    "tokens.css": "text/css",
    "passkey.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}


class Room(Protocol):
    """Pages that belong together (画面のまとまり)."""

    def routes(self) -> list[Route]:
        """Their roads."""


def guarded(frame: Frame, rooms: Iterable[Room]) -> list[Route]:
    """The pages of these rooms, each behind the guard: for an application that serves other things too."""
    roads = [road for room in rooms for road in room.routes()]
    roads += [
        Route("/static/{name}", _file, methods=["GET"]),
        Route("/{path:path}", frame.outside(frame.nowhere)),
    ]
    guard = [Middleware(Guard, name=frame.place.name)]
    return [Route(road.path, road.endpoint, methods=road.methods, middleware=guard) for road in roads]


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _FILES:
        return PlainTextResponse("No such file.\n", 404)
    content = resources.files(__package__).joinpath("static", name).read_bytes()
    return Response(content, media_type=_FILES[name])
