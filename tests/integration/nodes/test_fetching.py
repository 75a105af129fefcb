# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Asking in bulk (一括照会): from a file of keys to a file of answers, with everything that may happen on the way."""

from __future__ import annotations

import asyncio
import csv
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pyarrow as pa
import pytest
import pytest_asyncio
from pyarrow import parquet

from fixtures.agencies import CLERK, PENSION, furnished
from fixtures.bulk_providers import ARTICLES, ReadsHere, standing_in
from fixtures.ground import PENSIONS, SHIZUOKA, SHIZUOKA_CITY, TAX_OFFICE
from fixtures.network import CENTRE, CHIYODA, TOKYO
from fixtures.notices import code_of
from openjuki.errors import BadFile, BadInput, IntegrityFailure, PeerError, Refused, Unavailable
from openjuki.law import refusals
from openjuki.law.basis import Method
from openjuki.law.book import Book, packaged
from openjuki.nodes import fetching as room
from openjuki.nodes.asking import AtTerminal
from openjuki.nodes.fetching import BulkAsked, Fetching, preparing, receipting
from openjuki.nodes.fetching.asked import ERASED
from openjuki.nodes.fetching.deciding import decide
from openjuki.nodes.fetching.entering import request_of
from openjuki.nodes.fetching.folder import folder
from openjuki.nodes.roads import IN_THE_OWN_BOOK, NO_ROAD
from openjuki.residents.look_up import Result
from openjuki.store import ledger, offices
from openjuki.wire.bulk import BULK, BULK_CHUNK, BULK_PART, KeyKind

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from fixtures.bulk_providers import BulkStandIn
    from fixtures.offices import Country
    from openjuki.nodes.node import Node
    from openjuki.refusal import Refusal
    from openjuki.store.ledger import Line

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

#: What 東京都 lets others be told, as a row of the book ends.
_TOKYOS = f"東京都条例,道路の管理,{TOKYO}"
CODES = [code_of(number) for number in range(1, 31)]


@pytest_asyncio.fixture
async def provider(country: Country) -> BulkStandIn:
    """A Centre that knows everybody whose code is even."""
    return await standing_in(country, CENTRE)


@pytest_asyncio.fixture
async def agency(country: Country) -> Node:
    """An agency whose clerk holds an affair; it sends parts of ten rows."""
    node = await furnished(country, PENSIONS, PENSION)
    node.settings = replace(node.settings, bulk_part_rows=10)
    return node


@pytest_asyncio.fixture
async def alone(agency: Node) -> AsyncIterator[Fetching]:
    """Where it asks in bulk; nobody answers."""
    made = Fetching(agency)
    yield made
    await made.close()


@pytest_asyncio.fixture
async def bulk(alone: Fetching, provider: BulkStandIn) -> Fetching:  # noqa: ARG001 - it answers
    """Where it asks in bulk, and is answered."""
    return alone


@pytest.fixture
def apart() -> None:
    """Columns are read in a child, as they are where it matters."""


@pytest.fixture(autouse=True)
def reading(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Columns are read here unless a test wants a child."""
    if "apart" not in request.fixturenames:
        monkeypatch.setattr(room, "Reader", ReadsHere)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of codes, one of which cannot be read, and one is there twice."""
    path = tmp_path / "keys.csv"
    path.write_text("\n".join(["住民票コード", *CODES[:12], "x", *CODES[13:25], CODES[3]]) + "\n")
    return path


def asked(**other: Any) -> BulkAsked:
    """A request of the clerk's."""
    usual = {"by": CLERK, "affair": PENSION, "reason": "2026-0012", "kind": KeyKind.RESIDENT_CODE}
    return BulkAsked(name="keys.csv", **usual | other)


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened))


async def line_of(node: Node, name: str) -> Line:
    found = await node.read(lambda connection: ledger.line(connection, name))
    assert found is not None
    return found


