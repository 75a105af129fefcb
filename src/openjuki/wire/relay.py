# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Relayed message (市町村間の中継電文): from one municipality to another, which the centre carries unopened."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.pki.keys import NodeKeys
    from openjuki.wire.directory import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """Relayed message (中継電文)."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """All the centre may know of a relayed message (中継経路)."""

    #: The municipality that wrote it.
    sender: str
    #: The municipality that may open it.
    recipient: str
    #: 32 hexadecimal digits, drawn by the sender.
    id: str


def write_relay(relay: Relay, *, keys: NodeKeys, directory: Directory) -> bytes:
    """Seal to the recipient and sign."""
    raise NotImplementedError


def relay_route(raw: bytes, *, directory: Directory) -> Route:
    """Verify the sender's signature, and open nothing."""
    raise NotImplementedError


def read_relay(raw: bytes, *, keys: NodeKeys, directory: Directory) -> Relay:
    """Verify the sender's signature and open."""
    raise NotImplementedError
