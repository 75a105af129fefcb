# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Persons of mixed prefectures asked for one affair: each under its own table, by its own route, from its own provider."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures.agencies import PENSION, RELIEF, TAX, asked, furnished, line_of
from fixtures.ground import NISHIIZU, PENSIONS, SHIZUOKA, TAX_OFFICE, WELFARE
from fixtures.network import CENTRE, CHUO, TOKYO
from fixtures.notices import code_of
from fixtures.offices import SOMEBODY, day
from fixtures.provisions import provided, vouch
from openjuki.nodes.asking import Asking, Confirmation
from openjuki.nodes.provision import REGISTER_WORK
from openjuki.residents.changes import Reason
from openjuki.residents.look_up import Claim, Result
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from fixtures.offices import Country

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

#: Somebody of 中央区 and somebody of 西伊豆町, of one name and one date of birth.
TOKYOITE, IZUITE = {"resident_code": str(code_of(1))}, {"resident_code": str(code_of(2))}
NAMED = {"name": SOMEBODY["name"], "birth_date": SOMEBODY["birth_date"]}


@pytest.fixture
async def nation(country: Country) -> Country:
    """Two namesakes, one in 中央区 and one in 西伊豆町; the Centre and both prefectures provide."""
    await country.enter(CHUO)
    await country.enter(NISHIIZU)
    await country.settle(CHUO, NISHIIZU, TOKYO, SHIZUOKA, CENTRE)
    vouch(country)
    for prefecture in (TOKYO, SHIZUOKA):
        vouch(country, prefecture, CENTRE)
        await country.connected(prefecture)
    return country


def rows(country: Country, node: str, kind: str) -> list[dict[str, Any]]:
    """What the rows of one kind in a node's journal say."""
    return [orjson.loads(payload or b"null") for payload in country.journal(node, kind)]


async def test_a_ward_asks_under_table_2_directly_and_under_table_4_through_its_governor(nation: Country):
    """Public assistance of 千代田区: each person under its own article; the governor passes one envelope on, unopened."""
    node = await furnished(nation, WELFARE, RELIEF)

    outcome = await Asking(node).ask(asked(RELIEF, TOKYOITE, IZUITE))

    near, far = outcome.answers
    assert (near.result, near.articles) == (Result.MATCHED, ("法30条の10第1項第1号・別表第2の5の13の項",))
    assert (far.result, far.articles) == (Result.MATCHED, ("法30条の12第1項第1号・別表第4の4の13の項",))
    assert far.hits[0]["municipality"] == NISHIIZU
    line = await line_of(node, outcome)
    assert [told[-1]["through"] for told in line.told] == [None, TOKYO]
    assert line.articles == (*near.articles, *far.articles)
    assert line.routes == ("centre", f"centre via {TOKYO}")
    (passed,) = rows(nation, TOKYO, "provision.passed")
    assert passed["asker"] == WELFARE
    assert str(code_of(2)) not in str(passed)
    said = [row["told"] for row in provided(nation, CENTRE)]
    assert [(told["result"], told["articles"]) for told in said if told["rule"] is None] == [
        ("matched", list(near.articles)),
        ("matched", list(far.articles)),
    ]
    direct, carried = rows(nation, CENTRE, "provision.envelope")
    assert [(row["through"], row["questions"], row["refused"]) for row in (direct, carried)] == [
        (None, 2, 1),
        (TOKYO, 1, 0),
    ]


async def test_a_governors_office_asks_the_prefecture_under_table_5_and_the_centre_under_table_3(
    nation: Country,
):
    """Local tax in 静岡県: of its own residents the governor tells, of all others the Centre."""
    node = await furnished(nation, TAX_OFFICE, TAX)

    outcome = await Asking(node).ask(asked(TAX, TOKYOITE, IZUITE))

    far, near = outcome.answers
    assert (near.result, near.articles) == (Result.MATCHED, ("法30条の15第1項第1号・別表第5の4の3の項",))
    assert (far.result, far.articles) == (Result.MATCHED, ("法30条の11第1項第1号・別表第3の4の3の項",))
    line = await line_of(node, outcome)
    assert [told[-1]["provider"] for told in line.told] == [CENTRE, SHIZUOKA]
    assert [row["told"]["result"] for row in provided(nation, SHIZUOKA)] == ["none", "matched"]


