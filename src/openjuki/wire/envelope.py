# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Message within an envelope (電文): what its header says, pure; specified in ``docs/spec/envelope.md``."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Self

from openjuki.errors import BadEnvelope, ExpiredEnvelope, MisaddressedEnvelope
from openjuki.wire.document import to_time

if TYPE_CHECKING:
    from openjuki.wire.document import Items

#: How long a message is good for unless its sender says less.
LIFETIME = timedelta(seconds=60)
#: How long a message may be good for at most; receivers remember ids that long.
LONGEST_LIFETIME = timedelta(minutes=10)
#: How far the clocks of two nodes may differ.
CLOCK_SKEW = timedelta(seconds=30)

_MESSAGE_NAME = re.compile(r"[a-z][a-z-]{0,62}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Message from one node to another (電文): a request, or the reply to one."""

    #: Payload type of its envelope.
    PAYLOAD_TYPE: ClassVar = "application/vnd.openjuki.envelope.v1+json"

    #: Node id of the sender (差出機関).
    sender: str
    #: Node id of the recipient (宛先機関).
    recipient: str
    #: 32 hexadecimal digits, drawn by the sender; ``(sender, id)`` is accepted once.
    id: str
    #: A name of the directory's table of messages, e.g. ``pull``.
    type: str
    #: What is sealed; its layout belongs to the type.
    body: bytes
    #: From when on it is good.
    issued: datetime
    #: Until when it is good.
    expires: datetime
    #: For a reply: SHA-256 of the request's envelope.
    in_reply_to: bytes | None = None

    @classmethod
    def request(
        cls,
        type: str,  # noqa: A002 - the word of the header
        body: bytes,
        *,
        sender: str,
        recipient: str,
        id: str,  # noqa: A002 - the word of the header
        issued: datetime,
        lifetime: timedelta = LIFETIME,
    ) -> Self:
        """Ask (要求): a message that answers none."""
        return cls(
            sender=sender,
            recipient=recipient,
            id=id,
            type=type,
            body=body,
            issued=issued,
            expires=issued + lifetime,
        )

    def reply(self, body: bytes, *, request: bytes, id: str, issued: datetime) -> Message:  # noqa: A002
        """Answer this message (回答), whose envelope as received was ``request``."""
        return Message(
            sender=self.recipient,
            recipient=self.sender,
            id=id,
            type=self.type,
            body=body,
            issued=issued,
            expires=issued + LIFETIME,
            in_reply_to=hashlib.sha256(request).digest(),
        )

    def header(self) -> dict[str, Any]:
        """Everything but the body, as the payload of the envelope has it."""
        return {
            "from": self.sender,
            "to": self.recipient,
            "id": self.id,
            "type": self.type,
            "issued": to_time(self.issued),
            "expires": to_time(self.expires),
            "in_reply_to": None if self.in_reply_to is None else self.in_reply_to.hex(),
        }

    def context(self) -> bytes:
        """What binds the sealed body to this header."""
        lines = ("openjuki/envelope/v1", self.sender, self.recipient, self.id, self.type)
        return "\n".join(lines).encode()

    @classmethod
    def from_header(cls, items: Items) -> Self:
        """Read a header; the body is still sealed and stays empty.

        Raises:
            BadEnvelope: incomplete or malformed, or good for too long.
        """
        message = cls(
            sender=items.node("from"),
            recipient=items.node("to"),
            id=items.id(),
            type=items.text("type", _MESSAGE_NAME),
            body=b"",
            issued=items.time("issued"),
            expires=items.time("expires"),
            in_reply_to=items.maybe("in_reply_to", items.digest),
        )
        if not timedelta(0) < message.expires - message.issued <= LONGEST_LIFETIME:
            raise BadEnvelope("good for no time, or for too long")
        return message

    def check_time(self, at: datetime) -> None:
        """Return only when the message is good at this time, give or take the difference of clocks.

        Raises:
            ExpiredEnvelope: not yet, or no longer.
        """
        if not self.issued - CLOCK_SKEW <= at <= self.expires + CLOCK_SKEW:
            raise ExpiredEnvelope

    def check_answers(self, request: Message, sent: bytes) -> None:
        """Return only when this is the answer to ``request``, whose envelope was ``sent``.

        Raises:
            MisaddressedEnvelope: it answers something else.
        """
        if self.in_reply_to != hashlib.sha256(sent).digest():
            raise MisaddressedEnvelope("this answers another request")
        if (self.sender, self.type) != (request.recipient, request.type):
            raise MisaddressedEnvelope("this answers from elsewhere, or something else")
