# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The pages of the console (業務画面), behind the same guard and entrance as an agency's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog
from starlette.applications import Starlette

from openjuki.console.disclosures import Disclosures
from openjuki.console.handing import Handing
from openjuki.nodes.log import frames
from openjuki.screens.entrance import Entrance
from openjuki.screens.frame import About, Frame
from openjuki.screens.pages import guarded
from openjuki.screens.place import Place

if TYPE_CHECKING:
    from starlette.routing import Route
    from starlette.types import ASGIApp, Receive, Scope, Send

    from openjuki.nodes.node import Node

log = structlog.get_logger()

_ABOUT: Final = About(
    title=("自己の情報の開示", "Disclosure"),
    ways=(
        ("/", "開示請求", "Requests"),
        ("/disclosures/new", "請求を受理する", "Receive"),
        ("/sessions", "サインイン状況", "Sign-ins"),
    ),
    reminder=(
        "受理・開示・閲覧はすべて、操作者・時刻・受付番号とともに記録されます。",
        "What is received, disclosed and looked at is recorded with operator, time and case number.",
    ),
    comfort=(
        "決定していない請求は、受付中のまま残っています。",
        "A request that was not decided is still open.",
    ),
    home=("開示請求の一覧へ", "To the requests"),
)


def routes(node: Node) -> list[Route]:
    """The pages of a node, each behind the guard."""
    frame = Frame(node, Place.console(node.settings), "openjuki.console", _ABOUT)
    return guarded(frame, (Entrance(frame), Disclosures(frame, node), Handing(frame, node)))


def application(node: Node) -> ASGIApp:
    """The console of a node; of an unforeseen error the frames are logged, and not what it says."""
    pages = Starlette(routes=routes(node))

    async def console(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        try:
            await pages(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - a server would log its message, which may quote a person
            log.error(  # noqa: TRY400 - the message stays out of it
                "console-defect", kind=type(error).__name__, frames=" < ".join(frames(error))
            )

    return console
