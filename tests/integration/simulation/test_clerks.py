# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The demonstration's clerks exist, and may do what the day has them do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.network import CHIYODA, TOKYO
from openjuki.config import CENTRE
from openjuki.simulation import clerks
from openjuki.simulation.clerks import CLERK
from openjuki.store import offices

if TYPE_CHECKING:
    from fixtures.offices import Country

pytestmark = pytest.mark.postgres


async def test_a_town_has_a_residents_division(country: Country):
    """One office with two operators and a terminal; it holds work on the register."""
    town = await country.node(CHIYODA)

    await clerks.found_at(town)

    found = await town.read(lambda book: offices.find(book, CLERK.operator, CLERK.terminal, town.clock()))
    assert found == CLERK
    assert [one.id for one in await town.read(offices.operators)] == ["jumin-1", "jumin-2"]


@pytest.mark.parametrize(("node", "name"), [(TOKYO, "市町村課"), (CENTRE, "全国センター")])
async def test_every_other_node_has_an_office(country: Country, node: str, name: str):
    """A prefecture and the Centre have one office each, that tells people about themselves and holds no town's affair."""
    place = await country.node(node)

    await clerks.found_at(place)

    ((office, named),) = [(one.id, one.name) for one in await place.read(offices.offices)]
    assert named == name
    assert await place.read(lambda book: offices.held(book, place.clock())) == {office: {"disclosure": None}}
