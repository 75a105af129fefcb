# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A small form of chaos (`make chaos`): each fault that the suite of moments has not strikes once, amid the work."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from fixtures.chaos import Aftermath, play, small_disk, struck_nation

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.nation

UNHARMED = Aftermath(lost=0, doubled=0, disagreements=0)


async def test_bad_lines_a_dead_signer_and_an_old_backup_lose_and_double_nothing(tmp_path: Path):
    """A line that is cut, mute or slow, a killed signer and a restored tier are over when they are mended."""
    told = []
    with struck_nation(tmp_path / "home", seed=11) as saboteur:
        faults = ["a line", "a signer", "an old backup", "a line"]
        assert await play(saboteur, faults, told.append) == UNHARMED
    assert len(told) == len(faults)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can mount a disk that is small enough to be filled")
async def test_a_full_disk_loses_and_doubles_nothing(tmp_path: Path):
    """When books, logs and the signer's memory find no room, work waits; when there is room again, it goes on."""
    with small_disk(tmp_path) as disk, struck_nation(disk / "home", seed=12) as saboteur:
        assert await play(saboteur, ["a full disk"] * 2, lambda _: None) == UNHARMED
