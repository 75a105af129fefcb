# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Taking an existing register into a municipality's book (既存台帳の取込み), so that repeating it doubles nothing.

A resident who stands here already exactly as the file says is passed over; one who stands here
otherwise is refused, for a file is no reason for a change (令8条–12条): `juki change` is.

An import goes on where it was interrupted (`begin`, `take_part`, `finish`): the residents of a part of the file,
and what is to be reported of it, commit together with the mark that says how far the import has come. A file of
changes goes on likewise, change by change (`take_change`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from openjuki.carriage.faults import RefusedRow
from openjuki.carriage.importing import Before
from openjuki.carriage.report import line, lines
from openjuki.config import Register
from openjuki.errors import BadInput, Refused
from openjuki.nodes import counter
from openjuki.refusal import Refusal
from openjuki.residents.changes import Change, Reason
from openjuki.residents.history import History, HistoryRow
from openjuki.store import imports, journal, lost, register
from openjuki.store.imports import Part

if TYPE_CHECKING:
    from collections.abc import Sequence
    from collections.abc import Set as AbstractSet
    from datetime import datetime

    from openjuki.carriage.faults import RejectedRow
    from openjuki.carriage.importing import Chunk, Entry, ImportRow
    from openjuki.carriage.life_events import ChangeRow
    from openjuki.nodes.node import Office
    from openjuki.residents.record import ResidentRecord
    from openjuki.residents.sequences import Answers
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing

STANDS_OTHERWISE = Refusal(
    code="JK-COUNTER-0002",
    rule="stands-otherwise",
    article="法8条",
    message_ja="この宛名番号の住民票は、異なる内容で既に記録されています。異動として届け出てください。",
    message_en="The resident stands here already with other items; record a change instead.",
)

STANDS_CLOSED = Refusal(
    code="JK-COUNTER-0007",
    rule="stands-closed",
    article="法8条",
    message_ja="この宛名番号の住民票は既に消除されています。再び住民となった人は、異動として届け出てください。",
    message_en="The resident's record is closed here; who has become a resident again is a change to record.",
)

#: From so many on, making what is written in columns is worth preparing it.
_MANY: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenIn:
    """What became of a chunk of a register (取込みの結果)."""

    entered: int
    #: They stood here already, as the file says.
    unchanged: int
    #: Rows that a rule refused.
    refused: tuple[RefusedRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """An import of a register that has begun (取込み)."""

    number: int
    #: What became of the file before it was interrupted.
    parts: tuple[Part, ...]

    @property
    def before(self) -> Before:
        """What need not be read again."""
        kept_out = (line["row"] for part in self.parts for line in part.findings if line["kind"] == "error")
        last_row = self.parts[-1].last_row if self.parts else 0
        return Before(last_row=last_row, rejected=frozenset(kept_out))


async def begin(office: Office, connection: Connection, digest: bytes) -> Import:
    """Begin to import a file, or go on with it where it was interrupted.

    Args:
        office: the municipality's.
        connection: in a transaction.
        digest: SHA-256 over the file and over how it is read.
    """
    number, parts = await imports.begin(connection, digest, office.clock())
    return Import(number=number, parts=tuple(parts))


async def take_part(office: Office, connection: Connection, number: int, chunk: Chunk[ImportRow]) -> Part:
    """Take in a part of the file, once: whoever comes second is told what became of it.

    Raises:
        Overtaken: another has finished the import.
    """
    done = await imports.hold(connection, number, chunk.last_row)
    if done is None:
        taken = await take_in(office, connection, chunk.rows)
        findings = lines(chunk, taken.refused)
        done = Part(
            last_row=chunk.last_row, entered=taken.entered, unchanged=taken.unchanged, findings=findings
        )
        await imports.mark(connection, number, done)
    return done


async def take_change(
    office: Office, connection: Connection, number: int, row: ChangeRow, by: Standing | None, answers: Answers
) -> Part:
    """Record one change of a file, once: with the mark that says what became of it, also where a rule says no.

    Raises:
        Overtaken: another has finished the file.
        Unavailable: as `counter.record`; the row is not marked.
    """
    done = await imports.hold(connection, number, row.row)
    if done is None:
        refused = await _refused(office, connection, row, by, answers)
        findings = [] if refused is None else [line(refused)]
        done = Part(last_row=row.row, entered=int(refused is None), unchanged=0, findings=findings)
        await imports.mark(connection, number, done)
    return done


async def _refused(
    office: Office, connection: Connection, row: ChangeRow, by: Standing | None, answers: Answers
) -> RefusedRow | RejectedRow | None:
    """Record one change; what a refusal has begun is undone, and nothing else."""
    try:
        async with connection.transaction():
            if row.request.reason is Reason.MOVED_IN:  # what the row leaves out, a certificate may say
                await counter.record_form(office, connection, row.form, by, answers)
            else:
                await counter.record(office, connection, row.request, by)
    except Refused as error:
        return RefusedRow(row=row.row, refusal=error.refusal)
    except BadInput as error:
        return row.rejected(error)
    return None


async def finish(office: Office, connection: Connection, number: int) -> None:
    """The file is taken in whole, and its report is written."""
    await imports.finish(connection, number, office.clock())


async def take_in(office: Office, connection: Connection, rows: Sequence[ImportRow]) -> TakenIn:
    """Enter the residents of a chunk who do not stand here yet, in one transaction."""
    numbers = [row.record.resident_number for row in rows]
    histories = await register.lock_histories(connection, numbers)
    taken = await _taken(connection, [row.record for row in rows])
    now = office.clock()
    beginnings: dict[Entry, HistoryRow | Refusal] = {}
    entered, refused = [], []
    unchanged = 0
    for row in rows:
        history = histories[row.record.resident_number]
        if _stands(history, now) and _same(history.rows[-1].record, row.record):
            unchanged += 1
            continue
        first = _refusal(office, history, row, taken, now) or _first_row(row, now, beginnings)
        if isinstance(first, Refusal):
            refused.append(RefusedRow(row=row.row, refusal=first))
        else:
            entered.append(first)
    await _enter(office, connection, entered, now)
    return TakenIn(entered=len(entered), unchanged=unchanged, refused=tuple(refused))


def _first_row(
    row: ImportRow, now: datetime, beginnings: dict[Entry, HistoryRow | Refusal]
) -> HistoryRow | Refusal:
    """The first row of somebody's history; which it is, and whether there may be one, the entry alone decides."""
    change = _entry(row, now)
    begun = beginnings.get(row.entry)
    if begun is None:
        after = History().apply(change)
        begun = beginnings[row.entry] = after if isinstance(after, Refusal) else after.rows[0]
    if isinstance(begun, Refusal):
        return begun
    return HistoryRow(
        change=change, history_number=1, stay=begun.stay, version=begun.version, state=begun.state
    )


def _entry(row: ImportRow, now: datetime) -> Change:
    return Change(
        reason=row.entry.reason,
        date_of_change=row.entry.date,
        notified_on=None,
        recorded_at=now,
        record=row.record,
        stay=row.entry.stay,
    )


async def _enter(
    office: Office, connection: Connection, entered: Sequence[HistoryRow], now: datetime
) -> None:
    """Enter residents, with everything that follows (`counter`): a few one by one, many in columns."""
    await lost.use_codes(connection, [row.record.resident_code for row in entered], now)
    if len(entered) < _MANY:
        changes = [(History((row,)), row.change) for row in entered]
        await counter.record_changes(office, connection, changes)
        return
    from openjuki.store.bulk.entering import Entrants  # noqa: PLC0415 - 90 MiB that the counter never needs

    entrants = Entrants.of(entered)
    salts = office.entropy(2 * journal.SALT_SIZE * len(entered))
    await register.write_rows(connection, entered, entrants.records())
    await journal.append_copied(connection, entrants.journal(now, office.prefecture, salts))
    await counter.ask_for_numbers(connection, entered, now)


def _refusal(
    office: Office, history: History, row: ImportRow, taken: AbstractSet[str], now: datetime
) -> Refusal | None:
    if history.rows:
        return STANDS_OTHERWISE if _stands(history, now) else STANDS_CLOSED
    # nobody stands under this resident number: whoever bears them is another
    if row.record.resident_code in taken:
        return counter.CODE_OF_ANOTHER
    if row.record.individual_number in taken:
        return counter.NUMBER_OF_ANOTHER
    if office.settings.register is Register.EXTERNAL and not _identification_only(row.record):
        return counter.CS_ONLY
    return None


async def _taken(connection: Connection, records: Sequence[ResidentRecord]) -> AbstractSet[str]:
    """Which codes and individual numbers of these somebody bears here already; the two are of different lengths."""
    numbers = [record.individual_number for record in records if record.individual_number is not None]
    by_code = await register.residents_by_code(connection, [record.resident_code for record in records])
    return by_code.keys() | (await register.residents_by_number(connection, numbers)).keys()


def _stands(history: History, now: datetime) -> bool:
    """Whether the person is a resident today, which the record itself does not say."""
    return bool(history.rows) and (history.deleted_on is None or now.date() < history.deleted_on)


def _same(standing: ResidentRecord, told: ResidentRecord) -> bool:
    """A number that the Centre has generated since is no difference."""
    if told.individual_number is None:
        standing = replace(standing, individual_number=None)
    return standing == told


def _identification_only(record: ResidentRecord) -> bool:
    beyond = (record.household_number, record.relationship, record.registered_domicile, record.head_of_koseki)
    return record.foreign is None and not any(beyond)
