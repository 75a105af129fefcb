# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Turns of many agencies share a window (異動の提供窓口): none of them can take it from the others."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from openjuki.nodes.clientele import telling
from openjuki.nodes.clientele.telling import Telling
from openjuki.wire.clientele import State, Turn

HASTY, PATIENT = "agency-1", "agency-2"


class Work:
    """A turn that goes on until it may end."""

    def __init__(self, *, ends: bool = True) -> None:
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()
        if ends:
            self.may_end.set()

    async def turn(self) -> tuple[Turn, list[bytes]]:
        self.begun.set()
        await self.may_end.wait()
        return Turn(state=State.READY), [b"page"]


def window() -> Any:
    """The window of a node of which nothing but its name is asked."""
    return Telling(SimpleNamespace(id="centre"))


def begin(at: Any, asker: str, request: str, work: Work) -> tuple[tuple[str, str], Any]:
    """A turn begins: by what it is known, and what is kept of it."""
    running = telling._Running()
    at._begin((asker, request), running, work)
    return (asker, request), running


async def test_who_asks_for_too_many_turns_loses_their_own():
    """Another agency's answer waits as long as it would, however often somebody else asks."""
    at = window()
    waits, running = begin(at, PATIENT, "1", work := Work())
    await work.begun.wait()

    for number in range(2 * telling._KEPT):
        last, _ = begin(at, HASTY, str(number), Work())

    assert at._running[waits] is running
    assert last in at._running
    assert len(at._running) == len(at._order) == telling._KEPT
    await asyncio.gather(*at._turns)


async def test_who_lets_a_turn_wait_holds_up_no_other_agency():
    """An agency that does not show its list occupies one place, and that for itself alone."""
    at = window()
    slow = [Work(ends=False) for _ in range(2 * telling._AT_ONCE)]
    for number, work in enumerate(slow):
        begin(at, HASTY, str(number), work)
    begin(at, PATIENT, "1", work := Work())

    await asyncio.wait_for(work.begun.wait(), 10)

    assert [one.begun.is_set() for one in slow] == [True, False, False, False]
    for one in slow:
        one.may_end.set()
    await asyncio.gather(*at._turns)
    assert all(one.begun.is_set() for one in slow)


async def test_a_turn_that_nobody_can_ask_for_any_more_is_not_begun():
    """What was forgotten while it waited is not looked up, and nobody is told anything by it."""
    at = window()
    begin(at, HASTY, "first", first := Work(ends=False))
    await first.begun.wait()
    forgotten, _ = begin(at, HASTY, "second", second := Work())

    at._forget(forgotten)
    first.may_end.set()
    await asyncio.gather(*at._turns)

    assert not second.begun.is_set()
