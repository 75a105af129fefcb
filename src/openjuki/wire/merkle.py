# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Merkle tree over the journal (RFC 6962 2.1): append, root, and proofs, pure.

A tree of n leaves is remembered as its *frontier*: the roots of the perfect subtrees of which it
is made, largest first, one for each bit set in n. That is all that appending and the root need.

Theory of proofs. Going down from the root, each step splits a run of leaves at the largest power
of two below its length, goes on into one part and leaves the other aside. The parts left aside, the
last one first, are the proof. `_beside_leaf` and `_beside_tree` list them, for the prover and for the
verifier alike: so a verifier knows beforehand how many hashes a proof has and where each belongs.

>>> Tree.EMPTY.root.hex()[:16]
'e3b0c44298fc1c14'
>>> Tree.EMPTY.append([leaf_hash(b"")]).root.hex()[:16]
'6e340b9cffb37a98'
>>> needed_for_inclusion(4, 7)  # the sixth leaf, then the seventh, then the first four
[(0, 5), (0, 6), (2, 0)]
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar, Self

from openjuki.errors import IntegrityFailure

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HASH_SIZE = 32

#: ``hashes(level, index)``: root of the perfect subtree that is ``level`` high and begins at leaf
#: ``index * 2**level``.
type Hashes = Callable[[int, int], bytes]


def leaf_hash(leaf: bytes) -> bytes:
    """Hash of a leaf: SHA-256(0x00 ‖ leaf)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an interior node: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Root over these leaf hashes, level by level: what `Tree.append` comes to, for those who need not go on.

    >>> root_of([leaf_hash(b"a"), leaf_hash(b"b"), leaf_hash(b"c")]).hex()[:16]
    '36642e73c2540ab1'
    """
    level = list(hashes) or [sha256(b"").digest()]
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
        if len(level) % 2:  # the last one has no neighbour yet
            above.append(level[-1])
        level = above
    return level[0]


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
        return _joined(self.frontier) if self.frontier else sha256(b"").digest()

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


def perfect_subtrees(begin: int, end: int) -> list[tuple[int, int]]:
    """Level and index of the perfect subtrees that make up a run of leaves, the largest first.

    The run begins where its largest subtree may: at 0, or at a part of a proof.
    """
    subtrees = []
    while begin < end:
        level = (end - begin).bit_length() - 1
        subtrees.append((level, begin >> level))
        begin += 1 << level
    return subtrees


def inclusion_proof(index: int, size: int, hashes: Hashes) -> tuple[bytes, ...]:
    """Proof that a leaf is in the tree of a size (包含証明; RFC 6962 2.1.1).

    Raises:
        IntegrityFailure: the tree has no such leaf.
    """
    return tuple(_hash_of(part, hashes) for part in _beside_leaf(index, size))


def consistency_proof(old_size: int, size: int, hashes: Hashes) -> tuple[bytes, ...]:
    """Proof that a tree extends an older one (整合性証明; RFC 6962 2.1.2); none where either is trivial.

    Raises:
        IntegrityFailure: the older tree would be the larger one.
    """
    return tuple(_hash_of(part, hashes) for part in _beside_tree(old_size, size))


def needed_for_inclusion(index: int, size: int) -> list[tuple[int, int]]:
    """Level and index of each hash that `inclusion_proof` will ask for.

    Raises:
        IntegrityFailure: the tree has no such leaf.
    """
    return [subtree for part in _beside_leaf(index, size) for subtree in perfect_subtrees(*part)]


def needed(old_size: int, size: int) -> list[tuple[int, int]]:
    """Level and index of each hash that `consistency_proof` will ask for.

    Raises:
        IntegrityFailure: the older tree would be the larger one.
    """
    return [subtree for part in _beside_tree(old_size, size) for subtree in perfect_subtrees(*part)]


def verify_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return only when the proof shows this leaf at this place of the tree (包含証明の検証).

    Raises:
        IntegrityFailure: it does not.
    """
    parts = _beside_leaf(index, size)
    _check_form(proof, len(parts))
    found = leaf_hash
    for (begin, _), part in zip(parts, proof, strict=True):
        found = node_hash(part, found) if begin < index else node_hash(found, part)
    if found != root:
        raise IntegrityFailure(f"the proof does not show leaf {index} in the journal of {size}")


def verify_consistency(
    old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]
) -> None:
    """Return only when the proof shows that the tree extends the older one (整合性証明の検証).

    Raises:
        IntegrityFailure: it does not.
    """
    parts = _beside_tree(old_size, size)
    _check_form(proof, len(parts))
    if not old_size and old_root != Tree.EMPTY.root:
        raise IntegrityFailure("this is not the root of the empty journal")
    if old_size == size and old_root != root:
        raise IntegrityFailure(f"the journal of {size} has changed")
    if parts:
        _check_extension(old_size, old_root, parts, proof, (size, root))


def _check_extension(
    old_size: int,
    old_root: bytes,
    parts: Sequence[tuple[int, int]],
    proof: Sequence[bytes],
    new: tuple[int, bytes],
) -> None:
    size, root = new
    steps = list(zip(parts, proof, strict=True))
    # what both trees share at the bottom: the older tree itself where it is perfect, else the first hash
    shared = old_root if steps[0][0][0] >= old_size else steps.pop(0)[1]
    old = grown = shared
    for (begin, _), part in steps:
        if begin < old_size:
            old, grown = node_hash(part, old), node_hash(part, grown)
        else:
            grown = node_hash(grown, part)
    if old != old_root or grown != root:
        raise IntegrityFailure(
            f"the proof does not show that the journal of {size} extends that of {old_size}"
        )


def _check_form(proof: Sequence[bytes], length: int) -> None:
    if len(proof) != length or any(len(part) != HASH_SIZE for part in proof):
        raise IntegrityFailure(f"this proof has {length} hashes of {HASH_SIZE} bytes, no more and no less")


def _beside_leaf(index: int, size: int) -> list[tuple[int, int]]:
    if not 0 <= index < size:
        raise IntegrityFailure(f"a journal of {size} has no leaf {index}")
    parts, begin, end = [], 0, size
    while end - begin > 1:
        middle = _middle(begin, end)
        if index < middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((begin, middle))
            begin = middle
    return parts[::-1]


def _beside_tree(old_size: int, size: int) -> list[tuple[int, int]]:
    if not 0 <= old_size <= size:
        raise IntegrityFailure(f"a journal of {size} cannot extend one of {old_size}")
    parts: list[tuple[int, int]] = []
    begin, end = 0, size if old_size else 0
    while end > old_size:
        middle = _middle(begin, end)
        if old_size <= middle:
            parts.append((middle, end))
            end = middle
        else:
            parts.append((begin, middle))
            begin = middle
    if begin:  # the run at the bottom is only a part of the older tree: the verifier does not have its hash
        parts.append((begin, end))
    return parts[::-1]


def _middle(begin: int, end: int) -> int:
    return begin + (1 << (end - begin - 1).bit_length() - 1)


def _hash_of(part: tuple[int, int], hashes: Hashes) -> bytes:
    return _joined([hashes(*subtree) for subtree in perfect_subtrees(*part)])


def _joined(subtrees: Sequence[bytes]) -> bytes:
    return reduce(lambda right, left: node_hash(left, right), reversed(subtrees))
