# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The municipality (市町村, 法5条・30条の6): its notices wait to be pulled, its letters come by way of the Centre.

Register and CS in one, or CS only beside another system's register: to the network there is no
difference. Its duties are to keep enough unused codes (法30条の2), to fetch numbers for those who have
none (番号法8条1項), and to erase what it may not keep (令24条の4).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import orjson

from openjuki.carriage.letters import read_letter
from openjuki.codes.individual import IndividualNumber
from openjuki.codes.resident import ResidentCode
from openjuki.config import CENTRE
from openjuki.errors import JukiError, Refused, ReplayedEnvelope
from openjuki.nodes import counter, exchange, proving, receipts
from openjuki.nodes.disclosure import protection
from openjuki.nodes.fetching import delivering, receipting, serving
from openjuki.nodes.work import Duty, Role
from openjuki.residents.changes import Change
from openjuki.residents.history import History
from openjuki.store import alarms, certificates, journal, links, numbers, register
from openjuki.wire import batch, link, relay
from openjuki.wire.protection import MAY_BE_DISCLOSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from openjuki.nodes.node import Node
    from openjuki.residents.record import ResidentRecord
    from openjuki.store.database import Connection
    from openjuki.store.numbers import Waiting
    from openjuki.wire.link import Entry, Pull

#: Fewer unused codes than this are replenished, so many at a time (規則9条2項); our own definition.
LOW_STOCK, REPLENISHED = 100, 200
#: How many numbers are asked for at once.
NUMBERS_AT_ONCE = 500
#: Bytes of notices in one batch: it can be carried even where they do not compress.
_BATCH_ROOM = 850_000


def sources(node: Node) -> Iterable[str]:  # noqa: ARG001 - the same for every municipality
    """The Centre, which passes on what other municipalities write."""
    return [CENTRE]


async def outgoing(node: Node, connection: Connection, recipient: str, pull: Pull) -> tuple[Entry, ...]:
    """Notices for the prefecture in signed batches; letters for the Centre to pass on, as they are."""
    if recipient == CENTRE:
        return await exchange.passing_on(node, connection, recipient, pull)
    after = last = pull.mark.seq
    kept = {one.first: one for one in await links.batches(connection, recipient, after=after)}
    formed: list[links.Batch] = []
    room = exchange.PULL_ROOM
    while room > 0 and last - after < pull.limit:
        batch_ = kept.get(last + 1) or await _form(node, connection, recipient, last)
        if batch_ is None:
            break
        formed.append(batch_)
        last, room = batch_.last, room - len(batch_.document)
    entries = tuple(link.Entry(first=one.first, last=one.last, document=one.document) for one in formed)
    return link.fit(entries, limit=pull.limit, room=exchange.PULL_ROOM)


async def _form(node: Node, connection: Connection, recipient: str, after: int) -> links.Batch | None:
    """What waits becomes one signed batch, sealed to prefecture and Centre (法30条の6・30条の7)."""
    waiting = await links.waiting(connection, recipient, after=after, limit=batch.MOST, room=_BATCH_ROOM)
    if not waiting:
        return None
    now = node.clock()
    notices = batch.NoticeBatch(
        origin=node.id,
        first=waiting[0].seq,
        last=waiting[-1].seq,
        issued=now,
        notices=tuple(entry.payload for entry in waiting),
    )
    keys = {to: node.directory.sealing_key(to, at=now) for to in (recipient, CENTRE)}
    document = batch.write_batch(notices, keys=node.identity.keys, recipients=keys)
    formed = links.Batch(first=notices.first, last=notices.last, document=document)
    await links.keep_batch(connection, recipient, formed)
    return formed


async def receive(node: Node, connection: Connection, source: str, entry: Entry) -> None:
    """Take in another municipality's letter; one that does not fit is an alarm for the clerks, and blocks nothing.

    A Centre that was restored from a backup passes on again what it passed on before: that is passed over.
    """
    now = node.clock()
    kind, sender = "relay.received", None
    try:
        message = relay.read_relay(entry.document, keys=node.identity.keys, directory=node.directory)
        sender = message.sender
        remembered = now + 2 * timedelta(days=node.settings.passed_on_days)
        await links.accept_once(connection, sender, f"relay:{message.id}", remembered)
        async with connection.transaction():  # a refusal undoes what the letter began, not the mark
            await counter.take_letter(node, connection, sender, read_letter(message.body), message.body)
    except ReplayedEnvelope:
        return
    except JukiError as error:
        code = error.refusal.code if isinstance(error, Refused) else error.code
        detail = {"source": source, "seq": entry.first, "sender": sender, "code": code}
        await alarms.raise_once(connection, "letter-refused", detail, now)
        kind = "relay.refused"
    received = journal.Entry(
        kind=kind, recorded_at=now, payload=entry.document, salt=node.entropy(journal.SALT_SIZE)
    )
    await journal.append(connection, [received])


