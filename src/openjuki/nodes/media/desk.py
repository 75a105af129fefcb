# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A node whose line is down, or was never laid (回線によらない窓口): its book and its keys are enough to work by hand."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import fields
from typing import TYPE_CHECKING

from openjuki.nodes.node import Node, Office, opened_office
from openjuki.wire.transport import NatsTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openjuki.config import Settings


@asynccontextmanager
async def by_hand(settings: Settings, node_id: str) -> AsyncIterator[Node]:
    """A node with its keys read and its book open; whoever asks another over its line finds nobody there.

    Raises:
        BadConfiguration, StoreUnavailable: as `opened_office`.
    """
    async with opened_office(settings, node_id) as office:
        parts = {field.name: getattr(office, field.name) for field in fields(Office)}
        node = Node(transport=NatsTransport(office.identity, settings.nats_url), **parts)
        try:
            yield node
        finally:
            await node.bulk.close()