@pytest.mark.usefixtures("apart")
async def test_a_file_of_keys_becomes_a_file_of_answers(
    bulk: Fetching, provider: BulkStandIn, file: Path, tmp_path: Path
):
    """Each row that was asked has its row in the answer, in the same order, whatever became of it."""
    submitted = await bulk.submit(asked(), file)
    fetched = await bulk.run(submitted.request.id)
    delivered = await bulk.deliver(fetched.request, tmp_path / "answer.csv")

    rows = rows_of(delivered.file)
    results = [
        "malformed" if place == 12 else "none" if int(code) % 2 else "matched" for place, code in _asked()
    ]
    assert results == [row["照会結果"] for row in rows]
    assert [str(line) for line in range(2, 28)] == [row["行"] for row in rows]
    assert f"氏名{int(CODES[1])}" == rows[1]["氏名"] or rows[1]["照会結果"] == "none"
    assert {"done", 3} == {fetched.request.standing, fetched.request.received}
    assert fetched.articles == ARTICLES
    assert {result: results.count(result) for result in sorted(set(results))} == fetched.results
    assert [keys.num_rows for keys in provider.keys] == [10, 10, 6]


def _asked() -> list[tuple[int, str]]:
    return list(enumerate([*CODES[:12], "0", *CODES[13:25], CODES[3]]))


async def test_a_file_has_no_more_parts_than_a_request_may(
    alone: Fetching, file: Path, tmp_path: Path, monkeypatch
):
    """Its parts become larger than they are set to be, whichever form it has."""
    monkeypatch.setattr(preparing, "MOST_PARTS", 2)
    columns = tmp_path / "keys.parquet"
    parquet.write_table(pa.table({"resident_code": CODES[:21]}), columns)
    for keys in (file, columns):
        assert (await alone.submit(asked(), keys)).request.parts == 2


async def test_faults_of_keys_are_listed_beside_the_answer(bulk: Fetching, file: Path, tmp_path: Path):
    """A list says where each fault is and what to do; duplicates are counted, and answered all the same."""
    submitted = await bulk.submit(asked(), file)
    await bulk.run(submitted.request.id)
    delivered = await bulk.deliver(submitted.request, tmp_path / "answer.csv")

    assert submitted.request[10:13] == (26, 1, 1)
    (line,) = [orjson.loads(one) for one in (tmp_path / "answer.csv.report.jsonl").read_bytes().splitlines()]
    assert (line["row"], line["column"], line["code"]) == (14, "resident_code", "JK-IMPORT-0013")
    assert tmp_path / "answer.csv.report.csv" == delivered.report


async def test_a_request_is_in_the_ledger_before_anything_leaves(
    bulk: Fetching, agency: Node, provider: BulkStandIn, file: Path
):
    """Who asks, why and by which file stands there; nothing has gone to the provider."""
    submitted = await bulk.submit(asked(), file)

    line = await line_of(agency, submitted.request.id)

    assert not provider.heard
    assert (line.office, line.operator, line.method, line.persons) == ("desk", "clerk", "bulk", 25)
    assert line.answered_at is None


async def test_the_journal_has_what_was_asked_and_what_came_of_it(
    country: Country, bulk: Fetching, agency: Node, file: Path
):
    """One row before, one after; the ledger has the digests of all that was signed."""
    fetched = await bulk.run((await bulk.submit(asked(), file)).request.id)
    await country.sequence(agency.id)

    kinds = [kind for (kind,) in country.rows(agency.id, "SELECT kind FROM journal ORDER BY index")]
    line = await line_of(agency, fetched.request.id)

    assert [one for one in kinds if one.startswith("provision.")] == ["provision.asked", "provision.answered"]
    assert line.results == tuple(sorted(fetched.results))
    assert line.articles == ARTICLES


async def test_each_part_is_receipted_when_it_is_written(bulk: Fetching, provider: BulkStandIn, file: Path):
    """The provider knows of every part that it has arrived."""
    fetched = await bulk.run((await bulk.submit(asked(), file)).request.id)

    assert sorted(provider.receipted) == [0, 1, 2]
    assert fetched.request.receipted == 3


