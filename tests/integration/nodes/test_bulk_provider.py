# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A provider in bulk: decided once, answered by the part, told only what is recorded, gone on with after anything."""

from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from fixtures.bulk import asks, codes, column
from fixtures.ground import PENSIONS, TAX_OFFICE
from fixtures.network import CENTRE, CHUO, TOKYO
from fixtures.notices import code_of
from fixtures.provisions import vouch
from openjuki.errors import (
    BadEnvelope,
    ForgedEnvelope,
    LogNotSigned,
    PeerRefused,
    PeerUnavailable,
    StoreUnavailable,
)
from openjuki.law.basis import Method
from openjuki.nodes.bulk import jobs, recording, register, spool
from openjuki.residents.look_up import Result
from openjuki.store.jobs import Name
from openjuki.wire.apart import Reader
from openjuki.wire.bulk import NO_ARTICLE, RESULTS, KeyKind, Standing
from openjuki.wire.columns import KEY_SCHEMAS, read_columns
from openjuki.wire.errors import NotOnOffer, StateBehind

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from fixtures.bulk import Asking
    from fixtures.offices import Country
    from openjuki.wire.bulk import BulkRequest, Progress

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


@pytest.fixture
async def asking(country: Country) -> Asking:
    """Two persons live in 中央区, the Centre knows them, and the pension agency is on the line."""
    await country.enter(CHUO)
    await country.enter(CHUO, name="鈴木　実", furigana="スズキ　ミノル")
    await country.settle(CHUO, TOKYO, CENTRE)
    vouch(country)
    centre = await country.connected(CENTRE)
    centre.bulk.reader = Here()  # a child takes a second to begin
    return await asks(country, PENSIONS)


class Here(Reader):
    """Reads columns without a child."""

    async def read(self, raw: bytes, schema: pa.Schema, rows: int) -> pa.Table:
        """Likewise."""
        return read_columns(raw, schema, rows)


async def work(asking: Asking, *, turns: int = 10) -> None:
    """Let the Centre go through what waits."""
    await jobs.answer_waiting(await asking.country.node(CENTRE), turns)


async def done(asking: Asking, request: BulkRequest) -> Progress:
    """A request that is gone through to its end."""
    await asking.put(request)
    await work(asking)
    return await asking.state(request)


def results(table) -> list[str]:
    """What became of each row."""
    return [RESULTS[one].value for one in column(table, "result")]


async def answered_with(code: str, coroutine: Awaitable[object]) -> None:
    """The provider answers with this code."""
    with pytest.raises(PeerRefused) as caught:
        await coroutine
    assert caught.value.peer_code == code


async def test_an_answer_has_a_row_for_each_key_in_their_order(asking: Asking):
    """Found, nobody, unreadable, found again: each in its place, with the granted items and the article."""
    request = asking.request(codes(code_of(2), 99999999990, None, code_of(1), code_of(2)))
    progress = await done(asking, request)
    table = await asking.part(request)
    manifest, _ = await asking.manifest(request, 0)

    assert (progress.standing, progress.answered) == (Standing.DONE, 1)
    assert results(table) == ["matched", "none", "malformed", "matched", "matched"]
    assert column(table, "name") == ["鈴木　実", None, None, "渡邉　葵", "鈴木　実"]
    assert [one == NO_ARTICLE for one in column(table, "article")] == [False, True, True, False, False]
    assert progress.results == {Result.MATCHED: 3, Result.NONE: 1, Result.MALFORMED: 1}
    assert manifest.articles[column(table, "article")[0]].startswith("法30条の9")


async def test_part_by_part(asking: Asking, monkeypatch):
    """A request of several parts is recorded and can be pulled one after the other."""
    monkeypatch.setattr(jobs, "MOST_TURN_ROWS", 1)
    request = asking.request(codes(code_of(1)), codes(code_of(2)), codes(5))
    await asking.put(request)
    await work(asking, turns=1)
    assert (await asking.state(request)).answered == 1
    assert results(await asking.part(request, 0)) == ["matched"]
    await answered_with(NotOnOffer.code, asking.part(request, 1))
    await work(asking)

    assert (await asking.state(request)).standing is Standing.DONE
    assert [results(await asking.part(request, part)) for part in (1, 2)] == [["matched"], ["none"]]


