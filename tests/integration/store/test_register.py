# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest

from fixtures.notices import CHIYODA, CHUO, NOON, code_of, number_of
from openjuki.config import Kind
from openjuki.errors import Unavailable
from openjuki.residents.address import Address
from openjuki.residents.changes import Change, Destination, MunicipalReason, Predecessor, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.history import History
from openjuki.residents.names import PersonName
from openjuki.residents.record import ForeignResidentItems, ResidentRecord, Sex
from openjuki.residents.search import kana_key, variant_key
from openjuki.residents.transitions import State
from openjuki.store import register
from openjuki.store.database import connect

pytestmark = pytest.mark.postgres

ENTERED = date(2020, 4, 1)


def record(person: int = 1, **items) -> ResidentRecord:
    plain = ResidentRecord(
        resident_number=f"{person:010d}",
        resident_code=code_of(person),
        individual_number=number_of(person),
        name=PersonName("渡邉　葵", furigana="ワタナベ　アオイ"),
        birth_date=RecordedDate.of(date(1990, 1, 1)),
        sex=Sex.FEMALE,
        address=Address(CHIYODA, "千代田一丁目", "1番1号"),
        household_number="0000000027",
    )
    return replace(plain, **items)


#: Every item has a value of its own, so that none can be taken for another.
FULL = record(
    name=PersonName(
        "LI PING　李　萍",
        furigana="リ　ヘイ",
        former_surname="旧氏",
        former_surname_furigana="キュウシ",
        alias="木村　花",
        latin="LI PING",
        kanji="李　萍",
    ),
    birth_date=RecordedDate.parse("昭和60年月日不詳"),
    address=Address(
        CHIYODA, "千代田一丁目", "1番1号", "ハイツ101", postal_code="1000001", machiaza_id="0001001"
    ),
    relationship="妻",
    registered_domicile="千代田区千代田1番",
    head_of_koseki="渡邉　一",
    became_resident_on=RecordedDate.parse("平成25年3月頃"),
    address_settled_on=RecordedDate.of(date(2013, 3, 20)),
    notified_on=RecordedDate.of(date(2013, 3, 21)),
    previous_address="横浜市中区日本大通1番",
    foreign=ForeignResidentItems(
        nationality="中国",
        became_foreign_resident_on=RecordedDate.of(date(2012, 7, 9)),
        residence_category="中長期在留者",
        residence_status="永住者",
        residence_period="5年",
        residence_expires_on=RecordedDate.of(date(2028, 3, 31)),
        residence_card_number="AB12345678CD",
    ),
)


def change(reason, of: ResidentRecord, on: date = ENTERED, **items) -> Change:
    return Change(reason=reason, date_of_change=on, notified_on=on, recorded_at=NOON, record=of, **items)


def entry(of: ResidentRecord, **items) -> Change:
    return change(Reason.MOVED_IN, of, **items)


async def record_changes(connection, *changes: Change) -> None:
    """Apply changes as a municipality does: lock, apply, write what was added."""
    numbers = {made.record.resident_number for made in changes}
    histories = await register.lock_histories(connection, numbers)
    known = {number: len(history.rows) for number, history in histories.items()}
    for made in changes:
        number = made.record.resident_number
        after = histories[number].apply(made)
        assert isinstance(after, History)
        histories[number] = after
    added = [row for number, history in histories.items() for row in history.rows[known[number] :]]
    await register.write_rows(connection, added)


async def pointers(connection):
    cursor = await connection.execute(
        "SELECT resident_number, history_number, state, resident_code, name_key, kana_key, birth_date FROM resident"
        " ORDER BY 1"
    )
    return await cursor.fetchall()


@pytest.mark.parametrize(
    "whole", [pytest.param(FULL, id="every item"), pytest.param(record(), id="few items")]
)
async def test_a_history_is_read_as_it_was_written(municipality, whole):
    """Every item of a record, and everything that is known of its changes, survives the book."""
    before = Predecessor(municipality=CHUO, stay=1)
    moved = replace(whole, address=replace(whole.address, block="9番9号"))
    there = Destination(municipality=CHUO, address="築地一丁目1番")
    changes = (
        entry(whole, predecessor=before),
        change(MunicipalReason.HEAD_CHANGED, whole),
        change(Reason.MOVED_WITHIN, moved),
        change(Reason.MOVED_OUT, moved, date(2020, 5, 1), destination=there),
    )
    await record_changes(municipality, *changes)

    expected = History()
    for made in changes:
        expected = expected.apply(made)
    (history,) = (await register.read_histories(municipality, [whole.resident_number])).values()
    assert history == expected


async def test_a_destination_abroad_has_no_municipality(municipality):
    """An address abroad is kept without a municipality."""
    there = Destination(municipality=None, address="フランス国パリ市")
    await record_changes(
        municipality,
        entry(record()),
        change(Reason.MOVED_ABROAD, record(), date(2020, 5, 1), destination=there),
    )

    (history,) = (await register.read_histories(municipality, ["0000000001"])).values()
    assert history.rows[-1].change.destination == there


async def test_nobody_has_an_empty_history(municipality):
    """A number that nobody has leads to a history without rows."""
    assert await register.lock_histories(municipality, ["0000000099"]) == {"0000000099": History()}


