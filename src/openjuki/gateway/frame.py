# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The frame of the gateway's pages (照会画面の枠): that of all pages, and where its offices ask."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openjuki.config import JST
from openjuki.nodes.statutes import statute_book
from openjuki.screens import frame
from openjuki.screens.frame import About
from openjuki.screens.place import Place

if TYPE_CHECKING:
    from openjuki.law.book import Book
    from openjuki.law.edition import Edition
    from openjuki.nodes.asking import Asking
    from openjuki.nodes.node import Office

_ABOUT: Final = About(
    title=("本人確認情報の照会", "Look-ups"),
    ways=(
        ("/", "事務を選ぶ", "Affairs"),
        ("/ledger", "台帳", "Ledger"),
        ("/bulk", "一括照会", "With files"),
        ("/sessions", "サインイン状況", "Sign-ins"),
    ),
    reminder=(
        "照会はすべて、操作者・時刻・受付番号とともに台帳に記録されます。",
        "Every look-up stands in the ledger with operator, time and case number.",
    ),
    comfort=(
        "照会を送っていた場合は、台帳にその記録があります。",
        "If something was asked, it stands in the ledger.",
    ),
    home=("事務を選ぶ", "To the affairs"),
)


class Frame(frame.Frame):
    """What the pages of an agency share."""

    def __init__(self, node: Office, asking: Asking) -> None:
        """Of a node, and where its offices ask."""
        super().__init__(node, Place.gateway(node.settings), "openjuki.gateway", _ABOUT)
        self.asking = asking

    @property
    def book(self) -> Book:
        """The statute book as it stands."""
        return statute_book(self.node)

    @property
    def edition(self) -> Edition:
        """What of it is in force today."""
        return self.book.at(self.node.clock().astimezone(JST).date())
