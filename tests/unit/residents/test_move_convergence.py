# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A move's notices, in every order and with every delay, converge to one state at the centre.

Deletion at A, entry at B, B's notice to A (転入通知, 法9条1項) and later corrections at A happen in any
order that the world allows; what A and B send then reaches the centre in any interleaving, some of it
twice. Links are dense, so the notices of one town keep their order; nothing else is assumed.
"""

import functools
import operator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import combinations, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.lives import (
    CODE,
    NUMBER,
    OTHER_CODE,
    OTHER_NUMBER,
    A,
    B,
    after,
    at,
    change,
    coming_from,
    going_to,
    notices,
)
from openjuki.refusal import Refusal
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.residents.history import History
from openjuki.residents.names import PersonName
from openjuki.residents.notice import Notice, digest
from openjuki.residents.stays import Person, PersonState, admit, current, unite
from openjuki.residents.transitions import State

PLANNED, MOVED_IN, TODAY = "2026-05-01", "2026-04-28", "2026-06-01"
CORRECTED = PersonName("山田　太朗", furigana="ヤマダ　タロウ")


@dataclass
class Town:
    """A municipality with one resident, and the clock of its counter."""

    code: str
    history: History = field(default_factory=History)
    moment: datetime = field(default_factory=lambda: at(TODAY))

    def does(self, reason, day, **more):
        """Record a change, with the code, number and name that the record has unless told otherwise."""
        if self.history.rows:
            last = self.history.rows[-1].record
            kept = {"resident_code", "individual_number", "name"}
            more = {item: getattr(last, item) for item in kept} | more
        self.moment += timedelta(minutes=1)
        made = replace(change(reason, day, town=self.code, **more), recorded_at=self.moment)
        self.history = after(self.history, made)

    def hears(self, town, day):
        """Take in the destination's notice: delete the record where nobody gave notice of moving out."""
        if self.history.state is State.RESIDENT:
            self.does(Reason.MOVED_OUT, day, destination=going_to(town))
        self.does(MunicipalReason.MOVE_OUT_CONFIRMED, day, destination=going_to(town))


@dataclass
class Centre:
    """The centre's store in four dictionaries, and its shelf of held notices."""

    persons: dict[int, Person] = field(default_factory=dict)
    codes: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    held: dict[tuple[str, int, int], Notice] = field(default_factory=dict)

    def receives(self, notice):
        """Admit the notice and whatever on the shelf was waiting for it, or put it on the shelf."""
        origin = notice.identification.municipality
        self.held[origin, notice.stay, notice.version] = notice
        while any(self.admits(self.held[place], place) for place in sorted(self.held)):
            pass

    def admits(self, notice, place):
        who = notice.identification
        ids = {
            self.codes.get(who.resident_code),
            self.codes.get(notice.previous_resident_code),
            self.numbers.get(who.individual_number),
        } - {None}
        person = unite([self.persons[one] for one in ids]) if ids else None
        if isinstance(person, Refusal):
            return False
        outcome = admit(person, notice, who.municipality, digest(notice.to_bytes()))
        if isinstance(outcome, Refusal):
            return False
        del self.held[place]
        first = min(ids, default=len(self.codes))
        for table, value in (
            (self.codes, who.resident_code),
            (self.codes, notice.previous_resident_code),
            (self.numbers, who.individual_number),
            (self.numbers, notice.previous_individual_number),
        ):
            table |= {key: first for key, one in table.items() if one in ids}
            if value is not None:
                table[value] = first
        self.persons = {one: other for one, other in self.persons.items() if one not in ids}
        self.persons[first] = outcome.person
        return True

    @property
    def person(self):
        """The one person whom everything must have been about, nothing left on the shelf."""
        assert not self.held
        (person,) = self.persons.values()
        return person

    @property
    def state(self):
        """What must not depend on any order, neither of arrival nor of the towns' work."""
        stays = [summary._replace(digests=(), entered_at=None) for summary in self.person.stays]
        return current(self.person), stays, self.person.alarms, set(self.codes), set(self.numbers)


def received(told):
    """The centre after these notices."""
    centre = Centre()
    for notice in told:
        centre.receives(notice)
    return centre


# The world: one move, whatever comes first


def move(order, *, recoded, renumbered=False):
    """What A and B send when the things of a move happen in this order."""
    a, b = Town(A), Town(B)
    a.does(Reason.BORN, "2020-01-01")
    if recoded:
        a.does(Reason.CODE_CHANGED_ON_REQUEST, "2026-04-01", resident_code=OTHER_CODE)
    if renumbered:
        a.does(Reason.NUMBER_CHANGED_ON_REQUEST, "2026-04-02", individual_number=OTHER_NUMBER)
    things = {
        "deletion": lambda: (
            None
            if a.history.state is State.MOVED_OUT
            else a.does(Reason.MOVED_OUT, PLANNED, destination=going_to(B))
        ),
        "entry": lambda: b.does(
            Reason.MOVED_IN,
            MOVED_IN,
            predecessor=coming_from(A, 1),
            resident_code=OTHER_CODE if recoded else CODE,
            individual_number=OTHER_NUMBER if renumbered else NUMBER,
        ),
        "notice": lambda: a.hears(B, MOVED_IN),
        "correction": lambda: a.does(MunicipalReason.CLERICAL_CORRECTION, TODAY, name=CORRECTED),
    }
    for thing in order:
        things[thing]()
    return notices(a.history), notices(b.history)