async def keep_stock(node: Node) -> bool:
    """Ask the Centre for codes when few are left (法30条の2, 規則9条2項); low stock is an alarm until they come.

    The request is named after what has come so far: repeated, it gets the same codes.
    """
    left, ever = await node.read(register.stock_levels)
    if left >= LOW_STOCK:
        return False
    now = node.clock()
    await node.read(lambda connection: alarms.raise_once(connection, "code-stock-low", {}, now))
    body = orjson.dumps({"count": REPLENISHED, "request_id": f"{node.id}-{ever}"})
    answer = orjson.loads(await exchange.ask(node, CENTRE, "designate-codes", body))
    codes = {
        str(ResidentCode.parse(code)): int.from_bytes(node.entropy(7)) for code in answer["resident_codes"]
    }

    async def stock(connection: Connection) -> None:
        await register.add_stock(connection, codes, now)
        standing = [
            alarm.id for alarm in await alarms.open_alarms(connection) if alarm.kind == "code-stock-low"
        ]
        await alarms.settle(connection, standing, now)

    await node.read(stock)
    return True


async def fetch_numbers(node: Node) -> bool:
    """Fetch numbers for residents who wait for one (番号法8条) and record them (規則11条4項).

    Whose code the Centre does not know goes on waiting: a notice on its way may tell it. Nobody else waits for them.
    """
    passed = 0
    while waiting := await node.glance(partial(numbers.awaited, limit=NUMBERS_AT_ONCE, passed=passed)):
        if given := await _fetch_numbers_for(node, waiting):
            return given == NUMBERS_AT_ONCE
        passed += len(waiting)
    return False


async def _fetch_numbers_for(node: Node, waiting: Sequence[Waiting]) -> int:
    """Fetch numbers for these, and record them; how many the Centre gave."""
    wanted = [
        {"resident_code": one.resident_code, "previous_individual_number": one.individual_number}
        for one in waiting
    ]
    body = orjson.dumps({"requests": wanted})
    answer = orjson.loads(await exchange.ask(node, CENTRE, "generate-numbers", body))
    given = {code: IndividualNumber.parse(number) for code, number in answer["individual_numbers"].items()}
    if given:
        await node.transact(lambda connection: _record_numbers(node, connection, waiting, given))
    return len(given)


async def _record_numbers(
    node: Node, connection: Connection, waiting: Sequence[Waiting], given: Mapping[str, IndividualNumber]
) -> None:
    now = node.clock()
    histories = await register.lock_histories(connection, [one.resident_number for one in waiting])
    changes = []
    for one in waiting:
        history = histories[one.resident_number]
        record, number = history.rows[-1].record, given.get(one.resident_code)
        if number is not None and record.individual_number == one.individual_number:
            change = _numbered(one, record, number, now)
            after = history.apply(change)
            if isinstance(after, History):
                changes.append((after, change))
    await counter.record_changes(node, connection, changes)
    await numbers.answered(connection, [one.resident_number for one in waiting if one.resident_code in given])


def _numbered(one: Waiting, record: ResidentRecord, number: IndividualNumber, now: datetime) -> Change:
    return Change(
        reason=one.reason,
        date_of_change=now.date(),
        notified_on=None,
        recorded_at=now,
        record=replace(record, individual_number=number),
    )


async def erase_old_certificates(node: Node) -> bool:
    """Erase certificates of moving out 30 days after the planned day (令24条の4)."""
    today = node.clock().date()
    await node.read(lambda connection: certificates.erase_old(connection, today))
    return False


ROLE = Role(
    outgoing=outgoing,
    sources=sources,
    receive=receive,
    handlers=serving.handlers,
    answers={MAY_BE_DISCLOSED: protection.answer},
    duties=(
        Duty(keep_stock, 5.0),
        Duty(fetch_numbers, 0.5),
        Duty(erase_old_certificates, 3600.0),
        Duty(receipts.send, receipts.EVERY),
        Duty(proving.check, proving.EVERY),
        Duty(receipting.owed, receipting.EVERY),
        Duty(delivering.erase_old, delivering.EVERY),
    ),
)
