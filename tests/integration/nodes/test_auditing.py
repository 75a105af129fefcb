# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What was provided is counted again, and a row is erased: both leave a record that adds up, or say where it does not."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import orjson
import pyarrow as pa
import pytest

from fixtures.disclosing import furnish
from fixtures.network import CENTRE, CHIYODA, CHUO
from fixtures.provided_parts import provided
from openjuki.errors import Refused
from openjuki.nodes.auditing import Audit, audit
from openjuki.nodes.disclosure import lines_about
from openjuki.nodes.erasing import (
    NOT_ERASING,
    NOTHING_THERE,
    STILL_KEPT,
    LogRow,
    Order,
    erase,
)
from openjuki.nodes.forgetting import forget
from openjuki.store import buckets
from openjuki.store.auditing import Audited, What, audit_index, audit_online, audit_parts
from openjuki.store.auditing import online as auditing_online
from openjuki.store.buckets import runs
from openjuki.store.buckets.entries import Entries, Packed
from openjuki.store.database import connect
from openjuki.store.parts import columns
from openjuki.wire.provision import What as Wanted
from openjuki.wire.provision_proof import ProvisionProof

if TYPE_CHECKING:
    from fixtures.disclosing import Informed
    from openjuki.store.offices import Standing

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

OTHERS = [11_111_111_111, 99_999_999_999]


@pytest.fixture
async def provider(informed: Informed) -> Informed:
    """The Centre has told Chiyoda in two envelopes, and agencies in two parts; both are in the index."""
    code, nobody = {"resident_code": str(informed.code)}, {"name": "無い 名", "birth_date": "1990-01-01"}
    await informed.ask_together(code, {"name": "渡辺 葵"}, {"name": "渡辺 葵", "birth_date": "1990-01-01"})
    await informed.ask(nobody)
    about, now = sorted([*OTHERS, int(informed.code)]), informed.country.clock()

    async def provide(book) -> None:
        await provided(book, about, [int(informed.code)], at=now)
        await buckets.compact(book, now + timedelta(minutes=11), os.urandom)

    await informed.centre.transact(provide)
    await informed.sign()
    return informed


@pytest.fixture
async def eraser(provider: Informed) -> Standing:
    """Somebody at the Centre whose work is to erase."""
    return await furnish(provider.centre, "kiroku", "erasure")


async def audited(provider: Informed) -> Audit:
    return await audit(provider.centre, lambda _: lambda _done, _all: None)


async def told(provider: Informed) -> int:
    """How many lines somebody is shown."""
    person = provider.person()
    return len(await provider.centre.read(lambda book: lines_about(provider.centre, book, person)))


async def take_out(provider: Informed, which: LogRow, order: Order) -> None:
    await provider.centre.transact(lambda book: erase(provider.centre, book, which, order))
    await provider.sign()


def online(provider: Informed, place: int = 0) -> LogRow:
    """A question of the first envelope: what Chiyoda was told by code, a refusal, and by name."""
    query = "SELECT min(index) FROM journal WHERE kind = 'provision.envelope'"
    return LogRow(provider.country.rows(CENTRE, query)[0][0], place)


def of_part(provider: Informed, row: int) -> LogRow:
    """A row of the first part."""
    query = "SELECT min(index) FROM journal WHERE kind = 'provision.part'"
    return LogRow(provider.country.rows(CENTRE, query)[0][0], row)


async def test_a_sound_record_adds_up(provider: Informed):
    """Everything is counted: questions, parts, keys and rows, what the index has, to whom how much."""
    found = await audited(provider)

    assert found.sound
    assert found.audited.counts == {
        "journal": found.verified.size,
        "signed": found.verified.size,
        "questions": 4,
        "granted": 3,
        "questions_erased": 0,
        "parts": 2,
        "keys": 6,
        "rows": 4,
        "rows_erased": 0,
        "runs": 1,
        "entries": 4,
    }
    assert found.audited.results == {"matched": 4, "none": 2}
    assert [tuple(one)[1:] for one in found.provided] == [(4, 0, 0), (0, 6, 4)]