async def test_a_governor_uses_what_the_prefecture_recorded_within_the_house(nation: Country):
    """Own use under table 5 sends no envelope, and is decided, recorded and promised all the same; others by table 3."""
    node = await furnished(nation, SHIZUOKA, TAX)

    outcome = await Asking(node).ask(asked(TAX, TOKYOITE, IZUITE))

    far, near = outcome.answers
    assert (near.articles, far.articles) == (
        ("法30条の15第1項第1号・別表第5の4の3の項",),
        ("法30条の11第1項第1号・別表第3の4の3の項",),
    )
    assert [told[-1]["provider"] for told in (await line_of(node, outcome)).told] == [CENTRE, SHIZUOKA]
    arrived = (
        "SELECT provider FROM ledger_envelope WHERE receipted_at = received_at AND proved_at = received_at"
    )
    assert nation.rows(SHIZUOKA, arrived) == [(SHIZUOKA,)]
    outstanding = "SELECT count(*) FROM provision_envelope WHERE receipted_at IS NULL"
    assert nation.rows(SHIZUOKA, outstanding) == [(0,)]


async def test_a_town_asks_for_work_on_its_register(nation: Country):
    """法30条の10第1項第4号 and 法30条の12第1項第4号: with the resident code, which these tell."""
    town = await furnished(nation, CHUO, REGISTER_WORK)

    outcome = await Asking(town).ask(asked(REGISTER_WORK, TOKYOITE, IZUITE))

    assert [one.articles for one in outcome.answers] == [
        ("法30条の10第1項第4号",),
        ("法30条の12第1項第4号",),
    ]
    assert [one.hits[0]["resident_code"] for one in outcome.answers] == [
        code["resident_code"] for code in (TOKYOITE, IZUITE)
    ]


async def test_a_national_body_asks_the_centre_about_everybody(nation: Country):
    """Table 1: one provider, one way, one envelope, whoever it is about."""
    node = await furnished(nation, PENSIONS, PENSION)

    outcome = await Asking(node).ask(asked(PENSION, TOKYOITE, IZUITE))

    assert [one.result for one in outcome.answers] == [Result.MATCHED] * 2
    assert {told["envelope"] for one in (await line_of(node, outcome)).told for told in one} == {
        row for (row,) in nation.rows(PENSIONS, "SELECT id FROM ledger_envelope")
    }
    assert nation.rows(PENSIONS, "SELECT count(*) FROM ledger_envelope") == [(1,)]


@pytest.mark.parametrize(
    ("agency", "affair", "homes"),
    [
        pytest.param(PENSIONS, PENSION, [CHUO, NISHIIZU], id="one provider knows both"),
        pytest.param(TAX_OFFICE, TAX, [NISHIIZU, CHUO], id="each provider knows one"),
        pytest.param(WELFARE, RELIEF, [CHUO, NISHIIZU], id="through the governor both are found"),
    ],
)
async def test_namesakes_are_candidates_and_one_is_confirmed(
    nation: Country, agency: str, affair: str, homes: list[str]
):
    """By a name everybody is found wherever they live; the one who is chosen is provided under the article about them."""
    node = await furnished(nation, agency, affair)
    asking = Asking(node)

    several = await asking.ask(asked(affair, NAMED))

    (answer,) = several.answers
    assert (answer.result, answer.count, answer.hits) == (Result.SEVERAL, 2, ())
    assert sorted(one["municipality"] for one in answer.candidates or ()) == sorted(homes)
    for number, candidate in enumerate(answer.candidates or (), start=1):
        choice = Confirmation(several.ledger_id, 0, number)
        outcome = await asking.ask(replace(asked(affair), what=What.CONFIRM, questions=(choice,)))
        (confirmed,) = outcome.answers
        assert (confirmed.result, candidate["candidate"]) == (Result.MATCHED, number)
        assert confirmed.hits[0]["municipality"] == candidate["municipality"]
        assert confirmed.hits[0]["state"] == "resident"


