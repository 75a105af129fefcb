# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Taking in a town's notices (通知の受入れ, 法30条の7・30条の8): the same at the prefecture and at the Centre.

Theory of operation. A batch is taken in as one: everybody it speaks of is read once, the notices are
decided one after the other in the order of the town's link, and everything is written at the end, in
the transaction that moves the town's mark. A notice that a rule refuses lies on the shelf with the
code of the refusal; what follows of the same person joins it; everything else flows. What lies there
of a person is a queue in the order of stays and versions. A notice that tells the same version anew
takes the place of the one that was refused (a corrected notice), one that was missing goes before it;
then the queue is tried again from its front.
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import orjson

from openjuki.errors import BadNotice, LinkGap
from openjuki.refusal import Refusal
from openjuki.residents.notice import Notice, digest
from openjuki.residents.stays import ALARMING
from openjuki.residents.stays import admit as admit_notice
from openjuki.store import alarms, journal, links, records, shelf
from openjuki.store.shelf import BEHIND, Held

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.store.records import Persons
    from openjuki.wire.batch import NoticeBatch


@dataclass(frozen=True, slots=True)
class Arrival:
    """A notice as it arrived (着信した通知)."""

    origin: str
    seq: int
    raw: bytes
    #: None where it cannot be read, and
    notice: Notice | None
    #: the code of the error that says so.
    error: str | None = None

    @classmethod
    def of(cls, origin: str, seq: int, raw: bytes) -> Arrival:
        """Read a notice; what cannot be read is kept as it is."""
        try:
            return cls(origin, seq, raw, Notice.from_bytes(raw))
        except BadNotice as error:
            return cls(origin, seq, raw, None, error.code)

    @property
    def place(self) -> tuple[str, int]:
        """Which notice it is: of which town, under which number."""
        return self.origin, self.seq

    @property
    def resident_code(self) -> str | None:
        """Under which code the person is known before it, if that can be read."""
        if self.notice is None:
            return None
        return self.notice.previous_resident_code or self.notice.identification.resident_code

    def codes(self) -> set[str]:
        """Every code that the person bears before it and after it."""
        if self.notice is None:
            return set()
        return {self.notice.identification.resident_code, self.resident_code or ""}

    def version(self) -> tuple[int, int]:
        """Which version of which stay it tells."""
        assert self.notice is not None
        return self.notice.stay, self.notice.version

    def payload(self) -> bytes:
        """As the journal has it."""
        place = {"origin": self.origin, "seq": self.seq}
        if self.notice is None:
            return orjson.dumps(place | {"unreadable": b64encode(self.raw).decode()})
        return orjson.dumps({"notice": orjson.Fragment(self.raw), **place})


class _Decisions:
    """What is decided about one batch, before anything is written."""

    def __init__(self, persons: Persons, held: Iterable[Arrival]) -> None:
        self.persons = persons
        self.applied: list[Arrival] = []
        self.refused: dict[tuple[str, int], tuple[Arrival, str]] = {}
        #: Of refused notices, by kind and place.
        self.refusals: dict[tuple[str, str, int], None] = {}
        #: Between stays, by kind and where to look: whether they stand after this batch, or are over.
        self.alarms: dict[tuple[str, tuple[tuple[str, Any], ...]], bool] = {}
        self._queues: dict[tuple[str, str | None], list[Arrival]] = {}
        for arrival in sorted(held, key=Arrival.version):
            self._queue(arrival).append(arrival)

    def decide(self, arrival: Arrival) -> None:
        """Admit a notice, hold it, or let it join what is held of the same person."""
        if arrival.notice is None:
            self.refused[arrival.place] = arrival, arrival.error or BadNotice.code
        elif not self._queues.get((arrival.origin, arrival.resident_code)):
            code = self._try(arrival)
            if code is not None:
                self._queue(arrival).append(arrival)
                self.refused[arrival.place] = arrival, code
        else:
            self._join(arrival)

    def still_held(self) -> dict[tuple[str, int], str]:
        """What lies on the shelf after this batch, by place: the code of its refusal."""
        while any(self._drain(queue) for queue in self._queues.values()):
            pass  # a change of code that was let go may have been what another queue waited for
        unreadable = {
            place: code for place, (arrival, code) in self.refused.items() if arrival.notice is None
        }
        queued = {
            arrival.place: self.refused[arrival.place][1] if arrival is queue[0] else BEHIND
            for queue in self._queues.values()
            for arrival in queue
        }
        return unreadable | queued

    def _queue(self, arrival: Arrival) -> list[Arrival]:
        return self._queues.setdefault((arrival.origin, arrival.resident_code), [])

    def _join(self, arrival: Arrival) -> None:
        queue = self._queue(arrival)
        others = [held for held in queue if held.version() != arrival.version()]
        queue[:] = sorted([*others, arrival], key=Arrival.version)
        self._drain(queue)

    def _drain(self, queue: list[Arrival]) -> bool:
        """Try what is held of a person, from the front, until a notice is refused; whether any was not."""
        waited = len(queue)
        while queue:
            code = self._try(queue[0])
            if code is not None:
                self.refused[queue[0].place] = queue[0], code
                break
            queue.pop(0)
        return len(queue) < waited

    def _try(self, arrival: Arrival) -> str | None:
        """Admit a notice; the code of the refusal where a rule says no."""
        assert arrival.notice is not None
        hashed = digest(arrival.raw)
        found = self.persons.find(arrival.notice)
        decision = (
            found
            if isinstance(found, Refusal)
            else admit_notice(found, arrival.notice, arrival.origin, hashed)
        )
        if isinstance(decision, Refusal):
            if decision in ALARMING:
                self.refusals[ALARMING[decision], arrival.origin, arrival.seq] = None
            return decision.code
        if not decision.duplicate:
            self.persons.admit(arrival.notice, decision, origin=arrival.origin, digest=hashed)
            self.applied.append(arrival)
            for alarms_, stand in ((decision.alarms, True), (decision.cleared, False)):
                for alarm in alarms_:
                    self.alarms[alarm.kind, tuple(decision.person.place(alarm).items())] = stand
        return None


