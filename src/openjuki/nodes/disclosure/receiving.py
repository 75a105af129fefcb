# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests to be told what is held about oneself (開示請求, 法30条の32–30条の35): received, extended, corrected.

Each step is an operator's, of an office that holds the work of disclosure, and commits together with its row in the
journal. The row names the request and whoever acted; whom it is about stands in tables that are erased in time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from openjuki.config import JST
from openjuki.errors import BadInput, BadQuestion, Refused
from openjuki.nodes.disclosure import deadlines, refusals
from openjuki.refusal import Where
from openjuki.residents.look_up import LookUp
from openjuki.store import disclosures, journal, looking

if TYPE_CHECKING:
    from datetime import date

    from openjuki.nodes.node import Office
    from openjuki.residents.look_up import Hit
    from openjuki.store.database import Connection
    from openjuki.store.disclosures import Request
    from openjuki.store.offices import Standing

#: The work for which an office discloses (`nodes.offices.OWN_WORK`).
DISCLOSURE: Final = "disclosure"
#: What may be asked for: 自己の本人確認情報, 提供の記録.
OWN, PROVISIONS = "own", "provisions"
WANTS: Final = (OWN, PROVISIONS)
#: Who may apply: 本人, 法定代理人, 任意代理人.
SELF: Final = "self"
APPLICANTS: Final = (SELF, "representative", "delegate")
#: What may be found of a claim: 訂正した, 市区町村に連絡した, 訂正しない.
OUTCOMES: Final = ("corrected", "passed_on", "unchanged")
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """What an applicant hands in (開示請求書)."""

    #: The person whom it is about.
    question: LookUp
    #: 受付番号.
    reason: str
    #: By which papers the applicant was identified, and a representative's right was shown.
    identified_by: str
    wants: tuple[str, ...] = WANTS
    applicant: str = SELF
    #: Whether another form than paper will do (法30条の32第2項ただし書).
    consents: bool = False
    #: When it came; today where it is not said.
    received_on: date | None = None


async def receive(office: Office, connection: Connection, by: Standing, made: Application) -> str:
    """Take a request (開示請求の受理); the id it has.

    Raises:
        BadInput: an item is missing or is none of those there are; `where.column` names it.
        Refused: the office does not disclose, or several persons are as the request says.
    """
    check_disclosing(by)
    _check(made)
    await found(connection, made.question)
    today = office.clock().astimezone(JST).date()
    received_on = made.received_on or today
    if received_on > today:
        raise BadInput("a request has not come yet", where=Where(column="received_on"))
    request = disclosures.Request(
        id=office.entropy(16).hex(),
        received_on=received_on,
        due_on=deadlines.due_on(received_on),
        office=by.office,
        reason=made.reason.strip(),
        wants=tuple(want for want in WANTS if want in made.wants),
        applicant=made.applicant,
        identified_by=made.identified_by.strip(),
        consents=made.consents,
        question=made.question.to_dict(),
    )
    await disclosures.receive(connection, request)
    said = {"applicant": request.applicant, "reason": request.reason, "wants": request.wants}
    await tell(office, connection, "disclosure.received", by, request.id, **said)
    return request.id


async def preview(office: Office, connection: Connection, by: Standing, request: Request) -> Hit | None:
    """Whom a person's own request leads to, to be held against what was handed in; that it was seen is in the journal.

    Of somebody else's request nothing is seen before the home town was asked.
    """
    if request.applicant != SELF or request.decided_at is not None:
        return None
    hit = await found(connection, LookUp.from_dict(request.question or {}))
    await tell(office, connection, "disclosure.looked", by, request.id, reason=request.reason)
    return hit


async def extend(
    office: Office, connection: Connection, by: Standing, request: str, until: date, why: str
) -> Request:
    """Say within the thirty days that it takes longer, until when and why (期限の延長, 法30条の33第2項).

    Raises:
        BadInput: no reason is given.
        Refused: it was decided, extended before, the time is over, or the day is no later one.
    """
    open_ = await opened(connection, by, request)
    today = office.clock().astimezone(JST).date()
    late = deadlines.is_late(today, open_.due_on) or open_.extended_to is not None
    if late or until <= open_.due_on:
        raise Refused(refusals.TIME_IS_OVER)
    await disclosures.extend(connection, request, until, _text(why, "why"))
    await tell(office, connection, "disclosure.extended", by, request, until=until.isoformat())
    return await disclosures.find(connection, request) or open_


