# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The checker counts what was provided, and finds what was released and is not recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from fixtures.ground import PENSIONS, SHIZUOKA, WELFARE
from fixtures.network import CENTRE, TOKYO
from openjuki.config import Kind
from openjuki.simulation import provided

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.offices import Country
    from fixtures.systems import System
    from openjuki.simulation.provided import Provided

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

PROVIDERS = (CENTRE, TOKYO, SHIZUOKA)


async def check(country: Country) -> Provided:
    """What the checker says of the open books."""
    for provider in PROVIDERS:
        await country.sequence(provider)
    askers = country.urls(Kind.AGENCY).values()
    return provided.check(askers, {node: country.ground.databases[node] for node in PROVIDERS})


async def asked(systems: Mapping[str, System], agency: str) -> None:
    """An agency's system asks about somebody by name and birth date, and about nobody."""
    system = systems[agency]
    questions = [
        {"name": "渡辺　葵", "birth_date": "1990-01-01"},
        {"name": "居ない　人", "birth_date": "1990-01-01"},
    ]
    answered = await system.post("provisions", affair=system.affair, reason="2026-1", questions=questions)
    assert answered.status_code == 200


async def test_what_was_provided_is_counted(nation: Country, systems: Mapping[str, System]):
    """By affair, result and article, and which of it came through a governor; all of it is recorded."""
    for agency in (PENSIONS, WELFARE):
        await asked(systems, agency)

    found = await check(nation)

    assert (found.unlogged, found.logged) == (0, found.released)
    assert found.logged == sum(found.by_result.values()) >= 4
    assert set(found.by_affair) == {systems[PENSIONS].affair, systems[WELFARE].affair}
    assert found.by_result["none"] >= 2
    assert 0 < found.through_governor < found.logged
    assert any("別表第4" in article for article in found.by_article)


async def test_what_was_released_and_is_not_recorded_is_found(nation: Country, systems: Mapping[str, System]):
    """Somebody removed a row from the Centre's journal: the asker's ledger knows of it."""
    await asked(systems, PENSIONS)
    await check(nation)

    with psycopg.connect(nation.ground.owner_url(CENTRE)) as owner:
        owner.execute(
            "DELETE FROM journal WHERE index = (SELECT max(index) FROM journal WHERE kind = 'provision.granted')"
        )

    assert (await check(nation)).unlogged == 1


async def test_where_nobody_asked_nothing_was_provided(nation: Country):
    """A nation without agencies has nothing to compare."""
    found = await check(nation)

    assert (found.logged, found.released, found.unlogged, found.by_affair) == (0, 0, 0, {})
