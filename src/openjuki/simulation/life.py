# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The life of a nation in a box: registers are taken in, a day is played, the books are compared."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, ExitStack
from datetime import date
from typing import TYPE_CHECKING, Final

import psycopg

from openjuki.config import CENTRE, Kind, clock
from openjuki.errors import Unavailable
from openjuki.nodes.node import opened_office
from openjuki.pki.files import write_secret
from openjuki.simulation import agreement, clerks, provided, registers
from openjuki.simulation.day import Day
from openjuki.simulation.enquiries import Enquiries
from openjuki.simulation.errands import People
from openjuki.simulation.evening import STEPS, Plan
from openjuki.simulation.nation_plan import divide
from openjuki.simulation.report import Outcome

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from openjuki.codes.local_government import LocalGovernmentCode
    from openjuki.nodes.node import Office
    from openjuki.simulation.enquiries import Enquired
    from openjuki.simulation.evening import Evening
    from openjuki.simulation.launcher import Nation

#: The day that is played: the first of a fiscal year, when people move.
TODAY: Final = date(2026, 4, 1)
#: How long everything that was told may take to be everywhere, in seconds.
_PATIENCE: Final = 300.0
#: Between two glances at the books, in seconds.
_GLANCE: Final = 0.1


async def live(nation: Nation, residents: int) -> tuple[Outcome, Day]:
    """Take the registers in, play the day, wait until all is told, and compare the books; the day may go on."""
    async with AsyncExitStack() as stack:
        offices = {
            node.id: await stack.enter_async_context(opened_office(nation.settings, node.id))
            for node in nation.nodes
            if node.kind in (Kind.CENTRE, Kind.MUNICIPALITY)
        }
        await _found_offices(nation)
        people = await _prepare(nation, offices, divide(residents, nation.plan))
        began = time.monotonic()
        imported = await _take_in(nation, offices, residents)
        await settled(nation)
        import_seconds = time.monotonic() - began
        morning = clock()
        rows = {town: batch.to_pylist() for town, batch in people.items()}
        later = Plan.of(nation, rows) if nation.agencies else None
        await _begin(nation, later)
        day = Day(offices, rows, nation.seed, TODAY)
        with nation.progress.stage("一日 Playing the day", day.steps()) as advance:
            happened = await day.play(advance)
        await settled(nation)
        enquired = await _enquire(nation, People(rows, happened), residents) if nation.agencies else []
        await settled(nation)
        evening = await _end(nation, later)
    with nation.progress.stage("照合 Comparing all books, person by person"):
        outcome = Outcome(
            nodes=nation.nodes,
            agreement=_compare(nation),
            propagation_ms=agreement.latencies(nation.urls()[CENTRE], morning),
            imported=imported,
            import_seconds=import_seconds,
            happened=happened,
            centre_digest=agreement.standing_digest(nation.urls()[CENTRE]),
            enquired=enquired,
            provided=provided.check(
                nation.urls(Kind.MUNICIPALITY, Kind.AGENCY).values(),
                nation.urls(Kind.CENTRE, Kind.PREFECTURE),
            ),
            evening=evening,
        )
    return outcome, day


async def settled(nation: Nation) -> None:
    """Wait until nothing is under way.

    Raises:
        Unavailable: something is stuck.
    """
    towns = list(nation.urls(Kind.MUNICIPALITY))
    deadline, calm = time.monotonic() + _PATIENCE, 0
    with ExitStack() as stack:
        books = {
            node: stack.enter_context(psycopg.connect(url, autocommit=True))
            for node, url in nation.urls().items()
        }
        while calm < 2:  # noqa: PLR2004 - twice in a row
            if time.monotonic() > deadline:
                raise Unavailable("the nation does not come to rest; see log/ in its home")
            calm = calm + 1 if await asyncio.to_thread(agreement.is_settled, books, towns) else 0
            await asyncio.sleep(_GLANCE)


async def _begin(nation: Nation, later: Plan | None) -> None:
    """A list is put in the morning, once somebody vouches for the journals of those who provide."""
    if later is not None:
        await asyncio.to_thread(_await_witnesses, nation)
        await later.begin()


async def _end(nation: Nation, later: Plan | None) -> Evening | None:
    if later is None:
        return None
    with nation.progress.stage("一括照会・異動の提供・開示 In bulk, changes, disclosure", STEPS) as advance:
        evening = await later.end(advance)
    await settled(nation)
    return evening


async def _enquire(nation: Nation, people: People, residents: int) -> list[Enquired]:
    """Let the agencies ask."""
    async with Enquiries(nation, people) as enquiries:
        with nation.progress.stage("照会 Agencies ask", enquiries.steps(residents)) as advance:
            return await enquiries.play(residents, advance)


def _await_witnesses(nation: Nation) -> None:
    """Wait until a witness has confirmed each provider's journal: before that nothing is provided.

    Raises:
        Unavailable: it does not happen.
    """
    deadline = time.monotonic() + _PATIENCE
    for url in nation.urls(Kind.CENTRE, Kind.PREFECTURE).values():
        with psycopg.connect(url, autocommit=True) as book:
            while not agreement.is_vouched_for(book):
                if time.monotonic() > deadline:
                    raise Unavailable("no witness confirms a provider's journal; see log/ in its home")
                time.sleep(_GLANCE)


async def _found_offices(nation: Nation) -> None:
    """Register who works where, and hand the agencies' systems their credentials."""
    secrets = await clerks.found(nation.settings, nation.nodes, nation.agencies)
    for (agency, system), secret in secrets.items():
        path = nation.credential(agency, system)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_secret(path, secret.encode())


async def _prepare(
    nation: Nation, offices: Mapping[str, Office], shares: Mapping[LocalGovernmentCode, int]
) -> dict[str, pa.RecordBatch]:
    """Make the towns' people and write their registers."""
    people = {}
    with nation.progress.stage("住民 Making fictitious residents", len(shares)) as advance:
        for code, count in shares.items():
            town = str(code)
            people[town] = await registers.settle(offices[CENTRE], offices[town], nation.seed, count, TODAY)
            registers.write(people[town], nation.register(town))
            advance(1)
    return people


async def _take_in(nation: Nation, offices: Mapping[str, Office], residents: int) -> int:
    """Every town takes its register in, one after the other, while the notices climb."""
    imported = 0
    with nation.progress.stage("取込 Importing registers", residents) as advance:
        for town in nation.urls(Kind.MUNICIPALITY):
            imported += await registers.take_in(offices[town], nation.register(town), advance)
    return imported


def _compare(nation: Nation) -> agreement.Agreement:
    return agreement.check(
        nation.urls(Kind.MUNICIPALITY), nation.urls(Kind.PREFECTURE), nation.urls()[CENTRE]
    )
