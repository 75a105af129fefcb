# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Notices arrive at an upper tier: what a rule refuses lies on the shelf, and never stops its town."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING

import orjson
import pytest

from fixtures.desk import said, version
from fixtures.network import CHIYODA, CHUO, NOON, TOKYO
from fixtures.notices import code_changed, code_of, moved_in, notice, number_of
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.errors import BadNotice, LinkGap
from openjuki.residents import stays, transitions
from openjuki.residents.changes import Predecessor, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.record import Sex
from openjuki.wire.batch import NoticeBatch

if TYPE_CHECKING:
    from fixtures.desk import Desk

pytestmark = pytest.mark.postgres

DIED = version(2, Reason.DIED)
WRONG_DIGIT = str(code_of(1))[:-1] + str((int(code_of(1)[-1]) + 1) % 10)
#: Characters that do not repeat, and so do not pack.
TOO_LONG = "".join(chr(ord("一") + one * 7919 % 20_000) for one in range(3_000))

#: Where to look for an alarm between a person's first two stays: under which code the second was entered.
BETWEEN = {"resident_code": code_of(1), "stay": 2, "earlier": 1}

REFUSED = [
    pytest.param((), b"{", BadNotice, id="bytes that are no notice"),
    pytest.param(
        (),
        notice().to_bytes()[:-1] + b',"z":%b%b}' % (b"[" * 1_023, b"]" * 1_023),
        BadNotice,
        id="a notice that no row of a journal can be read with",
    ),
    pytest.param((), said(notice(), z="?" * 16_384), BadNotice, id="a notice longer than any"),
    pytest.param(
        (),
        said(notice(), resident_code="-".join(str(code_of(1)))),
        BadNotice,
        id="a code that nobody who follows the journal reads",
    ),
    pytest.param((), said(notice(), stay=0), BadNotice, id="a stay before the first"),
    pytest.param(
        (), said(notice(), resident_code=WRONG_DIGIT), BadNotice, id="a code with a wrong check digit"
    ),
    pytest.param(
        (),
        said(notice(), individual_number="123456789012"),
        BadNotice,
        id="a number with a wrong check digit",
    ),
    pytest.param(
        (), said(notice(), municipality="131017"), BadNotice, id="a municipality with a wrong check digit"
    ),
    pytest.param((), said(notice(), reason="D07"), BadNotice, id="a reason that the law does not know"),
    pytest.param((), said(notice(), name=""), BadNotice, id="a person without a name"),
    pytest.param((), said(notice(), date_of_change="2026-02-30"), BadNotice, id="a day that never was"),
    pytest.param((), said(notice(), stay=2**31), BadNotice, id="a stay that no column holds"),
    pytest.param((), said(notice(), name=TOO_LONG), BadNotice, id="a name that no index holds"),
    pytest.param((), said(notice(), furigana=TOO_LONG), BadNotice, id="a reading that no index holds"),
    pytest.param((), said(notice(), alias=TOO_LONG), BadNotice, id="an alias that no index holds"),
    pytest.param(
        (),
        notice(municipality=LocalGovernmentCode("132012")),
        stays.FOREIGN_ORIGIN,
        id="another town's resident",
    ),
    pytest.param((), version(2), stays.VERSION_GAP, id="a correction of somebody nobody knows"),
    pytest.param((notice(),), version(3), stays.VERSION_GAP, id="a version after a missing one"),
    pytest.param((notice(),), notice(name="渡邊　葵"), stays.STALE_VERSION, id="a version told differently"),
    pytest.param((notice(), DIED), version(2), stays.STALE_VERSION, id="a version that is not the latest"),
    pytest.param(
        (), notice(reason=Reason.DIED), stays.STAY_WITHOUT_ENTRY, id="a stay that begins with its end"
    ),
    pytest.param(
        (),
        notice(
            reason=Reason.MOVED_IN, predecessor=Predecessor(municipality=LocalGovernmentCode(CHUO), stay=1)
        ),
        stays.STAY_NOT_AFTER_PREDECESSOR,
        id="overlapping stays: one not after its predecessor",
    ),
    pytest.param((notice(), DIED), version(3, Reason.DIED), transitions.SECOND_DEATH, id="a second death"),
    pytest.param(
        (notice(), DIED), version(3, Reason.MOVED_WITHIN), transitions.DEAD, id="a move of the dead"
    ),
    pytest.param(
        (notice(), version(2, Reason.MOVED_ABROAD)),
        version(3, Reason.MOVED_ABROAD),
        transitions.MOVED_OUT_TWICE,
        id="moving out twice",
    ),
    pytest.param(
        (notice(),),
        version(2, Reason.BORN),
        transitions.ALREADY_RECORDED,
        id="overlapping stays: a second birth",
    ),
    pytest.param(
        (notice(),),
        code_changed(9, 1),
        stays.CODE_NOT_ANNOUNCED,
        id="a change of code from a code that was not the person's",
    ),
    pytest.param(
        (notice(),),
        version(2, individual_number=number_of(9)),
        stays.NUMBER_NOT_ANNOUNCED,
        id="another number without a reason for it",
    ),
    pytest.param(
        (notice(9),),
        notice(stay=2, previous_resident_code=code_of(9)),
        stays.CODE_NOT_ANNOUNCED,
        id="an entry that names somebody else's code as the old one",
    ),
    pytest.param(
        (notice(9),),
        notice(stay=2, individual_number=None, previous_individual_number=number_of(9)),
        stays.NUMBER_NOT_ANNOUNCED,
        id="an entry that names somebody else's number as the old one",
    ),
    pytest.param(
        (notice(),),
        version(2, previous_resident_code=code_of(9)),
        stays.CODE_NOT_ANNOUNCED,
        id="an old code without a change of code",
    ),
    pytest.param(
        (notice(),),
        version(2, previous_individual_number=number_of(9)),
        stays.NUMBER_NOT_ANNOUNCED,
        id="an old number without a change of number",
    ),
]


