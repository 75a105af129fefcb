# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whoever acts at a node is a known operator, in time, at a terminal of the same office (法36条の2)."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
import pytest_asyncio

from fixtures.notices import NOON
from openjuki.errors import Refused
from openjuki.store import offices
from openjuki.store.offices import Office, Operator, Standing, Terminal

pytestmark = pytest.mark.postgres

EARLIER, LATER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)


@pytest_asyncio.fixture
async def book(municipality):
    """A node with two offices; the residents' division holds register work."""
    await offices.add_office(municipality, Office(id="jumin", name="住民課"), EARLIER)
    await offices.add_office(municipality, Office(id="zeimu", name="税務課"), EARLIER)
    for operator, office in (("op-1", "jumin"), ("op-2", "jumin"), ("op-3", "zeimu")):
        await offices.add_operator(
            municipality, Operator(id=operator, office=office, name="山田", since=EARLIER)
        )
    await offices.add_terminal(municipality, Terminal(id="t-1", office="jumin", since=EARLIER))
    await offices.add_terminal(municipality, Terminal(id="t-9", office="zeimu", since=EARLIER))
    await offices.grant_affair(municipality, "jumin", "register-work", EARLIER)
    return municipality


async def test_an_operator_is_found_with_the_office_and_its_affairs(book):
    """Who, where, for whom, and what for."""
    found = await offices.find(book, "op-1", "t-1", NOON)

    assert found == Standing(
        operator="op-1", terminal="t-1", office="jumin", affairs=frozenset({"register-work"})
    )
    assert found.holds("register-work")
    assert not found.holds("passports")


@pytest.mark.parametrize(
    ("operator", "terminal", "rule"),
    [
        pytest.param("op-9", "t-1", "operator-known", id="an operator whom nobody registered"),
        pytest.param("op-1", "t-7", "terminal-known", id="a terminal that nobody registered"),
        pytest.param("op-1", "t-9", "terminal-of-the-office", id="the terminal of the tax office"),
        pytest.param("op-3", "t-1", "terminal-of-the-office", id="a tax clerk at the residents' counter"),
        pytest.param("", "", "operator-known", id="nobody"),
        pytest.param("OP-1", "t-1", "operator-known", id="an id is what it is, letter by letter"),
    ],
)
async def test_whoever_may_not_act_is_refused_with_the_rule(book, operator, terminal, rule):
    """Every refusal names its rule and its article."""
    with pytest.raises(Refused) as caught:
        await offices.find(book, operator, terminal, NOON)

    assert caught.value.refusal.rule == rule
    assert caught.value.refusal.article == "法36条の2第1項"


async def test_many_are_found_with_one_question_each_for_itself(book):
    """A refused one among them does not disturb the others, and the order stays."""
    asked = [("op-1", "t-1"), ("op-9", "t-1"), ("op-3", "t-9"), ("op-1", "t-1")]

    found = await offices.find_all(book, asked, NOON)

    assert [one.office if isinstance(one, Standing) else one.rule for one in found] == [
        "jumin",
        "operator-known",
        "zeimu",
        "jumin",
    ]
    assert await offices.find_all(book, [], NOON) == []


@pytest.mark.parametrize(
    ("at", "may"),
    [
        pytest.param(NOON - timedelta(microseconds=1), True, id="until the last moment"),
        pytest.param(NOON, False, id="no longer at the end"),
        pytest.param(LATER, False, id="nor after"),
        pytest.param(EARLIER, True, id="from the first moment"),
        pytest.param(EARLIER - timedelta(microseconds=1), False, id="not before"),
    ],
)
async def test_an_operator_acts_within_a_time(book, at, may):
    """From the first moment on, and no longer at the end."""
    assert await offices.close_operator(book, "op-1", NOON)

    (found,) = await offices.find_all(book, [("op-1", "t-1")], at)

    assert isinstance(found, Standing) is may
    assert may or found.rule == "operator-in-time"


async def test_a_closed_terminal_is_refused(book):
    """At a terminal that was taken away nobody acts."""
    assert await offices.close_terminal(book, "t-1", NOON)

    (found,) = await offices.find_all(book, [("op-1", "t-1")], NOON)

    assert found.rule == "terminal-in-time"


async def test_what_has_ended_does_not_end_again(book):
    """The first end stands."""
    assert await offices.close_operator(book, "op-1", NOON)
    assert not await offices.close_operator(book, "op-1", LATER)
    assert not await offices.close_operator(book, "op-9", NOON)
    assert await offices.close_terminal(book, "t-1", NOON)
    assert not await offices.close_terminal(book, "t-1", LATER)


async def test_an_end_ahead_can_be_brought_forward(book):
    """Who was to leave at the end of the year may leave today."""
    await offices.add_operator(
        book, Operator(id="op-4", office="jumin", name="臨時", since=EARLIER, until=LATER)
    )

    assert isinstance((await offices.find_all(book, [("op-4", "t-1")], NOON))[0], Standing)
    assert await offices.close_operator(book, "op-4", NOON)
    assert (await offices.find_all(book, [("op-4", "t-1")], NOON))[0].rule == "operator-in-time"