async def test_what_is_told_is_in_the_log_and_in_the_journal(asking: Asking):
    """One row of the journal for the decision, one for each part; who was told about stands in the log by code."""
    request = asking.request(codes(code_of(1), 5))
    await done(asking, request)
    rows = asking.country.rows(
        CENTRE, "SELECT kind FROM journal_pending WHERE kind ~ '^(bulk|provision)' ORDER BY id"
    )

    assert [kind for (kind,) in rows] == ["bulk.granted", "provision.part"]
    assert asking.country.rows(CENTRE, "SELECT asker, request, number, asked, rows FROM provision_part") == [
        (PENSIONS, request.id, 0, 2, 1)
    ]


@pytest.mark.parametrize("member", ["affair", "office", "operator", "terminal", "reason"])
async def test_what_no_book_can_hold_is_malformed(asking: Asking, member: str):
    """U+0000 in what an asker says of itself: told so, and nothing of it is written down."""
    request = replace(asking.request(codes(5)), **{member: "a\0b"})

    await answered_with(BadEnvelope.code, asking.put(request))
    assert asking.country.rows(CENTRE, "SELECT request FROM bulk_job") == []


async def test_requests_that_wait_together_are_answered_together(asking: Asking, monkeypatch):
    """One turn takes the next part of each; each is answered by itself."""
    monkeypatch.setattr(jobs, "MOST_TURN_ROWS", 3)
    one = asking.request(codes(code_of(1)), codes(5))
    other = asking.request(codes(5, code_of(2)))
    await asking.put(one)
    await asking.put(other)
    await work(asking, turns=1)

    assert [(await asking.state(request)).answered for request in (one, other)] == [1, 1]
    assert results(await asking.part(other)) == ["none", "matched"]


async def test_a_request_that_the_law_does_not_carry_is_refused_once(asking: Asking):
    """Nothing is pulled for it; the refusal stands in the journal."""
    request = asking.request(codes(code_of(1)), affair="no-such-affair")
    progress = await asking.put(request)
    await work(asking)

    assert progress.standing is Standing.REFUSED
    assert progress.refusal.rule == "affair-is-known" or progress.refusal.rule
    assert asking.pulled == []
    assert len(asking.country.journal(CENTRE, "bulk.refused")) == 1
    await answered_with(NotOnOffer.code, asking.part(request))


async def test_the_same_request_is_known(asking: Asking):
    """Sent again it is not decided again, and goes on where it is; another under its id is refused."""
    request = asking.request(codes(code_of(1)))
    await done(asking, request)
    again = await asking.put(request)

    assert (again.known, again.standing, again.answered) == (True, Standing.DONE, 1)
    assert len(asking.country.journal(CENTRE, "bulk.granted")) == 1
    await answered_with("JK-PEER-0017", asking.put(replace(request, reason="別件")))


async def test_another_method_does_not_come_over_the_line(asking: Asking):
    """What is asked online is answered online, and counted so."""
    request = asking.request(codes(code_of(1)), method=Method.ONLINE)

    await answered_with("JK-PEER-0002", asking.put(request))


async def test_a_request_is_called_off_between_two_parts(asking: Asking, monkeypatch):
    """What was recorded stays and may be pulled; nothing is recorded after."""
    monkeypatch.setattr(jobs, "MOST_TURN_ROWS", 1)
    request = asking.request(codes(code_of(1)), codes(code_of(2)))
    await asking.put(request)
    await work(asking, turns=1)
    progress = await asking.cancel(request)
    await work(asking)

    assert (progress.standing, progress.answered) == (Standing.CANCELLED, 1)
    assert (await asking.state(request)).answered == 1
    assert results(await asking.part(request, 0)) == ["matched"]
    assert len(asking.country.journal(CENTRE, "bulk.cancelled")) == 1
    assert (await asking.cancel(request)).standing is Standing.CANCELLED
    assert len(asking.country.journal(CENTRE, "bulk.cancelled")) == 1


