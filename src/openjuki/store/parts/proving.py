# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Rows of parts are proved (本人のための証明の作成): each from its chunk, and the part from the journal.

Of a part is read one row group, the secret of one chunk, and the roots of all; what several proofs share is read once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from openjuki.errors import BadLog
from openjuki.store import checkpoints
from openjuki.store import proofs as journal_proofs
from openjuki.store.database import queries
from openjuki.store.parts import hashing, reading
from openjuki.store.parts.columns import GROUP_ROWS
from openjuki.store.parts.hashing import CHUNK
from openjuki.store.parts.leaving import Salted
from openjuki.wire.checkpoint import with_cosignatures
from openjuki.wire.person_proof import PersonProof
from openjuki.wire.proof import Proof

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import pyarrow as pa

    from openjuki.store.checkpoints import Signed
    from openjuki.store.database import Connection
    from openjuki.store.verification.trust import Trust

    #: A part, and a row of it.
    type Line = tuple[int, int]

_SQL = queries("parts", __package__)


#: The roots of a part's chunks never change, and many lines are of one part.
_over = lru_cache(maxsize=256)(hashing.levels)


async def proof(connection: Connection, trust: Trust, part: int, row: int) -> PersonProof:
    """Prove a row of a part, as `proofs`."""
    (found,) = await proofs(connection, trust, [(part, row)])
    return found


async def proofs(connection: Connection, trust: Trust, lines: Sequence[Line]) -> list[PersonProof]:
    """Prove rows of parts, in this order, under the newest checkpoint that is cosigned and has them all.

    Raises:
        BadLog: a row was erased, or no checkpoint has its part yet.
        IntegrityFailure: there is no such row, or the part is not in the journal.
    """
    if not lines:
        return []
    provable = await _parts(connection, trust, {part for part, _ in lines})
    tables = await reading.groups(connection, {(part, row // GROUP_ROWS) for part, row in lines})
    chunks = await _chunks(connection, {(part, row // CHUNK) for part, row in lines}, tables)
    return [_proof(provable[part], chunks[part, row // CHUNK], row) for part, row in lines]


class _Chunk(NamedTuple):
    """A chunk of a part (区画), and the roots of all chunks of it."""

    rows: pa.Table
    salted: Salted
    leaves: tuple[bytes, ...]
    roots: bytes


def _proof(part: Proof, chunk: _Chunk, row: int) -> PersonProof:
    place = row % CHUNK
    found = reading.row_of(chunk.rows, place)
    if found is None:
        raise BadLog("this row was erased; nothing can be shown of it")
    return PersonProof(
        row=found,
        salt=chunk.salted.salts[place].tobytes(),
        index=row,
        path=(*hashing.path(chunk.leaves, place), *hashing.path(_over(chunk.roots), row // CHUNK)),
        part=part,
    )


async def _chunks(
    connection: Connection, wanted: Collection[Line], tables: dict[Line, pa.Table]
) -> dict[Line, _Chunk]:
    parts, numbers = map(list, zip(*wanted, strict=True))
    cursor = await connection.execute(_SQL["chunks"], {"parts": parts, "chunks": numbers})
    found: dict[Line, _Chunk] = {}
    for part, chunk, secret, roots, salts, leaves in await cursor.fetchall():
        group, start = divmod(chunk * CHUNK, GROUP_ROWS)
        rows = tables[part, group].slice(start, CHUNK)
        salted = Salted.of(secret, rows.num_rows, salts, leaves)
        found[part, chunk] = _Chunk(rows, salted, hashing.levels(salted.leaves(rows).tobytes()), roots)
    return found


async def _parts(connection: Connection, trust: Trust, parts: Collection[int]) -> dict[int, Proof]:
    """Of each part, that its row is in the journal."""
    cursor = await connection.execute(_SQL["standing"], {"parts": list(parts)})
    standing = await cursor.fetchall()
    if len(standing) < len(parts):
        raise BadLog("a part has no place in the journal yet; it gets one within a second")
    signed = await _covering(connection, max(index for _, index, *_ in standing))
    named = trust.read(signed.note).origin
    note = with_cosignatures(signed.note, signed.cosignatures)
    included = await journal_proofs.inclusions(connection, [index for _, index, *_ in standing], signed.size)
    return {
        part: Proof(
            origin=named,
            leaf=leaf,
            index=index,
            size=signed.size,
            proof=included[index],
            checkpoint=note,
            payload=manifest,
            salt=salt,
        )
        for part, index, leaf, manifest, salt in standing
    }


async def _covering(connection: Connection, index: int) -> Signed:
    for newest in (checkpoints.latest_cosigned, checkpoints.latest):
        signed = await newest(connection)
        if signed is not None and index < signed.size:
            return signed
    raise BadLog("no signed checkpoint has this part yet; a new row is signed within a second or two")
