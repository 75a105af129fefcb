# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whom a provider has told about, one at a time and in bulk, as columns; and how often, in one count."""

from __future__ import annotations

from datetime import date, timedelta
from hashlib import sha256

import pytest

from fixtures.parts import NOON, written
from openjuki.store import parts, provisions, tellings
from openjuki.store.provisions import Envelope, PersonTold, Provision, Tally
from openjuki.store.tellings import Kind, Span

pytestmark = pytest.mark.postgres

HANAKO, TARO = 10_000_000_001, 20_000_000_004
ONLINE = Provision(
    0,
    sha256(b"1").digest(),
    "state-118",
    "counter",
    "clerk",
    "online",
    "ask",
    ("resident_code",),
    "matched",
    ("法30条の9・別表第1の77の4の項",),
    ("name", "address"),
    "provision",
    bytes(32),
    b"{}",
)
YEAR = Span(NOON - timedelta(days=200), NOON + timedelta(days=165))


async def told_online(book, *, code=HANAKO, person=7, at=NOON, **other):
    """Somebody was told about in answer to a question."""
    commitment = sha256(f"{other}{code}".encode()).digest()
    envelope = Envelope("agency-nenkin", commitment.hex()[:32], None, at, 1, commitment)
    one = ONLINE._replace(commitment=commitment, **other)
    await book.execute(
        "INSERT INTO code_succession (resident_code, person_id, since) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
        [f"{code}", person, NOON],
    )
    await provisions.keep(book, [(envelope, [one], [PersonTold(0, 1, person, bytes(32))])])


async def test_one_at_a_time_and_in_bulk_are_read_alike(centre):
    """A question about Hanako, a part about Hanako and Taro: three rows of two kinds."""
    await told_online(centre)
    await parts.keep(centre, written([HANAKO, TARO], none=3))

    told, kinds = await tellings.read(centre, YEAR)

    rows = {(code, at, kinds[kind].affair) for code, at, kind in zip(*map(list, told), strict=True)}
    noon = int(NOON.timestamp())
    assert rows == {(HANAKO, noon, "state-118"), (HANAKO, noon, "state-115"), (TARO, noon, "state-115")}
    assert (
        Kind("agency-nenkin", "state-118", ONLINE.articles[0], "online", frozenset({"name", "address"}))
        in kinds
    )


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"what": "verify"}, id="an applicant's writing was verified"),
        pytest.param({"result": "several"}, id="candidates were shown"),
        pytest.param({"at": NOON + timedelta(days=165)}, id="after the time"),
        pytest.param({"at": NOON - timedelta(days=201)}, id="before the time"),
    ],
)
async def test_what_is_no_news_about_a_person_is_not_read(centre, other):
    """Only what was told of somebody, in the time."""
    await told_online(centre, **other)

    told, kinds = await tellings.read(centre, YEAR)

    assert (len(told.codes), kinds) == (0, [])


async def test_everybody_is_in_one_band(centre):
    """Bands divide persons, online and in bulk, so that a nation's year is read a share at a time."""
    await told_online(centre)
    await parts.keep(centre, written(range(1, 21)))
    assert await tellings.bands(centre, YEAR.since, YEAR.until, at_once=8) == 3

    shares = [(await tellings.read(centre, YEAR._replace(band=band, bands=3)))[0] for band in range(3)]

    assert all(set(share.codes % 3) == {band} for band, share in enumerate(shares))
    assert sorted(code for share in shares for code in share.codes) == [*range(1, 21), HANAKO]


async def test_parts_and_questions_are_counted_together(centre):
    """Five keys in bulk, three of which led to nobody, and a question: six provisions of the day."""
    await told_online(centre)
    await parts.keep(centre, written([HANAKO, TARO], none=3))

    found = await provisions.usage(centre, since=NOON.date(), until=date(2026, 11, 23))

    assert found == [
        Tally(NOON.date(), "state-115", "agency-nenkin", ("法30条の10",), "bulk", 1),
        Tally(NOON.date(), "state-115", "agency-nenkin", ("法30条の9",), "bulk", 4),
        Tally(NOON.date(), "state-118", "agency-nenkin", ONLINE.articles, "online", 1),
    ]


async def test_a_part_of_another_day_is_not_counted(centre):
    """Days end at midnight in Japan for parts, too."""
    await parts.keep(centre, written([HANAKO]))

    assert await provisions.usage(centre, since=date(2026, 11, 23)) == []
    assert await provisions.usage(centre, until=NOON.date()) == []


async def test_a_time_without_changes_has_none(centre):
    """Nothing was ever recorded."""
    changed = await tellings.changes(centre, YEAR)

    assert (len(changed.codes), len(changed.at)) == (0, 0)
