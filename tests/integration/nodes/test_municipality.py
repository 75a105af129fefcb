# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a municipality does by itself: it keeps unused codes, fetches numbers, and forms batches."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

import orjson
import pytest

from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from fixtures.notices import code_of, number_of
from fixtures.offices import SOMEBODY, day
from openjuki import errors
from openjuki.codes.resident import ResidentCode
from openjuki.nodes.roles import municipality
from openjuki.residents.changes import Reason
from openjuki.store import journal, register
from openjuki.wire import batch
from openjuki.wire.link import START, Mark, Pull

if TYPE_CHECKING:
    from fixtures.offices import Country
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.link import Entry

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

STOCK = "SELECT resident_code FROM code_stock"
NUMBER = "SELECT individual_number FROM resident"


async def online(country: Country, town: str = CHIYODA) -> Node:
    """A town, and the Centre, which it asks."""
    await country.connected(CENTRE)
    return await country.connected(town)


async def test_low_stock_is_replenished(country: Country):
    """A town with few unused codes asks for more, and has them in an order that nobody chose."""
    town = await online(country)

    assert await municipality.keep_stock(town)

    codes = country.rows(CHIYODA, f"{STOCK} ORDER BY draw_order")
    assert len(codes) == municipality.REPLENISHED
    assert codes != sorted(codes)
    assert all(ResidentCode.is_valid(code) for (code,) in codes)
    assert await country.alarms(CHIYODA) == []


async def test_a_stock_that_is_not_low_is_left_alone(country: Country):
    """A town with enough codes asks for none."""
    await country.stock(CHIYODA, municipality.LOW_STOCK)
    town = await online(country)

    with_enough = country.books()
    assert not await municipality.keep_stock(town)
    assert country.books() == with_enough


async def test_low_stock_is_an_alarm_until_codes_come(country: Country):
    """While the Centre does not answer, somebody must look; once codes have come, the alarm is settled."""
    await country.stock(CHIYODA, 3)
    town = await country.connected(CHIYODA)
    for _ in range(2):
        with pytest.raises(errors.PeerUnavailable):
            await municipality.keep_stock(town)
    assert await country.alarms(CHIYODA) == [("code-stock-low", {})]

    await online(country)
    await municipality.keep_stock(town)

    assert await country.alarms(CHIYODA) == []
    assert len(country.rows(CHIYODA, STOCK)) == 3 + municipality.REPLENISHED
    assert country.rows(CHIYODA, "SELECT settled_at FROM alarm") == [(country.clock(),)]


async def test_codes_whose_answer_was_lost_are_not_lost(country: Country, monkeypatch: pytest.MonkeyPatch):
    """A town that never got the answer asks under the same name, and gets the codes that were designated to it."""
    town = await online(country)

    async def lost(*_: object) -> None:
        raise errors.StoreUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(register, "add_stock", lost)
        with pytest.raises(errors.StoreUnavailable):
            await municipality.keep_stock(town)
    designated = country.rows(CENTRE, "SELECT resident_code FROM code_designation ORDER BY 1")

    await municipality.keep_stock(town)

    assert sorted(country.rows(CHIYODA, STOCK)) == designated
    assert country.rows(CENTRE, "SELECT resident_code FROM code_designation ORDER BY 1") == designated


async def test_the_next_time_other_codes_come(country: Country):
    """When the stock is used up, the next request is another one."""
    town = await online(country)
    await municipality.keep_stock(town)
    country.rows(CHIYODA, "UPDATE code_stock SET used_at = designated_at")

    await municipality.keep_stock(town)

    assert len(country.rows(CHIYODA, STOCK)) == 2 * municipality.REPLENISHED


async def numbered(country: Country) -> tuple[Node, ResidentCode]:
    """A town in which somebody waits for a number, and the Centre that knows of them."""
    code = await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    await country.pull(CENTRE, TOKYO)
    return await online(country), code


async def test_who_waits_gets_a_number(country: Country):
    """The Centre's number is recorded, notified as the next version, and the wait is over."""
    town, code = await numbered(country)

    assert not await municipality.fetch_numbers(town)

    generated = country.rows(CENTRE, "SELECT individual_number FROM number_generation")
    assert country.rows(CHIYODA, NUMBER) == generated
    assert country.rows(CHIYODA, "SELECT reason, version FROM resident_record ORDER BY version") == [
        ("A06", 1),
        (Reason.NUMBER_ENTERED_EX_OFFICIO.value, 2),
    ]
    assert country.rows(CHIYODA, "SELECT 1 FROM number_request") == []
    (_, told) = country.journal(CHIYODA, "notice.issued")
    assert orjson.loads(told or b"")["individual_number"] == generated[0][0]
    assert orjson.loads(told or b"")["resident_code"] == code


