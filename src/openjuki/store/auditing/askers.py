# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What was provided to whom (照会元ごとの件数): for whoever compares it with what the askers say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openjuki.store.auditing.online import SQL

if TYPE_CHECKING:
    from openjuki.store.database import Connection


class Provided(NamedTuple):
    """What was provided to a node (照会元への提供)."""

    asker: str
    #: Questions that were answered, whatever was found.
    questions: int
    #: Keys of bulk provisions, and how many of them led to somebody who was told about.
    keys: int
    rows: int


async def askers(connection: Connection) -> list[Provided]:
    """What was provided to each node."""
    return [Provided(*row) for row in await (await connection.execute(SQL["askers"])).fetchall()]
