# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Relayed message (市町村間の中継電文): from one municipality to another, carried by the centre unopened.

Specified in ``docs/spec/notice-batch.md``; for instance the move-in notice (転入通知, 法9条1項).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from openjuki.config import Kind
from openjuki.errors import ForgedEnvelope, MisaddressedEnvelope, OversizedMessage
from openjuki.wire.batch import LARGEST_INNER
from openjuki.wire.document import to_time
from openjuki.wire.sealing import Sealed, seal, sign_sealed, unseal

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.pki.keys import NodeKeys
    from openjuki.wire.directory import Directory
    from openjuki.wire.document import Items


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Relayed message (中継電文)."""

    #: Payload type of the document.
    PAYLOAD_TYPE: ClassVar = "application/vnd.openjuki.relay.v1+json"

    #: The municipality that wrote it.
    sender: str
    #: The municipality that may open it.
    recipient: str
    #: 32 hexadecimal digits, drawn by the sender.
    id: str
    #: When it was written; it does not expire, for the recipient may be away.
    issued: datetime
    #: What is sealed; its layout is the two municipalities' own.
    body: bytes

    def header(self) -> dict[str, Any]:
        """Everything but the body."""
        return {
            "from": self.sender,
            "to": self.recipient,
            "id": self.id,
            "issued": to_time(self.issued),
        }

    def context(self) -> bytes:
        """What binds the sealed body to this header."""
        return f"openjuki/relay/v1\n{self.sender}\n{self.recipient}\n{self.id}".encode()

    @classmethod
    def from_header(cls, items: Items) -> Relay:
        """Read a header; the body is still sealed and stays empty."""
        return cls(
            sender=items.node("from"),
            recipient=items.node("to"),
            id=items.id(),
            issued=items.time("issued"),
            body=b"",
        )


class Route(NamedTuple):
    """All that the centre learns of a relayed message (中継経路)."""

    sender: str
    recipient: str
    id: str


def write_relay(relay: Relay, *, keys: NodeKeys, directory: Directory) -> bytes:
    """Seal to the recipient and sign (中継電文の作成).

    Raises:
        UnlistedNode: the recipient is not in the directory, or no key of it is good.
        RevokedNode: the recipient is revoked.
        OversizedMessage: longer than an envelope carries.
    """
    recipient = directory.sealing_key(relay.recipient, at=relay.issued)
    sealed = seal(relay.body, {relay.recipient: recipient}, relay.context())
    return sign_sealed(Relay.PAYLOAD_TYPE, relay.header(), sealed, keys, most=LARGEST_INNER)


def relay_route(raw: bytes, *, directory: Directory, at: datetime) -> Route:
    """Verify the sender's signature and open nothing (中継): what the centre does.

    Raises:
        PeerError: the leaf that ``docs/spec/notice-batch.md`` names for the first check that fails.
    """
    relay, _ = _open(raw, directory)
    if directory.active(relay.recipient, at=at).kind is not Kind.MUNICIPALITY:
        raise MisaddressedEnvelope(f"relayed messages go to municipalities, not to {relay.recipient}")
    return Route(relay.sender, relay.recipient, relay.id)


def read_relay(raw: bytes, *, keys: NodeKeys, directory: Directory) -> Relay:
    """Verify the sender's signature and open (中継電文の開封): what the recipient does.

    Raises:
        PeerError: the leaf that ``docs/spec/notice-batch.md`` names for the first check that fails.
    """
    relay, sealed = _open(raw, directory)
    if relay.recipient != keys.node:
        raise MisaddressedEnvelope(f"addressed to {relay.recipient}")
    return replace(relay, body=unseal(sealed, keys, relay.context()))


def _open(raw: bytes, directory: Directory) -> tuple[Relay, Sealed]:
    if len(raw) > LARGEST_INNER:
        raise OversizedMessage
    signed = directory.open(raw, Relay.PAYLOAD_TYPE)
    relay = Relay.from_header(signed.items)
    sender = directory.check_signer(signed.key_id, relay.sender, at=relay.issued)
    if sender.kind is not Kind.MUNICIPALITY:
        raise ForgedEnvelope(f"relayed messages come from municipalities, not from {relay.sender}")
    sealed = Sealed.from_items(signed.items.inner("content"), signed.content)
    sender.check_not_revoked(relay.issued)
    return relay, sealed
