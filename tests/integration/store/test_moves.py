# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import timedelta

import pytest

from fixtures.notices import NOON, code_of, moved_in, notice, take_in
from openjuki.residents.persons import AlarmKind, open_predecessors
from openjuki.store import moves

pytestmark = pytest.mark.postgres

DAY = timedelta(days=1)


async def entered(centre, since, until):
    return [found async for found in moves.entered(centre, since, until)]


def codes(persons):
    return [person.current.latest.resident_code for person in persons]


async def test_who_entered_a_further_stay_is_found_by_the_day(centre):
    """Those who moved in then, and nobody else: not at birth, not by a later version, not on another day."""
    await take_in(centre, notice(1), notice(2), moved_in(2), moved_in(3, recorded_at=NOON + DAY), notice(4))

    found = await entered(centre, NOON, NOON + DAY)
    assert codes(found) == [code_of(2)]
    assert codes(await entered(centre, NOON, NOON + 2 * DAY)) == [code_of(2), code_of(3)]
    assert await entered(centre, NOON - DAY, NOON) == []


async def test_a_predecessor_left_open_is_seen(centre):
    """Fifteen days after the entry, a stay before that nobody closed is an alarm."""
    await take_in(centre, notice(2), moved_in(2))

    (person,) = await entered(centre, NOON, NOON + DAY)
    (alarm,) = open_predecessors(person, (NOON + 15 * DAY).date())
    assert alarm.kind is AlarmKind.PREDECESSOR_OPEN
