# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Journal (記録簿): what happened at a node, committed with the effect. Bytes: docs/spec/journal.md.

A business transaction appends entries; they get their place in the book, and on the links of
those they are for, when the sequencer comes by. A row of the book is a leaf, which stays for ever,
and what the leaf commits to: a payload and its salt, which may be erased together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import orjson

from openjuki.errors import IntegrityFailure
from openjuki.store.adapting import Texts
from openjuki.store.database import copy_body, copy_rows, queries
from openjuki.wire.leaf import commitment, leaf

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from openjuki.store.database import Connection

#: Random bytes that hide a payload in its commitment.
SALT_SIZE = 32

_SQL = queries("journal")
_PENDING = ("text", "timestamptz", "bytea", "bytea", "bytea", "text[]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something that happened (記録), before it has its place in the book."""

    #: What it is, as ``<noun>.<past tense>``.
    kind: str
    #: When it happened, as the node recorded it.
    recorded_at: datetime
    #: What happened, in bytes that are never changed.
    payload: bytes
    #: 32 random bytes, never used twice.
    salt: bytes
    #: The nodes it is for, one link each.
    recipients: tuple[str, ...] = field(default=())


class Committed(NamedTuple):
    """An entry, and what its leaf will say of it (約束した記録)."""

    kind: str
    recorded_at: datetime
    #: SHA-256(salt ‖ payload).
    commitment: bytes
    salt: bytes
    payload: bytes
    recipients: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Row of the book (記録簿の行)."""

    index: int
    kind: str
    recorded_at: datetime
    leaf: bytes
    #: None where it was erased, together with the payload.
    salt: bytes | None
    payload: bytes | None

    def verify(self) -> None:
        """Check that the leaf says what the row says, and commits to the payload if it is still there.

        Raises:
            IntegrityFailure: it does not.
        """
        committed = orjson.loads(self.leaf)["commitment"]
        if self.payload is not None and self.salt is not None:
            committed = commitment(self.salt, self.payload).hex()
        if self.leaf != leaf(self.index, self.kind, self.recorded_at, bytes.fromhex(committed)):
            raise IntegrityFailure(f"journal row {self.index} is not what its leaf commits to")


async def append(connection: Connection, entries: Sequence[Entry]) -> None:
    """Record entries in the caller's transaction, in this order."""
    rows = [
        Committed(e.kind, e.recorded_at, commitment(e.salt, e.payload), e.salt, e.payload, e.recipients)
        for e in entries
    ]
    await append_committed(connection, rows)


async def append_committed(connection: Connection, rows: Sequence[Committed]) -> None:
    """Record entries whose commitment is known already, as somebody was promised it; one alone without a COPY's effort."""
    if len(rows) == 1:
        (row,) = rows
        await connection.execute(_SQL["append_one"], {**row._asdict(), "recipients": Texts(row.recipients)})
    else:
        await copy_rows(connection, _SQL["append"], _PENDING, rows)


async def append_copied(connection: Connection, body: bytes) -> None:
    """Record entries that are written already, in binary COPY format (`store.bulk.entering`)."""
    await copy_body(connection, _SQL["append"], body)


async def read(connection: Connection, *, first: int = 0, limit: int = 1000) -> list[Row]:
    """Rows of the book from an index on."""
    cursor = await connection.execute(_SQL["read"], {"first": first, "limit": limit})
    return [
        Row(index=index, kind=kind, recorded_at=time, leaf=bytes_, salt=salt, payload=payload)
        for index, kind, time, bytes_, salt, payload in await cursor.fetchall()
    ]