async def test_by_what_somebody_was_looked_for_adds_up_however_it_was_asked(provider: Informed):
    """By a reading, in a town, with what could not be read; verified, confirmed, and confirmed of nobody."""
    by_name = {"name": "渡辺 葵", "birth_date": "1990-01-01"}
    by_reading = {
        "furigana": "ワタナベ アオイ",
        "birth_date": "1990-01-01",
        "municipality": CHUO,
        "matching": "folded",
    }
    told, *_ = await provider.ask_together(by_name, by_reading, {"resident_code": "1"})
    await provider.ask(by_name | {"address": "一番町1番地", "verify": ["address"]}, what=Wanted.VERIFY)
    await provider.ask(told.chosen(1), what=Wanted.CONFIRM)
    await provider.ask(told.chosen(9), what=Wanted.CONFIRM)
    await provider.sign()

    found = await audited(provider)

    looked = provider.country.rows(CENTRE, "SELECT what, keys FROM provision ORDER BY envelope_id, place")[4:]
    assert found.sound
    assert looked == [
        *[("ask", ["name", "birth_date"])] * 2,
        ("ask", []),
        ("verify", ["name", "birth_date", "address"]),
        ("confirm", ["name", "birth_date"]),
        ("confirm", []),
    ]


#: What somebody does to the book past all rights, and what is found: each way to hide or to invent a provision.
DAMAGES = {
    "a row is left out of an envelope": (
        "DELETE FROM provision WHERE (envelope_id, place) = (SELECT min(envelope_id), 1 FROM provision)",
        {(What.MISCOUNTED, "envelope")},
    ),
    "all rows are left out of an envelope": (
        "DELETE FROM provision WHERE envelope_id = (SELECT max(envelope_id) FROM provision)",
        {(What.MISCOUNTED, "envelope")},
    ),
    "a row is put into an envelope": (
        (
            "UPDATE provision SET envelope_id = (SELECT min(envelope_id) FROM provision), place = 3"
            " WHERE envelope_id = (SELECT max(envelope_id) FROM provision)"
        ),
        {(What.MISCOUNTED, "envelope")},
    ),
    "a row is written anew, and its leaf with it": (
        "UPDATE provision SET salt = sha256(salt), commitment = sha256('\\x00'::bytea || sha256(salt) || payload)",
        {(What.MISGROWN, "envelope")},
    ),
    "rows of an envelope change places": (
        "UPDATE provision SET place = 2 - place + 10; UPDATE provision SET place = place - 10",
        {(What.MISGROWN, "envelope")},
    ),
    "a row is rewritten": (
        (
            "UPDATE provision SET payload = convert_to(replace(convert_from(payload, 'UTF8'), 'matched', 'none'), 'UTF8')"
            " WHERE result = 'matched'"
        ),
        {(What.MISGROWN, "provision")},
    ),
    "a row is overwritten with what is no row": (
        "UPDATE provision SET payload = '\\xff'",
        {(What.MISGROWN, "provision")},
    ),
    "what the journal says of an envelope is overwritten": (
        "UPDATE journal SET payload = '\\xff' WHERE kind = 'provision.envelope'",
        {(What.UNLISTED, "journal"), (What.MISGROWN, "envelope")},
    ),
    "a provision is said to have been for another affair": (
        "UPDATE provision SET affair = 'state-001'",
        {(What.MISSTATED, "provision")},
    ),
    "fewer items are said to have been told": (
        "UPDATE provision SET items = items[2:] WHERE result = 'matched'",
        {(What.MISSTATED, "provision")},
    ),
    "somebody is said to have been looked for by other items": (
        "UPDATE provision SET keys = '{individual_number}' WHERE keys <> '{}'",
        {(What.MISSTATED, "provision")},
    ),
    "another result, another article and another method": (
        "UPDATE provision SET result = 'none', articles = '{}', method = 'bulk'",
        {(What.MISSTATED, "provision")},
    ),
    "an envelope is said to have had more questions": (
        "UPDATE provision_envelope SET questions = 200",
        {(What.MISSTATED, "envelope")},
    ),
    "what was told and erased is said to have been refused": (
        "UPDATE provision SET result = 'not_permitted', payload = NULL, salt = NULL",
        {(What.MISCOUNTED, "envelope")},
    ),
    "an envelope is listed once more, under another name": (
        (
            "INSERT INTO provision_envelope (asker, envelope, through, at, questions, commitment)"
            " SELECT 'agency-nenkin', envelope, through, at, questions, commitment FROM provision_envelope;"
            " INSERT INTO provision SELECT other.id, place, one.commitment, affair, office, operator, method, what, keys,"
            " result, articles, items, retention, salt, payload FROM provision AS one"
            " JOIN provision_envelope AS own ON own.id = envelope_id"
            " JOIN provision_envelope AS other ON other.envelope = own.envelope AND other.asker = 'agency-nenkin';"
            " INSERT INTO provision_person SELECT other.id, place, number, person_id, salt FROM provision_person"
            " JOIN provision_envelope AS own ON own.id = envelope_id"
            " JOIN provision_envelope AS other ON other.envelope = own.envelope AND other.asker = 'agency-nenkin'"
        ),
        {(What.UNRECORDED, "envelope")},
    ),
    "an envelope is said to have come another way": (
        "UPDATE provision_envelope SET through = '220001'",
        {(What.MISSTATED, "envelope")},
    ),
    "another salt of a row": (
        "UPDATE provision SET salt = sha256(salt)",
        {(What.MISGROWN, "provision")},
    ),
    "an envelope with another root": (
        (
            "UPDATE journal SET payload = convert_to(jsonb_set(convert_from(payload, 'UTF8')::jsonb, '{root}',"
            " to_jsonb(repeat('0', 64)))::text, 'UTF8') WHERE kind = 'provision.envelope'"
        ),
        {(What.MISGROWN, "envelope")},
    ),
    "an envelope that says that it had more questions": (
        (
            "UPDATE journal SET payload = convert_to(jsonb_set(convert_from(payload, 'UTF8')::jsonb, '{questions}',"
            " '100')::text, 'UTF8') WHERE kind = 'provision.envelope'"
        ),
        {(What.MISCOUNTED, "envelope")},
    ),
    "what the journal says of an envelope is gone": (
        "UPDATE journal SET payload = NULL, salt = NULL WHERE kind = 'provision.envelope'",
        {(What.UNLISTED, "journal"), (What.UNRECORDED, "envelope")},
    ),
    "an envelope is taken off the list": (
        "DELETE FROM provision_envelope WHERE questions = 1",
        {(What.UNLISTED, "journal")},
    ),
    "an envelope is made up": (
        "UPDATE provision_envelope SET commitment = sha256(commitment)",
        {(What.UNRECORDED, "envelope"), (What.UNLISTED, "journal")},
    ),
    "an envelope is dated back": (
        "UPDATE provision_envelope SET at = at - interval '1 day'",
        {(What.UNRECORDED, "envelope")},
    ),
    "an envelope is dated at a time that never comes": (
        "UPDATE provision_envelope SET at = 'infinity'",
        {(What.UNRECORDED, "envelope")},
    ),
    "an envelope is said to be somebody else's": (
        "UPDATE provision_envelope SET asker = '131024'",
        {(What.UNLISTED, "journal")},
    ),
    "whom it was about is taken off the list": (
        "DELETE FROM provision_person",
        {(What.MISNAMED, "provision")},
    ),
    "it is said to be about somebody else": (
        "UPDATE provision_person SET person_id = 1",
        {(What.MISNAMED, "provision")},
    ),
    "it is said to be about somebody besides": (
        "INSERT INTO provision_person SELECT envelope_id, 1, 1, person_id, salt FROM provision_person WHERE place = 0",
        {(What.MISNAMED, "provision")},
    ),
    "a question of which nothing is written is said to be about somebody": (
        "UPDATE provision SET payload = NULL, salt = NULL WHERE result = 'matched'",
        {(What.MISNAMED, "provision")},
    ),
    "a payload is gone": (
        "UPDATE provision SET payload = NULL, salt = NULL WHERE result = 'matched'",
        {(What.UNEXPLAINED, "provision")},
    ),
    "a payload is gone, and its erasure is made up": (
        (
            "INSERT INTO provision_erasure SELECT envelope.commitment, place, false, asker, envelope, at"
            " FROM provision JOIN provision_envelope AS envelope ON envelope.id = envelope_id WHERE result = 'matched';"
            " DELETE FROM provision_person; UPDATE provision SET payload = NULL, salt = NULL WHERE result = 'matched'"
        ),
        {(What.UNEXPLAINED, "provision")},
    ),
    "parts are thrown away": ("DELETE FROM provision_part", {(What.UNLISTED, "journal")}),
    "a part is made up": (
        "UPDATE provision_part SET commitment = sha256(commitment)",
        {(What.UNRECORDED, "part"), (What.MISGROWN, "part")},
    ),
    "a part has fewer rows than it says": (
        "UPDATE provision_part SET log = (SELECT log FROM provision_part ORDER BY part DESC LIMIT 1)",
        {(What.MISCOUNTED, "part"), (What.MISINDEXED, "part")},
    ),
    "a part's leaves are others": (
        "UPDATE provision_part SET secrets = sha256(secrets)",
        {(What.MISGROWN, "part")},
    ),
    "a bucket is overwritten": (
        "UPDATE provision_bucket SET entries = strands",
        {(What.NOT_VOUCHED_FOR, "run")},
    ),
    "a bucket is thrown away": ("DELETE FROM provision_bucket", {(What.NOT_VOUCHED_FOR, "run")}),
    "a bucket says that it holds more": (
        "UPDATE provision_bucket SET number = number + 1",
        {(What.NOT_VOUCHED_FOR, "run")},
    ),
    "another manifest than the journal's": (
        "UPDATE provision_run SET salt = sha256(salt)",
        {(What.NOT_VOUCHED_FOR, "run")},
    ),
    "a bucket says that it begins later": (
        "UPDATE provision_bucket SET first_code = first_code + 1",
        {(What.NOT_VOUCHED_FOR, "run")},
    ),
    "a bucket says that it ends before": (
        "UPDATE provision_bucket SET last_code = last_code - 1",
        {(What.NOT_VOUCHED_FOR, "run")},
    ),
    "a bucket is no Parquet": (
        "UPDATE provision_bucket SET entries = '\\x00'",
        {(What.NOT_VOUCHED_FOR, "run")},
    ),
    "a bucket is cut off": (
        "UPDATE provision_bucket SET strands = substr(strands, 1, 20) || substr(strands, 40)",
        {(What.NOT_VOUCHED_FOR, "run")},
    ),
    "a part is no Parquet": (
        "UPDATE provision_part SET log = '\\x00'",
        {(What.MISGROWN, "part"), (What.MISINDEXED, "part")},
    ),
    "a part is another Parquet": (
        "UPDATE provision_part SET log = (SELECT strands FROM provision_bucket)",
        {(What.MISGROWN, "part"), (What.MISINDEXED, "part")},
    ),
    "a part is cut off": (
        "UPDATE provision_part SET log = substr(log, 1, 20) || substr(log, 40)",
        {(What.MISGROWN, "part"), (What.MISINDEXED, "part")},
    ),
    "what was left of a part is of another": (
        (
            "INSERT INTO provision_part_erased (part, chunk, salts, leaves)"
            " SELECT part, 7, roots, '\\x0009' || roots FROM provision_part"
        ),
        {(What.MISGROWN, "part")},
    ),
    "a leaf of an envelope is no leaf": (
        "UPDATE journal SET leaf = '\\xff' WHERE kind = 'provision.envelope'",
        {(What.UNLISTED, "journal"), (What.UNRECORDED, "envelope")},
    ),
    "a leaf of a part is no leaf": (
        "UPDATE journal SET leaf = '\\xff' WHERE kind = 'provision.part'",
        {(What.UNLISTED, "journal"), (What.UNRECORDED, "part")},
    ),
    "what the journal says of an erasure is no such thing": (
        (
            "UPDATE journal SET kind = 'provision.erased', payload = '\\xff', salt = sha256('')"
            " WHERE kind = 'run.compacted'"
        ),
        {(What.UNLISTED, "journal")},
    ),
    "a part is left out of the index": (
        "DELETE FROM provision_run_part WHERE part = (SELECT max(part) FROM provision_part)",
        {(What.MISINDEXED, "part"), (What.NOT_VOUCHED_FOR, "run")},
    ),
    "a part waits that was taken in": (
        "UPDATE provision_part SET indexed = false",
        {(What.MISINDEXED, "part")},
    ),
}


