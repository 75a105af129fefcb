# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A worker of the nation in a box: ``python -m openjuki.simulation.worker CONFIG NODE...``.

It runs nodes as `juki serve` does, and is the only way to run one on the demonstration's seeded keys.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

import uvloop

from openjuki import config, console, gateway
from openjuki.config import Kind
from openjuki.nodes import roles
from openjuki.simulation.processes import READY

#: What an office's own people meet at a node.
BESIDE: Final = {
    Kind.AGENCY: gateway.beside,
    Kind.PREFECTURE: console.beside,
    Kind.CENTRE: console.beside,
}


def main() -> None:
    """Run the nodes named on the command line until told to stop."""
    path, *nodes = sys.argv[1:]
    settings = config.load(Path(path))
    asyncio.run(
        roles.serve(
            settings,
            nodes,
            simulated=True,
            ready=lambda: print(READY, flush=True),  # noqa: T201
            beside=BESIDE,
        ),
        loop_factory=uvloop.new_event_loop,
    )


if __name__ == "__main__":
    main()
