# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from openjuki.config import clock
from openjuki.simulation import launcher
from openjuki.simulation.launcher import Nation

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from fixtures.network import Network


def test_whoever_was_faster_at_a_port_is_made_way_for(
    network: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A port that was free when it was looked for, and taken when it was to be taken, is left for the next one."""
    with socket.create_server(("127.0.0.1", 0)) as faster:
        taken = faster.getsockname()[1]
        looked = iter((taken, 0))
        monkeypatch.setattr(launcher, "_free_port", lambda _: next(looked))
        nation = Nation.__new__(Nation)
        nation.home, nation.directory = tmp_path / "other", network.directory
        nation._start_broker(network.authority, clock())

        assert nation.broker.pid is not None
        assert not nation.broker.url.endswith(f":{taken}")
        nation.broker.stop()