async def test_a_receipt_that_is_lost_is_sent_again(
    bulk: Fetching, agency: Node, provider: BulkStandIn, file: Path, monkeypatch: pytest.MonkeyPatch
):
    """A request that is over still owes its receipts."""

    async def lost(*_: Any) -> None:
        return None

    with monkeypatch.context() as patched:
        patched.setattr(room.running.receipting, "send", lost)
        fetched = await bulk.run((await bulk.submit(asked(), file)).request.id)
    assert fetched.request.receipted == 0

    await receipting.owed(agency)

    assert provider.receipted == [0, 1, 2]


async def test_the_promise_of_each_part_is_looked_after(
    country: Country, bulk: Fetching, agency: Node, file: Path
):
    """It is kept in the ledger with those of single questions."""
    fetched = await bulk.run((await bulk.submit(asked(), file)).request.id)

    kept = country.rows(agency.id, "SELECT id, provider FROM ledger_envelope ORDER BY id")

    assert [(f"{fetched.request.id}-{part}", CENTRE) for part in range(3)] == kept


async def test_a_file_that_was_asked_is_recognised(bulk: Fetching, provider: BulkStandIn, file: Path):
    """Sent twice, it is asked once; unless somebody says that it is to be asked again."""
    first = await bulk.run((await bulk.submit(asked(), file)).request.id)
    again = await bulk.submit(asked(), file)
    anew = await bulk.submit(asked(again=True), file)

    assert first.request.id == again.request.id
    assert first.request.id != anew.request.id
    assert provider.heard.count(BULK) == 1


async def test_the_same_file_for_another_affair_is_another_request(bulk: Fetching, agency: Node, file: Path):
    """What is recognised is a purpose, not a file."""
    first = await bulk.submit(asked(), file)
    await agency.read(
        lambda connection: offices.grant_affair(connection, "desk", "state-116", agency.clock())
    )
    second = await bulk.submit(asked(affair="state-116"), file)

    assert first.request.id != second.request.id


async def test_another_process_goes_on_where_one_was_killed(
    bulk: Fetching, agency: Node, provider: BulkStandIn, file: Path, tmp_path: Path
):
    """What has arrived is not pulled again, and the file is the same byte by byte."""
    undisturbed = await bulk.run((await bulk.submit(asked(), file)).request.id)
    await bulk.deliver(undisturbed.request, tmp_path / "undisturbed.csv")
    provider.parts.clear()
    provider.receipted.clear()
    provider.at_once = 1
    submitted = await bulk.submit(asked(again=True), file)
    killed = asyncio.create_task(bulk.run(submitted.request.id))
    await _until(lambda: 0 in provider.receipted)
    killed.cancel()
    await asyncio.gather(killed, return_exceptions=True)
    provider.going.set()
    before = provider.heard.count(BULK_PART)

    other = Fetching(agency)
    fetched = await other.run(submitted.request.id)
    await other.deliver(fetched.request, tmp_path / "resumed.csv")
    await other.close()

    assert provider.heard.count(BULK_PART) - before == 2
    assert (tmp_path / "undisturbed.csv").read_bytes() == (tmp_path / "resumed.csv").read_bytes()


async def test_while_a_part_is_read_the_next_is_pulled(
    bulk: Fetching, agency: Node, provider: BulkStandIn, file: Path, monkeypatch: pytest.MonkeyPatch
):
    """Neither the line nor the processor waits for the other; parts are written in their order all the same."""
    provider.at_once = 1
    submitted = await bulk.submit(asked(), file)
    under_way = asyncio.create_task(bulk.run(submitted.request.id))
    await _until(lambda: 0 in provider.receipted)
    under_way.cancel()
    await asyncio.gather(under_way, return_exceptions=True)
    provider.going.set()
    await _until(lambda: len(provider.parts) == 3)
    before = provider.heard.count(BULK_PART)

    class Waits(ReadsHere):
        async def read(self, raw: bytes, schema: pa.Schema, rows: int) -> pa.Table:
            await _until(lambda: provider.heard.count(BULK_PART) == before + 2)
            return await super().read(raw, schema, rows)

    monkeypatch.setattr(room, "Reader", Waits)
    other = Fetching(agency)
    fetched = await other.run(submitted.request.id)
    await other.close()

    assert (fetched.request.standing, fetched.request.received) == ("done", 3)