@pytest.mark.parametrize(("before", "wrong", "refusal"), REFUSED)
async def test_a_refused_notice_lies_on_the_shelf_and_the_town_goes_on(desk: Desk, before, wrong, refusal):
    """It is held under its code as it came; nothing else of the person changes, and everybody else's flows."""
    if before:
        await desk.take(*before)
    known = desk.versions(1, 9)

    await desk.take(notice(7), wrong, notice(8), origin=CHIYODA)

    raw = wrong if isinstance(wrong, bytes) else wrong.to_bytes()
    assert desk.shelf() == [(CHIYODA, len(before) + 2, refusal.code)]
    assert desk.country.rows(TOKYO, "SELECT notice FROM held") == [(raw,)]
    assert desk.versions(1, 9) == known
    assert desk.versions(7, 8) == [(1, 1), (1, 1)]
    assert desk.journal("notice.held") == [len(before) + 2]
    assert len(desk.journal("notice.applied")) == len(before) + 2
    assert await desk.alarms() == []


async def test_two_claims_to_one_stay_are_held_with_an_alarm(desk: Desk):
    """The second town that claims a person's first stay is refused, and somebody must look."""
    await desk.take(notice())
    await desk.take(notice(municipality=LocalGovernmentCode(CHUO)))

    assert desk.shelf() == [(CHUO, 1, stays.TWO_CLAIMS.code)]
    assert desk.versions(1) == [(1, 1)]
    assert await desk.alarms() == [("two_claims", {"origin": CHUO, "seq": 1})]


async def test_somebody_elses_number_is_held_with_an_alarm(desk: Desk):
    """A new person under the number of somebody of another birth date is refused, and somebody must look."""
    await desk.take(notice())
    born = RecordedDate.of(date(1950, 5, 5))
    other = notice(2, stay=2, birth_date=born, individual_number=number_of(1))
    await desk.take(other)

    assert desk.shelf() == [(CHIYODA, 2, stays.ANOTHERS_NUMBER.code)]
    assert await desk.alarms() == [("anothers_number", {"origin": CHIYODA, "seq": 2})]


ALARMING = [
    pytest.param(
        {"birth_date": RecordedDate.of(date(1990, 1, 2))}, "birth_date_differs", id="another birth date"
    ),
    pytest.param({"sex": Sex.MALE}, "sex_differs", id="another sex"),
    pytest.param({"individual_number": number_of(2)}, "number_differs", id="another number"),
    pytest.param(
        {"predecessor": Predecessor(municipality=LocalGovernmentCode("132012"), stay=1)},
        "predecessor_differs",
        id="another town named as the one before",
    ),
]


@pytest.mark.parametrize(("items", "kind"), ALARMING)
async def test_what_two_stays_say_of_one_another_is_an_alarm_and_no_refusal(desk: Desk, items, kind):
    """Two towns cannot both be right: the notice is recorded, and somebody must look."""
    await desk.take(notice(), version(2, Reason.MOVED_OUT))

    await desk.take(moved_in(**items))

    assert desk.shelf() == []
    assert desk.versions(1) == [(1, 1), (1, 2), (2, 1)]
    assert await desk.alarms() == [(kind, BETWEEN)]