ORDERS = [
    order
    for order in permutations(("deletion", "entry", "notice", "correction"))
    if order.index("entry") < order.index("notice")
]


def interleavings(one, other):
    """Every way in which the notices of two towns can reach the centre."""
    count = len(one) + len(other)
    for places in combinations(range(count), len(one)):
        first, second = iter(one), iter(other)
        yield [next(first if place in places else second) for place in range(count)]


@pytest.mark.parametrize("renumbered", [False, True])
@pytest.mark.parametrize("recoded", [False, True])
def test_a_move_in_every_order_and_with_every_delay_is_one_state(recoded, renumbered):
    """Whatever happens first in the world and arrives first at the centre, the person ends as one.

    With another code, or another code and number, before the move, B's entry may come under numbers that the
    centre has never heard of.
    """
    expected = None
    for order in ORDERS:
        from_a, from_b = move(order, recoded=recoded, renumbered=renumbered)
        for told in interleavings(from_a, from_b):
            centre = received(told)
            expected = expected or centre.state

            assert centre.state == expected
            assert [summary.version for summary in centre.person.stays] == [len(from_a), len(from_b)]


def test_the_move_ends_where_it_should():
    """At B, without an alarm, A's record deleted on the day of moving in, both codes one person's."""
    state, (at_a, at_b), alarms, codes, _ = received(
        functools.reduce(operator.iadd, move(ORDERS[0], recoded=True), [])
    ).state

    assert state is PersonState.RESIDENT
    assert (at_a.municipality, at_a.closing, at_a.closed_on.isoformat()) == (A, Reason.MOVED_OUT, MOVED_IN)
    assert (at_b.municipality, at_b.closing) == (B, None)
    assert (alarms, codes) == ((), {CODE, OTHER_CODE})


# Three stays, duplicates, a notice that was wrong at first


def there_and_back():
    """A to B and back to A, another code at B, a correction at each town after the person left it."""
    a, b = Town(A), Town(B)
    a.does(Reason.BORN, "2020-01-01")
    a.does(Reason.MOVED_OUT, "2024-05-01", destination=going_to(B))
    b.does(Reason.MOVED_IN, "2024-05-03", predecessor=coming_from(A, 1))
    a.hears(B, "2024-05-03")
    b.does(Reason.CODE_CHANGED_ON_REQUEST, "2025-01-01", resident_code=OTHER_CODE)
    b.does(Reason.MOVED_OUT, "2026-04-01", destination=going_to(A))
    a.does(Reason.MOVED_IN, "2026-03-30", predecessor=coming_from(B, 2), resident_code=OTHER_CODE)
    b.hears(A, "2026-03-30")
    b.does(MunicipalReason.CLERICAL_CORRECTION, TODAY, name=CORRECTED)
    a.does(
        Reason.MOVED_WITHIN, "2026-05-01", address=replace(a.history.rows[-1].record.address, town="二番町")
    )
    return notices(a.history), notices(b.history)


FROM_A, FROM_B = there_and_back()
CONVERGED = received([*FROM_A, *FROM_B]).state


@st.composite
def arrivals(draw, *towns):
    """The notices of some towns in any interleaving, each town's in order, some of them once more."""
    waiting = [list(town) for town in towns]
    told = []
    while any(waiting):
        town = draw(st.sampled_from([index for index, rest in enumerate(waiting) if rest]))
        told.append(waiting[town].pop(0))
        if draw(st.booleans()):
            told.append(draw(st.sampled_from(told)))
    return told


@given(arrivals(FROM_A, FROM_B))
def test_there_and_back_again_converges(told):
    """Three stays in two towns, and any notice told again at any time: one state."""
    assert received(told).state == CONVERGED


def test_there_and_back_again_ends_where_it_should():
    """A again, in the third stay, under the code given at B; nothing alarming."""
    state, stays, alarms, codes, numbers = CONVERGED

    assert state is PersonState.RESIDENT
    assert [(summary.stay, summary.municipality) for summary in stays] == [(1, A), (2, B), (3, A)]
    assert (alarms, codes, numbers) == ((), {CODE, OTHER_CODE}, {NUMBER})


@given(arrivals(FROM_A, FROM_B), st.integers(0, len(FROM_A) - 1))
def test_a_notice_that_was_wrong_at_first_waits_on_the_shelf_until_it_is_corrected(told, position):
    """A's notice came with another's code: it is held, what needs it waits, B's flow; the right one frees all."""
    right = FROM_A[position]
    wrong = replace(
        right,
        previous_resident_code=None,
        reason=Reason.CODE_CHANGED_ON_REQUEST,
        recorded_at=at("2030-01-01"),
    )
    centre = received(wrong if notice is right else notice for notice in told)

    assert (A, right.stay, right.version) in centre.held
    assert not any(origin == B for origin, _, _ in centre.held)

    centre.receives(right)

    assert centre.state == CONVERGED


@given(st.permutations([*FROM_A, *FROM_B]))
def test_even_without_dense_links_the_shelf_puts_all_in_order(told):
    """Should a link ever be read out of order, gaps are held and filled: still one state."""
    assert received(told).state == CONVERGED
