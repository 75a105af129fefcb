# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What was written since the newest checkpoint (未署名部分): held against the tree's row, for want of tiles."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

from openjuki.store.verification.damage import Damage, Findings, What
from openjuki.wire.tiles import WIDTH

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from openjuki.store.verification.evidence import Book, Head, Leaf
    from openjuki.store.verification.growth import Growth


@dataclass(slots=True)
class Tail:
    """The end of one book."""

    book: Book
    head: Head
    growth: Growth
    #: Told how many leaves are behind.
    progress: Callable[[int], None]
    #: What is wrong with rows if their leaves are right, and if the rows are.
    _if_leaves_are_right: Findings = field(default_factory=Findings)
    _if_rows_are_right: Findings = field(default_factory=Findings)

    async def walk(self, size: int, root: bytes) -> None:
        """Verify up to where the tree's row says that the journal ends."""
        if self.head.end > size >= self.head.signed:
            self.book.findings.add(Damage(what=What.SURPLUS, index=size, count=self.head.end - size))
        rebuilt = self.growth.tree
        for first in range(self.head.signed, size, WIDTH):
            leaves = await self.book.leaves(first, min(WIDTH, size - first))
            self._look(first, leaves)
            await self.growth.feed([leaf and leaf.hash for leaf in leaves])
            if self.growth.whole:
                known = cast("Sequence[Leaf]", leaves)
                rebuilt = rebuilt.append(leaf.rebuilt or leaf.hash for leaf in known)
            self.progress(first + len(leaves))
        if not self.growth.whole or self.growth.tree.root == root:
            self.book.findings.take(self._if_leaves_are_right)
        elif rebuilt.root == root:
            self.book.findings.take(self._if_rows_are_right)
        else:
            self.book.findings.add(Damage(what=What.TREE))
            self.book.findings.take(self._if_leaves_are_right)

    def _look(self, first: int, leaves: Sequence[Leaf | None]) -> None:
        for index, leaf in enumerate(leaves, first):
            if leaf is None:
                self.book.findings.add(Damage(what=What.MISSING, index=index))
                continue
            self._if_leaves_are_right.extend(Damage(what=what, index=index) for what in leaf.wrong)
            if leaf.wrong and (leaf.rebuilt is not None and leaf.rebuilt != leaf.hash):
                self._if_rows_are_right.add(Damage(what=What.LEAF, index=index))
