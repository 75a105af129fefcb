# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Notices arrive at an upper tier: what a rule refuses lies on the shelf, and never stops its town."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import pytest_asyncio

from fixtures.network import CHIYODA, CHUO, NOON, TOKYO
from fixtures.notices import code_changed, code_of, moved_in, notice, number_of
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.errors import BadNotice, LinkGap
from openjuki.nodes import admission
from openjuki.residents import stays, transitions
from openjuki.residents.changes import Predecessor, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.notice import Notice
from openjuki.residents.record import Sex
from openjuki.store.shelf import BEHIND
from openjuki.wire.batch import NoticeBatch

if TYPE_CHECKING:
    from fixtures.offices import Country
    from openjuki.nodes.node import Node

pytestmark = pytest.mark.postgres

SHELF = "SELECT origin, seq, code FROM held WHERE released_at IS NULL ORDER BY origin, seq"
VERSIONS = "SELECT resident_code, stay, version FROM record ORDER BY person_id, stay, version"


class Desk:
    """The desk of a prefecture at which notices arrive, numbered by their towns."""

    def __init__(self, country: Country, node: Node) -> None:
        self.country = country
        self.node = node
        self.seqs = dict.fromkeys((CHIYODA, CHUO), 0)

    async def take(self, *told: Notice | bytes, origin: str | None = None) -> None:
        """Take in one batch; it comes from the town that its first notice names."""
        raw = tuple(one if isinstance(one, bytes) else one.to_bytes() for one in told)
        origin = origin or next(
            str(one.identification.municipality) for one in told if isinstance(one, Notice)
        )
        first = self.seqs[origin] + 1
        self.seqs[origin] += len(raw)
        batch = NoticeBatch(origin=origin, first=first, last=self.seqs[origin], issued=NOON, notices=raw)
        await self.take_batch(batch)

    async def take_batch(self, batch: NoticeBatch) -> None:
        await self.node.transact(lambda connection: admission.admit(self.node, connection, batch))

    def shelf(self) -> list[tuple[Any, ...]]:
        """Town, number and code of everything held."""
        return self.country.rows(TOKYO, SHELF)

    def versions(self, *people: int) -> list[tuple[int, int]]:
        """Stays and versions recorded under the codes of these people."""
        codes = {str(code_of(person)) for person in people}
        return [
            (stay, version) for code, stay, version in self.country.rows(TOKYO, VERSIONS) if code in codes
        ]

    async def alarms(self) -> list[tuple[str, Any]]:
        return await self.country.alarms(TOKYO)

    def journal(self, kind: str) -> list[int]:
        """Numbers of the notices that the journal has under this kind."""
        payloads = self.country.journal(TOKYO, kind)
        return [orjson.loads(payload or b"{}")["seq"] for payload in payloads]


@pytest_asyncio.fixture
async def desk(country: Country) -> Desk:
    return Desk(country, await country.node(TOKYO))


def said(one: Notice, **items: Any) -> bytes:
    """A notice's bytes with items that no notice could have."""
    return orjson.dumps({**one.to_dict(), **items})


def version(
    number: int, reason: Reason = Reason.CORRECTED_EX_OFFICIO, *, person: int = 1, **items: Any
) -> Notice:
    """A later version of a person's first stay; what it says differs from version to version."""
    return notice(person, version=number, reason=reason, **{"alias": f"通称{number}", **items})


DIED = version(2, Reason.DIED)
WRONG_DIGIT = str(code_of(1))[:-1] + str((int(code_of(1)[-1]) + 1) % 10)

