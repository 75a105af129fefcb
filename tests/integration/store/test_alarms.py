# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from openjuki.config import JST
from openjuki.store import alarms

pytestmark = pytest.mark.postgres

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=JST)
LATER = NOON + timedelta(hours=1)


async def test_an_open_alarm_is_not_raised_again(centre):
    """The same kind and detail stand once while open; another detail is another alarm."""
    await alarms.raise_once(centre, "link-stopped", {"source": "130001", "code": "JK"}, NOON)
    await alarms.raise_once(centre, "link-stopped", {"code": "JK", "source": "130001"}, LATER)
    await alarms.raise_once(centre, "link-stopped", {"source": "230006", "code": "JK"}, LATER)

    opened = await alarms.open_alarms(centre)
    assert [(alarm.detail["source"], alarm.raised_at) for alarm in opened] == [
        ("130001", NOON),
        ("230006", LATER),
    ]


async def test_a_settled_alarm_may_be_raised_again(centre):
    """Once somebody has looked, the same trouble is news again."""
    await alarms.raise_all(centre, [("held", {"n": 1}), ("held", {"n": 2})], NOON)
    first, second = await alarms.open_alarms(centre)

    assert await alarms.settle(centre, [first.id], LATER) == 1
    assert await alarms.settle(centre, [first.id], LATER) == 0
    assert await alarms.open_alarms(centre) == [second]
    await alarms.raise_once(centre, "held", {"n": 1}, LATER)
    assert [alarm.detail for alarm in await alarms.open_alarms(centre)] == [{"n": 2}, {"n": 1}]


async def test_what_is_over_is_settled_by_kind_and_detail(centre):
    """Another kind or another detail stays open, and what is settled already stays as it was."""
    await alarms.raise_all(centre, [("held", {"n": 1}), ("held", {"n": 2}), ("lost", {"n": 1})], NOON)

    await alarms.settle_all(centre, [("held", {"n": 1}), ("gone", {"n": 1})], LATER)
    await alarms.settle_all(centre, [("held", {"n": 1})], LATER + timedelta(hours=1))

    opened = await alarms.open_alarms(centre)
    assert [(alarm.kind, alarm.detail["n"]) for alarm in opened] == [("held", 2), ("lost", 1)]
    cursor = await centre.execute("SELECT settled_at FROM alarm WHERE settled_at IS NOT NULL")
    assert await cursor.fetchall() == [(LATER,)]


async def test_raising_or_settling_none_is_nothing(centre):
    """A batch without alarms raises none and settles none."""
    await alarms.raise_all(centre, [], NOON)
    await alarms.settle_all(centre, [], NOON)

    assert await alarms.open_alarms(centre) == []
