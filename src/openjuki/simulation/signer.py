# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The signer of the nation in a box: ``python -m openjuki.simulation.signer CONFIG [NODE...]``, one for all nodes.

It signs as `juki signer` does. An office of its own has one for itself, under a user of its own.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from openjuki import config
from openjuki.nodes import signer
from openjuki.simulation.processes import READY


def main() -> None:
    """Sign for the nodes named on the command line, or for all, until told to stop."""
    path, *nodes = sys.argv[1:]
    settings = config.load(Path(path))
    asyncio.run(signer.serve(settings, nodes or [*settings.nodes], ready=lambda: print(READY, flush=True)))  # noqa: T201


if __name__ == "__main__":
    main()
