# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How often was provided, as the provider's own tables say it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import count

import psycopg
import pytest

from openjuki.config import JST
from openjuki.law.book import Book
from openjuki.oversight import layouts, published
from openjuki.oversight.playback import Playback
from openjuki.oversight.usage import aggregate
from openjuki.store import provisions
from openjuki.store.provisions import Envelope, PersonTold, Provision, Tally

pytestmark = pytest.mark.postgres

NEW_YEAR = datetime(2026, 1, 1, 0, 0, tzinfo=JST)
PASSPORT = "法30条の15第1項第1号・別表第5の6の項"
_numbers = count()


def envelope(at: datetime, *rows: Provision, asker: str = "130001") -> tuple[Envelope, list[Provision], list]:
    """An envelope of questions that were answered."""
    number = next(_numbers)
    row = Envelope(asker, f"{number:032x}", None, at, len(rows), sha256(b"%d" % number).digest())
    return row, [one._replace(place=place) for place, one in enumerate(rows)], []


def provision(**other) -> Provision:
    """A question that was answered; any part of it may be another."""
    usual = Provision(
        0,
        sha256(b"%d" % next(_numbers)).digest(),
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
        bytes(32),
        b"{}",
    )
    return usual._replace(**other)


def told_at(*times: datetime) -> list[tuple[Envelope, list[Provision], list]]:
    """An envelope of one question for each time."""
    return [envelope(at, provision()) for at in times]


async def test_days_are_days_in_japan(prefecture):
    """A second before midnight is of the old year; what is alike on a day is one row."""
    times = [NEW_YEAR - timedelta(seconds=1), NEW_YEAR, NEW_YEAR + timedelta(hours=23)]
    await provisions.keep(prefecture, told_at(*times))

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
    await provisions.keep(prefecture, told_at(*times))

    found = await provisions.usage(prefecture, since=since, until=until)

    assert [one.provisions for one in found] == counts


async def test_what_was_refused_is_no_provision(prefecture):
    """Whoever was found or not, an answer counts; a refusal and what could not be read do not."""
    results = ("matched", "none", "several", "died", "not_permitted", "malformed")
    await provisions.keep(prefecture, [envelope(NEW_YEAR, *(provision(result=one) for one in results))])

    assert [one.provisions for one in await provisions.usage(prefecture)] == [4]


async def test_published_counts_come_back_through_the_tables(prefecture):
    """Every provision to Hokkaido's towns, each a row of its own: the query and the layout give what was published."""
    table = published.hokkaido()[1]
    affairs = {line.affair for line in table.plan.lines}
    played = [one for one in Playback(Book.load()).hokkaido() if one.affair in affairs]
    told = [
        envelope(
            datetime(one.day.year, one.day.month, one.day.day, hour, tzinfo=JST),
            *[provision(affair=one.affair, articles=one.articles) for _ in range(hour, one.provisions, 24)],
            asker=one.recipient,
        )
        for one in played
        for hour in range(min(24, one.provisions))
    ]
    await provisions.keep(prefecture, told)

    counts = aggregate(await provisions.usage(prefecture))

    sheet = layouts.hokkaido(table.plan, counts)
    assert counts == aggregate(played)
    assert sum(counts.values()) == sum(table.counts.values()) == 23_181
    assert [row[3:] for row in sheet.rows] == [
        *(tuple(table.counts.get((line, year)) for year in table.plan.years) for line in table.plan.lines),
        tuple(table.plan.printed.values()),
    ]


async def test_envelopes_that_are_kept_together_stay_apart(prefecture):
    """Each question and each person told about goes by the number of its own envelope, and by its place there."""
    one, other = [envelope(NEW_YEAR, *(provision() for _ in range(count))) for count in (2, 1)]
    one[2].append(PersonTold(1, 1, 7, bytes(32)))
    other[2].append(PersonTold(0, 1, 8, bytes(32)))

    await provisions.keep(prefecture, [one, other])

    found = await prefecture.execute(
        "SELECT envelope.envelope, place, provision.commitment, person_id FROM provision"
        " JOIN provision_envelope AS envelope ON envelope_id = envelope.id"
        " LEFT JOIN provision_person USING (envelope_id, place) ORDER BY envelope_id, place"
    )
    (first, (a, b), _), (second, (c,), _) = one, other
    assert await found.fetchall() == [
        (first.id, 0, a.commitment, None),
        (first.id, 1, b.commitment, 7),
        (second.id, 0, c.commitment, 8),
    ]


async def test_an_asker_names_an_envelope_once(prefecture):
    """The same id is another envelope where somebody else drew it, and of one asker it is refused."""
    (row, rows, _), (other, others, _) = told_at(NEW_YEAR, NEW_YEAR)
    same = other._replace(id=row.id)
    await provisions.keep(prefecture, [(row, rows, []), (same._replace(asker="131016"), others, [])])

    with pytest.raises(psycopg.errors.UniqueViolation):
        await provisions.keep(prefecture, [(same, others, [])])


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM provision",
        "DELETE FROM provision_envelope",
        "UPDATE provision SET result = 'none'",
        "UPDATE provision SET commitment = sha256(commitment)",
        "UPDATE provision_envelope SET commitment = sha256(commitment)",
        "UPDATE provision_envelope SET questions = 2",
        "UPDATE provision_person SET salt = sha256(salt)",
    ],
)
async def test_nobody_changes_what_was_provided(prefecture, statement):
    """The worker's login adds; of what stands it may say that it arrived, and take away what the law lets it erase."""
    await provisions.keep(prefecture, told_at(NEW_YEAR))

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await prefecture.execute(statement)


async def test_what_is_written_goes_with_its_salt(prefecture):
    """A salt without its payload could be guessed against, a payload without its salt proves nothing."""
    await provisions.keep(prefecture, told_at(NEW_YEAR))

    with pytest.raises(psycopg.errors.CheckViolation):
        await prefecture.execute("UPDATE provision SET payload = NULL")
