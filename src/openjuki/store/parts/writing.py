# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The log of a part is made (部分の記録の作成), before anything is told: its rows, their salts, their leaves, its root."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from openjuki.store.parts import columns, hashing
from openjuki.store.snapshot.searching import ascending_order
from openjuki.wire.leaf import commitment
from openjuki.wire.part import SALT_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from openjuki.wire.part import Part


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A part and its log (部分の記録), to be kept in the transaction that decides that it is told."""

    part: Part
    #: Of its row in the journal: what it says, and the salt that hides it there.
    payload: bytes
    salt: bytes
    #: Parquet of its rows.
    log: bytes = field(repr=False)
    #: A secret for each 1,024 rows, from which their salts come.
    secrets: bytes = field(repr=False)
    #: A root for each 1,024 rows.
    roots: bytes = field(repr=False)

    @property
    def commitment(self) -> bytes:
        """What its row in the journal commits to."""
        return commitment(self.salt, self.payload)


def write(
    part: Part,
    codes: NDArray[np.int64],
    results: NDArray[np.uint8],
    bases: NDArray[np.uint8],
    entropy: Callable[[int], bytes],
) -> Written:
    """Make the log of a part.

    Args:
        part: without `told` and `root`, which follow from its rows.
        codes: of those who are told about, in any order; the same code may come twice.
        results: of each, by `openjuki.wire.bulk.RESULT_BYTES`.
        bases: of each, the place of its basis in the part.
        entropy: gives so many random bytes.
    """
    order = ascending_order(codes)
    kept = (codes, results, bases) if order is None else (codes[order], results[order], bases[order])
    rows = pa.table(list(kept), schema=columns.SCHEMA)
    secrets = entropy(SALT_SIZE * hashing.chunks(len(codes)))
    roots = hashing.chunk_roots(hashing.leaves(rows, hashing.salts(secrets, len(codes))))
    counted = np.bincount(bases, minlength=len(part.bases))
    kinds = {result: count for result, count in part.results.items() if count}
    told, top = tuple(counted.tolist()), hashing.root(roots)
    whole = replace(part, results=kinds, told=told, root=top)
    return Written(
        part=whole,
        payload=whole.to_bytes(),
        salt=entropy(SALT_SIZE),
        log=columns.write(rows),
        secrets=secrets,
        roots=roots.tobytes(),
    )
