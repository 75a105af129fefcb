# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Signed documents (署名文書) and the message within an envelope (電文): pure, bytes in and bytes out.

The layout is specified in `docs/spec/envelope.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from openjuki.pki.keys import PublicKey, SigningKey

#: How long a message is good for unless its sender says less.
LIFETIME = timedelta(seconds=60)
#: How long a message may be good for; receivers remember ids that long.
LONGEST_LIFETIME = timedelta(minutes=10)
#: How far the clocks of two nodes may differ.
CLOCK_SKEW = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Message from one node to another (電文)."""

    #: Node id of the sender (差出機関).
    sender: str
    #: Node id of the recipient (宛先機関).
    recipient: str
    #: 32 hexadecimal digits, drawn by the sender; `(sender, id)` is accepted once.
    id: str
    #: A name of the directory's table of messages, e.g. `pull`.
    type: str
    #: What is sealed; its layout belongs to the type.
    body: bytes
    #: From when on it is good.
    issued: datetime
    #: Until when it is good.
    expires: datetime
    #: For a reply: SHA-256 of the request's envelope, hexadecimal.
    in_reply_to: str | None = None

    def reply(self, body: bytes, *, request: bytes, id: str, issued: datetime) -> Message:  # noqa: A002
        """The answer to this message, whose envelope was `request`."""
        raise NotImplementedError


def sign_document(payload_type: str, payload: bytes, *keys: SigningKey) -> bytes:
    """Sign (DSSE: PAE and Ed25519)."""
    raise NotImplementedError


def open_document(raw: bytes, payload_type: str, keys: Callable[[str], PublicKey]) -> tuple[bytes, str]:
    """Verify, over the bytes as received: the payload and the id of the key that signed it."""
    raise NotImplementedError
