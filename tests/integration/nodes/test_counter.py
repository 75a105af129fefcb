# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The counter of a municipality: a change enters with everything that follows from it, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures.ground import AOI, NISHIIZU, SHIZUOKA_CITY
from fixtures.network import CHIYODA, CHUO, NOON, TOKYO
from fixtures.notices import code_of, number_of
from fixtures.offices import SOMEBODY, day
from openjuki import errors
from openjuki.nodes import counter
from openjuki.nodes.counter import Awaited, Recorded
from openjuki.residents import guards, transitions
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.residents.notice import Notice

if TYPE_CHECKING:
    from fixtures.offices import Country

pytestmark = pytest.mark.postgres

BIRTH = {**SOMEBODY, "birth_date": day(-3), "date_of_change": day(-3), "name": "渡邉　新"}
WRONG_DIGIT = str(code_of(1))[:-1] + str((int(code_of(1)[-1]) + 1) % 10)
#: Who was entered by `enter`: the first resident number that the office gives.
FIRST = "0000000019"


def entries(country: Country, town: str) -> list[tuple[str, list[str]]]:
    """Kind and recipients of everything that waits for the sequencer."""
    return country.rows(town, "SELECT kind, recipients FROM journal_pending ORDER BY id")


def last(country: Country, town: str, items: str) -> tuple[Any, ...]:
    """Items of the row recorded last."""
    (row,) = country.rows(town, f"SELECT {items} FROM resident_record ORDER BY history_number DESC LIMIT 1")
    return row


async def test_a_birth_enters_with_everything_that_follows_from_it(country: Country):
    """The register's row, its line in the journal, the notice, the code, and the wait for a number."""
    codes = await country.stock(CHIYODA)

    born = await country.record(CHIYODA, Reason.BORN, **BIRTH)

    assert isinstance(born, Recorded)
    assert born.row.record.resident_code == codes[0]
    assert last(country, CHIYODA, "resident_code, state, stay, version") == (codes[0], "resident", 1, 1)
    assert country.rows(CHIYODA, "SELECT resident_code FROM code_stock WHERE used_at IS NOT NULL") == [
        (codes[0],)
    ]
    assert entries(country, CHIYODA) == [("record.changed", []), ("notice.issued", [TOKYO])]
    (told,) = country.journal(CHIYODA, "notice.issued")
    assert Notice.from_bytes(told or b"") == born.notice
    assert country.rows(CHIYODA, "SELECT resident_number, reason FROM number_request") == [
        (born.row.record.resident_number, "N03")
    ]


async def test_somebody_with_a_number_waits_for_none(country: Country):
    """Who moves in from abroad and had a number keeps it, and no other is asked for."""
    await country.enter(CHIYODA, individual_number=number_of(5))

    assert country.rows(CHIYODA, "SELECT 1 FROM number_request") == []


async def test_the_journal_has_the_whole_row(country: Country):
    """What the municipality's own journal says of a change is everything the register says."""
    await country.enter(CHIYODA, household_number="0000000027", relationship="世帯主")

    (changed,) = country.journal(CHIYODA, "record.changed")
    told = orjson.loads(changed or b"")
    assert told["reason"] == "A06"
    assert told["record"]["household_number"] == "0000000027"
    assert (told["stay"], told["version"], told["history_number"]) == (1, 1, 1)


async def test_what_the_upper_tiers_are_not_told_is_not_sent(country: Country):
    """A new head of household is a row of the register and no notice."""
    code = await country.enter(CHIYODA, household_number="0000000027", relationship="妻")
    before = len(entries(country, CHIYODA))

    changed = await country.record(
        CHIYODA, MunicipalReason.HEAD_CHANGED, resident_code=code, relationship="世帯主"
    )

    assert isinstance(changed, Recorded)
    assert changed.notice is None
    assert entries(country, CHIYODA)[before:] == [("record.changed", [])]
    assert last(country, CHIYODA, "history_number, version, relationship") == (2, 1, "世帯主")


DIED = (Reason.DIED, {})
LEFT = (Reason.MOVED_OUT, {"date_of_change": day(-5), "destination_address": "行先未定"})
ABROAD = (Reason.MOVED_ABROAD, {"date_of_change": day(-5)})

