# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who of a list is among those to whom something happened (一覧との突合): chunk by chunk, and nothing of it is kept. Pure.

What happened is sorted by the keys that it is about, old ones beside new ones; a chunk of the list marks those that it
has. So the list may be as long as it likes: what is in memory is what happened, and a chunk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple, Self

import numpy as np

from openjuki.errors import BadEnvelope
from openjuki.nodes.clientele.ascending import each_once

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from openjuki.store.changes import Applied
    from openjuki.wire.bulk import KeyKind
    from openjuki.wire.key_list import Keys


class Found(NamedTuple):
    """Something that happened to somebody on the list (該当する異動)."""

    applied: Applied
    #: The key by which the list has them.
    key: str
    #: Whether it was replaced just then.
    superseded: bool

    @property
    def resident_code(self) -> str:
        """Under which code the person is recorded."""
        return self.applied.resident_code


@dataclass(slots=True)
class Watched:
    """What happened, by the keys that it is about."""

    happened: Sequence[tuple[Applied, str, bool]]
    #: Of each the key, as a number.
    numbers: Keys
    #: The keys in ascending order, each once, and whether the list has them.
    keys: Keys
    listed: NDArray[np.bool_]
    #: First and last key of each chunk that was looked through.
    bounds: dict[int, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, applied: Sequence[Applied], kind: KeyKind) -> Self:
        """Sort what happened by what a list of this kind names persons by."""
        now, before = _columns(kind)
        happened = [
            (one, key, superseded)
            for one in applied
            for key, superseded in ((getattr(one, before), True), (getattr(one, now), False))
            if key is not None
        ]
        numbers = np.fromiter((int(key) for _, key, _ in happened), np.int64, len(happened))
        keys = each_once(numbers)
        return cls(happened, numbers, keys, np.zeros(len(keys), np.bool_))

    def look(self, place: int, chunk: Keys) -> int:
        """Mark those whom a chunk of the list has; returns how many keys it has."""
        first, last = int(chunk[0]), int(chunk[-1])
        start, end = np.searchsorted(self.keys, first), np.searchsorted(self.keys, last, "right")
        wanted = self.keys[start:end]
        self.listed[start:end] |= chunk[np.searchsorted(chunk, wanted)] == wanted
        self.bounds[place] = first, last
        return len(chunk)

    def check_ascends(self) -> None:
        """Return only where the chunks follow each other: so nobody is on the list twice.

        Raises:
            BadEnvelope: they do not.
        """
        bounds = [self.bounds[place] for place in sorted(self.bounds)]
        if any(last >= first for (_, last), (first, _) in pairwise(bounds)):
            raise BadEnvelope("keys that do not ascend")

    def found(self) -> list[Found]:
        """What happened to those on the list, in the order in which it happened."""
        listed = self.listed[np.searchsorted(self.keys, self.numbers)]
        return [Found(*self.happened[place]) for place in np.flatnonzero(listed).tolist()]


def _columns(kind: KeyKind) -> tuple[str, str]:
    """What a key of this kind is called now, and when it was replaced."""
    return kind.value, f"previous_{kind.value}"
