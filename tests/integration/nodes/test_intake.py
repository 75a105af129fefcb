# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""An existing register is taken in once, however often its file is; it is no reason to change anybody."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest

from fixtures.ground import NISHIIZU
from fixtures.lives import NUMBER, OTHER_NUMBER, record
from fixtures.network import CHIYODA
from fixtures.notices import code_of
from fixtures.offices import SOMEBODY
from openjuki.carriage.faults import RefusedRow
from openjuki.carriage.importing import Entry, ImportRow
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.nodes import counter, intake
from openjuki.nodes.intake import TakenIn
from openjuki.residents import guards
from openjuki.residents.address import Address
from openjuki.residents.changes import Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.names import PersonName
from openjuki.residents.record import ForeignResidentItems

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from fixtures.offices import Country
    from openjuki.nodes.node import Office

pytestmark = pytest.mark.postgres


def row(
    person: int, *, town: str = CHIYODA, stay: int = 1, on: date = date(2010, 4, 1), **items: Any
) -> ImportRow:
    """A row of a register: the n-th person, under a number of its own."""
    known = {"resident_number": str(person), "resident_code": code_of(person), "individual_number": None}
    return ImportRow(
        row=person + 1,
        record=record(LocalGovernmentCode(town), **known | items),
        entry=Entry(reason=Reason.ENTERED_EX_OFFICIO, date=on, stay=stay, version=1),
    )


async def take_in(country: Country, *rows: ImportRow, town: str = CHIYODA) -> TakenIn:
    """A chunk of a register is taken in."""
    office = await country.node(town)
    return await office.transact(lambda connection: intake.take_in(office, connection, rows))


async def test_residents_enter_with_everything_that_follows(country: Country):
    """Each has a row, a notice and, without one, a wait for a number."""
    taken = await take_in(country, row(1), row(2, individual_number=NUMBER), row(3, stay=4))

    assert taken == TakenIn(entered=3, unchanged=0, refused=())
    assert country.rows(CHIYODA, "SELECT resident_number, stay, version, reason FROM resident_record") == [
        ("1", 1, 1, "A06"),
        ("2", 1, 1, "A06"),
        ("3", 4, 1, "A06"),
    ]
    assert len(country.journal(CHIYODA, "notice.issued")) == 3
    assert country.rows(CHIYODA, "SELECT resident_number FROM number_request ORDER BY 1") == [("1",), ("3",)]


async def test_a_code_that_a_register_brings_is_not_drawn_again(country: Country):
    """The system that the register comes from may have given out codes of the stock: they are nobody else's."""
    given, following = await country.stock(CHIYODA, 2)
    await take_in(country, row(1, resident_code=given))

    born = await country.record(CHIYODA, Reason.BORN, **SOMEBODY)

    assert isinstance(born, counter.Recorded)
    assert born.row.record.resident_code == following


async def test_the_same_register_again_changes_nothing(country: Country):
    """Repeating an import doubles nothing."""
    await take_in(country, row(1), row(2))
    before = country.books()

    assert await take_in(country, row(1), row(2)) == TakenIn(entered=0, unchanged=2, refused=())
    assert country.books() == before


async def test_an_interrupted_import_goes_on(country: Country):
    """What entered before is passed over, what did not enters."""
    await take_in(country, row(1))

    assert await take_in(country, row(1), row(2)) == TakenIn(entered=1, unchanged=1, refused=())


async def test_a_number_that_came_since_is_no_difference(country: Country):
    """A file without numbers still says what stands, after the Centre has generated them."""
    await take_in(country, row(1))
    await country.record(
        CHIYODA, Reason.NUMBER_ENTERED_EX_OFFICIO, resident_number="1", individual_number=NUMBER
    )

    assert (await take_in(country, row(1))).unchanged == 1


@pytest.mark.parametrize(
    "items",
    [
        pytest.param({"name": PersonName("山田　花子", furigana="ヤマダ　ハナコ")}, id="another name"),
        pytest.param({"individual_number": OTHER_NUMBER}, id="another number"),
        pytest.param({"relationship": "子"}, id="another relationship"),
    ],
)
async def test_who_stands_otherwise_is_refused(country: Country, items):
    """A file is no reason for a change, whatever it says differently; the others of the chunk enter."""
    await take_in(country, row(1, individual_number=NUMBER))
    otherwise = row(1, **{"individual_number": NUMBER, **items})

    taken = await take_in(country, otherwise, row(2))

    assert taken == TakenIn(
        entered=1, unchanged=0, refused=(RefusedRow(row=2, refusal=intake.STANDS_OTHERWISE),)
    )
    assert country.rows(CHIYODA, "SELECT count(*) FROM resident_record") == [(2,)]


async def test_a_code_of_another_resident_is_refused(country: Country):
    """A code is one person's, whoever else has it in a file."""
    await take_in(country, row(1))
    taken = await take_in(country, row(2, resident_code=code_of(1)))

    assert taken.refused == (RefusedRow(row=3, refusal=counter.CODE_OF_ANOTHER),)
    assert country.rows(CHIYODA, "SELECT count(*) FROM resident_record") == [(1,)]


