# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The signer (署名者): vouches for the journals of some nodes, in a process of its own that trusts no database.

Rules of this file:

1. What is signed extends what was signed before. The signer appends the leaves to a tree of its own, which it
   keeps outside the database (`signed_state`), and signs only where that is the tree that the database has.
2. State before signature: what is published is already on the disk, so a killed signer signs the same again.
3. Where somebody has seen more of the journal than there is, nothing is signed until somebody has looked.

Theory of operation. Once a second each log is looked at. Where it has grown, the signer reads the leaves from
the last whole tile on, checks that they give the tree it has signed, goes on to the tree that the database
claims, writes the tiles that have become full, and signs. A log that has not grown is vouched for anew every
20 seconds, so that silence always means that something is wrong.

A signer that cannot show that it signed within the last minute may stand on a restored disk. It waits for the
word of a witness (that the node's worker writes down), and what any witness has cosigned must lie on the way.
With that, a lost state is no loss: the tree is built again from the first leaf.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Self

import structlog

from openjuki.config import clock
from openjuki.errors import (
    BadConfiguration,
    BadEnvelope,
    ForgedEnvelope,
    IntegrityFailure,
    JukiError,
    StaleDirectory,
)
from openjuki.nodes.log import log_to_stderr
from openjuki.nodes.signed_state import SignedState, claim
from openjuki.pki.identity import load_public_keys
from openjuki.pki.keys import SigningKey
from openjuki.refusal import Where
from openjuki.store import alarms, checkpoints, sequencer
from openjuki.store.checkpoints import Signed, Tile
from openjuki.store.database import pool, transact
from openjuki.wire.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from openjuki.wire.directory import read_directory
from openjuki.wire.merkle import Tree, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from openjuki.config import NodeSettings, Settings
    from openjuki.pki.keys import PublicKey
    from openjuki.store.checkpoints import Testimony
    from openjuki.store.database import Connection, Pool
    from openjuki.wire.directory import Directory

log = structlog.get_logger()

#: Seconds between two looks at a log; when it has grown, it is signed.
EVERY = 1.0
#: How long a log that does not grow goes without being vouched for anew.
RENEWED = timedelta(seconds=20)
#: A signer that has not signed for so long waits for the word of a witness.
MAY_BE_RESTORED = timedelta(seconds=60)

#: Hashes in a tile, as a power of two; and how many tiles are read at once.
_HEIGHT, _TILES_AT_ONCE = 8, 64
_WIDTH = 1 << _HEIGHT


@dataclass(slots=True, kw_only=True)
class Signer:
    """The signer of one node's log (記録簿の署名者)."""

    settings: NodeSettings
    key: SigningKey
    #: Public keys whose signature on a node directory it believes.
    roots: tuple[PublicKey, ...]
    #: The signed directory on the disk.
    published: Path
    clock: Callable[[], datetime] = clock
    #: What was signed last; None where nothing is known.
    state: SignedState | None
    #: When this process began to look.
    since: datetime
    #: When this process signed last.
    signed_at: datetime | None = None
    #: When it refused to sign last, while it refuses.
    refused_at: datetime | None = None
    #: Whether it has said that it waits for a witness.
    waiting: bool = False
    #: The directory as it was read last, and when it was changed on the disk, in nanoseconds.
    _directory: tuple[int, Directory] | None = field(default=None, repr=False)

    @classmethod
    def open(cls, settings: Settings, node: str, *, clock: Callable[[], datetime] = clock) -> Self:
        """Read a signer's key and what it signed last.

        Raises:
            BadConfiguration: no such node, or the key cannot be used.
            IntegrityFailure: what it signed last cannot be read.
        """
        own = settings.node(node)
        return cls(
            settings=own,
            key=SigningKey.load(own.signer_folder / "log.pem"),
            roots=load_public_keys(own.signer_folder / "roots"),
            published=settings.directory,
            clock=clock,
            state=SignedState.load(own.signer_folder),
            since=clock(),
        )

    async def turn(self, book: Pool) -> bool:
        """Look at the log once, and sign it if that is due; whether it was signed.

        Raises:
            StoreUnavailable: the database does not answer.
            OSError, PeerError: the directory cannot be used.
        """
        directory = self.directory()
        head = await transact(book, sequencer.read_tree)
        state = self._state(directory)
        if not self._is_due(head, state):
            return False
        said: Mapping[str, Testimony] = {}
        if self.signed_at is None or state != self.state:  # later nobody has seen more than was signed here
            said = await transact(book, checkpoints.testimonies)
            begun = await transact(book, partial(checkpoints.has_begun, journal=state.journal))
            if not begun or not self._may_sign(directory, state, said):
                return False
        try:
            await self._extend(book, directory, state.tree, head, said)
            await self._sign(book, directory, head)
        except IntegrityFailure as error:
            await self._refuse(book, head, state, error)
            return False
        return True

    def check_directory(self) -> None:
        """Return only when there is a node directory of this network; one that has expired, the node may yet renew.

        Raises:
            BadConfiguration: it cannot be read.
            PeerError: it is not this network's.
        """
        try:
            with suppress(StaleDirectory):
                self.directory()
        except OSError as error:
            raise BadConfiguration(
                f"the node directory cannot be read: {error.strerror}", where=Where(file=str(self.published))
            ) from error

    def directory(self) -> Directory:
        """The node directory as it lies on the disk, verified.

        Raises:
            OSError: it cannot be read.
            PeerError: it is not this network's, or has expired.
        """
        changed = self.published.stat().st_mtime_ns
        if self._directory is None or self._directory[0] != changed:
            read = read_directory(self.published.read_bytes(), roots=self.roots, at=self.clock())
            self._directory = changed, read
        directory = self._directory[1]
        directory.check_fresh(self.clock())
        return directory

    def _state(self, directory: Directory) -> SignedState:
        """What was signed of this journal; where the directory says that a new one begins: nothing."""
        journal = directory.node(self.settings.id).journal
        known = self.state
        return known if known and known.journal == journal else SignedState.begin(journal)

    def _is_due(self, head: Tree, state: SignedState) -> bool:
        now, last = self.clock(), self.refused_at or self.signed_at
        if self.refused_at is None and (head.size != state.tree.size or state.signed_at != self.signed_at):
            return True
        # what was signed in times to come vouches for nothing: the clock was wrong then, or is now
        return last is None or not timedelta(0) <= now - last < RENEWED

    def _may_sign(self, directory: Directory, state: SignedState, said: Mapping[str, Testimony]) -> bool:
        """Whether this can be no restored disk: it was signing just now, or a witness has told what it knows."""
        if self.signed_at is not None:
            return True
        if state.signed_at is not None and abs(self.clock() - state.signed_at) < MAY_BE_RESTORED:
            return True
        witnesses = directory.witnesses(self.settings.id)
        if not witnesses or any(one in said and said[one].heard_at >= self.since for one in witnesses):
            return True
        if not self.waiting:
            log.info("waiting for a witness", node=self.settings.id)
        self.waiting = True
        return False

    async def _extend(
        self, book: Pool, directory: Directory, signed: Tree, head: Tree, said: Mapping[str, Testimony]
    ) -> None:
        """Go from the tree that was signed to the one that the database has, past what witnesses have seen.

        Raises:
            IntegrityFailure: there is no such way.
        """
        seen = {**self._seen(directory, said, signed.size), signed.size: signed.root}
        if max(seen) > head.size:
            raise IntegrityFailure(f"the journal has shrunk from {max(seen)} to {head.size}")
        tree = _whole_tiles(signed)
        while tree.size < head.size:
            end = min(head.size, tree.size + _TILES_AT_ONCE * _WIDTH)
            tree = await transact(book, partial(_grow, tree=tree, end=end, seen=seen))
        if tree != head:
            raise IntegrityFailure(f"the leaves do not give the tree of {head.size}")

    def _seen(self, directory: Directory, said: Mapping[str, Testimony], signed: int) -> dict[int, bytes]:
        """Roots by size that witnesses have cosigned beyond what was signed here; what does not verify is no word."""
        origin = directory.origin(self.settings.id)
        keys = (self.key.public, *directory.log_keys(self.settings.id))
        found = {}
        for witness, one in said.items():
            if one.note is not None and one.size > signed:
                try:
                    checkpoint = read_checkpoint(one.note, origin=origin, keys=keys)
                except BadEnvelope:  # of a journal that was given up
                    continue
                except ForgedEnvelope as error:
                    log.warning("no testimony", node=self.settings.id, witness=witness, code=error.code)
                else:
                    found[checkpoint.size] = checkpoint.root
        return found

    async def _sign(self, book: Pool, directory: Directory, tree: Tree) -> None:
        """State on the disk, then signature, then publication."""
        now = self.clock()
        journal = directory.node(self.settings.id).journal
        state = SignedState(journal=journal, tree=tree, signed_at=now)
        state.save(self.settings.signer_folder)
        self.state = state
        origin = directory.origin(self.settings.id)
        note = sign_checkpoint(Checkpoint(origin=origin, size=tree.size, root=tree.root), self.key)
        signed = Signed(size=tree.size, root=tree.root, note=note, signed_at=now)
        await transact(book, lambda book: checkpoints.publish(book, signed))
        self.signed_at, self.refused_at, self.waiting = now, None, False

    async def _refuse(self, book: Pool, head: Tree, state: SignedState, error: IntegrityFailure) -> None:
        """Sign nothing, and say so once."""
        now, first = self.clock(), self.refused_at is None
        self.refused_at = now
        if first:
            log.error("refusing to sign", node=self.settings.id, code=error.code, reason=str(error))
            detail = {"size": head.size, "signed_size": state.tree.size}
            await transact(book, lambda book: alarms.raise_once(book, "log-not-extended", detail, now))


def _whole_tiles(tree: Tree) -> Tree:
    """The tree as it was when its last tile became full."""
    size = tree.size - tree.size % _WIDTH
    return Tree(size, tree.frontier[: size.bit_count()])


async def _grow(book: Connection, *, tree: Tree, end: int, seen: Mapping[int, bytes]) -> Tree:
    """Append leaves from the beginning of a tile on, write the tiles that become full, check what was seen.

    Raises:
        IntegrityFailure: a leaf is missing, or the tree is not the one that was seen.
    """
    first, tiles = tree.size, []
    leaves = await checkpoints.leaves(book, first, end)
    for start in range(0, len(leaves), _WIDTH):
        hashes = [leaf_hash(leaf) for leaf in leaves[start : start + _WIDTH]]
        _check_seen(tree, hashes, seen)
        if len(hashes) == _WIDTH:
            tile = _tile(0, tree.size >> _HEIGHT, hashes)
            tiles.append(tile)
            tree = tree.append([tile.root], height=_HEIGHT)
        else:
            tree = tree.append(hashes)
    await checkpoints.put_tiles(book, tiles)
    await _put_higher_tiles(book, first >> _HEIGHT, end >> _HEIGHT)
    return tree


def _check_seen(tree: Tree, hashes: Sequence[bytes], seen: Mapping[int, bytes]) -> None:
    for size, root in seen.items():
        if (
            tree.size < size <= tree.size + len(hashes)
            and tree.append(hashes[: size - tree.size]).root != root
        ):
            raise IntegrityFailure(f"the first {size} leaves are not those that were signed")


async def _put_higher_tiles(book: Connection, first: int, end: int) -> None:
    """Write the tiles of tiles that have become full with the tiles from `first` to `end` of the level below."""
    level = 1
    while (first := first >> _HEIGHT) < (end := end >> _HEIGHT):
        tiles = [
            _tile(
                level,
                index,
                await checkpoints.tile_roots(book, level - 1, index << _HEIGHT, (index + 1) << _HEIGHT),
            )
            for index in range(first, end)
        ]
        await checkpoints.put_tiles(book, tiles)
        level += 1


def _tile(level: int, index: int, hashes: Sequence[bytes]) -> Tile:
    return Tile(level, index, b"".join(hashes), Tree.EMPTY.append(hashes).root)


async def serve(settings: Settings, nodes: Sequence[str], *, ready: Callable[[], None]) -> None:
    """Sign for these nodes until the process is told to stop (SIGTERM, SIGINT).

    Raises:
        BadConfiguration: a node is not configured here, its key or the node directory cannot be used, or another
            signer is at work.
        IntegrityFailure: what was signed last cannot be read.
        PeerError: the node directory is not this network's.
    """
    log_to_stderr()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    with ExitStack() as claims:
        for node in nodes:
            claims.callback(os.close, claim(settings.node(node).signer_folder))
        signers = [Signer.open(settings, node) for node in nodes]
        for signer in signers:
            signer.check_directory()
        ready()
        await asyncio.gather(*(_run(signer, stop) for signer in signers))


async def _run(signer: Signer, stop: asyncio.Event) -> None:
    """Look at a log every second; what fails is tried again."""
    own = signer.settings
    async with pool(own.signer_database_url or own.database_url, size=1) as book:
        while not stop.is_set():
            try:
                await signer.turn(book)
            except JukiError as error:
                log.warning("not signed", node=own.id, code=error.code)
            except OSError as error:
                log.warning("not signed", node=own.id, reason=error.strerror)
            except Exception:
                log.exception("defect", node=own.id)
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), EVERY)
