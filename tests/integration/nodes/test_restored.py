# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Nodes that were restored from older backups: what stops, what is said, and how it goes on."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from fixtures.restoring import back_up
from openjuki.errors import JournalForked, JukiError, PeerRefused, StaleDirectory
from openjuki.nodes import exchange, work
from openjuki.nodes.roles import ROLES
from openjuki.residents.changes import Reason
from openjuki.store import journal, links
from openjuki.store.sequencer import read_tree

if TYPE_CHECKING:
    from fixtures.offices import Country

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

CODES = "SELECT resident_code FROM record ORDER BY resident_code"
MARK = "SELECT seq, size, journal FROM mark WHERE sender = %s"


def codes(country: Country, node: str) -> set[str]:
    """Whose notices a node has."""
    return {code for (code,) in country.rows(node, CODES)}


async def turn(country: Country, node: str, source: str) -> None:
    """One turn of a node's own pulling, as its loop takes it."""
    puller = await country.connected(node)
    await country.connected(source)
    await country.sequence(source)
    await work._pulling(puller, source, ROLES[puller.settings.kind])()


async def stopped(country: Country, node: str, source: str) -> None:
    """A link stands still because the sender is not what it was."""
    with pytest.raises(PeerRefused) as caught:
        await turn(country, node, source)
    assert caught.value.peer_code == JournalForked.code


async def begin_anew(country: Country, node: str, number: int = 2) -> None:
    """The root's holder lists the node's next journal, and everybody learns of it."""
    country.revise(replace(country.directory.node(node), journal=number))
    for office in country.nodes.values():
        office.directory = country.directory
    await exchange.begin_journal(await country.node(node))
    await country.sequence(node)


async def verified(country: Country, node: str) -> None:
    """Every row of a node's journal says what its leaf commits to."""
    office = await country.node(node)
    rows = await office.read(lambda connection: journal.read(connection, limit=10_000))
    for row in rows:
        row.verify()
    assert (await office.read(read_tree)).size == len(rows)


async def test_a_restored_town_stops_its_own_link_and_no_other(country: Country):
    """The link of a town with an old book stops at once, both ends say where, and its neighbour's goes on."""
    await country.enter(CHIYODA)
    await country.settle(CHIYODA, CHUO, TOKYO)
    backup = await back_up(country, CHIYODA)
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    ((seq, size, _),) = country.rows(TOKYO, MARK, CHIYODA)
    had = country.rows(TOKYO, CODES)
    await backup.restore()

    await stopped(country, TOKYO, CHIYODA)
    point = {"seq": seq, "size": size}
    assert await country.alarms(TOKYO) == [
        ("link-stopped", {"source": CHIYODA, "code": JournalForked.code, **point})
    ]
    assert await country.alarms(CHIYODA) == [("journal-forked", {"recipient": TOKYO, **point})]

    code = await country.enter(CHUO)
    await turn(country, TOKYO, CHUO)
    assert codes(country, TOKYO) == {code, *(code for (code,) in had)}


async def test_a_restored_town_that_works_on_is_found_out(country: Country):
    """A sender that uses its numbers a second time does not get them past its old mark, however many it writes."""
    await country.enter(CHIYODA)
    await country.settle(CHIYODA, TOKYO)
    backup = await back_up(country, CHIYODA)
    for _ in range(2):
        await country.enter(CHIYODA)
        await country.pull(TOKYO, CHIYODA)
    had = codes(country, TOKYO)
    await backup.restore()
    for _ in range(3):
        await country.enter(CHIYODA)

        await stopped(country, TOKYO, CHIYODA)
        assert codes(country, TOKYO) == had


async def test_a_journal_begun_anew_loses_nothing_that_the_town_has(country: Country):
    """After a restore the town's new journal brings what it had not sent, what it wrote since, and all that follows."""
    await country.enter(CHIYODA)
    await country.settle(CHIYODA, TOKYO, CENTRE)
    unsent = await country.enter(CHIYODA)
    await country.sequence(CHIYODA)
    backup = await back_up(country, CHIYODA)
    lost = await country.enter(CHIYODA)
    await country.settle(CHIYODA, TOKYO, CENTRE)
    await backup.restore()
    since = await country.enter(CHIYODA)
    await stopped(country, TOKYO, CHIYODA)
    before = codes(country, TOKYO)
    assert {unsent, lost} <= before
    assert since not in before

    await begin_anew(country, CHIYODA)
    after = await country.enter(CHIYODA)
    for node, source in ((TOKYO, CHIYODA), (TOKYO, CHIYODA), (CENTRE, TOKYO), (CENTRE, CHIYODA)):
        await turn(country, node, source)

    assert codes(country, TOKYO) == codes(country, CENTRE) == before | {since, after}
    assert country.rows(TOKYO, "SELECT origin FROM held") == []
    assert [kind for kind, _ in await country.alarms(TOKYO)] == []
    assert [kind for kind, _ in await country.alarms(CHIYODA) if kind != "code-stock-low"] == []
    assert country.rows(TOKYO, MARK, CHIYODA)[0][2] == 2
    assert len(country.journal(CHIYODA, "journal.begun")) == 1
    assert len(country.journal(CHIYODA, "link.resumed")) == 1
    await verified(country, CHIYODA)

    another = await country.enter(CHIYODA)  # and proofs are asked for again
    await country.settle()
    assert another in codes(country, CENTRE)


