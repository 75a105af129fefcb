# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What becomes of a question (照会の予定): the ways on which it is asked, or the answer that the own book gives. Pure.

A claim goes where the first of its lawful combinations leads. A candidate is confirmed where it was shown: by the
same provider, on the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openjuki.nodes.answering import Answer
from openjuki.nodes.asking.asked import Confirmation
from openjuki.nodes.asking.merging import Way
from openjuki.nodes.asking.opening import Opened
from openjuki.refusal import Refusal
from openjuki.residents.look_up import Claim, LookUp, Result

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openjuki.errors import BadQuestion
    from openjuki.nodes.asking.asked import Asked
    from openjuki.nodes.asking.merging import Steps
    from openjuki.nodes.asking.opening import Opening
    from openjuki.store.ledger import Line
    from openjuki.store.offices import Standing

NO_SUCH_CANDIDATE: Final = Refusal(
    code="JK-ASKING-0001",
    rule="candidate-shown",
    article="法30条の29",
    message_ja="確定する候補がありません。この部署が同じ事務で照会し、複数該当となった回答の候補を選んでください。",
    message_en="No such candidate was shown to this office for this affair.",
)


class Plan(NamedTuple):
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

    @property
    def rule(self) -> str | None:
        """The rule by which the own book says no, where one does."""
        return None if self.refused is None or self.refused.refusal is None else self.refused.refusal.rule


class Planner(NamedTuple):
    """Whoever makes the plans of one request (照会の判断)."""

    opening: Opening
    asked: Asked
    standing: Standing | Refusal
    #: How many persons the office may still ask about; None: nobody counts.
    quota: int | None
    #: The ledger's lines whose candidates are confirmed.
    lines: Mapping[str, Line]

    def plans(self) -> tuple[Plan, ...]:
        """A plan for each question."""
        return tuple(map(self._plan, self.asked.questions))

    def _plan(self, question: LookUp | Claim | Confirmation | BadQuestion) -> Plan:
        if isinstance(question, LookUp):
            keys = question.items
            return _plan(question.to_dict(), keys, self._opened(keys), unique=_is_unique(question))
        if isinstance(question, Claim):
            return self._verified(question)
        if isinstance(question, Confirmation):
            return self._confirmed(question)
        malformed = question.where.column
        answer = Answer(result=Result.MALFORMED, malformed=malformed)
        return Plan(question={"malformed": malformed}, refused=answer)

    def _verified(self, claim: Claim) -> Plan:
        found = [self._opened(search.items, claim.verify) for search in claim.searches]
        opened = next((one for one in found if isinstance(one, Opened)), found[0])
        written = claim.written
        return _plan(claim.to_dict(), written.items, opened, unique=_is_unique(written))

    def _confirmed(self, question: Confirmation) -> Plan:
        asked, shown = question._asdict(), self._shown(question)
        if shown is None:
            nothing = self.standing if isinstance(self.standing, Refusal) else NO_SUCH_CANDIDATE
            return _plan(asked, (), nothing)
        told, number, keys = shown
        opened = self._opened(keys)
        if isinstance(opened, Opened):
            asked |= {"envelope": told["envelope"], "of": told["commitment"], "candidate": number}
            way = Way(told["provider"], told["through"])
            lawful = any(way in step for step in opened.nearest)
            opened = opened._replace(nearest=[[way]]) if lawful else NO_SUCH_CANDIDATE
        return _plan(asked, keys, opened, unique=True)

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

    def _opened(self, items: Sequence[str], verify: Sequence[str] = ()) -> Opened | Refusal:
        if isinstance(self.standing, Refusal):
            return self.standing
        return self.opening.opened(self.asked, self.standing, self.quota, items, verify)


def _is_unique(question: LookUp) -> bool:
    return question.resident_code is not None or question.individual_number is not None


def _plan(
    question: Mapping[str, Any], keys: Sequence[str], opened: Opened | Refusal, *, unique: bool = False
) -> Plan:
    if isinstance(opened, Refusal):
        answer = Answer(result=Result.NOT_PERMITTED, refusal=opened)
        return Plan(question=question, keys=keys, refused=answer)
    ways = opened.nearest if unique else opened.every
    return Plan(question, keys, ways, opened.granted)
