# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a kind of node does by itself, it does once at a time."""

from __future__ import annotations

import pytest

from openjuki.nodes.roles import ROLES
from openjuki.nodes.work import OF_EVERY_NODE


@pytest.mark.parametrize("kind", ROLES, ids=str)
def test_no_duty_of_a_node_is_done_by_two_loops(kind):
    """Two loops of one duty would meet in the same rows, each for nothing."""
    steps = [duty.step for duty in (*OF_EVERY_NODE, *ROLES[kind].duties)]

    assert len(steps) == len(set(steps))
