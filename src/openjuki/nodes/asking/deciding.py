# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What may be asked (照会の可否): decided by the own book, in the ledger and the journal before anything leaves.

Requests that come together share a transaction: who asks is found, the book decides, and each request leaves
its line. What the own book refuses is answered there and then, and never leaves the node.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, time
from typing import TYPE_CHECKING, NamedTuple

from openjuki.config import JST
from openjuki.nodes.asking import rows
from openjuki.nodes.asking.asked import AtTerminal, Confirmation, Machine
from openjuki.nodes.asking.opening import Opening
from openjuki.nodes.asking.planning import Plan, Planner
from openjuki.refusal import Refusal
from openjuki.store import credentials, journal, ledger, offices
from openjuki.store.credentials import System
from openjuki.store.offices import Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from openjuki.law.book import Book
    from openjuki.nodes.asking.asked import Asked
    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection
    from openjuki.store.ledger import Line


class Case(NamedTuple):
    """A request with its line in the ledger, and what becomes of each question (照会の事案)."""

    asked: Asked
    line: str
    at: datetime
    #: Empty where nobody knows who asks.
    office: str
    operator: str
    terminal: str
    plans: tuple[Plan, ...]
    #: How many of its questions leave the node.
    persons: int


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
    await _write(office, connection, cases, at)
    return cases


async def _standings(
    connection: Connection, batch: Sequence[Asked], at: datetime
) -> list[Standing | Refusal]:
    """Who asks, as the node's records have them."""
    people = list(dict.fromkeys(asked.by for asked in batch if isinstance(asked.by, AtTerminal)))
    machines = list(dict.fromkeys(asked.by for asked in batch if isinstance(asked.by, Machine)))
    affairs = {asked.affair for asked in batch}
    found: dict[AtTerminal | Machine, Standing | Refusal] = {}
    if people:
        standings = await offices.find_all(connection, people, at, affairs=affairs)
        found.update(zip(people, standings, strict=True))
    if machines:
        standings = await credentials.find_all(connection, machines, at, affairs=affairs)
        found.update(zip(machines, standings, strict=True))
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
    asked, standing, plans = planner.asked, planner.standing, planner.plans()
    office = standing.office if isinstance(standing, Standing) else ""
    persons = sum([bool(plan.steps) for plan in plans])
    return Case(asked, line, at, office, *_names(asked.by), plans, persons)


def _names(by: AtTerminal | Machine) -> tuple[str, str]:
    """A machine bears one name as operator and as terminal."""
    return by if isinstance(by, AtTerminal) else (System.acting(by.system),) * 2


async def _write(office: Office, connection: Connection, cases: Sequence[Case], at: datetime) -> None:
    """Put down who asks what and why, and what the own book says no to."""
    salted = list(zip(cases, rows.salts(office, len(cases)), strict=True))
    lines = [_line(case, salt) for case, salt in salted]
    refused = [line for line in lines if not line.persons]
    await ledger.ask(connection, lines)
    await ledger.answer(connection, [_own_answer(*one) for one in salted if not one[0].persons])
    left = [line for line in lines if line.persons]
    answers = (plan.refused for case in cases if not case.persons for plan in case.plans)
    rules = Counter(one.refusal.rule for one in answers if one and one.refusal)
    entries = [
        *rows.entries(office, rows.ASKED, at, _written(left), affairs=_affairs(left)),
        *rows.entries(office, rows.REFUSED, at, _written(refused), affairs=_affairs(refused), rules=rules),
    ]
    await journal.append(connection, entries)


def _written(lines: Iterable[ledger.Asked]) -> list[rows.Written]:
    return [rows.Written(line.id, line.salt, line.content) for line in lines]


def _affairs(lines: Iterable[ledger.Asked]) -> Counter[str]:
    return Counter(line.affair for line in lines)


def _line(case: Case, salt: bytes) -> ledger.Asked:
    asked, plans = case.asked, case.plans
    said = {
        "affair": asked.affair,
        "asked_at": case.at,
        "history": asked.history,
        "id": case.line,
        "method": asked.method,
        "office": case.office,
        "operator": case.operator,
        "questions": [plan.question for plan in plans],
        "reason": asked.reason,
        "rules": [plan.rule for plan in plans],
        "terminal": case.terminal,
        "what": asked.what,
    }
    return ledger.Asked(
        case.line,
        case.at,
        case.office,
        case.operator,
        case.terminal,
        asked.affair,
        asked.reason,
        asked.what.value,
        asked.method.value,
        asked.history,
        list(dict.fromkeys([key for plan in plans for key in plan.keys])),
        case.persons,
        salt,
        rows.content(said),
    )


def _own_answer(case: Case, salt: bytes) -> ledger.Answered:
    """What the own book says where it refuses every question."""
    answers = [plan.refused.to_dict() for plan in case.plans if plan.refused]
    said = {"answered": [{"answer": answer, "told": []} for answer in answers], "envelopes": {}}
    results = [answer["result"] for answer in answers]
    return ledger.Answered(case.line, case.at, None, results, [], [], salt, rows.content(said))
