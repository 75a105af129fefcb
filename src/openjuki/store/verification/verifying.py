# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Verifying a whole book (記録簿全体の検証), in memory that does not grow with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openjuki.store.verification.damage import Damage, Verified, What
from openjuki.store.verification.descent import Descent
from openjuki.store.verification.evidence import MOST_LOST
from openjuki.store.verification.growth import Growth
from openjuki.store.verification.tail import Tail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from openjuki.store.verification.evidence import Book, Reference

    #: Told how many leaves are behind, of how many.
    type Progress = Callable[[int, int], None]


async def verify(
    book: Book, *, node: str, remembered: Iterable[Reference] = (), progress: Progress | None = None
) -> Verified:
    """Look at every leaf, tile and checkpoint, and name whatever is wrong.

    Args:
        book: where it stands.
        node: how it is called in the outcome.
        remembered: roots that others hold: the signer, witnesses, an auditor.
        progress: told how far it is.
    """
    findings = book.findings
    head = await book.head()

    def told(behind: int) -> None:
        if progress is not None:
            progress(behind, head.size)

    if head.size - head.there > MOST_LOST:  # no leaf or tile of a book that is not there is worth a look
        lost, signed = head.size - head.there, head.signed if head.signed == head.size else None
        findings.add(Damage(what=What.TRUNCATED, index=head.there, count=lost, checkpoint=signed))
        named = tuple(findings.named)
        return Verified(node=node, size=head.there, root=None, damages=named, more=findings.more)
    if head.end < head.signed:
        lost = head.signed - head.end
        signed = head.tiled if head.end < head.tiled else None
        findings.add(Damage(what=What.TRUNCATED, index=head.end, count=lost, checkpoint=signed))
    growth = Growth(findings, book.checkpoints(), remembered)
    await growth.begin()
    await Descent(book, head, growth, told).walk()
    if head.tree is not None:
        await Tail(book, head, growth, told).walk(*head.tree)
    size = min(head.end, head.size)
    await growth.finish(size)
    return Verified(
        node=node,
        size=size,
        root=growth.tree.root if growth.whole else None,
        damages=tuple(findings.named),
        more=findings.more,
    )
