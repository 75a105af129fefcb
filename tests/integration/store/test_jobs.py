# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests in bulk at their provider: taken once, gone through part by part, called off between two, let go of."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

import numpy as np
import psycopg
import pytest

from fixtures.parts import a_part, drawn
from openjuki.config import JST
from openjuki.law.basis import Method
from openjuki.refusal import Refusal
from openjuki.residents.look_up import Result
from openjuki.store import jobs, parts
from openjuki.store.jobs import Answer, Name
from openjuki.wire.answered import ReceiptedPart
from openjuki.wire.bulk import KEY_SIZE, BulkRequest, KeyKind, KeyPart, Standing

pytestmark = pytest.mark.postgres

AT = datetime(2026, 11, 22, 12, 0, tzinfo=JST)
ASKER = "agency-nenkin"
PART = KeyPart(rows=3, size=900, chunks=(sha256(b"a").digest(),))
REQUEST = BulkRequest(
    id="ab" * 16,
    affair="state-115",
    office="counter",
    operator="system:1",
    terminal="system:1",
    reason="現況の確認",
    method=Method.BULK,
    holds=True,
    kind=KeyKind.RESIDENT_CODE,
    parts=(PART, PART),
    key=bytes(KEY_SIZE),
)
NAME = Name(ASKER, REQUEST.id)
DIGEST = sha256(REQUEST.to_bytes()).digest()
NO = Refusal(code="JK-LAW-0001", rule="r", article=None, message_ja="不可", message_en="no")
RESULTS = {Result.MATCHED: 2, Result.NONE: 1}


async def taken(connection, request=REQUEST, refusal=None, at=AT) -> bool:
    """Take a request in."""
    return await jobs.take(connection, ASKER, request, DIGEST, refusal, at)


async def answered(connection, number: int, at=AT, request=REQUEST) -> Answer:
    """Record a part of a request, and its row in the journal."""
    part = a_part(request=request.id, number=number, results=RESULTS, at=at)
    codes = np.array([71334917066, 5], np.int64)
    written = parts.write(part, codes, np.full(2, 1, np.uint8), np.zeros(2, np.uint8), drawn(number))
    one = Answer(
        number=number,
        part=await parts.keep(connection, written),
        manifest=b"manifest %d" % number,
        promise=b"promise",
        key=bytes([number]) * KEY_SIZE,
        asked=3,
        results=RESULTS,
        at=at,
    )
    await jobs.answer(connection, Name(ASKER, request.id), one)
    return one


async def test_a_request_is_taken_once(prefecture):
    """The same request sent again is known; how far it is can be asked."""
    assert await taken(prefecture)
    assert not await taken(prefecture)
    known = await jobs.find(prefecture, NAME)

    assert known.digest == DIGEST
    assert (known.progress.standing, known.progress.parts, known.progress.answered) == (
        Standing.WAITING,
        2,
        0,
    )
    assert await jobs.find(prefecture, Name("agency-other", REQUEST.id)) is None


async def test_a_refused_request_keeps_its_reason_and_no_key(prefecture):
    """Nothing will be pulled for it."""
    await taken(prefecture, refusal=NO)
    cursor = await prefecture.execute("SELECT body FROM bulk_job")

    assert await cursor.fetchall() == [(None,)]
    assert (await jobs.find(prefecture, NAME)).progress.refusal == NO
    assert await jobs.due(prefecture, AT, 9) == []


async def test_turns_go_round(prefecture):
    """Who was served last is served last again; who is told to wait has no turn before."""
    other = replace(REQUEST, id="cd" * 16)
    await taken(prefecture)
    await taken(prefecture, other, at=AT + timedelta(seconds=1))
    later = AT + timedelta(seconds=2)
    assert [due.request.id for due in await jobs.due(prefecture, later, 9)] == [REQUEST.id, other.id]
    await jobs.stand(prefecture, NAME, Standing.RUNNING, at=later)
    assert [due.request.id for due in await jobs.due(prefecture, later, 9)] == [other.id, REQUEST.id]
    await jobs.stand(
        prefecture, NAME, Standing.WAITING, at=later, code="JK-X", again=later + timedelta(seconds=3)
    )

    assert [due.request.id for due in await jobs.due(prefecture, later, 9)] == [other.id]
    assert (await jobs.find(prefecture, NAME)).progress.code == "JK-X"


async def test_parts_are_answered_one_after_the_other(prefecture):
    """The next is the one after those that are recorded; results are summed up."""
    await taken(prefecture)
    for number in range(2):
        (due,) = await jobs.due(prefecture, AT, 9)
        assert (due.number, due.request) == (number, REQUEST)
        await answered(prefecture, number)
    progress = (await jobs.find(prefecture, NAME)).progress

    assert progress.answered == 2
    assert progress.results == {Result.MATCHED: 4, Result.NONE: 2}


