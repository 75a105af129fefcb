# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The post (電文の差出と受取): sealing, signing, and every check a receiver owes, in the order of the specification.

``docs/spec/envelope.md`` lists the checks. One is left to the caller, because it needs a memory: that
``(sender, id)`` of a request is new, decided in the transaction of its effect.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from openjuki.errors import MisaddressedEnvelope, NotPermitted, SubjectMismatch
from openjuki.wire.document import LARGEST
from openjuki.wire.envelope import Message
from openjuki.wire.sealing import Sealed, seal, sign_sealed, unseal

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.pki.keys import NodeKeys
    from openjuki.wire.directory import Directory


def write(message: Message, *, keys: NodeKeys, directory: Directory) -> bytes:
    """Seal a message to its recipient and sign it (差出).

    Raises:
        UnlistedNode: the recipient is not in the directory, or no key of it is good.
        RevokedNode: the recipient is revoked.
        NotPermitted: the table of messages does not have this one.
        OversizedMessage: longer than the network carries.
    """
    if message.in_reply_to is None:
        _check_permitted(directory, message.sender, message.recipient, message.type)
    recipient = directory.sealing_key(message.recipient, at=message.issued)
    sealed = seal(message.body, {message.recipient: recipient}, message.context())
    return sign_sealed(Message.PAYLOAD_TYPE, message.header(), sealed, keys, most=LARGEST)


def read(
    raw: bytes, *, subject_sender: str | None, keys: NodeKeys, directory: Directory, at: datetime
) -> Message:
    """Verify and open a request (受取); the caller still owes the check that ``(sender, id)`` is new.

    Args:
        raw: the envelope as received.
        subject_sender: the sender that the subject names; None where another message carried the envelope.
        keys: the receiver's.
        directory: the newest edition the receiver has.
        at: the receiver's time.

    Raises:
        PeerError: the leaf that ``docs/spec/envelope.md`` names for the first check that fails.
    """
    message, sealed = _open(raw, keys, directory, at)
    if subject_sender is not None and message.sender != subject_sender:
        raise SubjectMismatch(f"signed by {message.sender}, sent on a subject of {subject_sender}")
    if message.in_reply_to is not None:
        raise MisaddressedEnvelope("an answer where a request is expected")
    _check_permitted(directory, message.sender, message.recipient, message.type)
    return _unseal(message, sealed, keys, at)


def read_reply(
    raw: bytes, *, request: Message, sent: bytes, keys: NodeKeys, directory: Directory, at: datetime
) -> Message:
    """Verify and open the answer to ``request``, whose envelope was ``sent`` (回答の受取).

    Raises:
        PeerError: the leaf that ``docs/spec/envelope.md`` names for the first check that fails.
    """
    message, sealed = _open(raw, keys, directory, at)
    message.check_answers(request, sent)
    return _unseal(message, sealed, keys, at)


def _open(raw: bytes, keys: NodeKeys, directory: Directory, at: datetime) -> tuple[Message, Sealed]:
    directory.check_fresh(at)
    signed = directory.open(raw, Message.PAYLOAD_TYPE)
    message = Message.from_header(signed.items)
    sender = directory.check_signer(signed.key_id, message.sender, at=message.issued)
    sealed = Sealed.from_items(signed.items.inner("content"), signed.content)
    sender.check_not_revoked(at)
    if message.recipient != keys.node:
        raise MisaddressedEnvelope(f"addressed to {message.recipient}")
    return message, sealed


def _unseal(message: Message, sealed: Sealed, keys: NodeKeys, at: datetime) -> Message:
    message.check_time(at)
    return replace(message, body=unseal(sealed, keys, message.context()))


def _check_permitted(directory: Directory, sender: str, recipient: str, message: str) -> None:
    if not directory.permits(sender, recipient, message):
        raise NotPermitted(f"{sender} may not send {message} to {recipient}")
