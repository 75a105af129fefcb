# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Persons are found by what the law lets one ask by, under every name that is recorded of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from fixtures.notices import CHIYODA, CHUO, code_of, moved_in, notice, number_of, take_in
from openjuki.residents.address import Address
from openjuki.residents.changes import Change, Reason
from openjuki.residents.history import History
from openjuki.residents.look_up import Claim, LookUp
from openjuki.residents.names import PersonName
from openjuki.residents.record import ResidentRecord
from openjuki.store import looking, register

pytestmark = pytest.mark.postgres

TODAY = date(2026, 11, 22)
#: Names that lead to one person beside the one that is recorded.
MARRIED = {"name": "渡邉　葵", "former_surname": "佐藤", "former_surname_furigana": "サトウ"}
FOREIGN = {"name": "LI PING　李　萍", "furigana": None, "alias": "木村　花"}
#: The same with half-width spaces, as other systems write them.
MARRIED_HALF = MARRIED | {"name": "渡邉 葵", "furigana": "ワタナベ  アオイ"}
FOREIGN_HALF = FOREIGN | {"name": "LI PING 李 萍"}
FOREIGN_FULL = FOREIGN | {"name": "LI　PING　李　萍"}


async def found(connection, **items):
    """The codes of those to whom a question leads."""
    (hits,) = await looking.find(connection, [LookUp.from_dict(items)])
    return [hit.resident_code for hit in hits]


@pytest.mark.parametrize(
    ("recorded", "asked"),
    [
        pytest.param({}, {"name": "渡辺葵"}, id="the name"),
        pytest.param({}, {"furigana": "わたなべ あおい"}, id="its reading"),
        pytest.param({}, {"name": "渡辺葵", "furigana": "ワタナベアオイ"}, id="both"),
        pytest.param(MARRIED, {"name": "佐藤 葵"}, id="the former surname"),
        pytest.param(MARRIED, {"furigana": "サトー アオイ"}, id="its reading with the given name"),
        pytest.param(MARRIED_HALF, {"name": "佐藤　葵"}, id="the former surname, half-width spaces"),
        pytest.param(MARRIED_HALF, {"name": "佐藤\u00a0葵"}, id="asked with a space of another kind"),
        pytest.param(MARRIED_HALF, {"furigana": "サトウアオイ"}, id="its reading, half-width spaces"),
        pytest.param(FOREIGN, {"name": "木村 花"}, id="the alias"),
        pytest.param(FOREIGN_HALF, {"name": "LI PING"}, id="in Latin letters alone, half-width spaces"),
        pytest.param(FOREIGN_HALF, {"name": "李　萍"}, id="in ideographs alone, half-width spaces"),
        pytest.param(FOREIGN_FULL, {"name": "LI PING"}, id="in Latin letters alone, full-width spaces"),
        pytest.param(FOREIGN_FULL, {"name": "李　萍"}, id="in ideographs alone, full-width spaces"),
        pytest.param(FOREIGN, {"name": "Ｌｉ　Ｐｉｎｇ"}, id="the name in Latin letters alone"),
        pytest.param(FOREIGN, {"name": "李萍"}, id="in ideographs alone"),
        pytest.param(FOREIGN, {"name": "LI PING 李 萍"}, id="in both"),
    ],
)
@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"birth_date": "1990-01-01"}, id="and birth date"),
        pytest.param({"address": "千代田1-1-1"}, id="and address"),
        pytest.param(
            {"address": "千代田1-1-1", "municipality": str(CHIYODA)}, id="and address in a municipality"
        ),
    ],
)
async def test_somebody_is_found_under_every_name(centre, recorded, asked, more):
    """Whatever of the recorded names stands on the application leads to the person, and to nobody else."""
    await take_in(centre, notice(1, **recorded), notice(2, name="鈴木　一", furigana="スズキ　ハジメ"))

    assert await found(centre, **asked, **more) == [code_of(1)]


