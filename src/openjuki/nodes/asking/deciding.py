# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What may be asked (照会の可否): decided by the own book, in the ledger and the journal before anything leaves.

Requests that come together share a transaction: who asks is found, the book decides, and each request leaves
its line. What the own book refuses is answered there and then, and never leaves the node.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, time
from typing import TYPE_CHECKING

import orjson

from openjuki.config import JST
from openjuki.nodes.asking.asked import AtTerminal, Confirmation, Machine
from openjuki.nodes.asking.opening import Opening
from openjuki.nodes.asking.planning import Plan, Planner
from openjuki.refusal import Refusal
from openjuki.store import credentials, journal, ledger, offices
from openjuki.store.credentials import System
from openjuki.store.offices import Standing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from openjuki.law.book import Book
    from openjuki.nodes.asking.asked import Asked
    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection
    from openjuki.store.ledger import Line

ASKED, REFUSED = "provision.asked", "provision.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A request with its line in the ledger, and what becomes of each question (照会の事案)."""

    asked: Asked
    line: str
    at: datetime
    #: Empty where nobody knows who asks.
    office: str
    operator: str
    terminal: str
    plans: tuple[Plan, ...]

    @property
    def persons(self) -> int:
        """How many of its questions leave the node."""
        return sum(bool(plan.steps) for plan in self.plans)


async def decided(office: Office, connection: Connection, book: Book, batch: Sequence[Asked]) -> list[Case]:
    """Decide requests and write them down, in the caller's transaction."""
    at = office.clock()
    standings = await _standings(connection, batch, at)
    lines = await _lines(connection, batch)
    used = await _used(connection, batch, standings, at)
    opening = Opening(book, office.directory.node(office.id), at)
    cases = []
    for asked, standing in zip(batch, standings, strict=True):
        quota = _quota(standing, asked.affair, used)
        planner = Planner(opening=opening, asked=asked, standing=standing, quota=quota, lines=lines)
        case = _case(planner, at, ledger.line_id(at, office.entropy(ledger.ID_ENTROPY)))
        used[case.office, asked.affair] += case.persons
        cases.append(case)
    await ledger.ask(connection, map(_line, cases))
    await ledger.answer(connection, [_own_answer(case) for case in cases if not case.persons])
    await journal.append(connection, [_entry(office, case) for case in cases])
    return cases


async def _standings(
    connection: Connection, batch: Sequence[Asked], at: datetime
) -> list[Standing | Refusal]:
    """Who asks, as the node's records have them."""
    people = list(dict.fromkeys(asked.by for asked in batch if isinstance(asked.by, AtTerminal)))
    machines = list(dict.fromkeys(asked.by for asked in batch if isinstance(asked.by, Machine)))
    found: dict[AtTerminal | Machine, Standing | Refusal] = {}
    if people:
        found.update(zip(people, await offices.find_all(connection, people, at), strict=True))
    if machines:
        found.update(zip(machines, await credentials.find_all(connection, machines, at), strict=True))
    return [found[asked.by] for asked in batch]


async def _lines(connection: Connection, batch: Sequence[Asked]) -> Mapping[str, Line]:
    """The lines whose candidates are confirmed."""
    named = {one.ledger for asked in batch for one in asked.questions if isinstance(one, Confirmation)}
    return await ledger.lines(connection, sorted(named)) if named else {}


async def _used(
    connection: Connection, batch: Sequence[Asked], standings: Sequence[Standing | Refusal], at: datetime
) -> Counter[tuple[str, str]]:
    """About how many persons offices have asked today for affairs with a limit."""
    limited = {
        (standing.office, asked.affair)
        for asked, standing in zip(batch, standings, strict=True)
        if isinstance(standing, Standing) and standing.per_day(asked.affair) is not None
    }
    midnight = datetime.combine(at.astimezone(JST).date(), time(), JST)
    return Counter(await ledger.asked_since(connection, sorted(limited), midnight) if limited else {})


def _quota(standing: Standing | Refusal, affair: str, used: Counter[tuple[str, str]]) -> int | None:
    """How many persons an office may still ask about; None: nobody counts."""
    if isinstance(standing, Refusal):
        return None
    most = standing.per_day(affair)
    return None if most is None else most - used[standing.office, affair]


def _case(planner: Planner, at: datetime, line: str) -> Case:
    asked, standing = planner.asked, planner.standing
    operator, terminal = _names(asked.by)
    return Case(
        asked=asked,
        line=line,
        at=at,
        office=standing.office if isinstance(standing, Standing) else "",
        operator=operator,
        terminal=terminal,
        plans=planner.plans(),
    )


def _names(by: AtTerminal | Machine) -> tuple[str, str]:
    """A machine bears one name as operator and as terminal."""
    return by if isinstance(by, AtTerminal) else (System.acting(by.system),) * 2


def _line(case: Case) -> ledger.Asked:
    asked = case.asked
    return ledger.Asked(
        id=case.line,
        at=case.at,
        office=case.office,
        operator=case.operator,
        terminal=case.terminal,
        affair=asked.affair,
        reason=asked.reason,
        what=asked.what,
        method=asked.method,
        history=asked.history,
        keys=list(dict.fromkeys(key for plan in case.plans for key in plan.keys)),
        persons=case.persons,
        questions=orjson.dumps([plan.question for plan in case.plans]),
    )


def _own_answer(case: Case) -> ledger.Answered:
    """What the own book says where it refuses every question."""
    answers = [plan.refused.to_dict() for plan in case.plans if plan.refused]
    return ledger.Answered(
        line=case.line,
        at=case.at,
        code=None,
        results=[answer["result"] for answer in answers],
        articles=[],
        routes=[],
        answers=orjson.dumps([{"answer": answer, "told": []} for answer in answers]),
    )


def _entry(office: Office, case: Case) -> journal.Entry:
    """The row of the journal: who asks what and why, and what the own book said no to."""
    asked = case.asked
    refusals = [plan.refused and plan.refused.refusal for plan in case.plans]
    said = {
        "affair": asked.affair,
        "history": asked.history,
        "ledger": case.line,
        "method": asked.method,
        "office": case.office,
        "operator": case.operator,
        "questions": [plan.question for plan in case.plans],
        "reason": asked.reason,
        "rules": [refusal and refusal.rule for refusal in refusals],
        "terminal": case.terminal,
        "what": asked.what,
    }
    return journal.Entry(
        kind=ASKED if case.persons else REFUSED,
        recorded_at=case.at,
        payload=orjson.dumps(said, option=orjson.OPT_SORT_KEYS),
        salt=office.entropy(journal.SALT_SIZE),
    )
