# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is kept of an answer (回答の保存): the answer and its promise in the ledger, and a row of the journal that names both.

Persons stand in the ledger alone. The journal's row has the commitments that the providers promised: a ledger
that was changed no longer gives them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from openjuki.nodes.asking import merging
from openjuki.store import journal, ledger, receipts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from openjuki.errors import JukiError
    from openjuki.nodes.asking.deciding import Case
    from openjuki.nodes.asking.envelopes import Told
    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection
    from openjuki.store.ledger import Envelope

ANSWERED, FAILED = "provision.answered", "provision.failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is shown for a question (照会ごとの回答), and what it rests on."""

    #: The answer as JSON; None: nothing may be shown.
    answer: bytes | None
    #: The same, read.
    said: Mapping[str, Any] | None
    told: Sequence[Told] = ()
    #: How many of the candidates each of these has shown.
    candidates: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A request with what came of each question (照会の記録)."""

    case: Case
    shown: Sequence[Shown]
    #: Why nothing is shown.
    error: JukiError | None = None

    @property
    def code(self) -> str | None:
        """Of the error, where there is one."""
        return None if self.error is None else self.error.code


def shown(case: Case, place: int, told: Sequence[Told], *, most: int) -> Shown:
    """What is shown for a question: the own refusal, the one answer, or what several came to."""
    plan = case.plans[place]
    if plan.refused is not None:
        said = plan.refused.to_dict()
        return Shown(answer=orjson.dumps(said, option=orjson.OPT_SORT_KEYS), said=said)
    if len(told) == 1:
        return _alone(told, 0)
    if len(plan.steps) > 1:
        the_one = merging.chosen([(one.way, one.said) for one in told])
        return _alone(told, the_one)
    about = merging.found([one.said for one in told])
    if len(about) == 1:
        return _alone(told, about[0])
    answer = merging.together([told[one].said for one in about], most=most)
    said = orjson.loads(answer)
    several = said["candidates"] is not None
    return Shown(
        answer=answer,
        said=said,
        told=told,
        candidates=[one.said["count"] if several and place in about else 0 for place, one in enumerate(told)],
    )


def _alone(told: Sequence[Told], the_one: int) -> Shown:
    """One answer is the answer; the others are kept beside it."""
    one = told[the_one]
    shown_of_it = len(one.said["candidates"] or ())
    return Shown(
        answer=one.answered.answer,
        said=one.said,
        told=told,
        candidates=[shown_of_it if place == the_one else 0 for place in range(len(told))],
    )


def nothing(told: Sequence[Told]) -> Shown:
    """Nothing is shown, where not everything was answered; what was told is kept all the same."""
    return Shown(answer=None, said=None, told=told, candidates=[0] * len(told))


async def keep(office: Office, connection: Connection, batch: Sequence[Kept]) -> Sequence[None]:
    """Write answers down, in the caller's transaction."""
    at = office.clock()
    envelopes = {told.envelope.id: told.envelope for kept in batch for one in kept.shown for told in one.told}
    await ledger.keep(connection, [envelopes[id_] for id_ in sorted(envelopes)])
    await _receipt_own(office, connection, envelopes.values(), at)
    await ledger.answer(connection, [_answered(kept, at) for kept in batch])
    await journal.append(connection, [_entry(office, kept, at) for kept in batch])
    return [None] * len(batch)


async def _receipt_own(
    office: Office, connection: Connection, envelopes: Iterable[Envelope], at: datetime
) -> None:
    """What a node told its own offices has arrived, and it knows so by itself."""
    own = [envelope.id for envelope in envelopes if envelope.provider == office.id]
    if own:
        await receipts.receipted(connection, office.id, own, at)


def _answered(kept: Kept, at: datetime) -> ledger.Answered:
    said = [one.said for one in kept.shown if one.said is not None]
    articles = (article for one in said for article in one["articles"])
    routes = (str(told.way) for one in kept.shown for told in one.told)
    return ledger.Answered(
        line=kept.case.line,
        at=at,
        code=kept.code,
        results=[one["result"] for one in said],
        articles=list(dict.fromkeys(articles)),
        routes=list(dict.fromkeys(routes)),
        answers=orjson.dumps([_as_shown(one) for one in kept.shown]),
    )


def _as_shown(one: Shown) -> dict[str, Any]:
    answer = None if one.answer is None else orjson.Fragment(one.answer)
    told = [_told(one, *pair) for pair in zip(one.told, one.candidates, strict=True)]
    return {"answer": answer, "told": told}


def _told(shown_: Shown, told: Told, candidates: int) -> dict[str, Any]:
    """What a provider promised to have recorded, as the ledger has it."""
    own = shown_.said is told.said
    return {
        # the answer where it is not the one that was shown
        "answer": None if own else orjson.Fragment(told.answered.answer),
        "articles": told.said["articles"],
        "candidates": candidates,
        "commitment": told.row.commitment.hex(),
        "count": told.said["count"],
        "envelope": told.envelope.id,
        "persons": told.answered.persons,
        "provider": told.way.provider,
        "result": told.said["result"],
        "retention": told.answered.retention,
        "salt": told.answered.salt.hex(),
        "through": told.way.through,
    }


def _entry(office: Office, kept: Kept, at: datetime) -> journal.Entry:
    case, asked = kept.case, kept.case.asked
    said = {
        "affair": asked.affair,
        "code": kept.code,
        "ledger": case.line,
        "office": case.office,
        "results": [one.said and one.said["result"] for one in kept.shown],
        "told": [
            [{"commitment": told.row.commitment.hex(), "envelope": told.envelope.id} for told in one.told]
            for one in kept.shown
        ],
        "what": asked.what,
    }
    return journal.Entry(
        kind=FAILED if kept.error else ANSWERED,
        recorded_at=at,
        payload=orjson.dumps(said, option=orjson.OPT_SORT_KEYS),
        salt=office.entropy(journal.SALT_SIZE),
    )
