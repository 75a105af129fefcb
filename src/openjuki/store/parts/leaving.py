# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is left of a chunk of which rows were erased (消去の跡): the salts of the others, and the leaves of what is gone.

The secret of such a chunk is gone too, for the salts of erased rows would come from it.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np

from openjuki.store.parts import hashing
from openjuki.wire.merkle import HASH_SIZE
from openjuki.wire.part import SALT_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from openjuki.store.parts.hashing import Bytes

#: A place in the chunk, and the hash of the leaf that stands there.
_GONE: Final = struct.Struct(f">H{HASH_SIZE}s")


class Salted(NamedTuple):
    """The salts of a chunk (区画の塩), and the leaves of rows that have none any more."""

    salts: Bytes
    gone: Mapping[int, bytes]

    @classmethod
    def of(cls, secret: bytes, rows: int, salts: bytes | None, leaves: bytes | None) -> Self:
        """From the secret, or from what was left in its place."""
        if salts is None or leaves is None:
            return cls(hashing.salts(secret, rows), {})
        left = np.frombuffer(salts, np.uint8).reshape(-1, SALT_SIZE)
        return cls(left, dict(_GONE.iter_unpack(leaves)))

    def leaves(self, chunk: pa.Table) -> Bytes:
        """The leaves of the chunk's rows, those of erased ones as they were."""
        found = np.array(hashing.leaves(chunk, self.salts))
        for place, leaf in self.gone.items():
            found[place] = np.frombuffer(leaf, np.uint8)
        return found

    def without(self, place: int) -> bytes:
        """The salts that are left when that of one more row is gone."""
        left = np.array(self.salts)
        left[place] = 0
        return left.tobytes()


def gone(place: int, leaf: bytes) -> bytes:
    """What is kept of an erased row."""
    return _GONE.pack(place, leaf)
