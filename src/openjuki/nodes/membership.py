# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Keeping up with the node directory (機関名簿の更新): a newer edition that a root signed replaces the one known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from openjuki.config import CENTRE
from openjuki.nodes import exchange
from openjuki.pki.files import write_public
from openjuki.wire.directory import read_directory

if TYPE_CHECKING:
    from openjuki.nodes.node import Node


async def reread(node: Node) -> bool:
    """Take the edition that lies on this machine's disk, if it is a newer one."""
    changed = node.published.stat().st_mtime_ns
    if changed != node.directory_seen:
        _adopt(node, node.published.read_bytes())
        node.directory_seen = changed
    return False


async def fetch(node: Node) -> bool:
    """Ask the Centre for the newest edition, and keep it."""
    if node.id != CENTRE:
        raw = await exchange.ask(node, CENTRE, "directory", b"")
        if _adopt(node, raw):
            write_public(node.published, raw)
    return False


def _adopt(node: Node, raw: bytes) -> bool:
    edition = read_directory(raw, roots=node.identity.roots, at=node.clock(), known=node.directory)
    newer = edition.version > node.directory.version
    node.directory = edition
    return newer