async def test_whatever_was_changed_is_found(provider: Informed):
    """Each damage is found, and named by its place, never by a person."""
    async with await connect(provider.country.ground.owner_url(CENTRE)) as book:
        for damage, (statement, expected) in DAMAGES.items():
            await book.execute(statement)
            found = Audited()
            await audit_online(book, found)
            await audit_parts(book, found)
            await audit_index(book, found, os.urandom)
            await book.rollback()

            named = {(fault.what, fault.kind) for fault in found.faults}
            assert (damage, expected & named) == (damage, expected)
            assert str(provider.code) not in orjson.dumps(found.to_dict()).decode()


#: What a provider may have written, and signed: sound under its leaf, and not what a row says.
WRITTEN = {
    "no text": b"\xff",
    "no JSON": b"{",
    "nothing": b"",
    "a list": b"[]",
    "a word": b'"ask"',
    "null": b"null",
    "an object of nothing": b"{}",
    "members that are none": b'{"ask":null,"told":3,"persons":{}}',
    "members that are lists": b'{"ask":[],"told":[],"persons":[[],{}]}',
    "nested too deep": b"[" * 200_000 + b"]" * 200_000,
    "half a character": b'{"ask":"\\ud800"}',
    "a number too large": b'{"ask":1e999999999}',
}


