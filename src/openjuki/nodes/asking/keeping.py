# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is kept of an answer (回答の保存): the answer and its promise in the ledger, and their digest in the journal.

Persons stand in the ledger alone. Of a line that was changed neither the journal's digest nor the rows that the
providers promised can be built any more.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from openjuki.nodes.asking import merging, rows
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


class Shown(NamedTuple):
    """What is shown for a question (照会ごとの回答), and what it rests on."""

    #: The answer as JSON; None: nothing may be shown.
    answer: bytes | None
    #: The same, read.
    said: Mapping[str, Any] | None
    told: Sequence[Told] = ()
    #: How many of the candidates each of these has shown.
    candidates: Sequence[int] = ()


class Kept(NamedTuple):
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
    about = merging.found([(one.way, one.said) for one in told])
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
    candidates = [0] * len(told)
    candidates[the_one] = len(one.said["candidates"] or ())
    return Shown(one.answered.answer, one.said, told, candidates)


def nothing(told: Sequence[Told]) -> Shown:
    """Nothing is shown, where not everything was answered; what was told is kept all the same."""
    return Shown(answer=None, said=None, told=told, candidates=[0] * len(told))


async def keep(office: Office, connection: Connection, batch: Sequence[Kept]) -> Sequence[None]:
    """Write answers down, in the caller's transaction."""
    at = office.clock()
    envelopes = {told.envelope.id: told.envelope for kept in batch for one in kept.shown for told in one.told}
    await ledger.keep(connection, [envelopes[id_] for id_ in sorted(envelopes)])
    await _receipt_own(office, connection, envelopes.values(), at)
    salts = rows.salts(office, len(batch))
    written = [_answered(kept, at, salt) for kept, salt in zip(batch, salts, strict=True)]
    await ledger.answer(connection, written)
    await journal.append(connection, _entries(office, batch, written, at))
    return [None] * len(batch)


def _entries(
    office: Office, batch: Sequence[Kept], written: Sequence[ledger.Answered], at: datetime
) -> list[journal.Entry]:
    """The rows of the journal: what was answered, and what was not."""
    lines = [rows.Written(line.line, line.salt, line.content) for line in written]
    pairs = list(zip(written, lines, strict=True))
    answered = [line for one, line in pairs if one.code is None]
    failed = [line for one, line in pairs if one.code is not None]
    affairs = Counter(kept.case.asked.affair for kept in batch if kept.error is None)
    results = Counter(result for one in written if one.code is None for result in one.results)
    codes = Counter(one.code for one in written if one.code is not None)
    return [
        *rows.entries(office, rows.ANSWERED, at, answered, affairs=affairs, results=results),
        *rows.entries(office, rows.FAILED, at, failed, codes=codes),
    ]


async def _receipt_own(
    office: Office, connection: Connection, envelopes: Iterable[Envelope], at: datetime
) -> None:
    """What a node told its own offices has arrived, and it knows so by itself."""
    own = [envelope.id for envelope in envelopes if envelope.provider == office.id]
    if own:
        await receipts.receipted(connection, office.id, own, at)


def _answered(kept: Kept, at: datetime, salt: bytes) -> ledger.Answered:
    said = [one.said for one in kept.shown if one.said is not None]
    articles = [article for one in said for article in one["articles"]]
    told = [one for shown_ in kept.shown for one in shown_.told]
    ways = {one.envelope.id: one.way for one in told}
    content = {
        "answered": [_as_shown(one) for one in kept.shown],
        "at": at,
        "code": kept.code,
        "envelopes": {envelope: way._asdict() for envelope, way in ways.items()},
        "line": kept.case.line,
    }
    return ledger.Answered(
        kept.case.line,
        at,
        kept.code,
        [one["result"] for one in said],
        list(dict.fromkeys(articles)),
        list(dict.fromkeys(map(str, ways.values()))),
        salt,
        rows.content(content),
    )


def _as_shown(one: Shown) -> dict[str, Any]:
    answer = None if one.answer is None else orjson.Fragment(one.answer)
    told = [_told(one, *pair) for pair in zip(one.told, one.candidates, strict=True)]
    return {"answer": answer, "told": told}


def _told(shown_: Shown, told: Told, candidates: int) -> dict[str, Any]:
    """What a provider promised to have recorded, as the ledger has it: what it takes to build the row again."""
    answered = told.answered
    return {
        # where it is not the one that was shown
        "answer": None if shown_.said is told.said else orjson.Fragment(answered.answer),
        "candidates": candidates,
        "commitment": told.row.commitment.hex(),
        "envelope": told.envelope.id,
        "persons": answered.persons,
        "place": told.place,
        "retention": answered.retention,
        "salt": answered.salt.hex(),
    }
