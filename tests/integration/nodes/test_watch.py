# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Somebody entered elsewhere whose stay before was never closed is an alarm, and no error."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fixtures.network import CHIYODA, CHUO, TOKYO
from fixtures.notices import code_of, moved_in, notice
from openjuki.nodes import admission
from openjuki.nodes.watch import watch_predecessors
from openjuki.residents.changes import Reason
from openjuki.wire.batch import NoticeBatch

if TYPE_CHECKING:
    from fixtures.offices import Country
    from openjuki.nodes.node import Node
    from openjuki.residents.notice import Notice

pytestmark = pytest.mark.postgres


async def told(node: Node, origin: str, first: int, *notices: Notice) -> None:
    """A town's notices have arrived."""
    raw = tuple(one.to_bytes() for one in notices)
    last = first + len(raw) - 1
    batch = NoticeBatch(origin=origin, first=first, last=last, issued=node.clock(), notices=raw)
    await node.transact(lambda connection: admission.admit(node, connection, batch))


async def test_a_stay_left_open_is_an_alarm_after_fourteen_days(country: Country) -> None:
    """On the fifteenth day, once however often one looks, and not before; the notice of moving out clears it."""
    prefecture = await country.node(TOKYO)
    start = prefecture.clock()
    await told(prefecture, CHIYODA, 1, notice(1, recorded_at=start))
    await told(prefecture, CHUO, 1, moved_in(1, recorded_at=start))

    prefecture.clock = lambda: start + timedelta(days=14)
    await watch_predecessors(prefecture)
    assert await country.alarms(TOKYO) == []

    prefecture.clock = lambda: start + timedelta(days=15)
    await watch_predecessors(prefecture)
    await watch_predecessors(prefecture)
    expected = {"resident_code": code_of(1), "stay": 2, "earlier": 1}
    assert await country.alarms(TOKYO) == [("predecessor_open", expected)]

    left = notice(1, version=2, reason=Reason.MOVED_OUT, recorded_at=start)
    await told(prefecture, CHIYODA, 2, left)
    assert await country.alarms(TOKYO) == []


async def test_a_stay_that_was_closed_is_none(country: Country) -> None:
    """The old town's notice of moving out came, if late."""
    prefecture = await country.node(TOKYO)
    start = prefecture.clock()
    entered = notice(1, recorded_at=start)
    await told(prefecture, CHUO, 1, moved_in(1, recorded_at=start))
    await told(prefecture, CHIYODA, 1, entered, replace(entered, version=2, reason=Reason.MOVED_OUT))

    prefecture.clock = lambda: start + timedelta(days=15)
    await watch_predecessors(prefecture)
    assert await country.alarms(TOKYO) == []