async def test_a_part_is_recorded_once(prefecture):
    """Whoever comes second is told so by the database."""
    await taken(prefecture)
    await answered(prefecture, 0)
    with pytest.raises(psycopg.errors.UniqueViolation):
        await answered(prefecture, 0)


async def test_a_part_is_shown_with_its_row(prefecture):
    """What opens it, and what the journal's row says, which commits to the name of its file."""
    await taken(prefecture)
    one = await answered(prefecture, 0)
    shown = await jobs.answered(prefecture, NAME, 0)

    assert (shown.manifest, shown.promise, shown.key) == (one.manifest, one.promise, one.key)
    assert await jobs.place(prefecture, NAME, 0) == sha256(shown.salt + shown.payload).digest()
    assert await jobs.answered(prefecture, NAME, 1) is None
    assert await jobs.place(prefecture, NAME, 1) is None
    assert await jobs.place(prefecture, NAME._replace(asker="agency-other"), 0) is None


async def test_what_has_ended_stays_ended(prefecture):
    """Called off once, it neither goes on nor is called off again."""
    await taken(prefecture)
    assert await jobs.hold(prefecture, NAME)
    assert await jobs.stand(prefecture, NAME, Standing.CANCELLED, at=AT)
    assert not await jobs.stand(prefecture, NAME, Standing.RUNNING, at=AT)
    assert not await jobs.hold(prefecture, NAME)

    assert (await jobs.find(prefecture, NAME)).progress.standing is Standing.CANCELLED


async def test_a_receipt_lets_go_of_what_opens_a_part(prefecture):
    """Only of the part whose manifest it names; a second receipt changes nothing."""
    await taken(prefecture)
    one = await answered(prefecture, 0)
    place = await jobs.place(prefecture, NAME, 0)
    wrong = ReceiptedPart.of(0, b"another manifest")
    assert await jobs.receipted(prefecture, NAME, [wrong], AT) == []
    assert await jobs.receipted(prefecture, NAME, [ReceiptedPart.of(0, one.manifest)], AT) == [place]
    assert await jobs.receipted(prefecture, NAME, [ReceiptedPart.of(0, one.manifest)], AT) == []

    assert (await jobs.answered(prefecture, NAME, 0)).key is None
    assert await jobs.place(prefecture, NAME, 0) is None
    assert (await jobs.find(prefecture, NAME)).progress.receipted == 1
    assert await jobs.kept(prefecture) == set()


async def test_keys_are_let_go_of_when_nothing_is_left_to_be_pulled(prefecture):
    """As long as a part waits, the request stays; then its body goes, and what was asked stays."""
    await taken(prefecture)
    one = await answered(prefecture, 0)
    assert await jobs.forget(prefecture) == []
    await jobs.stand(prefecture, NAME, Standing.CANCELLED, at=AT)
    assert await jobs.forget(prefecture) == []
    await jobs.receipted(prefecture, NAME, [ReceiptedPart.of(0, one.manifest)], AT)

    assert await jobs.forget(prefecture) == [NAME]
    assert [job.standing for job in await jobs.listed(prefecture, still_open=False, limit=9)] == ["cancelled"]
    assert await jobs.listed(prefecture, still_open=True, limit=9) == []


async def test_what_nobody_comes_for_is_given_up(prefecture):
    """After its time a request fails, and its answers cannot be pulled any more; that they were told stays."""
    await taken(prefecture)
    await answered(prefecture, 0)
    week = AT + timedelta(days=7)
    assert await jobs.abandon(prefecture, AT, week) == 0
    assert await jobs.abandon(prefecture, AT + timedelta(seconds=1), week) == 1

    assert (await jobs.find(prefecture, NAME)).progress.standing is Standing.FAILED
    assert await jobs.place(prefecture, NAME, 0) is None
    (outstanding,) = await jobs.outstanding(prefecture, "130001", week)
    assert (outstanding.asker, outstanding.parts, outstanding.rows, outstanding.numbers) == (ASKER, 1, 3, [0])


async def test_outstanding_is_what_others_have_not_receipted(prefecture):
    """Neither what is on its way, nor what the provider told itself."""
    await taken(prefecture)
    await answered(prefecture, 0)

    assert await jobs.outstanding(prefecture, "130001", AT) == []
    assert await jobs.outstanding(prefecture, ASKER, AT + timedelta(seconds=1)) == []
    assert len(await jobs.outstanding(prefecture, "130001", AT + timedelta(seconds=1))) == 1
