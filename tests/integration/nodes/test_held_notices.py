# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The shelf of an upper tier: what waits for a person's missing or corrected notice is let go when it comes, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.desk import said, version
from fixtures.network import CHIYODA, NOON, TOKYO
from fixtures.notices import code_changed, moved_in, notice, number_of
from openjuki.errors import BadNotice
from openjuki.residents import stays
from openjuki.store.shelf import BEHIND

if TYPE_CHECKING:
    from fixtures.desk import Desk

pytestmark = pytest.mark.postgres


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


async def test_a_duplicate_on_the_shelf_is_released_without_effect(desk: Desk):
    """A held notice whose like was admitted meanwhile leaves the shelf, and nothing is recorded twice."""
    await desk.take(notice(), version(3))
    await desk.take(version(2), version(3))

    assert desk.shelf() == []
    assert desk.versions(1) == [(1, 1), (1, 2), (1, 3)]
    assert len(desk.journal("notice.applied")) == 3