async def test_what_a_provider_wrote_and_signed_is_named_where_it_is_no_row(provider: Informed):
    """A row that cannot be read under a leaf that holds is a finding; every other row is counted again as before."""
    async with await connect(provider.country.ground.owner_url(CENTRE)) as book:
        for written, payload in WRITTEN.items():
            await book.execute(
                "UPDATE provision SET payload = %(payload)b,"
                " commitment = sha256('\\x00'::bytea || salt || %(payload)b) WHERE place = 1",
                {"payload": payload},
            )
            await book.execute("UPDATE provision SET affair = 'state-001' WHERE place = 2")
            found = Audited()
            await audit_online(book, found)
            await book.rollback()

            rows = {(one.what, str(one.which)[-2:]) for one in found.faults if one.kind == "provision"}
            mine, others = {(What.MISSTATED, "/1"), (What.MISNAMED, "/1")}, {(What.MISSTATED, "/2")}
            assert (written, rows - mine) == (written, others)
            assert (written, (What.MISSTATED, "/1") in rows) == (written, True)


async def test_what_a_provider_says_of_a_part_and_is_no_part_is_named(provider: Informed):
    """What stands in the place of a part, under a leaf that holds, is a finding, and the next part is counted."""
    async with await connect(provider.country.ground.owner_url(CENTRE)) as book:
        await book.execute(
            "UPDATE provision_part SET manifest = '[]', commitment = sha256(salt || '[]') WHERE part = 1"
        )
        found = Audited()
        await audit_parts(book, found)

    assert (What.MISGROWN, "part", 1) in [(one.what, one.kind, one.which) for one in found.faults]
    assert (found.counts["parts"], found.counts["keys"]) == (2, 2)


