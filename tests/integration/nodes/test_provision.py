# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Look-ups at a terminal in the own book: decided, answered, and in the journal before anybody is told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fixtures.network import CHIYODA
from fixtures.notices import code_of, number_of
from fixtures.offices import day
from fixtures.terminals import CLERK, COLLECTOR, DESK, REASON, WINDOW, asked, furnish, rows
from openjuki.errors import BadQuestion, StoreUnavailable
from openjuki.nodes import provision
from openjuki.nodes.provision import Answer, Asked, Desk
from openjuki.refusal import Where
from openjuki.residents.changes import Reason
from openjuki.residents.look_up import Result
from openjuki.store import journal

if TYPE_CHECKING:
    from fixtures.offices import Country

pytestmark = pytest.mark.postgres

BORN = "1990-01-01"


async def look_up(country: Country, **items) -> Answer:
    return await provision.look_up(await country.node(CHIYODA), asked(**items))


@pytest.fixture
async def town(country: Country) -> Country:
    """千代田区 with its terminals and one resident: 渡邉　葵, 一番町1番地."""
    await furnish(country, CHIYODA)
    await country.enter(CHIYODA, individual_number=number_of(1))
    return country


@pytest.mark.parametrize(
    "items",
    [
        pytest.param({"resident_code": str(code_of(1))}, id="by code"),
        pytest.param({"resident_code": f"{code_of(1):.4} {code_of(1)[4:]}"}, id="by code, grouped"),
        pytest.param({"individual_number": str(number_of(1))}, id="by number"),
        pytest.param({"name": "渡邉　葵", "birth_date": BORN}, id="by name and birth date"),
        pytest.param({"name": "渡邊葵", "birth_date": "平成2年1月1日"}, id="a variant, an era"),
        pytest.param(
            {"name": "渡辺 葵", "address": "一番町1"}, id="by name and the beginning of the address"
        ),
        pytest.param(
            {"name": "渡邉 葵", "address": "一番町1番地", "municipality": CHIYODA}, id="in this town"
        ),
        pytest.param({"name": "渡邉 葵", "birth_date": BORN, "sex": "female"}, id="narrowed by sex"),
        pytest.param(
            {"name": "渡邉 葵", "birth_date": BORN, "matching": "strict"}, id="strictly as recorded"
        ),
    ],
)
async def test_a_resident_is_found_by_the_lawful_keys(town: Country, items):
    """One person is found, and shown with the items of the register."""
    answer = await look_up(town, **items)

    assert (answer.result, answer.count) == (Result.MATCHED, 1)
    (hit,) = answer.hits
    assert hit["resident_code"] == code_of(1)
    assert hit["name"] == "渡邉　葵"
    assert hit["birth_date"] == BORN
    assert hit["state"] == "resident"
    assert hit["resident_number"] == "0000000019"
    assert answer.articles == ("法5条",)


@pytest.mark.parametrize(
    "items",
    [
        pytest.param({"resident_code": str(code_of(999))}, id="another code"),
        pytest.param({"individual_number": str(number_of(999))}, id="another number"),
        pytest.param({"name": "渡邊 葵", "birth_date": BORN, "matching": "strict"}, id="strictly, a variant"),
        pytest.param({"name": "渡邊 葵", "birth_date": BORN, "matching": "folded"}, id="folded, a variant"),
        pytest.param({"name": "渡邉 葵", "birth_date": "1990-01-02"}, id="another day"),
        pytest.param({"name": "渡邉 葵", "address": "一番町11番地"}, id="another block"),
        pytest.param({"name": "渡邉 葵", "address": "一番町"}, id="a town without a block"),
        pytest.param({"name": "渡邉 葵", "address": "一番町1番地", "municipality": "131024"}, id="elsewhere"),
        pytest.param({"name": "渡邉 葵", "birth_date": BORN, "sex": "male"}, id="of the other sex"),
    ],
)
async def test_nobody_else_is_found(town: Country, items):
    """What does not agree with the register finds nobody, and is recorded all the same."""
    answer = await look_up(town, **items)

    assert answer == Answer(result=Result.NONE, articles=("法5条",))
    assert [row["result"] for row in rows(town, CHIYODA, provision.GRANTED)] == ["none"]


