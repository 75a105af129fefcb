# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an agency's own network meets (接続口): a REST interface for systems, pages for operators."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from openjuki.nodes.node import Node


def beside(node: Node) -> AbstractAsyncContextManager[None]:
    """Serve a node's gateway for as long as the block lasts; a web server is loaded only where there is one."""
    from openjuki.gateway import serving  # noqa: PLC0415 - towns and the Centre start without it

    return serving.beside(node)
