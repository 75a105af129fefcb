# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is handed out from the console (書面の交付): the document to be printed, as JSON, a proof beside each line; notices.

Whatever is opened here is read by somebody, and stands in the journal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from openjuki.documents import disclosure as documents
from openjuki.errors import Refused
from openjuki.nodes import disclosure
from openjuki.nodes.disclosure import notices, receiving, refusals
from openjuki.store import disclosures

if TYPE_CHECKING:
    from starlette.requests import Request as Asked

    from openjuki.nodes.node import Node
    from openjuki.screens.frame import Frame
    from openjuki.screens.sessions import Visit
    from openjuki.store.database import Connection
    from openjuki.store.disclosures import Correction, Request

_STYLE = "/document.css"


class Handing:
    """The pages that are printed and kept."""

    def __init__(self, frame: Frame, node: Node) -> None:
        """In a frame, of a node."""
        self._frame, self._node = frame, node

    def routes(self) -> list[Route]:
        """The roads of what is handed out."""
        frame = self._frame
        return [
            Route(_STYLE, _dress, methods=["GET"]),
            Route("/disclosures/{id}/document", frame.within(self._page), methods=["GET"]),
            Route("/disclosures/{id}/document.json", frame.within(self._json), methods=["GET"]),
            Route("/disclosures/{id}/proofs/{number:int}.json", frame.within(self._proof), methods=["GET"]),
            Route("/disclosures/{id}/refusal", frame.within(self._refusal), methods=["GET"]),
            Route("/disclosures/{id}/extension", frame.within(self._extension), methods=["GET"]),
            Route("/disclosures/{id}/findings/{number:int}", frame.within(self._finding), methods=["GET"]),
        ]

    async def _page(self, visit: Visit, asked: Asked) -> Response:
        request = await self._reread(visit, asked)
        proofs = f"/disclosures/{request.id}/proofs"
        told = disclosure.document(request)
        lines = (told["provisions"] or {"lines": ()})["lines"]
        page = documents.page(
            told,
            proofs=lambda number: (
                f"{proofs}/{number}.json" if request.consents and lines[number - 1]["proof"] else None
            ),
            style=_STYLE,
        )
        return HTMLResponse(page)

    async def _json(self, visit: Visit, asked: Asked) -> Response:
        request = await self._as_file(visit, asked)
        disclosure.document(request)
        return _attached(request.document or b"", "disclosure.json")

    async def _proof(self, visit: Visit, asked: Asked) -> Response:
        told, number = disclosure.document(await self._as_file(visit, asked)), asked.path_params["number"]
        lines = (told["provisions"] or {"lines": ()})["lines"]
        if not 1 <= number <= len(lines) or lines[number - 1]["proof"] is None:
            return await self._frame.nowhere(asked)
        proof = orjson.dumps(lines[number - 1]["proof"], option=orjson.OPT_INDENT_2)
        return _attached(proof, f"{number:04}.json")

    async def _refusal(self, visit: Visit, asked: Asked) -> Response:
        request = await self._reread(visit, asked)
        if request.refusal is None:
            return await self._frame.nowhere(asked)
        return self._notice(notices.refused(self._node, request, self._node.clock()))

    async def _extension(self, visit: Visit, asked: Asked) -> Response:
        request, _ = await self._known(visit, asked)
        if request.extended_to is None:
            return await self._frame.nowhere(asked)
        return self._notice(notices.extended(self._node, request, self._node.clock()))

    async def _finding(self, visit: Visit, asked: Asked) -> Response:
        request, corrections = await self._known(visit, asked)
        found = {one.number: one for one in corrections if one.found_at is not None}
        number = asked.path_params["number"]
        if number not in found:
            return await self._frame.nowhere(asked)
        return self._notice(notices.examined(self._node, request, found[number], self._node.clock()))

    def _notice(self, made: documents.Notice) -> Response:
        return HTMLResponse(documents.notice(made, style=_STYLE))

    async def _reread(self, visit: Visit, asked: Asked) -> Request:
        id_ = asked.path_params["id"]
        return await self._node.transact(
            lambda book: disclosure.reread(self._node, book, visit.standing, id_)
        )

    async def _as_file(self, visit: Visit, asked: Asked) -> Request:
        """A request whose applicant consents to another form than paper (法30条の32第2項ただし書)."""
        request = await self._reread(visit, asked)
        if not request.consents:
            raise Refused(refusals.ON_PAPER)
        return request

    async def _known(self, visit: Visit, asked: Asked) -> tuple[Request, list[Correction]]:
        id_ = asked.path_params["id"]

        async def look(book: Connection) -> tuple[Request, list[Correction]]:
            request = await receiving.known(book, visit.standing, id_)
            return request, await disclosures.corrections(book, id_)

        return await self._node.read(look)


async def _dress(_: Asked) -> Response:
    return Response(documents.dress(), media_type="text/css")


def _attached(content: bytes, name: str) -> Response:
    headers: dict[str, Any] = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/json", headers=headers)