@pytest.mark.parametrize("name", ["LI", "PING 李 萍"])
async def test_nobody_is_found_under_a_piece_of_a_name(centre, name):
    """A name in Latin letters is a name as a whole, whichever spaces stand in it."""
    await take_in(centre, notice(1, **FOREIGN_FULL), notice(2, **FOREIGN_HALF))

    assert await found(centre, name=name, birth_date="1990-01-01") == []


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param({"name": "佐藤 葵", "birth_date": "1990-01-02"}, id="another birth date"),
        pytest.param({"name": "佐藤 葵", "address": "千代田1-1-2"}, id="another address"),
        pytest.param(
            {"furigana": "サトウ アオイ", "address": "千代田1-1-1", "municipality": str(CHUO)},
            id="another town",
        ),
        pytest.param({"name": "サトウ アオイ", "birth_date": "1990-01-01"}, id="a reading for a name"),
        pytest.param(
            {"name": "渡辺葵", "furigana": "サイトウ アオイ", "birth_date": "1990-01-01"},
            id="another reading",
        ),
    ],
)
async def test_every_item_must_agree(centre, asked):
    """Under a further name as under the first, what differs finds nobody."""
    await take_in(centre, notice(1, **MARRIED))

    assert await found(centre, **asked) == []


async def test_a_name_given_up_leads_to_nobody(centre):
    """The names are those of the present record: of a correction, and of a stay that is current again."""
    await take_in(centre, notice(1, **MARRIED))
    await take_in(centre, notice(1, version=2, reason=Reason.CORRECTED_EX_OFFICIO))

    assert await found(centre, name="佐藤葵", birth_date="1990-01-01") == []
    assert await found(centre, name="渡辺葵", birth_date="1990-01-01") == [code_of(1)]

    await take_in(centre, notice(2, **MARRIED))
    await take_in(centre, moved_in(2))
    assert await found(centre, name="佐藤葵", birth_date="1990-01-01") == []
    await take_in(centre, moved_in(2, version=2, reason=Reason.DELETED_EX_OFFICIO, predecessor=None))
    assert await found(centre, name="佐藤葵", birth_date="1990-01-01") == [code_of(2)]


def resident(person: int, **names) -> ResidentRecord:
    """A resident record with the names of a notice."""
    plain = notice(person, **names).identification
    return ResidentRecord(
        resident_number=f"{person:010d}",
        resident_code=plain.resident_code,
        individual_number=plain.individual_number,
        name=PersonName(
            plain.name, plain.furigana, plain.former_surname, plain.former_surname_furigana, plain.alias
        ),
        birth_date=plain.birth_date,
        sex=plain.sex,
        address=Address(plain.municipality, "千代田一丁目", "1番1号", "宮内ハイツ101"),
        household_number=None,
    )


async def recorded(connection, *changes: Change) -> None:
    """Changes of one resident, each written by itself."""
    history = History()
    for change in changes:
        after = history.apply(change)
        assert isinstance(after, History)
        await register.write_rows(connection, after.rows[len(history.rows) :])
        history = after


def entered(record: ResidentRecord, reason: Reason = Reason.BORN, on: date = date(2020, 4, 1)) -> Change:
    """A change of a resident."""
    told = notice()
    return Change(
        reason=reason, date_of_change=on, notified_on=on, recorded_at=told.recorded_at, record=record
    )