async def test_a_result_that_there_is_none_of_is_a_miscount(provider: Informed):
    """A row whose byte stands for no result is counted under none, and is found all the same."""
    async with await connect(provider.country.ground.owner_url(CENTRE)) as book:
        ((log,),) = await (await book.execute("SELECT log FROM provision_part WHERE part = 1")).fetchall()
        table = columns.read(log)
        other = pa.array([200] * table.num_rows, pa.uint8())
        spoilt = columns.write(table.set_column(1, columns.SCHEMA.field(1), other))
        await book.execute("UPDATE provision_part SET log = %s WHERE part = 1", [spoilt])
        found = Audited()
        await audit_parts(book, found)

    assert (What.MISCOUNTED, "part", 1) in [(one.what, one.kind, one.which) for one in found.faults]


@pytest.mark.parametrize(
    "question",
    [
        pytest.param({"name": "渡辺\0葵", "birth_date": "1990-01-01"}, id="in a name"),
        pytest.param(
            {"resident_code": "1", "later\0\0": "\\u0000\\\0"}, id="in what a later version may ask"
        ),
    ],
)
async def test_what_no_book_can_hold_is_counted_again_all_the_same(provider: Informed, question):
    """Whoever puts U+0000 into a question is answered as malformed, or not heeded; what is written of it is sound JSON."""
    await provider.ask(question)
    await provider.sign()
    assert (await audited(provider)).audited.faults == []

    provider.country.rows(CENTRE, "UPDATE provision SET affair = 'state-001' WHERE envelope_id = 3")
    (fault,) = (await audited(provider)).audited.faults
    assert fault.what is What.MISSTATED


