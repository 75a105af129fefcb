# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an office's systems ask a gateway (接続仕様, `/v1/`): persons, affairs, the ledger.

Rules of this file:

1. A request is about one affair and has one reason; each of its questions is answered alone. What is refused or
   malformed about one question stands in its answer (200); what is refused about the whole is a problem (403).
2. An answer is passed on as the bytes that the ledger keeps: nothing here reads or remembers a person.
3. A system sees the lines of its own office, and what a line is about only where it asked itself.
4. Nothing is logged of what was asked; a failure is logged by its code.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.responses import Response
from starlette.routing import Route

from openjuki.config import JST
from openjuki.errors import Unavailable
from openjuki.gateway import parameters, reading
from openjuki.gateway.bulk import Bulk
from openjuki.gateway.clientele import Clienteles
from openjuki.gateway.credentials import Doorkeeper
from openjuki.gateway.errors import NothingThere
from openjuki.gateway.health import Health
from openjuki.gateway.problems import refused
from openjuki.gateway.road import Road, Told
from openjuki.law import refusals
from openjuki.law.purpose import offered, purpose
from openjuki.nodes.statutes import statute_book
from openjuki.store import ledger
from openjuki.store.credentials import CREDENTIAL_OUT_OF_TIME, UNKNOWN_CREDENTIAL, System

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from openjuki.law.edition import Edition
    from openjuki.law.purpose import Purpose
    from openjuki.nodes.asking import Asked, Asking, Outcome
    from openjuki.nodes.fetching import Fetching
    from openjuki.nodes.node import Node
    from openjuki.refusal import Refusal
    from openjuki.store.credentials import Shown
    from openjuki.store.database import Connection
    from openjuki.store.ledger import Line
    from openjuki.store.offices import Standing

#: Requests that may wait for answers at a time: who comes later is told to come again.
MOST_WAITING: Final = 512
#: Refusals that are about a request and not about one of its questions.
OF_THE_REQUEST: Final = frozenset(
    refusal.code
    for refusal in (
        refusals.NO_CONDITIONS,
        refusals.UNKNOWN_AFFAIR,
        refusals.NOT_IN_FORCE,
        refusals.NOT_YET_ENTERED,
        refusals.RECIPIENT_NOT_LISTED,
        refusals.BODY_NOT_AGREED,
        refusals.AFFAIR_NOT_HELD,
        refusals.NO_REASON,
        refusals.METHOD_NOT_OPEN,
        refusals.QUOTA_USED_UP,
        UNKNOWN_CREDENTIAL,
        CREDENTIAL_OUT_OF_TIME,
    )
)
#: How an answer to a question that was refused reads, in the canonical form in which it comes.
_NOT_PERMITTED: Final = b'"result":"not_permitted"'