@pytest.mark.parametrize(("agency", "affair"), [(PENSIONS, PENSION), (WELFARE, RELIEF), (TAX_OFFICE, TAX)])
async def test_what_was_written_is_verified_wherever_the_person_lives(
    nation: Country, agency: str, affair: str
):
    """Yes and no for each item, of somebody of one's own prefecture and of another's."""
    node = await furnished(nation, agency, affair)
    claims = [
        Claim.from_dict({**code, "birth_date": "1990-01-01", "sex": "male", "verify": ["birth_date", "sex"]})
        for code in (TOKYOITE, IZUITE)
    ]

    outcome = await Asking(node).ask(replace(asked(affair), what=What.VERIFY, questions=tuple(claims)))

    assert [(one.result, one.items, one.hits) for one in outcome.answers] == [
        (Result.MISMATCH, {"birth_date": True, "sex": False}, ())
    ] * 2


@pytest.mark.parametrize(
    ("left", "result"),
    [
        pytest.param(
            {"reason": Reason.MOVED_OUT, "destination_address": "行先未定"}, Result.MOVED_OUT, id="moved out"
        ),
        pytest.param({"reason": Reason.MOVED_ABROAD}, Result.LEFT_THE_COUNTRY, id="went abroad"),
    ],
)
async def test_of_who_has_left_and_is_entered_nowhere_the_former_governor_tells(
    nation: Country, left: dict[str, Any], result: Result
):
    """The Centre is asked too, for they may be elsewhere by now: that it is not competent for them is no answer."""
    reason, items = left["reason"], {key: value for key, value in left.items() if key != "reason"}
    ((number,),) = nation.rows(NISHIIZU, "SELECT resident_number FROM resident")
    await nation.record(NISHIIZU, reason, resident_number=number, date_of_change=day(-5), **items)
    await nation.settle(CHUO, NISHIIZU, TOKYO, SHIZUOKA, CENTRE)
    node = await furnished(nation, TAX_OFFICE, TAX)

    outcome = await Asking(node).ask(asked(TAX, IZUITE))

    (answer,) = outcome.answers
    assert (answer.result, answer.hits[0]["municipality"]) == (result, NISHIIZU)
    (told,) = (await line_of(node, outcome)).told
    assert [one["provider"] for one in told] == [SHIZUOKA, CENTRE]


async def test_who_went_abroad_and_is_back_in_another_prefecture_is_found_there(nation: Country):
    """The former governor is told of no entry elsewhere; the Centre is."""
    ((number,),) = nation.rows(NISHIIZU, "SELECT resident_number FROM resident")
    await nation.record(NISHIIZU, Reason.MOVED_ABROAD, resident_number=number, date_of_change=day(-5))
    await nation.settle(CHUO, NISHIIZU, TOKYO, SHIZUOKA, CENTRE)
    back = {**SOMEBODY, "resident_code": str(code_of(2)), "date_of_change": day(-1), "stay": 2}
    await nation.record(CHUO, Reason.ENTERED_EX_OFFICIO, **back)
    await nation.settle(CHUO, NISHIIZU, TOKYO, SHIZUOKA, CENTRE)
    node = await furnished(nation, TAX_OFFICE, TAX)

    outcome = await Asking(node).ask(asked(TAX, IZUITE))

    (answer,) = outcome.answers
    assert (answer.result, answer.hits[0]["municipality"]) == (Result.MATCHED, CHUO)


async def test_a_provider_who_would_refuse_is_not_asked_and_one_who_does_is_believed(nation: Country):
    """The book of the asker decides first; the provider decides by its own, and its refusal is on record at both ends."""
    node = await furnished(nation, WELFARE, RELIEF)

    outcome = await Asking(node).ask(asked(RELIEF, IZUITE))

    (told,) = (await line_of(node, outcome)).told
    assert [one["result"] for one in told] == ["not_permitted", "matched"]
    assert [row["told"]["rule"] for row in provided(nation, CENTRE)] == ["through-the-governor", None]
    assert [row["refused"] for row in rows(nation, CENTRE, "provision.envelope")] == [1, 0]
