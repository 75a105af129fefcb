# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Rows are taken out of parts (部分の行の読み出し): of each Parquet its footer, and the row groups that have them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from openjuki.errors import IntegrityFailure
from openjuki.store.database import queries
from openjuki.store.parts import columns
from openjuki.store.parts.columns import FOOTER, GROUP_ROWS, Slices
from openjuki.wire.bulk import RESULTS
from openjuki.wire.part import Part, PartRow, resident_code

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime

    import pyarrow as pa
    import pyarrow.parquet as pq

    from openjuki.store.database import Connection

    #: A part and a row group of it.
    type Group = tuple[int, int]

_SQL = queries("parts", __package__)


class Listed(NamedTuple):
    """A part that was recorded (記録された部分)."""

    #: Its number at this node.
    part: int
    at: datetime
    request: str
    number: int
    rows: int


class Found(NamedTuple):
    """A row that is about a code (該当する行)."""

    part: int
    row: int
    code: int


async def listed(connection: Connection, after: int = 0, limit: int = 1000) -> list[Listed]:
    """Parts after a number, in the order in which they were recorded."""
    cursor = await connection.execute(_SQL["listed"], {"after": after, "limit": limit})
    return [Listed(*found) for found in await cursor.fetchall()]


async def read(connection: Connection, parts: Collection[int]) -> dict[int, Part]:
    """What these parts say, by their numbers."""
    cursor = await connection.execute(_SQL["manifests"], {"parts": list(parts)})
    return {part: Part.from_bytes(manifest) for part, manifest in await cursor.fetchall()}


async def log(connection: Connection, part: int) -> bytes:
    """The whole Parquet of a part.

    Raises:
        IntegrityFailure: there is no such part.
    """
    found = await (await connection.execute(_SQL["log"], {"part": part})).fetchone()
    if found is None:
        raise IntegrityFailure(f"there is no part {part}")
    return bytes(found[0])


async def row(connection: Connection, part: int, row: int) -> PartRow | None:
    """A row of a part; None where it was erased.

    Raises:
        IntegrityFailure: there is no such row.
    """
    return (await rows(connection, [(part, row)]))[part, row]


async def rows(
    connection: Connection, lines: Collection[tuple[int, int]]
) -> dict[tuple[int, int], PartRow | None]:
    """Rows of parts; None for those that were erased.

    Raises:
        IntegrityFailure: there is no such row.
    """
    tables = await groups(connection, {(part, row // GROUP_ROWS) for part, row in lines})
    return {(part, row): row_of(tables[part, row // GROUP_ROWS], row % GROUP_ROWS) for part, row in lines}


async def find(connection: Connection, parts: Collection[int], codes: Sequence[int]) -> list[Found]:
    """Rows of these parts that are about any of these codes, in the order of parts and rows."""
    wanted = np.unique(np.asarray(codes, np.int64))
    files = await _opened(connection, parts)
    asked = [
        (part, group)
        for part, file in files.items()
        for group in range(file.metadata.num_row_groups)
        if _may_have(file.metadata, group, wanted)
    ]
    found: list[Found] = []
    for (part, group), table in (await _read(connection, files, asked)).items():
        numbers = columns.numbers(table["code"])
        places = np.flatnonzero(np.isin(numbers, wanted))
        found += [Found(part, group * GROUP_ROWS + place, int(numbers[place])) for place in places.tolist()]
    return sorted(found)


async def groups(connection: Connection, wanted: Collection[Group]) -> dict[Group, pa.Table]:
    """Row groups of parts.

    Raises:
        IntegrityFailure: there is no such row group.
    """
    files = await _opened(connection, {part for part, _ in wanted})
    for part, group in wanted:
        if part not in files or group >= files[part].metadata.num_row_groups:
            raise IntegrityFailure(f"part {part} has no row group {group}")
    return await _read(connection, files, wanted)


def row_of(table: pa.Table, place: int) -> PartRow | None:
    """A row as it stands in a table; None where it was erased.

    Raises:
        IntegrityFailure: there is none at this place.
    """
    if place >= table.num_rows:
        raise IntegrityFailure("a part does not have so many rows")
    code, result, basis = (table[name][place].as_py() for name in columns.SCHEMA.names)
    return None if code is None else PartRow(resident_code(code), RESULTS[result], basis)


async def _opened(connection: Connection, parts: Iterable[int]) -> dict[int, Slices]:
    cursor = await connection.execute(_SQL["footers"], {"parts": list(parts), "footer": FOOTER})
    return {part: Slices(size, columns.footer(end)) for part, size, end in await cursor.fetchall()}


async def _read(
    connection: Connection, files: dict[int, Slices], wanted: Collection[Group]
) -> dict[Group, pa.Table]:
    if not wanted:
        return {}
    ranges = [(part, group, *columns.range_of(files[part].metadata, group)) for part, group in wanted]
    names = ("parts", "groups", "starts", "sizes")
    values = dict(zip(names, map(list, zip(*ranges, strict=True)), strict=True))
    cursor = await connection.execute(_SQL["ranges"], values)
    starts = {(part, group): start for part, group, start, _ in ranges}
    for part, group, content in await cursor.fetchall():
        files[part].add(starts[part, group], content)
    return {(part, group): files[part].group(group) for part, group in sorted(wanted)}


def _may_have(footer: pq.FileMetaData, group: int, wanted: np.ndarray) -> bool:
    known: Any = footer.row_group(group).column(0).statistics
    if known is None or not known.has_min_max:
        return False  # every row of it was erased
    return bool(np.searchsorted(wanted, known.min) < np.searchsorted(wanted, known.max, "right"))
