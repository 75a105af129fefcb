# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A book in a node's database (データベースの記録簿), looked at a few thousand rows at a time.

Payloads stay where they are: the database hashes them, and only the hash travels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openjuki.errors import BadEnvelope, ForgedEnvelope, IntegrityFailure
from openjuki.store import checkpoints
from openjuki.store.database import queries
from openjuki.store.verification.damage import Damage, Findings, What
from openjuki.store.verification.evidence import Head, Leaf, Reference
from openjuki.store.verification.settling import perfect_root
from openjuki.store.verification.verifying import verify
from openjuki.wire import leaf as wire
from openjuki.wire.leaf import leaf
from openjuki.wire.merkle import Tree, leaf_hash
from openjuki.wire.note import Signature
from openjuki.wire.tiles import tile_hashes, tile_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from datetime import datetime

    from openjuki.store.database import Connection
    from openjuki.store.verification.damage import Verified
    from openjuki.store.verification.trust import Trust
    from openjuki.store.verification.verifying import Progress

_SQL = queries("verification", package=__package__)

#: Fetched at once: rows, checkpoints, and those that are tried until one is good.
_ROWS: Final = 2048
_CHECKPOINTS: Final = 500
_NEWEST: Final = 8
#: No journal is as large.
_LARGEST: Final = 2**62
#: What the members of a leaf say, and what is wrong where they say something else than their row.
_MEMBERS: Final = {
    "commitment": What.PAYLOAD,
    "index": What.LEAF,
    "kind": What.KIND,
    "time": What.TIME,
}


async def verify_journal(
    connection: Connection,
    *,
    node: str,
    trust: Trust,
    remembered: Iterable[Reference] = (),
    known: Iterable[Damage] = (),
    progress: Progress | None = None,
) -> Verified:
    """Verify the journal of a node in its database (記録簿の検証).

    Args:
        connection: to the node's database; the worker's rights are enough.
        node: node id.
        trust: keys of its log and of its witnesses.
        remembered: roots known from elsewhere; what its witnesses said is in the database.
        known: damages that were found before.
        progress: told how far it is.
    """
    book = Journal(connection, trust)
    book.findings.extend(known)
    told = [*remembered, *[one async for one in _testimonies(book)]]
    return await verify(book, node=node, remembered=told, progress=progress)


