# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Where pages are served (画面の所在): an address on the office's own network, and the name they go by there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

    from openjuki.config import NodeSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a node's pages are served (画面の所在)."""

    #: What is served: settings, messages and the file that tells the address name it so.
    kind: str
    #: Address on the office's network.
    host: str
    #: Port, or the next that is free; 0: any.
    port: int
    #: Certificate chain and key (PEM); both or neither.
    certificate: Path | None
    key: Path | None
    #: The name by which terminals call it; passkeys are bound to it.
    name: str
    #: Minutes without a step after which a page is locked.
    idle_minutes: float

    @classmethod
    def gateway(cls, own: NodeSettings) -> Self:
        """An agency's gateway (接続口)."""
        return cls(
            kind="gateway",
            host=own.gateway_host,
            port=own.gateway_port,
            certificate=own.gateway_certificate,
            key=own.gateway_key,
            name=own.gateway_name,
            idle_minutes=own.gateway_idle_minutes,
        )

    @classmethod
    def console(cls, own: NodeSettings) -> Self:
        """The console of a prefecture or of the Centre (業務画面)."""
        return cls(
            kind="console",
            host=own.console_host,
            port=own.console_port,
            certificate=own.console_certificate,
            key=own.console_key,
            name=own.console_name,
            idle_minutes=own.console_idle_minutes,
        )
