# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The counter of a municipality (窓口): changes enter the register, and what must be told is told.

Everything that follows from a change commits with it, or nothing does: the row of the register, its
line in the journal, the notice to the governor (法30条の6第1項), the letters to other municipalities
(法9条1項, 法24条の2第4項), the request for a number (番号法8条1項).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from openjuki.carriage.columns import find
from openjuki.carriage.forms import OFFICE_NUMBER, REASON
from openjuki.carriage.letters import CertificateOfMovingOut, form_of, read_letter, written
from openjuki.carriage.life_events import ChangeRequest
from openjuki.carriage.reasons import CHANGE
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.codes.office import office_number
from openjuki.codes.resident import ResidentCode
from openjuki.config import CENTRE, Register
from openjuki.errors import BadInput, Refused
from openjuki.nodes import letters
from openjuki.refusal import Refusal, Where
from openjuki.residents.changes import CODE_REASONS, NUMBER_REASONS, MunicipalReason, Reason
from openjuki.residents.history import History
from openjuki.residents.persons import city_of
from openjuki.residents.sequences import NO_ANSWERS
from openjuki.residents.transitions import BEGINNINGS, NOT_RECORDED, State, follow
from openjuki.store import certificates, journal, lost, numbers, register

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import datetime

    from openjuki.carriage.letters import Letter, MoveInNotice
    from openjuki.nodes.node import Office
    from openjuki.residents.changes import Change
    from openjuki.residents.history import HistoryRow
    from openjuki.residents.notice import Notice
    from openjuki.residents.record import ResidentRecord
    from openjuki.residents.sequences import Answers
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing

CS_ONLY = Refusal(
    code="JK-COUNTER-0001",
    rule="register-of-another-system",
    article="法30条の6第1項",
    message_ja="この市区町村の台帳は別のシステムにあります。本人確認情報でない項目は記録できません。",
    message_en="This municipality's register is another system's; only identification information is taken.",
)
CODE_OF_ANOTHER = Refusal(
    code="JK-COUNTER-0003",
    rule="code-of-another",
    article="法30条の3",
    message_ja="この住民票コードは、別の宛名番号の住民に記載されています。",
    message_en="The resident code is recorded here for another resident number.",
)
IDENTIFIERS_DISAGREE = Refusal(
    code="JK-COUNTER-0004",
    rule="identifiers-disagree",
    article=None,
    message_ja="宛名番号と住民票コードが同じ人のものではありません。",
    message_en="The resident number and the resident code are not the same person's.",
)
OTHER_STAY = Refusal(
    code="JK-COUNTER-0006",
    rule="other-stay",
    article="令13条",
    message_ja="通知された居住は、この市区町村での最後の居住ではありません。",
    message_en="The notice is about another stay than the person's last one here.",
)
NUMBER_OF_ANOTHER = Refusal(
    code="JK-COUNTER-0008",
    rule="number-of-another",
    article="番号法7条",
    message_ja="この個人番号は、別の宛名番号の住民に記載されています。同じ人であれば、その宛名番号で届け出てください。",
    message_en="The individual number is recorded here for another resident number; if they are one person, name that one.",
)

