# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who may act at a node is decided there, within the law, and stands in its journal."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
import pytest_asyncio

from fixtures.ground import PENSIONS, TAX_OFFICE, WELFARE
from fixtures.network import CHIYODA, NOON, TOKYO
from fixtures.offices import SOMEBODY, day
from openjuki.errors import BadInput, Refused
from openjuki.nodes import counter, offices
from openjuki.residents.changes import Reason
from openjuki.store import offices as book

if TYPE_CHECKING:
    from fixtures.offices import Country

pytestmark = pytest.mark.postgres

KINDS = "SELECT kind FROM journal_pending ORDER BY id"


class Division:
    """The administration of one node's offices, each step a transaction."""

    def __init__(self, country: Country, node: Any) -> None:
        self.country = country
        self.node = node

    def __getattr__(self, name: str) -> Any:
        def do(*arguments: Any, **options: Any) -> Any:
            step = getattr(offices, name)
            return self.node.transact(lambda connection: step(self.node, connection, *arguments, **options))

        return do

    def kinds(self) -> list[str]:
        return [kind for (kind,) in self.country.rows(self.node.id, KINDS)]

    def told(self, kind: str) -> Any:
        (payload,) = self.country.journal(self.node.id, kind)
        return orjson.loads(payload or b"")


@pytest_asyncio.fixture
async def chiyoda(country: Country) -> Division:
    """A town with a residents' division of one operator and one terminal."""
    division = Division(country, await country.node(CHIYODA))
    await division.add_office("jumin", "住民課")
    await division.add_operator("op-1", office="jumin", name="山田 太郎")
    await division.add_terminal("t-1", office="jumin")
    await division.grant_affair("jumin", "register-work")
    return division


async def standing(division: Division) -> book.Standing:
    """The operator at the terminal, now."""
    node = division.node
    return await node.read(lambda connection: book.find(connection, "op-1", "t-1", node.clock()))


async def test_every_step_stands_in_the_journal(chiyoda: Division):
    """Who could act where, and for which affair, can be shown for as long as the journal lasts."""
    await chiyoda.withdraw_affair("jumin", "register-work")
    await chiyoda.close_terminal("t-1")
    await chiyoda.close_operator("op-1")

    assert chiyoda.kinds() == [
        "office.added",
        "operator.added",
        "terminal.added",
        "affair.granted",
        "affair.withdrawn",
        "terminal.closed",
        "operator.closed",
    ]
    assert chiyoda.told("operator.added") == {
        "operator": "op-1",
        "office": "jumin",
        "name": "山田 太郎",
        "since": NOON.isoformat(),
        "until": None,
    }
    assert chiyoda.told("affair.granted") == {"office": "jumin", "affair": "register-work"}


async def test_whoever_was_added_may_act(chiyoda: Division):
    """From the moment on at which it was recorded."""
    assert (await standing(chiyoda)).holds("register-work")


@pytest.mark.parametrize(
    ("step", "rule"),
    [
        pytest.param(("add_office", "jumin", "別の課"), "id-given-once", id="an office of the same id"),
        pytest.param(
            ("add_operator", "op-1", {"office": "jumin", "name": "別人"}),
            "id-given-once",
            id="an operator of the same id",
        ),
        pytest.param(
            ("add_operator", "op-2", {"office": "zeimu", "name": "別人"}),
            "office-known",
            id="an operator of an office that is not there",
        ),
        pytest.param(("add_terminal", "t-1", {"office": "jumin"}), "id-given-once", id="a terminal twice"),
        pytest.param(
            ("add_terminal", "t-2", {"office": "zeimu"}), "office-known", id="a terminal of nowhere"
        ),
        pytest.param(("close_operator", "op-9"), "something-to-close", id="closing nobody"),
        pytest.param(("close_terminal", "t-9"), "something-to-close", id="closing nothing"),
        pytest.param(("grant_affair", "jumin", "register-work"), "affair-held-once", id="an affair twice"),
        pytest.param(("grant_affair", "zeimu", "register-work"), "office-known", id="an affair for nobody"),
        pytest.param(("grant_affair", "jumin", "passports"), "unknown-affair", id="an affair of no law"),
        pytest.param(("withdraw_affair", "jumin", "passports"), "affair-to-withdraw", id="what is not held"),
    ],
)
async def test_what_cannot_be_is_refused_and_leaves_no_trace(chiyoda: Division, step: Any, rule: str):
    """A refusal changes neither the records nor the journal."""
    before = chiyoda.kinds()
    name, *arguments = step
    options = arguments.pop() if isinstance(arguments[-1], dict) else {}

    with pytest.raises(Refused) as caught:
        await getattr(chiyoda, name)(*arguments, **options)

    assert caught.value.refusal.rule == rule
    assert chiyoda.kinds() == before


