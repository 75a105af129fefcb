# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Getting back what a municipality lost (失われた通知の回復): its prefecture has the notices, and gives them back.

Theory of operation. A municipality that was restored from an old backup asks its prefecture for its own notices
after the last one that both are known to have. What its register does not have is lost. It is recorded again
from the notice itself, under the same reason, the same day and the same moment, if that leads to the same
notice, byte for byte: then prefecture and Centre pass over it as one that they have. What cannot be recorded so
is told, by code, stay and version, for people to look at. Letters of other municipalities that came before that
and fitted nobody are taken in then. Items that never leave a municipality (household,
relationship, koseki) are not in a notice: the clerks enter them from the application forms.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import orjson

from openjuki.carriage.letters import read_letter
from openjuki.errors import BadInput, JukiError
from openjuki.nodes import counter, exchange
from openjuki.refusal import Refusal
from openjuki.residents.address import Address
from openjuki.residents.changes import Action, Change, MunicipalReason
from openjuki.residents.history import History
from openjuki.residents.names import PersonName
from openjuki.residents.notice import Notice
from openjuki.residents.record import ResidentRecord
from openjuki.store import alarms, journal, lost, numbers, register
from openjuki.wire import relay
from openjuki.wire.document import Items, to_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from openjuki.nodes.node import Node, Office
    from openjuki.residents.changes import Reason
    from openjuki.store.alarms import OpenAlarm
    from openjuki.store.database import Connection
    from openjuki.wire.envelope import Message

#: Most notices in one answer: they fit into one message.
_AT_ONCE = 500
#: A prefecture looks so much further back: clocks differ, and a pull takes its time.
_SLACK = timedelta(hours=1)


class Outcome(StrEnum):
    """What is the matter with a notice (通知の状態)."""

    #: The register does not have it.
    LOST = "lost"
    #: The register has told something else under the same version since.
    CONFLICT = "conflict"
    #: It stands in the register again.
    RECORDED = "recorded"


@dataclass(frozen=True, slots=True, kw_only=True)
class LostNotice:
    """A notice that others have and this municipality has not (失われた通知)."""

    #: Its number on the link.
    seq: int
    notice: Notice
    outcome: Outcome

    def to_dict(self) -> dict[str, Any]:
        """JSON form: codes, never names."""
        return {
            "seq": self.seq,
            "resident_code": str(self.notice.identification.resident_code),
            "stay": self.notice.stay,
            "version": self.notice.version,
            "reason": self.notice.reason.value,
            "date_of_change": self.notice.date_of_change.isoformat(),
            "outcome": self.outcome.value,
        }


async def own_notices(node: Node, connection: Connection, request: Message) -> bytes:  # noqa: ARG001 - every answer has it
    """The prefecture's answer: the asker's own notices, as they were taken in."""
    items = Items(request.body)
    after, first = items.count("after"), items.count("first")
    since = items.maybe("since", items.time)
    if since is not None:
        first = max(first, await lost.first_since(connection, since - _SLACK))
    found = await lost.notices_of(connection, request.sender, after=after, first=first, limit=_AT_ONCE)
    notices = [{"seq": one["seq"], "notice": one["notice"]} for _, one in found if "notice" in one]
    following = found[-1][0] + 1 if len(found) == _AT_ONCE else None
    return orjson.dumps({"notices": notices, "next": following})


async def lost_notices(node: Node) -> list[LostNotice]:
    """What the prefecture has of this municipality and its own register has not, in the order it was told.

    Raises:
        PeerError, PeerUnavailable: as `exchange.ask`.
    """
    common = await node.read(lambda connection: lost.common(connection, node.prefecture))
    told: dict[int, Notice] = {}
    first: int | None = 0
    while first is not None:
        since = common.recorded_at and to_time(common.recorded_at)
        body = orjson.dumps({"after": common.seq, "since": since, "first": first})
        answer = Items(await exchange.ask(node, node.prefecture, "own-notices", body))
        for one in answer.list("notices"):
            told[one.count("seq", least=1)] = Notice.from_dict(one.take("notice", dict))
        first = answer.maybe("next", answer.count)
    missing = []
    for seq, notice in sorted(told.items()):
        outcome = await node.read(partial(_look, notice=notice))
        if outcome is not None:
            missing.append(LostNotice(seq=seq, notice=notice, outcome=outcome))
    return missing


async def record_again(office: Office, notices: Sequence[LostNotice]) -> list[LostNotice]:
    """Record lost notices again, one transaction for each person; returns them with what became of them."""
    done: list[LostNotice] = []
    for of_person in _by_person(notices):
        done += await office.transact(partial(_record_all, office, notices=of_person))
    return sorted(done, key=attrgetter("seq"))


async def take_letters_again(node: Office) -> int:
    """Take in the letters that did not fit because what they follow was lost; returns how many fit now."""
    opened = await node.read(alarms.open_alarms)
    refused = [alarm for alarm in opened if alarm.kind == "letter-refused"]
    return sum([await node.transact(partial(_take_letter_again, node, alarm=alarm)) for alarm in refused])


