# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A connection that the loop listens to: what comes is heard, what is broken off is stopped, what is closed is let go."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
import uvloop

from openjuki.config import Kind
from openjuki.store.database import pool
from openjuki.store.waiting import Listening

pytestmark = pytest.mark.postgres

LONG = "SELECT pg_sleep(60)"


@pytest.fixture
def url(new_database):
    """Of a database of its own."""
    return new_database(Kind.AGENCY)


async def ask(connection, question="SELECT 1"):
    (row,) = await (await connection.execute(question)).fetchall()
    return row[0]


def test_the_loop_is_told_once(url, monkeypatch):
    """However many answers are waited for, the loop is told of the connection once, and once that it is over."""

    async def counted():
        loop, told = asyncio.get_running_loop(), []
        async with await Listening.connect(url) as connection:
            number = connection.pgconn.socket
            add, remove = loop.add_reader, loop.remove_reader
            monkeypatch.setattr(loop, "add_reader", lambda *it: told.append(it[0]) or add(*it), raising=False)
            monkeypatch.setattr(
                loop, "remove_reader", lambda it: told.append(-it) or remove(it), raising=False
            )
            answers = [await ask(connection, f"SELECT {one}") for one in range(20)]
        return answers, told, number

    answers, told, number = uvloop.run(counted())

    assert answers == list(range(20))
    assert told == [number, -number]


async def test_a_node_works_on_such_connections(url):
    """Its pool has no others."""
    async with pool(url) as connections, connections.connection() as connection:
        assert type(connection) is Listening


async def test_several_wait_beside_each_other(url):
    """Each hears what is its own."""
    connections = [await Listening.connect(url) for _ in range(3)]

    asked = [asyncio.create_task(ask(one, f"SELECT {place}")) for place, one in enumerate(connections)]

    assert await asyncio.gather(*asked) == [0, 1, 2]
    for one in connections:
        await one.close()


async def test_what_is_broken_off_is_stopped_at_the_server(url):
    """Nobody waits any more: the server stops, and the connection can be asked again."""
    async with await Listening.connect(url, autocommit=True) as connection:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await ask(connection, LONG)

        assert await ask(connection) == 1


async def test_the_end_of_a_connection_is_heard(url):
    """A server that ends a connection ends the wait, and another connection may bear the number of its socket."""
    async with (
        await Listening.connect(url, autocommit=True) as first,
        await Listening.connect(url, autocommit=True) as other,
    ):
        backend, number = first.info.backend_pid, first.pgconn.socket
        waiting = asyncio.create_task(ask(first, LONG))
        await asyncio.sleep(0.1)
        await other.execute("SELECT pg_terminate_backend(%s)", [backend])

        with pytest.raises(psycopg.OperationalError):
            await waiting
        async with await Listening.connect(url) as third:
            assert (third.pgconn.socket, await ask(third)) == (number, 1)


async def test_a_connection_that_ends_while_nobody_waits_is_let_go(url):
    """The loop does not turn round and round about it, and whoever asks then is told."""
    async with (
        await Listening.connect(url, autocommit=True) as first,
        await Listening.connect(url, autocommit=True) as other,
    ):
        await ask(first)
        await other.execute("SELECT pg_terminate_backend(%s)", [first.info.backend_pid])
        await asyncio.sleep(0.1)

        assert not asyncio.get_running_loop().remove_reader(first.pgconn.socket)
        with pytest.raises(psycopg.OperationalError):
            await ask(first)


async def test_much_goes_both_ways(url):
    """What is longer than a socket takes at once is sent and read in pieces."""
    async with await Listening.connect(url) as connection:
        long = "x" * 20_000_000
        (row,) = await (await connection.execute("SELECT %s::text", [long])).fetchall()

        assert row == (long,)
        assert await ask(connection) == 1
