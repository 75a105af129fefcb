# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A link is pulled: everything once, in order, however often a line is cut or an answer lost."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from openjuki.errors import IntegrityFailure, JournalForked, LinkGap, Overtaken, PeerRefused
from openjuki.nodes import exchange, work
from openjuki.nodes.exchange import Taken
from openjuki.nodes.roles import ROLES, prefecture
from openjuki.store import journal, links
from openjuki.wire import link
from openjuki.wire.link import Pull, Pulled

if TYPE_CHECKING:
    from fixtures.offices import Country
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.link import Entry

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

VERSIONS = "SELECT origin, stay, version FROM record ORDER BY origin, resident_code, stay, version"
MARK = "SELECT sender, seq FROM mark ORDER BY sender"


async def ask(country: Country, node: str, source: str, *, limit: int = exchange.PULL_LIMIT) -> bytes:
    """The body of a source's answer to a pull, applied by nobody."""
    asker = await country.connected(node)
    await country.connected(source)
    mark = await asker.read(lambda connection: links.read_mark(connection, source))
    return await exchange.ask(asker, source, "pull", Pull(mark=mark, limit=limit).to_bytes())


async def test_a_notice_climbs_to_the_centre(country: Country):
    """What a town records stands at its prefecture after one pull, and at the Centre after another."""
    await country.enter(CHIYODA)

    assert await country.pull(TOKYO, CHIYODA) == 1
    assert await country.pull(CENTRE, TOKYO) == 1
    for node in (TOKYO, CENTRE):
        assert country.rows(node, VERSIONS) == [(CHIYODA, 1, 1)]
        assert len(country.journal(node, "notice.applied")) == 1


async def test_nothing_waits_twice(country: Country):
    """A pull after everything was taken in finds nothing and changes nothing."""
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    before = country.rows(TOKYO, MARK), country.journal(TOKYO, "notice.applied")

    assert await country.pull(TOKYO, CHIYODA) == 0
    assert (country.rows(TOKYO, MARK), country.journal(TOKYO, "notice.applied")) == before


async def test_a_pull_repeated_after_a_lost_answer_gets_the_same_bytes(country: Country):
    """A batch stands as it was formed until the recipient has it; what came since follows in another."""
    await country.enter(CHIYODA)
    await country.sequence(CHIYODA)
    lost = Pulled.from_bytes(await ask(country, TOKYO, CHIYODA))
    await country.enter(CHIYODA)
    await country.sequence(CHIYODA)

    again = Pulled.from_bytes(await ask(country, TOKYO, CHIYODA))

    assert [entry.document for entry in again.entries][:1] == [entry.document for entry in lost.entries]
    assert [(entry.first, entry.last) for entry in again.entries] == [(1, 1), (2, 2)]


async def test_acknowledged_batches_are_dropped(country: Country):
    """The pull that shows the mark behind a batch lets the town throw its bytes away."""
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    assert len(country.rows(CHIYODA, "SELECT 1 FROM link_batch")) == 1

    await country.pull(TOKYO, CHIYODA)
    assert country.rows(CHIYODA, "SELECT 1 FROM link_batch") == []
    assert country.rows(CHIYODA, "SELECT acknowledged FROM link WHERE recipient = %s", TOKYO) == [(1,)]


async def test_a_prefecture_erases_what_it_has_passed_on(country: Country):
    """Some weeks after the Centre has a batch its bytes are erased at the prefecture; leaf and notice stay."""
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    await country.pull(CENTRE, TOKYO)
    (passed,) = country.journal(TOKYO, "batch.passed")
    assert passed is not None

    await country.pull(CENTRE, TOKYO)
    await exchange.erase_passed(country.nodes[TOKYO])
    assert country.journal(TOKYO, "batch.passed") == [passed]

    country.clock.advance(days=36)
    await exchange.erase_passed(country.nodes[TOKYO])
    assert country.journal(TOKYO, "batch.passed") == [None]
    assert len(country.rows(TOKYO, "SELECT leaf FROM journal WHERE kind = 'batch.passed'")) == 1
    assert country.journal(TOKYO, "notice.applied") != [None]


