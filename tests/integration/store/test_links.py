# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import datetime, timedelta

import psycopg
import pytest

from openjuki.config import JST, Kind
from openjuki.errors import JournalForked, LinkGap, Overtaken, ReplayedEnvelope
from openjuki.store import journal, links
from openjuki.store.database import connect
from openjuki.store.journal import Entry
from openjuki.store.links import Batch
from openjuki.store.sequencer import sequence
from openjuki.wire.link import START, Mark

pytestmark = pytest.mark.postgres

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=JST)
LATER = NOON + timedelta(days=1)
MARK = Mark(seq=3, size=9, root=bytes(32))


def at(seq: int) -> Mark:
    """A recipient's mark."""
    return replace(MARK, seq=seq)


async def put(
    connection,
    *payloads: bytes,
    kind: str = "notice.issued",
    to: str = "130001",
    recorded_at: datetime = NOON,
) -> None:
    entries = [
        Entry(kind=kind, recorded_at=recorded_at, payload=payload, salt=os.urandom(32), recipients=(to,))
        for payload in payloads
    ]
    await journal.append(connection, entries)
    await sequence(connection)


class TestEnvelopes:
    async def test_an_envelope_is_accepted_once(self, centre):
        """The same (from, id) is refused the second time; another sender's or another id is not."""
        await links.accept_once(centre, "131016", "a", NOON)
        await links.accept_once(centre, "131016", "b", NOON)
        await links.accept_once(centre, "131024", "a", NOON)

        with pytest.raises(ReplayedEnvelope):
            await links.accept_once(centre, "131016", "a", NOON + timedelta(hours=1))

    async def test_a_replay_that_races_waits_and_is_refused(self, new_database):
        """Two workers that receive one envelope at once: one accepts it, when it commits the other refuses."""
        url = new_database(Kind.CENTRE)
        async with await connect(url) as one, await connect(url) as other:
            await links.accept_once(one, "131016", "a", NOON)
            racing = asyncio.create_task(links.accept_once(other, "131016", "a", NOON))
            await asyncio.sleep(0.1)
            await one.commit()

            with pytest.raises(ReplayedEnvelope):
                await racing

    async def test_expired_envelopes_are_forgotten(self, centre):
        """What would be refused for its age need not be remembered."""
        await links.accept_once(centre, "131016", "old", NOON)
        await links.accept_once(centre, "131016", "new", NOON + timedelta(minutes=2))

        assert await links.forget_expired(centre, NOON + timedelta(minutes=1)) == 1
        await links.accept_once(centre, "131016", "old", NOON)


