# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How far an import of a register has come (既存台帳の取込みの進み), so that it goes on after any interruption.

What a part of the file brought into the register commits together with the mark that says so; whoever holds
the import (`begin`, `hold`) knows that nobody else is about to commit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from openjuki.errors import Overtaken
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("imports")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What became of a part of the file (処理済みの部分)."""

    #: The last line of the file that belongs to it.
    last_row: int
    entered: int
    #: Residents who stood in the register already.
    unchanged: int
    #: The lines of the report.
    findings: Sequence[dict[str, Any]]


async def begin(connection: Connection, digest: bytes, at: datetime) -> tuple[int, list[Part]]:
    """Begin the import of a file, or go on with it: its number, and what became of its parts so far."""
    await connection.execute(_SQL["begin"], {"digest": digest, "at": at})
    cursor = await connection.execute(_SQL["unfinished"], {"digest": digest})
    ((number,),) = await cursor.fetchall()
    return number, await _parts(connection, "done", id=number)


async def hold(connection: Connection, number: int, last_row: int) -> Part | None:
    """Hold the import until the end of the transaction; what became of this part, if another took it in.

    Raises:
        Overtaken: another has finished the import.
    """
    cursor = await connection.execute(_SQL["hold"], {"id": number})
    if await cursor.fetchone() is None:
        raise Overtaken("the same file was being imported by somebody else, who has finished")
    return next(iter(await _parts(connection, "one_done", id=number, last_row=last_row)), None)


async def mark(connection: Connection, number: int, part: Part) -> None:
    """Note what became of a part."""
    values = {"id": number, "last_row": part.last_row, "entered": part.entered, "unchanged": part.unchanged}
    await connection.execute(_SQL["mark"], {**values, "findings": orjson.dumps(part.findings).decode()})


async def finish(connection: Connection, number: int, at: datetime) -> None:
    """The file is taken in whole, and reported: the same file again is another import."""
    await connection.execute(_SQL["finish"], {"id": number, "at": at})
    await connection.execute(_SQL["forget"], {"id": number})


async def _parts(connection: Connection, statement: str, **values: Any) -> list[Part]:
    cursor = await connection.execute(_SQL[statement], values)
    return [
        Part(last_row=row, entered=entered, unchanged=unchanged, findings=findings)
        for row, entered, unchanged, findings in await cursor.fetchall()
    ]
