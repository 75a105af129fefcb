# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A loop of a node outlives every failure, pauses longer while it fails, and says what it met by its code."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from openjuki import errors
from openjuki.config import Kind
from openjuki.nodes import work
from openjuki.store.sequencer import Sequenced

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

NODE = SimpleNamespace(id="131016")
LONG = 3600.0
#: What a step says of what is left.
MORE, NOTHING = True, False


class Steps:
    """What a loop does, one outcome after the other, and then nothing any more."""

    def __init__(self, *outcomes: bool | Exception) -> None:
        self.outcomes = list(outcomes)
        self.done = 0
        self.over = asyncio.Event()

    async def __call__(self) -> bool:
        self.done += 1
        if not self.outcomes:
            self.over.set()
            await asyncio.Event().wait()
        outcome = self.outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


@asynccontextmanager
async def looping(
    step: Steps, *, idle: float = LONG, cue: asyncio.Event | None = None
) -> AsyncIterator[None]:
    """A loop runs."""
    task = asyncio.create_task(work._loop(NODE, "pull", step, cue or asyncio.Event(), idle))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the loop slept each time; it does not really."""
    slept: list[float] = []
    really = asyncio.sleep

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        await really(0)

    monkeypatch.setattr(work.asyncio, "sleep", sleep)
    return slept


async def over(step: Steps) -> None:
    async with asyncio.timeout(60):
        await step.over.wait()


async def reached(so: Callable[[], bool]) -> None:
    """Let others go on until something is so."""
    async with asyncio.timeout(60):
        while not so():  # noqa: ASYNC110 - what is waited for is the loop's
            await asyncio.sleep(0)


async def test_while_there_is_more_nothing_waits():
    """A step that leaves something is followed by the next one at once."""
    step = Steps(MORE, MORE, MORE)
    async with looping(step):
        await over(step)

    assert step.done == 4


async def test_a_cue_ends_the_wait():
    """A loop that has nothing to do is woken by its cue, long before its time."""
    step, cue = Steps(NOTHING, NOTHING), asyncio.Event()
    async with looping(step, cue=cue):
        for turn in (1, 2):
            await reached(lambda turn=turn: step.done == turn)
            cue.set()
        await over(step)

    assert step.done == 3


async def test_a_cue_during_a_step_is_not_lost():
    """What rings while the loop is at work makes it look again."""
    cue = asyncio.Event()

    class Rung(Steps):
        async def __call__(self) -> bool:
            cue.set()
            return await super().__call__()

    step = Rung(NOTHING)
    async with looping(step, cue=cue):
        await over(step)

    assert step.done == 2


async def test_without_a_cue_it_looks_from_time_to_time():
    """A bell may be lost: a loop asks by itself after its time."""
    step = Steps(NOTHING, NOTHING)
    async with looping(step, idle=0.01):
        await over(step)

    assert step.done == 3


FAILURES = [
    pytest.param(
        errors.PeerUnavailable("…"), "info", "waiting", errors.PeerUnavailable.code, id="a peer that is away"
    ),
    pytest.param(
        errors.ForgedEnvelope("…"), "warning", "refused", errors.ForgedEnvelope.code, id="a peer's mistake"
    ),
    pytest.param(ValueError("渡邉　葵"), "error", "defect", None, id="a mistake of ours"),
]


@pytest.mark.parametrize(("failure", "level", "event", "code"), FAILURES)
async def test_a_failure_is_logged_by_its_code_and_survived(
    pauses: Sequence[float], failure, level, event, code
):
    """The loop goes on, and the log names node, loop and code, but nobody."""
    step = Steps(failure)
    with capture_logs() as logged:
        async with looping(step):
            await over(step)

    (line,) = logged
    assert (line["log_level"], line["event"], line["node"], line["loop"]) == (level, event, "131016", "pull")
    assert line.get("code") == code
    assert "渡邉" not in str({**line, "exc_info": None})
    assert step.done == 2
    assert list(pauses) == [work.FIRST_PAUSE]


async def test_the_pause_grows_while_it_fails_and_no_further_than_the_longest(pauses: Sequence[float]):
    """A peer that is away for hours is asked every few seconds."""
    step = Steps(*[errors.PeerUnavailable() for _ in range(8)])
    async with looping(step):
        await over(step)

    assert list(pauses) == [0.2, 0.4, 0.8, 1.6, 3.2, 5.0, 5.0, 5.0]


async def test_after_a_success_the_pause_is_short_again(pauses: Sequence[float]):
    """A peer that came back is not held to its past."""
    step = Steps(errors.PeerUnavailable(), errors.PeerUnavailable(), MORE, errors.PeerUnavailable())
    async with looping(step):
        await over(step)

    assert list(pauses) == [0.2, 0.4, 0.2]


def role(duties: Sequence[Callable[..., object]]) -> work.Role:
    """A role that pulls nobody and does these things."""
    return work.Role(
        outgoing=None,
        sources=lambda _: (),
        receive=None,
        duties=tuple(work.Duty(duty, LONG) for duty in duties),
    )


async def test_a_node_stops_when_it_is_told_to(monkeypatch: pytest.MonkeyPatch):
    """Duties run side by side until then; what is under way is cancelled, and nothing is left running."""
    started, cancelled, stop = [], [], asyncio.Event()
    monkeypatch.setattr(work, "OF_EVERY_NODE", ())

    def duty(name: str) -> Callable[..., object]:
        async def step(_: object) -> bool:
            started.append(name)
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled.append(name)
                raise
            return False

        return step

    async def waits(_: object) -> bool:
        return False

    town = SimpleNamespace(kind=Kind.MUNICIPALITY)
    node = SimpleNamespace(id="131016", settings=town, written=asyncio.Event(), glance=waits)
    running = asyncio.create_task(work.run(node, role([duty("one"), duty("other")]), {}, stop))
    await reached(lambda: started == ["one", "other"])
    stop.set()
    async with asyncio.timeout(60):
        await running

    assert cancelled == ["one", "other"]
    assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.parametrize("alert", [LONG, 0.0])
async def test_the_sequencer_looks_again_soon_after_something_came(
    monkeypatch: pytest.MonkeyPatch, *, alert: float
):
    """What comes rarely comes alone; when nothing has come for a while, the sequencer waits for its cue again."""
    monkeypatch.setattr(work, "SEQUENCER_ALERT", alert)
    found = iter([False, True, Sequenced(count=1, size=1), False])

    async def read(_: object) -> object:
        return next(found)

    step = work._sequencing(SimpleNamespace(read=read, glance=read), pause=0.0)

    assert await step() is NOTHING
    assert await step() is MORE
    assert await step() is (alert > 0)
