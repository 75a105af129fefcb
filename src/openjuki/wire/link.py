# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Link between two nodes (通知の連番): pulled in dense sequence, checked against what was seen before."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Receiver's mark on a link (受信位置): what it has applied, and the sender's journal it saw."""

    #: Last sequence number applied; 0 before the first.
    seq: int
    #: Size of the sender's journal at that answer.
    size: int
    #: Root of the sender's journal at that size (RFC 6962).
    root: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """Request for what follows on a link (通知の取り寄せ)."""

    #: The receiver's mark; the sender answers from `mark.seq + 1`.
    mark: Mark
    #: Most sequence numbers wanted.
    limit: int

    def to_bytes(self) -> bytes:
        """Body of a `pull` request."""
        raise NotImplementedError

    @classmethod
    def from_bytes(cls, raw: bytes) -> Pull:
        """Read what `to_bytes` wrote."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One document on a link, standing for the sequence numbers `first` to `last`."""

    first: int
    last: int
    #: A notice batch or a relayed message, byte for byte as its writer signed it.
    document: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """Answer to a pull (取り寄せの回答)."""

    #: In order, dense; empty when nothing waits.
    entries: tuple[Entry, ...]
    #: Size of the sender's journal now.
    size: int
    #: Its root at that size.
    root: bytes
    #: Hashes proving that it extends the journal of the mark (RFC 6962 2.1.2); empty until journals prove it.
    consistency: tuple[bytes, ...] = field(default=())

    def to_bytes(self) -> bytes:
        """Body of a `pull` answer."""
        raise NotImplementedError

    @classmethod
    def from_bytes(cls, raw: bytes) -> Pulled:
        """Read what `to_bytes` wrote."""
        raise NotImplementedError


#: Mark of a receiver that has seen nothing: the empty journal.
START: Mark


def receive(mark: Mark, pulled: Pulled) -> Mark:
    """The mark after applying everything pulled.

    Raises:
        LinkGap: the entries do not follow the mark, or one another.
        IntegrityFailure: the sender's journal has shrunk or changed.
    """
    raise NotImplementedError


def fit(entries: tuple[Entry, ...], *, limit: int, room: int) -> tuple[Entry, ...]:
    """As many entries from the front as the limit and the room in bytes allow; at least one."""
    raise NotImplementedError