async def test_an_entry_after_death_is_an_alarm(desk: Desk):
    """Somebody dead is entered elsewhere: recorded, and somebody must look."""
    await desk.take(notice(), DIED)
    await desk.take(moved_in())

    assert await desk.alarms() == [("entered_after_death", BETWEEN)]


async def test_an_alarm_between_two_stays_is_cleared_by_the_notice_that_mends_it(desk: Desk):
    """The town corrects the birth date: what the alarm said is over, and nobody need look."""
    await desk.take(notice(), version(2, Reason.MOVED_OUT))
    await desk.take(moved_in(birth_date=RecordedDate.of(date(1990, 1, 2))))
    assert await desk.alarms() == [("birth_date_differs", BETWEEN)]

    await desk.take(moved_in(version=2, reason=Reason.CORRECTED_EX_OFFICIO, predecessor=None))

    assert await desk.alarms() == []
    assert desk.country.rows(TOKYO, "SELECT count(*) FROM alarm WHERE settled_at IS NOT NULL") == [(1,)]


async def test_an_alarm_is_cleared_whatever_code_the_person_bears_by_then(desk: Desk):
    """The code was changed between the wrong entry and its correction, twice."""
    wrong = {"birth_date": RecordedDate.of(date(1990, 1, 2)), "individual_number": number_of(1)}
    there = {**wrong, "stay": 2, "municipality": LocalGovernmentCode(CHUO), "address": "築地一丁目1番1号"}
    await desk.take(notice(), version(2, Reason.MOVED_OUT))
    await desk.take(
        moved_in(**wrong),
        code_changed(1, 8, **there),
        code_changed(8, 9, version=3, **there),
    )
    assert await desk.alarms() == [("birth_date_differs", BETWEEN)]

    there["birth_date"] = RecordedDate.of(date(1990, 1, 1))
    await desk.take(notice(9, version=4, reason=Reason.CORRECTED_EX_OFFICIO, **there))

    assert await desk.alarms() == []


async def test_what_one_batch_tells_and_mends_is_no_alarm(desk: Desk):
    """An entry after death, and the cancellation of the death: what stands after the batch counts."""
    await desk.take(notice(), DIED)
    await desk.take(moved_in())
    await desk.take(
        version(3, Reason.ENTERED_EX_OFFICIO), version(4, Reason.DIED), version(5, Reason.ENTERED_EX_OFFICIO)
    )

    assert await desk.alarms() == []
    assert len(desk.country.rows(TOKYO, "SELECT 1 FROM alarm")) == 1


async def test_two_that_turn_out_to_be_one_raise_what_they_say_of_one_another(desk: Desk):
    """Under two codes nobody compared the stays; the change of code that unites them does."""
    await desk.take(notice(), version(2, Reason.DIED))
    entered = moved_in(2, individual_number=None)
    await desk.take(entered)
    assert await desk.alarms() == []

    change = replace(code_changed(1, 2, version=3), reason=Reason.CODE_ENTERED_EX_OFFICIO)
    await desk.take(change)

    assert await desk.alarms() == [("entered_after_death", BETWEEN | {"resident_code": code_of(2)})]


async def test_a_notice_told_twice_has_one_effect(desk: Desk):
    """The same bytes under another number are neither recorded nor refused again."""
    await desk.take(notice(), notice())

    assert desk.versions(1) == [(1, 1)]
    assert desk.shelf() == []
    assert desk.journal("notice.applied") == [1]


async def test_a_batch_taken_in_again_changes_nothing(desk: Desk):
    """A batch that comes a second time, by whatever way, lies behind the town's mark."""
    await desk.take(notice(), version(3))
    told = (notice().to_bytes(), version(3).to_bytes())
    batch = NoticeBatch(origin=CHIYODA, first=1, last=2, issued=NOON, notices=told)
    before = desk.country.books()

    await desk.take_batch(batch)

    assert desk.country.books() == before


async def test_of_an_overlapping_batch_only_what_is_new_is_taken_in(desk: Desk):
    """A batch that begins before the town's mark is read from behind it."""
    await desk.take(notice())
    told = (notice().to_bytes(), version(2).to_bytes())
    await desk.take_batch(NoticeBatch(origin=CHIYODA, first=1, last=2, issued=NOON, notices=told))

    assert desk.journal("notice.applied") == [1, 2]
    assert desk.country.rows(TOKYO, "SELECT origin, seq FROM origin_mark") == [(CHIYODA, 2)]