async def test_an_individual_number_of_another_resident_is_refused(country: Country):
    """So is a number, and of twins nobody above could tell that they are two."""
    await take_in(country, row(1, individual_number=NUMBER))
    taken = await take_in(country, row(2, individual_number=NUMBER), row(3))

    assert taken == TakenIn(
        entered=1, unchanged=0, refused=(RefusedRow(row=3, refusal=counter.NUMBER_OF_ANOTHER),)
    )


async def test_who_moved_out_since_is_not_entered_again(country: Country):
    """A register of last year brings nobody back who has left since."""
    await take_in(country, row(1))
    await country.record(CHIYODA, Reason.MOVED_OUT, resident_number="1", destination_address="行先未定")

    taken = await take_in(country, row(1))

    assert taken == TakenIn(
        entered=0, unchanged=0, refused=(RefusedRow(row=2, refusal=intake.STANDS_CLOSED),)
    )
    assert country.rows(CHIYODA, "SELECT state FROM resident") == [("move_out_planned",)]


async def test_an_entry_that_lies_ahead_is_refused_by_the_law(country: Country):
    """What may not happen at the counter does not happen by a file."""
    taken = await take_in(country, row(1, on=date(2026, 11, 22)))

    assert taken.refused == (RefusedRow(row=2, refusal=guards.FUTURE_DATE),)


MUNICIPAL = [
    pytest.param({"household_number": "19"}, id="household"),
    pytest.param({"relationship": "世帯主"}, id="relationship"),
    pytest.param({"registered_domicile": "東京都千代田区千代田1番"}, id="registered domicile"),
    pytest.param({"head_of_koseki": "山田　太郎"}, id="head of koseki"),
    pytest.param({"foreign": ForeignResidentItems(nationality="中国")}, id="items of a foreign resident"),
]


@pytest.mark.parametrize("items", MUNICIPAL)
async def test_a_cs_beside_another_register_refuses_municipal_items(country: Country, items):
    """Only identification information enters where the register is another system's."""
    plain = row(1, town=NISHIIZU, relationship=None)
    beyond = replace(plain, record=replace(plain.record, **items))
    other = row(2, town=NISHIIZU, relationship=None)

    taken = await take_in(country, beyond, other, town=NISHIIZU)

    assert taken == TakenIn(entered=1, unchanged=0, refused=(RefusedRow(row=2, refusal=counter.CS_ONLY),))


VARIED = (
    row(1, individual_number=NUMBER, household_number="19", registered_domicile="東京都千代田区千代田1番"),
    row(
        2,
        birth_date=RecordedDate.parse("昭和60年月日不詳"),
        became_resident_on=RecordedDate.parse("平成2年5月頃"),
    ),
    row(
        3,
        name=PersonName("渡邉\U000e0103　葵", former_surname="佐藤", former_surname_furigana="サトウ"),
        stay=4,
    ),
    row(
        4,
        name=PersonName('O"NEIL\\', alias="木村　花"),
        address=Address(LocalGovernmentCode(CHIYODA), "", "1番"),
    ),
    row(
        5,
        name=PersonName("LI PING　李　萍", furigana="リ　ヘイ", latin="LI PING", kanji="李　萍"),
        address=Address(LocalGovernmentCode(CHIYODA), "一番町", "1", '棟"A"', postal_code="1020082"),
        foreign=ForeignResidentItems(
            nationality="中国", residence_expires_on=RecordedDate.parse("2028-03-31")
        ),
    ),
)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(VARIED, id="all kinds of residents"),
        pytest.param(VARIED[:1], id="a resident with few items"),
        pytest.param(VARIED[4:], id="a foreign resident alone"),
    ],
)
async def test_many_enter_as_a_few_do(country: Country, monkeypatch, rows):
    """Entered in columns or one by one, residents leave the same bytes behind."""
    office = await country.node(CHIYODA)
    written = []
    for many in (1, len(rows) + 1):
        monkeypatch.setattr(intake, "_MANY", many)
        office.entropy = random.Random(7).randbytes
        written.append(await _undone(office, rows))

    assert written[0] == written[1]
    assert len(written[0]["journal_pending"]) == 2 * len(rows)


async def _undone(office: Office, rows: Sequence[ImportRow]) -> dict[str, list[Any]]:
    """What taking rows in writes; it is undone."""
    written = {}
    async with office.pool.connection() as connection:
        await intake.take_in(office, connection, rows)
        for table in ("resident_record", "resident", "journal_pending", "number_request"):
            query = f"SELECT to_jsonb({table}) - 'id' FROM {table} ORDER BY to_jsonb({table})"
            written[table] = await (await connection.execute(query)).fetchall()
        await connection.rollback()
    return written


async def test_an_empty_chunk_changes_nothing(country: Country):
    """The last chunk of a file may hold no rows."""
    await country.node(CHIYODA)
    before = country.books()

    assert await take_in(country) == TakenIn(entered=0, unchanged=0, refused=())
    assert country.books() == before