REFUSED = [
    pytest.param((), b"{", BadNotice, id="bytes that are no notice"),
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
    assert await desk.alarms() == [(kind, {"origin": CHUO, "seq": 1})]


async def test_an_entry_after_death_is_an_alarm(desk: Desk):
    """Somebody dead is entered elsewhere: recorded, and somebody must look."""
    await desk.take(notice(), DIED)
    await desk.take(moved_in())

    assert await desk.alarms() == [("entered_after_death", {"origin": CHUO, "seq": 1})]


async def test_later_notices_of_the_same_person_join_the_shelf(desk: Desk):
    """What follows a refused notice waits behind it, in that batch and in later ones; others flow."""
    await desk.take(notice(), version(3), version(4), notice(2))
    await desk.take(version(5), version(2, person=2))

    assert desk.shelf() == [
        (CHIYODA, 2, stays.VERSION_GAP.code),
        (CHIYODA, 3, BEHIND),
        (CHIYODA, 5, BEHIND),
    ]
    assert desk.versions(1) == [(1, 1)]
    assert desk.versions(2) == [(1, 1), (1, 2)]


async def test_a_missing_version_that_arrives_late_releases_what_waited(desk: Desk):
    """The versions that came too early are taken in after it, in their order, and each once."""
    await desk.take(notice(), version(4), version(3))
    await desk.take(version(2))

    assert desk.shelf() == []
    assert desk.versions(1) == [(1, 1), (1, 2), (1, 3), (1, 4)]
    assert desk.journal("notice.applied") == [1, 4, 3, 2]
    assert desk.country.rows(TOKYO, "SELECT stay, version FROM person") == [(1, 4)]
    assert desk.country.rows(TOKYO, "SELECT seq, released_at FROM held ORDER BY seq") == [
        (2, NOON),
        (3, NOON),
    ]


async def test_a_corrected_notice_releases_what_waited_behind_the_refused_one(desk: Desk):
    """A notice of the same stay and version takes the place of the one that was refused."""
    wrong = version(2, individual_number=number_of(9))
    await desk.take(notice(), wrong, version(3))
    await desk.take(version(2))

    assert desk.shelf() == []
    assert desk.versions(1) == [(1, 1), (1, 2), (1, 3)]
    assert desk.journal("notice.applied") == [1, 4, 3]
    names = desk.country.rows(TOKYO, "SELECT alias FROM record ORDER BY version")
    assert names == [(None,), ("通称2",), ("通称3",)]


async def test_a_correction_in_the_same_batch_releases_at_once(desk: Desk):
    """A refused notice and its correction in one batch leave nothing on the shelf."""
    await desk.take(notice(), version(2, individual_number=number_of(9)), version(3), version(2))

    assert desk.shelf() == []
    assert desk.versions(1) == [(1, 1), (1, 2), (1, 3)]


async def test_an_unreadable_notice_is_followed_by_its_correction(desk: Desk):
    """Nobody knows whom it is about, so it stays on the shelf; what waited for its version is released."""
    await desk.take(notice(), said(version(2), sex="?"), version(3))
    assert desk.shelf() == [(CHIYODA, 2, BadNotice.code), (CHIYODA, 3, stays.VERSION_GAP.code)]

    await desk.take(version(2))

    assert desk.shelf() == [(CHIYODA, 2, BadNotice.code)]
    assert desk.versions(1) == [(1, 1), (1, 2), (1, 3)]


async def test_a_second_refusal_behind_the_first_is_named_when_it_comes_to_the_front(desk: Desk):
    """Once the first refused notice is corrected, the shelf says why the second one lies there."""
    wrong = [version(number, individual_number=number_of(9)) for number in (2, 3)]
    await desk.take(notice(), *wrong, version(4))
    assert [code for *_, code in desk.shelf()] == [stays.NUMBER_NOT_ANNOUNCED.code, BEHIND, BEHIND]

    await desk.take(version(2))

    assert desk.shelf() == [(CHIYODA, 3, stays.NUMBER_NOT_ANNOUNCED.code), (CHIYODA, 4, BEHIND)]


async def test_what_waits_across_a_change_of_code_is_released(desk: Desk):
    """Notices under the old code and the new one wait for the same missing version, and follow it."""
    missing = version(2)
    changed = code_changed(1, 2, version=3)
    after = version(4, person=2, individual_number=number_of(1))
    await desk.take(notice(), changed, after)
    assert [code for *_, code in desk.shelf()] == [stays.VERSION_GAP.code] * 2

    await desk.take(missing)

    assert desk.shelf() == []
    assert desk.versions(1, 2) == [(1, 1), (1, 2), (1, 3), (1, 4)]


async def test_what_waits_under_the_new_code_in_reverse_is_released_in_order(desk: Desk):
    """Whatever the order in which notices came to lie on the shelf, they leave it in that of their versions."""
    number = {"person": 2, "individual_number": number_of(1)}
    await desk.take(notice(), code_changed(1, 2, version=3), version(5, **number))
    await desk.take(version(4, **number))
    await desk.take(version(2))

    assert desk.shelf() == []
    assert desk.versions(1, 2) == [(1, 1), (1, 2), (1, 3), (1, 4), (1, 5)]


async def test_a_change_of_code_that_arrives_late_releases_what_waits_under_the_new_code(desk: Desk):
    """What a town says under the new code waits until the change of code is known."""
    after = version(3, person=2, individual_number=number_of(1))
    await desk.take(notice(), after)
    await desk.take(code_changed(1, 2))

    assert desk.shelf() == []
    assert desk.versions(1, 2) == [(1, 1), (1, 2), (1, 3)]


async def test_one_persons_shelf_is_not_anothers(desk: Desk):
    """Two people are held apart: the correction of one releases nobody else."""
    await desk.take(notice(), notice(2), version(3), version(3, person=2))
    await desk.take(version(2))

    assert desk.shelf() == [(CHIYODA, 4, stays.VERSION_GAP.code)]


async def test_one_towns_shelf_does_not_hold_another_town(desk: Desk):
    """A person held for one town's notice is still taken in at the next town."""
    await desk.take(notice(), version(3))
    await desk.take(moved_in())

    assert desk.shelf() == [(CHIYODA, 2, stays.VERSION_GAP.code)]
    assert desk.versions(1) == [(1, 1), (2, 1)]


async def test_a_notice_told_twice_has_one_effect(desk: Desk):
    """The same bytes under another number are neither recorded nor refused again."""
    await desk.take(notice(), notice())

    assert desk.versions(1) == [(1, 1)]
    assert desk.shelf() == []
    assert desk.journal("notice.applied") == [1]


async def test_a_duplicate_on_the_shelf_is_released_without_effect(desk: Desk):
    """A held notice whose like was admitted meanwhile leaves the shelf, and nothing is recorded twice."""
    await desk.take(notice(), version(3))
    await desk.take(version(2), version(3))

    assert desk.shelf() == []
    assert desk.versions(1) == [(1, 1), (1, 2), (1, 3)]
    assert len(desk.journal("notice.applied")) == 3


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
