# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Lists and their changes (対象者の異動, `/v1/clienteles`): a system puts a list, and reads what changed.

Rules of this file:

1. A list is put as a whole, and stays at the gateway; the gateway asks by itself, as often as was said.
2. Changes are numbered in each list. Who reads names the last number it has, and loses none; reading asks nobody.
3. A system sees the lists of its own office, and no other's.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson
from starlette.responses import Response
from starlette.routing import Route

from openjuki.carriage import change_files
from openjuki.errors import Unavailable
from openjuki.gateway import parameters
from openjuki.gateway.bulk import taken_in
from openjuki.gateway.errors import NothingThere
from openjuki.nodes.clientele import putting, reading
from openjuki.store import clientele
from openjuki.store.credentials import System
from openjuki.wire.bulk import KeyKind

if TYPE_CHECKING:
    from starlette.requests import Request

    from openjuki.gateway.credentials import Doorkeeper
    from openjuki.nodes.node import Node
    from openjuki.store.clientele import Clientele
    from openjuki.store.credentials import Shown
    from openjuki.store.database import Connection

#: Lists that are taken in at a time.
AT_ONCE: Final = 2


class Clienteles:
    """What systems ask about lists (対象者の異動)."""

    def __init__(self, node: Node, door: Doorkeeper) -> None:
        """Take the node, and who knows its systems."""
        self._node, self._door = node, door
        self._free = asyncio.Semaphore(AT_ONCE)

    def routes(self) -> list[Route]:
        """Where they ask."""
        return [
            Route("/v1/clienteles", self.all, methods=["GET"]),
            Route("/v1/clienteles/{name}", self.put, methods=["PUT"]),
            Route("/v1/clienteles/{name}", self.drop, methods=["DELETE"]),
            Route("/v1/clienteles/{name}/changes", self.changes, methods=["GET"]),
        ]

    async def put(self, request: Request) -> Response:
        """Take a list in, in place of the one of that name."""
        shown = await self._door.identify(request.scope["headers"])
        given = parameters.clientele(request)
        if self._free.locked():
            raise Unavailable("too many lists are being taken in already")
        kind, encoding = given.get("by", KeyKind.RESIDENT_CODE), given.get("encoding")
        async with self._free, taken_in(self._node, request) as file:
            found = await asyncio.to_thread(reading.read, file, kind, encoding)
            name, affair, reason = request.path_params["name"], given["affair"], given["reason"]
            wish = putting.Wish(name, affair, reason, _by(shown), kind, given["every"])
            one = await putting.put(self._node, wish, found.keys)
        said = {"rows": found.rows, "faults": found.faults, "repeated": found.repeated}
        return _json("clientele-put", {**_shown(one), **said})

    async def all(self, request: Request) -> Response:
        """Show the lists of the system's office."""
        shown = await self._door.identify(request.scope["headers"])
        parameters.none(request)
        found = await self._node.read(lambda connection: self._lists(connection, shown))
        return _json("clienteles", {"agency": self._node.id, "lists": list(map(_shown, found))})

    async def drop(self, request: Request) -> Response:
        """Drop a list, its file, and what it was told."""
        shown = await self._door.identify(request.scope["headers"])
        parameters.none(request)
        one = await self._named(request, shown)
        await putting.drop(self._node, one.name, _by(shown))
        return _json("clientele-dropped", {"agency": self._node.id, "name": one.name})

    async def changes(self, request: Request) -> Response:
        """Show what a list was told after a number, the first first."""
        shown = await self._door.identify(request.scope["headers"])
        wanted = parameters.after(request)
        one = await self._named(request, shown)
        after, limit = wanted["after"], wanted["limit"]
        came = await self._node.read(partial(clientele.changes, name=one.name, after=after, limit=limit))
        last = came[-1].seq if came else None
        told = list(map(change_files.to_dict, came))
        body = {"name": one.name, "begun": False, "count": len(came), "last": last, "changes": told}
        return _json("clientele-changes", body)

    async def _named(self, request: Request, shown: Shown) -> Clientele:
        name = request.path_params["name"]
        found = await self._node.read(lambda connection: self._lists(connection, shown, name))
        if not found:
            raise NothingThere
        return found[0]

    async def _lists(self, connection: Connection, shown: Shown, name: str | None = None) -> list[Clientele]:
        """The lists of the system's office, or the one of a name."""
        standing = await self._door.standing(connection, shown)
        if name is not None and not putting.NAME.fullmatch(name):
            return []
        found = await clientele.lists(connection, name)
        return [one for one in found if one.office == standing.office]


def _by(shown: Shown) -> putting.By:
    """The system, with the credential that it showed."""
    return putting.By(System.acting(shown.system), shown.credential)


def _shown(one: Clientele) -> dict[str, Any]:
    """A list as a system sees it: without the credential that put it."""
    told = one.to_dict()
    del told["terminal"]
    return told


def _json(schema: str, members: dict[str, Any]) -> Response:
    body = orjson.dumps({"schema": f"openjuki/{schema}/1", **members})
    return Response(body, media_type="application/json")
