# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A small form of chaos amid online provision (`make chaos-online`): the database is killed once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.chaos_online import asking_nation, play

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.nation


async def test_what_was_told_is_recorded_and_what_was_lost_is_listed(tmp_path: Path):
    """The database is killed while systems ask: released is a part of recorded, and the rest is listed as outstanding."""
    told: list[str] = []
    with asking_nation(tmp_path / "home", seed=13) as nation:
        after = await play(nation, ["the database"], told.append)

    assert after.is_sound, after
    assert after.released > 0
    assert len(told) == 1
