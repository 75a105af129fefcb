# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Provision (提供): whether somebody may be told, what they are told, and the row that says so.

Theory of operation. Questions that come within a moment of each other share one transaction: everybody who
asks is found in the office's records, the statute book decides, the persons are found with one statement for
each kind of key, and every question, granted or refused, leaves a row in the journal. Only when that
transaction is durable does anybody get an answer: what was told is in the book.

The terminals of a municipality ask its own book here; `nodes.enquiry` asks, and answers, over the network.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import repeat
from typing import TYPE_CHECKING, Final

import orjson

from openjuki.codes.local_government import prefecture_of
from openjuki.errors import BadQuestion
from openjuki.law.book import Basis, Book, Key
from openjuki.law.decision import Grant, Request, decide
from openjuki.nodes.answering import Answer, refused
from openjuki.nodes.sharing import Shared
from openjuki.nodes.statutes import statute_book
from openjuki.refusal import Refusal
from openjuki.residents.look_up import LookUp, Result, result
from openjuki.store import journal, looking, offices

__all__ = [
    "REGISTER_WORK",
    "Answer",
    "Asked",
    "Desk",
    "look_up",
    "refused",
    "statute_book",
]

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from openjuki.nodes.node import Office
    from openjuki.residents.look_up import Hit
    from openjuki.store.database import Connection

#: The affair of a terminal that is used for work on the register (住民基本台帳に関する事務).
REGISTER_WORK: Final = "register-work"
GRANTED, REFUSED = "look-up.granted", "look-up.refused"
#: Results that show nobody: who bears the code now, or who they all are.
_UNSHOWN: Final = frozenset((Result.SUPERSEDED, Result.TOO_MANY))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks what, and why (照会)."""

    question: LookUp | BadQuestion
    operator: str
    terminal: str
    reason: str
    affair: str = REGISTER_WORK


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question and what the law says to it (照会の可否)."""

    asked: Asked
    #: The node that asks, and the prefecture through which it does.
    asker: str
    through: str | None
    #: The asking office within its node; empty where nobody knows the operator.
    office: str
    decision: Grant | Refusal | BadQuestion


class Desk:
    """Where the terminals of an office ask its own book (照会窓口)."""

    def __init__(self, office: Office, book: Book | None = None) -> None:
        """Take the office and the statute book."""
        self._office = office
        self._book = book
        self._shared = Shared(self._answer)

    async def look_up(self, asked: Asked) -> Answer:
        """Decide, answer and record one question.

        Raises:
            StoreUnavailable: the database does not answer; nothing is told.
        """
        return await self._shared.ask(asked)

    async def _answer(self, batch: Sequence[Asked]) -> list[Answer]:
        office = self._office

        async def work(connection: Connection) -> list[Answer]:
            cases = await judged(office, connection, self._book or statute_book(office), batch)
            answers = await answered(office, connection, cases)
            rows = map(entry, repeat(office), cases, answers)
            await journal.append(connection, list(rows))
            return answers

        return await office.transact(work)


async def look_up(office: Office, asked: Asked) -> Answer:
    """One question to the office's own book; a `Desk` is for many.

    Raises:
        StoreUnavailable: the database does not answer; nothing is told.
    """
    return await Desk(office).look_up(asked)


