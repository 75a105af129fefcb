# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the law does not carry is said so at the asking office, in two languages, and nothing leaves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures.agencies import asked, furnished
from fixtures.ground import PENSIONS, TAX_OFFICE, WELFARE
from fixtures.notices import code_of
from openjuki.law import refusals
from openjuki.law.basis import Method
from openjuki.nodes.asking import Asking
from openjuki.residents.look_up import Result

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fixtures.offices import Country
    from openjuki.refusal import Refusal

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

CODE = {"resident_code": str(code_of(1))}
NUMBER = {"individual_number": "123456789018"}
NAMED = {"name": "渡邉 葵", "birth_date": "1990-01-01"}


@pytest.mark.parametrize(
    ("agency", "affair", "question", "items", "refusal"),
    [
        pytest.param(
            PENSIONS, "prefecture-067", NAMED, {}, refusals.NOT_IN_FORCE, id="an affair that has ended"
        ),
        pytest.param(PENSIONS, "no-such-affair", NAMED, {}, refusals.UNKNOWN_AFFAIR, id="of no law"),
        pytest.param(
            TAX_OFFICE, "hokkaido-2-31", NAMED, {}, refusals.NOT_YET_ENTERED, id="awaited by the book"
        ),
        pytest.param(
            TAX_OFFICE, "hokkaido-2-02", NAMED, {}, refusals.RECIPIENT_NOT_LISTED, id="another's ordinance"
        ),
        pytest.param(
            TAX_OFFICE, "prefecture-013", NUMBER, {}, refusals.KEY_NOT_OPEN, id="passports by the number"
        ),
        pytest.param(
            PENSIONS, "state-118", {"name": "渡邉 葵"}, {}, refusals.KEYS_TOO_WIDE, id="a name alone"
        ),
        pytest.param(PENSIONS, "state-118", NAMED, {"reason": "　"}, refusals.NO_REASON, id="no case number"),
        pytest.param(
            TAX_OFFICE,
            "prefecture-013",
            NAMED,
            {"method": Method.BULK},
            refusals.METHOD_NOT_OPEN,
            id="passports by the thousand",
        ),
        pytest.param(
            WELFARE, "city-027", NAMED, {"history": True}, refusals.HISTORY_NOT_OPEN, id="where they lived"
        ),
        pytest.param(WELFARE, "register-work", CODE, {}, refusals.RECIPIENT_NOT_LISTED, id="a mayor's own"),
    ],
)
async def test_the_office_is_told_by_which_rule(
    country: Country,
    agency: str,
    affair: str,
    question: Mapping[str, Any],
    items: Mapping[str, Any],
    refusal: Refusal,
):
    """With its article, in Japanese and English; the row of the journal names the rule."""
    node = await furnished(country, agency, affair)

    (answer,) = (await Asking(node).ask(asked(affair, question, **items))).answers

    assert (answer.result, answer.refusal, answer.hits) == (Result.NOT_PERMITTED, refusal, ())
    (row,) = (orjson.loads(one or b"") for one in country.journal(agency, "question.refused"))
    assert (row["affairs"], row["rules"]) == ({affair: 1}, {refusal.rule: 1})
    assert country.journal(agency, "provision.asked") == []


async def test_a_limit_that_is_used_up_is_said_so(country: Country):
    """Three persons at once where two are left: none of them is asked about."""
    node = await furnished(country, PENSIONS, "state-118", per_day=2)

    answers = (await Asking(node).ask(asked("state-118", NAMED, CODE, NUMBER))).answers

    assert [answer.refusal for answer in answers] == [refusals.QUOTA_USED_UP] * 3


async def test_a_body_that_directory_and_book_place_differently_asks_nobody(country: Country):
    """Until one of the two is mended, nothing goes to either governor."""
    node = await furnished(country, TAX_OFFICE, "prefecture-010")
    law = country.home / "law"
    law.mkdir()
    moved = f'[{TAX_OFFICE}]\nkind = "prefecture"\ngovernment = "130001"\norgans = ["head"]\n'
    (law / "bodies.toml").write_text(moved, encoding="utf-8")
    country.clock.advance(seconds=1)

    (answer,) = (await Asking(node).ask(asked("prefecture-010", NAMED))).answers

    assert answer.refusal == refusals.BODY_NOT_AGREED