class TestSending:
    async def test_what_waits_follows_the_number_asked_after(self, municipality):
        """A recipient gets what follows its mark, in order, up to the limit."""
        await put(municipality, b"1", b"2", b"3", b"4")

        waiting = await links.waiting(municipality, "130001", after=1, limit=2, room=100)
        assert waiting == [(2, "notice.issued", b"2"), (3, "notice.issued", b"3")]

    async def test_room_limits_what_is_given_but_one_entry_always_is(self, municipality):
        """Entries are given while there is room; the first even if it is too large."""
        await put(municipality, bytes(50), bytes(30), bytes(30))

        async def count(after: int, room: int) -> int:
            return len(await links.documents(municipality, "130001", after=after, limit=9, room=room))

        assert [await count(0, 80), await count(0, 10), await count(1, 59), await count(3, 59)] == [
            2,
            1,
            1,
            0,
        ]

    async def test_nobody_gets_what_is_for_another(self, municipality):
        """Each link holds its recipient's entries only."""
        await put(municipality, b"for the prefecture")

        assert await links.waiting(municipality, "centre", after=0, limit=9, room=100) == []

    async def test_a_formed_batch_is_kept_until_it_is_acknowledged(self, municipality):
        """A repeated pull gets the same bytes; an acknowledged batch is thrown away."""
        await put(municipality, b"1", b"2", b"3")
        one, two = Batch(first=1, last=2, document=b"one"), Batch(first=3, last=3, document=b"two")
        await links.keep_batch(municipality, "130001", one)
        await links.keep_batch(municipality, "130001", two)

        assert await links.batches(municipality, "130001", after=0) == [one, two]
        assert await links.batches(municipality, "130001", after=2) == [two]
        await links.acknowledge(municipality, "130001", at(2))
        assert await links.batches(municipality, "130001", after=0) == [two]

    async def test_two_workers_cannot_form_one_batch(self, municipality):
        """A batch that begins where a kept one begins is refused by its key."""
        await links.keep_batch(municipality, "130001", Batch(first=1, last=2, document=b"one"))

        with pytest.raises(psycopg.errors.UniqueViolation):
            await links.keep_batch(municipality, "130001", Batch(first=1, last=3, document=b"two"))

    async def test_what_is_passed_on_is_erased_when_it_has_arrived_long_ago(self, prefecture):
        """A town's batch leaves the prefecture some time after the centre has it; its leaf stays."""
        await put(prefecture, b"first", b"second", kind="batch.passed", to="centre")
        await links.acknowledge(prefecture, "centre", at(1))

        assert await links.erase_passed(prefecture, NOON) == 0
        assert await links.erase_passed(prefecture, LATER) == 1
        rows = await journal.read(prefecture)
        assert [(row.payload, row.salt is None) for row in rows] == [(None, True), (b"second", False)]
        for row in rows:
            row.verify()

    async def test_erasing_goes_on_where_it_ended(self, prefecture):
        """What was erased is not looked at again, and what is not old enough stops it."""
        await put(prefecture, b"first", b"second", kind="batch.passed", to="centre")
        await put(prefecture, b"third", kind="batch.passed", to="centre", recorded_at=LATER)
        await put(prefecture, b"fourth", kind="batch.passed", to="centre")
        await links.acknowledge(prefecture, "centre", at(4))
        await links.erase_passed(prefecture, LATER)

        assert await links.erase_passed(prefecture, LATER) == 0
        assert [row.payload for row in await journal.read(prefecture)] == [None, None, b"third", b"fourth"]
        await links.erase_passed(prefecture, LATER + timedelta(days=1))
        assert [row.payload for row in await journal.read(prefecture)] == [None] * 4

    async def test_a_nodes_own_entries_are_not_erased(self, municipality):
        """What a node issued itself stays in its book after it has arrived."""
        await put(municipality, b"own")
        await links.acknowledge(municipality, "130001", at(1))
        await links.erase_passed(municipality, LATER)

        (row,) = await journal.read(municipality)
        assert row.payload == b"own"

    async def test_asking_again_for_what_is_erased_stops_the_link(self, prefecture):
        """A recipient that lost what it had is told so, rather than given a gap."""
        await put(prefecture, b"first", b"second", kind="batch.passed", to="centre")
        await links.acknowledge(prefecture, "centre", at(1))
        assert await links.documents(prefecture, "centre", after=0, limit=9, room=100)
        await links.erase_passed(prefecture, LATER)

        with pytest.raises(LinkGap):
            await links.documents(prefecture, "centre", after=0, limit=9, room=100)

    async def test_an_older_acknowledgement_changes_nothing(self, municipality):
        """Pulls may arrive out of order: what was acknowledged stays so."""
        await put(municipality, b"1", b"2", b"3")
        await links.acknowledge(municipality, "130001", at(3))
        await links.acknowledge(municipality, "130001", at(1))

        cursor = await municipality.execute("SELECT acknowledged FROM link")
        assert await cursor.fetchone() == (3,)

    @pytest.mark.parametrize("seq", [2, 99])
    async def test_a_recipient_with_more_than_was_sent_shows_a_restored_book(self, municipality, seq):
        """A recipient that has entries this book never sent proves that the book is an older copy."""
        await put(municipality, b"1")

        with pytest.raises(JournalForked):
            await links.acknowledge(municipality, "130001", at(seq))


class TestReceiving:
    async def test_a_new_sender_starts_at_the_empty_journal(self, centre):
        """Before anything was taken in, the mark is that of an empty journal."""
        assert await links.read_mark(centre, "130001") == START

    async def test_the_mark_moves_from_where_it_was(self, centre):
        """A mark that was read may be moved on."""
        await links.advance_mark(centre, "130001", START, MARK, NOON)
        after = Mark(seq=4, size=10, root=b"\x01" * 32)
        await links.advance_mark(centre, "130001", MARK, after, NOON)

        assert after == await links.read_mark(centre, "130001")

    @pytest.mark.parametrize(
        "before", [START, Mark(seq=3, size=8, root=bytes(32))], ids=["first time", "later"]
    )
    async def test_a_slower_worker_does_not_move_the_mark(self, centre, before):
        """Of two workers that pulled the same entries, the second is told that it was overtaken."""
        await links.advance_mark(centre, "130001", START, MARK, NOON)

        with pytest.raises(Overtaken):
            await links.advance_mark(centre, "130001", before, Mark(seq=5, size=11, root=bytes(32)), NOON)
        assert await links.read_mark(centre, "130001") == MARK

    async def test_each_towns_mark_is_its_own(self, centre):
        """Marks per municipality start at 0 and move forwards one by one."""
        assert await links.origin_marks(centre, ["131016", "131024"]) == {"131016": 0, "131024": 0}
        await links.advance_origin(centre, "131016", 0, 7)
        await links.advance_origin(centre, "131016", 7, 9)

        assert await links.origin_marks(centre, ["131016", "131024"]) == {"131016": 9, "131024": 0}
        with pytest.raises(Overtaken):
            await links.advance_origin(centre, "131016", 7, 10)