async def claim(office: Office, connection: Connection, by: Standing, request: str, said: str) -> int:
    """Take the claim that something disclosed is wrong (訂正等の申出, 法30条の35); its number.

    Raises:
        BadInput: nothing is claimed.
        Refused: nothing of one's own was disclosed under this request.
    """
    told = await known(connection, by, request)
    if told.digest is None or OWN not in told.wants:
        raise Refused(refusals.NOT_DISCLOSED)
    number = await disclosures.claim(connection, request, _text(said, "claim"), office.clock())
    await tell(office, connection, "disclosure.claimed", by, request, number=number)
    return number


async def examined(
    office: Office,
    connection: Connection,
    by: Standing,
    request: str,
    number: int,
    *,
    outcome: str,
    finding: str,
) -> None:
    """Keep what was found of a claim, to be told in writing (調査の結果, 法30条の35).

    Raises:
        BadInput: it is no outcome, or nothing is said.
        Refused: no such claim waits.
    """
    await known(connection, by, request)
    if outcome not in OUTCOMES:
        raise BadInput(f"an outcome is one of {', '.join(OUTCOMES)}", where=Where(column="outcome"))
    said = _text(finding, "finding")
    if not await disclosures.found(connection, request, number, outcome, said, office.clock()):
        raise Refused(refusals.NOTHING_TO_EXAMINE)
    await tell(office, connection, "disclosure.examined", by, request, number=number, outcome=outcome)


async def found(connection: Connection, question: LookUp) -> Hit | None:
    """The one person whom a request is about; None: nothing is held.

    Raises:
        BadQuestion: neither code, number nor a name with more is given.
        Refused: several are as it says.
    """
    if not question.items:
        raise BadQuestion("give a code, a number, or a name with more", where=Where(column="keys"))
    (hits,) = await looking.find(connection, [question])
    if len({hit.holder for hit in hits}) > 1:
        raise Refused(refusals.SEVERAL_BEAR_IT)
    return hits[0] if hits else None


async def known(connection: Connection, by: Standing, request: str) -> Request:
    """A request, held until the end of the transaction.

    Raises:
        Refused: the office does not disclose, or there is none of this id.
    """
    check_disclosing(by)
    one = await disclosures.find(connection, request)
    if one is None:
        raise Refused(refusals.UNKNOWN_REQUEST)
    return one


async def opened(connection: Connection, by: Standing, request: str) -> Request:
    """A request that waits to be answered.

    Raises:
        Refused: as `known`, or it was decided.
    """
    one = await known(connection, by, request)
    if one.decided_at is not None:
        raise Refused(refusals.DECIDED_ALREADY)
    return one


def check_disclosing(by: Standing) -> None:
    """Return only when somebody's office holds the work of disclosure.

    Raises:
        Refused: it does not.
    """
    if not by.holds(DISCLOSURE):
        raise Refused(refusals.NOT_DISCLOSING)


async def tell(
    office: Office, connection: Connection, kind: str, by: Standing, request: str, **items: Any
) -> None:
    """Put a row in the journal that says what was done about a request."""
    about = {"id": request, "office": by.office, "operator": by.operator, "terminal": by.terminal}
    entry = journal.Entry(
        kind=kind,
        recorded_at=office.clock(),
        payload=orjson.dumps(about | items, option=orjson.OPT_SORT_KEYS),
        salt=office.entropy(journal.SALT_SIZE),
    )
    await journal.append(connection, [entry])


def _check(made: Application) -> None:
    _text(made.reason, "reason", most=100)
    _text(made.identified_by, "identified_by", most=200)
    if not made.wants or set(made.wants) - set(WANTS):
        raise BadInput(f"what is wanted is of {', '.join(WANTS)}", where=Where(column="wants"))
    if made.applicant not in APPLICANTS:
        raise BadInput(f"an applicant is one of {', '.join(APPLICANTS)}", where=Where(column="applicant"))


def _text(said: str, column: str, most: int = _LONGEST) -> str:
    text = said.strip()
    if not text or len(text) > most or any(map(_is_none, text)):
        raise BadInput(f"a text of at most {most} characters", where=Where(column=column))
    return text


def _is_none(character: str) -> bool:
    """Whether it is no character, or half of one, as a command line has it of another encoding."""
    return (character < " " and character not in "\r\n") or "\ud800" <= character <= "\udfff"