async def test_a_part_that_is_under_way_when_it_is_called_off_is_not_told(asking: Asking, monkeypatch):
    """Its file is gone, and its log was never kept."""
    request = asking.request(codes(code_of(1)))
    await asking.put(request)
    centre = await asking.country.node(CENTRE)
    answer = jobs.answers

    async def meanwhile(*asked):
        await asking.cancel(request)
        return await answer(*asked)

    monkeypatch.setattr(jobs, "answers", meanwhile)
    await work(asking)

    assert (await asking.state(request)).answered == 0
    assert asking.country.rows(CENTRE, "SELECT count(*) FROM provision_part") == [(0,)]
    assert not spool.folder(centre, Name(PENSIONS, request.id)).exists()


async def test_what_comes_after_a_part_that_was_not_recorded_is_answered_again(asking: Asking, monkeypatch):
    """Parts are recorded in their order, though the next one is answered before it is known whether this one is."""
    monkeypatch.setattr(jobs, "MOST_TURN_ROWS", 1)
    request = asking.request(*(codes(code_of(1)) for _ in range(4)))
    await asking.put(request)
    record, numbers, lost = recording.record, [], [1]

    async def sometimes(node, due, *answered):
        numbers.append(due.number)
        if due.number in lost:
            lost.remove(due.number)
            raise StoreUnavailable
        return await record(node, due, *answered)

    monkeypatch.setattr(recording, "record", sometimes)
    await work(asking)
    waiting = await asking.state(request)
    asking.country.clock.advance(seconds=5)
    await work(asking)

    assert (waiting.answered, waiting.code) == (1, StoreUnavailable.code)
    assert numbers == [0, 1, 1, 2, 3]
    assert (await asking.state(request)).standing is Standing.DONE
    assert asking.country.rows(CENTRE, "SELECT count(*) FROM provision_part") == [(4,)]


async def test_parts_of_a_request_share_a_pass(asking: Asking, monkeypatch):
    """The parts that fit into a turn are answered together, and recorded one by one."""
    request = asking.request(codes(code_of(1)), codes(5), codes(code_of(2)))
    await asking.put(request)
    answer, passes = jobs.answers, []

    async def counted(node, asked):
        passes.append(len(asked))
        return await answer(node, asked)

    monkeypatch.setattr(jobs, "answers", counted)
    await work(asking)

    assert passes == [3]
    assert [results(await asking.part(request, part)) for part in range(3)] == [
        ["matched"],
        ["none"],
        ["matched"],
    ]


async def test_while_a_turn_is_answered_the_keys_of_the_next_come(asking: Asking, monkeypatch):
    """The register waits for no line; each part is pulled once."""
    monkeypatch.setattr(jobs, "MOST_TURN_ROWS", 1)
    request = asking.request(*(codes(code_of(1)) for _ in range(3)))
    await asking.put(request)
    answer, pulled = jobs.answers, []

    async def late(node, asked):
        pulled.append(len(asking.pulled) + 1)
        async with asyncio.timeout(60):
            while len(asking.pulled) < min(pulled[-1], 3):  # noqa: ASYNC110 - what is waited for is another's
                await asyncio.sleep(0.01)
        return await answer(node, asked)

    monkeypatch.setattr(jobs, "answers", late)
    await work(asking)

    assert (await asking.state(request)).standing is Standing.DONE
    assert pulled == [2, 3, 4]
    assert len(asking.pulled) == 3


async def test_an_asker_that_is_away_is_waited_for(asking: Asking):
    """Its request waits with the reason, and goes on when it is back."""
    request = asking.request(codes(code_of(1)))
    await asking.put(request)
    asking.error = PeerUnavailable("not just now")
    await work(asking)
    waiting = await asking.state(request)
    asking.error = None
    asking.country.clock.advance(seconds=5)
    await work(asking)

    assert (waiting.standing, waiting.code) == (Standing.WAITING, PeerUnavailable.code)
    assert (await asking.state(request)).standing is Standing.DONE


async def test_keys_that_are_not_the_ones_announced_fail_their_request_alone(asking: Asking):
    """Whoever sends others in their place is told so, and nothing was looked up; the others go on."""
    request, other = asking.request(codes(code_of(1))), asking.request(codes(code_of(2)))
    asking.offered[request.id, 0] = [b"something else"]
    await asking.put(request)
    await asking.put(other)
    await work(asking)
    progress = await asking.state(request)

    assert (progress.standing, progress.code, progress.answered) == (Standing.FAILED, ForgedEnvelope.code, 0)
    assert (await asking.state(other)).standing is Standing.DONE


