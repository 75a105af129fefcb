# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Proofs from the book (証明): that a journal extends an older one, and that it holds a leaf.

Theory of operation. A proof is made of roots of perfect subtrees. A tile stands for 256 neighbours, and its
root is one hash of the tile above; so a subtree of height 8 t + h is made of 2^h roots of tiles of level t - 1, or of as
many leaves where t is 0. That is at most 128 small rows for each, in two statements for all. What the
signer has not put into tiles yet is made from leaves. Near the end of the journal, where those ask who
keep up, the frontier of the tree holds most of it already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openjuki.errors import IntegrityFailure
from openjuki.store.database import queries
from openjuki.wire import merkle
from openjuki.wire.merkle import HASH_SIZE, Tree, node_hash

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from openjuki.store.database import Connection

    #: Level and index of a perfect subtree.
    type Subtree = tuple[int, int]

#: Levels of the tree in one tile.
_HEIGHT = 8

_SQL = queries("proofs")


async def extension(connection: Connection, old_size: int, tree: Tree) -> tuple[bytes, ...]:
    """Proof that the journal as it stands extends an older one (整合性証明).

    Raises:
        IntegrityFailure: the older one would be the larger one.
    """
    known = dict(zip(merkle.perfect_subtrees(0, tree.size), tree.frontier, strict=True))
    hashes = await _subtrees(connection, merkle.needed(old_size, tree.size), known)
    return merkle.consistency_proof(old_size, tree.size, lambda level, index: hashes[level, index])


async def consistency(connection: Connection, old_size: int, size: int) -> tuple[bytes, ...]:
    """Proof that the journal of a size extends that of another (整合性証明).

    Raises:
        IntegrityFailure: the older one would be the larger one, or rows are missing.
    """
    hashes = await _subtrees(connection, merkle.needed(old_size, size), {})
    return merkle.consistency_proof(old_size, size, lambda level, index: hashes[level, index])


async def inclusion(connection: Connection, index: int, size: int) -> tuple[bytes, ...]:
    """Proof that a leaf is in the journal of a size (包含証明).

    Raises:
        IntegrityFailure: the journal has no such leaf, or rows are missing.
    """
    hashes = await _subtrees(connection, merkle.needed_for_inclusion(index, size), {})
    return merkle.inclusion_proof(index, size, lambda level, index: hashes[level, index])


async def inclusions(
    connection: Connection, indexes: Collection[int], size: int
) -> dict[int, tuple[bytes, ...]]:
    """Proofs that leaves are in the journal of a size (包含証明), by index; what they share is read once.

    Raises:
        IntegrityFailure: as `inclusion`.
    """
    wanted = dict.fromkeys(part for index in indexes for part in merkle.needed_for_inclusion(index, size))
    hashes = await _subtrees(connection, wanted, {}) if wanted else {}
    return {
        index: merkle.inclusion_proof(index, size, lambda level, index: hashes[level, index])
        for index in indexes
    }


async def root_of(connection: Connection, size: int) -> bytes:
    """Root of the journal when it had this size (過去の根).

    Raises:
        IntegrityFailure: rows are missing.
    """
    wanted = merkle.perfect_subtrees(0, size)
    hashes = await _subtrees(connection, wanted, {})
    return Tree(size, tuple(hashes[subtree] for subtree in wanted)).root


async def _subtrees(
    connection: Connection, wanted: Iterable[Subtree], known: Mapping[Subtree, bytes]
) -> Mapping[Subtree, bytes]:
    missing = [subtree for subtree in wanted if subtree not in known]
    parts = await _parts(connection, {part for subtree in missing for part in _parts_of(subtree)})
    return {**known, **{subtree: _root(subtree, parts) for subtree in missing}}


def _parts_of(subtree: Subtree) -> list[Subtree]:
    """The leaves, or roots of full tiles, of which a subtree is made."""
    level, index = subtree
    height = level % _HEIGHT
    return [(level - height, part) for part in range(index << height, (index + 1) << height)]


def _root(subtree: Subtree, parts: Mapping[Subtree, bytes]) -> bytes:
    return _joined([parts[part] for part in _parts_of(subtree)])


async def _parts(connection: Connection, wanted: Collection[Subtree]) -> dict[Subtree, bytes]:
    tiled = [part for part in wanted if part[0]]
    found = await _roots(connection, tiled) if tiled else {}
    untiled = [part for part in wanted if part not in found]
    leaves = {index for level, part in untiled for index in range(part << level, (part + 1) << level)}
    hashes = await _leaf_hashes(connection, leaves) if leaves else {}
    for level, part in untiled:
        found[level, part] = _joined([hashes[index] for index in range(part << level, (part + 1) << level)])
    return found


async def _roots(connection: Connection, parts: Iterable[Subtree]) -> dict[Subtree, bytes]:
    levels, indexes = map(list, zip(*parts, strict=True))
    values = {"levels": [level // _HEIGHT - 1 for level in levels], "indexes": indexes}
    cursor = await connection.execute(_SQL["roots"], values)
    return {((level + 1) * _HEIGHT, index): root for level, index, root in await cursor.fetchall()}


async def _leaf_hashes(connection: Connection, indexes: Iterable[int]) -> dict[int, bytes]:
    wanted = sorted(indexes)
    cursor = await connection.execute(_SQL["leaf_hashes"], {"indexes": wanted})
    hashes, count = await cursor.fetchone() or (None, 0)
    if count < len(wanted):
        cursor = await connection.execute(_SQL["missing"], {"indexes": wanted})
        raise IntegrityFailure(f"the journal lacks row {(await cursor.fetchone() or '?')[0]}")
    parts = range(0, len(hashes), HASH_SIZE)
    return {index: hashes[start : start + HASH_SIZE] for index, start in zip(wanted, parts, strict=True)}


def _joined(hashes: list[bytes]) -> bytes:
    """Root of a perfect subtree, from the hashes of a level of it."""
    while len(hashes) > 1:
        pairs = iter(hashes)
        hashes = [node_hash(left, right) for left, right in zip(pairs, pairs, strict=True)]
    return hashes[0]
