# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Online provisions are counted again (即時提供の再計算): each envelope of the journal against the record, and back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from openjuki.errors import BadEnvelope
from openjuki.store.auditing.findings import What
from openjuki.store.database import queries
from openjuki.wire.merkle import HASH_SIZE, root_of
from openjuki.wire.provided import Envelope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from openjuki.store.auditing.findings import Audited
    from openjuki.store.database import Connection

SQL = queries("auditing", __package__)

#: Rows of the journal that are looked at in one statement, and envelopes.
WINDOW: Final = 50_000
ENVELOPES: Final = 1_000
_OF_QUESTIONS: Final = {
    "rewritten": What.MISGROWN,
    "misstated": What.MISSTATED,
    "misnamed": What.MISNAMED,
    "unexplained": What.UNEXPLAINED,
}


async def audit_online(
    connection: Connection, found: Audited, progress: Callable[[int, int], None] = lambda _done, _all: None
) -> None:
    """Hold every row of the journal against the record of provisions, and the record against the journal."""
    row = await (await connection.execute(SQL["standing"])).fetchone()
    assert row is not None
    size, found.counts["signed"], last = row
    found.counts["journal"] = size
    found.counts.update(dict.fromkeys(("questions", "granted", "questions_erased"), 0))
    for first in range(0, size, WINDOW):
        end = min(first + WINDOW, size)
        found.add(What.UNLISTED, "journal", await _unlisted(connection, first, end))
        progress(end, size + last)
    after = 0
    while envelopes := await _envelopes(connection, found, after):
        after = envelopes[-1]
        progress(size + after, size + last)
        for name, what in _OF_QUESTIONS.items():
            found.add(what, "provision", await column(connection, name, {"envelopes": envelopes}))


async def _unlisted(connection: Connection, first: int, end: int) -> list[int]:
    """Rows of the journal about envelopes that the record does not list, or that are no such rows."""
    cursor = await connection.execute(SQL["journalled"], {"first": first, "end": end})
    said, unreadable = [], []
    for index, payload, commitment in await cursor.fetchall():
        try:
            asker, envelope, _ = Envelope.from_bytes(payload or b"").carried
        except BadEnvelope:
            unreadable.append(index)
        else:
            said.append((index, asker, envelope, commitment))
    names = ("indexes", "askers", "envelopes", "commitments")
    columns = zip(*said, strict=True) if said else ([],) * len(names)
    values = dict(zip(names, map(list, columns), strict=True))
    return sorted([*unreadable, *await column(connection, "unlisted", values)])


async def _envelopes(connection: Connection, found: Audited, after: int) -> list[int]:
    """Hold the next envelopes against what the journal says of them; their numbers."""
    values = {"after": after, "limit": ENVELOPES}
    rows = await (await connection.execute(SQL["envelopes"], values)).fetchall()
    for _, name, through, at, payload, leaves, granted, erased in rows:
        if payload is None:
            found.add(What.UNRECORDED, "envelope", [name])
            continue
        found.counts.update(questions=len(leaves) // HASH_SIZE, granted=granted, questions_erased=erased)
        for fault in _faults(payload, leaves, (through, at)):
            found.add(fault, "envelope", [name])
    return [number for number, *_ in rows]


def _faults(payload: bytes, leaves: bytes, stated: tuple[str | None, datetime]) -> Iterator[What]:
    """What is wrong with an envelope whose questions have these leaves, and of which the record states this."""
    hashes = [leaves[start : start + HASH_SIZE] for start in range(0, len(leaves), HASH_SIZE)]
    try:
        said = Envelope.from_bytes(payload)
    except BadEnvelope:
        yield What.MISGROWN
        return
    if said.questions != len(hashes):
        yield What.MISCOUNTED
    elif said.root != root_of(hashes):
        yield What.MISGROWN
    if stated != (said.carried.through, said.at):
        yield What.MISSTATED


async def column(connection: Connection, name: str, values: Mapping[str, Any] | None = None) -> list[Any]:
    """The first column of what a statement gives."""
    return [one[0] for one in await (await connection.execute(SQL[name], values)).fetchall()]
