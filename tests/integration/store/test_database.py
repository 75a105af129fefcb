# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from datetime import datetime

import psycopg
import pytest
import uvloop

from openjuki.config import JST, Kind
from openjuki.errors import Refused, StoreUnavailable
from openjuki.store.database import connect, connected, pool, transact
from openjuki.store.embedded import EmbeddedPostgres

pytestmark = pytest.mark.postgres

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=JST)


async def put(connection, recipient="a"):
    await connection.execute("INSERT INTO link (recipient, next_seq) VALUES (%s, 1)", [recipient])


async def count(connections):
    async with connections.connection() as connection:
        (row,) = await (await connection.execute("SELECT count(*) FROM link")).fetchall()
    return row[0]


async def test_times_come_back_in_the_time_of_the_offices(centre):
    """An instant is handed back in Japan's zone."""
    (row,) = await (await centre.execute("SELECT %s::timestamptz", [NOON])).fetchall()

    assert (row[0], row[0].hour) == (NOON, 12)


async def test_a_transaction_commits_as_one(new_database):
    """What the work wrote is there afterwards, and its result is handed on."""
    async with pool(new_database(Kind.AGENCY)) as connections:

        async def work(connection):
            await put(connection)
            return "done"

        assert await transact(connections, work) == "done"
        assert await count(connections) == 1


@pytest.mark.parametrize("error", [RuntimeError, Refused])
async def test_a_transaction_that_fails_leaves_nothing(new_database, error):
    """An error of the work goes to the caller, and nothing was written; it is not tried again."""
    async with pool(new_database(Kind.AGENCY)) as connections:
        calls = []

        async def work(connection):
            calls.append(1)
            await put(connection)
            raise error.__new__(error)

        with pytest.raises(error):
            await transact(connections, work)
        assert len(calls) == 1
        assert await count(connections) == 0


async def test_a_transaction_that_lost_is_done_again(new_database):
    """Work that met another transaction's key is done again from the start."""
    async with pool(new_database(Kind.AGENCY)) as connections:
        recipients = iter("aab")
        await transact(connections, lambda connection: put(connection, next(recipients)))
        await transact(connections, lambda connection: put(connection, next(recipients)))

        assert await count(connections) == 2


async def test_a_transaction_that_always_loses_says_so(new_database):
    """Work that can never win does not go on for ever."""
    async with pool(new_database(Kind.AGENCY)) as connections:
        await transact(connections, put)

        with pytest.raises(StoreUnavailable) as raised:
            await transact(connections, put)
        assert isinstance(raised.value.__cause__, psycopg.errors.UniqueViolation)


async def test_nobody_behind_the_url_is_a_matter_of_trying_again(tmp_path):
    """A database that does not answer is unavailable, not a defect."""
    with pytest.raises(StoreUnavailable):
        await connect(f"postgresql://nobody@/nothing?host={tmp_path}")


async def test_a_connection_that_ends_amid_the_work_is_no_defect(new_database):
    """Whoever loses the server on the way is told that it is away."""
    with pytest.raises(StoreUnavailable):
        async with connected(new_database(Kind.AGENCY)) as connection:
            await connection.execute("SELECT pg_terminate_backend(pg_backend_pid())")


async def test_a_pool_finds_a_server_that_was_away_for_long(tmp_path):
    """However often it has looked in vain, it looks again soon: nobody waits for the database longer than it is away."""
    server = EmbeddedPostgres(tmp_path, settings={"shared_buffers": "32MB"})
    server.start()
    try:
        async with pool(server.create_database("a", Kind.AGENCY), size=1) as connections:
            await transact(connections, put)
            os.kill(server.pid, signal.SIGKILL)
            server._clear_up()  # until then a process of it may still answer, and leave the pool at ease
            with pytest.raises(StoreUnavailable):
                await transact(connections, put)
            await asyncio.sleep(7.5)
            server.start()

            async with connections.connection(timeout=5) as connection:
                await put(connection, "b")
            assert await count(connections) == 2
    finally:
        server.stop()


async def test_a_pool_outlives_a_killed_server(tmp_path):
    """After the server was killed and came back, a pool finds out connection by connection, then works again."""
    server = EmbeddedPostgres(tmp_path, settings={"shared_buffers": "32MB"})
    server.start()
    try:
        async with pool(server.create_database("a", Kind.AGENCY)) as connections:
            await transact(connections, put)
            os.kill(server.pid, signal.SIGKILL)
            server.start()

            for _ in range(4):
                with suppress(StoreUnavailable):
                    await transact(connections, lambda connection: put(connection, "b"))
                    break
            assert await count(connections) == 2
    finally:
        server.stop()


def test_nobody_waits_for_ever_for_a_server_that_was_killed(tmp_path):
    """In the loop that nodes run in: whoever asks all the time, while it is killed again and again, is heard at the end."""
    server = EmbeddedPostgres(tmp_path, settings={"shared_buffers": "32MB"})
    server.start()
    try:
        url = server.create_database("a", Kind.AGENCY)
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            assert runner.run(left_waiting(server, url)) == 0
    finally:
        server.stop()


async def left_waiting(server: EmbeddedPostgres, url: str) -> int:
    """How many of twelve who share two pools have no answer long after the last of four kills."""
    over = asyncio.Event()
    async with pool(url) as one, pool(url) as other:
        callers = [asyncio.create_task(asking(each, over)) for each in (one, other) for _ in range(6)]
        for _ in range(4):
            await asyncio.sleep(0.3)
            os.kill(server.pid, signal.SIGKILL)
            await asyncio.to_thread(server.start)
        await asyncio.sleep(0.3)
        over.set()
        _, waiting = await asyncio.wait(callers, timeout=60)
        for caller in waiting:
            caller.cancel()
        return len(waiting)


async def asking(connections, over):
    """Ask until it is over, whatever the answer."""
    while not over.is_set():
        with suppress(StoreUnavailable):
            await transact(connections, lambda connection: connection.execute("SELECT pg_sleep(0.01)"))