#: Items that a CS without a register never holds.
MUNICIPAL_ITEMS = (
    "household_number",
    "relationship",
    "registered_domicile",
    "head_of_koseki",
    "nationality",
    "became_foreign_resident_on",
    "residence_category",
    "residence_status",
    "residence_period",
    "residence_expires_on",
    "residence_card_number",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """A change that stands in the register (記録された異動)."""

    row: HistoryRow
    #: What goes to the governor; None where the change tells the upper tiers nothing.
    notice: Notice | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """A change that waits for the Centre's number (個人番号の生成待ち, 番号法8条)."""

    resident_number: str


async def record_form(
    office: Office,
    connection: Connection,
    form: Mapping[str, Any],
    by: Standing | None = None,
    answers: Answers = NO_ANSWERS,
) -> Recorded | Awaited:
    """Record one change as a form has it (異動届); the journal says who did it, where that is known.

    `answers` say which shapes sequences mean that are not of the MJ list (`residents.sequences`).

    Raises:
        BadInput: the form is wrong; `where.column` names the item.
        Refused: a rule says no; nothing has changed.
        Unavailable: the stock of unused codes is empty.
    """
    request = ChangeRequest.from_dict(await _prefilled(office, connection, form), answers)
    return await record(office, connection, request, by)


async def new_household_number(connection: Connection) -> str:
    """A household number that no household has, also none of an imported register (世帯番号)."""
    return await _first_free(connection, register.household_serials, register.free_household_number)


async def new_resident_number(connection: Connection) -> str:
    """A resident number that nobody has, also no one who came with an imported register (宛名番号)."""
    return await _first_free(connection, register.resident_serials, register.free_resident_number)


async def record(
    office: Office, connection: Connection, request: ChangeRequest, by: Standing | None = None
) -> Recorded | Awaited:
    """Record one change, and everything that follows from it.

    Raises:
        As `record_form`.
    """
    _check_register(office, request)
    number, history = await _whose(connection, request)
    if isinstance(request.reason, Reason) and request.reason in NUMBER_REASONS and not request.items:
        _permitted(follow(history.state, request.reason))
        await numbers.ask(connection, [number], request.reason, office.clock())
        return Awaited(resident_number=number)
    change = await _change(office, connection, request, number, history)
    after = _permitted(history.apply(change))
    await _check_code(connection, change.record)
    await _check_number(connection, change)
    # another system may give out codes of the stock too
    if request.reason in BEGINNINGS or request.reason in CODE_REASONS:
        await lost.use_codes(connection, [change.record.resident_code], change.recorded_at)
    return (await record_changes(office, connection, [(after, change)], by))[0]


async def record_changes(
    office: Office,
    connection: Connection,
    changes: Sequence[tuple[History, Change]],
    by: Standing | None = None,
) -> list[Recorded]:
    """Record changes of different residents, each with the history that it has led to."""
    recorded: list[Recorded] = []
    entries: list[journal.Entry] = []
    for after, change in changes:
        recorded.append(Recorded(row=after.rows[-1], notice=after.notice))
        entries += _entries(office, recorded[-1], by)
        sealed = letters.sealed_letters(office, after)
        entries += [_entry(office, "relay.sent", letter, change.recorded_at, CENTRE) for letter in sealed]
    await register.write_rows(connection, [one.row for one in recorded])
    await journal.append(connection, entries)
    await ask_for_numbers(connection, [one.row for one in recorded], office.clock())
    return recorded


async def take_letter(
    office: Office, connection: Connection, sender: str, letter: Letter, raw: bytes
) -> None:
    """Take in a letter of another municipality.

    Raises:
        Refused: it does not fit what this register says of the person.
    """
    letters.check_writer(sender, letter)
    if isinstance(letter, CertificateOfMovingOut):
        await certificates.keep(
            connection,
            sender,
            resident_codes={letter.record.resident_code, *letter.replaced_codes},
            stay=letter.stay,
            planned_on=letter.planned_on,
            letter=raw,
            at=office.clock(),
        )
    else:
        await _confirm_move(office, connection, letter)


async def _confirm_move(office: Office, connection: Connection, letter: MoveInNotice) -> None:
    """The destination has told us: the move is confirmed, at the place where it led (令13条).

    Of somebody who never notified moving out here the clerks must decide: the letter is refused, with an alarm.
    """
    # a change of code and the entry may have crossed
    bearers = await register.residents_by_any_code(connection, [letter.resident_code])
    histories = await register.lock_histories(connection, bearers.values())
    states = {history.state for history in histories.values()}
    learned = states & {
        State.DELETED,
        State.MOVED_ABROAD,
    }  # deleted for another reason (標準仕様書 4.1.3.1.1)
    reason = MunicipalReason.DESTINATION_LEARNED if learned else MunicipalReason.MOVE_OUT_CONFIRMED
    number = bearers.get(letter.resident_code)
    form = {
        "reason": reason.value,
        **({"resident_number": number} if number else {"resident_code": letter.resident_code}),
        "date_of_change": letter.moved_in_on.isoformat(),
        "destination_municipality": letter.municipality,
        "destination_address": letter.address,
    }
    request = ChangeRequest.from_dict(form)
    _, history = await _whose(connection, request)
    if history.rows[-1].stay != letter.stay:
        raise Refused(OTHER_STAY)
    await record(office, connection, request)


async def _prefilled(office: Office, connection: Connection, form: Mapping[str, Any]) -> Mapping[str, Any]:
    """A form of moving in, with what the certificate of moving out says already (法24条の2)."""
    names = {column.name: name for name in form if (column := find(name, CHANGE))}
    given = {item: form[name] for item, name in names.items()}
    if not _is_moving_in(given.get("reason")):
        return form
    code = given.get("resident_code") or await _known_code(connection, given.get("resident_number"))
    if not isinstance(code, str) or not ResidentCode.is_valid(code):
        return form
    found = await certificates.find(connection, ResidentCode.parse(code))
    if found is None:
        return form
    sender, raw = found
    letter = read_letter(raw)
    assert isinstance(letter, CertificateOfMovingOut)
    told = form_of(letter, sender)
    told["stay"] = str(max(letter.next_stay, await _next_stay(connection, letter.record.resident_code)))
    if office.settings.register is Register.EXTERNAL:
        told = {item: value for item, value in told.items() if item not in MUNICIPAL_ITEMS}
    if (
        ResidentCode.parse(code) != letter.record.resident_code
    ):  # it was changed since; what they show is older
        given.pop("resident_code", None)
        form = {name: value for name, value in form.items() if name != names.get("resident_code")}
    return {item: value for item, value in told.items() if item not in given} | dict(form)


async def _known_code(connection: Connection, resident_number: Any) -> str | None:
    """The code that somebody who comes back bore here, where the form names them by resident number alone."""
    try:
        number = OFFICE_NUMBER.read(resident_number.strip() if isinstance(resident_number, str) else "")
    except BadInput:
        return None
    history = (await register.read_histories(connection, [number]))[number]
    return history.rows[-1].record.resident_code if history.rows else None


async def _next_stay(connection: Connection, code: ResidentCode) -> int:
    """The next stay of a person's life, as far as they are known here: an entry that was cancelled has used up one."""
    bearers = await register.residents_by_code(connection, [code])
    histories = await register.read_histories(connection, bearers.values())
    return max((history.next_stay for history in histories.values()), default=1)


def _is_moving_in(reason: Any) -> bool:
    """Whether a form gives moving in as its reason, by code or by name."""
    try:
        return isinstance(reason, str) and REASON.read(reason.strip()) is Reason.MOVED_IN
    except BadInput:
        return False


async def _whose(connection: Connection, request: ChangeRequest) -> tuple[str, History]:
    """The resident number that a request is about, and the history, locked."""
    number = request.resident_number
    if number is None and request.resident_code is not None:
        bearers = await register.residents_by_code(connection, [request.resident_code])
        number = bearers.get(request.resident_code)
    if number is None and request.reason in BEGINNINGS:
        return await new_resident_number(connection), History()
    history = History() if number is None else (await register.lock_histories(connection, [number]))[number]
    if number is None or not (history.rows or request.reason in BEGINNINGS):
        raise Refused(NOT_RECORDED, where=Where(column="resident_number"))
    named = request.resident_code
    if request.reason not in BEGINNINGS and named not in (None, history.rows[-1].record.resident_code):
        raise Refused(IDENTIFIERS_DISAGREE, where=Where(column="resident_code"))
    return number, history


def _permitted[T](outcome: T | Refusal) -> T:
    """What a rule let happen."""
    if isinstance(outcome, Refusal):
        raise Refused(outcome)
    return outcome


async def _check_code(connection: Connection, record: ResidentRecord) -> None:
    """A code is one person's (法30条の3)."""
    bearers = await register.residents_by_code(connection, [record.resident_code])
    if bearers.get(record.resident_code, record.resident_number) != record.resident_number:
        raise Refused(CODE_OF_ANOTHER, where=Where(column="resident_code"))


async def _check_number(connection: Connection, change: Change) -> None:
    """So is a number (番号法7条1項); it can be new with an entry, or under a reason for it."""
    record = change.record
    if record.individual_number is None or change.reason not in BEGINNINGS | NUMBER_REASONS:
        return
    bearers = await register.residents_by_number(connection, [record.individual_number])
    if bearers.get(record.individual_number, record.resident_number) != record.resident_number:
        raise Refused(NUMBER_OF_ANOTHER, where=Where(column="individual_number"))


async def _first_free(
    connection: Connection,
    serials: Callable[[Connection, int], Awaitable[list[int]]],
    first_free: Callable[[Connection, Sequence[str]], Awaitable[str | None]],
) -> str:
    """The first number that is free; after an import thousands in a row are not, so they are tried by the thousand."""
    count = 1
    while True:
        numbers = [office_number(serial) for serial in await serials(connection, count)]
        found = await first_free(connection, numbers)
        if found is not None:
            return found
        count = 1000


async def _change(
    office: Office, connection: Connection, request: ChangeRequest, number: str, history: History
) -> Change:
    """The change that a request asks for, with the codes that the municipality gives."""
    now = office.clock()
    if request.reason in BEGINNINGS:
        known = history.rows[-1].record.resident_code if history.rows else None
        code = request.resident_code or known or await _draw(connection, now)  # 法30条の3第1項・第2項
        record = request.enter(
            resident_number=number, resident_code=code, municipality=LocalGovernmentCode(office.id)
        )
    else:
        record = request.revise(history.rows[-1].record)
        if request.reason in CODE_REASONS and request.new_resident_code is None:
            record = replace(record, resident_code=await _draw(connection, now))  # 法30条の4第3項
    if city_of(record.address.municipality) != office.id:
        raise BadInput("the address is in another municipality", where=Where(column="municipality"))
    return request.change(record, now)


async def _draw(connection: Connection, at: datetime) -> ResidentCode:
    (code,) = await register.draw_codes(connection, 1, at)
    return code


def _check_register(office: Office, request: ChangeRequest) -> None:
    """A CS beside another system's register takes identification information only."""
    if office.settings.register is Register.EXTERNAL:
        beyond = [item for item in MUNICIPAL_ITEMS if request.items.get(item) is not None]
        if beyond:
            raise Refused(CS_ONLY, where=Where(column=beyond[0]))


def _entries(office: Office, recorded: Recorded, by: Standing | None) -> list[journal.Entry]:
    """What the journal says: the change whole and who did it, and what the governor is told."""
    at = recorded.row.recorded_at
    who = {} if by is None else {"office": by.office, "operator": by.operator, "terminal": by.terminal}
    changed = orjson.dumps(_told(recorded.row) | who, option=orjson.OPT_SORT_KEYS)
    entries = [_entry(office, "record.changed", changed, at)]
    if recorded.notice is not None:
        upper = office.prefecture
        entries.append(_entry(office, "notice.issued", recorded.notice.to_bytes(), at, upper))
    return entries


def _told(row: HistoryRow) -> dict[str, Any]:
    change = row.change
    return {
        "history_number": row.history_number,
        "stay": row.stay,
        "version": row.version,
        "state": row.state.value,
        "reason": change.reason.value,
        "date_of_change": change.date_of_change.isoformat(),
        "notified_on": change.notified_on and change.notified_on.isoformat(),
        "record": written(row.record),
    }


def _entry(office: Office, kind: str, payload: bytes, at: datetime, *recipients: str) -> journal.Entry:
    salt = office.entropy(journal.SALT_SIZE)
    return journal.Entry(kind=kind, recorded_at=at, payload=payload, salt=salt, recipients=recipients)


async def ask_for_numbers(connection: Connection, rows: Sequence[HistoryRow], at: datetime) -> None:
    """Who was entered without a number gets one from the Centre (番号法8条1項)."""
    without = [
        row.record.resident_number
        for row in rows
        if row.change.reason in BEGINNINGS and row.record.individual_number is None
    ]
    await numbers.ask(connection, without, Reason.NUMBER_ENTERED_EX_OFFICIO, at)