class Journal:
    """The journal in a database, as `evidence.Book`."""

    keeps_edges = False

    def __init__(self, connection: Connection, trust: Trust) -> None:
        self.connection, self.trust = connection, trust
        self.findings = Findings()
        self._fetched: range = range(0)
        self._leaves: dict[int, Leaf] = {}

    async def head(self) -> Head:
        """The tree's row, and the newest checkpoint whose signature is good."""
        row = await (await self.connection.execute(_SQL["head"])).fetchone()
        assert row is not None
        size, root, frontier, end, there, claimed = row
        try:
            agrees = Tree.from_bytes(size, frontier).root == root
        except IntegrityFailure:
            agrees = False
        if not agrees:
            self.findings.add(Damage(what=What.TREE))
        good = await self.newest(_LARGEST)
        if good is not None and good.size >= claimed:
            signed, top, tiled = good.size, good.root, good.size
        else:  # the newest one is damaged, or there is none: the tree's row must do, as far as there are tiles
            signed, top, tiled = size if claimed else 0, root, claimed
        return Head(signed=signed, root=top, tiled=tiled, end=end, there=there, tree=(size, root))

    async def leaves(self, first: int, count: int) -> list[Leaf | None]:
        """Leaves with what their rows say."""
        wanted = range(first, first + count)
        if wanted and (first not in self._fetched or wanted[-1] not in self._fetched):
            self._fetched = range(first, first + max(count, _ROWS))
            values = {"first": first, "end": self._fetched.stop}
            cursor = await self.connection.execute(_SQL["rows"], values)
            self._leaves = {row[0]: leaf_of(*row) for row in await cursor.fetchall()}
        return [self._leaves.get(index) for index in wanted]

    async def tile(self, level: int, index: int, width: int) -> bytes | None:  # noqa: ARG002 - all are full
        """A full tile; the root beside it must be its own."""
        cursor = await self.connection.execute(_SQL["tile"], {"level": level, "index": index})
        row = await cursor.fetchone()
        if row is None:
            return None
        hashes, root = row
        if perfect_root(tile_hashes(hashes)) != root:
            self.findings.add(Damage(what=What.TILE, tile=tile_path(level, index)))
        return bytes(hashes)

    async def newest(self, below: int) -> Reference | None:
        """Newest good checkpoint below a size."""
        more = True
        while more:
            values = {"below": below, "limit": _NEWEST}
            rows = await (await self.connection.execute(_SQL["newest"], values)).fetchall()
            for size, note in rows:
                if (good := self._signed(size, note)) is not None:
                    return good
                below = size
            more = len(rows) == _NEWEST
        return None

    async def checkpoints(self) -> AsyncIterator[Reference]:
        """Checkpoints with a good signature; others, and cosignatures that are not good, are damages."""
        above, more = -1, True
        while more:
            values = {"above": above, "limit": _CHECKPOINTS}
            rows = await (await self.connection.execute(_SQL["checkpoints"], values)).fetchall()
            for size, root, note, witnesses, lines in rows:
                above = size
                if (good := self._checkpoint(size, root, note)) is not None:
                    self._cosignatures(size, note, zip(witnesses, lines, strict=True))
                    yield good
            more = len(rows) == _CHECKPOINTS
        cursor = await self.connection.execute(_SQL["orphans"], {"limit": _CHECKPOINTS})
        self.findings.extend(
            Damage(what=What.MISSING, checkpoint=size) for (size,) in await cursor.fetchall()
        )

    def _checkpoint(self, size: int, root: bytes, note: bytes) -> Reference | None:
        good = self._signed(size, note)
        if good is None or good.root != root:
            self.findings.add(Damage(what=What.SIGNATURE, checkpoint=size))
        return good

    def _signed(self, size: int, note: bytes) -> Reference | None:
        try:
            checkpoint = self.trust.read(note)
        except (BadEnvelope, ForgedEnvelope):
            return None
        return Reference(size=size, root=checkpoint.root) if checkpoint.size == size else None

    def _cosignatures(self, size: int, note: bytes, lines: Iterable[tuple[str, bytes]]) -> None:
        for witness, line in lines:
            if not self._confirms(note, witness, line):
                self.findings.add(Damage(what=What.COSIGNATURE, checkpoint=size, witness=witness))

    def _confirms(self, note: bytes, witness: str, line: bytes) -> bool:
        try:
            signature = Signature.from_line(line)
        except BadEnvelope:
            return False
        return signature.name.rpartition("/")[2] == witness and self.trust.confirms(note, signature)


async def _testimonies(book: Journal) -> AsyncIterator[Reference]:
    """What witnesses say that they saw of this journal, as it is called now."""
    for witness, (size, note, _) in (await checkpoints.testimonies(book.connection)).items():
        if note is None:
            continue
        try:
            seen = book.trust.read(note)
        except (BadEnvelope, ForgedEnvelope):
            book.findings.add(Damage(what=What.SIGNATURE, checkpoint=size, witness=witness))
        else:
            if seen.origin == book.trust.origin:
                yield Reference(size=seen.size, root=seen.root, witness=witness)


def leaf_of(index: int, kind: str, recorded_at: datetime, stored: bytes, committed: bytes | None) -> Leaf:
    """A leaf, and whether it says what the rest of its row says (葉と行の照合)."""
    own = leaf_hash(stored)
    if committed is not None and leaf(index, kind, recorded_at, committed) == stored:
        return Leaf(own, own)
    try:
        said = wire.Leaf.from_bytes(stored)
    except IntegrityFailure:
        rebuilt = committed and leaf_hash(leaf(index, kind, recorded_at, committed))
        return Leaf(own, rebuilt, (What.LEAF,))
    row = wire.Leaf(index=index, kind=kind, time=recorded_at, commitment=committed or said.commitment)
    wrong = (what for name, what in _MEMBERS.items() if getattr(said, name) != getattr(row, name))
    return Leaf(own, leaf_hash(row.to_bytes()), tuple(wrong))
