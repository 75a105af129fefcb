# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Online provisions are counted again (即時提供の再計算): each row of the journal against the record, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from openjuki.store.auditing.findings import What
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openjuki.store.auditing.findings import Audited
    from openjuki.store.database import Connection

SQL = queries("auditing", __package__)

#: Rows of the journal that are looked at in one statement.
WINDOW: Final = 50_000
_OF_ROWS: Final = {
    "unlisted": What.UNLISTED,
    "misnamed": What.MISNAMED,
    "unexplained": What.UNEXPLAINED,
}


async def audit_online(
    connection: Connection, found: Audited, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> None:
    """Hold every row of the journal against the record of provisions, and the record against the journal."""
    row = await (await connection.execute(SQL["standing"])).fetchone()
    assert row is not None
    size, found.counts["signed"] = row
    found.counts["journal"] = size
    for first in range(0, size, WINDOW):
        await _audit_window(connection, found, {"first": first, "end": min(first + WINDOW, size)})
        progress(min(first + WINDOW, size), size)
    found.add(What.UNRECORDED, "provision", await column(connection, "provisions_unrecorded"))
    found.add(What.MISCOUNTED, "envelope", await column(connection, "envelopes_miscounted"))


async def _audit_window(connection: Connection, found: Audited, window: Mapping[str, int]) -> None:
    row = await (await connection.execute(SQL["rows"], window)).fetchone()
    for name, count in zip(("questions", "granted", "questions_erased"), row or (), strict=True):
        found.counts[name] += count
    for name, what in _OF_ROWS.items():
        found.add(what, "journal", await column(connection, name, window))


async def column(connection: Connection, name: str, values: Mapping[str, Any] | None = None) -> list[Any]:
    """The first column of what a statement gives."""
    return [one[0] for one in await (await connection.execute(SQL[name], values)).fetchall()]
