# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""From questions to what is told (照会の処理): all that come together go through each step together.

Read, decide, find, tell: whatever the number of questions, persons are found with one statement for each kind of key.
What is wanted decides how a question is read and whom it leads to: somebody with these items (`What.ASK`), somebody
of whom this was written (`What.VERIFY`), or somebody whom an earlier answer showed (`What.CONFIRM`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openjuki.errors import BadQuestion
from openjuki.nodes.answering import NOTHING, Told, Window, refused, with_history
from openjuki.refusal import Refusal, Where
from openjuki.residents.look_up import Claim, LookUp
from openjuki.store import looking, provisions
from openjuki.wire.document import DIGEST, ID
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from openjuki.law.decision import Grant
    from openjuki.nodes.judging import Bench
    from openjuki.store.database import Connection
    from openjuki.wire.provision import Ask

CANDIDATE_NOT_OFFERED: Final = Refusal(
    code="JK-PROVISION-0001",
    rule="candidate-offered",
    article="法30条の24",
    message_ja="この候補は、この事務についての照会への回答で示されていません。もう一度照会してください。",
    message_en="No answer to this asker for this affair has shown this candidate; ask again.",
)
_MOST_CANDIDATES: Final = 1000


class Candidate(NamedTuple):
    """Somebody whom an earlier answer showed (候補)."""

    #: Id of the envelope of that answer.
    envelope: str
    #: What its row commits to.
    of: bytes
    number: int

    @classmethod
    def from_dict(cls, items: Mapping[str, Any]) -> Candidate:
        """Read the JSON form.

        Raises:
            BadQuestion: an item is missing or malformed.
        """
        envelope, of, number = items.get("envelope"), items.get("of"), items.get("candidate")
        if not isinstance(envelope, str) or not ID.fullmatch(envelope):
            raise BadQuestion("malformed: envelope", where=Where(column="envelope"))
        if not isinstance(of, str) or not DIGEST.fullmatch(of):
            raise BadQuestion("malformed: of", where=Where(column="of"))
        if type(number) is not int or not 1 <= number <= _MOST_CANDIDATES:
            raise BadQuestion("malformed: candidate", where=Where(column="candidate"))
        return cls(envelope, bytes.fromhex(of), number)


@dataclass(slots=True)
class Case:
    """One question on its way to its answer (照会)."""

    asker: str
    #: The prefecture through which it came.
    through: str | None
    ask: Ask
    #: As it came.
    question: Mapping[str, Any]
    #: Items by which the person is looked for.
    keys: tuple[str, ...] = ()
    told: Told = NOTHING

    def refuse(self, why: Refusal | BadQuestion) -> None:
        """Say no, and why."""
        self.told = Told(refused(why))


async def deliberate(connection: Connection, bench: Bench, window: Window, cases: Sequence[Case]) -> None:
    """Give every case what is told."""
    for what, steps in _STEPS.items():
        of_it = [case for case in cases if case.ask.what is what]
        if of_it:
            await steps(connection, bench, window, of_it)
    wanting = [case for case in cases if case.ask.history and case.told.answer.hits]
    await _add_histories(connection, window, wanting)


async def _asked(connection: Connection, bench: Bench, window: Window, cases: Iterable[Case]) -> None:
    granted: list[tuple[Case, Grant]] = []
    questions: list[LookUp] = []
    for case in cases:
        question = _read(case, LookUp.from_dict)
        if question is not None:
            case.keys = question.items
            decision = bench.decide(case.asker, case.through, case.ask, case.keys)
            if isinstance(decision, Refusal):
                case.refuse(decision)
            else:
                granted.append((case, decision))
                questions.append(question)
    found = await looking.find(connection, questions)
    for (case, grant), hits in zip(granted, found, strict=True):
        case.told = window.told(grant, hits)


async def _verified(connection: Connection, bench: Bench, window: Window, cases: Iterable[Case]) -> None:
    granted: list[tuple[Case, list[Grant]]] = []
    claims: list[tuple[Claim, list[LookUp]]] = []
    for case in cases:
        claim = _read(case, Claim.from_dict)
        if claim is None:
            continue
        case.keys = claim.written.items
        decisions = [
            (search, bench.decide(case.asker, case.through, case.ask, search.items, claim.verify))
            for search in claim.searches
        ]
        open_ = [(search, one) for search, one in decisions if not isinstance(one, Refusal)]
        if open_:
            granted.append((case, [grant for _, grant in open_]))
            claims.append((claim, [search for search, _ in open_]))
        else:
            case.refuse(next(one for _, one in decisions if isinstance(one, Refusal)))
    found = await looking.held_against(connection, claims)
    for (case, grants), (claim, _), hits in zip(granted, claims, found, strict=True):
        case.told = window.verified(grants, claim, hits)


async def _confirmed(connection: Connection, bench: Bench, window: Window, cases: Iterable[Case]) -> None:
    read = [
        (case, provisions.Shown(case.asker, *candidate))
        for case in cases
        if (candidate := _read(case, Candidate.from_dict))
    ]
    shown = await provisions.offered(connection, [asked for _, asked in read])
    granted: list[tuple[Case, Grant, int]] = []
    for case, asked in read:
        one = shown.get(asked)
        if one is None or one.affair != case.ask.affair:
            case.refuse(CANDIDATE_NOT_OFFERED)
            continue
        case.keys = one.keys
        decision = bench.decide(case.asker, case.through, case.ask, one.keys)
        if isinstance(decision, Refusal):
            case.refuse(decision)
        else:
            granted.append((case, decision, one.person_id))
    persons = await provisions.known(connection, [person for _, _, person in granted])
    for case, grant, person in granted:
        # somebody may have been forgotten since
        if person in persons:
            case.told = window.told(grant, [persons[person]])
        else:
            case.refuse(CANDIDATE_NOT_OFFERED)


_STEPS: Final = {What.ASK: _asked, What.VERIFY: _verified, What.CONFIRM: _confirmed}


async def _add_histories(connection: Connection, window: Window, cases: Sequence[Case]) -> None:
    holders = {int(hit.holder) for case in cases for hit, basis in case.told.persons if basis.history}
    if holders:
        histories = await looking.histories(connection, list(holders))
        for case in cases:
            case.told = with_history(case.told, histories, window.on)


def _read[Q](case: Case, read: Callable[[Mapping[str, Any]], Q]) -> Q | None:
    """The question as its kind is read; None where an item is malformed, and the case says so."""
    try:
        return read(case.question)
    except BadQuestion as error:
        case.refuse(error)
        return None
