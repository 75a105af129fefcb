# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which roads the own book opens, and to whom: decided once for equal questions, and never for unequal ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.network import CHIYODA, NOON, TOKYO
from openjuki.config import JST
from openjuki.law.basis import Method
from openjuki.law.book import Book, packaged
from openjuki.nodes.asking import Asked, AtTerminal
from openjuki.nodes.asking.merging import Way
from openjuki.nodes.asking.opening import Opened, Opening
from openjuki.nodes.roads import IN_THE_OWN_BOOK, NO_ROAD
from openjuki.refusal import Refusal
from openjuki.store.offices import Standing

if TYPE_CHECKING:
    from openjuki.wire.directory import Directory

BOOK = Book.load()
STANDING = Standing(
    operator="clerk", terminal="window-1", office="desk", affairs=frozenset(("register-work",))
)
ASKED = Asked(by=AtTerminal("clerk", "window-1"), affair="register-work", reason="2026-0012", questions=())
CODE = ("resident_code",)


@pytest.fixture
def opening(directory: Directory) -> Opening:
    """What the book opens to 千代田区."""
    return Opening(BOOK, directory.node(CHIYODA), NOON)


def test_a_code_goes_the_nearest_road_first_and_a_name_every_road_that_no_other_covers(opening: Opening):
    """The Centre directly, then through the governor; through the governor everybody is found. The own book is not asked."""
    opened = opening.opened(ASKED, STANDING, None, CODE)

    assert isinstance(opened, Opened)
    assert opened.nearest == [[Way("centre", None)], [Way("centre", TOKYO)]]
    assert opened.every == [[Way("centre", TOKYO)]]
    assert {"resident_code", "name", "address"} <= opened.granted
    assert "resident_number" not in opened.granted


def test_a_town_asks_nobody_for_what_only_its_own_book_has(directory: Directory):
    """Before the Centre provided for register work, the question was for the town's own desk."""
    early = Opening(BOOK, directory.node(CHIYODA), datetime(2015, 1, 1, tzinfo=JST))

    assert early.opened(ASKED, STANDING, None, CODE) is IN_THE_OWN_BOOK


@pytest.mark.parametrize(
    ("node", "row"),
    [
        pytest.param(CHIYODA, "30-14,条例1条,市町村長,小樽市条例,墓地の管理,012033", id="another town's"),
        pytest.param(TOKYO, "30-13-2,条例9条,都道府県知事,静岡県条例,道路の管理,220001", id="a governor's"),
        pytest.param(
            CHIYODA, "30-13-3,条例9条,市町村長,静岡県条例,道路の管理,220001", id="through the own governor"
        ),
    ],
)
def test_nobody_is_asked_under_an_ordinance_to_whose_government_there_is_no_road(
    directory: Directory, node: str, row: str
):
    """法30条の13第2項・第3項, 法30条の14: the Centre may not answer for them, and the own book has nothing to say."""
    rows = f"affair,basis,row,recipient,law,title,government\nx-1,{row}\n"
    book = Book.read(packaged(), {"affairs/ordinance/2026-01-01.csv": rows})
    opening = Opening(book, directory.node(node), NOON)
    asked = replace(ASKED, affair="x-1", method=Method.ONLINE)
    standing = replace(STANDING, affairs=frozenset(("x-1",)))

    said = opening.opened(asked, standing, None, ("name", "birth_date"))

    assert said is NO_ROAD


@pytest.mark.parametrize(
    ("asked", "standing", "items", "verify", "rule"),
    [
        pytest.param({"reason": " "}, {}, CODE, (), "reason-given", id="no reason"),
        pytest.param({}, {"terminal": ""}, CODE, (), "operator-and-terminal-named", id="no terminal"),
        pytest.param({}, {"affairs": frozenset()}, CODE, (), "affair-not-held", id="not held"),
        pytest.param({"method": Method.BULK}, {}, CODE, (), "method-not-open", id="in bulk"),
        pytest.param({}, {}, ("name",), (), "keys-too-wide", id="by a name alone"),
        pytest.param({}, {}, CODE, ("nationality",), "item-not-open", id="verifying what is not open"),
        pytest.param(
            {"affair": "city-027"}, {"affairs": frozenset(("city-027",))}, CODE, (), None, id="another affair"
        ),
        pytest.param(
            {"affair": "city-027", "history": True},
            {"affairs": frozenset(("city-027",))},
            CODE,
            (),
            "history-not-open",
            id="its history",
        ),
    ],
)
def test_unequal_questions_are_decided_each_by_itself(
    opening: Opening, asked: Any, standing: Any, items: Any, verify: Any, rule: str | None
):
    """Whatever differs between two questions that come together, each gets its own answer, in either order."""
    other = (replace(ASKED, **asked), replace(STANDING, **standing), None, items, verify)
    usual = (ASKED, STANDING, None, CODE)

    for first, second in ((usual, other), (other, usual)):
        opening.opened(*first)
        opening.opened(*second)
    said = opening.opened(*other)

    assert (said.rule if isinstance(said, Refusal) else None) == rule
    assert isinstance(opening.opened(*usual), Opened)


@pytest.mark.parametrize(("quota", "permitted"), [(None, True), (2, True), (1, False), (-1, False)])
def test_a_limit_is_held_against_all_questions_of_a_request(opening: Opening, quota: Any, permitted: Any):
    """A request is asked as a whole or not at all."""
    two = replace(ASKED, questions=(None, None))  # type: ignore[arg-type]

    said = opening.opened(two, STANDING, quota, CODE)

    assert isinstance(said, Opened) is permitted
    assert permitted or said.rule == "within-quota"  # type: ignore[union-attr]
