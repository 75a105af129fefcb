# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The console beside its node (業務画面の稼働); how it listens and says so is `openjuki.screens.serving`'s."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from openjuki.console.pages import application
from openjuki.screens import serving
from openjuki.screens.place import Place

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openjuki.nodes.node import Node


@asynccontextmanager
async def beside(node: Node) -> AsyncIterator[None]:
    """Serve the console of a node until the block is left.

    Raises:
        BadConfiguration: the address cannot be listened at, or lies beyond this machine and there is no certificate.
    """
    async with serving.served(node, Place.console(node.settings), application(node)):
        yield
