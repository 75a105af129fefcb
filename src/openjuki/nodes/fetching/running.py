# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A request in bulk on its way (一括照会の進行): sent, followed, pulled part by part, written, receipted, ended.

Theory of operation. Everything that matters is in the book or in the request's folder; a process that goes on with a
request holds it for a while, and any other may go on where it left off. What is sent again is known to the provider,
a part that has arrived is not pulled again, and one that was written and not noted is written again with the same bytes.
A part is receipted when it is written and noted here; from then on its provider may forget what opens it. While one
part is written the next is read, and the one after it pulled.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import structlog

from openjuki.carriage.answer_files import write_part
from openjuki.errors import BadInput, IntegrityFailure, Overtaken, PeerError, PeerRefused, Unavailable
from openjuki.nodes import exchange
from openjuki.nodes.fetching import entering, receipting
from openjuki.nodes.fetching.asked import Fetched, form_of
from openjuki.nodes.fetching.folder import folder
from openjuki.nodes.fetching.pulling import pull
from openjuki.nodes.receipts import broken
from openjuki.store import alarms, ledger, requests
from openjuki.wire.bulk import BULK, BULK_STATE, BulkRequest, Progress, Standing, write_counts, write_named

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from openjuki.nodes.fetching.pulling import Pulled
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.store.requests import Request
    from openjuki.wire.apart import Reader

    #: Hears how far a request is, whenever that changes.
    type Say = Callable[[Fetched], None]

log = structlog.get_logger()

#: For so long a process holds a request without a step.
HELD: Final = timedelta(seconds=60)
#: Parts that are pulled at once: one whose chunks come, and one whose columns are read.
_AT_ONCE: Final = 2
#: Seconds between two looks at how far the provider is: at first, at most, and at most while nothing hinders it.
_FIRST_LOOK, _LAST_LOOK, _LAST_LOOK_UNHINDERED = 0.05, 2.0, 0.2