@pytest.mark.parametrize(
    ("node", "affair", "rule"),
    [
        pytest.param(TAX_OFFICE, "prefecture-010", None, id="a governor's tax office: local taxes"),
        pytest.param(
            TAX_OFFICE, "prefecture-072", "recipient-not-listed", id="the board of education's affair"
        ),
        pytest.param(TAX_OFFICE, "state-118", "recipient-not-listed", id="pensions are no governor's"),
        pytest.param(
            TAX_OFFICE, "hokkaido-2-02", "recipient-not-listed", id="another prefecture's ordinance"
        ),
        pytest.param(PENSIONS, "state-118", None, id="the pension service: pensions"),
        pytest.param(PENSIONS, "state-061", "recipient-not-listed", id="national taxes are another body's"),
        pytest.param(WELFARE, "city-027", None, id="a welfare office: its mayor's affairs"),
        pytest.param(WELFARE, "register-work", "recipient-not-listed", id="but no work on the register"),
        pytest.param(WELFARE, "city-016", "recipient-not-listed", id="nor what only two cities do"),
        pytest.param(PENSIONS, "prefecture-067", "affair-not-in-force", id="an affair that ended"),
        pytest.param(TAX_OFFICE, "hokkaido-2-31", "affair-not-yet-entered", id="an affair that is awaited"),
        pytest.param(PENSIONS, "passports", "unknown-affair", id="an affair of no law"),
    ],
)
async def test_an_agency_holds_the_affairs_of_the_body_that_it_is(
    country: Country, node: str, affair: str, rule: str | None
):
    """The statute book names bodies, and says which of them a gateway is."""
    agency = Division(country, await country.node(node))
    await agency.add_office("kakari", "係")

    if rule is None:
        await agency.grant_affair("kakari", affair)
    else:
        with pytest.raises(Refused) as caught:
            await agency.grant_affair("kakari", affair)
        assert caught.value.refusal.rule == rule
        assert caught.value.refusal.article
    assert ("affair.granted" in agency.kinds()) is (rule is None)


async def test_a_limit_a_day_stands_in_the_journal(chiyoda: Division):
    """How many persons an office may ask about is part of what was granted."""
    await chiyoda.grant_affair("jumin", "city-011", per_day=200)

    assert orjson.loads(chiyoda.country.journal(CHIYODA, "affair.granted")[-1] or b"") == {
        "office": "jumin",
        "affair": "city-011",
        "per_day": 200,
    }
    assert (await standing(chiyoda)).per_day("city-011") == 200


@pytest.mark.parametrize("per_day", [0, -1, offices.MOST_PER_DAY + 1])
async def test_a_limit_that_is_none_is_malformed(chiyoda: Division, per_day: int):
    """Zero persons is no affair held; more than any nation has is no limit."""
    with pytest.raises(BadInput) as caught:
        await chiyoda.grant_affair("jumin", "city-011", per_day=per_day)

    assert caught.value.where.column == "per-day"


async def test_a_governor_does_not_do_the_work_of_mayors(country: Country):
    """An office cannot hold what the law gives to another kind of body."""
    tokyo = Division(country, await country.node(TOKYO))
    await tokyo.add_office("shichoson", "市町村課")

    with pytest.raises(Refused) as caught:
        await tokyo.grant_affair("shichoson", "register-work")

    assert caught.value.refusal.rule == "recipient-not-listed"


@pytest.mark.parametrize(
    ("step", "column"),
    [
        pytest.param(("add_office", "住民", "住民課"), "id", id="an id of kanji"),
        pytest.param(("add_office", "", "住民課"), "id", id="no id"),
        pytest.param(("add_office", "a" * 65, "住民課"), "id", id="an id without end"),
        pytest.param(("add_office", "zeimu", "　"), "name", id="a name of spaces"),
        pytest.param(
            ("add_operator", "op-2", {"office": "jumin", "name": "甲", "since": NOON - timedelta(seconds=1)}),
            "since",
            id="an operator since yesterday: that would excuse what was done before",
        ),
        pytest.param(
            ("add_operator", "op-2", {"office": "jumin", "name": "甲", "until": NOON - timedelta(seconds=1)}),
            "until",
            id="an end before the beginning",
        ),
        pytest.param(
            ("close_operator", "op-1", NOON - timedelta(seconds=1)),
            "until",
            id="an end in the past: it would disown what was done since",
        ),
    ],
)
async def test_a_malformed_step_names_what_is_wrong(chiyoda: Division, step: Any, column: str):
    """Ids are plain, names are there, and nothing is dated back."""
    name, *arguments = step
    options = arguments.pop() if isinstance(arguments[-1], dict) else {}

    with pytest.raises(BadInput) as caught:
        await getattr(chiyoda, name)(*arguments, **options)

    assert caught.value.where.column == column


async def test_a_change_says_who_made_it(chiyoda: Division):
    """Where an operator is named, the journal's row of the change has operator, terminal and office."""
    by = await standing(chiyoda)
    form = {"reason": Reason.ENTERED_EX_OFFICIO.value, "date_of_change": day(-1), **SOMEBODY}
    await chiyoda.country.stock(CHIYODA)

    await chiyoda.node.transact(lambda connection: counter.record_form(chiyoda.node, connection, form, by))

    told = chiyoda.told("record.changed")
    assert (told["office"], told["operator"], told["terminal"]) == ("jumin", "op-1", "t-1")


async def test_a_change_of_nobody_names_nobody(chiyoda: Division):
    """An import, or the road, changes records without an operator; nothing is made up."""
    await chiyoda.country.enter(CHIYODA)

    assert "operator" not in chiyoda.told("record.changed")
    (notice,) = chiyoda.country.journal(CHIYODA, "notice.issued")
    assert b"operator" not in (notice or b"")