async def test_the_centre_receives_a_towns_own_bytes(country: Country):
    """The prefecture passes on what the town signed, byte for byte."""
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    ((formed,),) = country.rows(CHIYODA, "SELECT document FROM link_batch")

    await country.sequence(TOKYO)
    (entry,) = Pulled.from_bytes(await ask(country, CENTRE, TOKYO)).entries

    assert entry.document == formed


async def test_an_effect_that_fails_leaves_no_mark(country: Country):
    """Effect and mark are one transaction: a failure in the second entry undoes the first one's effect too."""
    for _ in range(2):
        await country.enter(CHIYODA)
        await country.sequence(CHIYODA)
        await ask(country, TOKYO, CHIYODA)
    tokyo, entries = await country.node(TOKYO), []

    async def receive(node: Node, connection: Connection, source: str, entry: Entry) -> None:
        entries.append(entry.first)
        await prefecture.receive(node, connection, source, entry)
        if entry.first == 2:
            raise IntegrityFailure

    before = country.books()[TOKYO]
    with pytest.raises(IntegrityFailure):
        await exchange.pull_once(tokyo, CHIYODA, receive)
    assert entries == [1, 2]
    assert country.books()[TOKYO] == before

    assert await country.pull(TOKYO, CHIYODA) == 2
    assert country.rows(TOKYO, VERSIONS) == [(CHIYODA, 1, 1)] * 2


async def test_two_workers_that_pull_at_once_apply_once(country: Country):
    """Of two workers that read the same mark, one is told that the other was first."""
    await country.enter(CHIYODA)
    await country.sequence(CHIYODA)
    tokyo = await country.connected(TOKYO)
    await country.connected(CHIYODA)
    met = asyncio.Barrier(2)

    async def receive(node: Node, connection: Connection, source: str, entry: Entry) -> None:
        await prefecture.receive(node, connection, source, entry)

    async def pull() -> int:
        tokyo.applying = asyncio.Lock()  # another process has another lock
        mark = await tokyo.read(lambda connection: links.read_mark(connection, CHIYODA))
        body = await exchange.ask(tokyo, CHIYODA, "pull", Pull(mark=mark, limit=9).to_bytes())
        await met.wait()
        pulled = Pulled.from_bytes(body)
        after = link.receive(mark, pulled)
        await exchange._apply(tokyo, CHIYODA, mark, after, pulled, receive)
        return after.seq

    outcomes = await asyncio.gather(pull(), pull(), return_exceptions=True)

    assert sorted(map(type, outcomes), key=str) == [int, Overtaken]
    assert country.rows(TOKYO, VERSIONS) == [(CHIYODA, 1, 1)]


async def test_a_limit_is_kept_to_whole_entries(country: Country):
    """An answer holds as many entries as were wanted; a formed batch is never cut."""
    for _ in range(3):
        await country.enter(CHIYODA)
        await country.sequence(CHIYODA)
        pulled = Pulled.from_bytes(await ask(country, TOKYO, CHIYODA))
    assert [(entry.first, entry.last) for entry in pulled.entries] == [(1, 1), (2, 2), (3, 3)]

    pulled = Pulled.from_bytes(await ask(country, TOKYO, CHIYODA, limit=2))
    assert [(entry.first, entry.last) for entry in pulled.entries] == [(1, 1), (2, 2)]


async def test_what_waits_becomes_one_batch(country: Country):
    """Three notices that wait are one batch, one signature, one entry."""
    for _ in range(3):
        await country.enter(CHIYODA)
    await country.sequence(CHIYODA)

    (entry,) = Pulled.from_bytes(await ask(country, TOKYO, CHIYODA)).entries

    assert (entry.first, entry.last) == (1, 3)


async def append(country: Country, payload: bytes) -> None:
    """Put a payload on Chiyoda's link to its prefecture, as it is."""
    town = await country.node(CHIYODA)
    salt = town.entropy(journal.SALT_SIZE)
    entry = journal.Entry(
        kind="notice.issued", recorded_at=town.clock(), payload=payload, salt=salt, recipients=(TOKYO,)
    )
    await town.read(lambda connection: journal.append(connection, [entry]))
    await country.sequence(CHIYODA)


