# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Where operators enrol their passkeys, sign in, lock the page and leave (操作者の入口)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from openjuki.errors import Refused
from openjuki.nodes import passkeys as administration
from openjuki.nodes.passkeys import CODE_NOT_GOOD, PASSKEY_NOT_GOOD, TERMINAL_NOT_MARKED
from openjuki.screens import forms, signin
from openjuki.screens.sessions import SESSION, TERMINAL, VISIT, way_back, way_to
from openjuki.store import passkeys, sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from openjuki.nodes.passkeys import Opened
    from openjuki.refusal import Refusal
    from openjuki.screens.frame import Frame
    from openjuki.screens.sessions import Visit
    from openjuki.store.database import Connection
    from openjuki.store.passkeys import Invitation
    from openjuki.store.sessions import Session

_CHALLENGE_SIZE: Final = 32
#: For so long a passkey may be fetched from a drawer.
CHALLENGE_LASTS: Final = administration.CODE_LASTS


class Entrance:
    """The pages before and after the work."""

    def __init__(self, frame: Frame) -> None:
        """In a frame."""
        self._frame, self._node, self._door = frame, frame.node, frame.door

    def routes(self) -> list[Route]:
        """The roads of the entrance."""
        frame = self._frame
        return [
            Route("/sign-in", frame.outside(self._sign_in), methods=["GET"]),
            Route("/sign-in", frame.outside(self._signed), methods=["POST"]),
            Route("/lock", frame.outside(self._locked), methods=["GET"]),
            Route("/lock", frame.posted(self._lock), methods=["POST"]),
            Route("/idle", frame.outside(self._idle), methods=["GET"]),
            Route("/enrol", frame.outside(self._enrol), methods=["GET"]),
            Route("/enrol", frame.outside(self._enrolled), methods=["POST"]),
            Route("/sessions", frame.within(self._sessions), methods=["GET"]),
            Route("/sessions/{id:int}", frame.posted(self._end), methods=["POST"]),
            Route("/sign-out", frame.posted(self._sign_out), methods=["POST"]),
        ]

    async def _sign_in(self, request: Request) -> Response:
        """Ask for a passkey."""
        return await self._ask_for_passkey(request)

    async def _signed(self, request: Request) -> Response:
        """What the passkey signed: let its operator in, or go on where they stopped."""
        form, visit = await forms.read(request), self._door.shown(request, VISIT)
        if not forms.is_ours(form, visit):
            return self._frame.stray(request)
        try:
            opened = await self._let_in(request, form.get("response", ""), visit)
        except Refused as error:
            return await self._ask_for_passkey(request, refusal=error.refusal)
        response = RedirectResponse(way_back(form.get("to", "")), 303)
        self._door.give(request, response, SESSION, opened.token)
        return response

    async def _let_in(self, request: Request, response: str, visit: bytes) -> Opened:
        signed, party, at = signin.read(response), self._party(request), self._node.clock()
        mark, before = self._door.shown(request, TERMINAL), self._door.shown(request, SESSION)

        async def work(connection: Connection) -> Opened:
            passkey = await passkeys.find(connection, signed.credential)
            asked = await passkeys.use_challenge(connection, signed.challenge, visit, at)
            if passkey is None or not asked:
                raise Refused(PASSKEY_NOT_GOOD)
            uses = signin.verified(party, signed, passkey)
            await passkeys.used(connection, passkey.credential, uses, at)
            return await administration.sign_in(self._node, connection, passkey.operator, mark, before)

        return await self._node.transact(work)

    async def _locked(self, request: Request) -> Response:
        """The page of somebody who went for a coffee."""
        session = await self._door.session(request)
        if session is None:
            return RedirectResponse("/sign-in", 303)
        if not self._door.is_locked(session):
            return RedirectResponse(way_back(request.query_params.get("to", "")), 303)
        return await self._ask_for_passkey(request, locked=session)

    async def _lock(self, visit: Visit, _: Request, form: Mapping[str, str]) -> Response:
        at = self._node.clock()
        await self._node.read(lambda connection: sessions.lock(connection, visit.session.id, at))
        return RedirectResponse(way_to("/lock", form.get("to", "")), 303)

    async def _idle(self, request: Request) -> Response:
        """Where a page goes by itself: to the lock, or, where somebody works in another window, to rest."""
        session, to = await self._door.session(request), request.query_params.get("to", "")
        if session is None:
            return RedirectResponse("/sign-in", 303)
        if self._door.is_locked(session):
            return RedirectResponse(way_to("/lock", way_back(to)), 303)
        return self._frame.show("resting", request, to=way_back(to))

    async def _ask_for_passkey(
        self, request: Request, *, locked: Session | None = None, refusal: Refusal | None = None
    ) -> Response:
        visit, mark = self._door.visit(request), self._door.shown(request, TERMINAL)
        challenge = await self._challenge(visit)
        terminal = await self._node.read(lambda connection: passkeys.terminal(connection, mark))
        if terminal is None and refusal is None and mark:
            refusal = TERMINAL_NOT_MARKED
        response = self._frame.show(
            "sign-in",
            request,
            status=200 if refusal is None else 403,
            token=forms.token(visit),
            options=signin.request(self._party(request), challenge),
            terminal=terminal,
            locked=locked,
            refusal=refusal,
            enrolled="enrolled" in request.query_params,
            to=way_back(request.query_params.get("to", "")),
        )
        self._door.give(request, response, VISIT, visit)
        return response

    async def _enrol(self, request: Request) -> Response:
        """Ask for the one-time code."""
        return self._ask_for_code(request)

    def _ask_for_code(self, request: Request, refusal: Refusal | None = None) -> Response:
        visit = self._door.visit(request)
        status = 200 if refusal is None else 403
        response = self._frame.show(
            "enrol", request, status=status, token=forms.token(visit), refusal=refusal
        )
        self._door.give(request, response, VISIT, visit)
        return response

    async def _enrolled(self, request: Request) -> Response:
        """With a good code alone, ask for a new passkey; with what it signed too, keep it."""
        form, visit = await forms.read(request), self._door.shown(request, VISIT)
        if not forms.is_ours(form, visit):
            return self._frame.stray(request)
        code = form.get("code", "")
        try:
            if not form.get("response"):
                return await self._ask_for_new(request, code, visit)
            mark = await self._keep(request, code, form["response"], visit)
        except Refused as error:
            return self._ask_for_code(request, error.refusal)
        response = RedirectResponse("/sign-in?enrolled", 303)
        self._door.give(request, response, TERMINAL, mark)
        return response

    async def _ask_for_new(self, request: Request, code: str, visit: bytes) -> Response:
        async def look(connection: Connection) -> tuple[Invitation, list[bytes]]:
            invitation = await administration.invited(self._node, connection, code)
            return invitation, await passkeys.credentials(connection, invitation.operator)

        invitation, known = await self._node.read(look)
        challenge = await self._challenge(visit)
        return self._frame.show(
            "enrol-passkey",
            request,
            token=forms.token(visit),
            code=code,
            invitation=invitation,
            options=signin.creation(self._party(request), invitation, self._node.id, known, challenge),
        )

    async def _keep(self, request: Request, code: str, response: str, visit: bytes) -> bytes:
        signed, party, at = signin.read(response), self._party(request), self._node.clock()

        async def work(connection: Connection) -> bytes:
            if not await passkeys.use_challenge(connection, signed.challenge, visit, at):
                raise Refused(CODE_NOT_GOOD)
            invitation = await administration.invited(self._node, connection, code)
            passkey = signin.created(party, signed, invitation.operator)
            return await administration.enrol(self._node, connection, code, passkey)

        return await self._node.transact(work)

    async def _sessions(self, visit: Visit, request: Request) -> Response:
        at, operator = self._node.clock(), visit.session.operator
        places = await self._node.read(lambda connection: sessions.of_operator(connection, operator, at))
        return self._frame.show("sessions", request, visit=visit, places=places)

    async def _end(self, visit: Visit, request: Request, _: Mapping[str, str]) -> Response:
        await self._leave(visit, request.path_params["id"])
        return RedirectResponse("/sessions", 303)

    async def _sign_out(self, visit: Visit, request: Request, _: Mapping[str, str]) -> Response:
        await self._leave(visit, visit.session.id)
        response = RedirectResponse("/sign-in", 303)
        self._door.take(request, response, SESSION)
        return response

    async def _leave(self, visit: Visit, session: int) -> None:
        operator = visit.session.operator
        await self._node.transact(
            lambda connection: administration.sign_out(self._node, connection, operator, session)
        )

    async def _challenge(self, visit: bytes) -> bytes:
        """What this browser shall have signed."""
        challenge, at = self._node.entropy(_CHALLENGE_SIZE), self._node.clock()
        until = at + CHALLENGE_LASTS
        await self._node.read(lambda connection: passkeys.challenge(connection, challenge, visit, at, until))
        return challenge

    def _party(self, request: Request) -> signin.Party:
        title = f"OpenJuki {self._node.directory.node(self._node.id).name}"
        origin = f"{request.url.scheme}://{request.headers['host']}"
        return signin.Party(name=self._frame.place.name, origin=origin, title=title)
