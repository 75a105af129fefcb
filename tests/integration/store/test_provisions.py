# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How often was provided, as the provider's own tables say it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import count

import pytest

from openjuki.config import JST
from openjuki.law.book import Book
from openjuki.oversight import layouts, published
from openjuki.oversight.playback import Playback
from openjuki.oversight.usage import aggregate
from openjuki.store import provisions
from openjuki.store.provisions import Provision, Tally

pytestmark = pytest.mark.postgres

NEW_YEAR = datetime(2026, 1, 1, 0, 0, tzinfo=JST)
PASSPORT = "法30条の15第1項第1号・別表第5の6の項"
_numbers = count()


def provision(at: datetime, **other) -> Provision:
    """A question that was answered; any part of it may be another."""
    usual = Provision(
        sha256(b"%d" % next(_numbers)).digest(),
        "130001",
        "a" * 32,
        0,
        at,
        None,
        "prefecture-013",
        "counter",
        "clerk",
        "terminal",
        "ask",
        ("name", "birth_date"),
        "matched",
        (PASSPORT,),
        ("name",),
        "provision",
    )
    return usual._replace(**other)


async def test_days_are_days_in_japan(prefecture):
    """A second before midnight is of the old year; what is alike on a day is one row."""
    times = [NEW_YEAR - timedelta(seconds=1), NEW_YEAR, NEW_YEAR + timedelta(hours=23)]
    await provisions.keep(prefecture, [], map(provision, times), [])

    assert await provisions.usage(prefecture) == [
        Tally(date(2025, 12, 31), "prefecture-013", "130001", (PASSPORT,), "terminal", 1),
        Tally(date(2026, 1, 1), "prefecture-013", "130001", (PASSPORT,), "terminal", 2),
    ]


@pytest.mark.parametrize(
    ("since", "until", "counts"),
    [
        pytest.param(None, None, [1, 2], id="all days"),
        pytest.param(date(2026, 1, 1), None, [2], id="from a day on"),
        pytest.param(None, date(2026, 1, 1), [1], id="before a day"),
        pytest.param(date(2025, 12, 31), date(2026, 1, 1), [1], id="one day"),
        pytest.param(date(2026, 1, 2), date(2026, 2, 1), [], id="days without any"),
    ],
)
async def test_days_are_counted_from_the_one_to_before_the_other(prefecture, since, until, counts):
    """A second before midnight in Japan is of the day that ends."""
    times = [NEW_YEAR - timedelta(seconds=1), NEW_YEAR, NEW_YEAR + timedelta(hours=23)]
    await provisions.keep(prefecture, [], map(provision, times), [])

    found = await provisions.usage(prefecture, since=since, until=until)

    assert [one.provisions for one in found] == counts


async def test_what_was_refused_is_no_provision(prefecture):
    """Whoever was found or not, an answer counts; a refusal and what could not be read do not."""
    results = ("matched", "none", "several", "died", "not_permitted", "malformed")
    await provisions.keep(prefecture, [], [provision(NEW_YEAR, result=one) for one in results], [])

    assert [one.provisions for one in await provisions.usage(prefecture)] == [4]


async def test_published_counts_come_back_through_the_tables(prefecture):
    """Every provision to Hokkaido's towns, each a row of its own: the query and the layout give what was published."""
    table = published.hokkaido()[1]
    affairs = {line.affair for line in table.plan.lines}
    played = [one for one in Playback(Book.load()).hokkaido() if one.affair in affairs]
    rows = (
        provision(
            datetime(one.day.year, one.day.month, one.day.day, number % 24, tzinfo=JST),
            affair=one.affair,
            asker=one.recipient,
            articles=one.articles,
        )
        for one in played
        for number in range(one.provisions)
    )
    await provisions.keep(prefecture, [], rows, [])

    counts = aggregate(await provisions.usage(prefecture))

    sheet = layouts.hokkaido(table.plan, counts)
    assert counts == aggregate(played)
    assert sum(counts.values()) == sum(table.counts.values()) == 23_181
    assert [row[3:] for row in sheet.rows] == [
        *(tuple(table.counts.get((line, year)) for year in table.plan.years) for line in table.plan.lines),
        tuple(table.plan.printed.values()),
    ]
