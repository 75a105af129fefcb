# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A small form of chaos amid provision in bulk (`make chaos-bulk`): the provider is killed once in the middle of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.chaos_bulk import bulk_nation, play

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.nation


async def test_a_file_that_was_disturbed_is_the_one_that_was_not(tmp_path: Path):
    """The provider is killed in the middle: the same bytes come out, and what was told is recorded."""
    told: list[str] = []
    with bulk_nation(tmp_path / "home", seed=13) as nation:
        after = await play(nation, ["the provider"], told.append, keys=150)

    assert after.is_sound, after
    assert after.released > 0
    assert len(told) == 1
