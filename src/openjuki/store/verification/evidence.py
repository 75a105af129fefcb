# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a verification looks at (検証の対象): leaves, tiles, checkpoints, and what others remember."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from openjuki.store.verification.damage import Damage, What

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openjuki.store.verification.damage import Findings

#: Of a book that claims so many more leaves than there are, that is all that is said: nobody looks for ever.
MOST_LOST: Final = 1 << 22

#: None where nobody knows it.
type Hash = bytes | None


class Leaf(NamedTuple):
    """A leaf as it is met (葉), with what was found by looking at its row alone."""

    #: Of the leaf as it is stored.
    hash: bytes
    #: Of the leaf that the rest of its row would have; None where that cannot be told.
    rebuilt: Hash
    #: What disagrees with the leaf.
    wrong: tuple[What, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Root that somebody signed or remembers (照合すべき根)."""

    size: int
    root: bytes
    #: Who remembers it; None: it is a checkpoint of the book.
    witness: str | None = None

    def damage(self, what: What, since: int) -> Damage:
        """That the journal does not meet it, because of a leaf from `since` on."""
        return Damage(
            what=what,
            index=since,
            count=max(self.size - since, 1),
            checkpoint=self.size if self.witness is None else None,
            witness=self.witness,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """How a book says that it stands (現在値)."""

    #: How many leaves the walk down covers, and which root they must have: those of the newest checkpoint if its
    #: signature is good, else what the book claims.
    signed: int
    root: Hash
    #: Size of the newest checkpoint, good or not: so far there must be tiles.
    tiled: int
    #: How far the leaves reach: one more than the last index.
    end: int
    #: How many leaves there are at most, wherever they stand.
    there: int
    #: The tree's row of a living book, size and root; a folder has none.
    tree: tuple[int, bytes] | None = None

    @property
    def size(self) -> int:
        """How many leaves the book claims."""
        return max(self.signed, self.tree[0] if self.tree else 0)


class Book(Protocol):
    """A journal that can be looked at (記録簿), in a database or in a folder."""

    #: Whether tiles are kept before they are full.
    keeps_edges: bool
    #: Where damages go.
    findings: Findings

    async def head(self) -> Head:
        """How it says that it stands."""

    async def leaves(self, first: int, count: int) -> list[Leaf | None]:
        """Leaves from an index on; None where one is missing."""

    async def tile(self, level: int, index: int, width: int) -> bytes | None:
        """A tile as it is stored; None where there is none."""

    async def newest(self, below: int) -> Reference | None:
        """Newest checkpoint whose signature is good, of those smaller than a size."""

    def checkpoints(self) -> AsyncIterator[Reference]:
        """Checkpoints whose signature is good, in order of size; the others are damages."""
