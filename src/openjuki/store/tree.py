# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Merkle tree over the journal (RFC 6962 2.1): append and root, pure.

A tree of n leaves is remembered as its *frontier*: the roots of the perfect subtrees of which it
is made, largest first, one for each bit set in n. That is all that appending and the root need.

>>> Tree.EMPTY.root.hex()[:16]
'e3b0c44298fc1c14'
>>> Tree.EMPTY.append([leaf_hash(b"")]).root.hex()[:16]
'6e340b9cffb37a98'
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar, Self

from openjuki.errors import IntegrityFailure

if TYPE_CHECKING:
    from collections.abc import Iterable

HASH_SIZE = 32


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf: SHA-256(0x00 ‖ leaf)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an interior node: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Tree:
    """Merkle tree (ハッシュ木) as far as it must be remembered to grow."""

    #: Number of leaves.
    size: int
    #: Roots of its perfect subtrees, the largest first.
    frontier: tuple[bytes, ...]

    EMPTY: ClassVar[Tree]

    def __post_init__(self) -> None:
        """Raise IntegrityFailure for a frontier that is not one of this size."""
        if self.size < 0 or self.size.bit_count() != len(self.frontier):
            raise IntegrityFailure("the frontier does not belong to a tree of this size")

    @property
    def root(self) -> bytes:
        """Root hash; of the empty tree the hash of nothing."""
        if not self.frontier:
            return sha256(b"").digest()
        *larger, root = self.frontier
        for subtree in reversed(larger):
            root = node_hash(subtree, root)
        return root

    def append(self, hashes: Iterable[bytes], *, height: int = 0) -> Tree:
        """The tree with these leaf hashes after its own.

        Args:
            hashes: of leaves, in order; or the roots of perfect subtrees that
            height: says are so high. They must begin where such subtrees do.

        Raises:
            IntegrityFailure: they cannot begin where the tree ends.
        """
        size, frontier = self.size, list(self.frontier)
        if size % (1 << height):
            raise IntegrityFailure("a subtree of this height cannot begin where the tree ends")
        for subtree in hashes:
            frontier.append(subtree)
            size += 1 << height
            # one merge for each zero at the end of the size, as in counting up by one
            for _ in range((size & -size).bit_length() - 1 - height):
                right = frontier.pop()
                frontier.append(node_hash(frontier.pop(), right))
        return Tree(size, tuple(frontier))

    def to_bytes(self) -> bytes:
        """The frontier as one string of bytes."""
        return b"".join(self.frontier)

    @classmethod
    def from_bytes(cls, size: int, frontier: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            IntegrityFailure: it is not the frontier of a tree of this size.
        """
        parts = range(0, len(frontier), HASH_SIZE)
        return cls(size, tuple(frontier[start : start + HASH_SIZE] for start in parts))


Tree.EMPTY = Tree(0, ())