async def test_nothing_is_told_while_nobody_vouches_for_the_journal(asking: Asking):
    """A new request is not even decided; one that was accepted waits."""
    request = asking.request(codes(code_of(1)))
    await asking.put(request)
    asking.country.clock.advance(seconds=61)
    await work(asking)
    progress = await asking.state(request)

    assert (progress.standing, progress.code, progress.answered) == (Standing.WAITING, LogNotSigned.code, 0)
    with pytest.raises(PeerUnavailable):
        await asking.put(asking.request(codes(5)))


async def test_somebody_elses_request_is_nobodys(asking: Asking, country: Country):
    """It cannot be asked about, called off, nor pulled; not even its existence is told."""
    request = asking.request(codes(code_of(1)))
    await done(asking, request)
    other = await asks(country, TAX_OFFICE)

    for attempt in (
        other.state(request),
        other.cancel(request),
        other.part(request),
        other.chunk(request, 0, 0),
    ):
        await answered_with(NotOnOffer.code, attempt)
    assert (await asking.state(request)).standing is Standing.DONE


async def test_a_receipt_is_recorded_and_lets_the_part_go(asking: Asking):
    """The row of the receipt is the document itself; what opens the part is gone, and then its file."""
    request = asking.request(codes(code_of(1)), codes(code_of(2)))
    await done(asking, request)
    progress = await asking.receipt(request, 0, 1)
    again = await asking.state(request)

    assert progress.receipted == again.receipted == 2
    assert len(asking.country.journal(CENTRE, "bulk.receipted")) == 1
    await answered_with(NotOnOffer.code, asking.part(request, 0))
    await answered_with(NotOnOffer.code, asking.chunk(request, 0, 0))
    centre = await asking.country.node(CENTRE)
    await jobs.tidy_bulk(centre)
    assert asking.country.rows(CENTRE, "SELECT body FROM bulk_job") == [(None,)]


async def test_a_mistake_of_ours_hinders_only_whom_it_is_about(asking: Asking, monkeypatch):
    """Of several requests, each is tried alone; the one that cannot be answered waits longer."""
    bad, good = asking.request(codes(666)), asking.request(codes(code_of(1)))
    answer = jobs.answers

    async def mistaken(node, asked):
        if any(666 in question.keys.column(0).to_pylist() for _, question in asked):
            raise ZeroDivisionError
        return await answer(node, asked)

    monkeypatch.setattr(jobs, "answers", mistaken)
    await asking.put(bad)
    await asking.put(good)
    await work(asking)

    assert (await asking.state(good)).standing is Standing.DONE
    assert (await asking.state(bad)).code == "JK-GENERAL-0001"


async def test_a_part_that_cannot_be_made_hinders_only_its_request(asking: Asking, monkeypatch):
    """What was found for the others in the same pass is told; the one waits, and goes on where it was."""
    bad, good = asking.request(codes(666)), asking.request(codes(code_of(1)))
    answer, wrong = jobs.answers, [666]

    async def mistaken(node, asked):
        def make(question, made):
            if question.keys.column(0).to_pylist() == wrong:
                raise ZeroDivisionError
            return made()

        found = await answer(node, asked)
        return [partial(make, question, made) for (_, question), made in zip(asked, found, strict=True)]

    monkeypatch.setattr(jobs, "answers", mistaken)
    await asking.put(bad)
    await asking.put(good)
    await work(asking)
    hindered = await asking.state(bad)
    wrong.clear()
    asking.country.clock.advance(seconds=61)
    await asking.country.sequence(CENTRE)
    await work(asking)

    assert (await asking.state(good)).standing is Standing.DONE
    assert (hindered.standing, hindered.code) == (Standing.WAITING, "JK-GENERAL-0001")


