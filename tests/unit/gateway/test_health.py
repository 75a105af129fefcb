# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whoever asks whether a gateway is well costs its book next to nothing (稼働の確認)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from openjuki.errors import LogNotSigned
from openjuki.gateway.health import KEPT, Health

BEGIN = datetime(2026, 11, 23, tzinfo=UTC)


class Book:
    """A node whose book is well or not; it says how often it was opened."""

    def __init__(self) -> None:
        self.now = BEGIN
        self.opened = 0
        self.well = True
        self.free = asyncio.Event()
        self.free.set()

    def clock(self) -> datetime:
        return self.now

    async def read(self, _: Any) -> None:
        self.opened += 1
        await self.free.wait()
        if not self.well:
            raise LogNotSigned


async def test_whoever_asks_within_a_second_is_told_what_the_first_was():
    """Well or not; after it somebody looks again."""
    book = Book()
    health = Health(book)

    assert [await health.check() for _ in range(100)] == [BEGIN] * 100
    book.now += KEPT / 2
    assert (await health.check(), book.opened) == (BEGIN, 1)

    book.well, book.now = False, BEGIN + KEPT
    for _ in range(100):
        with pytest.raises(LogNotSigned):
            await health.check()
    assert book.opened == 2

    book.well, book.now = True, BEGIN + 2 * KEPT
    assert (await health.check(), book.opened) == (BEGIN + 2 * KEPT, 3)


async def test_whoever_comes_while_somebody_looks_waits_for_that():
    """A book that answers slowly is not asked a hundred times more."""
    book = Book()
    health = Health(book)
    book.free.clear()

    waiting = []
    for _ in range(100):
        waiting.append(asyncio.create_task(health.check()))
        await asyncio.sleep(0)
        book.now += KEPT
    waiting[0].cancel()  # whoever asked first has gone
    book.free.set()

    assert await asyncio.gather(*waiting[1:]) == [BEGIN] * 99
    assert book.opened == 1


async def test_a_clock_that_is_put_back_keeps_no_old_word():
    """What was seen an hour ahead is not told for an hour."""
    book = Book()
    health = Health(book)
    await health.check()

    book.now -= timedelta(hours=1)

    assert (await health.check(), book.opened) == (BEGIN - timedelta(hours=1), 2)
