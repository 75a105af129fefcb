# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""An ear at the broker (傍受): what anybody on the line learns of a message, and no more.

For the demonstration only: one more user at the broker, who may listen to everything and say nothing. What it
hears is sealed; it reads the signed header in front (from whom, to whom, what kind, when) and counts bytes.
"""

from __future__ import annotations

import ssl
from collections import deque
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from nats.aio.client import Client

from openjuki.config import clock
from openjuki.errors import PeerError
from openjuki.pki.authority import broker_name
from openjuki.wire.broker import Permissions
from openjuki.wire.envelope import Message

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from nats.aio.msg import Msg

    from openjuki.pki.identity import NodeIdentity
    from openjuki.wire.directory import Directory

#: By which certificate it is known; no directory lists it.
EAR: Final = "agency-ear"
PERMISSIONS: Final = Permissions(publish=(), subscribe=("juki.v1.>", "_INBOX.>"))
_REMEMBERED: Final = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A message that went by (通過した電文)."""

    #: When its sender wrote it, by the sender's clock; a doorbell has no envelope, and the time is ours.
    at: datetime
    sender: str
    recipient: str
    #: A name of the table of messages.
    message: str
    #: Bytes on the line.
    size: int
    #: Whether it answers another.
    answer: bool = False


class Ear:
    """What was heard lately."""

    def __init__(self, directory: Directory) -> None:
        """With the directory in hand, to know who signed."""
        self._directory = directory
        self.heard: deque[Heard] = deque(maxlen=_REMEMBERED)
        self.count = 0

    async def hear(self, message: Msg) -> None:
        """Note one message."""
        subject = message.subject.split(".")
        if subject[-1] == "doorbell":
            _, _, to, sender, name = subject
            self._note(Heard(at=clock(), sender=sender, recipient=to, message=name, size=len(message.data)))
            return
        try:
            header = Message.from_header(self._directory.open(message.data, Message.PAYLOAD_TYPE).items)
        except PeerError:  # a problem in clear, or none of ours
            return
        self._note(
            Heard(
                at=header.issued,
                sender=header.sender,
                recipient=header.recipient,
                message=header.type,
                size=len(message.data),
                answer=header.in_reply_to is not None,
            )
        )

    def _note(self, heard: Heard) -> None:
        self.heard.append(heard)
        self.count += 1


@asynccontextmanager
async def listening(identity: NodeIdentity, url: str, ear: Ear) -> AsyncIterator[None]:
    """Listen while the block lasts; a lost connection is made again."""
    context = ssl.create_default_context(cafile=identity.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(identity.certificate, identity.tls_key)
    client = Client()
    await client.connect(
        url,
        name=EAR,
        tls=context,
        tls_hostname=broker_name(identity.network),
        tls_handshake_first=True,
        max_reconnect_attempts=-1,
        error_cb=_ignore,
    )
    try:
        for subject in PERMISSIONS.subscribe:
            await client.subscribe(subject, cb=ear.hear)
        yield
    finally:
        await client.close()


async def _ignore(_: Exception) -> None:
    """The client connects again by itself."""