async def test_somebody_who_leaves_before_beginning_never_acts(book):
    """An appointment that is taken back has no moment."""
    await offices.add_operator(book, Operator(id="op-5", office="jumin", name="内定", since=LATER))
    assert await offices.close_operator(book, "op-5", NOON)

    for at in (EARLIER, NOON, LATER):
        assert (await offices.find_all(book, [("op-5", "t-1")], at))[0].rule == "operator-in-time"


async def test_an_id_is_given_once(book):
    """The journal names operators for years: an id never means somebody else."""
    await offices.close_operator(book, "op-1", NOON)

    assert not await offices.add_operator(book, Operator(id="op-1", office="zeimu", name="別人", since=LATER))
    assert not await offices.add_terminal(book, Terminal(id="t-1", office="zeimu", since=LATER))
    assert not await offices.add_office(book, Office(id="jumin", name="別の課"), LATER)


async def test_an_affair_is_held_while_it_is_granted(book):
    """An office holds an affair once at a time, and can be given it again."""
    assert not await offices.grant_affair(book, "jumin", "register-work", NOON)
    assert await offices.withdraw_affair(book, "jumin", "register-work", NOON)
    assert not await offices.withdraw_affair(book, "jumin", "register-work", NOON)

    assert (await offices.find(book, "op-1", "t-1", NOON)).affairs == frozenset()
    assert (await offices.find(book, "op-1", "t-1", NOON - timedelta(seconds=1))).holds("register-work")
    assert await offices.grant_affair(book, "jumin", "register-work", LATER)
    assert await offices.held(book, LATER) == {"jumin": {"register-work": None}}
    assert await offices.held(book, NOON) == {}


async def test_everything_is_listed(book):
    """Who looks sees offices, operators and terminals, those that ended too."""
    await offices.close_operator(book, "op-2", NOON)

    assert [office.id for office in await offices.offices(book)] == ["jumin", "zeimu"]
    assert [(one.id, one.until) for one in await offices.operators(book)] == [
        ("op-1", None),
        ("op-2", NOON),
        ("op-3", None),
    ]
    assert [one.id for one in await offices.terminals(book)] == ["t-1", "t-9"]


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("DELETE FROM operator", id="an operator is not deleted"),
        pytest.param("UPDATE operator SET office = 'zeimu'", id="nor moved"),
        pytest.param("UPDATE operator SET since = now()", id="nor made younger"),
        pytest.param("DELETE FROM held_affair", id="that an office held an affair stays known"),
        pytest.param("UPDATE office SET name = 'x'", id="an office keeps its name"),
    ],
)
async def test_the_worker_can_only_end_things(book, statement):
    """What was true at some time is not rewritten."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await book.execute(statement)


@pytest.mark.parametrize("id_", ["", "a b", "-a", "課", "a" * 65])
async def test_an_id_is_plain(municipality, id_):
    """Ids are typed at counters and stand in journals: letters, figures, dots and dashes."""
    with pytest.raises(psycopg.errors.CheckViolation, match="office_id_is_plain"):
        await offices.add_office(municipality, Office(id=id_, name="課"), NOON)


async def test_an_office_may_have_a_limit_a_day(book):
    """Standing says about how many persons a day may be asked for an affair; where nothing is said, nobody counts."""
    assert await offices.grant_affair(book, "jumin", "city-011", EARLIER, per_day=200)

    found = await offices.find(book, "op-1", "t-1", NOON)

    assert found.holds("city-011")
    assert (found.per_day("city-011"), found.per_day("register-work"), found.per_day("x")) == (
        200,
        None,
        None,
    )
    assert await offices.held(book, NOON) == {"jumin": {"city-011": 200, "register-work": None}}


async def test_who_asks_about_some_affairs_hears_of_these_alone(book):
    """An office may hold hundreds, and a question is for one; what ended or was never granted is not held either way."""
    await offices.grant_affair(book, "jumin", "city-011", EARLIER, per_day=200)

    (found,) = await offices.find_all(book, [("op-1", "t-1")], NOON, affairs={"city-011", "passports"})
    (none,) = await offices.find_all(book, [("op-1", "t-1")], NOON, affairs=[])

    assert isinstance(found, Standing)
    assert isinstance(none, Standing)
    assert (found.affairs, found.limits) == (frozenset({"city-011"}), {"city-011": 200})
    assert none.affairs == frozenset()


async def test_a_limit_lets_somebody_be_asked_about(book):
    """Nobody at all is no limit but an affair that is not held."""
    with pytest.raises(psycopg.errors.CheckViolation, match="held_affair_allows_somebody"):
        await offices.grant_affair(book, "jumin", "city-011", NOON, per_day=0)
