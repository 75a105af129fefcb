# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import signal
import time
from typing import TYPE_CHECKING

import pytest

from openjuki.errors import BadCertificate
from openjuki.simulation import launcher
from openjuki.simulation.launcher import Nation
from openjuki.simulation.processes import Cradle

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def signals() -> Iterator[None]:
    """Whatever is done with signals to stop is undone."""
    before = {name: signal.getsignal(name) for name in launcher._STOPPING}
    yield
    launcher._TOLD.clear()
    for name, handler in before.items():
        signal.signal(name, handler)


def verify() -> None:
    """Look at a certificate, and take whatever goes wrong for a fault of the certificate."""
    try:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(10)
    except BaseException as error:
        raise BadCertificate from error


@pytest.mark.usefixtures("signals")
def test_who_is_told_to_stop_stops_whatever_a_library_makes_of_it(tmp_path):
    """A signal that a library took for a failure of what it did is a signal to stop all the same."""
    nation = Nation(tmp_path / "home", seed=7, progress=None)
    with launcher._Postponed():
        pass
    with pytest.raises(BadCertificate) as failed:
        verify()

    with pytest.raises(KeyboardInterrupt):
        nation.__exit__(BadCertificate, failed.value, None)


def test_what_fails_unasked_has_failed(tmp_path):
    """Nobody has said stop: the error is not touched."""
    nation = Nation(tmp_path / "home", seed=7, progress=None)

    nation.__exit__(BadCertificate, BadCertificate(), None)


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

    assert asleep.ends(20)
    cradle.stop()