@dataclass(slots=True, kw_only=True)
class Run:
    """One process' way with one request (一括照会の進行)."""

    node: Node
    request: Request
    #: By whom the request is held.
    by: str
    reader: Reader
    #: Seconds for which a provider that is away is waited for.
    patience: float
    say: Say = lambda _: None
    _arrived: set[int] = field(default_factory=set)
    _writing: asyncio.Task[None] | None = None

    async def go(self) -> Fetched:
        """Go on until the request is over.

        Raises:
            Overtaken: somebody else goes on with it.
            Unavailable: the provider is away for longer than the patience lasts, or a file cannot be written.
            PeerRefused: the provider does not take the request.
            PeerError, IntegrityFailure: what came may not be believed; the request has failed.
        """
        await self._hold()
        try:
            await self._through()
        except PeerRefused:
            raise
        except (PeerError, IntegrityFailure) as error:
            await self._fail(error)
            raise
        finally:
            if self._writing is not None:
                self._writing.cancel()
            await self.node.read(partial(requests.let_go, line=self.request.id, by=self.by))
        await receipting.send(self.node, self.request.id, self.request.provider)
        return await self._look()

    async def _through(self) -> None:
        body = await self.node.glance(partial(requests.body, line=self.request.id))
        if body is None:
            return
        asked = BulkRequest.from_bytes(body)
        self._arrived = await self.node.glance(partial(requests.arrived, line=self.request.id))
        progress = await self._patiently(BULK, body)
        if not progress.standing.is_final:
            await self.reader.begin()  # while the provider answers
        while not await self._is_over(progress):
            await self._pull_next(asked, progress)
            progress = await self._follow(progress)

    async def _is_over(self, progress: Progress) -> bool:
        """Whether nothing more will come; then it is put down."""
        if progress.standing is Standing.DONE and len(self._arrived) < progress.parts:
            return False
        if not progress.standing.is_final:
            return False
        await self._written()
        await self._end(progress)
        return True

    async def _written(self) -> None:
        """Wait until the part that is being written is."""
        if self._writing is not None:
            await self._writing
            self._writing = None

    async def _pull_next(self, asked: BulkRequest, progress: Progress) -> None:
        """Pull every part that is recorded and has not arrived, writing each while the next is read and one more pulled."""
        missing = [part for part in range(progress.answered) if part not in self._arrived]
        ahead: deque[asyncio.Task[Pulled]] = deque()
        try:
            for place, part in enumerate(missing):
                for one in missing[place + len(ahead) : place + _AT_ONCE]:
                    ahead.append(asyncio.create_task(self._pull(one, asked.parts[one].rows)))
                pulled = await ahead.popleft()
                await self._written()
                self._writing = asyncio.create_task(self._write(part, pulled))
                self._arrived.add(part)
                await self._hold()
        finally:
            for task in ahead:
                task.cancel()
            await asyncio.gather(*ahead, return_exceptions=True)

    async def _pull(self, part: int, rows: int) -> Pulled:
        return await self._waiting_for(partial(pull, self.node, self.reader, self.request, part, rows))

    async def _write(self, part: int, pulled: Pulled) -> None:
        """A part is written, noted and receipted, in this order."""
        place = folder(self.node, self.request.id)
        form = form_of(self.request)
        articles = pulled.manifest.articles
        await asyncio.to_thread(
            lambda: write_part(form, pulled.table, articles, place.asked(part), place.answer(part))
        )
        await self.node.transact(lambda connection: self._note(connection, part, pulled))
        self.say(await self._look())
        await receipting.send(self.node, self.request.id, self.request.provider)

    async def _note(self, connection: Connection, part: int, pulled: Pulled) -> None:
        at, manifest = self.node.clock(), pulled.manifest
        received = requests.Received(
            line=self.request.id,
            part=part,
            received_at=at,
            manifest=pulled.reply.manifest,
            payload=pulled.reply.payload,
            salt=pulled.reply.salt,
            results=write_counts({result: count for result, count in manifest.results.items() if count}),
            articles=manifest.articles,
        )
        if await requests.receive(connection, received):
            envelope = ledger.Envelope(
                id=f"{self.request.id}-{part}",
                provider=self.request.provider,
                through=None,
                told_at=manifest.time,
                received_at=at,
                promise=pulled.reply.promise,
                receipted_at=at,
            )
            await ledger.keep(connection, [envelope])

    async def _follow(self, before: Progress) -> Progress:
        """Wait until the provider is further than before."""
        pause = _FIRST_LOOK
        while True:
            progress = await self._patiently(BULK_STATE, write_named(self.request.id))
            noted = (progress.standing, progress.answered, progress.code)
            if noted != (before.standing, before.answered, before.code):
                if not progress.standing.is_final:
                    await self._note_progress(progress)
                return progress
            if progress.standing.is_final:
                return progress
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LAST_LOOK if progress.code else _LAST_LOOK_UNHINDERED)
            await self._hold()

    async def _note_progress(self, progress: Progress) -> None:
        standing, answered, code = progress.standing.value, progress.answered, progress.code
        await self.node.read(
            partial(requests.go_on, line=self.request.id, standing=standing, answered=answered, code=code)
        )
        self.say(await self._look())

    async def _patiently(self, message: str, body: bytes) -> Progress:
        step = partial(exchange.ask, self.node, self.request.provider, message, body)
        answer = await self._waiting_for(step)
        return Progress.from_bytes(answer)

    async def _waiting_for[T](self, step: Callable[[], Awaitable[T]]) -> T:
        """Do a step, again and again while the provider is away, as long as the patience lasts."""
        loop = asyncio.get_running_loop()
        until, pause = loop.time() + self.patience, _FIRST_LOOK
        while True:
            try:
                return await step()
            except Unavailable:
                if loop.time() >= until:
                    raise
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LAST_LOOK)
            await self._hold()

    async def _hold(self) -> None:
        now = self.node.clock()
        hold = partial(requests.hold, line=self.request.id, by=self.by, at=now, until=now + HELD)
        if not await self.node.read(hold):
            raise Overtaken("somebody else goes on with this request, or it is over")

    async def _end(self, progress: Progress) -> None:
        code = progress.code or PeerRefused.code if progress.standing is Standing.FAILED else None
        fetched = await self._look()
        await self.node.transact(
            lambda connection: entering.end(
                self.node, connection, fetched, progress.standing, code=code, refusal=progress.refusal
            )
        )

    async def _fail(self, error: PeerError | IntegrityFailure) -> None:
        """What its provider signed for does not hold: nothing of it is shown, and somebody must look."""
        fetched, request = await self._look(), self.request

        async def failed(connection: Connection) -> None:
            await entering.end(self.node, connection, fetched, Standing.FAILED, code=error.code)
            kind, detail = broken(request.provider, request.id, error.code)
            await alarms.raise_once(connection, kind, detail, self.node.clock())

        await self.node.transact(failed)

    async def _look(self) -> Fetched:
        return await look(self.node, self.request.id)


async def look(node: Node, line: str) -> Fetched:
    """How far a request is.

    Raises:
        BadInput: there is none.
    """
    return await node.read(partial(fetched, line=line))


async def fetched(connection: Connection, line: str) -> Fetched:
    """How far a request is, in the caller's transaction."""
    request = await requests.find(connection, line)
    if request is None:
        raise BadInput("there is no request of this id")
    return Fetched(request, *await requests.results(connection, line))
