# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Bulk provisions are counted again (一括提供の再計算): each part's rows, and the tree that grows from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openjuki.errors import IntegrityFailure
from openjuki.store import parts
from openjuki.store.auditing.findings import What
from openjuki.store.auditing.online import SQL, column

if TYPE_CHECKING:
    from collections.abc import Callable

    from openjuki.store.auditing.findings import Audited
    from openjuki.store.database import Connection

#: What `parts.check` finds, in our words; all else does not grow to the root that was signed.
_MISCOUNTS: Final = frozenset(("rows", "bases", "results"))


async def audit_parts(
    connection: Connection, found: Audited, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> None:
    """Count every part again, and hold the journal's rows against them."""
    found.add(What.UNLISTED, "journal", await column(connection, "parts_unlisted"))
    found.add(What.UNRECORDED, "part", await column(connection, "parts_unrecorded"))
    every = await (await connection.execute(SQL["parts"])).fetchall()
    for number, (part, erased) in enumerate(every, 1):
        await _audit_part(connection, found, part, erased)
        progress(number, len(every))


async def _audit_part(connection: Connection, found: Audited, part: int, erased: int) -> None:
    found.counts["parts"] += 1
    try:
        checked = await parts.check(connection, part)
    except IntegrityFailure:
        found.add(What.MISGROWN, "part", [part])
        return
    said = checked.part
    found.counts["keys"] += said.asked
    found.counts["rows"] += said.rows
    found.counts["rows_erased"] += checked.erased
    found.results.update({result.value: count for result, count in said.results.items()})
    if checked.erased != erased:
        found.add(What.UNEXPLAINED, "part", [part])
    if _MISCOUNTS.intersection(checked.faults):
        found.add(What.MISCOUNTED, "part", [part])
    if set(checked.faults) - _MISCOUNTS:
        found.add(What.MISGROWN, "part", [part])