async def test_the_pointer_follows_the_last_change(municipality):
    """Several changes of one person in one batch leave one pointer, at the last, with its keys."""
    named = record(name=PersonName("佐藤　葵", furigana="サトウ　アオイ"))
    await record_changes(municipality, entry(record()), entry(record(2)))
    await record_changes(
        municipality,
        change(MunicipalReason.CLERICAL_CORRECTION, named),
        change(Reason.DIED, named, date(2020, 6, 1)),
    )

    keys = (variant_key("佐藤　葵"), kana_key("サトウ　アオイ"), date(1990, 1, 1))
    first, second = await pointers(municipality)
    assert first == ("0000000001", 3, "died", code_of(1), *keys)
    assert second[:4] == ("0000000002", 1, "resident", code_of(2))


async def test_present_rows_are_read_one_by_one(municipality):
    """Everybody's present row, in the order of the numbers, in chunks."""
    await record_changes(municipality, *(entry(record(person)) for person in range(1, 8)))
    await record_changes(municipality, change(Reason.DIED, record(3), date(2020, 6, 1)))

    rows = [row async for row in register.current_rows(municipality, chunk=3)]
    assert [row.record.resident_number for row in rows] == [f"{person:010d}" for person in range(1, 8)]
    assert [row.state for row in rows].count(State.DIED) == 1


async def test_residents_are_found_by_code(municipality):
    """By their code wherever they stand, and counted by how they stand."""
    await record_changes(
        municipality, entry(record(1)), entry(record(2)), entry(record(3, household_number="9"))
    )
    await record_changes(municipality, change(Reason.DIED, record(2), date(2020, 6, 1)))

    found = await register.residents_by_code(municipality, [code_of(2), code_of(3), code_of(4)])
    assert found == {code_of(2): "0000000002", code_of(3): "0000000003"}
    assert await register.count_residents(municipality) == {State.RESIDENT: 2, State.DIED: 1}


async def test_one_code_is_one_persons(municipality):
    """A second resident with a code in use is refused by the database too (法30条の3)."""
    await record_changes(municipality, entry(record(1)))

    with pytest.raises(psycopg.errors.UniqueViolation):
        await record_changes(municipality, entry(record(2, resident_code=code_of(1))))


async def test_whoever_is_being_changed_is_waited_for(new_database):
    """A second change of a person waits for the first, and sees it."""
    url = new_database(Kind.MUNICIPALITY)
    async with await connect(url) as first, await connect(url) as second:
        await record_changes(first, entry(record()))
        await first.commit()
        await record_changes(first, change(Reason.DIED, record(), date(2020, 6, 1)))
        waiting = asyncio.create_task(register.lock_histories(second, ["0000000001"]))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await first.commit()

        assert (await waiting)["0000000001"].state is State.DIED


@pytest.mark.parametrize(
    "statement", ["DELETE FROM resident_record", "UPDATE resident_record SET name = 'x'"]
)
async def test_history_is_not_rewritten(municipality, statement):
    """The worker adds to the history; it takes nothing back."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await municipality.execute(statement)


async def test_serials_are_given_once(municipality):
    """Residents and households are counted apart, and no number is given twice."""
    one = await register.resident_serials(municipality, 3)
    other = await register.resident_serials(municipality, 2)

    assert one + other == [1, 2, 3, 4, 5]
    assert await register.household_serials(municipality, 1) == [1]


async def test_numbers_of_an_imported_register_are_not_free(municipality):
    """The first number is found that nobody has, also nobody who has died; where all are taken there is none."""
    await record_changes(municipality, *(entry(record(person)) for person in (1, 2, 4)))
    await record_changes(municipality, change(Reason.DIED, record(1), date(2020, 6, 1)))
    taken = [f"{person:010d}" for person in (1, 2)]

    assert (
        await register.free_resident_number(municipality, [*taken, "0000000005", "0000000003"])
        == "0000000005"
    )
    assert await register.free_resident_number(municipality, taken) is None
    assert await register.free_household_number(municipality, ["0000000027", "0000000019"]) == "0000000019"
    assert await register.free_household_number(municipality, ["0000000027"]) is None


class TestStock:
    async def test_codes_are_drawn_in_their_random_order(self, municipality):
        """The order of drawing is the one fixed when the codes came, not that of the codes."""
        await register.add_stock(municipality, {code_of(1): 30, code_of(2): 10, code_of(3): 20}, NOON)

        drawn = [await register.draw_codes(municipality, 1, NOON) for _ in range(3)]
        assert drawn == [[code_of(2)], [code_of(3)], [code_of(1)]]

    async def test_a_code_is_drawn_once(self, municipality):
        """What was drawn is no longer in the stock, also if the Centre tells of it again."""
        await register.add_stock(municipality, {code_of(person): person for person in range(5)}, NOON)
        drawn = await register.draw_codes(municipality, 2, NOON)
        await register.add_stock(municipality, {code_of(person): person for person in range(5)}, NOON)

        assert await register.stock_levels(municipality) == (3, 5)
        assert not set(drawn) & set(await register.draw_codes(municipality, 3, NOON))

    async def test_an_empty_stock_is_said_aloud(self, municipality):
        """Where the stock does not hold enough, nothing is given."""
        await register.add_stock(municipality, {code_of(1): 1}, NOON)

        with pytest.raises(Unavailable, match="stock"):
            await register.draw_codes(municipality, 2, NOON + timedelta(days=1))

    async def test_two_draws_at_once_take_different_codes(self, new_database):
        """A draw passes over what another transaction is just taking, and waits for nobody."""
        url = new_database(Kind.MUNICIPALITY)
        async with await connect(url) as one, await connect(url) as other:
            await register.add_stock(one, {code_of(person): person for person in range(4)}, NOON)
            await one.commit()
            drawn = await register.draw_codes(one, 2, NOON)
            async with asyncio.timeout(60):
                also = await register.draw_codes(other, 2, NOON)

            assert not set(drawn) & set(also)
