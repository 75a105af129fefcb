# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The gateway beside its node (接続口の稼働); how it listens and says so is `openjuki.screens.serving`'s."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from openjuki.gateway import bulk
from openjuki.gateway.app import application
from openjuki.gateway.pages import routes
from openjuki.nodes.asking import Asking
from openjuki.nodes.fetching import Fetching
from openjuki.screens import serving
from openjuki.screens.place import Place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from openjuki.nodes.node import Node


@asynccontextmanager
async def beside(node: Node) -> AsyncIterator[None]:
    """Serve the gateway of a node until the block is left.

    Raises:
        BadConfiguration: the address cannot be listened at, or lies beyond this machine and there is no certificate.
    """
    bulk.sweep(node)
    asking = Asking(node)
    async with Fetching(node).going_on() as fetching:
        app = application(node, asking, routes(node, asking), fetching)
        async with serving.served(node, Place.gateway(node.settings), app):
            yield


def told_at(home: Path, node: str) -> Path:
    """Where it is written down at which address the gateway of a node listens."""
    return serving.told_at(home, node, "gateway")
