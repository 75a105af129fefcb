# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Waiting for the database (応答待ち): a connection to which the event loop listens for as long as it stands.

The driver has the loop listen anew for each answer, under a timer, and stop behind it: of a short statement that is
the half of what it costs here. What is not merely to be read, or has to be broken off, stays the driver's to wait for.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.waiting import Ready, Wait

if TYPE_CHECKING:
    from psycopg.abc import PQGen

#: Seconds after which the driver looks whether it was interrupted.
_LOOK_EVERY: Final = 0.1


class Listening(psycopg.AsyncConnection[tuple[Any, ...]]):
    """A connection to which the loop listens all the time (待ち受けを続ける接続)."""

    #: Where it is listened to, and under which number; None: nowhere.
    _heard: tuple[asyncio.AbstractEventLoop, int] | None = None
    #: Whoever waits for what comes.
    _coming: asyncio.Future[None] | None = None

    async def wait[T](
        self,
        gen: PQGen[T],
        interval: float = _LOOK_EVERY,
        timeout: float | None = None,  # noqa: ASYNC109 - the driver's own
    ) -> T:
        """Go through the steps of an exchange with the server."""
        try:
            state = next(gen)
            while state == Wait.R and timeout is None:
                await self._come()
                state = gen.send(Ready.R)
        except StopIteration as done:
            return done.value  # type: ignore[no-any-return]
        except asyncio.CancelledError as cancelled:
            rest = _Rest(gen, state, cancelled)
        except BaseException:
            self._hear_no_more()  # the driver may have closed the socket, and its number soon be another's
            raise
        else:
            rest = _Rest(gen, state)
        self._hear_no_more()
        return await super().wait(rest, interval, timeout)  # type: ignore[arg-type]

    async def close(self) -> None:
        """Close it."""
        self._hear_no_more()
        await super().close()

    def _come(self) -> asyncio.Future[None]:
        """What is done as soon as something has come."""
        loop = asyncio.get_running_loop()
        if self._heard is None:
            loop.add_reader(self.pgconn.socket, self._came)
            self._heard = loop, self.pgconn.socket
        self._coming = loop.create_future()
        return self._coming

    def _came(self) -> None:
        """Something has come; where nobody waits for it, that is the end of the connection."""
        if self._coming is None or self._coming.done():
            self._hear_no_more()
        else:
            self._coming.set_result(None)

    def _hear_no_more(self) -> None:
        if self._heard is not None:
            (loop, number), self._heard = self._heard, None
            if not loop.is_closed():
                loop.remove_reader(number)


class _Rest[T]:
    """The rest of an exchange that was begun (残りのやり取り), to be broken off first where somebody was interrupted."""

    def __init__(self, gen: PQGen[T], state: Wait, interrupted: BaseException | None = None) -> None:
        self._gen, self._state, self._interrupted = gen, state, interrupted

    def __next__(self) -> Wait:
        interrupted, self._interrupted = self._interrupted, None
        if interrupted is not None:
            raise interrupted
        return self._state

    def send(self, ready: Ready) -> Wait:
        return self._gen.send(ready)
