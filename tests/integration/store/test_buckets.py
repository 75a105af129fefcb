# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who received data about a person: found by code in parts, in the index, and while the one becomes the other."""

from __future__ import annotations

import os
from datetime import timedelta

import pytest

from fixtures.parts import NOON
from fixtures.provided_parts import provided
from openjuki.errors import IntegrityFailure
from openjuki.store import buckets, parts
from openjuki.store.buckets import compacting
from openjuki.store.buckets.looking import Line
from openjuki.store.buckets.manifest import Manifest
from openjuki.store.buckets.runs import runs

pytestmark = pytest.mark.postgres

SOON, LATER = NOON + timedelta(minutes=1), NOON + timedelta(minutes=11)


async def compact(centre, at=LATER) -> int:
    """Compact until nothing is left to do; how many steps that took."""
    steps = 0
    while await buckets.compact(centre, at, os.urandom):
        steps += 1
    return steps


async def scalar(centre, query: str, *values):
    return (await (await centre.execute(query, values)).fetchone())[0]


async def test_a_person_is_found_in_a_part_at_once(centre):
    """Nothing has been compacted: whoever asks is shown what was provided a moment ago, under every code."""
    one, other = await provided(centre, [30, 10, 20], [20, 40])

    assert await buckets.lines(centre, [20, 40]) == [Line(one, 1, 20), Line(other, 0, 20), Line(other, 1, 40)]
    assert await buckets.lines(centre, [99]) == []
    assert await buckets.lines(centre, []) == []


async def test_many_rows_are_sorted_range_by_range(centre, monkeypatch):
    """Whatever range of codes is sorted at once, the index says what the parts said."""
    monkeypatch.setattr(compacting, "STEP", 3)
    numbers = await provided(centre, [10, 20, 30, 40, 50, 60, 70], [5, 30, 65, 80], [30, 30, 30])
    await compact(centre)

    assert [one.entries for one in await runs(centre)] == [14]
    assert len(await buckets.lines(centre, [30])) == 5
    assert await buckets.lines(centre, [5, 80]) == [Line(numbers[1], 0, 5), Line(numbers[1], 3, 80)]
    assert await scalar(centre, "SELECT count(*) FROM provision_bucket") > 3


async def test_few_parts_wait_a_while(centre):
    """A part is not taken in at once: a run of its own for each would make many."""
    await provided(centre, [10])

    assert await compact(centre, SOON) == 0
    assert await compact(centre, LATER) == 1


async def test_many_parts_do_not_wait(centre):
    """Sixteen parts are taken in, however young."""
    await provided(centre, *[[10 * number] for number in range(compacting.PARTS)])

    assert await compact(centre, SOON) == 1


async def test_many_rows_do_not_wait(centre, monkeypatch):
    """Two parts with many rows are taken in too, and no more than so many at once."""
    monkeypatch.setattr(compacting, "ROWS", 5)
    numbers = await provided(centre, [1, 2, 3], [1, 2, 3])

    assert await compact(centre, SOON) == 1
    assert [one.entries for one in await runs(centre)] == [3]
    assert await buckets.lines(centre, [2]) == [Line(number, 1, 2) for number in numbers]


async def test_the_index_says_what_the_parts_said(centre):
    """Compaction changes no answer; from then on no part is looked through."""
    await provided(centre, [10, 20, 30, 30], [20, 25], [])
    before = {code: await buckets.lines(centre, [code]) for code in (10, 20, 25, 30, 35)}
    await compact(centre)

    assert {code: await buckets.lines(centre, [code]) for code in (10, 20, 25, 30, 35)} == before
    assert await scalar(centre, "SELECT count(*) FROM provision_part WHERE NOT indexed") == 0
    assert len(before[30]) == 2


async def test_runs_of_like_size_are_merged_range_by_range(centre, monkeypatch):
    """Eight runs become one, in steps that each hold a range of codes; an answer is the same after every step."""
    monkeypatch.setattr(compacting, "STEP", 10)
    for number in range(compacting.ALIKE):
        await provided(centre, [100 + number, 200 + number, 300, 400 + number])
        await buckets.compact(centre, LATER, os.urandom)
    expected = {code: await buckets.lines(centre, [code]) for code in (100, 207, 300, 403)}
    steps = 0
    while await buckets.compact(centre, LATER, os.urandom):
        steps += 1
        assert {code: await buckets.lines(centre, [code]) for code in expected} == expected

    assert steps > 3
    assert [(one.entries, one.complete) for one in await runs(centre)] == [(32, True)]
    assert len(expected[300]) == compacting.ALIKE


