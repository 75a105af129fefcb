# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Identification information at the upper tiers (本人確認情報, 法30条の6・30条の7): taking notices in.

A batch of notices is taken in as one: `load_persons` locks and folds everybody it speaks of, with
three statements for all; the caller asks `Persons.find` whom a notice is about, lets
`residents.stays` decide, and tells `Persons.admit`; `write_admitted` writes everything, again with
a few statements for all. A person of whom a batch speaks several times is thus read once and written
once, and no statement meets the same row twice.

Two transactions that learn of a new code at the same time both find nobody: the second fails on the
key of the code when it writes, and is done again (`database.transact`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from openjuki.residents.stays import AdmittedNotice, Person, unite
from openjuki.store.database import copy_rows, queries
from openjuki.store.pointers import Moved, point

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from openjuki.refusal import Refusal
    from openjuki.residents.notice import Notice
    from openjuki.residents.stays import Admitted
    from openjuki.store.database import Connection

#: Person ids are taken from the database so many at a time.
BLOCK = 1000

_SQL = queries("records")
_RECORD = (
    *("int8", "int4", "int4", "text", "date", "timestamptz", "text", "text", "text", "int4"),
    *("text", "text", "text", "text", "text", "text", "text", "date", "text", "text"),
    *("text", "text", "text", "timestamptz", "bytea"),
)
#: What is told of persons who turn out to be one, in this order.
_UNITE = (
    *("await_tellers", "unite_codes", "unite_numbers", "unite_records", "unite_provisions"),
    *("forget_their_names", "forget_persons"),
)
_SUCCESSION = ("text", "int8", "timestamptz")


class _Taken(NamedTuple):
    """A notice that was admitted, where it came from, and the digest of its bytes."""

    notice: Notice
    origin: str
    digest: bytes


@dataclass(slots=True, eq=False)
class _Known:
    """Somebody the batch speaks of: who they are, and what it adds."""

    person: Person
    #: Their person id; several where they turned out to be one; none while they are new.
    ids: list[int] = field(default_factory=list)
    #: Stay and version that the stored pointer points at.
    pointer: tuple[int, int] | None = None
    taken: list[_Taken] = field(default_factory=list)

    @property
    def current(self) -> tuple[int, int]:
        """Stay and version that say where the person stands."""
        stay = self.person.current
        return stay.stay, stay.version

    def moved(self) -> Moved:
        """Where the pointer must go, and what the batch says there."""
        at = self.current
        told = (
            taken.notice for taken in reversed(self.taken) if (taken.notice.stay, taken.notice.version) == at
        )
        return Moved(self.ids[0], self.person, next(told, None), self.pointer is None)


class _Succession(NamedTuple):
    """A code or number the batch brings, and since when."""

    known: _Known
    since: datetime


@dataclass(slots=True)
class _Register:
    """Whom the codes, or the numbers, of a batch lead to."""

    known: dict[str, _Known]
    begun: dict[str, _Succession] = field(default_factory=dict)
    ended: dict[str, datetime] = field(default_factory=dict)

    def take(self, known: _Known, now: str | None, before: str | None, at: datetime) -> None:
        """Somebody bears `now`, and no longer `before`."""
        for value in (before, now):
            if value is not None and value not in self.known:
                self.begun[value] = _Succession(known, at)
                self.known[value] = known
        if before is not None and self.known[before] is known:
            self.ended.setdefault(before, at)

    def unite(self, known: _Known, other: _Known) -> None:
        """What led to one leads to the other."""
        for value in [value for value, bearer in self.known.items() if bearer is other]:
            self.known[value] = known
        for value, (bearer, since) in self.begun.items():
            if bearer is other:
                self.begun[value] = _Succession(known, since)


class Persons:
    """Everybody a batch of notices speaks of (通知の対象者), as known so far, the batch's own part included."""

    def __init__(self, codes: dict[str, _Known], numbers: dict[str, _Known]) -> None:
        """Use `load_persons`."""
        self._codes = _Register(codes)
        self._numbers = _Register(numbers)

    def find(self, notice: Notice) -> Person | Refusal | None:
        """Whom a notice is about: by its code, its previous code or its number.

        Returns:
            None where nobody is known; a refusal where they lead to persons that cannot be one.
        """
        known = self._led_to(notice)
        if len(known) > 1:
            return unite(one.person for one in known)
        return known[0].person if known else None

    def admit(self, notice: Notice, admitted: Admitted, *, origin: str, digest: bytes) -> None:
        """A notice was admitted of whom `find` found; what comes later in the batch finds it."""
        known = self._one(self._led_to(notice), admitted.person)
        known.person = admitted.person
        known.taken.append(_Taken(notice, origin, digest))
        who, at = notice.identification, notice.recorded_at
        self._codes.take(known, who.resident_code, notice.previous_resident_code, at)
        self._numbers.take(known, who.individual_number, notice.previous_individual_number, at)

    def _led_to(self, notice: Notice) -> list[_Known]:
        who = notice.identification
        led = (
            self._codes.known.get(who.resident_code),
            self._codes.known.get(notice.previous_resident_code or ""),
            self._numbers.known.get(who.individual_number or ""),
        )
        distinct = dict.fromkeys(one for one in led if one is not None)
        return sorted(distinct, key=lambda one: not one.ids)  # whoever is stored already stays

    def _one(self, several: Sequence[_Known], person: Person) -> _Known:
        if not several:
            return _Known(person)
        known, *others = several
        for other in others:
            known.ids += other.ids
            known.taken += other.taken
            self._codes.unite(known, other)
            self._numbers.unite(known, other)
        return known


async def load_persons(connection: Connection, notices: Iterable[Notice]) -> Persons:
    """Lock and fold everybody these notices speak of."""
    codes, numbers = set[str](), set[str]()
    for notice in notices:
        codes |= {notice.identification.resident_code, notice.previous_resident_code or ""}
        numbers |= {notice.identification.individual_number or "", notice.previous_individual_number or ""}
    while True:
        by_code = dict(await _fetch(connection, "by_code", codes=sorted(codes)))
        by_number = dict(await _fetch(connection, "by_number", numbers=sorted(numbers)))
        ids = sorted({*by_code.values(), *by_number.values()})
        locked = await _fetch(connection, "lock", persons=ids)
        if len(locked) == len(ids):  # else somebody was united with somebody else while we waited
            break
    known = await _fold(connection, locked)
    return Persons(
        {code: known[person_id] for code, person_id in by_code.items()},
        {number: known[person_id] for number, person_id in by_number.items()},
    )


async def write_admitted(connection: Connection, persons: Persons, received_at: datetime) -> None:
    """Write what the batch added, in the caller's transaction."""
    codes, numbers = persons._codes, persons._numbers  # noqa: SLF001 - the two halves of one batch
    touched = list(dict.fromkeys(known for known in _all(codes, numbers) if known.taken))
    new = [known for known in touched if not known.ids]
    for known, person_id in zip(new, await _person_ids(connection, len(new)), strict=False):
        known.ids.append(person_id)
    await _unite(connection, touched)
    rows = (_record(known.ids[0], taken, received_at) for known in touched for taken in known.taken)
    await copy_rows(connection, _SQL["add_records"], _RECORD, rows)
    await _succeed(connection, "codes", codes)
    await _succeed(connection, "numbers", numbers)
    await point(connection, [known.moved() for known in touched if known.pointer != known.current])


def _all(codes: _Register, numbers: _Register) -> Iterator[_Known]:
    yield from codes.known.values()
    yield from numbers.known.values()


async def _fold(connection: Connection, locked: Iterable[tuple[int, int, int]]) -> dict[int, _Known]:
    pointers = {person_id: (stay, version) for person_id, stay, version in locked}
    rows = await _fetch(connection, "notices", persons=list(pointers))
    return {
        person_id: _Known(
            Person.of(AdmittedNotice(*row[1:]) for row in notices), [person_id], pointers[person_id]
        )
        for person_id, notices in groupby(rows, itemgetter(0))
    }


async def _person_ids(connection: Connection, count: int) -> list[int]:
    blocks = await _fetch(connection, "person_ids", blocks=-(-count // BLOCK))
    return [first + offset for (first,) in blocks for offset in range(BLOCK)]


async def _unite(connection: Connection, touched: Iterable[_Known]) -> None:
    """Persons that turned out to be one get one id: rare, and a few statements for all."""
    pairs = [(other, known.ids[0]) for known in touched for other in known.ids[1:]]
    if pairs:
        others, known = map(list, zip(*pairs, strict=True))
        for statement in _UNITE:
            await connection.execute(_SQL[statement], {"others": others, "known": known})


async def _succeed(connection: Connection, what: str, register: _Register) -> None:
    rows = [(value, one.known.ids[0], one.since) for value, one in sorted(register.begun.items())]
    await copy_rows(connection, _SQL[f"add_{what}"], _SUCCESSION, rows)
    if register.ended:
        values = {what: list(register.ended), "untils": list(register.ended.values())}
        await connection.execute(_SQL[f"end_{what}"], values)


def _record(person_id: int, taken: _Taken, received_at: datetime) -> tuple[Any, ...]:
    notice, who, before = taken.notice, taken.notice.identification, taken.notice.predecessor
    return (
        person_id,
        notice.stay,
        notice.version,
        notice.reason.value,
        notice.date_of_change,
        notice.recorded_at,
        notice.previous_resident_code,
        notice.previous_individual_number,
        before and before.municipality,
        before and before.stay,
        who.resident_code,
        who.individual_number,
        who.name,
        who.furigana,
        who.former_surname,
        who.former_surname_furigana,
        who.alias,
        who.birth_date.sort,
        None if who.birth_date.is_exact else who.birth_date.text,
        who.sex.value,
        who.municipality,
        who.address,
        taken.origin,
        received_at,
        taken.digest,
    )


async def _fetch(connection: Connection, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    return await (await connection.execute(_SQL[statement], values)).fetchall()
