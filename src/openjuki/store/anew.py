# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A journal begun anew (記録簿の起こし直し), after a node was restored from an older backup than its neighbours remember.

Theory of operation. What the neighbours have seen cannot be brought back: their roots vouch for rows that are
lost here. So the directory lists the node's next *journal number*, and the book goes on as it is. Every
neighbour then takes its size and root as they are, once. On each link the numbers go on after the neighbour's
mark. What this book does not know to be with the neighbour is put there again, in its order, under new
numbers: whoever has it already passes over it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from openjuki.errors import IntegrityFailure
from openjuki.store import journal, proofs
from openjuki.store.database import queries
from openjuki.store.sequencer import read_tree
from openjuki.wire import merkle

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.store.database import Connection
    from openjuki.wire.link import Mark

_SQL = queries("anew")


async def begin(connection: Connection, number: int, *, at: datetime, salt: bytes) -> bool:
    """Begin this journal with what stands in the book, unless it is begun already; whether it was not."""
    tree = await read_tree(connection)
    values = {"number": number, "size": tree.size, "root": tree.root, "at": at}
    if (await connection.execute(_SQL["begin"], values)).rowcount == 0:
        return False
    told = {"journal": number, "size": tree.size, "root": tree.root.hex()}
    await _tell(connection, "journal.begun", told, at, salt)
    return True


async def is_begun(connection: Connection, number: int) -> bool:
    """Whether this journal was begun (the first one always is)."""
    if number == 1:
        return True
    cursor = await connection.execute(_SQL["begun"], {"number": number})
    return await cursor.fetchone() is not None


async def go_on(
    connection: Connection, recipient: str, mark: Mark, number: int, *, at: datetime, salt: bytes
) -> None:
    """Let a link go on in this journal after the mark that its recipient has from one before.

    A mark that agrees with this book needs nothing; otherwise what follows the last entry known to be there is
    given again.
    """
    cursor = await connection.execute(_SQL["link"], {"recipient": recipient})
    acknowledged, next_seq, in_journal = await cursor.fetchone() or (0, 1, 1)
    if in_journal >= number:
        return
    link = {"recipient": recipient, "journal": number}
    if mark.seq < next_seq and await agrees(connection, mark):
        link |= {"next_seq": next_seq, "acknowledged": acknowledged}
    else:
        common = min(acknowledged, mark.seq)
        again = await _give_again(connection, recipient, common, mark.seq + 1)
        link |= {"next_seq": mark.seq + 1 + again, "acknowledged": mark.seq}
        told = {"recipient": recipient, "mark": mark.to_dict(), "common": common, "again": again}
        await _tell(connection, "link.resumed", told, at, salt)
    await connection.execute(_SQL["go_on"], link)


async def agrees(connection: Connection, mark: Mark) -> bool:
    """Whether a mark's journal is one that this book extends (受領位置との整合)."""
    try:
        tree = await read_tree(connection)
        proof = await proofs.extension(connection, mark.size, tree)
        merkle.verify_consistency(mark.size, mark.root, tree.size, tree.root, proof)
    except IntegrityFailure:
        return False
    return True


async def _give_again(connection: Connection, recipient: str, after: int, first: int) -> int:
    values = {"recipient": recipient, "after": after}
    cursor = await connection.execute(_SQL["take_back"], values)
    indexes = [index for _, index in sorted(await cursor.fetchall())]
    seqs = list(range(first, first + len(indexes)))
    await connection.execute(_SQL["forget_batches"], values)
    await connection.execute(_SQL["enter"], {"recipient": recipient, "seqs": seqs, "indexes": indexes})
    return len(indexes)


async def _tell(
    connection: Connection, kind: str, told: dict[str, object], at: datetime, salt: bytes
) -> None:
    payload = orjson.dumps(told, option=orjson.OPT_SORT_KEYS)
    await journal.append(connection, [journal.Entry(kind=kind, recorded_at=at, payload=payload, salt=salt)])
