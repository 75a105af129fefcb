# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The tree that grows with every leaf (左からの木) and meets, on its way, what was signed or is remembered."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, cast

from openjuki.store.verification.damage import What
from openjuki.store.verification.settling import perfect_root
from openjuki.wire.merkle import Tree
from openjuki.wire.tiles import HEIGHT, WIDTH

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from openjuki.store.verification.damage import Findings
    from openjuki.store.verification.evidence import Hash, Reference


class Growth:
    """The tree, and whom it is still to meet."""

    def __init__(
        self, findings: Findings, checkpoints: AsyncIterator[Reference], remembered: Iterable[Reference]
    ) -> None:
        self.tree = Tree.EMPTY
        #: Whether every leaf so far was known.
        self.whole = True
        self._findings = findings
        self._checkpoints = checkpoints
        self._checkpoint: Reference | None = None
        self._remembered = sorted(remembered, key=attrgetter("size"), reverse=True)
        #: Size of the last checkpoint that was met.
        self._met = 0
        #: A checkpoint was not met, and those after it will not be either.
        self._strayed = False

    async def begin(self) -> None:
        """Fetch the first checkpoint."""
        self._checkpoint = await anext(self._checkpoints, None)

    async def feed(self, hashes: Sequence[Hash]) -> None:
        """Take the next leaves."""
        self.whole = self.whole and None not in hashes
        if not self.whole:
            return
        known = cast("Sequence[bytes]", hashes)
        for reference in [one async for one in self._due(self.tree.size + len(known))]:
            ahead = reference.size - self.tree.size
            self._append(known[:ahead])
            known = known[ahead:]
            self._meet(reference)
        self._append(known)

    async def finish(self, end: int) -> None:
        """Hear those who remember more leaves than there are."""
        for reference in reversed(self._remembered):
            if reference.size > end:
                self._findings.add(reference.damage(What.RESTORED, end))
        while self._checkpoint is not None:
            self._checkpoint = await anext(self._checkpoints, None)

    def _append(self, hashes: Sequence[bytes]) -> None:
        if len(hashes) == WIDTH and self.tree.size % WIDTH == 0:
            self.tree = self.tree.append([cast("bytes", perfect_root(hashes))], height=HEIGHT)
        else:
            self.tree = self.tree.append(hashes)

    async def _due(self, size: int) -> AsyncIterator[Reference]:
        """Who is met before the tree is larger than this, in order of size."""
        while True:
            waiting = [one for one in (self._checkpoint, *self._remembered[-1:]) if one is not None]
            reference = min(waiting, key=attrgetter("size"), default=None)
            if reference is None or reference.size > size:
                return
            yield reference
            if reference is self._checkpoint:
                self._checkpoint = await anext(self._checkpoints, None)
            else:
                self._remembered.pop()

    def _meet(self, reference: Reference) -> None:
        if self.tree.root == reference.root:
            self._met = reference.size if reference.witness is None else self._met
        elif reference.witness is not None:
            self._findings.add(reference.damage(What.FORKED, self._met))
        elif not self._strayed:
            self._strayed = True
            self._findings.add(reference.damage(What.ROOT, self._met))
