# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import asyncio
from datetime import date

import psycopg
import pytest

from fixtures.notices import (
    CHIYODA,
    CHUO,
    NOON,
    RECEIVED,
    code_changed,
    code_of,
    moved_in,
    notice,
    number_of,
    take_in,
)
from openjuki.config import Kind
from openjuki.residents.changes import Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.notice import digest
from openjuki.residents.search import address_key, variant_key
from openjuki.residents.stays import (
    NUMBER_NOT_ANNOUNCED,
    STALE_VERSION,
    TWO_CLAIMS,
    Admitted,
    PersonState,
    admit,
)
from openjuki.store.database import connect, pool, transact
from openjuki.store.links import accept_all
from openjuki.store.records import load_persons, write_admitted

pytestmark = pytest.mark.postgres


async def rows(connection, statement):
    return await (await connection.execute(statement)).fetchall()


async def pointers(connection):
    return await rows(connection, "SELECT stay, version, state, municipality FROM person ORDER BY person_id")


async def test_every_item_of_a_notice_is_kept_as_it_was(centre):
    """What the notice says stands in its record, item by item; the date as it was recorded."""
    born = RecordedDate.parse("昭和64年1月頃")
    told = moved_in(
        former_surname="佐藤",
        former_surname_furigana="サトウ",
        alias="アオイ",
        birth_date=born,
        previous_individual_number=None,
    )
    await take_in(centre, told)

    names = (
        "name furigana former_surname former_surname_furigana alias sex municipality address resident_code"
    )
    who = told.identification
    (row,) = await rows(centre, f"SELECT {names.replace(' ', ', ')} FROM record")
    assert row == tuple(getattr(who, name) for name in names.split())
    (row,) = await rows(
        centre,
        "SELECT stay, version, reason, date_of_change, recorded_at, predecessor_municipality, predecessor_stay, "
        "birth_date, birth_date_recorded, origin, received_at, digest FROM record",
    )
    change = (2, 1, "A01", told.date_of_change, NOON, CHIYODA, 1)
    assert row == (*change, born.sort, born.text, CHUO, RECEIVED, digest(told.to_bytes()))


async def test_codes_and_numbers_lead_to_the_person(centre):
    """A first notice makes a person, to whom code and number lead."""
    await take_in(centre, notice(7), notice(8))

    (one, other) = await rows(centre, "SELECT person_id FROM person ORDER BY person_id")
    codes = await rows(
        centre, "SELECT resident_code, person_id, since, until FROM code_succession ORDER BY 1"
    )
    assert codes == [(code_of(7), *one, NOON, None), (code_of(8), *other, NOON, None)]
    numbers = await rows(centre, "SELECT individual_number, person_id FROM number_succession ORDER BY 1")
    assert numbers == [(number_of(7), *one), (number_of(8), *other)]


async def test_the_pointer_follows_the_current_stay_with_its_keys(centre):
    """A move within moves the pointer, and one is found under the new address."""
    await take_in(centre, notice())
    await take_in(centre, notice(version=2, reason=Reason.MOVED_WITHIN, address="一ツ橋二丁目3番4号"))

    assert await pointers(centre) == [(1, 2, "resident", CHIYODA)]
    (keys,) = await rows(centre, "SELECT name_key, address_key, birth_date FROM person")
    assert keys == (variant_key("渡辺　葵"), address_key("一ツ橋2-3-4"), date(1990, 1, 1))


async def test_a_batch_may_speak_of_a_person_many_times(centre):
    """Birth, move, change of code and moving out of one person in one batch: all kept, one pointer."""
    decided = await take_in(
        centre,
        notice(1),
        notice(1, version=2, reason=Reason.MOVED_WITHIN, address="一ツ橋二丁目3番4号"),
        code_changed(1, 2, version=3, address="一ツ橋二丁目3番4号"),
        notice(2, version=4, reason=Reason.MOVED_OUT, individual_number=number_of(1)),
    )

    assert all(isinstance(decision, Admitted) for decision in decided)
    assert await pointers(centre) == [(1, 4, "moved_out_not_entered", CHIYODA)]
    codes = await rows(centre, "SELECT resident_code, until IS NULL FROM code_succession ORDER BY 1")
    assert codes == [(code_of(1), False), (code_of(2), True)]
    assert len(await rows(centre, "SELECT * FROM record")) == 4


