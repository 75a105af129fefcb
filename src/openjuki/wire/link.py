# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Link between two nodes (通知の連番): pulled in dense sequence, checked against what was seen before. Pure.

Rules of this file, specified in ``docs/spec/link.md``:

1. It does not know which of the two nodes it serves, nor what the documents say.
2. The receiver alone remembers where it stands; the sender keeps no cursor.
3. The mark advances only in the transaction of the effect, so nothing is lost and nothing done twice.

Theory of operation. A receiver sends `Pull` with its mark. The sender answers `Pulled`: entries that begin
right after the mark, its journal's size and root, and the proof that this journal extends the one of the mark.
`receive` gives the next mark or raises. After a crash anywhere the receiver pulls from the same mark again,
and receives the same bytes.

A sender that lost a part of its journal begins it anew as its next *journal number*, which the directory lists.
Then there is nothing to prove it from: the receiver takes size and root as they are, once, and the numbers
of the link go on after its mark.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any, Self

import orjson

from openjuki.errors import BadEnvelope, LinkGap, StaleDirectory
from openjuki.wire import merkle
from openjuki.wire.document import Items

#: Most sequence numbers one pull may ask for.
MOST_WANTED = 100_000
#: Bytes of documents that one answer carries.
ROOM = 900_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Receiver's mark on a link (受信位置): what it has applied, and the sender's journal as it saw it."""

    #: Last sequence number applied; 0 before the first.
    seq: int
    #: Size of the sender's journal at the last answer.
    size: int
    #: Root of the sender's journal at that size (RFC 6962).
    root: bytes
    #: Which of the sender's journals that was (記録簿番号).
    journal: int = 1

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {"seq": self.seq, "size": self.size, "root": self.root.hex(), "journal": self.journal}

    @classmethod
    def from_items(cls, items: Items) -> Self:
        """Read a mark.

        Raises:
            BadEnvelope: malformed.
        """
        return cls(
            seq=items.count("seq"),
            size=items.count("size"),
            root=items.digest("root"),
            journal=items.count("journal", least=1),
        )


#: Mark of a receiver that has seen nothing: the empty journal.
START = Mark(seq=0, size=0, root=hashlib.sha256().digest())


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """Request for what follows on a link (通知の取り寄せ)."""

    #: The receiver's mark; the sender answers from ``mark.seq + 1``.
    mark: Mark
    #: Most sequence numbers wanted.
    limit: int

    def to_bytes(self) -> bytes:
        """Body of a ``pull`` request."""
        return orjson.dumps({"mark": self.mark.to_dict(), "limit": self.limit})

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read the body of a ``pull`` request.

        Raises:
            BadEnvelope: malformed.
        """
        items = Items(raw)
        return cls(
            mark=Mark.from_items(items.inner("mark")),
            limit=items.count("limit", least=1, most=MOST_WANTED),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A document on a link (連番の文書), standing for the sequence numbers ``first`` to ``last``."""

    first: int
    last: int
    #: A notice batch or a relayed message, byte for byte as its writer signed it.
    document: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """Answer to a pull (取り寄せの回答)."""

    #: Dense, in order; empty when nothing waits.
    entries: tuple[Entry, ...]
    #: Size of the sender's journal now.
    size: int
    #: Its root at that size.
    root: bytes
    #: Hashes proving that it extends the journal of the mark (RFC 6962 2.1.2).
    consistency: tuple[bytes, ...] = ()
    #: The newest signed checkpoint of that journal, if there is one.
    checkpoint: str | None = None
    #: Which of the sender's journals it is (記録簿番号).
    journal: int = 1

    def to_bytes(self) -> bytes:
        """Body of the answer: a line of JSON, and the documents one after the other."""
        line = {
            "entries": [[entry.first, entry.last, len(entry.document)] for entry in self.entries],
            "size": self.size,
            "root": self.root.hex(),
            "consistency": [one.hex() for one in self.consistency],
            "checkpoint": self.checkpoint,
            "journal": self.journal,
        }
        return b"\n".join((orjson.dumps(line), b"".join(entry.document for entry in self.entries)))

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read the body of an answer.

        Raises:
            BadEnvelope: malformed, or its lengths do not add up.
        """
        line, feed, documents = raw.partition(b"\n")
        items = Items(line)
        entries = _entries(items.take("entries", list), documents)
        if not feed:
            raise BadEnvelope("the answer's line does not end")
        return cls(
            entries=entries,
            size=items.count("size"),
            root=items.digest("root"),
            consistency=items.digests("consistency"),
            checkpoint=items.maybe("checkpoint", partial(items.take, kind=str)),
            journal=items.count("journal", least=1),
        )


def _entries(rows: list[Any], documents: bytes) -> tuple[Entry, ...]:
    entries, start = [], 0
    for row in rows:
        match row:
            case [first, last, length] if _are_bounds(first, last, length):
                entries.append(Entry(first=first, last=last, document=documents[start : start + length]))
                start += length
            case _:
                raise BadEnvelope("missing or malformed: entries")
    if start != len(documents):
        raise BadEnvelope("the lengths of the documents do not add up")
    return tuple(entries)


def _are_bounds(first: Any, last: Any, length: Any) -> bool:
    if not (type(first) is type(last) is type(length) is int):
        return False
    return length > 0 and 1 <= first <= last


def receive(mark: Mark, pulled: Pulled, *, journal: int = 1) -> Mark:
    """The mark after applying everything pulled (受信位置の更新).

    Args:
        mark: where the receiver stands.
        pulled: what the sender answered.
        journal: which journal of the sender's the directory lists.

    Raises:
        LinkGap: the entries do not follow the mark, or one another.
        StaleDirectory: one of the two does not know yet that the sender has begun its journal anew.
        IntegrityFailure: the sender's journal is not proved to extend the one that was seen before.
    """
    bounds = [(0, mark.seq), *((entry.first, entry.last) for entry in pulled.entries)]
    if any(after[0] != before[1] + 1 or after[1] < after[0] for before, after in pairwise(bounds)):
        raise LinkGap
    if pulled.journal != journal:
        raise StaleDirectory(f"journal {pulled.journal} where the directory lists {journal}")
    seen = START if mark.journal < journal else mark
    merkle.verify_consistency(seen.size, seen.root, pulled.size, pulled.root, pulled.consistency)
    return Mark(seq=bounds[-1][1], size=pulled.size, root=pulled.root, journal=journal)


def fit(entries: tuple[Entry, ...], *, limit: int, room: int = ROOM) -> tuple[Entry, ...]:
    """As many entries from the front as limit and room allow, and one in any case (回答の分割)."""
    taken: list[Entry] = []
    for entry in entries:
        limit -= entry.last - entry.first + 1
        room -= len(entry.document)
        if taken and (limit < 0 or room < 0):
            break
        taken.append(entry)
    return tuple(taken)