class Api:
    """What systems ask a node (接続仕様)."""

    def __init__(self, node: Node, asking: Asking, fetching: Fetching) -> None:
        """Take the node, and where it asks: about some at once, or with files."""
        self._node, self._asking = node, asking
        self._door = Doorkeeper(node)
        self._bulk = Bulk(node, self._door, fetching)
        self._clienteles = Clienteles(node, self._door)
        self._health = Health(node)
        self._waiting = 0

    def roads(self) -> dict[str, Road]:
        """Where systems ask: about persons (照会), what applicants wrote (照合), one of the candidates (候補の確定)."""
        return {
            f"/v1/{name}": Road(self._door, partial(self._ask, read))
            for name, read in (
                ("provisions", reading.provision),
                ("verifications", reading.verification),
                ("confirmations", reading.confirmation),
            )
        }

    def routes(self) -> list[Route]:
        """Everything else."""
        return [
            Route("/v1/affairs", self.affairs),
            Route("/v1/affairs/{affair}", self.affair),
            Route("/v1/ledger", self.ledger),
            Route("/v1/ledger/{line}", self.line),
            Route("/v1/health", self.health),
            *self._bulk.routes(),
            *self._clienteles.routes(),
        ]

    async def affairs(self, request: Request) -> Response:
        """Show the affairs that the system's office holds (担当事務)."""
        shown = await self._door.identify(request.scope["headers"])
        words = parameters.words(request)
        held, edition = await self._held(shown)
        found = offered(edition, held, words)
        listed = [self._purpose(edition, affair.id).to_dict() for affair in found]
        return _json("purposes", as_of=self._today(), affairs=listed)

    async def affair(self, request: Request) -> Response:
        """Show one of these affairs, and what will come back."""
        shown = await self._door.identify(request.scope["headers"])
        parameters.none(request)
        held, edition = await self._held(shown)
        name = request.path_params["affair"]
        if name not in held or name not in edition.affairs:
            raise NothingThere
        return _json("purpose", as_of=self._today(), **self._purpose(edition, name).to_dict())

    async def ledger(self, request: Request) -> Response:
        """Show lines of the office's ledger, newest first (照会台帳)."""
        shown = await self._door.identify(request.scope["headers"])
        wanted = parameters.search(request)

        async def look(connection: Connection) -> list[Line]:
            standing = await self._door.standing(connection, shown)
            return await ledger.search(connection, office=standing.office, **wanted)

        lines = await self._node.read(look)
        following = lines[-1].id if len(lines) == wanted["limit"] else None
        return _json(
            "ledger", node=self._node.id, lines=[line.to_dict() for line in lines], following=following
        )

    async def line(self, request: Request) -> Response:
        """Show a line of the office's ledger; what it is about, to the system that asked."""
        shown = await self._door.identify(request.scope["headers"])
        parameters.none(request)
        name = request.path_params["line"]

        async def look(connection: Connection) -> Line | None:
            standing = await self._door.standing(connection, shown)
            found = await ledger.line(connection, name) if parameters.LINE_ID.fullmatch(name) else None
            return found if found and found.office == standing.office else None

        line = await self._node.read(look)
        if line is None:
            raise NothingThere
        about = _about(line) if line.operator == System.acting(shown.system) else {}
        return _json("ledger-line", **line.to_dict(), **about)

    async def health(self, request: Request) -> Response:
        """Say that the node can ask: its book is open, and its journal is vouched for."""
        parameters.none(request)
        at = await self._health.check()
        return _json("health", status="ok", node=self._node.id, at=at.isoformat())

    async def _ask(self, read: Callable[[bytes, Shown], Asked], body: bytes, shown: Shown) -> ASGIApp:
        """Ask, unless too many wait already: an answer that comes too late helps nobody."""
        asked = read(body, shown)
        if self._waiting >= MOST_WAITING:
            raise Unavailable("too many requests wait already")
        self._waiting += 1
        try:
            outcome = await self._asking.ask(asked)
        finally:
            self._waiting -= 1
        refusal = _of_all(outcome)
        if refusal is not None:
            return refused(refusal, ledger=outcome.ledger_id)
        return Told(_told(outcome))

    async def _held(self, shown: Shown) -> tuple[frozenset[str], Edition]:
        async def look(connection: Connection) -> Standing:
            return await self._door.standing(connection, shown)

        standing = await self._node.read(look)
        node = self._node
        return standing.affairs, statute_book(node).at(node.clock().astimezone(JST).date())

    def _purpose(self, edition: Edition, affair: str) -> Purpose:
        node = self._node
        kind, prefecture = node.settings.kind, node.directory.nodes[node.id].prefecture
        body = statute_book(node).body(node.id, kind, prefecture)
        return purpose(edition.affairs[affair], body, kind)

    def _today(self) -> str:
        return self._node.clock().astimezone(JST).date().isoformat()


def _of_all(outcome: Outcome) -> Refusal | None:
    """The refusal of the whole request; None: its questions were answered, each in its way."""
    if not all(_NOT_PERMITTED in told for told in outcome.told):
        return None
    found = {answer.refusal for answer in outcome.answers}
    refusal = found.pop()
    return refusal if not found and refusal and refusal.code in OF_THE_REQUEST else None


def _told(outcome: Outcome) -> bytes:
    return b'{"schema":"openjuki/provided/1","ledger":"%b","answers":[%b]}' % (
        outcome.ledger_id.encode(),
        b",".join(outcome.told),
    )


def _about(line: Line) -> Mapping[str, Any]:
    """What a line is about: questions and answers, and what each provider promised to have recorded."""
    return {"questions": line.questions, "answers": line.answers, "told": line.told}


def _json(schema: str, **items: Any) -> Response:
    body = orjson.dumps({"schema": f"openjuki/{schema}/1", **items})
    return Response(body, media_type="application/json")
