# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The frame around every page (画面の枠): who is signed in, what went wrong, and how a template becomes a page."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined, pass_context
from starlette.responses import HTMLResponse, Response

from openjuki.config import JST
from openjuki.documents import words
from openjuki.errors import BadInput, JukiError, Refused, Unavailable
from openjuki.screens import forms
from openjuki.screens.sessions import SESSION, Door, Visit, way_to

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from datetime import datetime

    from jinja2.runtime import Context
    from starlette.requests import Request

    from openjuki.nodes.node import Office
    from openjuki.screens.place import Place

    type Endpoint = Callable[[Request], Awaitable[Response]]
    #: Answers a step of somebody who is signed in.
    type Step = Callable[[Visit, Request], Awaitable[Response]]
    #: Answers a form of theirs.
    type Deed = Callable[[Visit, Request, Mapping[str, str]], Awaitable[Response]]

_STATUS: Final = ((Refused, 403), (BadInput, 400), (Unavailable, 503))


class About(NamedTuple):
    """What the pages of a set say in their frame, Japanese and English (画面の枠の言葉)."""

    #: What the pages are for.
    title: tuple[str, str]
    #: The pages that every page leads to: path, Japanese, English.
    ways: tuple[tuple[str, str, str], ...]
    #: What stands under every page.
    reminder: tuple[str, str]
    #: What to know when something could not be done.
    comfort: tuple[str, str]
    #: What the first page is called.
    home: tuple[str, str]


class Frame:
    """What the pages of a node share."""

    def __init__(self, node: Office, place: Place, room: str, about: About) -> None:
        """Of a node; `room` is the package with the templates of its own pages."""
        self.node, self.place, self.about, self.door = node, place, about, Door(node, place)
        self.templates = _templates(room)

    def road(self, route: str) -> str:
        """Whom the ledger says was asked, and through whom, by their names."""
        provider, _, through = route.partition(" via ")
        return self.name(provider) + (f"（{self.name(through)}を経由）" if through else "")

    def name(self, node: str) -> str:
        """What a node is called in the directory."""
        listed = self.node.directory.nodes.get(node)
        return node if listed is None else listed.name

    def show(
        self, template: str, request: Request, *, visit: Visit | None = None, status: int = 200, **values: Any
    ) -> HTMLResponse:
        """A page; with somebody's name on it where they are signed in, and then locked when nothing is done."""
        page = self.templates.get_template(f"{template}.html.j2").render(
            values,
            node=self.node.directory.node(self.node.id),
            visit=visit,
            path=request.url.path,
            about=self.about,
            idle=f"{self.place.idle_minutes:g}",
            road=self.road,
        )
        response = HTMLResponse(page, status)
        if visit is not None:
            rests = int(self.door.idle.total_seconds()) + 1
            response.headers["refresh"] = f"{rests}; url={way_to('/idle', request.url.path)}"
        return response

    def outside(self, endpoint: Endpoint) -> Endpoint:
        """For everybody on the LAN; what goes wrong is said on a page."""

        async def shown(request: Request) -> Response:
            try:
                return await endpoint(request)
            except JukiError as error:
                return self.problem(request, error)

        return shown

    def within(self, step: Step) -> Endpoint:
        """For operators who are signed in."""

        async def shown(request: Request) -> Response:
            visit = await self.door.enter(request)
            return visit if isinstance(visit, Response) else await self._stepped(visit, request, step)

        return self.outside(shown)

    def posted(self, deed: Deed) -> Endpoint:
        """For their forms, which must stand on our own page."""

        async def step(visit: Visit, request: Request) -> Response:
            form = await forms.read(request)
            if not forms.is_ours(form, self.door.shown(request, SESSION)):
                return self.stray(request)
            return await deed(visit, request, form)

        return self.within(step)

    async def _stepped(self, visit: Visit, request: Request, step: Step) -> Response:
        try:
            return await step(visit, request)
        except JukiError as error:
            return self.problem(request, error, visit)

    def problem(self, request: Request, error: JukiError, visit: Visit | None = None) -> Response:
        """What went wrong, and under which rule."""
        refusal = error.refusal if isinstance(error, Refused) else None
        status = next((status for kind, status in _STATUS if isinstance(error, kind)), 502)
        return self.show("problem", request, visit=visit, status=status, error=error, refusal=refusal)

    async def nowhere(self, request: Request) -> Response:
        """A page that there is not."""
        return self.show("nowhere", request, status=404)

    def stray(self, request: Request) -> Response:
        """A form that is not from a page of ours."""
        return self.show("stray", request, status=403)


@cache
def _templates(room: str) -> Environment:
    """The templates of a set of pages, compiled once for all nodes of a process."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader(room), PackageLoader("openjuki.screens")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"time": _time, "road": _road}
    made.globals |= {"item": words.item, "shown": words.shown, "together": words.together}
    return made


@pass_context
def _road(context: Context, route: str) -> str:
    """Whom the ledger says was asked, by the names that the page's node knows them by."""
    named: str = context["road"](route)
    return named


def _time(moment: datetime) -> str:
    """When, to the minute, in Japan.

    >>> from datetime import UTC, datetime
    >>> _time(datetime(2026, 11, 22, 5, 6, tzinfo=UTC))
    '2026-11-22 14:06'
    """
    return moment.astimezone(JST).strftime("%Y-%m-%d %H:%M")
