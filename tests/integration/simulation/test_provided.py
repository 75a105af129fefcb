# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The checker counts what was provided, and finds what was released and is not recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from fixtures.ground import PENSIONS, SHIZUOKA, WELFARE
from fixtures.network import CENTRE, TOKYO
from fixtures.parts import written
from openjuki.config import Kind
from openjuki.simulation import provided
from openjuki.store import parts

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


@pytest.mark.parametrize(
    ("statement", "unlogged"),
    [
        pytest.param("DELETE FROM journal WHERE kind = 'provision.envelope'", 2, id="the journal's row"),
        pytest.param(
            "UPDATE provision_envelope SET commitment = sha256(commitment)",
            2,
            id="what the journal has of it",
        ),
        pytest.param("DELETE FROM provision WHERE place = 1", 1, id="a question of the envelope"),
        pytest.param(
            "UPDATE provision SET commitment = sha256(commitment) WHERE place = 0", 1, id="what was answered"
        ),
    ],
)
async def test_what_was_released_and_is_not_recorded_is_found(
    nation: Country, systems: Mapping[str, System], statement: Any, unlogged: int
):
    """Somebody removed it from the Centre's book: the asker's ledger knows of it, and of all that was under it."""
    await asked(systems, PENSIONS)
    assert (await check(nation)).released == 2

    with psycopg.connect(nation.ground.owner_url(CENTRE), autocommit=True) as owner:
        owner.execute(statement)

    assert (await check(nation)).unlogged == unlogged


async def test_parts_are_held_against_their_provider(nation: Country):
    """The pension service has two parts: one that the Centre recorded, and one that it did not."""
    part, centre = written([10_000_000_001], none=2), await nation.node(CENTRE)
    await nation.node(PENSIONS)
    await centre.transact(lambda book: parts.keep(book, part))
    with psycopg.connect(nation.ground.owner_url(PENSIONS)) as book:
        arrived(book, 0, part.salt, part.payload)
        arrived(book, 1, part.salt, part.payload + b" ")

    found = await check(nation)

    assert (found.parts, found.persons_in_parts, found.parts_unlogged) == (1, 1, 1)


def arrived(book: psycopg.Connection, part: int, salt: bytes, payload: bytes) -> None:
    """A part of a request to the Centre has arrived."""
    line = "0" * 31 + "1"
    book.execute(
        "INSERT INTO ledger_line VALUES (%s, now(), 'kokunen', '', '', '', '', 'ask', 'bulk', false, '{}', 3, '', '')"
        " ON CONFLICT DO NOTHING",
        [line],
    )
    book.execute(
        "INSERT INTO bulk_request (line, provider, kind, file, digest, rows, malformed, duplicates, parts, items,"
        " format, encoding, standing, ended_at) VALUES (%s, %s, 'resident_code', '', '', 3, 0, 0, 2, '{}', 'csv', 'utf-8',"
        " 'done', now()) ON CONFLICT DO NOTHING",
        [line, CENTRE],
    )
    book.execute(
        "INSERT INTO bulk_received (line, part, received_at, manifest, payload, salt, results, articles)"
        " VALUES (%s, %s, now(), '', %s, %s, '{}', '{}')",
        [line, part, payload, salt],
    )


async def test_where_nobody_asked_nothing_was_provided(nation: Country):
    """A nation without agencies has nothing to compare."""
    found = await check(nation)

    assert (found.logged, found.released, found.unlogged, found.by_affair) == (0, 0, 0, {})