async def test_every_look_up_leaves_a_row(town: Country):
    """Operator, terminal, office, affair, article, reason, the question, and who was shown."""
    await look_up(town, name="渡邉 葵", birth_date=BORN)

    (row,) = rows(town, CHIYODA, provision.GRANTED)
    assert row == {
        "affair": "register-work",
        "articles": ["法5条"],
        "asker": CHIYODA,
        "count": 1,
        "malformed": None,
        "office": "counter",
        "operator": CLERK,
        "question": {"name": "渡邉 葵", "birth_date": BORN, "matching": "variant"},
        "reason": REASON,
        "result": "matched",
        "rule": None,
        "terminal": WINDOW,
        "who": [code_of(1)],
    }


@pytest.mark.parametrize(
    ("items", "rule"),
    [
        pytest.param({"name": "渡邉 葵"}, "keys-too-wide", id="a name alone"),
        pytest.param({"birth_date": BORN, "sex": "female"}, "keys-too-wide", id="a birth date alone"),
        pytest.param({"address": "一番町1番地"}, "keys-too-wide", id="an address alone"),
        pytest.param({}, "keys-too-wide", id="nothing"),
        pytest.param({"operator": "nobody"}, "operator-known", id="an unknown operator"),
        pytest.param({"terminal": "nowhere"}, "terminal-known", id="an unknown terminal"),
        pytest.param({"terminal": DESK}, "terminal-of-the-office", id="another office's terminal"),
        pytest.param({"operator": COLLECTOR, "terminal": DESK}, "affair-not-held", id="an affair not held"),
        pytest.param({"affair": "tax"}, "unknown-affair", id="an affair no law knows"),
        pytest.param({"reason": " "}, "reason-given", id="no reason"),
    ],
)
async def test_what_the_law_does_not_permit_is_refused_and_recorded(town: Country, items, rule):
    """A refusal tells nothing, names its rule, and leaves a row."""
    keys = {"name", "birth_date", "address", "sex"} & items.keys()
    code = {} if keys or not items else {"resident_code": str(code_of(1))}

    answer = await look_up(town, **code, **items)

    assert (answer.result, answer.count, answer.hits) == (Result.NOT_PERMITTED, 0, ())
    assert answer.refusal is not None
    assert answer.refusal.rule == rule
    (row,) = rows(town, CHIYODA, provision.REFUSED)
    assert (row["rule"], row["who"], row["operator"]) == (rule, [], items.get("operator", CLERK))


async def test_a_malformed_question_is_recorded_without_what_it_said(town: Country):
    """Who asked is recorded, and which item was malformed."""
    wrong = BadQuestion("malformed: resident_code", where=Where(column="resident_code"))
    question = Asked(question=wrong, operator=CLERK, terminal=WINDOW, reason=REASON)

    answer = await provision.look_up(await town.node(CHIYODA), question)

    assert answer == Answer(result=Result.MALFORMED, malformed="resident_code")
    (row,) = rows(town, CHIYODA, provision.REFUSED)
    assert (row["result"], row["malformed"], row["question"]) == ("malformed", "resident_code", None)


@pytest.mark.parametrize(
    ("reason", "expected", "state"),
    [
        pytest.param(Reason.DIED, Result.DIED, "died", id="died"),
        pytest.param(Reason.MOVED_ABROAD, Result.LEFT_THE_COUNTRY, "moved_abroad", id="left the country"),
        pytest.param(Reason.DELETED_EX_OFFICIO, Result.REMOVED, "deleted", id="removed ex officio"),
    ],
)
async def test_a_closed_record_says_how_it_was_closed(town: Country, reason, expected, state):
    """Somebody who is no longer a resident is found, under a result of its own."""
    await town.record(CHIYODA, reason, resident_code=code_of(1), date_of_change=day(0))

    answer = await look_up(town, resident_code=str(code_of(1)))

    assert (answer.result, answer.hits[0]["state"]) == (expected, state)
    assert answer.hits[0]["date_of_change"] == day(0)


async def test_somebody_who_is_about_to_leave_is_still_a_resident(town: Country):
    """Until the day of departure, moving abroad is only planned."""
    await town.record(CHIYODA, Reason.MOVED_ABROAD, resident_code=code_of(1), date_of_change=day(5))

    answer = await look_up(town, resident_code=str(code_of(1)))

    assert (answer.result, answer.hits[0]["state"]) == (Result.MATCHED, "move_out_planned")