#: What happened before, to whom is entered already; the form; its refusal.
REFUSED = [
    pytest.param([DIED], DIED, transitions.SECOND_DEATH, id="a second death"),
    pytest.param([LEFT], LEFT, transitions.MOVED_OUT_TWICE, id="moving out twice"),
    pytest.param([ABROAD], ABROAD, transitions.MOVED_OUT_TWICE, id="moving abroad twice"),
    pytest.param(
        [DIED],
        (Reason.MOVED_WITHIN, {"town": "二番町"}),
        transitions.DEAD,
        id="a move of the dead",
    ),
    pytest.param(
        [DIED], (Reason.NUMBER_CHANGED_ON_REQUEST, {}), transitions.DEAD, id="a new number for the dead"
    ),
    pytest.param([], (Reason.BORN, BIRTH), transitions.ALREADY_RECORDED, id="a birth of somebody recorded"),
    pytest.param(
        [],
        (MunicipalReason.MOVE_OUT_CONFIRMED, {"destination_municipality": CHUO}),
        transitions.NOT_MOVING_OUT,
        id="a confirmation for somebody who never left",
    ),
    pytest.param(
        [LEFT],
        (Reason.MOVED_WITHIN, {"town": "二番町", "date_of_change": day(-1)}),
        guards.AFTER_DEPARTURE,
        id="a move within after the departure",
    ),
    pytest.param(
        [LEFT],
        (Reason.ENTERED_EX_OFFICIO, {**SOMEBODY, "date_of_change": day(-20)}),
        guards.OVERLAPPING_STAYS,
        id="overlapping stays: entered again before the departure",
    ),
    pytest.param([], (Reason.DIED, {"date_of_change": day(1)}), guards.FUTURE_DATE, id="a death of tomorrow"),
    pytest.param(
        [LEFT],
        (
            Reason.MOVED_IN,
            {**SOMEBODY, "predecessor_municipality": CHUO, "predecessor_stay": "3", "stay": "2"},
        ),
        guards.STAY_NOT_LATER,
        id="overlapping stays: one that is not later than the one before",
    ),
    pytest.param(
        [],
        (Reason.NUMBER_CORRECTED_EX_OFFICIO, {"individual_number": number_of(1)}),
        guards.NUMBER_AND_REASON_DISAGREE,
        id="a change of number to the same number",
    ),
]


@pytest.mark.parametrize(("before", "form", "refusal"), REFUSED)
async def test_an_impossible_change_is_refused_and_changes_nothing(country: Country, before, form, refusal):
    """What the law does not allow to follow is refused with its rule, and the book stays as it was."""
    code = await country.enter(CHIYODA, individual_number=number_of(1))
    for reason, items in before:
        await country.record(CHIYODA, reason, resident_code=code, **items)
    reason, items = form

    with country.refuses(errors.Refused, refusal):
        await country.record(CHIYODA, reason, **{"resident_code": code, **items})


BAD_FORMS = [
    pytest.param(
        {"resident_number": FIRST, "reason": "M03", "building": "館" * 195},
        errors.BadInput,
        "building",
        id="a building with which the address is longer than any other office takes",
    ),
    pytest.param({"resident_code": WRONG_DIGIT}, errors.BadCode, "resident_code", id="a wrong check digit"),
    pytest.param(
        {"resident_number": FIRST, "town": "二番町"},
        errors.BadInput,
        "town",
        id="an item that is not for the reason",
    ),
    pytest.param(
        {"resident_number": FIRST, "colour": "red"}, errors.BadInput, "colour", id="an unknown item"
    ),
    pytest.param(
        {"resident_number": FIRST, "date_of_change": "2026-02-30"},
        errors.BadDate,
        "date_of_change",
        id="a day that never was",
    ),
    pytest.param(
        {"resident_number": FIRST, "reason": "D99"}, errors.BadInput, "reason", id="an unknown reason"
    ),
    pytest.param({}, errors.BadInput, "resident_number", id="nobody named"),
    pytest.param(
        {"resident_number": FIRST, "reason": "D01", "destination_municipality": "131017"},
        errors.BadCode,
        "destination_municipality",
        id="a destination with a wrong check digit",
    ),
    pytest.param(
        {"resident_number": FIRST, "reason": "D01", "destination_municipality": "990001"},
        errors.BadCode,
        "destination_municipality",
        id="a destination that is no municipality",
    ),
    pytest.param(
        {"resident_number": FIRST, "reason": "M01", "municipality": CHUO, "town": "築地一丁目"},
        errors.BadInput,
        "municipality",
        id="a move within to another municipality",
    ),
]