async def judged(
    office: Office, connection: Connection, book: Book, batch: Sequence[Asked], provider: str | None = None
) -> list[Case]:
    """What the law says to questions of the office's own terminals, to its own book or to another provider."""
    at = office.clock()
    acting = list(dict.fromkeys((asked.operator, asked.terminal) for asked in batch))
    found = dict(zip(acting, await offices.find_all(connection, acting, at), strict=True))
    through = office.prefecture if provider else None
    cases = []
    for asked in batch:
        standing = found[asked.operator, asked.terminal]
        if isinstance(standing, Refusal):
            cases.append(Case(asked=asked, asker=office.id, through=through, office="", decision=standing))
        else:
            holds = standing.holds(asked.affair)
            claim = Claim(asked=asked, asker=office.id, through=through, office=standing.office, holds=holds)
            cases.append(judge(office, book, claim, at, provider or office.id))
    return cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What an asking node says of a question (照会の申出): for which office, and that it holds the affair."""

    asked: Asked
    asker: str
    through: str | None
    office: str
    holds: bool


def judge(office: Office, book: Book, claim: Claim, at: datetime, provider: str) -> Case:
    """What the law says to a question that is put to a provider."""
    asked, nodes = claim.asked, office.directory
    decision: Grant | Refusal | BadQuestion
    if isinstance(asked.question, BadQuestion):
        decision = asked.question
    else:
        asker = nodes.node(claim.asker)
        request = Request(
            recipient_kind=asker.kind,
            recipient=asker.id,
            prefecture=asker.prefecture,
            office=claim.office,
            holds=claim.holds,
            operator=asked.operator,
            terminal=asked.terminal,
            affair=asked.affair,
            reason=asked.reason,
            keys=frozenset(map(Key, asked.question.items)),
            provider_kind=nodes.node(provider).kind,
            provider=provider,
            through=claim.through,
        )
        decision = decide(request, book, at)
    return Case(asked=asked, asker=claim.asker, through=claim.through, office=claim.office, decision=decision)


async def answered(office: Office, connection: Connection, cases: Sequence[Case]) -> list[Answer]:
    """What the office's book says to these, as far as the law lets it."""
    granted = [
        (case.decision, case.asked.question)
        for case in cases
        if isinstance(case.decision, Grant) and isinstance(case.asked.question, LookUp)
    ]
    found = await looking.find(connection, [question for _, question in granted])
    most, on = office.settings.look_up_most, office.clock().date()
    answers = (_told(grant, hits, most, on) for (grant, _), hits in zip(granted, found, strict=True))
    return [next(answers) if isinstance(case.decision, Grant) else refused(case.decision) for case in cases]


def entry(office: Office, case: Case, answer: Answer) -> journal.Entry:
    """The row of the journal: who asked what and why, and what was told (照会の記録)."""
    asked = case.asked
    question = asked.question.to_dict() if isinstance(asked.question, LookUp) else None
    said = {
        "affair": asked.affair,
        "articles": answer.articles,
        "asker": case.asker,
        "count": answer.count,
        "malformed": answer.malformed,
        "office": case.office,
        "operator": asked.operator,
        "question": question,
        "reason": asked.reason,
        "result": answer.result.value,
        "rule": answer.refusal and answer.refusal.rule,
        "terminal": asked.terminal,
        "through": case.through,
        "who": [hit["resident_code"] for hit in answer.hits if "resident_code" in hit],
    }
    return journal.Entry(
        kind=GRANTED if isinstance(case.decision, Grant) and answer.refusal is None else REFUSED,
        recorded_at=office.clock(),
        payload=orjson.dumps(said, option=orjson.OPT_SORT_KEYS),
        salt=office.entropy(journal.SALT_SIZE),
    )


def _told(grant: Grant, hits: Sequence[Hit], most: int, on: date) -> Answer:
    """What is shown of those whom a question leads to: each under the basis that is about them."""
    bases = [(hit, grant.basis_for(prefecture_of(hit.municipality))) for hit in hits]
    open_ = [(hit, basis) for hit, basis in bases if isinstance(basis, Basis)]
    refusals = [basis for _, basis in bases if isinstance(basis, Refusal)]
    if refusals and not open_:
        return Answer(result=Result.NOT_PERMITTED, refusal=refusals[0])
    outcome = result([hit for hit, _ in open_], most=most, on=on)
    shown = () if outcome in _UNSHOWN else open_
    return Answer(
        result=outcome,
        count=len(open_),
        hits=tuple(hit.shown(basis.items, on) for hit, basis in shown),
        articles=tuple(dict.fromkeys(basis.article for _, basis in open_)) or grant.articles,
    )