async def test_a_replaced_code_is_told_to_be_replaced_and_no_more(town: Country):
    """Under the old code nobody is shown, nor the new code; under the new one the person is."""
    new = code_of(50)
    change = {"resident_code": code_of(1), "new_resident_code": new}
    await town.record(CHIYODA, Reason.CODE_CHANGED_ON_REQUEST, **change)

    old = await look_up(town, resident_code=str(code_of(1)))

    assert old == Answer(result=Result.SUPERSEDED, count=1, articles=("法5条",))
    assert (await look_up(town, resident_code=new)).result is Result.MATCHED
    told = rows(town, CHIYODA, provision.GRANTED)
    assert [row["result"] for row in told] == ["superseded", "matched"]
    assert new not in str(told[0])


async def test_a_replaced_number_is_told_to_be_replaced(town: Country):
    """Likewise an individual number (番号法7条2項)."""
    await town.record(
        CHIYODA,
        Reason.NUMBER_CHANGED_ON_REQUEST,
        resident_code=code_of(1),
        individual_number=number_of(2),
    )

    assert (await look_up(town, individual_number=str(number_of(1)))).result is Result.SUPERSEDED
    assert (await look_up(town, individual_number=str(number_of(2)))).result is Result.MATCHED


async def test_who_bears_a_code_now_goes_before_who_bore_it(town: Country):
    """A code that was replaced by mistake, and is borne again, leads to its bearer, once."""
    replaced = "INSERT INTO replaced_code SELECT resident_code, resident_number, now() FROM resident"
    town.rows(CHIYODA, replaced)

    answer = await look_up(town, resident_code=str(code_of(1)))

    assert (answer.result, answer.count) == (Result.MATCHED, 1)


async def test_namesakes_are_shown_together(town: Country):
    """Several persons: the clerk decides by looking."""
    await town.enter(CHIYODA, block="2番地")

    answer = await look_up(town, name="渡邉 葵", birth_date=BORN)

    assert (answer.result, answer.count, len(answer.hits)) == (Result.SEVERAL, 2, 2)
    assert (await look_up(town, name="渡邉 葵", address="一番町2番地")).result is Result.MATCHED


async def test_of_too_many_only_the_count_is_told(town: Country):
    """Above the limit the answer is a number, and the row says who was shown: nobody."""
    await town.enter(CHIYODA, block="2番地")
    office = await town.node(CHIYODA)
    office.settings = replace(office.settings, look_up_most=1)

    answer = await look_up(town, name="渡邉 葵", birth_date=BORN)

    assert answer == Answer(result=Result.TOO_MANY, count=2, articles=("法5条",))
    assert rows(town, CHIYODA, provision.GRANTED)[0]["who"] == []


async def test_what_is_asked_together_shares_a_transaction(town: Country, monkeypatch):
    """A hundred questions within a moment take a few transactions; each gets its own answer and its own row."""
    appended = []

    async def append(connection, entries) -> None:
        appended.append(len(entries))
        await journal_append(connection, entries)

    journal_append = journal.append
    monkeypatch.setattr(provision.journal, "append", append)
    desk = Desk(await town.node(CHIYODA))
    questions = [asked(resident_code=str(code_of(1 + number % 2))) for number in range(100)]

    answers = await asyncio.gather(*map(desk.look_up, questions))

    assert [answer.result for answer in answers] == [Result.MATCHED, Result.NONE] * 50
    assert sum(appended) == 100
    assert len(appended) <= 3
    assert len(rows(town, CHIYODA, provision.GRANTED)) == 100


async def test_nothing_is_told_that_was_not_recorded(town: Country, monkeypatch):
    """Where the row cannot be written, nobody gets an answer, and the next question is asked anew."""
    desk = Desk(await town.node(CHIYODA))

    async def fail(*_) -> None:
        raise StoreUnavailable

    with monkeypatch.context() as broken:
        broken.setattr(provision.journal, "append", fail)
        told = await asyncio.gather(
            *(desk.look_up(asked(resident_code=str(code_of(1)))) for _ in range(3)), return_exceptions=True
        )

    assert [type(one) for one in told] == [StoreUnavailable] * 3
    assert (await desk.look_up(asked(resident_code=str(code_of(1))))).result is Result.MATCHED
