# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The console (業務画面): the pages of a prefecture's and the Centre's own operators, beside their node.

Here people are told what is held about them (`disclosures`); other work of these offices joins in rooms of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from openjuki.nodes.node import Node


def beside(node: Node) -> AbstractAsyncContextManager[None]:
    """Serve a node's console for as long as the block lasts; a web server is loaded only where there is one."""
    from openjuki.console import serving  # noqa: PLC0415 - towns start without it

    return serving.beside(node)
