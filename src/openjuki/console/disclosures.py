# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests for disclosure on the console (開示請求): received, held against the book, decided, and what follows."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from openjuki.config import JST
from openjuki.documents.disclosure import APPLICANTS, OUTCOMES, WANTS, day
from openjuki.documents.words import FAULTS
from openjuki.errors import BadDate, BadInput
from openjuki.nodes import disclosure
from openjuki.nodes.disclosure import Application, notices, receiving
from openjuki.refusal import Where
from openjuki.screens import forms
from openjuki.store import disclosures

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request as Asked

    from openjuki.nodes.node import Node
    from openjuki.residents.look_up import Hit
    from openjuki.screens.frame import Frame
    from openjuki.screens.sessions import Visit
    from openjuki.store.database import Connection
    from openjuki.store.disclosures import Correction, Request

#: What of a person is held against what was handed in.
_COMPARED: Final = ("name", "furigana", "birth_date", "sex", "municipality", "address")


class Disclosures:
    """The pages on which requests are worked."""

    def __init__(self, frame: Frame, node: Node) -> None:
        """In a frame, at a node with a line: home towns are asked."""
        self._frame, self._node = frame, node
        frame.templates.filters |= {"day": day}
        frame.templates.globals |= {"applicants": APPLICANTS, "wants": WANTS, "outcomes": OUTCOMES}

    def routes(self) -> list[Route]:
        """The roads of disclosure."""
        frame = self._frame
        return [
            Route("/", frame.within(self._requests), methods=["GET"]),
            Route("/disclosures", frame.within(self._requests), methods=["GET"]),
            Route("/disclosures", frame.posted(self._received), methods=["POST"]),
            Route("/disclosures/new", frame.within(self._new), methods=["GET"]),
            Route("/disclosures/{id}", frame.within(self._one), methods=["GET"]),
            Route("/disclosures/{id}/decide", frame.posted(self._decided), methods=["POST"]),
            Route("/disclosures/{id}/extend", frame.posted(self._extended), methods=["POST"]),
            Route("/disclosures/{id}/claim", frame.posted(self._claimed), methods=["POST"]),
            Route("/disclosures/{id}/examined", frame.posted(self._examined), methods=["POST"]),
        ]

    async def _requests(self, visit: Visit, asked: Asked) -> Response:
        """Every request, the most urgent first."""
        receiving.check_disclosing(visit.standing)
        found = await self._node.glance(disclosures.requests)
        return self._frame.show("requests", asked, visit=visit, requests=found, today=self._today())

    async def _new(self, visit: Visit, asked: Asked) -> Response:
        receiving.check_disclosing(visit.standing)
        return self._form(visit, asked, {"applicant": receiving.SELF, "own": "1", "provisions": "1"})

    def _form(
        self, visit: Visit, asked: Asked, form: Mapping[str, str], error: BadInput | None = None
    ) -> Response:
        """An application to be filled in, or what is wrong with it."""
        wrong = None if error is None else error.where.column
        said = None if error is None else FAULTS.get(wrong or "") or (error.message_ja, str(error))
        return self._frame.show(
            "receive",
            asked,
            visit=visit,
            status=200 if error is None else 400,
            form=form,
            wrong=wrong,
            fault=said,
        )

    async def _received(self, visit: Visit, asked: Asked, form: Mapping[str, str]) -> Response:
        try:
            made = _application(form)
            taken = await self._node.transact(
                lambda book: disclosure.receive(self._node, book, visit.standing, made)
            )
        except BadInput as error:
            return self._form(visit, asked, form, error)
        return RedirectResponse(f"/disclosures/{taken}", 303)

    async def _one(self, visit: Visit, asked: Asked) -> Response:
        """One request: what was handed in, whom it leads to where that may be seen, and what can be done."""
        by, id_ = visit.standing, asked.path_params["id"]

        async def look(book: Connection) -> tuple[Request, Hit | None, list[Correction]]:
            request = await receiving.known(book, by, id_)
            hit = await receiving.preview(self._node, book, by, request)
            return request, hit, await disclosures.corrections(book, id_)

        request, hit, corrections = await self._node.transact(look)
        return self._frame.show(
            "request",
            asked,
            visit=visit,
            case=request,
            looked=request.applicant == receiving.SELF and request.decided_at is None,
            person=None if hit is None else hit.shown(_COMPARED, self._today()),
            corrections=corrections,
            ground=notices.ground(request),
            today=self._today(),
        )

    async def _decided(self, visit: Visit, asked: Asked, _: Mapping[str, str]) -> Response:
        request = await disclosure.decide(self._node, visit.standing, asked.path_params["id"])
        return _back(request.id)

    async def _extended(self, visit: Visit, asked: Asked, form: Mapping[str, str]) -> Response:
        id_, until = asked.path_params["id"], _day(form, "until")
        await self._node.transact(
            lambda book: disclosure.extend(self._node, book, visit.standing, id_, until, form.get("why", ""))
        )
        return _back(id_)

    async def _claimed(self, visit: Visit, asked: Asked, form: Mapping[str, str]) -> Response:
        id_, said = asked.path_params["id"], form.get("claim", "")
        await self._node.transact(lambda book: disclosure.claim(self._node, book, visit.standing, id_, said))
        return _back(id_)

    async def _examined(self, visit: Visit, asked: Asked, form: Mapping[str, str]) -> Response:
        id_, number = asked.path_params["id"], form.get("number", "")
        found: dict[str, Any] = {"outcome": form.get("outcome", ""), "finding": form.get("finding", "")}
        await self._node.transact(
            lambda book: disclosure.examined(
                self._node, book, visit.standing, id_, int(number) if number.isdecimal() else 0, **found
            )
        )
        return _back(id_)

    def _today(self) -> date:
        return self._node.clock().astimezone(JST).date()


def _application(form: Mapping[str, str]) -> Application:
    return Application(
        question=forms.question(form),
        reason=form.get("reason", ""),
        identified_by=form.get("identified_by", ""),
        wants=tuple(want for want in receiving.WANTS if form.get(want)),
        applicant=form.get("applicant", ""),
        consents=bool(form.get("consents")),
        received_on=_day(form, "received_on") if form.get("received_on") else None,
    )


def _day(form: Mapping[str, str], column: str) -> date:
    try:
        return date.fromisoformat(form.get(column, ""))
    except ValueError:
        raise BadDate("a day is missing", where=Where(column=column)) from None


def _back(request: str) -> Response:
    return RedirectResponse(f"/disclosures/{request}", 303)
