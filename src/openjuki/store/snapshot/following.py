# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The present state of a book (現在の台帳の状態): the newest generation, and the journal folded from there on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from openjuki.errors import IntegrityFailure
from openjuki.store.database import queries
from openjuki.store.proofs import root_of
from openjuki.store.snapshot import places
from openjuki.store.snapshot.errors import SnapshotMissing
from openjuki.store.snapshot.folding import Fold
from openjuki.store.snapshot.generation import Generation
from openjuki.store.snapshot.overlay import Overlay
from openjuki.store.snapshot.state import State

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from openjuki.store.database import Connection

#: Rows of the journal that are folded together: each time, who they speak of is read from the generation.
_TOGETHER: Final = 50_000
#: Most rows of the journal that are held in memory, with nothing on the disk but the journal.
MOST: Final = 1_000_000

_SQL = queries("snapshot", package=__package__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Following(State):
    """A state that can be followed up (追跡中の状態): with the fold that it came from."""

    fold: Fold

    def can_grow(self, generation: Generation, size: int) -> bool:
        """Whether what comes next can be folded in: nobody has followed it up, and the generation is still this one."""
        return self.generation.path == generation.path and self.fold.size == self.size <= size


async def current(
    connection: Connection,
    folder: Path,
    *,
    known: State | None = None,
    size: int | None = None,
    at: datetime | None = None,
) -> State:
    """The state of the book now, or as it was at an earlier size of the journal.

    Args:
        connection: reads the journal, nothing else.
        folder: of generations.
        known: a state from before, which is followed up where that is possible; it stays as it is.
        size: of the journal; without it its present one.
        at: the time; without it the database's.

    Raises:
        SnapshotMissing: no generation is near enough.
        IntegrityFailure: the generation is damaged, or of a journal that has been begun anew since.
        StoreUnavailable: the database does not answer.
    """
    end, root, now = await _present(connection)
    if size is not None and size != end:
        end, root = size, await root_of(connection, size)
    begun = await _begun(connection, places.newest(folder, end) or Generation.empty(), known, end)
    fold, first = begun.fold, begun.size
    if end - first > MOST:
        raise SnapshotMissing
    overlay = await _folded(connection, fold, first, end) or begun.overlay
    return replace(begun, overlay=overlay, size=end, root=root, at=at or now)


async def size_of(connection: Connection) -> int:
    """How many rows the journal has."""
    return (await _present(connection))[0]


async def _present(connection: Connection) -> tuple[int, bytes, datetime]:
    row = await (await connection.execute(_SQL["present"])).fetchone()
    assert row is not None
    size, root, now = row
    return size, root, now


async def _begun(connection: Connection, generation: Generation, known: State | None, end: int) -> Following:
    """What is followed up: the state that is known, if it comes from this generation; else the generation."""
    if isinstance(known, Following) and known.can_grow(generation, end):
        return known
    if generation.size and await root_of(connection, generation.size) != generation.root:
        raise IntegrityFailure(f"generation {generation.number} is of another journal; build one anew")
    return Following(
        generation=generation,
        overlay=Overlay(),
        size=generation.size,
        root=generation.root,
        at=generation.at,
        fold=Fold(generation),
    )


async def _folded(connection: Connection, fold: Fold, first: int, end: int) -> Overlay | None:
    """Fold the journal from one size to another; None where nothing is new."""
    new = False
    while first < end:
        values = {"first": first, "end": end, "limit": _TOGETHER}
        rows = await (await connection.execute(_SQL["applied"], values)).fetchall()
        if rows:
            new = await asyncio.to_thread(fold.take, [payload for _, payload in rows]) or new
        first = rows[-1][0] + 1 if len(rows) == _TOGETHER else end
    fold.size = end
    return await asyncio.to_thread(Overlay.of, fold) if new else None