async def test_a_late_version_of_an_earlier_stay_goes_into_history(centre):
    """Entry at the new town first, deletion at the old one after: the new town stays current."""
    await take_in(centre, notice())
    await take_in(centre, moved_in())
    await take_in(centre, notice(version=2, reason=Reason.MOVED_OUT))

    assert await pointers(centre) == [(2, 1, "resident", CHUO)]
    assert len(await rows(centre, "SELECT * FROM record")) == 3


async def test_a_cancelled_entry_gives_way_to_the_stay_before(centre):
    """A later stay deleted ex officio: the pointer goes back to the open one, with its keys."""
    await take_in(centre, notice())
    await take_in(centre, moved_in())
    await take_in(centre, moved_in(version=2, reason=Reason.DELETED_EX_OFFICIO, predecessor=None))

    assert await pointers(centre) == [(1, 1, "resident", CHIYODA)]
    (key,) = await rows(centre, "SELECT address_key FROM person")
    assert key == (address_key("千代田1-1-1"),)


async def test_the_new_code_may_arrive_before_the_change_of_code(centre):
    """Entry elsewhere under the new code makes somebody; the change of code shows who it is, and who was told about."""
    await take_in(centre, notice(1))
    await take_in(centre, moved_in(2, individual_number=None))
    assert len(await pointers(centre)) == 2
    await centre.execute(
        "INSERT INTO provision_person (envelope_id, place, number, person_id, salt) "
        "SELECT person_id, 0, 1, person_id, sha256('') FROM person"
    )
    await take_in(centre, code_changed(1, 2))

    assert await pointers(centre) == [(2, 1, "resident", CHUO)]
    (person,) = await rows(centre, "SELECT person_id FROM person")
    for table in ("record", "code_succession", "number_succession", "provision_person"):
        assert set(await rows(centre, f"SELECT person_id FROM {table}")) == {person}
    codes = await rows(centre, "SELECT resident_code, until FROM code_succession ORDER BY 1")
    assert codes == [(code_of(1), NOON), (code_of(2), None)]


async def test_uniting_within_one_batch(centre):
    """The same three notices in one batch, of somebody half known, end in one person."""
    await take_in(centre, notice(1))
    decided = await take_in(centre, moved_in(2, individual_number=None), code_changed(1, 2))

    assert all(isinstance(decision, Admitted) for decision in decided)
    assert await pointers(centre) == [(2, 1, "resident", CHUO)]
    assert len(set(await rows(centre, "SELECT person_id FROM record"))) == 1


async def test_a_number_leads_to_a_person_whose_code_is_new(centre):
    """A code never heard of with a known number is the person of the number."""
    await take_in(centre, notice(1))
    await take_in(centre, moved_in(2, individual_number=number_of(1)))

    assert len(await pointers(centre)) == 1


async def test_persons_that_cannot_be_one_are_not_united(centre):
    """A change of code between two persons with the same stay is refused, and nothing is written."""
    await take_in(centre, notice(1), notice(2))
    decided = await take_in(centre, code_changed(1, 2))

    assert decided == [TWO_CLAIMS]
    assert len(await pointers(centre)) == 2
    assert len(await rows(centre, "SELECT * FROM record")) == 2


async def test_a_changed_number_leads_to_the_same_person(centre):
    """After a change of number both numbers lead to the person, the old one with its end."""
    await take_in(centre, notice(1))
    await take_in(
        centre,
        notice(
            1,
            version=2,
            reason=Reason.NUMBER_CHANGED_ON_REQUEST,
            individual_number=number_of(9),
            previous_individual_number=number_of(1),
        ),
    )

    numbers = await rows(centre, "SELECT individual_number, until FROM number_succession ORDER BY 1")
    assert numbers == [(number_of(1), NOON), (number_of(9), None)]


async def test_nobody_ends_the_number_of_another(centre):
    """An entry that names somebody else's number as its previous one is refused, and that number stays as it is."""
    await take_in(centre, notice(1))
    decided = await take_in(centre, notice(2, previous_individual_number=number_of(1)))

    numbers = await rows(centre, "SELECT individual_number, until FROM number_succession ORDER BY 1")
    assert (decided, numbers) == ([NUMBER_NOT_ANNOUNCED], [(number_of(1), None)])


