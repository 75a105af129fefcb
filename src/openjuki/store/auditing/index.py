# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The index is held against the parts (索引の照合): it leads to every row of them, and to nothing else.

Whose lines are left out of the index does not learn of them, though the parts have them. So of every part is taken a
sum of hashes over its rows, under a key that nobody can foresee, once from the part and once from the buckets.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from openjuki.errors import IntegrityFailure
from openjuki.store import parts as log
from openjuki.store.auditing.findings import What
from openjuki.store.auditing.online import SQL, column
from openjuki.store.buckets.entries import Entries, Packed
from openjuki.store.buckets.manifest import Manifest, bucket_digest
from openjuki.wire.leaf import commitment

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from openjuki.store.auditing.findings import Audited
    from openjuki.store.database import Connection

#: Buckets that are read at once.
AT_ONCE: Final = 64
_WHOLE: Final = 1 << 64
#: Of SplitMix64, whose last step mixes 64 bits.
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)


async def audit_index(connection: Connection, found: Audited, entropy: Callable[[int], bytes]) -> None:
    """Hold what vouches for each run against its buckets, and its buckets against the parts."""
    found.add(What.MISINDEXED, "part", await column(connection, "unindexed"))
    every = await (await connection.execute(SQL["runs"])).fetchall()
    for run, committed, manifest, salt, stands in every:
        found.counts["runs"] += 1
        vouched = stands and commitment(salt, manifest) == committed
        await _audit_run(connection, found, run, manifest if vouched else b"", entropy)


async def _audit_run(
    connection: Connection, found: Audited, run: int, manifest: bytes, entropy: Callable[[int], bytes]
) -> None:
    taken = await (await connection.execute(SQL["parts_of"], {"run": run})).fetchall()
    key = int.from_bytes(entropy(8))
    try:
        digests, sums = await _buckets(connection, run, key)
        grown = Manifest.of(run, [(one, count) for _, one, count in taken], digests).to_bytes()
    except IntegrityFailure:
        found.add(What.NOT_VOUCHED_FOR, "run", [run])
        return
    if grown != manifest:
        found.add(What.NOT_VOUCHED_FOR, "run", [run])
    found.counts["entries"] += sum(count for _, count in digests)
    for part, _, _ in taken:
        try:
            fits = sums.pop(part, 0) == await _part(connection, part, key)
        except IntegrityFailure:
            fits = False
        if not fits:
            found.add(What.MISINDEXED, "part", [part])
    found.add(What.MISINDEXED, "part", sums)  # entries of parts that this run does not have


async def _buckets(
    connection: Connection, run: int, key: int
) -> tuple[list[tuple[bytes, int]], Counter[int]]:
    """The digests of a run's buckets as they are, with their entries, and the sum of each part over all of them."""
    after, reached, sums = -1, -1, Counter[int]()
    digests: list[tuple[bytes, int]] = []
    while True:
        values = {"run": run, "after": after, "limit": AT_ONCE}
        some = await (await connection.execute(SQL["buckets_of"], values)).fetchall()
        if not some:
            return digests, Counter({part: total % _WHOLE for part, total in sums.items()})
        for first, last, *_ in some:
            if first <= reached:
                raise IntegrityFailure("buckets of the index reach into each other")
            after, reached = first, last
        for digest, entries in await asyncio.to_thread(_unpacked, some):
            digests.append((digest, len(entries)))
            sums.update(fingerprints(entries, key))


def _unpacked(some: Sequence[tuple[Any, ...]]) -> list[tuple[bytes, Entries]]:
    unpacked = []
    for first, last, number, salt, *packed in some:
        entries = Packed(*packed).unpack()
        if len(entries) != number:
            raise IntegrityFailure("a bucket of the index holds more or fewer entries than it says")
        # whoever looks for a code is led by these to the one bucket that would hold it, and there by halves
        if (entries.codes[0], entries.codes[-1]) != (first, last) or (np.diff(entries.codes) < 0).any():
            raise IntegrityFailure("a bucket of the index is not found by the codes that it holds")
        unpacked.append((bucket_digest(salt, *packed), entries))
    return unpacked


async def _part(connection: Connection, part: int, key: int) -> int:
    (raw,) = await (await connection.execute(SQL["log"], {"part": part})).fetchone() or (b"",)
    entries = await asyncio.to_thread(lambda: Entries.of([(part, log.codes(raw))]))
    return fingerprints(entries, key).get(part, 0)


def fingerprints(entries: Entries, key: int) -> dict[int, int]:
    """Of each part the sum of hashes over its entries, whatever their order: of code and row under a key."""
    order = np.argsort(entries.parts, kind="stable")
    numbers, begins = np.unique(entries.parts[order], return_index=True)
    if not len(numbers):
        return {}
    mixed = _mixed(_mixed(entries.codes.astype(np.uint64) + np.uint64(key)) ^ entries.rows.astype(np.uint64))
    sums = np.add.reduceat(mixed[order], begins)
    return dict(zip(numbers.tolist(), sums.tolist(), strict=True))


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values ^ (values >> np.uint64(30))) * _FIRST
    values = (values ^ (values >> np.uint64(27))) * _SECOND
    return values ^ (values >> np.uint64(31))