LEFT = [
    pytest.param([], Taken(0, more=False), id="nothing waits"),
    pytest.param([10], Taken(1, more=False), id="one small entry was everything"),
    pytest.param([10, 10], Taken(2, more=True), id="several entries may have filled the answer"),
    pytest.param([60_000], Taken(1, more=True), id="a large entry may have left no room for the next"),
]


@pytest.mark.parametrize(("sizes", "taken"), LEFT)
async def test_a_pull_says_whether_something_may_be_left(country: Country, sizes, taken):
    """Whoever may have left something behind pulls again at once; others wait for the bell."""
    tokyo = await country.connected(TOKYO)
    await country.connected(CHIYODA)
    for size in sizes:
        await append(country, random.Random(size).randbytes(size).replace(b"\n", b" "))
        await ask(country, TOKYO, CHIYODA)  # forms a batch of its own

    assert await exchange.pull_once(tokyo, CHIYODA, prefecture.receive) == taken


async def pulling(country: Country, node: str, source: str) -> None:
    """One turn of a node's own pulling, as its loop takes it."""
    puller = await country.connected(node)
    await country.connected(source)
    await work._pulling(puller, source, ROLES[puller.settings.kind])()


async def test_a_sender_restored_from_an_older_backup_stops_the_link(country: Country):
    """A town whose book ends before its prefecture's mark answers no pull; the prefecture raises an alarm."""
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    for table in ("link_batch", "link_entry", "link", "journal"):
        country.rows(CHIYODA, f"DELETE FROM {table}")
    country.rows(CHIYODA, "UPDATE tree SET size = 0, root = sha256(''), frontier = ''")
    mark = country.rows(TOKYO, MARK)

    for _ in range(2):  # what is being said already is not said again
        with pytest.raises(PeerRefused):
            await pulling(country, TOKYO, CHIYODA)

    assert country.rows(TOKYO, MARK) == mark
    point = {"seq": 1, "size": 2}
    assert await country.alarms(TOKYO) == [
        ("link-stopped", {"source": CHIYODA, "code": JournalForked.code, **point})
    ]
    assert await country.alarms(CHIYODA) == [("journal-forked", {"recipient": TOKYO, **point})]


async def test_a_sender_whose_journal_has_shrunk_stops_the_link(country: Country):
    """A journal smaller than it was seen is another journal: nothing of it is applied, and alarms are raised."""
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    await country.enter(CHIYODA)
    await country.sequence(CHIYODA)
    country.rows(TOKYO, "UPDATE mark SET size = 99")

    before = country.rows(TOKYO, VERSIONS), country.rows(TOKYO, MARK)

    with pytest.raises(PeerRefused):
        await pulling(country, TOKYO, CHIYODA)

    assert (country.rows(TOKYO, VERSIONS), country.rows(TOKYO, MARK)) == before
    ((kind, detail),) = await country.alarms(CHIYODA)
    assert (kind, detail) == ("journal-forked", {"recipient": TOKYO, "seq": 1, "size": 99})


async def test_a_sender_that_hides_its_fork_is_found_out(country: Country, monkeypatch: pytest.MonkeyPatch):
    """A sender that proves what it likes convinces nobody whose mark it does not extend."""
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    country.rows(TOKYO, "UPDATE mark SET root = sha256('another')")
    monkeypatch.setattr(exchange.merkle, "verify_consistency", lambda *_: None)
    answer = await ask(country, TOKYO, CHIYODA)
    monkeypatch.undo()

    mark = await country.nodes[TOKYO].read(lambda connection: links.read_mark(connection, CHIYODA))
    with pytest.raises(IntegrityFailure):
        link.receive(mark, Pulled.from_bytes(answer))


async def test_every_answer_proves_that_the_journal_grew(country: Country):
    """From any mark that a receiver has, an answer brings the proof that convinces it."""
    for number in range(6):
        await country.enter(CHIYODA)
        await country.pull(TOKYO, CHIYODA)
        ((size,),) = country.rows(TOKYO, "SELECT size FROM mark")
        assert size == 2 * (number + 1)


