# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The page as a site (画面の提供), for one machine only.

Rules of this file:

1. Whoever asks must call us by a name of this machine: else a stranger's page could make a browser read ours
   under a name of its own (DNS rebinding).
2. A button counts only from our own page: same origin, and the token that stands in it.
3. Everything the browser may load is ours and in a file; nothing is written inline.
"""

from __future__ import annotations

import asyncio
import hmac
from functools import partial
from importlib import resources
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

import orjson
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from openjuki.errors import BadInput, JukiError
from openjuki.simulation.live import drawing
from openjuki.simulation.live.figures import STATES

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from openjuki.simulation.live.view import Page

    #: Does something to a town.
    type Deed = Callable[[str], Awaitable[None]]

HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
#: Dressed like the gateway's pages.
_SCREENS: Final = frozenset(("tokens.css", "icon.svg"))
_FILES: Final = {
    "page.css": "text/css",
    "tokens.css": "text/css",
    "page.js": "text/javascript",
    "icon.svg": "image/svg+xml",
}
#: A form names a town and bears the token; no more is read.
_LARGEST_FORM: Final = 1_000


class Screen:
    """The page as it was last rendered, for all who look."""

    def __init__(self, token: str) -> None:
        """With the token that its buttons bear."""
        self.token = token
        loader = PackageLoader("openjuki.simulation.live")
        self._templates = Environment(
            loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
        )
        self._page: Page | None = None
        self._live = ""
        self._changed = asyncio.Condition()
        self._closed = False

    async def show(self, page: Page) -> None:
        """Show this from now on."""
        self._page = page
        self._live = self._templates.get_template("live.html.j2").render(self._shown(page))
        async with self._changed:
            self._changed.notify_all()

    async def close(self) -> None:
        """Let go of everybody who waits for more."""
        self._closed = True
        async with self._changed:
            self._changed.notify_all()

    def whole(self) -> str:
        """The page from the first line to the last."""
        assert self._page is not None, "shown before it is served"
        here = {prefecture.office.id[:2]: prefecture.office.name.ja for prefecture in self._page.prefectures}
        return self._templates.get_template("page.html.j2").render(
            self._shown(self._page),
            japan=drawing.japan(),
            japan_size=drawing.JAPAN,
            here=list(here.values()),
            numbers=set(here),
        )

    async def events(self) -> AsyncIterator[bytes]:
        """What the page shows, again whenever it has changed (Server-Sent Events)."""
        sent = ""
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: self._closed or sent != self._live)  # noqa: B023 - now
            if self._closed:
                return
            sent = self._live
            yield b"data: %b\n\n" % orjson.dumps(sent)

    def _shown(self, page: Page) -> dict[str, Any]:
        return {
            "page": page,
            "token": self.token,
            "states": STATES,
            "width": drawing.WIDTH,
            "height": drawing.HEIGHT,
            "server": drawing.SERVER,
        }


def site(screen: Screen, deeds: Mapping[str, Deed], *, port: int) -> Starlette:
    """The site: one page, its events, its files, and a road for each deed."""
    names = (f"127.0.0.1:{port}", f"localhost:{port}")
    return Starlette(
        routes=[
            Route("/", partial(_page, screen)),
            Route("/events", partial(_events, screen)),
            Route("/static/{name}", _file),
            *(
                Route(f"/{name}", partial(_do, screen, deed), methods=["POST"])
                for name, deed in deeds.items()
            ),
        ],
        middleware=[Middleware(Guard, names=names)],
    )


class Guard:
    """Refuses who calls us by another name or presses our buttons from elsewhere; dresses every answer."""

    def __init__(self, app: ASGIApp, names: tuple[str, ...]) -> None:
        """Before an application, with the names it goes by."""
        self._app, self._names = app, names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or refuse it."""
        if scope["type"] != "http":
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        refusal = self._refusal(scope["method"], headers)

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = [(name.encode(), value.encode()) for name, value in HEADERS.items()]
                message["headers"] = [*message["headers"], *ours]
            await send(message)

        await (refusal or self._app)(scope, receive, dressed)

    def _refusal(self, method: str, headers: Mapping[str, str]) -> Response | None:
        if headers.get("host") not in self._names:
            return PlainTextResponse("Call this page 127.0.0.1 or localhost.\n", 421)
        if method not in {"GET", "HEAD"} and headers.get("origin") != f"http://{headers['host']}":
            return PlainTextResponse("This button was pressed elsewhere.\n", 403)
        return None


async def _page(screen: Screen, request: Request) -> Response:  # noqa: ARG001 - the same for everybody
    return HTMLResponse(screen.whole())


async def _events(screen: Screen, request: Request) -> Response:  # noqa: ARG001 - the same for everybody
    return StreamingResponse(screen.events(), media_type="text/event-stream")


async def _file(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in _FILES:
        return PlainTextResponse("No such file.\n", 404)
    room = "openjuki.screens" if name in _SCREENS else __package__
    content = resources.files(room).joinpath("static", name).read_bytes()
    return Response(content, media_type=_FILES[name])


async def _do(screen: Screen, deed: Deed, request: Request) -> Response:
    """Do what a button asks, and show the page again."""
    fields = await _form(request)
    if not hmac.compare_digest(fields.get("token", "").encode(), screen.token.encode()):
        return PlainTextResponse("This form is not from this page; load it again.\n", 403)
    try:
        await deed(fields.get("town", ""))
    except BadInput as error:
        return PlainTextResponse(f"{error}\n", 400)
    except JukiError as error:
        return PlainTextResponse(f"{error}\n", 503)
    return RedirectResponse("/", 303)


async def _form(request: Request) -> dict[str, str]:
    """The fields of a form as browsers send it; too long a one has none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_FORM:
            return {}
    return dict(parse_qsl(body.decode("utf-8", "replace")))