async def test_whoever_was_forgotten_is_named_by_nobody(provider: Informed, eraser: Standing):
    """A person's erasure leaves what was provided about them; no more of the unknown than were erased may be named."""
    code, order = provider.code, Order(by=eraser, reason="消去 1", order="裁決 令8第3号")
    await forget(provider.centre, code, order)
    await provider.sign()
    assert (await audited(provider)).sound

    provider.country.rows(CENTRE, "UPDATE provision_person SET person_id = 1 WHERE place = 2")
    faults = (await audited(provider)).audited.faults
    assert {(fault.what, fault.kind) for fault in faults} == {(What.MISNAMED, "provision")}


async def test_a_fault_is_named_by_its_place(provider: Informed):
    """Of a question the asker, the envelope and the place in it; of its envelope the first two."""
    query = "SELECT asker || '/' || envelope FROM provision_envelope WHERE questions = 3"
    ((envelope,),) = provider.country.rows(CENTRE, query)
    async with await connect(provider.country.ground.owner_url(CENTRE)) as book:
        await book.execute("UPDATE provision SET salt = sha256(salt) WHERE place = 2")
        await book.execute("UPDATE provision SET commitment = sha256(commitment) WHERE place = 1")
        found = Audited()
        await audit_online(book, found)

    assert [(fault.what, fault.kind, fault.which) for fault in found.faults] == [
        (What.MISGROWN, "envelope", envelope),
        (What.MISGROWN, "provision", f"{envelope}/1"),
        (What.MISGROWN, "provision", f"{envelope}/2"),
    ]


async def test_every_envelope_is_looked_at_however_many_there_are(provider: Informed, monkeypatch):
    """Envelopes are read some at a time, and none is passed over."""
    monkeypatch.setattr(auditing_online, "ENVELOPES", 1)
    assert (await audited(provider)).audited.counts["questions"] == 4

    provider.country.rows(CENTRE, "UPDATE provision SET salt = sha256(salt)")

    faults = (await audited(provider)).audited.faults
    assert [(fault.what, fault.kind) for fault in faults] == [(What.MISGROWN, "provision")] * 4