async def test_a_gap_between_batches_is_refused(desk: Desk):
    """Where notices of a town are missing, its batch is not taken in at all."""
    await desk.take(notice())
    late = NoticeBatch(origin=CHIYODA, first=3, last=3, issued=NOON, notices=(version(2).to_bytes(),))

    with desk.country.refuses(LinkGap):
        await desk.take_batch(late)


async def test_an_entry_under_a_new_code_before_the_change_of_code_is_one_person_in_the_end(desk: Desk):
    """Two person ids become one when the change of code arrives; everything under both goes with them."""
    entered = moved_in(2, individual_number=None)
    await desk.take(notice(), version(2, Reason.MOVED_OUT, individual_number=number_of(1)))
    await desk.take(entered)
    assert len(desk.country.rows(TOKYO, "SELECT 1 FROM person")) == 2

    change = replace(code_changed(1, 2, version=3), reason=Reason.CODE_ENTERED_EX_OFFICIO)
    await desk.take(change)

    assert desk.shelf() == []
    ((person, *current),) = desk.country.rows(
        TOKYO, "SELECT person_id, stay, version, municipality FROM person"
    )
    assert current == [2, 1, CHUO]
    assert desk.country.rows(TOKYO, "SELECT person_id FROM record") == [(person,)] * 4
    succession = "SELECT resident_code, person_id, until IS NULL FROM code_succession ORDER BY resident_code"
    assert desk.country.rows(TOKYO, succession) == [
        (str(code_of(1)), person, False),
        (str(code_of(2)), person, True),
    ]


STANDS = (
    "SELECT stay, version, resident_code, individual_number, municipality, origin FROM record ORDER BY 1, 2",
    "SELECT stay, version, state, municipality, name_key, address_key FROM person",
    "SELECT resident_code, until IS NULL FROM code_succession ORDER BY 1",
    "SELECT individual_number, until IS NULL FROM number_succession ORDER BY 1",
)


async def test_a_move_stands_the_same_in_whatever_order_two_towns_tell_it(desk: Desk):
    """Departure, its correction and a change of code at one town, arrival and a move within at the other."""
    known = {"individual_number": number_of(1)}
    one = [
        notice(),
        version(2, Reason.MOVED_OUT),
        version(3),
        replace(code_changed(1, 2, version=4), reason=Reason.CODE_ENTERED_EX_OFFICIO),
    ]
    other = [
        moved_in(2, **known),
        moved_in(2, version=2, reason=Reason.MOVED_WITHIN, predecessor=None, **known),
    ]
    orders = [sorted(places) for places in combinations(range(6), 2)]
    stood = set()
    for places in orders:
        left, right = iter(one), iter(other)
        for place in range(6):
            await desk.take(next(right if place in places else left))
        stood.add(str([desk.country.rows(TOKYO, query) for query in STANDS]))
        assert desk.shelf() == []
        desk.country.clear()
        desk.seqs = dict.fromkeys(desk.seqs, 0)

    assert len(orders) == 15
    assert len(stood) == 1


async def test_a_change_of_code_to_somebody_elses_is_held_with_an_alarm(desk: Desk):
    """A change to the code of another person, of another birth date, unites nobody."""
    other = notice(2, birth_date=RecordedDate.of(date(1950, 5, 5)), stay=2)
    await desk.take(notice(), other)
    await desk.take(code_changed(1, 2))

    assert desk.shelf() == [(CHIYODA, 3, stays.ANOTHERS_NUMBER.code)]
    assert len(desk.country.rows(TOKYO, "SELECT 1 FROM person")) == 2
    assert await desk.alarms() == [("anothers_number", {"origin": CHIYODA, "seq": 3})]


async def test_the_journal_has_a_notice_as_it_was_received(desk: Desk):
    """What was applied is journalled byte for byte, with its town and number; what cannot be read, in base64."""
    one = notice().to_bytes()
    await desk.take(one, b"\xff\x00", origin=CHIYODA)

    (applied,) = desk.country.journal(TOKYO, "notice.applied")
    assert one in (applied or b"")
    assert orjson.loads(applied or b"") == {"origin": CHIYODA, "seq": 1, "notice": orjson.loads(one)}
    (held,) = desk.country.journal(TOKYO, "notice.held")
    assert orjson.loads(held or b"") == {"origin": CHIYODA, "seq": 2, "unreadable": "/wA="}
