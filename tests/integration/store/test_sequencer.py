# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import asyncio
import os
from datetime import datetime

import pytest

from openjuki.config import JST, Kind
from openjuki.store import journal
from openjuki.store.database import connect, pool, transact
from openjuki.store.journal import Entry
from openjuki.store.sequencer import Sequenced, read_tree, sequence
from openjuki.wire.merkle import Tree, leaf_hash

pytestmark = pytest.mark.postgres

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=JST)


def entry(payload: bytes, *recipients: str) -> Entry:
    return Entry(
        kind="test.happened", recorded_at=NOON, payload=payload, salt=os.urandom(32), recipients=recipients
    )


async def fetch(connection, statement):
    return await (await connection.execute(statement)).fetchall()


async def test_an_idle_turn_writes_nothing(municipality):
    """Where nothing waits, a turn does nothing."""
    assert Sequenced(count=0, size=0) == await sequence(municipality)


async def test_a_turn_takes_at_most_its_limit(municipality):
    """A turn takes the first entries that wait, and says how many and for whom."""
    await journal.append(municipality, [entry(bytes([n]), f"n{n}") for n in range(5)])

    first = await sequence(municipality, limit=3)
    second = await sequence(municipality, limit=3)

    assert first == Sequenced(count=3, size=3, recipients=frozenset({"n0", "n1", "n2"}))
    assert second == Sequenced(count=2, size=5, recipients=frozenset({"n3", "n4"}))


async def test_each_link_is_dense_in_the_order_of_the_book(municipality):
    """Numbers on a link count 1, 2, 3 … over the entries for its recipient, across turns."""
    entries = [entry(b"0", "a"), entry(b"1"), entry(b"2", "a", "b"), entry(b"3", "b"), entry(b"4", "a")]
    await journal.append(municipality, entries)
    await sequence(municipality, limit=3)
    await sequence(municipality)

    links = await fetch(municipality, "SELECT recipient, seq, journal_index FROM link_entry ORDER BY 1, 2")
    assert links == [("a", 1, 0), ("a", 2, 2), ("a", 3, 4), ("b", 1, 2), ("b", 2, 3)]
    ends = await fetch(municipality, "SELECT recipient, next_seq FROM link ORDER BY 1")
    assert ends == [("a", 4), ("b", 3)]


async def test_a_slower_sequencer_finds_its_work_done(new_database):
    """Of two turns that read the same tree, one extends it; the other waits for it and writes nothing."""
    url = new_database(Kind.MUNICIPALITY)
    async with await connect(url) as slow, await connect(url) as fast:
        await journal.append(fast, [entry(b"x", "a")])
        await fast.commit()
        await sequence(fast)
        waiting = asyncio.create_task(sequence(slow))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await fast.commit()

        assert await waiting == Sequenced(count=0, size=0)
        assert await fetch(slow, "SELECT count(*) FROM link_entry") == [(1,)]


async def test_racing_sequencers_and_writers_lose_and_double_nothing(new_database):
    """Four writers and three sequencers at once: every payload once, indexes dense, the tree right."""
    async with pool(new_database(Kind.MUNICIPALITY), size=7) as connections:
        done = asyncio.Event()

        async def write(writer: int) -> None:
            for turn in range(15):
                entries = [entry(b"%d-%d-%d" % (writer, turn, n), "upper") for n in range(writer + 1)]
                await transact(connections, lambda c, e=entries: journal.append(c, e))

        async def run_sequencer() -> None:
            while not done.is_set() or (await transact(connections, sequence)).count:
                await transact(connections, lambda c: sequence(c, limit=4))
                await asyncio.sleep(0)

        sequencers = [asyncio.create_task(run_sequencer()) for _ in range(3)]
        await asyncio.gather(*(write(writer) for writer in range(4)))
        done.set()
        await asyncio.gather(*sequencers)

        async with connections.connection() as connection:
            rows = await journal.read(connection, limit=10_000)
            links = await fetch(connection, "SELECT seq, journal_index FROM link_entry ORDER BY seq")
            tree = await read_tree(connection)

    assert list(range(150)) == [row.index for row in rows]
    assert len({row.payload for row in rows}) == 150
    assert links == [(n + 1, n) for n in range(150)]
    assert tree == Tree.EMPTY.append(leaf_hash(row.leaf) for row in rows)
    for writer in range(4):
        own = [row.payload for row in rows if row.payload.startswith(b"%d-" % writer)]
        assert own == [b"%d-%d-%d" % (writer, turn, n) for turn in range(15) for n in range(writer + 1)]


async def test_a_killed_turn_leaves_everything_waiting(new_database):
    """A sequencer whose connection dies in the middle of its turn has done nothing."""
    url = new_database(Kind.MUNICIPALITY)
    async with await connect(url) as other:
        await journal.append(other, [entry(b"x", "a")])
        await other.commit()
        dying = await connect(url)
        await sequence(dying)
        os.close(dying.fileno())  # the server sees the line go, as it would after a kill
        dying.pgconn.finish()
        await asyncio.sleep(0.2)

        assert await sequence(other) == Sequenced(count=1, size=1, recipients=frozenset({"a"}))
