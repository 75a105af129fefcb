# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A new text of the law takes effect at midnight, at who asks and at who provides, and nobody starts anything again."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

import orjson
import pytest
import pytest_asyncio

from fixtures.ground import NISHIIZU, PENSIONS, SHIZUOKA
from fixtures.network import CENTRE, TOKYO
from fixtures.offices import TODAY
from fixtures.provisions import ask, provided, put, vouch
from openjuki.config import JST
from openjuki.law.basis import Method
from openjuki.law.book import packaged
from openjuki.nodes.asking import Asked, Asking, AtTerminal
from openjuki.nodes.providing import Providing
from openjuki.residents.look_up import LookUp, Result
from openjuki.store import ledger, offices

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.offices import Country
    from openjuki.nodes.asking import Outcome
    from openjuki.store.database import Connection

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

CLERK = AtTerminal("clerk", "window-1")
#: 国民年金, which the new text leaves out; and work that only the new text has.
ENDING, BEGINNING = "state-118", "state-900"
_ROW = "state-900,30-9,900,日本年金機構,国民年金法,国民年金法による新しい給付の支給\n"


def new_text() -> str:
    """Table 1 as the program has it, without the one affair and with the other."""
    table = packaged()["affairs/table-1/2026-06-14.csv"].splitlines(keepends=True)
    return "".join(line for line in table if not line.startswith(f"{ENDING},")) + _ROW


def put_tomorrow(home: Path, country: Country) -> None:
    """The new text in the folder of a home, named by tomorrow's day."""
    file = home / "law" / "affairs" / "table-1" / f"{country.clock().date() + timedelta(days=1)}.csv"
    file.parent.mkdir(parents=True)
    file.write_text(new_text(), encoding="utf-8")
    country.clock.advance(seconds=1)


@pytest_asyncio.fixture
async def evening(country: Country) -> Country:
    """Somebody in 西伊豆町 whom the Centre knows; an agency whose office holds both affairs; half a minute to midnight."""
    await country.enter(NISHIIZU)
    await country.settle(NISHIIZU, SHIZUOKA, CENTRE)
    at = country.clock()

    async def furnish(connection: Connection) -> None:
        await offices.add_office(connection, offices.Office(id="desk", name="給付課"), at)
        await offices.add_operator(
            connection, offices.Operator(id=CLERK.operator, office="desk", name="山田", since=at)
        )
        await offices.add_terminal(connection, offices.Terminal(id=CLERK.terminal, office="desk", since=at))
        for affair in (ENDING, BEGINNING):
            await offices.grant_affair(connection, "desk", affair, at)

    await (await country.node(PENSIONS)).read(furnish)
    country.clock.advance(hours=11, minutes=59, seconds=30)
    vouch(country, CENTRE, TOKYO)
    return country


async def asked(asking: Asking, affair: str) -> Outcome:
    """The clerk asks for an affair by name and birth date."""
    by_name = LookUp.from_dict({"name": "渡邉 葵", "birth_date": "1990-01-01"})
    return await asking.ask(Asked(by=CLERK, affair=affair, reason="2026-0012", questions=(by_name,)))


async def said(asking: Asking, affair: str) -> str:
    """What an answer says: its rule where it is refused."""
    (answer,) = (await asked(asking, affair)).answers
    return answer.refusal.rule if answer.refusal else answer.result.value


def midnight(country: Country) -> None:
    """The clock comes to midnight in Japan."""
    country.clock.now = datetime.combine(TODAY + timedelta(days=1), time(), JST)


async def test_decisions_change_at_midnight_at_both_ends(evening: Country):
    """The last answer of the old text and the first of the new; the nodes, their gateway and their rooms are the same."""
    agency, centre = await evening.connected(PENSIONS), await evening.connected(CENTRE)
    asking = Asking(agency)
    put_tomorrow(evening.home, evening)

    assert [await said(asking, affair) for affair in (ENDING, BEGINNING)] == [
        "matched",
        "affair-not-in-force",
    ]
    midnight(evening)
    assert (evening.nodes[PENSIONS], evening.nodes[CENTRE]) == (agency, centre)
    assert [await said(asking, affair) for affair in (ENDING, BEGINNING)] == [
        "affair-not-in-force",
        "matched",
    ]
    told = provided(evening, CENTRE)
    assert [(row["ask"]["affair"], row["told"]["articles"]) for row in told] == [
        (ENDING, ["法30条の9・別表第1の77の項"]),
        (BEGINNING, ["法30条の9・別表第1の900の項"]),
    ]


async def test_an_amendment_does_not_rewrite_what_was_told(evening: Country):
    """The line of the ledger keeps the article under which it was told that evening."""
    asking = Asking(await evening.connected(PENSIONS))
    await evening.connected(CENTRE)
    put_tomorrow(evening.home, evening)
    outcome = await asked(asking, ENDING)
    midnight(evening)

    line = await evening.nodes[PENSIONS].read(lambda connection: ledger.line(connection, outcome.ledger_id))

    assert line is not None
    assert (line.affair, line.articles) == (ENDING, ("法30条の9・別表第1の77の項",))


@pytest.mark.parametrize("seconds", [0, 1], ids=["the last second", "midnight"])
async def test_the_provider_goes_by_its_own_book(evening: Country, seconds: int):
    """Who has not the new text cannot make the Centre answer by the old one: it decides again, to the second."""
    agency = await evening.node(PENSIONS)
    agency.published = evening.home / "elsewhere" / "directory.json"
    providing = Providing(await evening.node(CENTRE))
    put_tomorrow(evening.home, evening)
    midnight(evening)
    evening.clock.advance(seconds=seconds - 1)
    question = {"name": "渡邉 葵", "birth_date": "1990-01-01"}

    (told,) = await put(
        evening,
        PENSIONS,
        ask(question, affair=ENDING, office="desk", method=Method.TERMINAL),
        providing=providing,
    )

    if seconds:
        assert told.answer.refusal is not None
        assert told.answer.refusal.rule == "affair-not-in-force"
        assert (told.row.refused, told.said["told"]["rule"]) == (True, "affair-not-in-force")
    else:
        assert told.answer.result is Result.MATCHED


async def test_a_refusal_by_the_own_book_leaves_the_office_with_its_row(evening: Country):
    """Nothing leaves the agency for an affair that has ended; its journal says which rule."""
    asking = Asking(await evening.connected(PENSIONS))
    put_tomorrow(evening.home, evening)
    midnight(evening)

    assert await said(asking, ENDING) == "affair-not-in-force"
    (row,) = (orjson.loads(one or b"") for one in evening.journal(PENSIONS, "question.refused"))
    assert (row["affairs"], row["rules"]) == ({ENDING: 1}, {"affair-not-in-force": 1})
    assert (evening.journal(CENTRE, "provision.envelope"), provided(evening, CENTRE)) == ([], [])
