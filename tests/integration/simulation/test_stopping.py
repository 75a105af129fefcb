# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING

import pytest

from openjuki.simulation import launcher
from openjuki.simulation.processes import Cradle

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def signals() -> Iterator[None]:
    """Whatever is done with signals to stop is undone."""
    before = {name: signal.getsignal(name) for name in launcher._STOPPING}
    yield
    for name, handler in before.items():
        signal.signal(name, handler)


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize("told", launcher._STOPPING, ids=lambda told: told.name)
def test_whatever_tells_it_to_stop_is_heard_where_it_waits(told):
    """Work is called off where it waits, not in the midst of a library that takes it for a fault of its own."""
    called_off = []

    async def work() -> None:
        os.kill(os.getpid(), told)
        try:
            await asyncio.sleep(600)
        except asyncio.CancelledError:
            called_off.append(told)
            raise

    with launcher._Postponed():
        pass
    with pytest.raises(KeyboardInterrupt):
        asyncio.run(work())

    assert called_off == [told]


@pytest.mark.usefixtures("signals")
@pytest.mark.parametrize(
    ("heard", "stops"),
    [pytest.param(signal.SIG_DFL, True, id="at a terminal"), pytest.param(signal.SIG_IGN, False, id="nohup")],
)
def test_a_closed_terminal_stops_it_unless_it_was_to_outlive_it(heard, stops):
    """Closing the window ends the nation; under `nohup` it stays."""
    signal.signal(signal.SIGHUP, heard)

    assert (signal.SIGHUP in launcher._heard()) is stops


def test_a_launcher_that_is_gone_leaves_no_worker(tmp_path):
    """Whoever bears the workers tells them to stop when nobody is left who could."""
    cradle = Cradle(tmp_path)
    cradle.start()
    output = os.open(os.devnull, os.O_WRONLY)
    asleep = cradle.bear(["timeit", "-n1", "-r1", "import time; time.sleep(600)"], {}, (output, output))
    os.close(output)
    assert not asleep.ends(0.2)

    assert cradle._line is not None
    cradle._line.close()

    assert asleep.ends(60)
    cradle.stop()
