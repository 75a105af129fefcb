# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Certificate authority of the network (ネットワークの認証局): who may open a TLS connection at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path


class Authority:
    """Certificate authority of one network (認証局), ECDSA P-256."""

    @classmethod
    def create(cls, network: str, *, at: datetime) -> Authority:
        """Draw a key and certify it by itself."""
        raise NotImplementedError

    @classmethod
    def load(cls, home: Path) -> Authority:
        """Read what `save` wrote."""
        raise NotImplementedError

    def save(self, home: Path) -> None:
        """Write `ca.pem` and `ca.key` (0600)."""
        raise NotImplementedError

    def issue_node(self, node: str, *, at: datetime) -> tuple[bytes, bytes]:
        """Certify a node: certificate and key, both PEM."""
        raise NotImplementedError

    def issue_broker(self, hosts: Iterable[str] = (), *, at: datetime) -> tuple[bytes, bytes]:
        """Certify a broker: certificate and key, both PEM."""
        raise NotImplementedError
