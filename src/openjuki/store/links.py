# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Links (通知経路) in the book: what waits for whom, and how far this node has taken in others'.

Sending: entries get their numbers from the sequencer. A municipality forms signed batches of its
notices and keeps the bytes until the recipient has them. What a node merely passes on it keeps as long as a
recipient that is restored from a backup may ask for it again; then it is erased, and only its leaf stays. Receiving: the mark, the marks per municipality and the envelopes accepted
are written in the transaction of the effect, so each effect happens once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from openjuki.errors import JournalForked, LinkGap, Overtaken, ReplayedEnvelope
from openjuki.store.database import queries
from openjuki.wire.link import START, Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from openjuki.store.database import Connection

#: Kinds of journal rows that only pass something on: one recipient, erased some time after it has them.
PASSED_ON = ("batch.passed", "relay.passed")
#: Entries of a link that are looked at in one turn of erasing.
_ERASED_AT_ONCE = 5_000

_SQL = queries("links")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Formed batch (署名済み通知束): the bytes that stand for the notices `first` to `last` of a link."""

    first: int
    last: int
    document: bytes


class Waiting(NamedTuple):
    """Entry that waits on a link (未受領の通知)."""

    seq: int
    kind: str
    payload: bytes


class Sent(NamedTuple):
    """How a link of this node's stands (通知経路の状況)."""

    recipient: str
    #: The last number that was given.
    last: int
    #: The last that the recipient is known to have.
    acknowledged: int


class Taken(NamedTuple):
    """How far this node has taken in another's link (受領の状況)."""

    source: str
    mark: Mark
    at: datetime


async def accept_once(connection: Connection, sender: str, envelope: str, expires: datetime) -> None:
    """Remember that an envelope was accepted (電文の受付); it never is again.

    Raises:
        ReplayedEnvelope: it was.
    """
    values = {"sender": sender, "id": envelope, "expires": expires}
    if (await connection.execute(_SQL["accept_once"], values)).rowcount == 0:
        raise ReplayedEnvelope


async def accept_all(
    connection: Connection, envelopes: Mapping[tuple[str, str], datetime]
) -> set[tuple[str, str]]:
    """Remember many envelopes of questions, each a sender and an id with its expiry; returns those that are new."""
    values = {
        "senders": [sender for sender, _ in envelopes],
        "ids": [envelope for _, envelope in envelopes],
        "expiries": list(envelopes.values()),
    }
    cursor = await connection.execute(_SQL["accept_all"], values)
    return {(sender, envelope) for sender, envelope in await cursor.fetchall()}


async def forget_expired(connection: Connection, at: datetime) -> int:
    """Forget envelopes that have expired: they are refused for that; returns how many."""
    return (await connection.execute(_SQL["forget_expired"], {"at": at})).rowcount


async def acknowledge(connection: Connection, recipient: str, mark: Mark) -> None:
    """Take note that a recipient has everything up to its mark, and drop the batches formed for it.

    Raises:
        JournalForked: it has more than this book ever sent; the book is an older copy.
    """
    cursor = await connection.execute(_SQL["link"], {"recipient": recipient})
    acknowledged, next_seq, _ = await cursor.fetchone() or (0, 1, 1)
    if mark.seq >= next_seq:
        message = f"{recipient} has entry {mark.seq} of a link that ends at {next_seq - 1}"
        raise JournalForked(message, seq=mark.seq, size=mark.size)
    if mark.seq > acknowledged:
        values = {"recipient": recipient, "seq": mark.seq}
        await connection.execute(_SQL["acknowledge"], values)
        await connection.execute(_SQL["drop_batches"], values)


async def erase_passed(connection: Connection, before: datetime) -> int:
    """Erase what was passed on before a time, and has arrived; returns on how many links there was some."""
    cursor = await connection.execute(_SQL["outlived"], {"before": before, "limit": _ERASED_AT_ONCE})
    outlived = await cursor.fetchall()
    for recipient, seq in outlived:
        values = {"recipient": recipient, "seq": seq, "passed": list(PASSED_ON)}
        await connection.execute(_SQL["erase_passed"], values)
        await connection.execute(_SQL["erased"], values)
    return len(outlived)