async def test_a_merger_that_was_interrupted_goes_on(centre, monkeypatch):
    """A step that was rolled back is done again; nothing is there twice."""
    monkeypatch.setattr(compacting, "STEP", 10)
    for number in range(compacting.ALIKE):
        await provided(centre, [100 + number, 200 + number, 300, 400 + number])
        await buckets.compact(centre, LATER, os.urandom)
    await buckets.compact(centre, LATER, os.urandom)
    await centre.commit()
    await buckets.compact(centre, LATER, os.urandom)
    await centre.rollback()
    await compact(centre)

    assert [one.entries for one in await runs(centre)] == [32]
    assert await scalar(centre, "SELECT sum(number) FROM provision_bucket") == 32


async def test_the_journal_vouches_for_a_run(centre):
    """The journal's row of a run says of which parts it was made and how many entries it holds, and names nobody."""
    await provided(centre, [12345678901, 23456789012], [12345678901])
    await compact(centre)
    payload = await scalar(centre, "SELECT payload FROM journal_pending WHERE kind = 'run.compacted'")
    manifest = Manifest.from_bytes(payload)

    assert (manifest.parts, manifest.entries, manifest.buckets) == (2, 3, 1)
    assert b"12345678901" not in payload


async def test_an_erased_row_is_gone_everywhere(centre):
    """From its part and from the index; the rows beside it are where they were, and are still proved."""
    one, other = await provided(centre, [10, 20, 30], [20])
    await compact(centre)

    assert await buckets.erase(centre, one, 1, LATER, os.urandom)
    assert await buckets.lines(centre, [20]) == [Line(other, 0, 20)]
    assert await buckets.lines(centre, [30]) == [Line(one, 2, 30)]
    assert await parts.row(centre, one, 1) is None
    assert (await parts.check(centre, one)).faults == ()


async def test_a_run_is_vouched_for_anew_after_an_erasure(centre):
    """What the journal said of the run before is not what it is now; it says what it is now."""
    (part,) = await provided(centre, [10, 20, 30])
    await compact(centre)
    await buckets.erase(centre, part, 1, LATER, os.urandom)
    (run,) = await runs(centre)

    assert run.entries == 2
    assert await scalar(centre, "SELECT count(*) FROM journal_pending WHERE kind = 'run.compacted'") == 2


async def test_the_last_row_of_a_bucket_is_erased_with_it(centre):
    """A bucket of nothing is no bucket."""
    (part,) = await provided(centre, [10])
    await compact(centre)
    await buckets.erase(centre, part, 0, LATER, os.urandom)

    assert await scalar(centre, "SELECT count(*) FROM provision_bucket") == 0
    assert await buckets.lines(centre, [10]) == []


async def test_a_row_is_erased_in_the_middle_of_a_merger(centre, monkeypatch):
    """It stands in its run and in the one that is to replace it: it goes from both."""
    monkeypatch.setattr(compacting, "STEP", 10)
    numbers = []
    for number in range(compacting.ALIKE):
        numbers += await provided(centre, [100 + number, 200, 300, 400])
        await buckets.compact(centre, LATER, os.urandom)
    for _ in range(3):
        await buckets.compact(centre, LATER, os.urandom)
    await buckets.erase(centre, numbers[3], 0, LATER, os.urandom)
    await buckets.erase(centre, numbers[3], 3, LATER, os.urandom)
    await compact(centre)

    assert await buckets.lines(centre, [103]) == []
    assert numbers[3] not in {line.part for line in await buckets.lines(centre, [400])}
    assert [one.entries for one in await runs(centre)] == [30]


async def test_a_row_is_erased_before_it_is_taken_in(centre):
    """A part that waits has its row erased; the index never had it."""
    (part,) = await provided(centre, [10, 20])
    await buckets.erase(centre, part, 0, SOON, os.urandom)
    await compact(centre)

    assert await buckets.lines(centre, [10, 20]) == [Line(part, 1, 20)]


async def test_what_is_not_there_is_not_erased(centre):
    """No such part, no such row, or erased before: nothing is done, and that is said."""
    (part,) = await provided(centre, [10])

    assert not await buckets.erase(centre, part + 1, 0, LATER, os.urandom)
    assert not await buckets.erase(centre, part, 1, LATER, os.urandom)
    assert await buckets.erase(centre, part, 0, LATER, os.urandom)
    assert not await buckets.erase(centre, part, 0, LATER, os.urandom)


async def test_a_run_that_lost_a_bucket_is_not_completed(centre, monkeypatch):
    """Whoever takes a bucket away before a merger is noticed by it: the old runs stay."""
    monkeypatch.setattr(compacting, "ALIKE", 2)
    for _ in range(2):
        await provided(centre, [10, 20])
        await buckets.compact(centre, LATER, os.urandom)
    await centre.execute("DELETE FROM provision_bucket WHERE run = (SELECT min(run) FROM provision_run)")
    await centre.commit()

    with pytest.raises(IntegrityFailure):
        await compact(centre)
