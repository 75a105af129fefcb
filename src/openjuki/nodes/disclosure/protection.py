# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whom another than themself may not be told about (支援措置): entered in the town, asked by the governor or the Centre.

Rules of this file:

1. What protects somebody is the town's own; its journal says that something was entered, not about whom.
2. The town answers whether it may be given, and keeps neither question nor answer beside the row that it was asked.
3. Whoever asks keeps nothing of the answer: what comes of it is said in the words that are also said of nobody.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import orjson

from openjuki.codes.resident import ResidentCode
from openjuki.config import JST
from openjuki.errors import BadInput, Refused, UnlistedNode
from openjuki.nodes import exchange
from openjuki.refusal import Refusal, Where
from openjuki.residents.persons import city_of
from openjuki.residents.transitions import NOT_RECORDED
from openjuki.store import journal, protective, register
from openjuki.wire.protection import MAY_BE_DISCLOSED, Question, read_answer, write_answer

if TYPE_CHECKING:
    from datetime import date

    from openjuki.nodes.node import Node, Office
    from openjuki.residents.look_up import Hit
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing
    from openjuki.store.protective import Measure
    from openjuki.wire.envelope import Message

#: The work for which an office enters protective measures (`nodes.offices.OWN_WORK`).
PROTECTION: Final = "protection"

NOT_PROTECTING: Final = Refusal(
    code="JK-PROTECTION-0001",
    rule="office-protects",
    article="法36条の2第1項",
    message_ja="この部署は支援措置の事務（protection）を担当していません。管理者に相談してください。",
    message_en="The office does not hold the work of protection; the administrator grants it.",
)
NOT_PROTECTED: Final = Refusal(
    code="JK-PROTECTION-0002",
    rule="something-to-lift",
    article=None,
    message_ja="この住民に、解除できる支援措置はありません。",
    message_en="Nothing protects this resident that could be lifted.",
)


async def protect(
    office: Office,
    connection: Connection,
    by: Standing,
    code: ResidentCode,
    *,
    since: date,
    until: date,
    provisional: bool = False,
) -> int:
    """Enter a protective measure (支援措置の登録); the number it has.

    Raises:
        BadInput: it lasts longer than a year, or ends before it begins.
        Refused: the office does not hold this work, or nobody here bears the code.
    """
    resident = await _resident(connection, by, code)
    if not since <= until < _a_year_after(since):
        raise BadInput("a measure lasts for a year at most", where=Where(column="until"))
    number = await protective.enter(
        connection,
        resident,
        since=since,
        until=until,
        provisional=provisional,
        office=by.office,
        at=office.clock(),
    )
    await _tell(office, connection, "protection.entered", by, measures=[number])
    return number


async def lift(office: Office, connection: Connection, by: Standing, code: ResidentCode) -> list[int]:
    """Lift whatever protects a resident (支援措置の解除).

    Raises:
        Refused: the office does not hold this work, or nothing protects anybody of this code.
    """
    resident, at = await _resident(connection, by, code), office.clock()
    lifted = await protective.lift(connection, resident, at.astimezone(JST).date(), at)
    if not lifted:
        raise Refused(NOT_PROTECTED)
    await _tell(office, connection, "protection.lifted", by, measures=lifted)
    return lifted


async def measures(office: Office, connection: Connection, by: Standing, code: ResidentCode) -> list[Measure]:
    """What protects a resident (支援措置の確認); that somebody looked is in the journal.

    Raises:
        Refused: the office does not hold this work, or nobody here bears the code.
    """
    resident = await _resident(connection, by, code)
    found = await protective.standing(connection, resident, office.clock().astimezone(JST).date())
    await _tell(office, connection, "protection.read", by, measures=[one.id for one in found])
    return found


async def answer(office: Office, connection: Connection, request: Message) -> bytes:
    """The town's answer to whether somebody may be told about (開示の可否の回答)."""
    asked = Question.from_bytes(request.body)
    on = office.clock().astimezone(JST).date()
    may = await protective.is_open(connection, asked.resident_code, on)
    said = {"applicant": asked.applicant, "asker": request.sender}
    await journal.append(connection, [_entry(office, "protection.asked", said)])
    return write_answer(may=may)


async def may_be_told(node: Node, hit: Hit, applicant: str) -> bool:
    """Ask a person's home town whether another may be told about them (開示の可否の照会).

    Raises:
        PeerUnavailable: the town does not answer; whoever asks tries again.
        UnlistedNode: the network does not know the town.
    """
    question = Question(resident_code=ResidentCode(hit.resident_code), applicant=applicant)
    town = _home(node, hit.municipality)
    return read_answer(await exchange.ask(node, town, MAY_BE_DISCLOSED, question.to_bytes()))


def _home(node: Node, municipality: str) -> str:
    """The node of a municipality; a ward's is its city's where it has none of its own."""
    for town in (municipality, city_of(municipality)):
        if town in node.directory.nodes:
            return town
    raise UnlistedNode("the network does not know the home town")


async def _resident(connection: Connection, by: Standing, code: ResidentCode) -> str:
    if not by.holds(PROTECTION):
        raise Refused(NOT_PROTECTING)
    bearers = await register.residents_by_code(connection, [code])
    if code not in bearers:
        raise Refused(NOT_RECORDED, where=Where(column="resident_code"))
    return bearers[code]


def _a_year_after(day: date) -> date:
    """The same day of the next year; of 29 February, the day after the last."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, month=3, day=1)


async def _tell(office: Office, connection: Connection, kind: str, by: Standing, **items: Any) -> None:
    said = {"office": by.office, "operator": by.operator, "terminal": by.terminal, **items}
    await journal.append(connection, [_entry(office, kind, said)])


def _entry(office: Office, kind: str, said: dict[str, Any]) -> journal.Entry:
    return journal.Entry(
        kind=kind,
        recorded_at=office.clock(),
        payload=orjson.dumps(said, option=orjson.OPT_SORT_KEYS),
        salt=office.entropy(journal.SALT_SIZE),
    )