async def test_the_database_keeps_two_tellings_of_one_version_apart(centre):
    """Even if the rules above failed, a version of a stay is in the book once."""
    await take_in(centre, notice())

    with pytest.raises(psycopg.errors.UniqueViolation):
        await centre.execute("INSERT INTO record SELECT * FROM record")


async def test_two_transactions_that_meet_the_same_new_person_make_one(new_database):
    """Both towns speak of somebody unknown at once: whoever is second is done again, and finds the first."""
    async with pool(new_database(Kind.CENTRE)) as connections:
        met = asyncio.Barrier(2)
        attempts = []

        async def tell(told):
            async def work(connection):
                attempts.append(told.stay)
                persons = await load_persons(connection, [told])
                if len(attempts) <= 2:
                    await met.wait()
                found = persons.find(told)
                decision = admit(found, told, told.identification.municipality, digest(told.to_bytes()))
                persons.admit(told, decision, origin="", digest=digest(told.to_bytes()))
                await write_admitted(connection, persons, RECEIVED)

            await transact(connections, work)

        await asyncio.gather(tell(notice()), tell(moved_in()))
        async with connections.connection() as connection:
            assert await pointers(connection) == [(2, 1, PersonState.RESIDENT, CHUO)]
    assert len(attempts) == 3


async def test_whoever_is_being_changed_is_waited_for(new_database):
    """A person locked by one transaction is seen by the next only as the first leaves them."""
    url = new_database(Kind.CENTRE)
    async with await connect(url) as first, await connect(url) as second:
        await take_in(first, notice())
        await first.commit()
        await take_in(first, notice(version=2, reason=Reason.MOVED_WITHIN))
        waiting = asyncio.create_task(take_in(second, notice(version=3, reason=Reason.MOVED_OUT)))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await first.commit()

        (decision,) = await waiting
        assert isinstance(decision, Admitted)


async def test_somebody_united_while_one_waits_is_found_under_the_one_identity(new_database):
    """If the awaited transaction makes two persons one, the waiting one finds the one."""
    url = new_database(Kind.CENTRE)
    async with await connect(url) as first, await connect(url) as second:
        await take_in(first, notice(1), moved_in(2, individual_number=None))
        await first.commit()
        await take_in(first, code_changed(1, 2))
        told = notice(1, version=2, reason=Reason.MOVED_WITHIN)
        waiting = asyncio.create_task(take_in(second, told))
        await asyncio.sleep(0.2)
        await first.commit()

        assert await waiting == [STALE_VERSION]
        assert await pointers(second) == [(2, 1, "resident", CHUO)]


async def test_somebody_who_is_just_being_told_about_is_united_with_what_was_told(new_database):
    """Who was found under the second identity stands, once that is written, under the one that is left."""
    url = new_database(Kind.CENTRE)
    async with await connect(url) as telling, await connect(url) as uniting:
        await take_in(uniting, notice(1), moved_in(2, individual_number=None))
        await uniting.commit()
        await accept_all(telling, {("agency", "0" * 32): RECEIVED})
        waiting = asyncio.create_task(take_in(uniting, code_changed(1, 2)))
        await asyncio.sleep(0.2)
        await telling.execute(
            "INSERT INTO provision_person (envelope_id, place, number, person_id, salt) "
            "SELECT person_id, 0, 1, person_id, sha256('') FROM person"
        )
        await telling.commit()
        await waiting

        (person,) = await rows(uniting, "SELECT person_id FROM person")
        assert await rows(uniting, "SELECT DISTINCT person_id FROM provision_person") == [person]


async def test_who_is_asked_about_while_they_are_united_is_found_as_one(new_database):
    """A question that comes meanwhile waits for the uniting, and then finds the one identity."""
    url = new_database(Kind.CENTRE)
    async with await connect(url) as telling, await connect(url) as uniting:
        await take_in(uniting, notice(1), moved_in(2, individual_number=None))
        await uniting.commit()
        await take_in(uniting, code_changed(1, 2))
        waiting = asyncio.create_task(accept_all(telling, {("agency", "0" * 32): RECEIVED}))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await uniting.commit()

        assert await waiting == {("agency", "0" * 32)}
        assert await rows(telling, "SELECT count(*) FROM person") == [(1,)]