@pytest.mark.parametrize(("form", "error", "column"), BAD_FORMS)
async def test_a_wrong_form_is_refused_and_changes_nothing(country: Country, form, error, column):
    """What is wrong with a form is said by its column, and the book stays as it was."""
    await country.enter(CHIYODA)
    office = await country.node(CHIYODA)
    whole = {"reason": "D03", "date_of_change": day(0), **form}
    before = country.books()

    with pytest.raises(error) as caught:
        await office.transact(lambda connection: counter.record_form(office, connection, whole))

    assert (type(caught.value), caught.value.where.column) == (error, column)
    assert country.books() == before


@pytest.mark.parametrize(
    "who",
    [
        pytest.param({"resident_number": "0000000027"}, id="by the office's number"),
        pytest.param({"resident_code": code_of(99)}, id="by the code"),
    ],
)
async def test_nobody_is_not_corrected(country: Country, who):
    """A death of somebody who was never recorded here is refused."""
    await country.enter(CHIYODA)

    with country.refuses(errors.Refused, transitions.NOT_RECORDED):
        await country.record(CHIYODA, Reason.DIED, **who)


async def test_a_number_and_a_code_of_two_people_are_refused(country: Country):
    """A form that names one resident by number and another by code records neither's death."""
    await country.enter(CHIYODA)
    other = await country.enter(CHIYODA)

    with country.refuses(errors.Refused, counter.IDENTIFIERS_DISAGREE):
        await country.record(CHIYODA, Reason.DIED, resident_number=FIRST, resident_code=other)


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"reason": "A06", "resident_number": "0000000035", **SOMEBODY}, id="an entry"),
        pytest.param({"reason": "C01", "resident_number": FIRST}, id="a change of code"),
    ],
)
async def test_a_code_is_one_persons(country: Country, form):
    """A code that another resident bears is refused, whether it is entered or changed to."""
    await country.enter(CHIYODA)
    taken = await country.enter(CHIYODA)
    item = "resident_code" if form["reason"] == "A06" else "new_resident_code"
    office = await country.node(CHIYODA)
    whole = {"date_of_change": day(0), item: taken, **form}

    with country.refuses(errors.Refused, counter.CODE_OF_ANOTHER):
        await office.transact(lambda connection: counter.record_form(office, connection, whole))


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"reason": "A06", "resident_code": code_of(9), **SOMEBODY}, id="an entry"),
        pytest.param({"reason": "N02", "resident_number": FIRST}, id="a correction of the number"),
    ],
)
async def test_an_individual_number_is_one_persons(country: Country, form):
    """One that another resident bears is refused: of twins nobody above could tell that they are two."""
    await country.enter(CHIYODA, individual_number=number_of(1))
    await country.enter(CHIYODA, individual_number=number_of(2))
    office = await country.node(CHIYODA)
    whole = {"date_of_change": day(0), "individual_number": number_of(2), **form}

    with country.refuses(errors.Refused, counter.NUMBER_OF_ANOTHER):
        await office.transact(lambda connection: counter.record_form(office, connection, whole))


async def test_a_returner_brings_the_own_number_back(country: Country):
    """Under their own resident number it is nobody else's."""
    code = await country.enter(CHIYODA, individual_number=number_of(1))
    await country.record(CHIYODA, Reason.MOVED_ABROAD, resident_code=code, date_of_change=day(-3))

    back = await country.record(
        CHIYODA,
        Reason.MOVED_IN_FROM_ABROAD,
        resident_code=code,
        individual_number=number_of(1),
        **SOMEBODY,
    )

    assert isinstance(back, Recorded)


async def test_without_an_unused_code_nobody_is_entered(country: Country):
    """An empty stock is something to try again later, and nothing is recorded."""
    await country.node(CHIYODA)

    with country.refuses(errors.Unavailable):
        await country.record(CHIYODA, Reason.BORN, **BIRTH)


async def test_a_code_that_a_form_gives_is_not_drawn_again(country: Country):
    """Another system may give out a code of the stock itself: the next birth gets another one."""
    given, following = await country.stock(CHIYODA, 2)
    await country.record(CHIYODA, Reason.BORN, resident_code=given, **SOMEBODY)

    born = await country.record(CHIYODA, Reason.BORN, **SOMEBODY)

    assert isinstance(born, Recorded)
    assert born.row.record.resident_code == following


