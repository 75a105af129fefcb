# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Sequencer (採番): gives what was committed its index in the journal and its number on each link.

Theory of operation. A turn reads the tree, then what waits in the order of its ids, and extends
the tree by naming the size it extends. Another sequencer that was faster has changed that size:
the turn finds nothing to do and has written nothing. Only a sequencer that has extended the tree
takes rows from the waiting, in the same transaction; so the rows a turn read after it read the size
are still there if the size is.

A business transaction locks the person before it appends, so ids of one person's entries rise in
the order of their commits. A transaction that commits late, whatever its ids, merely gets a later
index: there are no gaps to wait for. A killed turn leaves everything waiting.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.store.database import queries
from openjuki.wire.leaf import leaf
from openjuki.wire.merkle import Tree, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("journal")

#: Most entries of one turn.
MOST: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequenced:
    """What a turn of the sequencer did (採番の結果)."""

    #: How many entries got their index; 0: nothing waited, or another sequencer was faster.
    count: int
    #: Size of the journal afterwards, as far as this turn knows.
    size: int
    #: Whose links have something new: ring at their doors.
    recipients: frozenset[str] = field(default=frozenset())


class _Pending(NamedTuple):
    id: int
    kind: str
    recorded_at: datetime
    commitment: bytes
    recipients: Sequence[str]


async def sequence(connection: Connection, limit: int = MOST) -> Sequenced:
    """Sequence what waits, at most `limit` entries, in the caller's transaction.

    Do nothing else in that transaction: it holds the tree.
    """
    before = await read_tree(connection)
    cursor = await connection.execute(_SQL["pending"], {"limit": limit})
    pending = [_Pending(*row) for row in await cursor.fetchall()]
    leaves = [
        leaf(index, row.kind, row.recorded_at, row.commitment)
        for index, row in enumerate(pending, before.size)
    ]
    after = before.append(map(leaf_hash, leaves))
    if not pending or not await _advance(connection, before, after):
        return Sequenced(count=0, size=before.size)
    await _settle(connection, pending, leaves, before.size)
    recipients = await _enter(connection, pending, before.size)
    return Sequenced(count=len(pending), size=after.size, recipients=recipients)


async def waits(connection: Connection) -> bool:
    """Whether anything waits for an index: a cheap look for whoever looks often."""
    cursor = await connection.execute(_SQL["waits"])
    return await cursor.fetchone() is not None


async def read_tree(connection: Connection) -> Tree:
    """The tree over the journal as it stands."""
    cursor = await connection.execute(_SQL["head"])
    row = await cursor.fetchone()
    assert row is not None
    size, _, frontier = row
    return Tree.from_bytes(size, frontier)


async def _advance(connection: Connection, before: Tree, after: Tree) -> bool:
    """Compare and set: False where the tree is no longer the one that was read."""
    values = {"before": before.size, "size": after.size, "root": after.root, "frontier": after.to_bytes()}
    return (await connection.execute(_SQL["advance"], values)).rowcount == 1


async def _settle(
    connection: Connection, pending: Sequence[_Pending], leaves: list[bytes], first: int
) -> None:
    """Move the rows from the waiting into the book."""
    ids = [row.id for row in pending]
    await connection.execute(_SQL["settle"], {"ids": ids, "first": first, "leaves": leaves})
    await connection.execute(_SQL["settled"], {"ids": ids})


async def _enter(connection: Connection, pending: Sequence[_Pending], first: int) -> frozenset[str]:
    """Number the entries on the links of those they are for: dense, in the order of the book."""
    amounts = Counter(recipient for row in pending for recipient in row.recipients)
    if amounts:
        numbers = await _take_numbers(connection, amounts)
        entries = [
            (recipient, next(numbers[recipient]), index)
            for index, row in enumerate(pending, first)
            for recipient in row.recipients
        ]
        recipients, seqs, indexes = map(list, zip(*entries, strict=True))
        await connection.execute(_SQL["enter"], {"recipients": recipients, "seqs": seqs, "indexes": indexes})
    return frozenset(amounts)


async def _take_numbers(connection: Connection, amounts: Mapping[str, int]) -> dict[str, Iterator[int]]:
    recipients = sorted(amounts)
    values = {"recipients": recipients, "amounts": [amounts[recipient] for recipient in recipients]}
    cursor = await connection.execute(_SQL["take_numbers"], values)
    ends = await cursor.fetchall()
    return {recipient: iter(range(end - amounts[recipient], end)) for recipient, end in ends}
