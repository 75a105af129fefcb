# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of a question (照会の予定): the ways on which it is asked, or the answer that the own book gives. Pure.

The book decides by the items that a question has, so questions with the same items are one decision. A claim
goes where the first of its lawful combinations leads. A candidate is confirmed where it was shown: by the same
provider, on the same way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from openjuki.config import CENTRE, Kind
from openjuki.errors import BadQuestion
from openjuki.law.basis import Key
from openjuki.law.decision import Request, roads
from openjuki.nodes.asking.asked import Confirmation
from openjuki.nodes.asking.merging import Way, steps
from openjuki.nodes.provision import Answer
from openjuki.refusal import Refusal
from openjuki.residents.look_up import Claim, LookUp, Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from openjuki.law.book import Book
    from openjuki.law.decision import Road
    from openjuki.nodes.asking.asked import Asked
    from openjuki.nodes.asking.merging import Steps
    from openjuki.store.ledger import Line
    from openjuki.store.offices import Standing
    from openjuki.wire.directory import Node

NO_SUCH_CANDIDATE: Final = Refusal(
    code="JK-ASKING-0001",
    rule="candidate-shown",
    article="法30条の29",
    message_ja="確定する候補がありません。この部署が同じ事務で照会し、複数該当となった回答の候補を選んでください。",
    message_en="No such candidate was shown to this office for this affair.",
)
IN_THE_OWN_BOOK: Final = Refusal(
    code="JK-ASKING-0002",
    rule="asked-of-others",
    article="法5条",
    message_ja="この事務の情報は、自らの台帳にあります。自らの台帳に照会してください。",
    message_en="What the affair needs stands in the own book; nobody else is asked.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What becomes of a question (照会の予定)."""

    #: As the ledger has it.
    question: Mapping[str, Any]
    #: The items by which it is asked.
    keys: Sequence[str] = ()
    #: The ways to go.
    steps: Steps = ()
    #: Items that the book grants on any of them.
    granted: frozenset[str] = frozenset()
    #: Why nothing is asked.
    refused: Answer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    """Whoever makes the plans of one request (照会の判断)."""

    book: Book
    at: datetime
    #: The node that asks, as the directory lists it.
    node: Node
    asked: Asked
    standing: Standing | Refusal
    #: How many persons the office may still ask about; None: nobody counts.
    quota: int | None
    #: The ledger's lines whose candidates are confirmed.
    lines: Mapping[str, Line]
    #: What the book says to questions with these items.
    _decided: dict[tuple[frozenset[Key], frozenset[str]], tuple[Road, ...] | Refusal] = field(
        default_factory=dict
    )

    def plans(self) -> tuple[Plan, ...]:
        """A plan for each question."""
        return tuple(map(self._plan, self.asked.questions))

    def _plan(self, question: LookUp | Claim | Confirmation | BadQuestion) -> Plan:
        if isinstance(question, BadQuestion):
            malformed = question.where.column
            answer = Answer(result=Result.MALFORMED, malformed=malformed)
            return Plan(question={"malformed": malformed}, refused=answer)
        if isinstance(question, Confirmation):
            return self._confirmed(question)
        asked, written = question.to_dict(), _written(question)
        searches = (question,) if isinstance(question, LookUp) else question.searches
        verify = () if isinstance(question, LookUp) else question.verify
        decisions = [self._decide(search.items, verify) for search in searches]
        decision = next((one for one in decisions if not isinstance(one, Refusal)), decisions[0])
        if isinstance(decision, Refusal):
            return _refused(asked, written.items, decision)
        ways = steps(decision, unique=_is_unique(written))
        return Plan(question=asked, keys=written.items, steps=ways, granted=_granted(decision))

    def _confirmed(self, question: Confirmation) -> Plan:
        asked, shown = question._asdict(), self._shown(question)
        if shown is None:
            nothing = self.standing if isinstance(self.standing, Refusal) else NO_SUCH_CANDIDATE
            return _refused(asked, (), nothing)
        told, number, keys = shown
        decision = self._decide(keys)
        if isinstance(decision, Refusal):
            return _refused(asked, keys, decision)
        of = {"of": told["commitment"], "candidate": number}
        way = Way(told["provider"], told["through"])
        return Plan(question=asked | of, keys=keys, steps=[[way]], granted=_granted(decision))

    def _shown(self, question: Confirmation) -> tuple[Mapping[str, Any], int, Sequence[str]] | None:
        """What its provider told of a candidate, its number there, and by what it was asked; None: it was not shown."""
        line, number = self.lines.get(question.ledger), question.candidate
        if line is None or isinstance(self.standing, Refusal) or number < 1:
            return None
        if (line.office, line.affair) != (self.standing.office, self.asked.affair):
            return None
        if not 0 <= question.question < len(line.told):
            return None
        for told in line.told[question.question]:
            if number <= told["candidates"]:
                return told, number, LookUp.from_dict(line.questions[question.question]).items
            number -= told["candidates"]
        return None

    def _decide(self, items: Sequence[str], verify: Sequence[str] = ()) -> tuple[Road, ...] | Refusal:
        about = frozenset(map(Key, items)), frozenset(verify)
        if about not in self._decided:
            self._decided[about] = self._roads(*about)
        return self._decided[about]

    def _roads(self, keys: frozenset[Key], verify: frozenset[str]) -> tuple[Road, ...] | Refusal:
        standing, asked = self.standing, self.asked
        if isinstance(standing, Refusal):
            return standing
        request = Request(
            recipient_kind=self.node.kind,
            recipient=self.node.id,
            prefecture=self.node.prefecture,
            office=standing.office,
            holds=standing.holds(asked.affair),
            operator=standing.operator,
            terminal=standing.terminal,
            affair=asked.affair,
            reason=asked.reason,
            keys=keys,
            provider_kind=Kind.CENTRE,
            provider=CENTRE,
            method=asked.method,
            verify=verify,
            history=asked.history,
            persons=len(asked.questions),
            quota=self.quota,
        )
        decision = roads(request, self.book, self.at)
        if isinstance(decision, Refusal):
            return decision
        return tuple(road for road in decision if road.provider != self.node.id) or IN_THE_OWN_BOOK


def _written(question: LookUp | Claim) -> LookUp:
    return question if isinstance(question, LookUp) else question.written


def _is_unique(question: LookUp) -> bool:
    return question.resident_code is not None or question.individual_number is not None


def _granted(decision: Sequence[Road]) -> frozenset[str]:
    return frozenset(item for road in decision for basis in road.grant.bases for item in basis.items)


def _refused(question: Mapping[str, Any], keys: Sequence[str], refusal: Refusal) -> Plan:
    answer = Answer(result=Result.NOT_PERMITTED, refusal=refusal)
    return Plan(question=question, keys=keys, refused=answer)
