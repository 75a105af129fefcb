# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""An operator chooses an affair, reads what it is for, and asks (事務の選択と照会).

Only the affairs that the office holds are offered. Whoever sends a form for another all the same gets the statute
book's refusal, and the ledger has the attempt: the pages decide nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from openjuki.documents.words import FAULTS, Said
from openjuki.errors import BadQuestion, Refused
from openjuki.law import refusals
from openjuki.law.basis import Key, Method
from openjuki.law.purpose import Purpose, offered, purpose
from openjuki.nodes.asking import Asked, AtTerminal
from openjuki.refusal import Where
from openjuki.residents.look_up import VERIFIABLE, LookUp
from openjuki.screens import forms
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from openjuki.gateway.frame import Frame
    from openjuki.residents.look_up import Claim
    from openjuki.screens.sessions import Visit

#: By what clerks mostly ask comes first.
_USUAL: Final = (
    (Key.NAME, Key.BIRTH_DATE),
    (Key.NAME, Key.ADDRESS),
    (Key.INDIVIDUAL_NUMBER,),
    (Key.RESIDENT_CODE,),
)


class Affairs:
    """The pages on which an operator asks."""

    def __init__(self, frame: Frame) -> None:
        """In a frame."""
        self._frame, self._node = frame, frame.node

    def routes(self) -> list[Route]:
        """The roads of asking."""
        frame = self._frame
        return [
            Route("/", frame.within(self._home), methods=["GET"]),
            Route("/affairs/{affair}", frame.within(self._affair), methods=["GET"]),
            Route("/affairs/{affair}/{what}", frame.within(self._form), methods=["GET"]),
            Route("/affairs/{affair}/{what}", frame.posted(self._ask), methods=["POST"]),
        ]

    async def _home(self, visit: Visit, request: Request) -> Response:
        """What the office holds, and a box to search it by the clerks' own words."""
        searched = request.query_params.get("words", "").strip()
        found = [
            self._purpose(affair.id)
            for affair in offered(self._frame.edition, visit.standing.affairs, searched)
        ]
        return self._frame.show(
            "home",
            request,
            visit=visit,
            words=searched,
            affairs=found,
            held=len(visit.standing.affairs),
        )

    async def _affair(self, visit: Visit, request: Request) -> Response:
        """What an affair is for, under which articles, and what comes back."""
        affair = self._held(visit, request)
        return self._frame.show(
            "affair", request, visit=visit, affair=affair, open=Method.TERMINAL in affair.methods
        )

    async def _form(self, visit: Visit, request: Request) -> Response:
        what, affair = _what(request), self._held(visit, request)
        by = _chosen(_ways(affair), request.query_params.get("by"))
        return self._shown(visit, request, what, affair, by, {})

    async def _ask(self, visit: Visit, request: Request, form: Mapping[str, str]) -> Response:
        """Ask, and go to the answer; where a field is wrong, show the form again, and nothing was asked."""
        what, affair = _what(request), request.path_params["affair"]
        question: LookUp | Claim | BadQuestion
        try:
            question = self._question(affair, what, form)
        except BadQuestion as error:
            if affair in visit.standing.affairs:
                held = self._held(visit, request)
                by = _chosen(_ways(held), form.get("by"))
                return self._shown(visit, request, what, held, by, form, error.where.column or "keys")
            question = error
        asked = Asked(
            by=AtTerminal(visit.session.operator, visit.session.terminal),
            affair=affair,
            reason=form.get("reason", ""),
            what=what,
            history=what is What.ASK and form.get("history") == "yes",
            questions=(question,),
        )
        outcome = await self._frame.asking.ask(asked)
        return RedirectResponse(f"/answers/{outcome.ledger_id}", 303)

    def _shown(
        self,
        visit: Visit,
        request: Request,
        what: What,
        affair: Purpose,
        by: tuple[Key, ...],
        form: Mapping[str, str],
        wrong: str | None = None,
    ) -> Response:
        values: dict[str, Any] = {
            "what": what.value,
            "affair": affair,
            "ways": [(_named(way), way) for way in _ways(affair)],
            "by": by,
            "by_name": _named(by),
            "fields": _fields(affair, by, what),
            "optional": _optional(affair, by, what),
            "form": form,
            "wrong": wrong,
            "fault": None if wrong is None else FAULTS.get(wrong, Said("確かめてください", "Check this")),
        }
        status = 200 if wrong is None else 422
        return self._frame.show("ask", request, visit=visit, status=status, **values)

    def _held(self, visit: Visit, request: Request) -> Purpose:
        """The affair that a page is about, if the office holds it.

        Raises:
            Refused: it does not, or it is not in force.
        """
        affair = request.path_params["affair"]
        if affair not in visit.standing.affairs:
            raise Refused(refusals.AFFAIR_NOT_HELD)
        if affair not in self._frame.edition.affairs:
            raise Refused(refusals.NOT_IN_FORCE)
        return self._purpose(affair)

    def _purpose(self, affair: str) -> Purpose:
        node = self._node.directory.node(self._node.id)
        body = self._frame.book.body(node.id, node.kind, node.prefecture)
        return purpose(self._frame.edition.affairs[affair], body, node.kind)

    def _question(self, affair: str, what: What, form: Mapping[str, str]) -> LookUp | Claim:
        """What is asked, if it is not too little: the book would say so too, but later.

        Raises:
            BadQuestion: a field is wrong; `where.column` names it.
        """
        forms.check_reason(form)
        question = forms.claim(form) if what is What.VERIFY else forms.question(form)
        written = question if isinstance(question, LookUp) else question.written
        known, given = self._frame.edition.affairs.get(affair), frozenset(map(Key, written.items))
        if known and not any(basis.suffices(given) for basis in known.bases):
            raise BadQuestion("too little was given", where=Where(column="keys"))
        return question


def _what(request: Request) -> What:
    """To ask or to verify.

    Raises:
        BadQuestion: the address of the page was made up.
    """
    if request.path_params["what"] not in {What.ASK, What.VERIFY}:
        raise BadQuestion("there is no such page")
    return What(request.path_params["what"])


def _ways(affair: Purpose) -> list[tuple[Key, ...]]:
    """By what one can ask, the usual ways first."""
    usual = [way for way in _USUAL if way in affair.keys]
    return [*usual, *(way for way in affair.keys if way not in usual)] or [()]


def _chosen(ways: list[tuple[Key, ...]], name: str | None) -> tuple[Key, ...]:
    return next((way for way in ways if _named(way) == name), ways[0])


def _named(way: tuple[Key, ...]) -> str:
    return ".".join(way)


def _fields(affair: Purpose, by: tuple[Key, ...], what: What) -> list[str]:
    """What must be given: the keys of the way; or what an applicant wrote, as far as the affair opens it."""
    if what is What.ASK:
        return list(by)
    return [item for item in ("name", "birth_date", "address") if item in _verifiable(affair)]


def _optional(affair: Purpose, by: tuple[Key, ...], what: What) -> list[str]:
    """What may be given besides."""
    if what is What.ASK:
        return [
            *(["furigana"] if Key.NAME in by else []),
            *(key for key in affair.narrowing if key not in by),
        ]
    return [item for item in _verifiable(affair) if item not in _fields(affair, by, what)]


def _verifiable(affair: Purpose) -> list[str]:
    """Items of which yes or no may be told: those that are open as keys, and might be told outright."""
    keys = {key for way in (*affair.keys, affair.narrowing) for key in way}
    open_ = {*keys, *(["furigana"] if Key.NAME in keys else [])}
    return [item for item in VERIFIABLE if item in open_ and item in affair.items]
