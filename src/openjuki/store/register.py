# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The municipality's register (住民基本台帳, 法5条–7条): histories, where residents stand, and the stock of codes.

A change goes: `lock_histories` of whom it concerns, `History.apply`, `write_rows` of what was added.
Who stands nowhere yet cannot be locked: of two transactions that enter one number or one code, the
second fails on the key and is done again (`database.transact`), and finds the first.
"""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import orjson
from psycopg.rows import dict_row

from openjuki.codes.resident import ResidentCode
from openjuki.errors import Unavailable
from openjuki.residents.history import History, HistoryRow
from openjuki.residents.look_up import NamesToFind
from openjuki.residents.transitions import State
from openjuki.store.database import copy_body, copy_rows, queries
from openjuki.store.looking import Named, keep_names, keep_replaced
from openjuki.store.rows import TYPES, from_history_row, to_history_row

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from openjuki.residents.record import ResidentRecord
    from openjuki.store.database import Connection

_SQL = queries("register")
_POINTER = (
    "resident_number",
    "history_number",
    "state",
    "resident_code",
    "individual_number",
    "household_number",
    "birth_date",
    "name_key",
    "kana_key",
)
_POINTER_TYPES = ("text", "int4", "text", "text", "text", "text", "date", "text", "text")

#: States in which somebody is a resident, be it until a day that comes.
_UNTIL_DEPARTURE = (State.RESIDENT, State.MOVE_OUT_PLANNED, State.MOVED_ABROAD)


async def lock_histories(connection: Connection, resident_numbers: Iterable[str]) -> dict[str, History]:
    """Hold residents until the end of the transaction, and their histories; whoever is not here has none."""
    numbers = sorted(resident_numbers)
    await connection.execute(_SQL["lock"], {"residents": numbers})
    return await read_histories(connection, numbers)


async def read_histories(connection: Connection, resident_numbers: Iterable[str]) -> dict[str, History]:
    """Histories of residents by their numbers (宛名番号); empty where nobody has the number."""
    histories = dict.fromkeys(resident_numbers, History())
    rows = await _rows(connection, "histories", residents=list(histories))
    by_number = groupby(rows, attrgetter("record.resident_number"))
    return histories | {number: History.of(own) for number, own in by_number}


async def current_rows(connection: Connection, *, chunk: int = 1000) -> AsyncIterator[HistoryRow]:
    """The present row of every resident, in the order of their numbers; not all in memory at once."""
    async with connection.cursor("current_rows", row_factory=dict_row) as cursor:
        cursor.itersize = chunk
        await cursor.execute(_SQL["current"])
        async for row in cursor:
            yield to_history_row(row)


async def standing(
    connection: Connection, today: date, *, chunk: int = 1000
) -> AsyncGenerator[list[tuple[HistoryRow, HistoryRow]]]:
    """Who is a resident today, in the order of their numbers: the present row, and the first row of the stay.

    Whoever has given notice of moving out is a resident until the day (令13条). The transaction should see one
    moment (`repeatable read`).
    """
    async with connection.cursor("standing") as cursor:
        await cursor.execute(_SQL["standing"], {"states": [state.value for state in _UNTIL_DEPARTURE]})
        while rows := await cursor.fetchmany(chunk):
            numbers = [number for (number,) in rows]
            histories = await read_histories(connection, numbers)
            yield [
                (history.rows[-1], history.stay[0])
                for history in map(histories.__getitem__, numbers)
                if history.deleted_on is None or today < history.deleted_on
            ]


async def write_rows(connection: Connection, rows: Sequence[HistoryRow], body: bytes | None = None) -> None:
    """Keep what changes added, and move the residents' pointers, in the caller's transaction.

    Args:
        connection: in a transaction.
        rows: what was added.
        body: the rows, where they are written already in binary COPY format (`store.bulk.entering`).
    """
    if body is None:
        await copy_rows(connection, _SQL["add_rows"], TYPES, map(from_history_row, rows))
    else:
        await copy_body(connection, _SQL["add_rows"], body)
    await keep_replaced(connection, rows)
    last = {row.record.resident_number: row for row in rows}
    new = {row.record.resident_number for row in rows if row.history_number == 1}
    pointers = {number: _pointer(row) for number, row in last.items()}
    added = [pointer for number, pointer in sorted(pointers.items()) if number in new]
    await copy_rows(connection, _SQL["add_residents"], _POINTER_TYPES, added)
    moved = [
        dict(zip(_POINTER, pointer, strict=True)) for number, pointer in pointers.items() if number not in new
    ]
    if moved:
        await connection.execute(_SQL["move_residents"], {"residents": orjson.dumps(moved).decode()})
    await keep_names(connection, (_named(row, is_new=number in new) for number, row in last.items()))


async def residents_by_code(connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    """The resident numbers of those who bear these codes here, or bore them last."""
    cursor = await connection.execute(_SQL["by_code"], {"codes": list(codes)})
    return dict(await cursor.fetchall())


async def residents_by_number(connection: Connection, numbers: Iterable[str]) -> dict[str, str]:
    """The resident numbers of those who bear these individual numbers here, or bore them last."""
    cursor = await connection.execute(_SQL["by_number"], {"numbers": list(numbers)})
    return dict(await cursor.fetchall())


async def residents_by_any_code(connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    """Likewise, and of those who bore them here until a change of code."""
    cursor = await connection.execute(_SQL["by_any_code"], {"codes": list(codes)})
    return dict(await cursor.fetchall())


async def count_residents(connection: Connection) -> Mapping[State, int]:
    """How many residents stand how (住民状態別人数)."""
    cursor = await connection.execute(_SQL["residents"])
    return {State(state): count for state, count in await cursor.fetchall()}


async def resident_serials(connection: Connection, count: int) -> list[int]:
    """Serial numbers for new residents (宛名番号の連番): each is given once, with gaps."""
    return await _serials(connection, "resident_serial", count)


async def household_serials(connection: Connection, count: int) -> list[int]:
    """Serial numbers for new households (世帯番号の連番): each is given once, with gaps."""
    return await _serials(connection, "household_serial", count)


async def free_resident_number(connection: Connection, numbers: Sequence[str]) -> str | None:
    """The first of these numbers that no resident has or had (宛名番号); None where all are taken."""
    return await _first_free(connection, "free_resident", numbers)


async def free_household_number(connection: Connection, numbers: Sequence[str]) -> str | None:
    """The first of these numbers that no household has (世帯番号); None where all are taken."""
    return await _first_free(connection, "free_household", numbers)


async def add_stock(connection: Connection, codes: Mapping[str, int], at: datetime) -> None:
    """Put designated codes into the stock (空きコード, 法30条の2), each with a random place in the order of drawing."""
    values = {"codes": list(codes), "orders": list(codes.values()), "at": at}
    await connection.execute(_SQL["add_stock"], values)


async def draw_codes(connection: Connection, count: int, at: datetime) -> list[ResidentCode]:
    """Take codes from the stock for new residents (法30条の3第2項): at random, each once.

    Raises:
        Unavailable: the stock does not hold so many; ask the Centre for more (規則9条2項).
    """
    cursor = await connection.execute(_SQL["draw"], {"count": count, "at": at})
    codes = [ResidentCode(code) for (code,) in await cursor.fetchall()]
    if len(codes) < count:
        raise Unavailable("the stock of unused codes is too small")
    return codes


async def stock_levels(connection: Connection) -> tuple[int, int]:
    """How many codes nobody bears yet (空きコードの残数), and how many ever came."""
    cursor = await connection.execute(_SQL["stock"])
    left, ever = await cursor.fetchone() or (0, 0)
    return left, ever


async def _rows(connection: Connection, statement: str, **values: Any) -> list[HistoryRow]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_SQL[statement], values)
        return [to_history_row(row) for row in await cursor.fetchall()]


async def _serials(connection: Connection, sequence: str, count: int) -> list[int]:
    cursor = await connection.execute(_SQL["serials"], {"sequence": sequence, "count": count})
    return [serial for (serial,) in await cursor.fetchall()]


async def _first_free(connection: Connection, statement: str, numbers: Sequence[str]) -> str | None:
    cursor = await connection.execute(_SQL[statement], {"numbers": list(numbers)})
    row = await cursor.fetchone()
    return None if row is None else str(row[0])


def _pointer(row: HistoryRow) -> tuple[Any, ...]:
    record = row.record
    names = _names(record)
    return (
        record.resident_number,
        row.history_number,
        row.state.value,
        record.resident_code,
        record.individual_number,
        record.household_number,
        record.birth_date.sort,
        names.name_key,
        names.kana_key,
    )


def _named(row: HistoryRow, *, is_new: bool) -> Named:
    record = row.record
    return Named(record.resident_number, _names(record), record.birth_date.sort, is_new)


def _names(record: ResidentRecord) -> NamesToFind:
    name = record.name
    return NamesToFind(
        name.recorded, name.furigana, name.former_surname, name.former_surname_furigana, name.alias
    )
