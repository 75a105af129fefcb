# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A part is counted again (部分の再計算): its rows against what it says of them, and its tree from its leaves."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.store.database import queries
from openjuki.store.parts import columns, hashing
from openjuki.store.parts.hashing import CHUNK
from openjuki.store.parts.leaving import Salted
from openjuki.wire.bulk import RESULT_BYTES
from openjuki.wire.leaf import commitment
from openjuki.wire.merkle import HASH_SIZE
from openjuki.wire.part import SALT_SIZE, Part

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pyarrow as pa

    from openjuki.store.database import Connection

_SQL = queries("parts", __package__)


class Check(NamedTuple):
    """What was found of a part (再計算の結果)."""

    part: Part
    #: What its row in the journal ought to commit to.
    commitment: bytes
    #: How many of its rows were erased.
    erased: int
    #: What does not add up; nothing where it is sound.
    faults: tuple[str, ...]


async def check(connection: Connection, part: int) -> Check:
    """Count a part again.

    Raises:
        IntegrityFailure: there is no such part, or what is kept of it is none.
    """
    whole = await (await connection.execute(_SQL["whole"], {"part": part})).fetchone()
    if whole is None:
        raise IntegrityFailure(f"there is no part {part}")
    committed, manifest, salt, log, secrets, roots = whole
    cursor = await connection.execute(_SQL["erased"], {"part": part})
    left = {chunk: (salts, leaves) for chunk, salts, leaves in await cursor.fetchall()}
    said, table = _said(part, manifest), columns.read(log)
    faults = [*_miscounts(said, table), *_misgrown(said, table, secrets, roots, left)]
    if commitment(salt, manifest) != committed:
        faults.append("commitment")
    return Check(said, committed, table["code"].null_count, tuple(faults))


def _said(part: int, manifest: bytes) -> Part:
    try:
        return Part.from_bytes(manifest)
    except BadEnvelope as error:
        raise IntegrityFailure(f"what is kept of part {part} does not say what parts say") from error


def _miscounts(part: Part, table: pa.Table) -> Iterator[str]:
    """Whether there are as many rows of each kind as the part says, but for those that were erased."""
    there = table.drop_null()
    erased = table.num_rows - there.num_rows
    if table.num_rows != part.rows:
        yield "rows"
    told = np.bincount(there["basis"].to_numpy(), minlength=len(part.told))
    if len(told) != len(part.told) or (told > part.told).any() or sum(part.told) - told.sum() != erased:
        yield "bases"
    results = np.bincount(there["result"].to_numpy(), minlength=256)
    known = [int(results[byte]) for byte in RESULT_BYTES.values()]
    most = [part.results.get(result, 0) for result in RESULT_BYTES]
    if sum(known) != there.num_rows or any(one > other for one, other in zip(known, most, strict=True)):
        yield "results"
    if (np.diff(there["code"].to_numpy()) < 0).any():
        yield "order"


def _misgrown(
    part: Part, table: pa.Table, secrets: bytes, roots: bytes, left: Mapping[int, tuple[bytes, bytes]]
) -> Iterator[str]:
    """Whether the tree that grows from the rows is the one that was signed."""
    if len(secrets) != SALT_SIZE * hashing.chunks(table.num_rows):
        yield "secrets"
        return
    leaves = np.array(hashing.leaves(table, hashing.salts(secrets, table.num_rows)))
    for number, (salts, gone) in left.items():
        try:
            chunk = table.slice(number * CHUNK, CHUNK)
            leaves[number * CHUNK : (number + 1) * CHUNK] = Salted.of(b"", 0, salts, gone).leaves(chunk)
        except (ValueError, IndexError, struct.error):  # of so many rows as the chunk does not have
            yield "left"
    grown = hashing.chunk_roots(leaves)
    if grown.tobytes() != roots:
        yield "roots"
    known = np.frombuffer(roots, np.uint8).reshape(-1, HASH_SIZE)
    if hashing.root(known) != part.root:
        yield "root"
