# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A book in a folder (書き出された記録簿), to be verified without any server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from openjuki.carriage.logbook import CHECKPOINT, LOG_KEYS, WITNESS_KEYS
from openjuki.errors import BadEnvelope, BadLog, ForgedEnvelope, IntegrityFailure
from openjuki.refusal import Where
from openjuki.store.verification.damage import Damage, Findings, What
from openjuki.store.verification.evidence import MOST_LOST, Head, Leaf, Reference
from openjuki.store.verification.trust import Trust
from openjuki.wire import leaf as wire
from openjuki.wire.checkpoint import Checkpoint
from openjuki.wire.merkle import leaf_hash
from openjuki.wire.note import Note, SignatureType, Verifier
from openjuki.wire.tiles import WIDTH, entries_path, read_bundle, tile_path

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

#: Where a leaf begins and ends: what is between has no braces.
_LEAF: Final = re.compile(rb"\{[^{}]*\}")


def read_keys(text: str, *, where: str) -> list[Verifier]:
    """Public keys, one a line (検証鍵の一覧).

    Raises:
        BadConfiguration: a line is not a key.
        BadLog: there is none.
    """
    keys = [Verifier.from_text(line) for line in text.splitlines() if line.strip()]
    if not keys:
        raise BadLog("no public key to verify with", where=Where(file=where))
    return keys


def trust_in(folder: Path, given: Iterable[Verifier]) -> Trust:
    """Whose signatures count in a folder: keys that were given, else those that lie in it (信頼する鍵).

    Raises:
        BadConfiguration: a file of keys is malformed.
        BadLog: there is no key of a log.
    """
    keys = list(given)
    if not any(one.kind is SignatureType.ED25519 for one in keys):
        keys += read_keys(_text(folder / LOG_KEYS), where=LOG_KEYS)
    if (folder / WITNESS_KEYS).exists():
        keys += map(Verifier.from_text, _text(folder / WITNESS_KEYS).split())
    return Trust(
        log=tuple(one for one in keys if one.kind is SignatureType.ED25519),
        witnesses=tuple(dict.fromkeys(one for one in keys if one.kind is SignatureType.COSIGNATURE)),
    )


def kept_checkpoint(note: bytes, trust: Trust) -> Reference:
    """A checkpoint that somebody kept from an earlier export (控えの到達点).

    Raises:
        BadLog: it is not one of this log, or damaged.
    """
    try:
        checkpoint = trust.read(note)
    except (BadEnvelope, ForgedEnvelope) as error:
        raise BadLog(f"the kept checkpoint is of no use: {error}") from error
    return Reference(size=checkpoint.size, root=checkpoint.root, witness="the kept checkpoint")


class Folder:
    """An exported journal, as `evidence.Book`.

    Raises:
        BadLog: the folder is not one.
    """

    keeps_edges = True

    def __init__(self, path: Path, trust: Trust) -> None:
        self.findings = Findings()
        self._path, self._trust = path, trust
        self._note = self._read(CHECKPOINT)
        if self._note is None:
            raise BadLog(f"{path} is not an exported log: it has no checkpoint", where=Where(file=CHECKPOINT))
        self._good = self._checkpoint(self._note)
        self._size = self._good.size if self._good else self._claimed(self._note)

    @property
    def origin(self) -> str:
        """What the log is called."""
        return self._trust.origin

    async def head(self) -> Head:
        """What the checkpoint says, and how far the leaves reach."""
        root = self._good.root if self._good else None
        bundles = sum(one.is_file() for one in (self._path / "tile" / "entries").rglob("*"))
        there = min(self._size, bundles * WIDTH)
        end = there if self._size - there > MOST_LOST else self._end()
        return Head(signed=self._size, root=root, tiled=self._size, end=end, there=there)

    async def leaves(self, first: int, count: int) -> list[Leaf | None]:
        """Leaves of one bundle."""
        found = self._bundle(first // WIDTH)[:count]
        leaves: list[Leaf | None] = [self._leaf(index, raw) for index, raw in enumerate(found, first)]
        return leaves + [None] * (count - len(found))

    async def tile(self, level: int, index: int, width: int) -> bytes | None:
        """A tile, full or not."""
        return self._read(tile_path(level, index, width))

    async def newest(self, below: int) -> Reference | None:
        """The one there is, if it is smaller."""
        return self._good if self._good and self._good.size < below else None

    async def checkpoints(self) -> AsyncIterator[Reference]:
        """The one there is, if its signature is good; whoever else signed it must be known."""
        if self._good is None:
            self.findings.add(Damage(what=What.SIGNATURE, checkpoint=self._size))
            return
        for one in self._trust.strangers(self._note or b""):
            self.findings.add(Damage(what=What.COSIGNATURE, checkpoint=self._size, witness=one.name))
        yield self._good

    def _checkpoint(self, note: bytes) -> Reference | None:
        try:
            checkpoint = self._trust.read(note)
        except (BadEnvelope, ForgedEnvelope):
            return None
        return Reference(size=checkpoint.size, root=checkpoint.root)

    def _claimed(self, note: bytes) -> int:
        """The size in a checkpoint that is not good, if it can be read."""
        try:
            size = Checkpoint.from_text(Note.from_bytes(note).text.decode()).size
        except BadEnvelope:
            size = 0
        return size if self._read(entries_path(*_last(size))) is not None else self._counted()

    def _counted(self) -> int:
        """How many leaves lie there."""
        index = 0
        while self._read(entries_path(index)) is not None:
            index += 1
        return index * WIDTH + max(self._widths(index), default=0)

    def _end(self) -> int:
        """How far the leaves reach, of those that the checkpoint covers."""
        for index in range((self._size - 1) // WIDTH, -1, -1):
            if found := self._bundle(index):
                return index * WIDTH + len(found)
        return 0

    def _bundle(self, index: int) -> list[bytes]:
        """The leaves in a bundle; of one that does not add up, those that can be told apart."""
        width = min(WIDTH, self._size - index * WIDTH)
        raw = self._read(entries_path(index, width))
        if raw is None:
            smaller = [one for one in self._widths(index) if one < width]
            raw = self._read(entries_path(index, max(smaller))) if smaller else None
        if raw is None:
            return []
        try:
            found = read_bundle(raw)
        except IntegrityFailure:
            self.findings.add(Damage(what=What.BUNDLE, tile=entries_path(index, width)))
            found = _LEAF.findall(raw)
        return found[:width]

    def _widths(self, index: int) -> list[int]:
        """Widths of the bundles of an index that are not full."""
        folder = (self._path / entries_path(index, 1)).parent
        return [int(file.name) for file in folder.glob("[0-9]*")] if folder.is_dir() else []

    def _leaf(self, index: int, raw: bytes) -> Leaf:
        own = leaf_hash(raw)
        try:
            right = wire.Leaf.from_bytes(raw).index == index
        except IntegrityFailure:
            right = False
        return Leaf(own, None, () if right else (What.LEAF,))

    def _read(self, path: str) -> bytes | None:
        try:
            return (self._path / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None


def _last(size: int) -> tuple[int, int]:
    """Index and width of the last bundle of a log."""
    index = max(size - 1, 0) // WIDTH
    return index, size - index * WIDTH


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadLog(f"no public key in {path}; give one with --key", where=Where(file=path.name)) from error