@pytest.mark.parametrize(
    ("names", "asked"),
    [
        pytest.param(MARRIED, {"name": "佐藤葵"}, id="the former surname"),
        pytest.param(MARRIED, {"furigana": "サトウアオイ"}, id="its reading"),
        pytest.param(MARRIED_HALF, {"name": "佐藤葵"}, id="the former surname, half-width spaces"),
        pytest.param(FOREIGN, {"name": "木村花"}, id="the alias"),
        pytest.param({}, {"furigana": "ワタナベアオイ"}, id="the reading"),
    ],
)
@pytest.mark.parametrize(
    "more",
    [
        pytest.param({"birth_date": "1990-01-01"}, id="and birth date"),
        pytest.param({"address": "千代田1-1-1"}, id="and address"),
    ],
)
async def test_a_register_finds_its_residents_the_same_way(municipality, names, asked, more):
    """The municipality's own book knows them under the same names."""
    await recorded(municipality, entered(resident(1, **names)))

    assert await found(municipality, **asked, **more) == [code_of(1)]


async def test_a_register_forgets_a_name_that_is_given_up(municipality):
    """Under a former surname that is deleted nobody is found."""
    await recorded(
        municipality,
        entered(resident(1, **MARRIED)),
        entered(resident(1), Reason.CORRECTED_EX_OFFICIO, date(2021, 4, 1)),
    )

    assert await found(municipality, name="佐藤葵", birth_date="1990-01-01") == []
    assert await found(municipality, name="渡辺葵", birth_date="1990-01-01") == [code_of(1)]


async def test_what_was_recorded_before_is_told_without_numbers(centre):
    """The latest first, the present record left out, codes and numbers never."""
    await take_in(centre, notice(1))
    await take_in(centre, notice(1, version=2, reason=Reason.MOVED_WITHIN, address="一ツ橋二丁目3番4号"))
    await take_in(centre, moved_in(1), notice(2))
    (hits, others) = await looking.find(
        centre, [LookUp(resident_code=code_of(1)), LookUp(resident_code=code_of(2))]
    )

    told = await looking.histories(centre, [hits[0].holder, others[0].holder])

    items = ("resident_code", "individual_number", "name", "municipality", "address", "state", "reason")
    assert [row.shown_before(items, TODAY) for row in told[hits[0].holder]] == [
        {"name": "渡邉　葵", "municipality": CHIYODA, "address": address, "reason": reason}
        for address, reason in (
            ("一ツ橋二丁目3番4号", Reason.MOVED_WITHIN),
            ("千代田一丁目1番1号", Reason.BORN),
        )
    ]
    assert told[others[0].holder] == []
    assert await looking.histories(centre, []) == {}


async def test_a_register_tells_its_history_too(municipality):
    """The rows of the register, the latest first."""
    first = resident(1)
    second = replace(first, name=PersonName("佐藤　葵", "サトウ　アオイ"))
    await recorded(
        municipality, entered(first), entered(second, Reason.CORRECTED_EX_OFFICIO, date(2021, 4, 1))
    )

    told = await looking.histories(municipality, [first.resident_number])

    assert [row.shown_before(("name", "date_of_change"), TODAY) for row in told[first.resident_number]] == [
        {"name": "渡邉　葵", "date_of_change": "2020-04-01"}
    ]


async def test_claims_are_held_against_whom_their_combinations_lead_to(centre):
    """What was written wrongly in one item is held against the person all the same; one statement for all."""
    await take_in(centre, notice(1), notice(2, name="鈴木　一", furigana="スズキ　ハジメ"))
    right = {"name": "渡邉 葵", "birth_date": "1990-01-01", "address": "千代田1-1-1"}
    verify = ["name", "birth_date", "address", "individual_number"]
    claims = [
        Claim.from_dict({**right, "individual_number": str(number_of(1)), **wrong, "verify": verify})
        for wrong in (
            {},
            {"birth_date": "1990-01-02"},
            {"address": "永田町1-1"},
            {"individual_number": str(number_of(9))},
            {"individual_number": str(number_of(9)), "name": "田中 葵"},
        )
    ]

    outcomes = await looking.held_against(centre, [(claim, claim.searches) for claim in claims])

    assert [[hit.resident_code for hit in hits] for hits in outcomes] == [[code_of(1)]] * 4 + [[]]
    assert await looking.held_against(centre, [(claims[0], ())]) == [()]
