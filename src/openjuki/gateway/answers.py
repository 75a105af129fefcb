# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""An operator reads an answer, and chooses among candidates (回答).

An answer is shown to who asked, until they sign out. Afterwards, and to others, the ledger says that it was
asked and how it was answered, and nobody's data: who needs them again asks again, and says why.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from openjuki.documents.words import FAILED, ITEMS, RESULTS, Said, item, shown
from openjuki.nodes.asking import Asked, AtTerminal, Confirmation
from openjuki.store import ledger
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from openjuki.gateway.frame import Frame
    from openjuki.screens.sessions import Visit
    from openjuki.store.ledger import Line


class Answers:
    """The pages that show somebody."""

    def __init__(self, frame: Frame) -> None:
        """In a frame."""
        self._frame, self._node = frame, frame.node

    def routes(self) -> list[Route]:
        """The roads of answers."""
        frame = self._frame
        return [
            Route("/answers/{id}", frame.within(self._answer), methods=["GET"]),
            Route("/answers/{id}", frame.posted(self._confirm), methods=["POST"]),
        ]

    async def _answer(self, visit: Visit, request: Request) -> Response:
        line = await self._own(visit, request)
        if line is None:
            return RedirectResponse(f"/ledger/{request.path_params['id']}", 303)
        return self._shown(visit, request, line)

    async def _confirm(self, visit: Visit, request: Request, form: Mapping[str, str]) -> Response:
        """Ask for the items of one candidate: a provision of its own."""
        line = await self._own(visit, request)
        if line is None:
            return RedirectResponse(f"/ledger/{request.path_params['id']}", 303)
        chosen = form.get("candidate", "")
        if not (chosen.isascii() and chosen.isdigit() and len(chosen) < 4):  # noqa: PLR2004 - 999 candidates are many
            return self._shown(visit, request, line, nobody_chosen=True)
        asked = Asked(
            by=AtTerminal(visit.session.operator, visit.session.terminal),
            affair=line.affair,
            reason=line.reason,
            what=What.CONFIRM,
            history=line.history,
            questions=(Confirmation(ledger=line.id, question=0, candidate=int(chosen)),),
        )
        outcome = await self._frame.asking.ask(asked)
        return RedirectResponse(f"/answers/{outcome.ledger_id}", 303)

    async def _own(self, visit: Visit, request: Request) -> Line | None:
        """The line of the ledger, if this operator asked it since signing in."""
        line = await self._node.read(lambda connection: ledger.line(connection, request.path_params["id"]))
        return line if line is not None and is_own(line, visit) else None

    def _shown(self, visit: Visit, request: Request, line: Line, *, nobody_chosen: bool = False) -> Response:
        affair = self._frame.edition.affairs.get(line.affair)
        return self._frame.show(
            "answer",
            request,
            visit=visit,
            status=422 if nobody_chosen else 200,
            line=line,
            title=line.affair if affair is None else affair.title_ja,
            nobody_chosen=nobody_chosen,
            **_view(line),
        )


def is_own(line: Line, visit: Visit) -> bool:
    """Whether an operator may read the answer here: they asked it, since they signed in, and not with a file."""
    session = visit.session
    return (
        (line.operator, line.office) == (session.operator, session.office)
        and line.asked_at >= session.opened_at
        and bool(line.questions)
    )


def _view(line: Line) -> dict[str, Any]:
    """What the page shows of the first question of a line; an operator asks one at a time."""
    question = line.questions[0] if line.questions else {}
    answer = (line.answers[0] if line.answers else None) or {}
    told = answer.get("items")
    return {
        "verdict": RESULTS.get(answer.get("result", ""), FAILED),
        "question": question,
        "asked_by": facts({name: value for name, value in question.items() if name in ITEMS and value}),
        "persons": [_person(hit) for hit in answer.get("hits", ())],
        "candidates": [(one["candidate"], facts(one)) for one in answer.get("candidates") or ()],
        "verified": None if told is None else _verified(question.get("verify", ()), told),
        "refusal": answer.get("refusal"),
        "malformed": answer.get("malformed"),
        "articles": answer.get("articles", ()),
    }


def _person(hit: Mapping[str, Any]) -> dict[str, Any]:
    """What was told of a person: what is recorded, what is not, and what was recorded before."""
    return {
        "facts": facts(hit),
        "unrecorded": [item(name) for name in ITEMS if name in hit and hit[name] in {None, ""}],
        "history": [facts(row) for row in hit.get("history") or ()],
    }


def facts(items: Mapping[str, Any]) -> list[tuple[str, Said, Said]]:
    """Items that are recorded, in the order in which people read them; an address with its municipality before it."""
    whole = dict(items)
    if whole.get("municipality") and whole.get("address"):
        place = shown("municipality", whole.pop("municipality"))
        whole["address"] = place.ja + str(whole["address"])
    return [
        (name, item(name), shown(name, whole[name])) for name in ITEMS if whole.get(name) not in {None, ""}
    ]


def _verified(written: Any, told: Mapping[str, bool]) -> list[tuple[str, bool | None]]:
    """Each item that was written: yes, no, or nothing that it could be held against."""
    return [(name, told.get(name)) for name in dict.fromkeys((*written, *told))]
