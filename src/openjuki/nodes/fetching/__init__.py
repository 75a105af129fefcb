# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Asking in bulk (一括照会): what an office does with a file of keys, until it holds the file of answers.

Theory of operation. A file is read into its request's folder (`preparing`); the own book decides once about all of it
(`deciding`); the request is in the ledger and in the journal (`entering`) and only then something leaves. The provider
pulls the keys (`serving`), the asker the answers (`pulling`), part by part (`running`); each part that is written here
is receipted (`receipting`). When all have come the ledger has what came of it, and one file is put together
(`delivering`) with a row for each row that was asked, in the same order.

Any process of the node goes on where another left off, and a file that was asked before is recognised.
"""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

import structlog

from openjuki.errors import JukiError, Overtaken, PeerRefused, Refused, Unavailable
from openjuki.law.basis import Method
from openjuki.nodes import exchange
from openjuki.nodes.fetching import delivering, entering
from openjuki.nodes.fetching.asked import BulkAsked, Delivered, Fetched
from openjuki.nodes.fetching.deciding import Closed, Opened, decide
from openjuki.nodes.fetching.folder import begun, folder
from openjuki.nodes.fetching.preparing import digest_of, prepare
from openjuki.nodes.fetching.running import Run, look
from openjuki.nodes.statutes import statute_book
from openjuki.store import ledger, requests
from openjuki.wire.apart import Reader
from openjuki.wire.bulk import BULK_CANCEL, KEY_SIZE, Progress, Standing, write_named

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from openjuki.law.book import Book
    from openjuki.nodes.fetching.asked import Prepared
    from openjuki.nodes.fetching.folder import Folder
    from openjuki.nodes.fetching.preparing import Say as SayRead
    from openjuki.nodes.fetching.running import Say
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.store.requests import Request

__all__ = ["BulkAsked", "Delivered", "Fetched", "Fetching", "folder"]

log = structlog.get_logger()

#: Seconds between two looks for requests that nobody goes on with.
EVERY = 1.0
#: Requests that one process goes on with at once.
AT_ONCE = 4


class Fetching:
    """Where a node's offices ask in bulk (一括照会の窓口); one for each process."""

    def __init__(self, node: Node, book: Book | None = None) -> None:
        """Take the node, and a statute book where it is not the one that the node goes by."""
        self._node, self._book = node, book
        self._by = node.entropy(8).hex()
        self._reader = Reader()
        self._running: dict[str, asyncio.Task[None]] = {}

    async def submit(self, asked: BulkAsked, file: Path, say: SayRead = lambda _: None) -> Fetched:
        """Take a file of keys in; nothing has left when this returns. A file that was asked before is recognised.

        Raises:
            BadFile: no key can be read.
            Refused: the own book says no; that is recorded.
            Unavailable: no space for its files, or the database does not answer.
        """
        digest = await asyncio.to_thread(digest_of, file)
        known = None if asked.again else await self._known(asked, digest)
        if known is not None:
            return await self.look(known.id)
        node = self._node
        line = ledger.line_id(node.clock(), node.entropy(ledger.ID_ENTROPY))
        with begun(folder(node, line)) as place:
            prepared = await asyncio.to_thread(prepare, asked, file, place, node.settings.bulk_part_rows, say)
            await self._enter(line, asked, prepared, place)
        return await self.look(line)

    async def run(self, line: str, say: Say = lambda _: None, *, patience: float = 0.0) -> Fetched:
        """Go on with a request until it is over; somebody else's going on is followed.

        Raises:
            Unavailable: the provider is away for longer than the patience lasts, or a file cannot be written.
            PeerError, IntegrityFailure: what came may not be believed; the request has failed.
        """
        while True:
            found = await self.look(line)
            if found.request.ended_at is not None:
                return found
            run = Run(
                node=self._node,
                request=found.request,
                by=self._by,
                reader=self._reader,
                patience=patience,
                say=say,
            )
            try:
                return await run.go()
            except Overtaken:
                await asyncio.sleep(EVERY)
                say(await self.look(line))

    async def look(self, line: str) -> Fetched:
        """How far a request is."""
        return await look(self._node, line)

    async def search(
        self, *, line: str | None = None, office: str | None = None, limit: int = 100
    ) -> list[Request]:
        """Requests of this node, or of one of its offices, newest first; or the one of this id."""
        return await self._node.read(partial(requests.search, line=line, office=office, limit=limit))

    async def cancel(self, line: str) -> Fetched:
        """Call a request off: no part is recorded after this; what was recorded before stays recorded.

        Raises:
            Unavailable: the provider does not answer, and may go on.
        """
        found = await self.look(line)
        if found.request.ended_at is None:
            await self._call_off(found)
        return await self.look(line)

    async def deliver(self, request: Request, file: Path, *, keep: bool = True) -> Delivered:
        """Put the answer to a request together in a file; what is not kept is to be forgotten next.

        Raises:
            Refused: it was handed over before, and not kept.
            Unavailable: no permission, or no space.
        """
        return await asyncio.to_thread(partial(delivering.put, self._node, request, file, keep=keep))

    async def forget(self, line: str) -> None:
        """Erase the files of a request that is over; ledger and journal stay."""
        await delivering.erase(self._node, line)

    async def close(self) -> None:
        """Leave what is under way, for another process to go on with."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)
        await self._reader.close()

    @asynccontextmanager
    async def going_on(self) -> AsyncIterator[Fetching]:
        """Go on with every request that nobody else goes on with, for as long as the block lasts."""
        task = asyncio.create_task(self._go_on())
        try:
            yield self
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self.close()

    async def _go_on(self) -> None:
        while True:
            with suppress(Unavailable):
                for request in await self._node.glance(partial(requests.search, only_open=True)):
                    by_hand = request.method == Method.MEDIA  # `nodes.media` goes on with those
                    if not by_hand and request.id not in self._running and len(self._running) < AT_ONCE:
                        self._running[request.id] = asyncio.create_task(self._one(request.id))
            await asyncio.sleep(EVERY)

    async def _one(self, line: str) -> None:
        try:
            await self.run(line)
        except JukiError as error:
            log.info("bulk waits", node=self._node.id, request=line, code=error.code)
        except Exception:
            log.exception("defect", node=self._node.id, request=line)
        finally:
            del self._running[line]

    async def _known(self, asked: BulkAsked, digest: bytes) -> Request | None:
        """The request that was made of the same file for the same affair and by the same office, which still holds it."""
        node, book = self._node, self._book or statute_book(self._node)
        decision = await node.read(lambda connection: decide(node, connection, book, asked, 0))
        standing = decision.standing
        office = standing.office if standing is not None and standing.holds(asked.affair) else None
        found = await node.read(partial(requests.search, digest=digest, office=office))
        return next((one for one in found if office is not None and _is_same(one, asked)), None)

    async def _enter(self, line: str, asked: BulkAsked, prepared: Prepared, place: Folder) -> None:
        node, book = self._node, self._book or statute_book(self._node)
        persons = prepared.rows - prepared.malformed

        async def refuse(connection: Connection, closed: Closed) -> None:
            await entering.enter_refused(node, connection, line, asked, prepared, closed)

        opened = await node.read(lambda connection: decide(node, connection, book, asked, persons))
        if isinstance(opened, Closed):
            await node.transact(lambda connection: refuse(connection, opened))
            raise Refused(opened.refusal)
        key = node.entropy(KEY_SIZE)
        request = await asyncio.to_thread(
            entering.request_of, node, line, asked, prepared, opened, place, key
        )

        async def enter(connection: Connection) -> Closed | Opened:
            again = await decide(node, connection, book, asked, persons)
            if isinstance(again, Closed):
                await refuse(connection, again)
            elif again.provider == opened.provider:
                await entering.enter(node, connection, asked, prepared, again, request)
            return again

        entered = await node.transact(enter)
        if isinstance(entered, Closed):
            raise Refused(entered.refusal)
        if entered.provider != opened.provider:  # since it was sealed another text of the law has begun
            await self._enter(line, asked, prepared, place)

    async def _call_off(self, found: Fetched) -> None:
        node, request = self._node, found.request
        try:
            raw = await exchange.ask(node, request.provider, BULK_CANCEL, write_named(request.id))
            standing = Progress.from_bytes(raw).standing
        except PeerRefused:  # it never got there
            standing = Standing.CANCELLED
        if standing is Standing.CANCELLED:
            await node.transact(lambda connection: entering.end(node, connection, found, Standing.CANCELLED))


def _is_same(request: Request, asked: BulkAsked) -> bool:
    """Whether a request is the same, and has not come to nothing."""
    told = (request.affair, request.kind, request.method)
    wanted = (asked.affair, asked.kind.value, asked.method.value)
    return told == wanted and request.standing in {Standing.WAITING, Standing.RUNNING, Standing.DONE}
