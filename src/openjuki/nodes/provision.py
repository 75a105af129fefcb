# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Look-ups in the own book (自庁の台帳の照会): whether a terminal may be told, what it is told, and the row that says so.

Theory of operation. Questions that come within a moment of each other share one transaction: everybody who
asks is found in the office's records, the statute book decides, the persons are found with one statement for
each kind of key, and every question, granted or refused, leaves a row in the journal. Only when that
transaction is durable does anybody get an answer: what was told is in the book.

The terminals of a municipality ask its own book here; `nodes.asking` asks others, and `nodes.providing` answers them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from openjuki.errors import BadQuestion
from openjuki.law.basis import Method
from openjuki.nodes.answering import Answer, Told, Window, refused
from openjuki.nodes.judging import Bench
from openjuki.nodes.sharing import Shared
from openjuki.nodes.statutes import statute_book
from openjuki.refusal import Refusal
from openjuki.store import journal, looking, offices
from openjuki.wire.provision import Ask, What

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from openjuki.law.book import Book
    from openjuki.law.decision import Grant
    from openjuki.nodes.node import Office
    from openjuki.residents.look_up import LookUp
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing

__all__ = ["GRANTED", "REFUSED", "REGISTER_WORK", "Answer", "Asked", "Desk", "look_up"]

#: The affair of a terminal that is used for work on the register (住民基本台帳に関する事務).
REGISTER_WORK: Final = "register-work"
GRANTED, REFUSED = "look-up.granted", "look-up.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks what, and why (照会)."""

    question: LookUp | BadQuestion
    operator: str
    terminal: str
    reason: str
    affair: str = REGISTER_WORK


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
            at = office.clock()
            standings = await _standings(connection, batch, at)
            bench = Bench(office, self._book or statute_book(office), at)
            decisions = [_decide(bench, office.id, *one) for one in zip(batch, standings, strict=True)]
            told = await _told(office, connection, batch, decisions)
            answers = [one.answer for one in told]
            rows = (_row(office, at, *one) for one in zip(batch, standings, told, strict=True))
            await journal.append(connection, list(rows))
            return answers

        return await office.transact(work)


async def look_up(office: Office, asked: Asked) -> Answer:
    """One question to the office's own book; a `Desk` is for many.

    Raises:
        StoreUnavailable: the database does not answer; nothing is told.
    """
    return await Desk(office).look_up(asked)


async def _standings(
    connection: Connection, batch: Sequence[Asked], at: datetime
) -> Sequence[Standing | Refusal]:
    """Who asks, once for all their questions."""
    acting = list(dict.fromkeys((asked.operator, asked.terminal) for asked in batch))
    affairs = {asked.affair for asked in batch}
    standings = await offices.find_all(connection, acting, at, affairs=affairs)
    found = dict(zip(acting, standings, strict=True))
    return [found[asked.operator, asked.terminal] for asked in batch]


def _decide(
    bench: Bench, own: str, asked: Asked, standing: Standing | Refusal
) -> Grant | Refusal | BadQuestion:
    if isinstance(standing, Refusal):
        return standing
    if isinstance(asked.question, BadQuestion):
        return asked.question
    ask = Ask(
        affair=asked.affair,
        office=standing.office,
        operator=asked.operator,
        terminal=asked.terminal,
        reason=asked.reason,
        method=Method.TERMINAL,
        what=What.ASK,
        history=False,
        holds=standing.holds(asked.affair),
        questions=(),
    )
    return bench.decide(own, None, ask, asked.question.items)


async def _told(
    office: Office,
    connection: Connection,
    batch: Sequence[Asked],
    decisions: Sequence[Grant | Refusal | BadQuestion],
) -> Sequence[Told]:
    """What the office's book says to these, as far as the law lets it."""
    granted = [
        (asked.question, decision)
        for asked, decision in zip(batch, decisions, strict=True)
        if not isinstance(decision, Refusal | BadQuestion) and not isinstance(asked.question, BadQuestion)
    ]
    found = await looking.find(connection, [question for question, _ in granted])
    window = Window(on=office.clock().date(), most=office.settings.look_up_most)
    told = (window.all_told(grant, hits) for (_, grant), hits in zip(granted, found, strict=True))
    return [
        Told(refused(decision)) if isinstance(decision, Refusal | BadQuestion) else next(told)
        for decision in decisions
    ]


def _row(
    office: Office, at: datetime, asked: Asked, standing: Standing | Refusal, told: Told
) -> journal.Entry:
    """The row of the journal: who asked what and why, and what was told (照会の記録)."""
    answer, question = told.answer, asked.question
    said = {
        "affair": asked.affair,
        "articles": answer.articles,
        "asker": office.id,
        "count": answer.count,
        "malformed": answer.malformed,
        "office": "" if isinstance(standing, Refusal) else standing.office,
        "operator": asked.operator,
        "question": None if isinstance(question, BadQuestion) else question.to_dict(),
        "reason": asked.reason,
        "result": answer.result.value,
        "rule": answer.refusal and answer.refusal.rule,
        "terminal": asked.terminal,
        "who": [hit["resident_code"] for hit in answer.hits if "resident_code" in hit],
    }
    return journal.Entry(
        kind=GRANTED if answer.refusal is None and answer.malformed is None else REFUSED,
        recorded_at=at,
        payload=orjson.dumps(said, option=orjson.OPT_SORT_KEYS),
        salt=office.entropy(journal.SALT_SIZE),
    )
