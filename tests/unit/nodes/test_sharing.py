# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Micro-batches: whoever asks gets their own answer, and what fails fails for those who asked together."""

from __future__ import annotations

import asyncio

import pytest

from openjuki.nodes import sharing
from openjuki.nodes.sharing import Shared


class Work:
    """Doubles numbers; remembers in which batches they came, and how many batches were at work at once."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.at_work = self.most_at_work = 0

    async def __call__(self, batch):
        self.batches.append(list(batch))
        self.at_work += 1
        self.most_at_work = max(self.most_at_work, self.at_work)
        await asyncio.sleep(0.005)
        self.at_work -= 1
        return [2 * number for number in batch]


async def test_what_is_asked_together_is_done_together():
    """Questions of one moment make one batch, and each gets its own answer."""
    work = Work()
    shared = Shared(work)

    assert await asyncio.gather(*map(shared.ask, range(50))) == [2 * number for number in range(50)]
    assert work.batches == [list(range(50))]


async def test_a_batch_has_a_limit():
    """More than a batch holds goes into the next, in the order in which it was asked."""
    work = Work()
    shared = Shared(work)
    count = 2 * sharing.MOST + 5

    assert await asyncio.gather(*map(shared.ask, range(count))) == [2 * number for number in range(count)]
    assert [len(batch) for batch in work.batches] == [sharing.MOST, sharing.MOST, 5]


async def test_only_so_many_batches_are_at_work():
    """While batches are at work the next one gathers."""
    work = Work()
    shared = Shared(work)

    async def call(start: int) -> None:
        for number in range(start, start + 20):
            assert await shared.ask(number) == 2 * number

    await asyncio.gather(*(call(100 * caller) for caller in range(30)))

    assert work.most_at_work <= sharing.AT_ONCE
    assert sum(map(len, work.batches)) == 600


async def test_what_fails_fails_for_those_who_asked():
    """A failure is everybody's in the batch, and nobody's afterwards."""
    fail = True

    async def work(batch):
        if fail:
            raise ValueError("no")
        return list(batch)

    shared = Shared(work)
    answers = await asyncio.gather(*map(shared.ask, range(3)), return_exceptions=True)
    assert [str(answer) for answer in answers] == ["no"] * 3

    fail = False
    assert await shared.ask(7) == 7


@pytest.mark.parametrize("fails", [False, True], ids=["answered", "failed"])
async def test_who_has_gone_is_not_missed(fails):
    """Somebody who stops waiting does not disturb the others."""

    async def work(batch):
        await asyncio.sleep(0.01)
        if fails:
            raise ValueError("no")
        return list(batch)

    shared = Shared(work)
    gone = shared.ask(1)
    other = shared.ask(2)
    await asyncio.sleep(0.005)
    gone.cancel()

    if fails:
        with pytest.raises(ValueError, match="no"):
            await other
    else:
        assert await other == 2
    assert gone.cancelled()