async def test_nobody_waits_and_nobody_is_asked(country: Country):
    """Without anybody who waits, the Centre hears nothing."""
    town = await country.connected(CHIYODA)

    assert not await municipality.fetch_numbers(town)


async def test_a_number_on_request_replaces_the_old_one(country: Country):
    """The next number of the code is recorded under the reason it was asked for."""
    town, code = await numbered(country)
    await municipality.fetch_numbers(town)
    ((before,),) = country.rows(CHIYODA, NUMBER)
    await country.record(CHIYODA, Reason.NUMBER_CHANGED_ON_REQUEST, resident_code=code)

    await municipality.fetch_numbers(town)

    ((after,),) = country.rows(CHIYODA, NUMBER)
    assert after != before
    told = orjson.loads(country.journal(CHIYODA, "notice.issued")[-1] or b"")
    assert (told["reason"], told["previous_individual_number"]) == ("N01", before)


async def test_numbers_whose_answer_was_lost_are_not_generated_anew(
    country: Country, monkeypatch: pytest.MonkeyPatch
):
    """A town that never got the answer asks again, and the person has one number in the nation."""
    town, _ = await numbered(country)

    async def lost(*_: object) -> None:
        raise errors.StoreUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(municipality, "_record_numbers", lost)
        with pytest.raises(errors.StoreUnavailable):
            await municipality.fetch_numbers(town)

    await municipality.fetch_numbers(town)

    assert country.rows(CHIYODA, NUMBER) == country.rows(
        CENTRE, "SELECT individual_number FROM number_generation"
    )


async def test_whom_the_centre_does_not_know_nobody_waits_behind(
    country: Country, monkeypatch: pytest.MonkeyPatch
):
    """Also where as many wait for their notices as are asked for at once."""
    monkeypatch.setattr(municipality, "NUMBERS_AT_ONCE", 2)
    town, code = await numbered(country)
    for person in (7, 8):
        await country.enter(CHIYODA, resident_code=code_of(person), resident_number=f"000000000{person}")

    await municipality.fetch_numbers(town)

    assert country.rows(CHIYODA, f"{NUMBER} WHERE resident_code = %s", code) != [(None,)]
    assert len(country.rows(CHIYODA, "SELECT 1 FROM number_request")) == 2


async def test_a_number_that_was_recorded_meanwhile_is_not_recorded_over(country: Country):
    """Whoever got another number at the counter while the Centre was asked keeps it."""
    town, code = await numbered(country)
    waiting = await town.read(lambda connection: municipality.numbers.awaited(connection, 9))
    form = {"resident_code": code, "individual_number": number_of(1)}
    await country.record(CHIYODA, Reason.NUMBER_ENTERED_EX_OFFICIO, **form)

    given = {code: number_of(2)}
    await town.transact(lambda connection: municipality._record_numbers(town, connection, waiting, given))

    assert country.rows(CHIYODA, NUMBER) == [(number_of(1),)]
    assert country.rows(CHIYODA, "SELECT 1 FROM number_request") == []


async def test_a_number_that_may_no_longer_be_recorded_ends_the_wait(country: Country):
    """Who died while the Centre was asked for another number keeps the one they had."""
    code = await country.enter(CHIYODA, individual_number=number_of(1))
    await country.record(CHIYODA, Reason.NUMBER_CHANGED_ON_REQUEST, resident_code=code)
    await country.record(CHIYODA, Reason.DIED, resident_code=code)
    town = await country.node(CHIYODA)
    waiting = await town.read(lambda connection: municipality.numbers.awaited(connection, 9))

    given = {code: number_of(2)}
    await town.transact(lambda connection: municipality._record_numbers(town, connection, waiting, given))

    assert country.rows(CHIYODA, NUMBER) == [(number_of(1),)]
    assert country.rows(CHIYODA, "SELECT 1 FROM number_request") == []


async def test_whom_the_centre_does_not_answer_goes_on_waiting(country: Country):
    """A code missing from the answer leaves its resident waiting, and nothing recorded."""
    town, _ = await numbered(country)
    waiting = await town.read(lambda connection: municipality.numbers.awaited(connection, 9))
    rows = country.rows(CHIYODA, "SELECT count(*) FROM resident_record")

    await town.transact(lambda connection: municipality._record_numbers(town, connection, waiting, {}))

    assert country.rows(CHIYODA, "SELECT count(*) FROM number_request") == [(1,)]
    assert country.rows(CHIYODA, "SELECT count(*) FROM resident_record") == rows


