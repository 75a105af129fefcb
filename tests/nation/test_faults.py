# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whatever is killed, whenever: nothing is lost and nothing is doubled."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from fixtures.faults import Saboteur
from fixtures.nation import (
    HINOHARA,
    KOMAE,
    NISHIIZU,
    PATIENCE,
    SHIZUOKA,
    Clerks,
    compare,
    rows,
    small_nation,
)
from openjuki.carriage.importing import read_register
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.config import Kind, clock
from openjuki.nodes import intake
from openjuki.nodes.counter import Awaited, Recorded
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.simulation.day import Day
from openjuki.simulation.life import settled
from openjuki.wire.merkle import Tree, leaf_hash

if TYPE_CHECKING:
    from pathlib import Path

    from openjuki.simulation.launcher import Nation

pytestmark = pytest.mark.nation

#: Twenty moments: what is killed, in an order that the seed decides.
MOMENTS = [*["a worker"] * 7, *["NATS"] * 6, *["PostgreSQL"] * 6, "everything"]
#: Residents who were there before, and those whose register is imported meanwhile.
THERE, COMING = {KOMAE: 600, HINOHARA: 300, NISHIIZU: 200}, {SHIZUOKA: 700}


async def rage(saboteur: Saboteur, busy: asyncio.Task[None]) -> list[str]:
    """Strike at every moment; returns what was struck while the clerks were at work."""
    struck = []
    for target in saboteur.chance.sample(MOMENTS, len(MOMENTS)):
        await asyncio.sleep(saboteur.chance.uniform(0, 0.5))
        if not busy.done():
            struck.append(target)
        await saboteur.strike(target)
    return struck


async def import_slowly(clerks: Clerks, town: str, stop: asyncio.Event) -> int:
    """Import a register twenty rows at a time, as long as the rage lasts, and then the rest at once."""
    entered, office = 0, clerks.offices[town]
    for chunk in read_register(clerks.nation.register(town), municipality=LocalGovernmentCode(town)):
        for first in range(0, len(chunk.rows), 20):
            some = chunk.rows[first : first + 20]
            taken = await office.transact(
                lambda connection, some=some: intake.take_in(office, connection, some)
            )
            entered += taken.entered
            if not stop.is_set():
                await asyncio.sleep(0.5)
    return entered


async def play_on(day: Day, stop: asyncio.Event) -> None:
    """Play the day again and again, each time with people who have told nothing yet."""
    while not stop.is_set():
        await day.play(lambda _: None)


async def survive(nation: Nation) -> tuple[list[str], Clerks]:
    """Import, record and be struck, all at once; then come to rest."""
    stop = asyncio.Event()
    async with Clerks(nation) as clerks:
        people = await clerks.settle({**THERE, **COMING})
        for town in THERE:
            await clerks.take_in(town)
        # Today, not the demonstration's day: a worker erases certificates of moves long past when it starts.
        there = {town: people[town] for town in THERE}
        day = Day(clerks.offices, there, nation.seed, clock().date(), patience=PATIENCE)
        importing = asyncio.create_task(import_slowly(clerks, SHIZUOKA, stop))
        playing = asyncio.create_task(play_on(day, stop))
        struck = await rage(Saboteur(nation), playing)
        stop.set()
        await playing
        assert await importing == COMING[SHIZUOKA]
        await settled(nation)
    return struck, clerks


async def test_killing_anything_at_any_moment_loses_and_doubles_nothing(tmp_path: Path):
    """Workers, NATS and PostgreSQL are killed at twenty moments amid changes and an import; all tiers agree."""
    with small_nation(tmp_path / "home") as nation:
        struck, clerks = await survive(nation)

        assert Counter(struck) == Counter(MOMENTS)
        assert [worker.name for worker in nation.workers if worker.pid is None] == []
        result = compare(nation)
        assert (result.mismatches, result.duplicates, result.held) == (0, 0, 0)
        assert result.sent == result.applied_prefecture == result.applied_centre
        for town in (*THERE, *COMING):
            assert_forms_stand_once(nation, clerks, town)
        assert_moves_confirmed(nation, clerks)
        for node in nation.urls():
            assert_book_adds_up(nation, node)


def assert_forms_stand_once(nation: Nation, clerks: Clerks, town: str) -> None:
    """Every form that a clerk saw accepted stands in the register, and no other does."""
    accepted = clerks.offices[town].accepted
    told = [
        (one.row.record.resident_number, one.row.history_number)
        for one in accepted
        if isinstance(one, Recorded)
    ]
    stand = rows(
        nation,
        town,
        "SELECT resident_number, history_number FROM resident_record WHERE change_notified_on IS NOT NULL",
    )
    assert sorted(told) == sorted(stand)
    asked = [one.resident_number for one in accepted if isinstance(one, Awaited)]
    given = rows(
        nation,
        town,
        f"SELECT resident_number FROM resident_record WHERE reason = '{Reason.NUMBER_CHANGED_ON_REQUEST}'",
    )
    assert sorted(asked) == sorted(number for (number,) in given)


def assert_moves_confirmed(nation: Nation, clerks: Clerks) -> None:
    """Every letter between towns arrived, once: each entry at a new town is confirmed at the old one."""
    entries = [
        one
        for office in clerks.offices.values()
        for one in office.accepted
        if isinstance(one, Recorded) and one.row.change.reason is Reason.MOVED_IN
    ]
    confirmed = [
        row
        for town in nation.urls(Kind.MUNICIPALITY)
        for row in rows(
            nation,
            town,
            f"SELECT resident_number FROM resident_record WHERE reason = '{MunicipalReason.MOVE_OUT_CONFIRMED}'",
        )
    ]
    assert len(confirmed) == len(entries) > 0


def assert_book_adds_up(nation: Nation, node: str) -> None:
    """A node's tree is the tree over its journal, nothing waits, and no link has stopped."""
    leaves = rows(nation, node, "SELECT index, leaf FROM journal ORDER BY index")
    assert [index for index, _ in leaves] == list(range(len(leaves)))
    tree = Tree.EMPTY.append(leaf_hash(leaf) for _, leaf in leaves)
    assert rows(nation, node, "SELECT size, root FROM tree") == [(tree.size, tree.root)]
    assert rows(nation, node, "SELECT kind FROM alarm WHERE kind IN ('link-stopped', 'letter-refused')") == []
