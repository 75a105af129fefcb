# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Micro-batches (一括処理): what is asked within two milliseconds shares one transaction.

A transaction costs what its statements and its commit cost, whether it serves one question or two hundred.
So a question waits a moment for others; while a batch is at work the next one gathers.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

#: How long a question waits for others, in seconds.
WAIT = 0.002
#: Most questions of one batch, unless it is said otherwise.
MOST = 256
#: How many batches may be at work at a time, unless it is said otherwise: one computes while another's commit reaches the disk.
AT_ONCE = 2


class Shared[Q, A]:
    """Work that is done for many at a time, asked for one by one."""

    def __init__(
        self,
        work: Callable[[Sequence[Q]], Awaitable[Sequence[A]]],
        *,
        most: int = MOST,
        at_once: int = AT_ONCE,
        wait: float = WAIT,
        size: Callable[[Q], int] = lambda _: 1,
    ) -> None:
        """Take the work: answers in the order of the questions; and what one counts for, where not all are alike."""
        self._work, self._most, self._at_once, self._wait = work, most, at_once, wait
        self._size = size
        self._waiting: deque[tuple[Q, asyncio.Future[A]]] = deque()
        self._gathering = False
        self._turns: set[asyncio.Task[None]] = set()

    def ask(self, question: Q) -> asyncio.Future[A]:
        """Ask; the answer is to come, and what the work raises is raised to everybody in the batch."""
        answer: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, answer))
        self._gather()
        return answer

    def _gather(self) -> None:
        if self._waiting and not self._gathering and len(self._turns) < self._at_once:
            self._gathering = True
            turn = asyncio.create_task(self._turn())
            self._turns.add(turn)
            turn.add_done_callback(self._end)

    def _end(self, turn: asyncio.Task[None]) -> None:
        self._turns.discard(turn)
        self._gather()

    async def _turn(self) -> None:
        if len(self._waiting) < self._most:
            await asyncio.sleep(self._wait)
        self._gathering = False
        batch = self._batch()
        self._gather()
        try:
            answers = await self._work([question for question, _ in batch])
        except Exception as error:  # noqa: BLE001 - it belongs to those who asked
            for _, waiting in batch:
                if not waiting.done():
                    waiting.set_exception(error)
        else:
            for (_, waiting), answer in zip(batch, answers, strict=True):
                if not waiting.done():
                    waiting.set_result(answer)

    def _batch(self) -> list[tuple[Q, asyncio.Future[A]]]:
        """The first that wait: one, and as many more as there is room for."""
        batch = [self._waiting.popleft()]
        room = self._most - self._size(batch[0][0])
        while self._waiting and (size := self._size(self._waiting[0][0])) <= room:
            batch.append(self._waiting.popleft())
            room -= size
        return batch