async def test_a_link_that_goes_on_settles_its_alarm(country: Country):
    """Whatever stopped a link: once it brings something again, nobody need look any more."""
    await country.enter(CHIYODA)
    await country.sequence(CHIYODA)
    country.rows(CHIYODA, "UPDATE link_entry SET seq = 7")
    tokyo = await country.connected(TOKYO)
    await country.connected(CHIYODA)
    step = work._pulling(tokyo, CHIYODA, ROLES[tokyo.settings.kind])
    with pytest.raises(LinkGap):
        await step()
    assert len(await country.alarms(TOKYO)) == 1

    country.rows(CHIYODA, "UPDATE link_entry SET seq = 1")
    country.rows(CHIYODA, "DELETE FROM link_batch")
    await step()
    assert await country.alarms(TOKYO) == []


async def test_a_gap_in_a_link_stops_it(country: Country):
    """Where an entry of a link is missing, nothing after it is applied, and an alarm is raised."""
    for _ in range(2):
        await country.enter(CHIYODA)
        await country.sequence(CHIYODA)
    country.rows(CHIYODA, "DELETE FROM link_entry WHERE recipient = %s AND seq = 1", TOKYO)

    with pytest.raises(LinkGap):
        await pulling(country, TOKYO, CHIYODA)

    assert country.rows(TOKYO, VERSIONS) == []
    stopped = {"source": CHIYODA, "code": LinkGap.code, "seq": 0, "size": 0}
    assert await country.alarms(TOKYO) == [("link-stopped", stopped)]


async def test_a_receiver_restored_from_a_backup_pulls_again(country: Country):
    """A Centre that was restored asks again for what it had, and gets it: it is kept for some weeks."""
    await country.enter(CHIYODA)
    await country.settle(CHIYODA, TOKYO, CENTRE)
    await country.pull(CENTRE, TOKYO)
    had = country.rows(CENTRE, VERSIONS)
    country.ground.clear(CENTRE)

    while await country.pull(CENTRE, TOKYO):
        pass
    assert country.rows(CENTRE, VERSIONS) == had


async def test_a_prefecture_restored_from_a_backup_pulls_again(country: Country):
    """A town forms its batches anew for a prefecture that has lost them, also where a later one is still kept."""
    for _ in range(2):
        await country.enter(CHIYODA)
        await country.pull(TOKYO, CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    await country.enter(CHIYODA)
    await country.sequence(CHIYODA)
    await ask(country, TOKYO, CHIYODA)  # forms a batch that is kept
    country.ground.clear(TOKYO)

    assert await country.pull(TOKYO, CHIYODA) == 3
    assert len(country.rows(TOKYO, VERSIONS)) == 3


async def test_a_receiver_restored_from_too_old_a_backup_is_told_what_is_erased(country: Country):
    """A Centre that asks again for what its prefecture has erased is refused, and raises an alarm."""
    await country.enter(CHIYODA)
    await country.settle(CHIYODA, TOKYO, CENTRE)
    await country.pull(CENTRE, TOKYO)
    country.clock.advance(days=36)
    await exchange.erase_passed(country.nodes[TOKYO])
    country.rows(CENTRE, "DELETE FROM mark WHERE sender = %s", TOKYO)

    with pytest.raises(PeerRefused) as caught:
        await pulling(country, CENTRE, TOKYO)

    assert caught.value.peer_code == LinkGap.code
    stopped = {"source": TOKYO, "code": LinkGap.code, "seq": 0, "size": 0}
    assert ("link-stopped", stopped) in await country.alarms(CENTRE)


async def test_a_stopped_link_stops_no_other(country: Country):
    """One town's link is stopped; another's of the same prefecture goes on."""
    await country.enter(CHIYODA)
    await country.sequence(CHIYODA)
    country.rows(CHIYODA, "UPDATE link_entry SET seq = 7 WHERE recipient = %s", TOKYO)
    with pytest.raises(LinkGap):
        await pulling(country, TOKYO, CHIYODA)

    await country.enter(CHUO)

    assert await country.pull(TOKYO, CHUO) == 1
    assert country.rows(TOKYO, VERSIONS) == [(CHUO, 1, 1)]


async def test_a_refused_request_of_the_peer_is_no_stopped_link(country: Country):
    """A peer that refuses for another reason is asked again; that is no alarm."""
    town = await country.connected(CHIYODA)
    town.clock = lambda: country.clock() + timedelta(hours=1)

    with pytest.raises(PeerRefused):
        await pulling(country, TOKYO, CHIYODA)
    assert await country.alarms(TOKYO) == []
