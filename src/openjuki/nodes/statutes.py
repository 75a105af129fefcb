# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which law a node goes by (備付けの台帳): the program's book, and what the folder ``law`` of its home adds.

A text that takes effect at midnight lies there before, and its day is all it takes. A folder that cannot be
read changes nothing: the node goes by the book that it has, and somebody must look.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from openjuki.errors import BadConfiguration
from openjuki.law.shelf import Shelf
from openjuki.store import alarms

if TYPE_CHECKING:
    from pathlib import Path

    from openjuki.law.book import Book
    from openjuki.nodes.node import Node, Office
    from openjuki.store.database import Connection

#: The alarm that the folder cannot be read, and where in it.
UNREADABLE: Final = "statute-book-unreadable"
#: Seconds between two looks for it.
EVERY: Final = 10.0


def statute_book(office: Office) -> Book:
    """The statute book as it stands (法令の台帳): the program's, and what the home's folder ``law`` adds to it.

    Raises:
        BadConfiguration: the folder could never be read; later faults leave the book as it was.
    """
    return _shelf(_folder(office)).book(office.clock())


async def watch(node: Node) -> bool:
    """Raise an alarm while the folder cannot be read, with file, row and column; settle it when it can."""
    fault = _fault(node)
    detail = None if fault is None else fault.where.to_dict()

    async def tell(connection: Connection) -> None:
        now, open_ = node.clock(), await alarms.open_alarms(connection)
        over = [one.id for one in open_ if one.kind == UNREADABLE and one.detail != detail]
        if over:
            await alarms.settle(connection, over, now)
        if detail is not None:
            await alarms.raise_once(connection, UNREADABLE, detail, now)

    await node.read(tell)
    return False


def _fault(office: Office) -> BadConfiguration | None:
    """What is wrong with the folder now."""
    try:
        statute_book(office)
    except BadConfiguration as fault:
        return fault
    return _shelf(_folder(office)).fault


def _folder(office: Office) -> Path:
    return office.published.parent / "law"


@cache
def _shelf(folder: Path) -> Shelf:
    return Shelf(folder)
