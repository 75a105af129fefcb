# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The way to a node's database: connections, transactions, and SQL by name.

SQL is written in SQL: ``queries("journal")["append"]`` is the statement under ``-- append --`` in
`journal.sql` beside this file. The functions of the store take an open connection and never
commit: a business transaction is the caller's, and what belongs together commits together.
"""

from __future__ import annotations

import re
from contextlib import asynccontextmanager
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, LiteralString, cast

import orjson
import psycopg
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from openjuki.errors import StoreUnavailable
from openjuki.store import adapting
from openjuki.store.migrations import migrate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence

__all__ = [
    "Connection",
    "Pool",
    "connect",
    "connected",
    "copy_body",
    "copy_rows",
    "glance",
    "migrate",
    "pool",
    "queries",
    "transact",
]

type Connection = psycopg.AsyncConnection[tuple[Any, ...]]
type Pool = AsyncConnectionPool[Connection]

#: Times come back in the time of the offices; what is stored is an instant.
_OPTIONS = "-c timezone=Asia/Tokyo"
#: For so long a lost connection is tried for ever more rarely; then it begins anew, for a server that is back is to be
#: found at once, however long it was away.
_TRIED_FOR = 1.0

#: A transaction that lost against another is done again, at most so often.
_ATTEMPTS = 8
_LOST = (
    psycopg.errors.SerializationFailure,
    psycopg.errors.DeadlockDetected,
    psycopg.errors.UniqueViolation,
)


async def connect(url: str) -> Connection:
    """Connect as a node's worker.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    try:
        connection = await psycopg.AsyncConnection.connect(url, options=_OPTIONS)
    except psycopg.OperationalError as error:
        raise StoreUnavailable from error
    await _configure(connection)
    return connection


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """A connection for as long as something takes; what was not committed is not kept if that goes wrong.

    Raises:
        StoreUnavailable: the database does not answer, or no longer does.
    """
    try:
        async with await connect(url) as connection:
            yield connection
    except psycopg.OperationalError as error:
        raise StoreUnavailable from error


def pool(url: str, *, size: int = 4) -> Pool:
    """A node's few connections; `open` it inside the running loop, or use it as a context."""
    return AsyncConnectionPool(
        url,
        kwargs={"options": _OPTIONS},
        min_size=1,
        max_size=size,
        open=False,
        configure=_configure,
        reconnect_timeout=_TRIED_FOR,
        reconnect_failed=AsyncConnectionPool.check,
    )


async def transact[T](connections: Pool, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Do some work in one transaction, again from the start where another transaction was first.

    Raises:
        StoreUnavailable: the database does not answer, or the work always lost.
    """
    for _ in range(_ATTEMPTS):
        try:
            async with connections.connection() as connection:
                return await work(connection)
        except _LOST as error:
            lost = error
        except psycopg.errors.DiskFull as error:
            raise StoreUnavailable("the database's disk is full; free some space and try again") from error
        except (psycopg.OperationalError, PoolTimeout) as error:
            raise StoreUnavailable from error
    raise StoreUnavailable("another transaction always came first") from lost


async def glance[T](connections: Pool, work: Callable[[Connection], Awaitable[T]]) -> T:
    """Look at something with one statement and no transaction: a third of the cost, for whoever looks often.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    try:
        async with connections.connection() as connection:
            await connection.set_autocommit(True)
            try:
                return await work(connection)
            finally:
                if not connection.closed:
                    await connection.set_autocommit(False)
    except (psycopg.OperationalError, PoolTimeout) as error:
        raise StoreUnavailable from error


async def copy_rows(
    connection: Connection, statement: LiteralString, types: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Put many rows into a table: two to four times as fast as an INSERT, within the transaction like one."""
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(types)
        for row in rows:
            await copy.write_row(row)


async def copy_body(connection: Connection, statement: LiteralString, body: bytes) -> None:
    """Put rows into a table that are written already, in binary COPY format."""
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        await copy.write(body)


@cache
def queries(name: str, package: str = __package__) -> Mapping[str, LiteralString]:
    """The statements of one ``.sql`` file of a room, this one unless another is named, by their names."""
    text = files(package).joinpath(f"{name}.sql").read_text(encoding="utf-8")
    blocks = re.split(r"^-- (\w+) --$", text, flags=re.MULTILINE)[1:]
    statements = zip(blocks[::2], blocks[1::2], strict=True)
    return MappingProxyType({title: cast("LiteralString", body.strip()) for title, body in statements})


async def _configure(connection: Connection) -> None:
    adapting.register(connection.adapters)
    set_json_loads(orjson.loads, connection)
    set_json_dumps(orjson.dumps, connection)
