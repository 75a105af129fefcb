# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A proof taken from a book (証明の作成), for whoever wants to see a row in it without seeing the book."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openjuki.errors import BadLog, IntegrityFailure
from openjuki.store import checkpoints, journal, proofs
from openjuki.wire.checkpoint import with_cosignatures
from openjuki.wire.proof import Proof

if TYPE_CHECKING:
    from openjuki.store.checkpoints import Signed
    from openjuki.store.database import Connection
    from openjuki.store.verification.trust import Trust


async def prove(connection: Connection, trust: Trust, index: int, *, with_payload: bool = False) -> Proof:
    """Prove that a leaf is in the journal (包含証明の作成), under the newest checkpoint that is cosigned and has it.

    Args:
        connection: to the node's database.
        trust: keys of its log.
        index: of the leaf.
        with_payload: hand out payload and salt too, if they still are there: they may hold personal data.

    Raises:
        BadLog: there is no such leaf under a checkpoint.
        IntegrityFailure: the row is missing, or does not lie under the checkpoint.
    """
    signed = await _covering(connection, index)
    row = next(iter(await journal.read(connection, first=index, limit=1)), None)
    if row is None or row.index != index:
        raise IntegrityFailure(f"the journal lacks row {index}")
    return Proof(
        origin=trust.read(signed.note).origin,
        leaf=row.leaf,
        index=index,
        size=signed.size,
        proof=await proofs.inclusion(connection, index, signed.size),
        checkpoint=with_cosignatures(signed.note, signed.cosignatures),
        payload=row.payload if with_payload else None,
        salt=row.salt if with_payload else None,
    )


async def _covering(connection: Connection, index: int) -> Signed:
    for newest in (checkpoints.latest_cosigned, checkpoints.latest):
        signed = await newest(connection)
        if signed is not None and 0 <= index < signed.size:
            return signed
    raise BadLog(f"no signed checkpoint covers leaf {index}; a new leaf is signed within a second or two")
