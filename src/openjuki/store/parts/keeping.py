# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A part is put on record (部分の記録): its log, and its row in the journal, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from openjuki.store import journal
from openjuki.store.database import queries
from openjuki.store.journal import Committed
from openjuki.wire.answered import PART_PROVIDED

if TYPE_CHECKING:
    from openjuki.store.database import Connection
    from openjuki.store.parts.writing import Written

_SQL = queries("parts", __package__)


async def keep(connection: Connection, written: Written) -> int:
    """Record a part, in the caller's transaction; what it tells may leave when that is committed.

    Returns:
        The number under which this node knows it.
    """
    part = written.part
    row = Committed(PART_PROVIDED, part.at, written.commitment, written.salt, written.payload)
    await journal.append_committed(connection, [row])
    values = {
        "commitment": written.commitment,
        "manifest": written.payload,
        "salt": written.salt,
        "request": part.request,
        "number": part.number,
        "asker": part.asker,
        "affair": part.affair,
        "method": part.method.value,
        "at": part.at,
        "asked": part.asked,
        "answered": part.answered,
        "rows": part.rows,
        "results": orjson.dumps({result.value: count for result, count in part.results.items()}).decode(),
        "articles": list(part.articles),
        "items": list(part.items),
        "told": list(part.told),
        "log": written.log,
        "secrets": written.secrets,
        "roots": written.roots,
    }
    cursor = await connection.execute(_SQL["keep"], values)
    (number,) = await cursor.fetchone() or (0,)
    return int(number)
