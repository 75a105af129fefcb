# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""An export of a municipality's register (台帳の書出し): as it stands at one moment, and noted in the journal."""

from __future__ import annotations

from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

import orjson

from openjuki.carriage.exporting import RegisterWriter, Resident
from openjuki.store import journal, register

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from openjuki.carriage.encoding import Encoding
    from openjuki.carriage.exporting import ExportReport
    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing


async def export_register(
    office: Office,
    file: Path,
    encoding: Encoding,
    *,
    accept_losses: bool = False,
    by: Standing | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> ExportReport:
    """Write who is a resident today into a file, unless the encoding would lose something and that is not accepted.

    Args:
        office: the municipality's.
        file: where the register shall stand; the losses stand beside it.
        encoding: of the file.
        accept_losses: whether the file may lack what the encoding cannot hold.
        by: who exports, where that is known.
        advance: told how many residents are written.

    Raises:
        Unavailable: the database does not answer, or the file cannot be written.
    """

    async def write(connection: Connection) -> ExportReport:
        await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        today, done = office.clock().date(), 0
        with RegisterWriter(file, encoding, accept_losses=accept_losses) as writer:
            async with aclosing(register.standing(connection, today)) as chunks:
                async for chunk in chunks:
                    writer.write(Resident(row=row, entry=entry) for row, entry in chunk)
                    advance(done := done + len(chunk))
            report = writer.summary()
            if report.written:  # before the file is there: none may be that nobody knows of
                await office.transact(partial(_note, office, report, by))
        return report

    return await office.read(write)


async def _note(office: Office, report: ExportReport, by: Standing | None, connection: Connection) -> None:
    """Say in the journal that the register left the node, and in what form; the file's name says nothing."""
    who = {} if by is None else {"office": by.office, "operator": by.operator, "terminal": by.terminal}
    told = {"encoding": report.encoding, "losses": report.losses, "residents": report.rows, **who}
    entry = journal.Entry(
        kind="register.exported",
        recorded_at=office.clock(),
        payload=orjson.dumps(told, option=orjson.OPT_SORT_KEYS),
        salt=office.entropy(journal.SALT_SIZE),
    )
    await journal.append(connection, [entry])
