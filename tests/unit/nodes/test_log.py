# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The log of a process that runs nodes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

WRITES = """
import structlog
from openjuki.nodes.log import log_to_stderr
log_to_stderr()
structlog.get_logger().warning("the disk is full", node="131016")
print("went on")
"""


def test_a_full_disk_does_not_stop_who_says_that_it_is_full():
    """A line of the log that finds no room is passed over, and the work goes on."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", WRITES], stdout=subprocess.PIPE, stderr=full, check=False
        )
    assert done.stdout == b"went on\n"


def test_a_line_says_what_happened_at_which_node():
    """A line has its time, its level, the event and what belongs to it."""
    done = subprocess.run([sys.executable, "-c", WRITES], capture_output=True, check=False)
    assert b'level=warning event="the disk is full" node=131016\n' in done.stderr
