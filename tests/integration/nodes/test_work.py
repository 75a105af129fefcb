# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Nodes at work by themselves: what is written at a counter is everywhere soon, with nobody driving."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from fixtures.ground import OFFICES
from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from fixtures.notices import notice
from fixtures.offices import SOMEBODY
from fixtures.standing import check
from openjuki.config import Settings
from openjuki.errors import BadConfiguration
from openjuki.nodes import work
from openjuki.nodes.node import opened, opened_office
from openjuki.nodes.roles import ROLES, serve
from openjuki.residents.changes import Reason
from openjuki.residents.transitions import SECOND_DEATH
from openjuki.store import journal

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from fixtures.offices import Country
    from openjuki.store.database import Connection

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


PENDING = "SELECT 1 FROM journal_pending"


@asynccontextmanager
async def working(country: Country, *nodes: str) -> AsyncIterator[None]:
    """These nodes work, until the block ends."""
    stop = asyncio.Event()
    for node in nodes:
        await country.connected(node)
    tasks = [
        asyncio.create_task(
            work.run(country.nodes[node], ROLES[OFFICES[node][0]], country.online[node], stop)
        )
        for node in nodes
    ]
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*tasks)


async def until(fulfilled: Callable[[], bool]) -> None:
    """Wait, with the patience of a clerk."""
    async with asyncio.timeout(60):
        while not fulfilled():  # noqa: ASYNC110 - it looks into books, from outside
            await asyncio.sleep(0.02)


@pytest.fixture
def bells_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody pulls without being rung at."""
    monkeypatch.setattr(work, "PULL_IDLE", 3600.0)
    monkeypatch.setattr(work, "SEQUENCER_IDLE", 3600.0)
    monkeypatch.setattr(work, "SEQUENCER_IDLE_ELSEWHERE", 3600.0)


@pytest.mark.usefixtures("bells_only")
async def test_a_move_is_everywhere_by_the_bells_alone(country: Country):
    """Entry, number, departure, certificate, arrival and its confirmation: each wakes whoever is next."""
    async with working(country, CENTRE, TOKYO, CHIYODA, CHUO):
        code = await country.enter(CHIYODA)
        await until(lambda: country.rows(CENTRE, "SELECT 1 FROM record WHERE version = 2") != [])
        await country.record(CHIYODA, Reason.MOVED_OUT, resident_code=code, destination_municipality=CHUO)
        await until(lambda: country.rows(CHUO, "SELECT 1 FROM certificate_of_moving_out") != [])
        await country.record(CHUO, Reason.MOVED_IN, resident_code=code, town="築地一丁目", block="1番1号")
        await until(lambda: country.rows(CHIYODA, "SELECT state FROM resident") == [("moved_out",)])
        await until(lambda: country.rows(CENTRE, "SELECT 1 FROM record WHERE stay = 2") != [])
        await until(lambda: not any(country.rows(node, PENDING) for node in (CENTRE, TOKYO)))

    assert country.rows(CENTRE, "SELECT stay, version, municipality FROM person") == [(2, 1, CHUO)]
    found = check(country)
    assert (found.mismatches, found.duplicates, found.held) == (0, 0, 0)
    assert found.sent == found.applied_prefecture == found.applied_centre == 4


async def test_a_node_replenishes_its_codes_by_itself(country: Country):
    """A town that starts with an empty stock has one soon, and no alarm is left."""
    async with working(country, CENTRE, CHIYODA):
        await until(lambda: country.rows(CHIYODA, "SELECT 1 FROM code_stock") != [])
        await until(lambda: country.rows(CHIYODA, "SELECT 1 FROM alarm WHERE settled_at IS NULL") == [])
        await country.record(CHIYODA, Reason.BORN, **SOMEBODY)


async def test_what_was_written_while_a_node_was_away_is_pulled_when_it_comes(country: Country):
    """A prefecture that starts later than its town misses nothing."""
    async with working(country, CHIYODA):
        await country.enter(CHIYODA)
        await until(lambda: country.rows(CHIYODA, "SELECT 1 FROM link_entry") != [])
    async with working(country, CHIYODA, TOKYO):
        await until(lambda: country.rows(TOKYO, "SELECT 1 FROM record") != [])


async def test_a_bell_of_somebody_who_is_not_pulled_wakes_nobody(country: Country):
    """A prefecture that is rung at by a neighbour's node goes on as it was."""
    tokyo = await country.node(TOKYO)
    heard = []

    class Line:
        async def serve(self, _: object) -> None:
            pass

        async def on_doorbell(self, callback: Callable[[str], None]) -> None:
            heard.append(callback)

    tokyo.transport = Line()
    bells = await work.listen(tokyo, ROLES[OFFICES[TOKYO][0]])
    heard[0]("221007")
    assert not any(bell.is_set() for bell in bells.values())
    heard[0](CHIYODA)
    assert [source for source, bell in bells.items() if bell.is_set()] == [CHIYODA]


