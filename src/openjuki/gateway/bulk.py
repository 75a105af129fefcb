# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Asking with files (一括照会, `/v1/bulk`): a system puts a file of keys, looks how far it is, and takes the answer.

Rules of this file:

1. A file is taken in as a whole before anything is asked; whoever goes away in the middle has asked nothing.
2. The request goes on by itself. Its office sees how far it is; the answer is for the system that asked.
3. A file that was put before for the same affair is the same request, unless it is said to be another.
4. A file may be taken from where it was broken off: one range of bytes is answered as such, anything else with the whole.
5. A file lies where only the node may read it, and is erased when it was taken or some days have gone by.
"""

from __future__ import annotations

import asyncio
import os
import re
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

import orjson
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from openjuki.carriage.answer_files import Format
from openjuki.carriage.files import said_plainly
from openjuki.carriage.key_files import kind_of
from openjuki.errors import Unavailable
from openjuki.gateway import parameters
from openjuki.gateway.errors import BadRequest, NothingThere, OversizedRequest
from openjuki.gateway.problems import problem
from openjuki.gateway.road import header
from openjuki.nodes.asking import Machine
from openjuki.nodes.fetching import BulkAsked, folder
from openjuki.refusal import Where
from openjuki.store.credentials import System
from openjuki.wire.bulk import Standing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from starlette.requests import Request

    from openjuki.gateway.credentials import Doorkeeper
    from openjuki.nodes.fetching import Fetched, Fetching
    from openjuki.nodes.node import Node
    from openjuki.store.credentials import Shown
    from openjuki.store.database import Connection
    from openjuki.store.requests import Request as Asked

#: Most bytes of a file of keys: forty million rows of four items.
MOST_BYTES: Final = 16 * 2**30
#: Files that are taken in at a time.
AT_ONCE: Final = 4
#: Seconds in which something more of a file must come: whoever went away unheard keeps nobody else out.
PATIENCE: Final = 60.0
#: Seconds after which a file that was being taken in is nobody's: it was written, and read into its request, long ago.
LONGEST: Final = 6 * 3_600
#: A range of bytes that is answered as such.
RANGE: Final = re.compile(rb"bytes=([0-9]{1,18})-([0-9]{1,18})?")
#: In which form an answer is handed over.
MEDIA: Final = {Format.CSV: "text/csv", Format.PARQUET: "application/vnd.apache.parquet"}


class Bulk:
    """What systems ask with files (一括照会)."""

    def __init__(self, node: Node, door: Doorkeeper, fetching: Fetching) -> None:
        """Take the node, who knows its systems, and where it asks in bulk."""
        self._node, self._door, self._fetching = node, door, fetching
        self._free = asyncio.Semaphore(AT_ONCE)
        self._putting = WeakValueDictionary[str, asyncio.Lock]()

    def routes(self) -> list[Route]:
        """Where they ask."""
        return [
            Route("/v1/bulk", self.put, methods=["POST"]),
            Route("/v1/bulk", self.all, methods=["GET"]),
            Route("/v1/bulk/{request}", self.one, methods=["GET"]),
            Route("/v1/bulk/{request}", self.end, methods=["DELETE"]),
            Route("/v1/bulk/{request}/answer", self.answer, methods=["GET"]),
        ]

    async def put(self, request: Request) -> Response:
        """Take a file of keys in, and begin to ask."""
        shown = await self._door.identify(request.scope["headers"])
        given = parameters.bulk(request)
        if self._free.locked():
            raise Unavailable("too many files are being taken in already")
        async with self._free, taken_in(self._node, request) as file:
            kind = given.pop("by", None) or await asyncio.to_thread(kind_of, file, given.get("encoding"))
            by = Machine(shown.system, shown.credential)
            fetched = await self._fetching.submit(BulkAsked(by=by, kind=kind, **given), file)
        return _json(fetched, status=202)

    async def all(self, request: Request) -> Response:
        """Show what the office asked with files, newest first."""
        shown = await self._door.identify(request.scope["headers"])
        parameters.none(request)
        found = await self._fetching.search(office=await self._office(shown), limit=parameters.LINES)
        body = {"schema": "openjuki/bulk-requests/1", "node": self._node.id}
        told = orjson.dumps({**body, "requests": [one.to_dict() for one in found]})
        return Response(told, media_type="application/json")

    async def one(self, request: Request) -> Response:
        """Show how far a request is."""
        shown = await self._door.identify(request.scope["headers"])
        parameters.none(request)
        return _json(await self._found(request, shown))

    async def end(self, request: Request) -> Response:
        """Call a request off; of one that is over, erase the files."""
        shown = await self._door.identify(request.scope["headers"])
        parameters.none(request)
        found = await self._found(request, shown, own=True)
        if found.request.ended_at is None:
            return _json(await self._fetching.cancel(found.request.id))
        await self._fetching.forget(found.request.id)
        return _json(await self._fetching.look(found.request.id))

    async def answer(self, request: Request) -> Response:
        """Hand the answer over, to the system that asked."""
        shown = await self._door.identify(request.scope["headers"])
        parameters.none(request)
        found = (await self._found(request, shown, own=True)).request
        if found.standing != Standing.DONE or found.erased_at is not None:
            raise NothingThere
        file, size = await self._whole(found)
        if _begins_beyond(request, size):
            beyond = BadRequest("the range begins beyond the end of the file", where=Where(column="range"))
            return problem(beyond, 416, {"content-range": f"bytes */{size}"})
        return FileResponse(file, media_type=MEDIA[Format(found.format)], filename=f"{found.id}{file.suffix}")

    async def _whole(self, found: Asked) -> tuple[Path, int]:
        """An answer as one file, with its size: put together once, however many come for it at the same time."""
        file = folder(self._node, found.id).path / f"whole.{Format(found.format)}"
        async with self._putting.setdefault(found.id, asyncio.Lock()):
            if not file.exists():
                await self._fetching.deliver(found, file)
            return file, file.stat().st_size

    async def _found(self, request: Request, shown: Shown, *, own: bool = False) -> Fetched:
        """The request that is named, if it is the office's, or the system's own where that matters."""
        name = request.path_params["request"]
        if not parameters.LINE_ID.fullmatch(name):
            raise NothingThere
        office = await self._office(shown)
        found = next(iter(await self._fetching.search(line=name)), None)
        if found is None or found.office != office:
            raise NothingThere
        if own and found.operator != System.acting(shown.system):
            raise NothingThere
        return await self._fetching.look(name)

    async def _office(self, shown: Shown) -> str:
        async def look(connection: Connection) -> str:
            return (await self._door.standing(connection, shown)).office

        return await self._node.read(look)


@asynccontextmanager
async def taken_in(node: Node, request: Request) -> AsyncIterator[Path]:
    """The body of a request as a file that only the node may read; gone at the end.

    Raises:
        BadRequest: it was broken off.
        OversizedRequest: it is larger than any file of keys.
        Unavailable: there is no space for it.
    """
    place = _place(node)
    file = place / node.entropy(16).hex()
    try:
        with said_plainly("the file"):
            place.mkdir(mode=0o700, parents=True, exist_ok=True)
            await _write(request, file)
        yield file
    except ClientDisconnect as error:
        raise BadRequest("the file was broken off") from error
    finally:
        file.unlink(missing_ok=True)


def sweep(node: Node) -> None:
    """Erase what processes were taking in that were killed; nobody takes so long over a file."""
    before = node.clock().timestamp() - LONGEST
    for file in _place(node).glob("*"):
        with suppress(FileNotFoundError):  # another process may have got there first
            if file.stat().st_mtime < before:
                file.unlink()


def _place(node: Node) -> Path:
    """Where files lie while they are taken in."""
    return folder(node, "put").path.parent.parent / "put"


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body of a request, piece by piece.

    Raises:
        BadRequest: nothing more comes.
    """
    stream = aiter(request.stream())
    while True:
        try:
            async with asyncio.timeout(PATIENCE):
                piece = await anext(stream, None)
        except TimeoutError as error:
            raise BadRequest("the file was broken off") from error
        if piece is None:
            return
        yield piece


async def _write(request: Request, file: Path) -> None:
    size = 0
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        async for piece in _pieces(request):
            size += len(piece)
            if size > MOST_BYTES:
                raise OversizedRequest(f"a file of keys is {MOST_BYTES:,} bytes at most")
            await asyncio.to_thread(out.write, piece)


def _begins_beyond(request: Request, size: int) -> bool:
    """Whether bytes are wanted that begin beyond a file; a range of any other form is as if it were not there."""
    headers = request.scope["headers"]
    wanted = RANGE.fullmatch(b",".join(value for name, value in headers if name == b"range"))
    if wanted and int(wanted[1]) <= int(wanted[2] or wanted[1]) and not header(headers, b"if-range"):
        return int(wanted[1]) >= size
    request.scope["headers"] = [one for one in headers if one[0] != b"range"]
    return False


def _json(fetched: Fetched, *, status: int = 200) -> Response:
    told: dict[str, Any] = {"schema": "openjuki/bulk-request/1", **fetched.to_dict()}
    return Response(orjson.dumps(told), status, media_type="application/json")