async def append(town: Node, *payloads: bytes) -> None:
    """Put payloads on the town's link to its prefecture, as they are."""
    at = town.clock()

    async def work(connection: Connection) -> None:
        entries = [
            journal.Entry(
                kind="notice.issued", recorded_at=at, payload=one, salt=bytes(32), recipients=(TOKYO,)
            )
            for one in payloads
        ]
        await journal.append(connection, entries)

    await town.read(work)


async def outgoing(country: Country, after: int = 0, limit: int = 3_000) -> tuple[Entry, ...]:
    """What the town's link to its prefecture gives to a pull."""
    while await country.sequence(CHIYODA):
        pass
    town = await country.node(CHIYODA)
    mark = Mark(seq=after, size=START.size, root=START.root)
    wanted = Pull(mark=mark, limit=limit)
    return await town.read(lambda connection: municipality.outgoing(town, connection, TOKYO, wanted))


def noise(size: int) -> bytes:
    """Bytes that do not compress, without a line feed."""
    return random.Random(size).randbytes(size).replace(b"\n", b" ")


async def test_what_waits_is_formed_into_batches_of_a_thousand(country: Country):
    """A batch holds a thousand notices at most; the next begins behind it."""
    await append(await country.node(CHIYODA), *[b"{}"] * 1_001)

    entries = await outgoing(country)

    assert [(entry.first, entry.last) for entry in entries] == [(1, 1_000), (1_001, 1_001)]


async def test_a_batch_stands_as_it_was_formed(country: Country):
    """Notices that came since go into the next batch, however few there were."""
    town = await country.node(CHIYODA)
    await append(town, b"{}")
    (first,) = await outgoing(country)
    await append(town, b"{}")

    again, second = await outgoing(country)

    assert again.document == first.document
    assert (second.first, second.last) == (2, 2)


async def test_nothing_waits_behind_the_mark(country: Country):
    """A receiver that has everything gets nothing, and no batch is formed."""
    await append(await country.node(CHIYODA), b"{}")

    assert await outgoing(country, after=1) == ()
    assert country.rows(CHIYODA, "SELECT 1 FROM link_batch") == []


async def test_an_answer_fits_the_line(country: Country):
    """Of batches that are large, as many are answered as there is room for, and one in any case."""
    await append(await country.node(CHIYODA), *[noise(400_000 + n) for n in range(9)])

    first, *others = await outgoing(country)

    assert first.first == 1
    assert sum(len(entry.document) for entry in (first, *others)) <= batch.LARGEST_INNER
    following = await outgoing(country, after=(others or [first])[-1].last)
    assert following[0].first == (others or [first])[-1].last + 1


async def test_a_batch_is_readable_to_prefecture_and_centre_alone(country: Country):
    """It is sealed to these two: the town next door cannot open it."""
    await country.enter(CHIYODA)
    (entry,) = await outgoing(country)
    keys = {node: country.ground.identities[node].keys for node in (TOKYO, CENTRE, CHUO)}

    read = [
        batch.read_batch(entry.document, keys=keys[node], directory=country.directory)
        for node in (TOKYO, CENTRE)
    ]
    assert read[0] == read[1]
    assert SOMEBODY["name"].encode() in read[0].notices[0]
    assert SOMEBODY["name"].encode() not in entry.document
    with pytest.raises(errors.MisaddressedEnvelope):
        batch.read_batch(entry.document, keys=keys[CHUO], directory=country.directory)


async def test_letters_and_notices_are_two_links(country: Country):
    """To the prefecture go the notices, to the Centre the letters, each numbered from one."""
    code = await country.enter(CHIYODA)
    form = {"destination_municipality": CHUO, "date_of_change": day(3)}
    await country.record(CHIYODA, Reason.MOVED_OUT, resident_code=code, **form)
    await country.sequence(CHIYODA)

    query = "SELECT recipient, seq, kind FROM link_entry JOIN journal ON index = journal_index ORDER BY 1, 2"
    assert country.rows(CHIYODA, query) == [
        (TOKYO, 1, "notice.issued"),
        (TOKYO, 2, "notice.issued"),
        (CENTRE, 1, "relay.sent"),
    ]


async def test_a_town_pulls_the_centre_alone(country: Country):
    """What other towns write comes by way of the Centre."""
    assert list(municipality.sources(await country.node(CHIYODA))) == [CENTRE]


async def test_a_resident_without_a_designated_code_holds_up_nobody_elses_number(country: Country):
    """Whose code the Centre does not know waits; everybody else gets a number."""
    town, code = await numbered(country)
    await country.enter(CHIYODA, resident_code=code_of(77))

    await municipality.fetch_numbers(town)

    assert country.rows(CHIYODA, "SELECT resident_number FROM number_request") == [("0000000027",)]
    assert country.rows(CHIYODA, f"{NUMBER} WHERE resident_code = %s", code) != [(None,)]