async def test_an_audit_ends_whatever_size_the_journal_claims(provider: Informed):
    """It goes from row to row, not from number to number."""
    async with await connect(provider.country.ground.owner_url(CENTRE)) as book:
        await book.execute("UPDATE tree SET size = 1::bigint << 60, frontier = root")
        await book.execute("UPDATE journal SET index = 1::bigint << 59 WHERE index = 0")
        found = Audited()
        async with asyncio.timeout(20):
            await audit_online(book, found)

    assert found.counts["questions"] == 4


async def test_an_audit_says_how_far_it_is(provider: Informed, monkeypatch):
    """Through the journal, and then envelope by envelope to the end."""
    monkeypatch.setattr(auditing_online, "ENVELOPES", 1)
    told: list[tuple[int, int]] = []

    async with await connect(provider.country.ground.owner_url(CENTRE)) as book:
        await audit_online(book, Audited(), lambda done, all_: told.append((done, all_)))

    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert len(told) > 2
    assert told[-1][0] == told[-1][1]


async def test_an_index_that_leads_elsewhere_is_found(provider: Informed, monkeypatch):
    """Whoever rewrites a bucket and vouches for it anew, and leaves a person's line out, is found by the parts' own sum."""
    left_out = buckets.erasing.log.erase
    monkeypatch.setattr(buckets.erasing.log, "erase", lambda *_: _nothing())
    await provider.centre.transact(
        lambda book: buckets.erase(book, 1, 1, provider.country.clock(), os.urandom)
    )
    monkeypatch.setattr(buckets.erasing.log, "erase", left_out)
    await provider.sign()

    faults = (await audited(provider)).audited.faults

    assert [(fault.what, fault.kind, fault.which) for fault in faults] == [(What.MISINDEXED, "part", 1)]


#: Buckets of these entries, by their places in the one bucket there was: 19 twice, then the two others.
HIDING = {
    "out of order": [[0, 2, 1, 3]],
    "one within another": [[0, 1, 3], [2]],
}


@pytest.mark.parametrize("places", HIDING.values(), ids=HIDING.keys())
async def test_an_index_in_which_a_code_is_not_found_is_a_finding(provider: Informed, places):
    """Every entry is there and was vouched for, and whoever looks for one of them by halves misses it."""
    now = provider.country.clock()

    async def hide(book) -> None:
        cursor = await book.execute("DELETE FROM provision_bucket RETURNING run, entries, strands")
        ((run, *packed),) = await cursor.fetchall()
        before = Packed(*packed).unpack()
        for some in map(np.array, places):
            chosen = Entries(before.codes[some], before.parts[some], before.rows[some])
            await runs.add(book, list(runs.packed(chosen, run, os.urandom)))
        await runs.complete(book, run, now, os.urandom)

    async with await connect(provider.country.ground.owner_url(CENTRE)) as book:
        await hide(book)
    await provider.sign()

    faults = (await audited(provider)).audited.faults

    assert [(fault.what, fault.kind) for fault in faults] == [(What.NOT_VOUCHED_FOR, "run")]


async def _nothing() -> bool:
    return True


async def test_an_ordered_erasure_takes_the_person_out(provider: Informed, eraser: Standing):
    """A row of a part and an online row are erased: nobody is shown them, everything still adds up, the log verifies."""
    order = Order(by=eraser, reason="消去 1", order="裁決 令8第3号")
    assert await told(provider) == 4
    await take_out(provider, of_part(provider, 0), order)
    await take_out(provider, online(provider), order)

    assert await told(provider) == 2
    found = await audited(provider)
    assert (found.sound, found.audited.faults) == (True, [])
    assert (found.audited.counts["rows_erased"], found.audited.counts["questions_erased"]) == (1, 1)