async def admit(node: Node, connection: Connection, batch: NoticeBatch) -> None:
    """Take in a batch within the transaction of the link's mark; what was taken in before is passed over.

    Raises:
        LinkGap: notices of the town before this batch are missing.
    """
    mark = await _mark_before(connection, batch)
    arrivals = [
        Arrival.of(batch.origin, seq, raw) for seq, raw in enumerate(batch.notices, batch.first) if seq > mark
    ]
    if not arrivals:
        return
    await links.advance_origin(connection, batch.origin, mark, batch.last)
    await _take_in(node, connection, arrivals)


async def refuse(node: Node, connection: Connection, batch: NoticeBatch, document: bytes, code: str) -> None:
    """Pass over a batch that cannot be opened, or may not (受け付けられない束): all of its notices are missing.

    Later ones of the same people lie on the shelf until these come again.

    Raises:
        LinkGap: notices of the town before this batch are missing.
    """
    mark, now = await _mark_before(connection, batch), node.clock()
    if batch.last <= mark:
        return
    await links.advance_origin(connection, batch.origin, mark, batch.last)
    detail = {"origin": batch.origin, "first": batch.first, "last": batch.last, "code": code}
    await alarms.raise_once(connection, "batch-refused", detail, now)
    salt = node.entropy(journal.SALT_SIZE)
    row = journal.Entry(kind="batch.refused", recorded_at=now, payload=document, salt=salt)
    await journal.append(connection, [row])


async def _mark_before(connection: Connection, batch: NoticeBatch) -> int:
    """The last notice of a batch's town that was taken in; nothing is missing behind it."""
    mark = (await links.origin_marks(connection, [batch.origin]))[batch.origin]
    if batch.first > mark + 1:
        raise LinkGap(f"notices {mark + 1} to {batch.first - 1} of {batch.origin} are missing")
    return mark


async def _take_in(node: Node, connection: Connection, arrivals: list[Arrival]) -> None:
    now = node.clock()
    lying = await _lying(connection, arrivals)
    held = [Arrival.of(one.origin, one.seq, one.notice) for one in lying.values()]
    notices = [arrival.notice for arrival in (*held, *arrivals) if arrival.notice is not None]
    decisions = _Decisions(await records.load_persons(connection, notices), held)
    for arrival in arrivals:
        decisions.decide(arrival)
    await _write(node, connection, arrivals, decisions, lying, now)


async def _lying(connection: Connection, arrivals: Iterable[Arrival]) -> dict[tuple[str, int], Held]:
    """What lies on the shelf of the people these notices speak of, under every code that leads on from theirs."""
    lying: dict[tuple[str, int], Held] = {}
    known: set[str] = set()
    codes = {code for arrival in arrivals for code in arrival.codes()}
    while codes:
        known |= codes
        found = await shelf.shelf(connection, codes)
        lying |= {(held.origin, held.seq): held for held in found}
        led = (Arrival.of(held.origin, held.seq, held.notice).codes() for held in found)
        codes = set().union(*led) - known
    return lying


async def _write(
    node: Node,
    connection: Connection,
    arrivals: Iterable[Arrival],
    decisions: _Decisions,
    lying: Mapping[tuple[str, int], Held],
    now: datetime,
) -> None:
    still = decisions.still_held()
    await records.write_admitted(connection, decisions.persons, now)
    new = [arrival for arrival in arrivals if arrival.place in still]
    refused_otherwise = [
        replace(held, code=still[place])
        for place, held in lying.items()
        if place in still and held.code != still[place]
    ]
    held = [_held(arrival, still[arrival.place], now) for arrival in new]
    await shelf.hold(connection, [*held, *refused_otherwise])
    await shelf.release(connection, [one for place, one in lying.items() if place not in still], now)
    await _tell_alarms(connection, decisions, now)
    outcomes = [
        *(("notice.applied", arrival) for arrival in decisions.applied),
        *(("notice.held", arrival) for arrival in new),
    ]
    await journal.append(
        connection,
        [
            journal.Entry(
                kind=kind, recorded_at=now, payload=arrival.payload(), salt=node.entropy(journal.SALT_SIZE)
            )
            for kind, arrival in outcomes
        ],
    )


async def _tell_alarms(connection: Connection, decisions: _Decisions, now: datetime) -> None:
    """Settle what the batch has mended, and raise what somebody must look at."""
    stand: dict[bool, list[tuple[str, dict[str, Any]]]] = {True: [], False: []}
    for (kind, place), stands in decisions.alarms.items():
        stand[stands].append((kind, dict(place)))
    refused = [(kind, {"origin": origin, "seq": seq}) for kind, origin, seq in decisions.refusals]
    await alarms.settle_all(connection, stand[False], now)
    await alarms.raise_all(connection, stand[True] + refused, now)


def _held(arrival: Arrival, code: str, at: datetime) -> Held:
    return Held(
        origin=arrival.origin,
        seq=arrival.seq,
        resident_code=arrival.resident_code,
        code=code,
        notice=arrival.raw,
        held_at=at,
    )
