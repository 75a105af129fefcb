# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Looking a person up in the log of bulk provisions (提供の記録の検索): by every code the person has had."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, NamedTuple

from openjuki.store.buckets.entries import Packed
from openjuki.store.buckets.runs import SQL
from openjuki.store.parts import reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openjuki.store.database import Connection


class Line(NamedTuple):
    """A row of the log about a person (提供の記録の一行)."""

    part: int
    row: int
    #: The code under which the person was told about.
    code: int


async def lines(connection: Connection, codes: Sequence[int]) -> list[Line]:
    """Every row of the log under these codes, in the order of the parts (本人に係る提供の記録).

    Raises:
        IntegrityFailure: a bucket is damaged: an answer that leaves something out is none.
    """
    # in this order: a part that is taken in meanwhile is found twice, never not at all
    waiting = [part for (part,) in await (await connection.execute(SQL["waiting"])).fetchall()]
    found = {Line(*one) for one in await reading.find(connection, waiting, codes)}
    buckets = await (await connection.execute(SQL["buckets"], {"codes": list(codes)})).fetchall()
    return sorted(found.union(await asyncio.to_thread(_lines, buckets)))


def _lines(buckets: Iterable[tuple[Any, ...]]) -> list[Line]:
    return [
        Line(*place, code)
        for code, entries, strands in buckets
        for place in Packed(entries, strands).find(code)
    ]
