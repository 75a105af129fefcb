# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A row of a part is erased (部分の行の消去): who it was about, and the salt without which its leaf tells nothing.

The leaf stays, and so do the part's root and every proof of other rows. The secret from which the salt came goes too,
and leaves the salts of the other rows of its chunk behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.errors import IntegrityFailure
from openjuki.store.database import queries
from openjuki.store.parts import columns, leaving
from openjuki.store.parts.hashing import CHUNK
from openjuki.store.parts.leaving import Salted

if TYPE_CHECKING:
    from openjuki.store.database import Connection

_SQL = queries("parts", __package__)


async def erase(connection: Connection, part: int, row: int) -> bool:
    """Erase a row, in the caller's transaction; False where it was erased before.

    Raises:
        IntegrityFailure: there is no such row.
    """
    number, place = divmod(row, CHUNK)
    held = await (await connection.execute(_SQL["held"], {"part": part, "chunk": number})).fetchone()
    table = columns.read(held[0]) if held else columns.SCHEMA.empty_table()
    if held is None or row >= table.num_rows:
        raise IntegrityFailure(f"part {part} has no row {row}")
    if not table["code"][row].is_valid:
        return False
    chunk = table.slice(number * CHUNK, CHUNK)
    salted = await _salted(connection, part, number, chunk, held[1])
    leaf = salted.leaves(chunk)[place].tobytes()
    left = {"salts": salted.without(place), "leaves": leaving.gone(place, leaf)}
    await connection.execute(_SQL["leave"], {"part": part, "chunk": number, **left})
    log = columns.write(_without(table, row))
    await connection.execute(_SQL["erase"], {"part": part, "chunk": number, "log": log})
    return True


async def _salted(connection: Connection, part: int, number: int, chunk: pa.Table, secret: bytes) -> Salted:
    cursor = await connection.execute(_SQL["erased"], {"part": part})
    left = {one: (salts, leaves) for one, salts, leaves in await cursor.fetchall()}
    return Salted.of(secret, chunk.num_rows, *left.get(number, (None, None)))


def _without(table: pa.Table, row: int) -> pa.Table:
    stays = pa.array(np.arange(table.num_rows) != row)
    return pa.table(
        [pc.if_else(stays, column.combine_chunks(), None) for column in table.columns],
        schema=columns.SCHEMA,
    )