async def test_what_was_found_with_a_part_that_cannot_be_made_is_found_again(asking: Asking, monkeypatch):
    """The pass is lost with it; the others need not wait until it can be made."""
    first, bad, last = (asking.request(codes(code)) for code in (code_of(1), 666, code_of(2)))
    answer = jobs.answers

    async def mistaken(node, asked):
        def parts(made):
            for (_, question), make in zip(asked, made, strict=True):
                if len(asked) > 1 and question.keys.column(0).to_pylist() == [666]:
                    raise ZeroDivisionError
                yield make()

        coming = register.Coming(parts(await answer(node, asked)))
        return [partial(coming.part, number) for number in range(len(asked))]

    monkeypatch.setattr(jobs, "answers", mistaken)
    for request in (first, bad, last):
        await asking.put(request)
    await work(asking)

    standings = [(await asking.state(request)).standing for request in (first, bad, last)]
    assert standings == [Standing.DONE, Standing.WAITING, Standing.DONE]


async def test_the_register_is_free_while_what_was_found_becomes_parts(asking: Asking, monkeypatch):
    """The pass of the next turn does not wait for the parts of the one before it."""
    monkeypatch.setattr(jobs, "MOST_TURN_ROWS", 1)
    request = asking.request(codes(code_of(1)), codes(code_of(2)))
    await asking.put(request)
    answer, passes, going_on = jobs.answers, [], threading.Event()

    async def passing(node, asked):
        passes.append(asked)
        if len(passes) == 2:
            going_on.set()

        def make(made):
            assert going_on.wait(60)
            return made()

        return [partial(make, made) for made in await answer(node, asked)]

    monkeypatch.setattr(jobs, "answers", passing)
    await work(asking)

    assert (await asking.state(request)).standing is Standing.DONE


async def test_four_items_lead_to_somebody_too(asking: Asking):
    """Name, birth date, sex and address, as the file has them."""
    keys = pa.table(
        [
            ["渡辺　葵", "渡辺　葵"],
            ["1990-01-01", "1990-01-02"],
            ["female", "female"],
            ["一番町1番地", "一番町1番地"],
        ],
        schema=KEY_SCHEMAS[KeyKind.FOUR_ITEMS],
    )
    request = asking.request(keys, kind=KeyKind.FOUR_ITEMS)
    await done(asking, request)

    assert results(await asking.part(request)) == ["matched", "none"]


async def test_both_engines_say_the_same(asking: Asking):
    """A large request is answered from the snapshot, which knows what is in the journal."""
    keys = codes(code_of(2), 99999999990, None, code_of(1))
    by_database, by_snapshot = asking.request(keys), asking.request(keys)
    await done(asking, by_database)
    centre = await asking.country.node(CENTRE)
    await asking.country.sequence(CENTRE)
    centre.settings = replace(centre.settings, bulk_by_database_up_to=0)
    await done(asking, by_snapshot)

    assert centre.bulk.snapshot is not None
    assert (await asking.part(by_snapshot)).equals(await asking.part(by_database))


async def test_a_snapshot_that_misses_what_was_recorded_a_while_ago_tells_nothing(asking: Asking):
    """Where the sequencer has stood still for a minute, large requests wait; small ones are answered from the database."""
    centre = await asking.country.node(CENTRE)
    small, large = asking.request(codes(code_of(1))), asking.request(codes(code_of(1), 5))
    centre.settings = replace(centre.settings, bulk_by_database_up_to=1)
    await asking.put(small)
    await asking.put(large)
    asking.country.rows(
        CENTRE, "UPDATE journal_pending SET recorded_at = recorded_at - interval '61 seconds'"
    )
    await work(asking)
    waiting = await asking.state(large)

    assert (waiting.standing, waiting.code, waiting.answered) == (Standing.WAITING, StateBehind.code, 0)
    assert (await asking.state(small)).standing is Standing.DONE


async def test_what_came_on_a_medium_is_not_pulled(asking: Asking):
    """Sealed keys that lie at the provider are read from there, and removed when the request has ended."""
    centre = await asking.country.node(CENTRE)
    request = asking.request(codes(code_of(1)))
    name = Name(PENSIONS, request.id)
    spool.put_keys(centre, name, 0, asking.offered.pop((request.id, 0)))
    await done(asking, request)
    await asking.receipt(request, 0)
    await jobs.tidy_bulk(centre)

    assert asking.pulled == []
    assert not spool.folder(centre, name).exists() or not list(spool.folder(centre, name).glob("keys-*"))
