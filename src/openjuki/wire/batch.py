# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Batch of notices (通知の束, 法30条の6・30条の7): one signature and two seals for up to 1,000 notices.

Specified in ``docs/spec/notice-batch.md``. A batch does not expire: a notice is as true a week later.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from openjuki.config import Kind
from openjuki.errors import BadEnvelope, ForgedEnvelope, OversizedMessage
from openjuki.wire.document import to_time
from openjuki.wire.sealing import Sealed, seal, sign_sealed, unseal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from openjuki.pki.keys import NodeKeys, SealingPublicKey
    from openjuki.wire.directory import Directory, Node
    from openjuki.wire.document import Items

#: Most notices in one batch.
MOST = 1_000
#: Longest document that travels inside an envelope.
LARGEST_INNER = 900_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeBatch:
    """Batch of notices (通知の束)."""

    #: Payload type of the document.
    PAYLOAD_TYPE: ClassVar = "application/vnd.openjuki.notice-batch.v1+json"

    #: The municipality whose notices these are.
    origin: str
    #: Sequence numbers on the origin's link to its prefecture: the first and
    first: int
    #: the last of them.
    last: int
    #: When the batch was formed; decides which signing key had to be good.
    issued: datetime
    #: Bytes of each notice (JSON, so without a line feed), in order of the sequence.
    notices: tuple[bytes, ...]

    def header(self) -> dict[str, Any]:
        """Everything but the notices."""
        return {
            "origin": self.origin,
            "first": self.first,
            "last": self.last,
            "issued": to_time(self.issued),
        }

    def context(self) -> bytes:
        """What binds the sealed notices to this header."""
        return f"openjuki/notice-batch/v1\n{self.origin}\n{self.first}\n{self.last}".encode()


def write_batch(batch: NoticeBatch, *, keys: NodeKeys, recipients: Mapping[str, SealingPublicKey]) -> bytes:
    """Compress, seal to every recipient, and sign (通知の束の作成).

    Raises:
        BadEnvelope: the notices are not as many as the sequence says, or hold a line feed.
        OversizedMessage: longer than an envelope carries; form smaller batches.
    """
    _check_count(batch.first, batch.last, batch.notices)
    plaintext = b"\n".join(batch.notices)
    if plaintext.count(b"\n") != len(batch.notices) - 1:
        raise BadEnvelope("a notice holds a line feed")
    sealed = seal(plaintext, recipients, batch.context())
    return sign_sealed(NoticeBatch.PAYLOAD_TYPE, batch.header(), sealed, keys, most=LARGEST_INNER)


class SealedBatch(NamedTuple):
    """A batch whose signature was verified, still sealed (開封前の通知の束)."""

    #: Without its notices.
    header: NoticeBatch
    content: Sealed
    signer: Node

    def unseal(self, keys: NodeKeys) -> NoticeBatch:
        """Open it (通知の束の開封).

        Raises:
            RevokedNode: its municipality was revoked before it was issued.
            MisaddressedEnvelope: sealed to others, or not for this batch.
            BadEnvelope, OversizedMessage: what is sealed are not its notices.
        """
        self.signer.check_not_revoked(self.header.issued)
        notices = tuple(unseal(self.content, keys, self.header.context()).split(b"\n"))
        _check_count(self.header.first, self.header.last, notices)
        return replace(self.header, notices=notices)


def verify_batch(raw: bytes, *, directory: Directory) -> SealedBatch:
    """Verify the origin's signature, and open nothing (通知の束の検証).

    Raises:
        PeerError: the leaf that ``docs/spec/notice-batch.md`` names for the first check that fails.
    """
    if len(raw) > LARGEST_INNER:
        raise OversizedMessage
    signed = directory.open(raw, NoticeBatch.PAYLOAD_TYPE)
    header = _header(signed.items)
    origin = directory.check_signer(signed.key_id, header.origin, at=header.issued)
    if origin.kind is not Kind.MUNICIPALITY:
        raise ForgedEnvelope(f"notices come from municipalities, not from {header.origin}")
    content = Sealed.from_items(signed.items.inner("content"), signed.content)
    return SealedBatch(header, content, origin)


def read_batch(raw: bytes, *, keys: NodeKeys, directory: Directory) -> NoticeBatch:
    """Verify the origin's signature and open (通知の束の開封).

    Raises:
        PeerError: the leaf that ``docs/spec/notice-batch.md`` names for the first check that fails.
    """
    return verify_batch(raw, directory=directory).unseal(keys)


def _header(items: Items) -> NoticeBatch:
    first = items.count("first", least=1)
    return NoticeBatch(
        origin=items.node("origin"),
        first=first,
        last=items.count("last", least=first, most=first + MOST - 1),
        issued=items.time("issued"),
        notices=(),
    )


def _check_count(first: int, last: int, notices: tuple[bytes, ...]) -> None:
    if not 1 <= len(notices) <= MOST or len(notices) != last - first + 1 or not all(notices):
        raise BadEnvelope("a batch holds 1 to 1,000 notices, one for each of its sequence numbers")
