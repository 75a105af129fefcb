# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki office`` and ``juki law`` as an administrator meets them: what they print, and with which code they leave."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import psycopg
import pytest

from fixtures.network import CHIYODA, TOKYO
from openjuki.config import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.ground import Ground

    type Juki = Callable[..., tuple[int, str, str]]

pytestmark = pytest.mark.postgres


def listed(juki: Juki) -> Any:
    """The one office that Chiyoda has."""
    code, out, _ = juki("office", "list", "--node", CHIYODA, "--json")
    (office,) = orjson.loads(out)["offices"]
    assert code == 0
    return office


@pytest.mark.usefixtures("installed")
def test_a_division_is_made_and_listed(juki: Juki):
    """The commands of the manual, one after the other; what was added is listed, with its times."""
    for words in (
        ("add", "jumin", "住民課"),
        ("affair", "grant", "--office", "jumin", "register-work"),
        ("operator", "add", "--office", "jumin", "op-1", "窓口　一郎"),
        ("operator", "add", "--office", "jumin", "op-2", "窓口　花子", "--until", "2099-04-01"),
        ("terminal", "add", "--office", "jumin", "t-1"),
    ):
        code, out, told = juki("office", *words, "--node", CHIYODA)
        assert (code, told) == (0, "")
        assert "。" in out

    office = listed(juki)
    assert (office["id"], office["name"], office["affairs"]) == ("jumin", "住民課", ["register-work"])
    assert [(one["id"], one["name"]) for one in office["operators"]] == [
        ("op-1", "窓口　一郎"),
        ("op-2", "窓口　花子"),
    ]
    assert [one["until"] for one in office["operators"]] == [None, "2099-04-01T00:00:00+09:00"]
    assert [one["id"] for one in office["terminals"]] == ["t-1"]


@pytest.mark.usefixtures("division")
def test_people_read_a_table(juki: Juki):
    """The same for the eye."""
    code, out, _ = juki("office", "list", "--node", CHIYODA)

    assert code == 0
    assert all(word in out for word in ("住民課", "register-work", "jumin-t1", "jumin-2 窓口　花子"))


@pytest.mark.usefixtures("division")
def test_a_limit_a_day_is_granted_and_listed(juki: Juki):
    """Not every affair has one; a limit of nobody is none."""
    grant = ("office", "affair", "grant", "--office", "jumin", "city-011", "--node", CHIYODA, "--per-day")

    assert juki(*grant, "0")[0] == 3
    assert juki(*grant, "200")[0] == 0
    office = listed(juki)
    assert (office["affairs"], office["per_day"]) == (["city-011", "register-work"], {"city-011": 200})
    assert "city-011 (≤ 200/日)" in juki("office", "list", "--node", CHIYODA)[1]