async def test_a_part_that_was_written_and_not_noted_is_written_again(
    bulk: Fetching, provider: BulkStandIn, file: Path, monkeypatch: Any
):
    """A database that fails in between leaves nothing that counts."""

    async def fails(*_: Any) -> None:
        raise Unavailable

    submitted = await bulk.submit(asked(), file)
    with monkeypatch.context() as patched:
        patched.setattr(room.running.requests, "receive", fails)
        with pytest.raises(Unavailable):
            await bulk.run(submitted.request.id)
    assert not provider.receipted

    fetched = await bulk.run(submitted.request.id)

    assert fetched.request.received == 3


async def test_while_one_goes_on_with_a_request_another_waits(
    bulk: Fetching, agency: Node, provider: BulkStandIn, file: Path, monkeypatch: pytest.MonkeyPatch
):
    """Two processes do not pull the same answer; who came later sees how it goes."""
    monkeypatch.setattr(room, "EVERY", 0.05)
    provider.at_once = 1
    submitted = await bulk.submit(asked(), file)
    other = Fetching(agency)
    seen: list[int] = []

    first = asyncio.create_task(bulk.run(submitted.request.id))
    await _until(lambda: 0 in provider.receipted)
    second = asyncio.create_task(
        other.run(submitted.request.id, lambda one: seen.append(one.request.received))
    )
    await _until(lambda: seen)
    provider.going.set()

    assert [one.request.standing for one in await asyncio.gather(first, second)] == ["done", "done"]
    assert provider.heard.count(BULK_PART) == 3
    await other.close()


async def test_a_request_is_called_off_between_parts(
    bulk: Fetching, agency: Node, provider: BulkStandIn, file: Path
):
    """What was recorded before stays; the ledger says what had come."""
    provider.at_once = 1
    submitted = await bulk.submit(asked(), file)
    running = asyncio.create_task(bulk.run(submitted.request.id))
    await _until(lambda: 0 in provider.receipted)

    await bulk.cancel(submitted.request.id)
    fetched = await running

    assert (fetched.request.standing, fetched.request.received) == ("cancelled", 1)
    assert (await line_of(agency, submitted.request.id)).answered_at is not None


async def test_a_request_that_never_left_is_called_off_at_home(bulk: Fetching, file: Path):
    """Where the provider does not know it, that is all."""
    submitted = await bulk.submit(asked(), file)

    assert (await bulk.cancel(submitted.request.id)).request.standing == "cancelled"


async def test_what_the_own_book_refuses_never_leaves(
    bulk: Fetching, agency: Node, provider: BulkStandIn, file: Path
):
    """A stranger to the affair is refused, it is recorded, and no file is left."""
    with pytest.raises(Refused) as refused:
        await bulk.submit(asked(by=AtTerminal("stranger", "window-2")), file)

    lines = await agency.read(lambda connection: ledger.search(connection, office="other"))
    assert refused.value.refusal == refusals.AFFAIR_NOT_HELD
    assert [line.results for line in lines] == [("not_permitted",)]
    assert not provider.heard
    assert not list(folder(agency, "x").path.parent.iterdir())