async def test_what_is_given_again_is_no_second_notice(country: Country):
    """A notice that the prefecture has already is passed over when the new journal gives it again."""
    backup = await back_up(country, CHIYODA)
    first = await country.enter(CHIYODA)
    await country.sequence(CHIYODA)
    backup = await back_up(country, CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    await backup.restore()
    await begin_anew(country, CHIYODA)

    await turn(country, TOKYO, CHIYODA)

    assert country.rows(TOKYO, "SELECT count(*) FROM record WHERE resident_code = %s", first) == [(1,)]
    assert country.rows(TOKYO, "SELECT origin FROM held") == []
    assert country.rows(TOKYO, MARK, CHIYODA)[0][0] == 3


async def test_an_answer_lost_while_a_link_goes_on_comes_again(country: Country):
    """The first answer of a new journal may be lost like any other: the next one has the same numbers."""
    await country.enter(CHIYODA)
    backup = await back_up(country, CHIYODA)
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    await backup.restore()
    await country.sequence(CHIYODA)
    await begin_anew(country, CHIYODA)
    tokyo = await country.connected(TOKYO)
    mark = await tokyo.read(lambda connection: links.read_mark(connection, CHIYODA))
    pull = exchange.link.Pull(mark=mark, limit=9).to_bytes()

    answers = [
        exchange.link.Pulled.from_bytes(await exchange.ask(tokyo, CHIYODA, "pull", pull)) for _ in range(2)
    ]

    assert answers[0] == answers[1]
    assert answers[0].entries
    assert len(country.journal(CHIYODA, "link.resumed")) == 1


async def test_whoever_does_not_know_of_the_new_journal_waits(country: Country):
    """An older edition of the directory at either end delays a link, and is no alarm."""
    await country.enter(CHIYODA)
    await country.settle(CHIYODA, TOKYO)
    await country.enter(CHIYODA)
    old = country.directory
    await begin_anew(country, CHIYODA)
    country.nodes[TOKYO].directory = old

    with pytest.raises(StaleDirectory):
        await turn(country, TOKYO, CHIYODA)
    assert await country.alarms(TOKYO) == []

    country.nodes[TOKYO].directory = country.directory
    await turn(country, TOKYO, CHIYODA)
    country.nodes[CHIYODA].directory = old
    with pytest.raises(JukiError):
        await turn(country, TOKYO, CHIYODA)
    assert await country.alarms(TOKYO) == []


async def test_a_town_restored_twice_begins_a_third_journal(country: Country):
    """A second restore, to before the first, is found out and mended like the first."""
    await country.enter(CHIYODA)
    backup = await back_up(country, CHIYODA)
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    await backup.restore()
    backup = await back_up(country, CHIYODA)
    await begin_anew(country, CHIYODA)
    await country.enter(CHIYODA)
    await turn(country, TOKYO, CHIYODA)
    await backup.restore()

    await stopped(country, TOKYO, CHIYODA)
    await begin_anew(country, CHIYODA, 3)
    code = await country.enter(CHIYODA)
    await turn(country, TOKYO, CHIYODA)
    assert code in codes(country, TOKYO)
    assert country.rows(TOKYO, MARK, CHIYODA)[0][2] == 3


async def test_a_restored_prefecture_takes_in_again_what_it_lost(country: Country):
    """A prefecture asks its towns again; the Centre passes over what it has, and gets what it has not."""
    await country.enter(CHIYODA)
    await country.settle(CHIYODA, CHUO, TOKYO, CENTRE)
    backup = await back_up(country, TOKYO)
    await country.enter(CHIYODA)
    await country.settle()
    await country.enter(CHUO)
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    await country.pull(TOKYO, CHUO)
    had = codes(country, TOKYO)
    await backup.restore()
    assert codes(country, TOKYO) < had

    for town in (CHUO, CHIYODA):  # in another order than before
        await turn(country, TOKYO, town)
    assert codes(country, TOKYO) == had
    await stopped(country, CENTRE, TOKYO)
    await begin_anew(country, TOKYO)
    await turn(country, CENTRE, TOKYO)
    await country.settle()

    assert codes(country, CENTRE) == codes(country, TOKYO) == had
    assert country.rows(CENTRE, "SELECT origin FROM held") == []
    assert await country.alarms(CENTRE) == []
    await verified(country, TOKYO)


async def test_a_restored_centre_takes_in_again_what_it_lost(country: Country):
    """The Centre asks again, and passes on again: nobody takes in a notice or a letter a second time."""
    code = await country.enter(CHIYODA)
    await country.settle(CHIYODA, CHUO, TOKYO, CENTRE)
    backup = await back_up(country, CENTRE)
    await country.enter(CHUO)
    await country.record(CHIYODA, Reason.MOVED_OUT, resident_code=code, destination_municipality=CHUO)
    await country.settle()
    await country.record(CHUO, Reason.MOVED_IN, resident_code=code, town="築地一丁目", block="1番1号")
    await country.settle()
    had = codes(country, CENTRE)
    letters = {town: country.journal(town, "relay.received") for town in (CHIYODA, CHUO)}
    await backup.restore()

    await country.sequence(TOKYO)
    await turn(country, CENTRE, TOKYO)
    await turn(country, CENTRE, CHIYODA)
    await stopped(country, CHUO, CENTRE)
    await begin_anew(country, CENTRE)
    await turn(country, CHUO, CENTRE)
    await country.settle()

    assert codes(country, CENTRE) == had
    assert {town: country.journal(town, "relay.received") for town in letters} == letters
    for town in letters:
        assert [kind for kind, _ in await country.alarms(town)] == []
    await verified(country, CENTRE)
