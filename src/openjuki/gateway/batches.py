# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The office's requests with files (一括照会の状況): how far each is, and what came of it; whom it was about is not shown."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from starlette.routing import Route

from openjuki.documents.words import RESULTS, Said, item
from openjuki.refusal import Refusal
from openjuki.store import requests
from openjuki.wire.bulk import KeyKind, Standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from openjuki.gateway.frame import Frame
    from openjuki.screens.sessions import Visit
    from openjuki.store.database import Connection

#: Requests of a page.
_ON_A_PAGE: Final = 50
#: What people read for how far a request is.
STANDINGS: Final[Mapping[str, Said]] = {
    Standing.WAITING: Said("受付待ち", "Waiting"),
    Standing.RUNNING: Said("提供中", "Under way"),
    Standing.DONE: Said("完了", "Done"),
    Standing.REFUSED: Said("認められません", "Refused"),
    Standing.CANCELLED: Said("取りやめ", "Called off"),
    Standing.FAILED: Said("失敗", "Failed"),
}
#: By what a file asks.
KINDS: Final[Mapping[str, Said]] = {
    KeyKind.RESIDENT_CODE: item("resident_code"),
    KeyKind.INDIVIDUAL_NUMBER: item("individual_number"),
    KeyKind.FOUR_ITEMS: Said("4情報", "Four items"),
}


class Batches:
    """The page of the requests with files."""

    def __init__(self, frame: Frame) -> None:
        """In a frame."""
        self._frame, self._node = frame, frame.node

    def routes(self) -> list[Route]:
        """Its road."""
        return [Route("/bulk", self._frame.within(self._list), methods=["GET"])]

    async def _list(self, visit: Visit, request: Request) -> Response:
        """The office's requests, newest first."""
        look = partial(self._look, office=visit.session.office)
        return self._frame.show("bulk", request, visit=visit, batches=await self._node.read(look))

    async def _look(self, connection: Connection, office: str) -> list[dict[str, Any]]:
        found = await requests.search(connection, office=office, limit=_ON_A_PAGE)
        return [self._told(one, (await requests.results(connection, one.id))[0]) for one in found]

    def _told(self, one: requests.Request, results: Mapping[str, int]) -> dict[str, Any]:
        """What the page says of a request."""
        known = self._frame.edition.affairs
        return {
            "request": one,
            "title": known[one.affair].title_ja if one.affair in known else one.affair,
            "kind": KINDS[one.kind],
            "standing": STANDINGS[one.standing],
            "refusal": None if one.refusal is None else Refusal.from_dict(one.refusal),
            "results": [(RESULTS[result].title, count) for result, count in results.items()],
        }