async def test_an_erased_question_leaves_the_others_of_its_envelope_provable(
    provider: Informed, eraser: Standing
):
    """Its leaf stays under the root: what else was asked in that envelope is proved and opened as before."""
    await take_out(provider, online(provider, 0), Order(by=eraser, reason="消去 1", order="裁決 令8第3号"))

    columns = "payload IS NULL, salt IS NULL, octet_length(commitment)"
    rows = provider.country.rows(
        CENTRE, f"SELECT {columns} FROM provision ORDER BY envelope_id, place LIMIT 3"
    )
    assert rows == [(True, True, 32), (False, False, 32), (False, False, 32)]
    person = provider.person()
    shown = await provider.centre.read(lambda book: lines_about(provider.centre, book, person))
    (line,) = [line for line in shown if line.asker == CHIYODA]
    proven = ProvisionProof.from_json(orjson.dumps(line.proof)).verify(provider.keys())
    assert (proven.place, proven.envelope.questions) == (2, 3)
    assert proven.row is not None
    assert proven.row.inner("ask").take("affair", str) == line.affair


async def test_what_was_erased_online_is_nobodys_any_more(provider: Informed, eraser: Standing):
    """Whom a question was about goes with what is written of it, and nobody else's does."""
    persons = "SELECT place FROM provision_person ORDER BY envelope_id, place"
    assert provider.country.rows(CENTRE, persons) == [(0,), (2,)]

    await take_out(provider, online(provider, 2), Order(by=eraser, reason="消去 1", order="裁決 令8第3号"))

    assert provider.country.rows(CENTRE, persons) == [(0,)]
    ((said,),) = provider.country.rows(CENTRE, "SELECT payload FROM journal WHERE kind = 'provision.erased'")
    row = orjson.loads(said)
    assert (row["asker"], row["place"], row["in_bulk"]) == (CHIYODA, 2, False)
    assert str(provider.code).encode() not in said


async def test_an_erasure_is_recorded_and_names_nobody(provider: Informed, eraser: Standing):
    """Who ordered it, who did it and which row it was is in the journal; about whom it was is nowhere."""
    await take_out(provider, of_part(provider, 0), Order(by=eraser, reason="消去 1", order="裁決 令8第3号"))

    ((said,),) = provider.country.rows(CENTRE, "SELECT payload FROM journal WHERE kind = 'provision.erased'")
    assert (
        orjson.loads(said).items()
        >= {
            "operator": eraser.operator,
            "office": "kiroku",
            "order": "裁決 令8第3号",
            "reason": "消去 1",
            "in_bulk": True,
            "place": 0,
            "asker": "agency-nenkin",
        }.items()
    )
    assert str(provider.code).encode() not in said


async def test_a_record_is_kept_until_its_time_is_over(provider: Informed, eraser: Standing):
    """Without an order it is refused for seven years; then it may go."""
    order = Order(by=eraser, reason="保存期間満了")
    with pytest.raises(Refused) as refused:
        await take_out(provider, of_part(provider, 0), order)
    assert refused.value.refusal == STILL_KEPT

    provider.country.clock.advance(seconds=7 * 366 * 86_400)
    await provider.centre.transact(lambda book: erase(provider.centre, book, of_part(provider, 0), order))


async def test_what_is_not_there_cannot_be_erased(provider: Informed, eraser: Standing):
    """No such row, part or index, not about a provision, or erased before: a refusal, and nothing is recorded."""
    order, row = Order(by=eraser, reason="消去 1", order="裁決"), online(provider)
    await take_out(provider, row, order)
    await take_out(provider, of_part(provider, 0), order)

    first = of_part(provider, 0)
    missing = (of_part(provider, 3), of_part(provider, -1), online(provider, 3), online(provider, -1))
    for which in (*missing, LogRow(0, 0), LogRow(10_000, 0), row, first):
        with pytest.raises(Refused) as refused:
            await take_out(provider, which, order)
        assert refused.value.refusal == NOTHING_THERE


async def test_only_an_office_whose_work_it_is_erases(provider: Informed, eraser: Standing):
    """Whoever does not hold the work is refused before anything is looked at."""
    other = replace(eraser, affairs=frozenset({"disclosure"}))

    with pytest.raises(Refused) as refused:
        await take_out(provider, of_part(provider, 0), Order(by=other, reason="消去 1", order="裁決"))

    assert refused.value.refusal == NOT_ERASING