async def test_a_change_of_code_takes_one_from_the_stock(country: Country):
    """The new code is drawn, the old one named to the governor, and the number stays."""
    code = await country.enter(CHIYODA, individual_number=number_of(1))
    (fresh, *_) = await country.stock(CHIYODA)
    country.rows(CHIYODA, "UPDATE code_stock SET used_at = now() WHERE resident_code = %s", code)

    changed = await country.record(CHIYODA, Reason.CODE_CHANGED_ON_REQUEST, resident_code=code)

    assert isinstance(changed, Recorded)
    assert changed.notice is not None
    assert changed.notice.previous_resident_code == code
    assert changed.notice.identification.resident_code == fresh
    assert last(country, CHIYODA, "resident_code, individual_number") == (fresh, number_of(1))


async def test_a_change_of_number_waits_for_the_centre(country: Country):
    """A number on request is not the municipality's to give: the register changes when it comes."""
    code = await country.enter(CHIYODA, individual_number=number_of(1))
    rows = country.rows(CHIYODA, "SELECT count(*) FROM resident_record")

    asked = await country.record(CHIYODA, Reason.NUMBER_CHANGED_ON_REQUEST, resident_code=code)

    assert asked == Awaited(resident_number=FIRST)
    assert country.rows(CHIYODA, "SELECT resident_number, reason FROM number_request") == [(FIRST, "N01")]
    assert country.rows(CHIYODA, "SELECT count(*) FROM resident_record") == rows


async def test_numbers_of_an_imported_register_are_passed_over(country: Country):
    """An office gives a new resident the first number that nobody has or had; so a household."""
    for number in (FIRST, "0000000027"):
        await country.enter(CHIYODA, resident_number=number, household_number=number)
    await country.enter(CHIYODA)
    office = await country.node(CHIYODA)

    assert country.rows(CHIYODA, "SELECT max(resident_number) FROM resident") == [("0000000035",)]
    assert await office.transact(counter.new_household_number) == "0000000035"


async def test_a_returner_continues_under_the_same_resident_number(country: Country):
    """Who moved out and moves in again has a second stay under the same resident number and code."""
    code = await country.enter(CHIYODA)
    await country.record(CHIYODA, *LEFT[:1], resident_code=code, **LEFT[1])

    await country.record(CHIYODA, Reason.ENTERED_EX_OFFICIO, resident_code=code, **SOMEBODY)

    assert country.rows(
        CHIYODA, "SELECT resident_number, stay, version FROM resident_record ORDER BY 2, 3"
    ) == [
        (FIRST, 1, 1),
        (FIRST, 1, 2),
        (FIRST, 2, 1),
    ]


async def test_an_address_in_a_ward_is_the_citys(country: Country):
    """A designated city keeps its wards' residents: the notice names the ward."""
    await country.stock(SHIZUOKA_CITY)

    entered = await country.record(SHIZUOKA_CITY, Reason.BORN, **BIRTH, municipality=AOI)

    assert isinstance(entered, Recorded)
    assert entered.notice is not None
    assert entered.notice.identification.municipality == AOI


MUNICIPAL = [
    pytest.param({"household_number": "0000000027"}, "household_number", id="household"),
    pytest.param({"relationship": "世帯主"}, "relationship", id="relationship"),
    pytest.param({"registered_domicile": "東京都千代田区"}, "registered_domicile", id="registered domicile"),
    pytest.param({"head_of_koseki": "渡邉　葵"}, "head_of_koseki", id="head of koseki"),
    pytest.param({"nationality": "中国", "furigana": None}, "nationality", id="nationality"),
]


@pytest.mark.parametrize(("items", "column"), MUNICIPAL)
async def test_a_cs_beside_another_register_refuses_municipal_items(country: Country, items, column):
    """Only identification information enters where the register is another system's."""
    await country.stock(NISHIIZU)
    given = {name: value for name, value in {**BIRTH, **items}.items() if value is not None}

    with country.refuses(errors.Refused, counter.CS_ONLY) as caught:
        await country.record(NISHIIZU, Reason.BORN, **given)

    assert caught.value.where.column == column


async def test_a_cs_beside_another_register_takes_identification_information(country: Country):
    """To the network there is no difference."""
    await country.stock(NISHIIZU)

    born = await country.record(NISHIIZU, Reason.BORN, **BIRTH)

    assert isinstance(born, Recorded)
    assert born.notice is not None
    assert born.row.recorded_at == NOON
