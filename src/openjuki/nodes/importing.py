# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""An import from its file to its report (既存台帳の取込み), which goes on wherever it was interrupted; changes likewise."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from itertools import chain
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from openjuki.carriage import life_events
from openjuki.carriage.importing import digest_of, read_register
from openjuki.carriage.report import lines
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.nodes import intake
from openjuki.residents.sequences import NO_ANSWERS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator
    from pathlib import Path

    from openjuki.carriage.encoding import Encoding
    from openjuki.carriage.life_events import ChangeRow
    from openjuki.carriage.report import ReportWriter
    from openjuki.nodes.node import Office
    from openjuki.residents.sequences import Answers
    from openjuki.store.database import Connection
    from openjuki.store.imports import Part
    from openjuki.store.offices import Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What an import came to beside its report (取込みの結果)."""

    #: Residents who stood in the register already.
    unchanged: int
    #: The line behind which it went on; None where it began with the file.
    resumed_after: int | None


async def import_register(
    office: Office,
    file: Path,
    encoding: Encoding | None,
    report: ReportWriter,
    *,
    answers: Answers = NO_ANSWERS,
    advance: Callable[[int], None] = lambda _: None,
) -> Imported:
    """Take a file into a municipality's register, and write its report.

    Interrupted at any moment, it is called again with the same file and goes on: the report is written anew,
    with what was found before.

    Raises:
        BadFile: no row of the file can be read; nothing has changed.
        Unavailable: the database does not answer, or the report cannot be written.
    """
    own = LocalGovernmentCode(office.id)
    digest = await asyncio.to_thread(digest_of, file, encoding, municipality=own, answers=answers)
    begun = await office.read(partial(intake.begin, office, digest=digest))
    parts = list(begun.parts)
    for part in parts:
        _report(report, part)
    chunks = read_register(file, encoding, municipality=own, answers=answers, before=begun.before)
    async with aclosing(_read_ahead(chunks)) as ahead:
        async for chunk in ahead:
            parts.append(await office.transact(partial(_take_part, office, begun.number, chunk)))
            _report(report, parts[-1])
            advance(chunk.bytes_read)
    report.close()
    await office.read(partial(intake.finish, office, number=begun.number))
    return Imported(
        unchanged=sum(part.unchanged for part in parts), resumed_after=begun.before.last_row or None
    )


async def import_changes(
    office: Office,
    file: Path,
    encoding: Encoding | None,
    report: ReportWriter,
    *,
    answers: Answers = NO_ANSWERS,
    by: Standing | None = None,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    """Record the changes of a file (異動データ) in its order, each in a transaction of its own, and write its report.

    Interrupted at any moment, it is called again with the same file and goes on, as `import_register` does.

    Raises:
        BadFile: no row of the file can be read; nothing has changed.
        Unavailable: the database does not answer, the stock of codes is empty, or the report cannot be written.
    """
    digest = await asyncio.to_thread(life_events.digest_of, file, encoding, answers)
    begun = await office.read(partial(intake.begin, office, digest=digest))
    done = {part.last_row: part for part in begun.parts}

    async def take(row: ChangeRow) -> Part:
        return await office.transact(
            lambda connection: intake.take_change(office, connection, begun.number, row, by, answers)
        )

    for chunk in life_events.read_changes(file, encoding, answers):
        parts = [done.get(row.row) or await take(row) for row in chunk.rows]
        findings = [*chain.from_iterable(part.findings for part in parts), *lines(chunk)]
        report.add(sorted(findings, key=itemgetter("row")), accepted=sum(part.entered for part in parts))
        advance(chunk.bytes_read)
    report.close()
    await office.read(partial(intake.finish, office, number=begun.number))


async def _take_part(office: Office, number: int, chunk: Any, connection: Connection) -> Part:
    return await intake.take_part(office, connection, number, chunk)


def _report(report: ReportWriter, part: Part) -> None:
    report.add(part.findings, accepted=part.entered + part.unchanged)


async def _read_ahead[C](chunks: Iterator[C]) -> AsyncGenerator[C]:
    """The chunks, each read while the one before it is taken in."""
    following = asyncio.ensure_future(asyncio.to_thread(next, chunks, None))
    try:
        while (chunk := await following) is not None:
            following = asyncio.ensure_future(asyncio.to_thread(next, chunks, None))
            yield chunk
    finally:
        await asyncio.wait({following})
