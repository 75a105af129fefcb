# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Building a generation out of the tables (世代の作成): the first one, or one that is made anew.

The tables are read as they stood at one moment. What was committed by then and had no index yet is in them already,
though the journal's size does not count it: the generation is there when all of that has its index, and the fold
passes over what it knows (`folding`). Every later generation comes from the one before and the journal alone.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import psycopg
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from openjuki.store.database import queries
from openjuki.store.sequencer import sequence
from openjuki.store.snapshot import layout
from openjuki.store.snapshot.generation import NAMES, NUMBERS, OTHER_CODES
from openjuki.store.snapshot.places import next_number
from openjuki.store.snapshot.searching import place_of
from openjuki.store.snapshot.sorting import Pairs
from openjuki.store.snapshot.writing import KEYED_TOGETHER, MOST_NAME, Draft, keyed, names_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from datetime import datetime
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column
    from openjuki.store.database import Connection
    from openjuki.store.snapshot.generation import Generation

_SQL = queries("snapshot", package=__package__)
_LED_TYPES: Final[Mapping[str, pa.DataType]] = {
    "value": pa.int64(),
    "bearer": pa.int64(),
    "ended": pa.bool_(),
}
_LED: Final = pa.schema(_LED_TYPES)
_MAY_RETURN: Final = "may_return"
_STAYS: Final = layout.STAYS.append(pa.field(_MAY_RETURN, pa.bool_()))
#: What is kept of every stay.
_ALWAYS: Final = frozenset(("bearer", "closing", "stay", "version"))


async def build(connection: Connection, folder: Path, at: datetime) -> Generation:
    """Build the next generation out of the tables.

    Args:
        connection: without an open transaction; it is used for several.
        folder: of generations.
        at: the time.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    await _sequenced(connection)
    async with _frozen(connection):
        size, root, waiting = await _moment(connection)
        with Draft(folder, next_number(folder)) as draft:
            await _write_persons(connection, draft)
            codes = draft.codes()
            await _write_stays(connection, draft)
            for name, statement in ((OTHER_CODES, "codes"), (NUMBERS, "numbers")):
                runs = [_pairs(rows, codes) async for rows in _copied(connection, statement, _LED)]
                draft.index(name, runs)
            await connection.rollback()
            if waiting is not None:
                await _sequenced(connection, waiting)
            return await asyncio.to_thread(draft.publish, size, root, at)


@asynccontextmanager
async def _frozen(connection: Connection) -> AsyncIterator[None]:
    """The tables as they stand at one moment."""
    await connection.set_isolation_level(psycopg.IsolationLevel.REPEATABLE_READ)
    try:
        yield
    finally:
        await connection.rollback()
        await connection.set_isolation_level(None)


async def _moment(connection: Connection) -> tuple[int, bytes, int | None]:
    """How far the journal is, and the last of what waits."""
    present = await (await connection.execute(_SQL["present"])).fetchone()
    waiting = await (await connection.execute(_SQL["waiting"])).fetchone()
    assert present is not None
    assert waiting is not None
    return present[0], present[1], waiting[0]


async def _sequenced(connection: Connection, last: int | None = None) -> None:
    """Give what waits its index, all of it or up to one; the node's own sequencer may be faster, or not be there."""
    while True:
        done = await sequence(connection)
        await connection.commit()
        if last is None and not done.count:
            return
        if last is not None:
            cursor = await connection.execute(_SQL["still_waiting"], {"last": last})
            still = await cursor.fetchone()
            await connection.commit()
            if still == (False,):
                return


async def _write_persons(connection: Connection, draft: Draft) -> None:
    names = draft.sorter(NAMES, MOST_NAME)

    def write(rows: pa.RecordBatch) -> None:
        persons = keyed(rows)
        names.add(names_of(persons, draft.persons.rows))
        draft.persons.add(persons)

    async for rows in _copied(connection, "persons", layout.SCHEMA):
        await asyncio.to_thread(write, rows)
    await asyncio.to_thread(names.finish)


async def _write_stays(connection: Connection, draft: Draft) -> None:
    async for rows in _copied(connection, "stays", _STAYS):
        draft.stays.add(_needed(rows))


def _needed(rows: pa.RecordBatch) -> pa.RecordBatch:
    """Stays without the items of those that only a notice can make current again."""
    may_return = rows[_MAY_RETURN]
    columns = [
        rows[name] if name in _ALWAYS else pc.if_else(may_return, rows[name], None)
        for name in layout.STAYS.names
    ]
    return pa.RecordBatch.from_arrays(columns, schema=layout.STAYS)


async def _copied(connection: Connection, statement: str, schema: pa.Schema) -> AsyncIterator[pa.RecordBatch]:
    """The rows of a COPY in columns, as many at a time as are worth it."""
    waiting: list[bytes] = []
    async with connection.cursor() as cursor, cursor.copy(_SQL[statement]) as copy:
        async for row in copy:
            waiting.append(bytes(row))
            if len(waiting) == KEYED_TOGETHER:
                yield await asyncio.to_thread(_read, waiting, schema)
                waiting = []
    if waiting:
        yield await asyncio.to_thread(_read, waiting, schema)


def _read(rows: list[bytes], schema: pa.Schema) -> pa.RecordBatch:
    plain = {field.name: pa.string() if field.name in layout.DICTIONARIES else field.type for field in schema}
    table = csv.read_csv(
        BytesIO(b"".join(rows)),
        read_options=csv.ReadOptions(column_names=schema.names, use_threads=False, block_size=1 << 30),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=plain,
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            true_values=["t"],
            false_values=["f"],
        ),
    )
    columns = [_column(field, layout.whole(table[field.name])) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _column(field: pa.Field[Any], values: Column) -> Column:
    return layout.coded(field.name, values) if field.name in layout.DICTIONARIES else values


def _pairs(rows: pa.RecordBatch, codes: NDArray[np.int64]) -> Pairs:
    """Values that lead to the rows of their bearers."""
    values, bearers = rows["value"].to_numpy(), rows["bearer"].to_numpy()
    return Pairs.of(values, place_of(codes, bearers), rows["ended"].to_numpy(zero_copy_only=False))