async def waiting(
    connection: Connection, recipient: str, *, after: int, limit: int, room: int
) -> list[Waiting]:
    """What waits on a link after a number: at most `limit` entries and `room` bytes, but at least one.

    Raises:
        LinkGap: it was there and is erased, because the recipient once had it.
    """
    values = {"recipient": recipient, "after": after, "limit": limit, "room": room}
    cursor = await connection.execute(_SQL["waiting"], values)
    entries = [Waiting(*row) for row in await cursor.fetchall()]
    if any(entry.payload is None for entry in entries):
        raise LinkGap(f"entries to {recipient} after {after} were passed on before and are erased")
    return entries


async def documents(
    connection: Connection, recipient: str, *, after: int, limit: int, room: int
) -> list[tuple[int, bytes]]:
    """What waits on a link whose entries are documents: numbers and bytes, as `waiting`."""
    entries = await waiting(connection, recipient, after=after, limit=limit, room=room)
    return [(entry.seq, entry.payload) for entry in entries]


async def batches(connection: Connection, recipient: str, *, after: int) -> list[Batch]:
    """The batches formed for a recipient that begin after a number, in order."""
    cursor = await connection.execute(_SQL["batches"], {"recipient": recipient, "after": after})
    return [
        Batch(first=first, last=last, document=document) for first, last, document in await cursor.fetchall()
    ]


async def keep_batch(connection: Connection, recipient: str, batch: Batch) -> None:
    """Keep a batch as it was formed; a repeated pull gets the same bytes.

    The key stands for its first number: of two workers that form it, one loses its transaction.
    """
    values = {"recipient": recipient, "first": batch.first, "last": batch.last, "document": batch.document}
    await connection.execute(_SQL["keep_batch"], values)


async def read_mark(connection: Connection, sender: str) -> Mark:
    """How far this node has taken in a sender's link; the empty journal before the first time."""
    cursor = await connection.execute(_SQL["read_mark"], {"sender": sender})
    row = await cursor.fetchone()
    return START if row is None else Mark(seq=row[0], size=row[1], root=row[2], journal=row[3])


async def advance_mark(connection: Connection, sender: str, before: Mark, after: Mark, at: datetime) -> None:
    """Move the mark in the transaction of the effect.

    Raises:
        Overtaken: another worker moved it since it was read.
    """
    values = {"seq": after.seq, "size": after.size, "root": after.root, "journal": after.journal}
    known = {"before_seq": before.seq, "before_size": before.size, "before_journal": before.journal}
    advanced = {"sender": sender, "at": at, **values, **known}
    if (await connection.execute(_SQL["advance_mark"], advanced)).rowcount == 0:
        raise Overtaken


async def origin_marks(connection: Connection, origins: Iterable[str]) -> dict[str, int]:
    """The number of the last notice taken in of each municipality; 0 where none was."""
    known = dict.fromkeys(origins, 0)
    cursor = await connection.execute(_SQL["origin_marks"], {"origins": list(known)})
    return known | dict(await cursor.fetchall())


async def advance_origin(connection: Connection, origin: str, before: int, after: int) -> None:
    """Move a municipality's mark in the transaction of the effect.

    Raises:
        Overtaken: another worker moved it since it was read.
    """
    values = {"origin": origin, "before": before, "seq": after}
    if (await connection.execute(_SQL["advance_origin"], values)).rowcount == 0:
        raise Overtaken


async def sent(connection: Connection) -> list[Sent]:
    """Every link of this node's, by recipient."""
    cursor = await connection.execute(_SQL["sent"])
    return [Sent(*row) for row in await cursor.fetchall()]


async def taken(connection: Connection) -> list[Taken]:
    """How far this node has taken in others' links, by sender."""
    cursor = await connection.execute(_SQL["marks"])
    return [
        Taken(sender, Mark(seq=seq, size=size, root=root, journal=number), at)
        for sender, seq, size, root, number, at in await cursor.fetchall()
    ]