async def test_one_bad_notice_never_stops_a_town(country: Country):
    """A town's link carries a notice that no counter would have written: it is held at both tiers, the rest flows."""
    town = await country.node(CHIYODA)
    died = notice(50, version=2, reason=Reason.DIED)
    wrong = [b"not a notice", replace(died, version=3).to_bytes()]

    async def smuggle(connection: Connection) -> None:
        told = [notice(50).to_bytes(), died.to_bytes(), *wrong]
        entries = [
            journal.Entry(
                kind="notice.issued",
                recorded_at=town.clock(),
                payload=raw,
                salt=town.entropy(32),
                recipients=(TOKYO,),
            )
            for raw in told
        ]
        await journal.append(connection, entries)

    async with working(country, CENTRE, TOKYO, CHIYODA):
        await town.transact(smuggle)
        code = await country.enter(CHIYODA)
        reached = "SELECT 1 FROM record WHERE resident_code = %s AND version = 2"
        await until(lambda: country.rows(CENTRE, reached, code) != [])

    for tier in (TOKYO, CENTRE):
        held = country.rows(tier, "SELECT seq, code FROM held ORDER BY seq")
        assert held == [(3, "JK-INPUT-0006"), (4, SECOND_DEATH.code)]
        assert country.rows(tier, "SELECT count(*) FROM record") == [(4,)]


async def test_a_link_that_stopped_leaves_the_others_going(country: Country):
    """One town's book was restored from a backup: its link stops with an alarm, and another's goes on."""
    for town in (CHIYODA, CHUO):
        await country.enter(town)
        await country.pull(TOKYO, town)
    country.rows(
        CHIYODA, "DELETE FROM link_batch; DELETE FROM link_entry; DELETE FROM link; DELETE FROM journal"
    )
    country.rows(CHIYODA, "UPDATE tree SET size = 0, root = sha256(''), frontier = ''")

    with capture_logs() as logged:
        async with working(country, TOKYO, CHIYODA, CHUO):
            await country.enter(CHUO)
            await until(lambda: country.rows(TOKYO, "SELECT 1 FROM alarm") != [])
            await until(lambda: country.rows(TOKYO, "SELECT count(*) FROM record") == [(3,)])

    assert [kind for kind, _ in await country.alarms(TOKYO)] == ["link-stopped"]
    assert ("refused", f"pull {CHIYODA}") in {(line["event"], line.get("loop")) for line in logged}


async def settings(country: Country, *nodes: str) -> Settings:
    """An installation in which these nodes live."""
    ground = country.ground
    published = (await country.node(CENTRE)).published
    (ground.home / "directory.json").write_bytes(published.read_bytes())
    return Settings(
        home=ground.home,
        network="test",
        nats_url=ground.broker.url,
        nodes={node: ground.settings(node) for node in nodes},
    )


async def test_an_office_is_opened_with_its_own_keys(country: Country):
    """Its book and its keys are read; another's keys, or none, are a wrong setting."""
    known = await settings(country, CHIYODA)
    await country.node(CHIYODA)
    async with opened_office(known, CHIYODA) as office:
        assert (office.id, office.prefecture) == (CHIYODA, TOKYO)
    with pytest.raises(BadConfiguration, match="not configured here"):
        async with opened_office(known, CHUO):
            pytest.fail("opened")
    own = replace(known.nodes[CHIYODA], identity=country.ground.settings(CHUO).identity)
    with pytest.raises(BadConfiguration, match="another node's"):
        async with opened_office(replace(known, nodes={CHIYODA: own}), CHIYODA):
            pytest.fail("opened")


async def test_a_node_is_opened_on_the_line(country: Country):
    """It has its line up, and only a municipality has a prefecture."""
    known = await settings(country, TOKYO)
    async with opened(known, TOKYO) as node:
        assert not node.simulated
        with pytest.raises(BadConfiguration):
            assert node.prefecture


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_nodes_are_served_until_the_process_is_told_to_stop(country: Country, told: signal.Signals):
    """Several nodes in one process answer as soon as it says so, and stop in order at a signal."""
    await country.node(CHIYODA)
    await country.node(TOKYO)
    known = await settings(country, CHIYODA, TOKYO)
    ready = []

    def stop() -> None:
        ready.append(True)
        os.kill(os.getpid(), told)

    async with asyncio.timeout(60):
        await serve(known, [CHIYODA, TOKYO], ready=stop, beside={})

    assert ready == [True]