@pytest.mark.parametrize(
    ("asker", "row", "method", "refusal"),
    [
        pytest.param(
            TAX_OFFICE, f"30-13-2,条例9条,都道府県知事,{_TOKYOS}", Method.BULK, NO_ROAD, id="another governor"
        ),
        pytest.param(
            TAX_OFFICE, f"30-13-2,条例9条,都道府県知事,{_TOKYOS}", Method.MEDIA, None, id="on a medium"
        ),
        pytest.param(
            SHIZUOKA_CITY,
            f"30-13-3,条例9条,市町村長,{_TOKYOS}",
            Method.BULK,
            NO_ROAD,
            id="through the own one",
        ),
        pytest.param(
            SHIZUOKA_CITY, f"30-13-3,条例9条,市町村長,{_TOKYOS}", Method.MEDIA, NO_ROAD, id="nor on a medium"
        ),
        pytest.param(
            SHIZUOKA_CITY,
            f"30-14,条例1条,市町村長,千代田区条例,墓地の管理,{CHIYODA}",
            Method.BULK,
            NO_ROAD,
            id="another mayor",
        ),
        pytest.param(
            SHIZUOKA_CITY,
            "30-12-1-1,1,市町村長,地方税法,地方税の徴収,",
            Method.BULK,
            refusals.THROUGH_THE_GOVERNOR,
            id="the Centre, through the own governor only",
        ),
        pytest.param(
            SHIZUOKA,
            f"30-15-1-2,条例1条,都道府県知事,静岡県条例,道路の管理,{SHIZUOKA}",
            Method.BULK,
            IN_THE_OWN_BOOK,
            id="the own records",
        ),
    ],
)
async def test_a_file_goes_only_where_the_network_has_a_road(
    country: Country, tmp_path: Path, asker: str, row: str, method: Method, refusal: Refusal | None
):
    """法30条の13第2項・第3項, 法30条の14: what could not arrive is refused at home, with the articles, and raises no alarm."""
    rows = f"affair,basis,row,recipient,law,title,government\nx-1,{row}\n"
    book = Book.read(packaged(), {"affairs/ordinance/2026-01-01.csv": rows})
    node = await furnished(country, asker, "x-1")
    keys = tmp_path / "keys.csv"
    keys.write_text("氏名,生年月日,性別,住所\n渡邉　葵,1990-01-01,女,霞が関一丁目1番1号\n")
    bulk = Fetching(node, book)
    wanted = asked(affair="x-1", kind=KeyKind.FOUR_ITEMS, method=method)

    if refusal is None:
        assert (await bulk.submit(wanted, keys)).request.provider == TOKYO
    else:
        with pytest.raises(Refused) as refused:
            await bulk.submit(wanted, keys)
        assert refused.value.refusal == refusal
    await bulk.close()


async def test_a_file_of_an_affair_that_was_withdrawn_is_not_recognised(
    bulk: Fetching, agency: Node, file: Path
):
    """The office asked while it held the affair; what came of it is nothing for who does not hold it any more."""
    await bulk.submit(asked(), file)
    at = agency.clock()
    await agency.read(lambda connection: offices.withdraw_affair(connection, "desk", PENSION, at))

    with pytest.raises(Refused) as refused:
        await bulk.submit(asked(), file)

    assert refused.value.refusal == refusals.AFFAIR_NOT_HELD


async def test_a_day_s_limit_counts_the_rows_of_a_file(country: Country, file: Path):
    """An office that may ask about so many persons a day may not do it by file either."""
    agency = await furnished(country, PENSIONS, PENSION, per_day=30)
    bulk = Fetching(agency)
    await bulk.submit(asked(), file)

    with pytest.raises(Refused) as refused:
        await bulk.submit(asked(again=True), file)

    assert refused.value.refusal == refusals.QUOTA_USED_UP
    await bulk.close()


