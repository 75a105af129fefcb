# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whoever shows what nobody knows costs little, and keeps nobody out (資格情報の確認)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from openjuki.errors import Refused, StoreUnavailable
from openjuki.gateway.credentials import EVERY, SAVED, Doorkeeper
from openjuki.gateway.errors import TooManyStrangers
from openjuki.store.credentials import Secret, Shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openjuki.gateway.road import Headers


def secret(number: int) -> Secret:
    """One of many."""
    return Secret.draw(number.to_bytes)


def head(shown: Secret) -> Headers:
    return [(b"host", b"gateway"), (b"authorization", f"Bearer {shown.text}".encode())]


BATCH, STRANGER = secret(1), secret(2)


class Book:
    """A node of which nothing is asked but who its systems are; it says how often that was."""

    def __init__(self) -> None:
        self.known = {BATCH.digest: self.whose(BATCH)}
        self.readings = 0
        self.away = False
        self.open = asyncio.Event()
        self.open.set()

    def whose(self, one: Secret) -> Shown:
        return Shown(system=f"system-{one.id}", credential=one.id, office="desk")

    async def glance(self, _: Any) -> Mapping[bytes, Shown]:
        self.readings += 1
        found = dict(self.known)
        await self.open.wait()
        if self.away:
            raise StoreUnavailable
        return found


class Seconds:
    """Seconds that go by when they are told to."""

    def __init__(self) -> None:
        self.gone = 1_000.0

    def __call__(self) -> float:
        return self.gone


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def door(book: Book, seconds: Seconds) -> Doorkeeper:
    return Doorkeeper(book, seconds)  # type: ignore[arg-type]  # what it asks of a node is here


async def turned_away(door: Doorkeeper) -> int:
    """Show what nobody knows until that is not looked up any more; how often it was."""
    for looked_up in range(10 * SAVED):
        try:
            await door.identify(head(STRANGER))
        except Refused:
            continue
        except TooManyStrangers:
            return looked_up
    raise AssertionError("a stranger may come as often as they like")


async def test_a_system_is_looked_up_once(door: Doorkeeper, book: Book):
    """Whose its credential is never changes."""
    for _ in range(3):
        assert await door.identify(head(BATCH)) == book.whose(BATCH)

    assert book.readings == 1


async def test_a_stranger_costs_a_few_readings_and_then_one_each_second(
    door: Doorkeeper, book: Book, seconds: Seconds
):
    """More are saved while none comes, and never more than so many."""
    assert await turned_away(door) == SAVED == book.readings
    assert await turned_away(door) == 0

    seconds.gone += 3 * EVERY
    assert await turned_away(door) == 3

    seconds.gone += 1_000 * SAVED * EVERY
    assert await turned_away(door) == SAVED


async def test_what_is_none_of_ours_costs_nothing(door: Doorkeeper, book: Book):
    """Its form says so, however many come."""
    for shown in (b"", b"Bearer", b"Bearer x", b"Basic anVraQ==", b"Bearer juki-\xb2\xff"):
        for _ in range(2 * SAVED):
            with pytest.raises(Refused):
                await door.identify([(b"authorization", shown)])

    assert book.readings == 0


async def test_a_system_that_is_known_hears_nothing_of_strangers(door: Doorkeeper, book: Book):
    """However many of them come."""
    await door.identify(head(BATCH))
    await turned_away(door)

    assert await door.identify(head(BATCH)) == book.whose(BATCH)


async def test_strangers_keep_no_new_system_out(door: Doorkeeper, book: Book, seconds: Seconds):
    """They cause the very reading by which it becomes known."""
    await turned_away(door)
    new = secret(3)
    book.known[new.digest] = book.whose(new)
    with pytest.raises(TooManyStrangers):
        await door.identify(head(new))

    seconds.gone += EVERY
    assert await turned_away(door) == 1

    assert await door.identify(head(new)) == book.whose(new)


async def test_whoever_comes_together_waits_for_one_reading(door: Doorkeeper, book: Book):
    """Every system of the agency calls a gateway that has just begun."""
    systems = [secret(number) for number in range(10, 10 + 5 * SAVED)]
    book.known |= {one.digest: book.whose(one) for one in systems}

    found = await asyncio.gather(*(door.identify(head(one)) for one in systems))

    assert found == [book.whose(one) for one in systems]
    assert book.readings == 1


async def test_strangers_who_come_together_cost_no_more_than_two(door: Doorkeeper, book: Book):
    """One reading that is under way when they come, and one that began after."""
    found = await asyncio.gather(
        *(door.identify(head(secret(number))) for number in range(10, 10 + SAVED)), return_exceptions=True
    )

    assert {type(one) for one in found} == {Refused}
    assert book.readings == 2


async def test_what_was_registered_during_a_reading_is_found_by_the_next(door: Doorkeeper, book: Book):
    """A reading that began before a request came does not say that nobody knows it."""
    book.open.clear()
    stranger = asyncio.create_task(door.identify(head(STRANGER)))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert book.readings == 1
    new = secret(3)
    book.known[new.digest] = book.whose(new)
    system = asyncio.create_task(door.identify(head(new)))
    await asyncio.sleep(0)
    book.open.set()

    assert await system == book.whose(new)
    assert book.readings == 2
    with pytest.raises(Refused):
        await stranger


async def test_a_reading_that_fails_is_told_to_all_and_made_again(door: Doorkeeper, book: Book):
    """A database that is away says nothing of whose a credential is."""
    book.away = True
    failed = await asyncio.gather(*(door.identify(head(BATCH)) for _ in range(3)), return_exceptions=True)
    assert [type(one) for one in failed] == [StoreUnavailable] * 3
    assert book.readings == 1

    book.away = False

    assert await door.identify(head(BATCH)) == book.whose(BATCH)