async def _take_letter_again(node: Office, connection: Connection, *, alarm: OpenAlarm) -> bool:
    document, now = await lost.refused_letter(connection, alarm.raised_at), node.clock()
    if document is None:
        return False
    try:
        message = relay.read_relay(document, keys=node.identity.keys, directory=node.directory)
        async with connection.transaction():
            letter = read_letter(message.body)
            await counter.take_letter(node, connection, message.sender, letter, message.body)
    except JukiError:  # its alarm says so already
        return False
    salt = node.entropy(journal.SALT_SIZE)
    taken = journal.Entry(kind="relay.received", recorded_at=now, payload=document, salt=salt)
    await journal.append(connection, [taken])
    await alarms.settle(connection, [alarm.id], now)
    return True


def _by_person(notices: Iterable[LostNotice]) -> Iterable[list[LostNotice]]:
    """Notices of one person together, also where the code changed."""
    first_code: dict[str, str] = {}
    persons: dict[str, list[LostNotice]] = {}
    for one in notices:
        code = one.notice.identification.resident_code
        before = one.notice.previous_resident_code or code
        first_code[code] = first_code.get(before, before)
        persons.setdefault(first_code[code], []).append(one)
    return persons.values()


async def _record_all(
    office: Office, connection: Connection, *, notices: Sequence[LostNotice]
) -> list[LostNotice]:
    """All of one person's: nobody asks for a number meanwhile that a later notice brings."""
    done = [
        replace(one, outcome=await _record_again(office, connection, notice=one.notice)) for one in notices
    ]
    number, history = await _whose(connection, notices[-1].notice)
    if number is not None and history.rows[-1].record.individual_number is not None:
        await numbers.answered(connection, [number])
    return done


async def _look(connection: Connection, *, notice: Notice) -> Outcome | None:
    """Whether the register lacks a notice, or has told another in its place; None: it has it."""
    _, history = await _whose(connection, notice)
    return _compare(history, notice)


def _compare(history: History, notice: Notice) -> Outcome | None:
    for end, row in enumerate(history.rows, 1):
        if (row.stay, row.version) == (notice.stay, notice.version):
            told = History(history.rows[:end]).notice
            return None if told is not None and told.to_bytes() == notice.to_bytes() else Outcome.CONFLICT
    return Outcome.LOST


async def _record_again(office: Office, connection: Connection, *, notice: Notice) -> Outcome:
    code = notice.identification.resident_code
    await lost.use_codes(connection, [code], office.clock())
    number, history = await _whose(connection, notice)
    outcome = _compare(history, notice)
    if outcome is not Outcome.LOST:
        return outcome or Outcome.RECORDED
    for change in _changes(notice, number or await counter.new_resident_number(connection), history):
        after = history.apply(change)
        if not isinstance(after, Refusal) and after.notice is not None:
            if after.notice.to_bytes() != notice.to_bytes():
                continue
            await counter.record_changes(office, connection, [(after, change)])
            return Outcome.RECORDED
    return Outcome.LOST


async def _whose(connection: Connection, notice: Notice) -> tuple[str | None, History]:
    """The resident number of whom a notice speaks, and the history, locked."""
    codes = [notice.identification.resident_code, notice.previous_resident_code]
    bearers = await register.residents_by_code(connection, [code for code in codes if code is not None])
    number = next(iter(bearers.values()), None)
    if number is None:
        return None, History()
    return number, (await register.lock_histories(connection, [number]))[number]


def _changes(notice: Notice, number: str, history: History) -> Iterator[Change]:
    """Changes that may have led to a notice: under its own reason, or one that is told under it."""
    try:
        record = _record(notice, number, history)
    except BadInput:  # an older version of ours took it; people must look
        return
    candidates: list[Reason | MunicipalReason] = [notice.reason]
    candidates += [reason for reason in MunicipalReason if reason.statutory is notice.reason]
    for reason in candidates:
        is_entry = reason.action is Action.ENTRY
        yield Change(
            reason=reason,
            date_of_change=notice.date_of_change,
            notified_on=None,
            recorded_at=notice.recorded_at,
            record=record,
            predecessor=notice.predecessor if is_entry else None,
            stay=notice.stay if is_entry else None,
        )


def _record(notice: Notice, number: str, history: History) -> ResidentRecord:
    """The record after a notice: what stood there before, and what the notice says."""
    told = notice.identification
    items: dict[str, Any] = {
        "resident_code": told.resident_code,
        "individual_number": told.individual_number,
        "name": PersonName(
            recorded=told.name,
            furigana=told.furigana,
            former_surname=told.former_surname,
            former_surname_furigana=told.former_surname_furigana,
            alias=told.alias,
        ),
        "birth_date": told.birth_date,
        "sex": told.sex,
        "address": Address(municipality=told.municipality, town=told.address),
    }
    if not history.rows:
        return ResidentRecord(resident_number=number, **items)
    before = history.rows[-1].record
    if _names(before.name) == _names(items["name"]):
        del items["name"]  # with what a notice does not say of it
    if (before.address.municipality, before.address.text) == (told.municipality, told.address):
        del items["address"]
    return replace(before, **items)


def _names(name: PersonName) -> tuple[str | None, ...]:
    return (name.recorded, name.furigana, name.former_surname, name.former_surname_furigana, name.alias)