async def test_a_file_that_is_read_over_midnight_counts_for_the_day_on_which_it_is_asked(
    country: Country, file: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its line was named the evening before; the limit is the day's whose midnight has passed."""
    agency = await furnished(country, PENSIONS, PENSION, per_day=30)
    bulk = Fetching(agency)

    def prepared_over_midnight(*args: Any) -> Any:
        country.clock.advance(hours=12)
        return preparing.prepare(*args)

    with monkeypatch.context() as patched:
        patched.setattr(room, "prepare", prepared_over_midnight)
        await bulk.submit(asked(), file)
    assert country.clock().hour == 0

    with pytest.raises(Refused) as refused:
        await bulk.submit(asked(again=True), file)

    assert refused.value.refusal == refusals.QUOTA_USED_UP
    await bulk.close()


async def test_what_is_refused_before_midnight_stays_refused(
    country: Country, file: Path, monkeypatch: pytest.MonkeyPatch
):
    """The limit of the evening was used up; that the day's has begun when it is written down is for the next request."""
    agency = await furnished(country, PENSIONS, PENSION, per_day=30)
    bulk = Fetching(agency)
    await bulk.submit(asked(), file)

    async def decided_before_midnight(*args: Any) -> Any:
        decision = await decide(*args)
        country.clock.advance(hours=12)
        return decision

    with monkeypatch.context() as patched:
        patched.setattr(room, "decide", decided_before_midnight)
        with pytest.raises(Refused) as refused:
            await bulk.submit(asked(again=True), file)

    assert refused.value.refusal == refusals.QUOTA_USED_UP
    await bulk.close()


async def test_a_file_is_sealed_for_who_provides_when_it_is_asked(
    country: Country, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """At midnight another provides: what was sealed for the one of the evening is sealed anew."""
    texts = {
        "2026-01-01": f"x-1,30-13-1,条例1条,市町村長,静岡県条例,道路の管理,{SHIZUOKA}",
        str(
            country.clock().date() + timedelta(days=1)
        ): "x-1,30-10-1-2,条例1条,市町村長,静岡市条例,道路の管理,221007",
    }
    header = "affair,basis,row,recipient,law,title,government\n"
    book = Book.read(
        packaged(), {f"affairs/ordinance/{day}.csv": f"{header}{row}\n" for day, row in texts.items()}
    )
    node = await furnished(country, SHIZUOKA_CITY, "x-1")
    keys = tmp_path / "keys.csv"
    keys.write_text("氏名,生年月日,性別,住所\n渡邉　葵,1990-01-01,女,霞が関一丁目1番1号\n")
    bulk = Fetching(node, book)
    sealed_for: list[str] = []

    def sealed_over_midnight(*args: Any) -> Any:
        request = request_of(*args)
        sealed_for.append(args[4].provider)
        if len(sealed_for) == 1:
            country.clock.advance(hours=12)
        return request

    monkeypatch.setattr(room.entering, "request_of", sealed_over_midnight)
    entered = await bulk.submit(asked(affair="x-1", kind=KeyKind.FOUR_ITEMS), keys)

    assert sealed_for == [SHIZUOKA, CENTRE]
    assert entered.request.provider == CENTRE
    await bulk.close()


async def test_what_the_provider_refuses_is_told_as_a_refusal(
    bulk: Fetching, agency: Node, provider: BulkStandIn, file: Path
):
    """Its rule and article stand in the request, and in the ledger."""
    provider.refusal = refusals.OUTSIDE_THE_AREA
    fetched = await bulk.run((await bulk.submit(asked(), file)).request.id)

    assert fetched.request.standing == "refused"
    assert refusals.OUTSIDE_THE_AREA.to_dict() == fetched.request.refusal
    assert (await line_of(agency, fetched.request.id)).results == ("not_permitted",)


async def test_a_provider_that_is_away_is_asked_again_later(country: Country, alone: Fetching, file: Path):
    """Nothing is lost meanwhile: the same request goes on when somebody answers."""
    submitted = await alone.submit(asked(), file)
    with pytest.raises(Unavailable):
        await alone.run(submitted.request.id)
    assert (await alone.look(submitted.request.id)).request.standing == "waiting"

    await standing_in(country, CENTRE)

    assert (await alone.run(submitted.request.id, patience=60)).request.standing == "done"


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(BULK_CHUNK, id="a chunk that is another"),
        pytest.param(BULK_PART, id="a manifest that was changed"),
    ],
)
async def test_what_was_not_signed_for_is_not_believed(
    bulk: Fetching,
    agency: Node,
    provider: BulkStandIn,
    file: Path,
    message: str,
    country: Country,
):
    """The request has failed, nothing of it is shown, and somebody must look."""

    def spoil(what: str, raw: bytes) -> bytes:
        return raw[:-40] + bytes([raw[-40] ^ 1]) + raw[-39:] if what == message else raw

    provider.spoil = spoil
    submitted = await bulk.submit(asked(), file)

    with pytest.raises(PeerError):
        await bulk.run(submitted.request.id)

    fetched = await bulk.look(submitted.request.id)
    assert (fetched.request.standing, fetched.request.received) == ("failed", 0)
    assert (await line_of(agency, submitted.request.id)).code is not None
    assert country.rows(agency.id, "SELECT kind FROM alarm") == [("promise-broken",)]


