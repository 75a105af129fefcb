# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The post (電文の差出と受取): sealing, signing and every check a receiver owes, in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.pki.keys import NodeKeys
    from openjuki.wire.directory import Directory
    from openjuki.wire.envelope import Message


def write(message: Message, *, keys: NodeKeys, directory: Directory) -> bytes:
    """Seal to the recipient and sign.

    Raises:
        UnlistedNode, RevokedNode: sender or recipient.
        NotPermitted: the directory's table of messages does not have it.
        OversizedMessage: too large for the network.
    """
    raise NotImplementedError


def read(raw: bytes, *, subject_sender: str, keys: NodeKeys, directory: Directory, at: datetime) -> Message:
    """Verify and open a request. The caller still owes the check that `(sender, id)` is new.

    Raises:
        BadEnvelope, ForgedEnvelope, MisaddressedEnvelope, ExpiredEnvelope, UnlistedNode, RevokedNode,
        SubjectMismatch, NotPermitted, OversizedMessage, StaleDirectory
    """
    raise NotImplementedError


def read_reply(
    raw: bytes, *, request: Message, sent: bytes, keys: NodeKeys, directory: Directory, at: datetime
) -> Message:
    """Verify and open the answer to `request`, whose envelope was `sent`.

    Raises:
        As `read`; MisaddressedEnvelope also when it answers another request.
    """
    raise NotImplementedError
