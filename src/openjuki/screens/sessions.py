# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who stands before a page (画面の利用者): three cookies, of which none says anything, and what the book makes of them.

* *visit*: which browser is asked to have something signed; for as long as it is open.
* *terminal*: the browser is a terminal of the office; for years, until the terminal is closed.
* *session*: an operator is signed in there; for a working day, locked after some minutes without a step.

Every step finds operator, terminal and held affairs anew: whose time is over is out at once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse, Response

from openjuki.nodes.passkeys import SESSION_LASTS
from openjuki.screens import forms
from openjuki.store import offices, sessions

if TYPE_CHECKING:
    from datetime import datetime

    from starlette.requests import Request

    from openjuki.nodes.node import Office
    from openjuki.screens.place import Place
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing
    from openjuki.store.sessions import Session

VISIT, TERMINAL, SESSION = "visit", "terminal", "session"
_TOKEN_SIZE: Final = 32
#: A terminal is marked once; browsers keep nothing for longer than this.
_LASTS: Final = {TERMINAL: timedelta(days=400), SESSION: SESSION_LASTS}
#: Pages to which somebody who was locked out may go back: they bear nobody's data in their addresses.
_WAYS_BACK: Final = ("/affairs", "/ledger", "/answers", "/sessions", "/disclosures", "/protection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A step of an operator who is signed in (操作): who it is, and for what they stand."""

    session: Session
    standing: Standing
    #: What stands in the forms of this browser.
    token: str


class Door:
    """Lets operators in (入口): reads and writes the cookies of a node's pages."""

    def __init__(self, node: Office, place: Place) -> None:
        """Of one node: browsers keep the cookies of all ports of a host together, so its id is in their names."""
        self._node = node
        self.idle = timedelta(minutes=place.idle_minutes)

    def shown(self, request: Request, name: str) -> bytes:
        """The secret that a browser shows; empty where it has none."""
        try:
            return bytes.fromhex(request.cookies.get(self._name(request, name), ""))
        except ValueError:
            return b""

    def give(self, request: Request, response: Response, name: str, secret: bytes) -> None:
        """Give a browser a secret to keep; no script can read it, no other site can have it sent."""
        lasts = _LASTS.get(name)
        response.set_cookie(
            self._name(request, name),
            secret.hex(),
            max_age=None if lasts is None else int(lasts.total_seconds()),
            path="/",
            secure=_is_secure(request),
            httponly=True,
            samesite="strict",
        )

    def take(self, request: Request, response: Response, name: str) -> None:
        """Take a secret from a browser."""
        response.delete_cookie(self._name(request, name), path="/", httponly=True, samesite="strict")

    def visit(self, request: Request) -> bytes:
        """The secret of a browser that nobody is signed in at; a new one where it has none."""
        return self.shown(request, VISIT) or secrets.token_bytes(_TOKEN_SIZE)

    async def session(self, request: Request) -> Session | None:
        """Who is signed in, be the page locked or not."""
        token, at = self.shown(request, SESSION), self._node.clock()
        if not token:
            return None
        return await self._node.read(lambda connection: sessions.find(connection, token, at))

    def is_locked(self, session: Session) -> bool:
        """Whether nobody goes on without the operator's passkey."""
        return session.locked_at is not None or self._node.clock() - session.seen_at >= self.idle

    async def enter(self, request: Request) -> Visit | Response:
        """The operator's next step, or where to go instead.

        Raises:
            Refused: the operator's time is over, or the terminal was closed.
        """
        session, at = await self.session(request), self._node.clock()
        if session is None:
            return RedirectResponse("/sign-in", 303)
        if self.is_locked(session):
            return RedirectResponse(way_to("/lock", request.url.path), 303)

        async def work(connection: Connection) -> Standing:
            standing = await offices.find(connection, session.operator, session.terminal, at)
            await sessions.seen(connection, session.id, at)
            return standing

        standing = await self._node.read(work)
        return Visit(session=session, standing=standing, token=forms.token(self.shown(request, SESSION)))

    def rests(self, session: Session, at: datetime) -> int:
        """Whole seconds until the page of a session is locked."""
        return max(int((session.seen_at + self.idle - at).total_seconds()), 0) + 1

    def _name(self, request: Request, name: str) -> str:
        """``__Host-`` lets no other host of the domain set it, but wants an encrypted line."""
        return f"{'__Host-' if _is_secure(request) else ''}juki-{name}-{self._node.id}"


def way_to(page: str, back: str) -> str:
    """A page, and the one to go back to from there."""
    return f"{page}?to={back}" if way_back(back) != "/" else page


def way_back(to: str) -> str:
    """Where somebody may go back to: a page of ours, else the first one.

    >>> way_back("/affairs/state-054"), way_back("//elsewhere.example"), way_back("/affairs/../sign-out?x")
    ('/affairs/state-054', '/', '/')
    """
    plain = to.replace("/", "").replace("-", "").isalnum() and to.isascii() and "//" not in to
    return to if plain and to.startswith(_WAYS_BACK) else "/"


def _is_secure(request: Request) -> bool:
    return request.url.scheme == "https"