async def test_more_than_was_granted_is_not_taken(bulk: Fetching, provider: BulkStandIn, file: Path):
    """An item that the own book does not grant is not even written."""
    provider.items = ("resident_code",)
    provider.says = lambda _: (Result.MATCHED, 19)

    with pytest.raises(IntegrityFailure, match="more than was granted"):
        await bulk.run((await bulk.submit(asked(), file)).request.id)


async def test_a_disk_that_is_full_leaves_a_request_to_go_on_with(
    bulk: Fetching, provider: BulkStandIn, file: Path, monkeypatch: pytest.MonkeyPatch
):
    """What cannot be written is not receipted; when there is space again, it goes on."""

    def full(*_: Any) -> None:
        raise Unavailable("the answer cannot be written: No space left on device")

    submitted = await bulk.submit(asked(), file)
    with monkeypatch.context() as patched:
        patched.setattr(room.running, "write_part", full)
        with pytest.raises(Unavailable, match="No space"):
            await bulk.run(submitted.request.id)
    assert not provider.receipted

    assert (await bulk.run(submitted.request.id)).request.standing == "done"


async def test_a_file_that_cannot_be_read_leaves_nothing(bulk: Fetching, agency: Node, file: Path):
    """No line, no folder: nobody has asked anything."""
    file.write_text("住民票コード\nx\n")  # noqa: ASYNC240 - a line

    with pytest.raises(BadFile):
        await bulk.submit(asked(), file)

    assert not await agency.read(ledger.search)
    assert not list(folder(agency, "x").path.parent.iterdir())


async def test_an_answer_that_is_not_kept_is_handed_over_once(bulk: Fetching, file: Path, tmp_path: Path):
    """Whoever was killed before it was forgotten is told that it was handed over."""
    fetched = await bulk.run((await bulk.submit(asked(), file)).request.id)
    kept = await bulk.deliver(fetched.request, tmp_path / "kept.csv")
    given = await bulk.deliver(fetched.request, tmp_path / "given.csv", keep=False)

    assert kept.file.read_bytes() == given.file.read_bytes()
    assert given.report is not None
    with pytest.raises(Refused) as refused:
        await bulk.deliver(fetched.request, tmp_path / "again.csv", keep=False)
    assert refused.value.refusal == ERASED
    assert not (tmp_path / "again.csv").exists()


async def test_files_are_erased_when_nobody_needs_them(
    country: Country, bulk: Fetching, agency: Node, file: Path
):
    """A week after a request was over, keys and answers are gone; the ledger stays."""
    fetched = await bulk.run((await bulk.submit(asked(), file)).request.id)
    await room.delivering.erase_old(agency)
    assert folder(agency, fetched.request.id).exists

    country.clock.advance(days=8)
    await room.delivering.erase_old(agency)

    assert not folder(agency, fetched.request.id).exists
    assert (await bulk.look(fetched.request.id)).request.erased_at is not None


async def test_requests_are_gone_on_with_by_themselves(bulk: Fetching, file: Path):
    """A gateway goes on with what was submitted to it, and with what another process left."""
    submitted = await bulk.submit(asked(), file)

    async with bulk.going_on():
        async with asyncio.timeout(60):
            while (await bulk.look(submitted.request.id)).request.ended_at is None:  # noqa: ASYNC110 - it goes on by itself
                await asyncio.sleep(0.05)

    assert (await bulk.look(submitted.request.id)).request.standing == "done"


async def test_nobody_looks_at_a_request_that_is_none(bulk: Fetching):
    """An id that was never given is said to be none."""
    with pytest.raises(BadInput):
        await bulk.look("0" * 32)


async def _until(done: Any) -> None:
    async with asyncio.timeout(60):
        while not done():  # noqa: ASYNC110 - what is waited for is another's
            await asyncio.sleep(0.01)