@pytest.mark.usefixtures("division")
def test_who_leaves_is_closed(juki: Juki):
    """An operator, a terminal, an affair: each ends, and the list says when."""
    for words in (
        ("operator", "close", "jumin-1"),
        ("operator", "close", "jumin-2", "--until", "2098-04-01T08:30"),
        ("terminal", "close", "jumin-t1"),
        ("affair", "withdraw", "--office", "jumin", "register-work"),
    ):
        assert juki("office", *words, "--node", CHIYODA)[0] == 0

    office = listed(juki)
    assert office["affairs"] == []
    assert office["terminals"][0]["until"] is not None
    assert office["operators"][0]["until"] <= clock().isoformat()
    assert office["operators"][1]["until"] == "2098-04-01T08:30:00+09:00"


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        pytest.param(("add", "jumin", "別の課"), 1, "JK-OFFICE-0006", id="an id twice"),
        pytest.param(("add", "住民", "住民課"), 3, "JK-INPUT-0001", id="an id of kanji"),
        pytest.param(
            ("operator", "add", "--office", "zeimu", "x", "甲"), 1, "JK-OFFICE-0007", id="no such office"
        ),
        pytest.param(
            ("operator", "add", "--office", "jumin", "x", "甲", "--since", "1999-04-01"),
            3,
            "JK-INPUT-0001",
            id="dated back",
        ),
        pytest.param(
            ("operator", "add", "--office", "jumin", "x", "甲", "--since", "tomorrow"),
            3,
            "JK-INPUT-0003",
            id="not a time",
        ),
        pytest.param(("operator", "close", "nobody"), 1, "JK-OFFICE-0008", id="closing nobody"),
        pytest.param(("terminal", "close", "nowhere"), 1, "JK-OFFICE-0008", id="closing nothing"),
        pytest.param(
            ("affair", "grant", "--office", "jumin", "passports"), 1, "JK-LAW-0002", id="an affair of no law"
        ),
        pytest.param(
            ("affair", "withdraw", "--office", "jumin", "passports"),
            1,
            "JK-OFFICE-0010",
            id="what is not held",
        ),
    ],
)
@pytest.mark.usefixtures("division")
def test_what_cannot_be_is_said(juki: Juki, words: tuple[str, ...], code: int, told: str):
    """The code, a sentence in two languages, and nothing on standard output."""
    left, out, problem = juki("office", *words, "--node", CHIYODA)

    assert (left, out) == (code, "")
    assert problem.startswith(told)
    assert "。" in problem


@pytest.mark.usefixtures("installed")
def test_a_governor_cannot_hold_a_mayors_affair(juki: Juki):
    """The law gives work on the register to mayors."""
    assert juki("office", "add", "--node", TOKYO, "shichoson", "市町村課")[0] == 0

    code, _, told = juki(
        "office", "affair", "grant", "--node", TOKYO, "--office", "shichoson", "register-work"
    )

    assert (code, told.split()[0]) == (1, "JK-LAW-0004")


FORM = [
    "change",
    "--node",
    "131016",
    "--reason",
    "職権記載等",
    "--date",
    "2026-04-01",
    "name=渡邉\u3000新",
    "furigana=ワタナベ\u3000アラタ",
    "birth_date=1990-01-01",
    "sex=男",
    "town=神田小川町",
    "block=1番",
    "became_resident_on=2026-04-01",
    "address_settled_on=2026-04-01",
    "household_number=0000000019",
    "relationship=世帯主",
    "resident_code=24727059608",
]


def test_a_change_of_an_operator_says_so(division: Ground, juki: Juki):
    """``juki change --operator --terminal``: the journal has who made it, where."""
    code, _, told = juki(*FORM, "--operator", "jumin-1", "--terminal", "jumin-t1")

    assert (code, told) == (0, "")
    with psycopg.connect(division.owner_url(CHIYODA)) as book:
        ((payload,),) = book.execute("SELECT payload FROM journal_pending WHERE kind = 'record.changed'")
    change = orjson.loads(payload)
    assert (change["office"], change["operator"], change["terminal"]) == ("jumin", "jumin-1", "jumin-t1")


@pytest.mark.parametrize(
    ("who", "code", "told"),
    [
        pytest.param(("--operator", "x", "--terminal", "jumin-t1"), 1, "JK-OFFICE-0001", id="a stranger"),
        pytest.param(("--operator", "jumin-1", "--terminal", "x"), 1, "JK-OFFICE-0003", id="nowhere"),
        pytest.param(("--operator", "jumin-1"), 3, "JK-INPUT-0001", id="an operator without a terminal"),
        pytest.param(("--terminal", "jumin-t1"), 3, "JK-INPUT-0001", id="a terminal without an operator"),
    ],
)
def test_a_change_of_nobody_we_know_is_refused(
    division: Ground, juki: Juki, who: tuple[str, ...], code: int, told: str
):
    """Whoever is named must be registered; nothing is recorded."""
    left, _, problem = juki(*FORM, *who)

    assert (left, problem.split()[0]) == (code, told)
    with psycopg.connect(division.owner_url(CHIYODA)) as book:
        assert book.execute("SELECT count(*) FROM resident_record").fetchone() == (0,)
