# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A provider keeps the index to its log in order by itself, and says where it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from fixtures.network import CENTRE
from fixtures.provided_parts import provided
from openjuki.errors import IntegrityFailure
from openjuki.nodes import compacting
from openjuki.nodes.roles import centre, prefecture
from openjuki.store import alarms, buckets
from openjuki.store.parts.columns import SCHEMA, write

if TYPE_CHECKING:
    from fixtures.offices import Country

pytestmark = pytest.mark.postgres


async def test_parts_are_taken_in_when_they_have_waited(country: Country):
    """Ten minutes after it was provided a part is in the index, and what vouches for that waits for its place in the journal."""
    node = await country.node(CENTRE)
    await node.read(lambda book: provided(book, [10, 20], at=node.clock()))
    assert not await compacting.compact(node)

    country.clock.advance(seconds=600)
    node.written.clear()

    assert await compacting.compact(node)
    assert node.written.is_set()
    assert not await compacting.compact(node)
    assert len(await node.read(lambda book: buckets.lines(book, [20]))) == 1


async def test_a_damaged_part_is_an_alarm_and_changes_nothing(country: Country):
    """Rows that are out of order were not written by us: they are not taken in, and somebody must look."""
    node = await country.node(CENTRE)
    rows = pa.table([[20, 10], [1, 1], [0, 0]], schema=SCHEMA)
    await node.read(lambda book: provided(book, [10, 20], at=node.clock()))
    country.rows(CENTRE, "UPDATE provision_part SET log = %s", write(rows))
    country.clock.advance(seconds=600)

    with pytest.raises(IntegrityFailure):
        await compacting.compact(node)

    (alarm,) = await node.read(alarms.open_alarms)
    assert alarm.kind == compacting.DAMAGED


@pytest.mark.parametrize("role", [centre.ROLE, prefecture.ROLE], ids=["the Centre", "a prefecture"])
def test_every_provider_does_it(role):
    """It is a duty of both kinds."""
    assert compacting.compact in [duty.step for duty in role.duties]
