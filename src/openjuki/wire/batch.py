# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Batch of notices (通知の束, 法30条の6・30条の7): one signature and two seals for up to 1,000 notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from openjuki.pki.keys import NodeKeys, SealingPublicKey
    from openjuki.wire.directory import Directory

#: Most notices in one batch.
MOST = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeBatch:
    """Batch of notices (通知の束)."""

    #: The municipality whose notices these are.
    origin: str
    #: Sequence numbers of the origin's link to its prefecture: the first and
    first: int
    #: the last; `last - first + 1` notices.
    last: int
    #: When it was formed; decides which signing key had to be valid.
    issued: datetime
    #: Bytes of each notice (JSON without a line feed), in order of the sequence.
    notices: tuple[bytes, ...]


def write_batch(batch: NoticeBatch, *, keys: NodeKeys, recipients: Mapping[str, SealingPublicKey]) -> bytes:
    """Compress, seal to every recipient, and sign.

    Raises:
        OversizedMessage: more than the network carries; form smaller batches.
    """
    raise NotImplementedError


def read_batch(raw: bytes, *, keys: NodeKeys, directory: Directory) -> NoticeBatch:
    """Verify the origin's signature and open.

    Raises:
        BadEnvelope, ForgedEnvelope, MisaddressedEnvelope, UnlistedNode, RevokedNode, OversizedMessage
    """
    raise NotImplementedError
