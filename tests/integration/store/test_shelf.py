# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from openjuki.config import JST
from openjuki.store import shelf
from openjuki.store.shelf import BEHIND, Held

pytestmark = pytest.mark.postgres

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=JST)
ONE = Held(
    origin="131016", seq=4, resident_code="24727059608", code="JK-X", notice=b"\xff not JSON", held_at=NOON
)
BEHIND_IT = Held(origin="131016", seq=9, resident_code="24727059608", code=BEHIND, notice=b"{}", held_at=NOON)
UNREADABLE = Held(origin="131024", seq=1, resident_code=None, code="JK-Y", notice=b"{", held_at=NOON)


async def test_a_refused_notice_lies_alone_as_it_was_received(centre):
    """What is held is the notice byte for byte, with its code, in the order of its town."""
    await shelf.hold(centre, [BEHIND_IT, UNREADABLE, ONE])

    assert await shelf.shelf(centre) == [ONE, BEHIND_IT, UNREADABLE]


async def test_holding_nothing_is_nothing(centre):
    """A batch without a refusal puts nothing on the shelf."""
    await shelf.hold(centre, [])

    assert await shelf.shelf(centre) == []


async def test_whoever_has_a_held_notice_is_known(centre):
    """Later notices of a person with something on the shelf can be told to join it."""
    await shelf.hold(centre, [ONE, BEHIND_IT, UNREADABLE])

    assert await shelf.held_behind(centre, ["24727059608", "24846016224"]) == {"24727059608"}
    assert await shelf.shelf(centre, ["24727059608"]) == [ONE, BEHIND_IT]
    assert await shelf.shelf(centre, ["24846016224"]) == []


async def test_a_released_notice_is_off_the_shelf_once(centre):
    """A corrected notice releases what was held: once, with its time; the row stays as a record of it."""
    await shelf.hold(centre, [ONE, BEHIND_IT, UNREADABLE])

    assert await shelf.release(centre, [ONE, BEHIND_IT], NOON + timedelta(hours=1)) == 2
    assert await shelf.release(centre, [ONE], NOON + timedelta(hours=2)) == 0
    assert await shelf.shelf(centre) == [UNREADABLE]
    assert await shelf.held_behind(centre, ["24727059608"]) == set()
    kept = await centre.execute("SELECT released_at FROM held WHERE seq = 4")
    assert await kept.fetchone() == (NOON + timedelta(hours=1),)
