# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Where the workers of a nation in a box come from: ``python -m openjuki.simulation.cradle HOME SOCKET``.

It loads once what every worker needs, and each worker is a fork of it: six that load for themselves would
keep a small machine busy for longer than the rest of the founding. What it is told, and with which files for the
worker's output, comes over the socket, one datagram a worker; it answers with the worker's process id. When the
socket closes, the nation is over: a launcher that was killed leaves no worker behind that nobody would ever stop.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import socket
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

import orjson

if TYPE_CHECKING:
    from collections.abc import Sequence

#: Longest datagram: a worker's nodes and environment.
LONGEST: Final = 65_536
#: What the workers run, loaded before the first is born.
_LOADED: Final = ("openjuki.simulation.worker", "openjuki.simulation.signer")


def main() -> None:
    """Bear workers until nobody can ask any more."""
    asked = socket.socket(fileno=int(sys.argv[2]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried by the system
    for module in _LOADED:
        importlib.import_module(module)
    gc.freeze()  # what all share stays in the memory that all share
    born: list[int] = []
    while True:
        told, outputs, _, _ = socket.recv_fds(asked, LONGEST, 2)
        if not told:
            _orphaned(born)
            return
        worker = os.fork()
        if worker == 0:
            asked.close()
            _live(orjson.loads(told), outputs)
        for output in outputs:
            os.close(output)
        with suppress(ProcessLookupError):  # it has ended already
            born.append(os.pidfd_open(worker))
        asked.send(str(worker).encode())


def _orphaned(born: Sequence[int]) -> None:
    """Tell every worker that still lives to stop in order."""
    for worker in born:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(worker, signal.SIGTERM)


def _live(told: dict[str, Any], outputs: Sequence[int]) -> None:
    """Be a worker, from here to the end of the process."""
    status = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for output, number in zip(outputs, (1, 2), strict=True):
            os.dup2(output, number)
            os.close(output)
        os.environ.clear()
        os.environ.update(told["environment"])
        sys.argv = told["arguments"]
        importlib.import_module(told["arguments"][0]).main()
        status = 0
    except BaseException:  # noqa: BLE001 - whatever it is: the log shall say it, and no fork of ours runs on
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    main()
