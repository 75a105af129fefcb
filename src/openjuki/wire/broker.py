# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The broker (中継サーバ): NATS with its permissions generated from the node directory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

    from openjuki.pki.authority import Authority
    from openjuki.wire.directory import Directory


@dataclass(frozen=True, slots=True, kw_only=True)
class Permissions:
    """What one certificate may do at the broker (送受信の許可)."""

    #: Subjects it may publish to.
    publish: tuple[str, ...]
    #: Subjects it may listen to.
    subscribe: tuple[str, ...]


def permissions(directory: Directory, *, at: datetime) -> dict[str, Permissions]:
    """Every node that may connect, and what it may say to whom: the directory's table as a firewall."""
    raise NotImplementedError


class EmbeddedBroker:
    """A NATS server of our own, in one directory, on 127.0.0.1 (組込みの中継サーバ)."""

    def __init__(self, home: Path, *, authority: Authority, port: int = 0) -> None:
        """Remember where to live; port 0 asks the system for a free one at the first start."""

    @property
    def url(self) -> str:
        """Where clients connect."""
        raise NotImplementedError

    @property
    def pid(self) -> int | None:
        """Process id while it runs, None otherwise."""
        raise NotImplementedError

    def start(self, users: Mapping[str, Permissions], *, at: datetime) -> None:
        """Start, or start again on the same port after it died.

        Raises:
            SetUpFailed: it does not come up; the message says why.
        """

    def reload(self, users: Mapping[str, Permissions]) -> None:
        """Take new permissions; whoever is no longer among them is cut off at once."""

    def stop(self) -> None:
        """Stop, and wait until it has."""
