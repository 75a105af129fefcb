# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki look-up`` as a clerk meets it: what it prints, and with which code it leaves."""

from __future__ import annotations

import asyncio
import io
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
import pytest

from fixtures.network import CHIYODA, TOKYO
from fixtures.notices import code_of
from openjuki import config
from openjuki.nodes import counter
from openjuki.nodes.node import opened_office
from openjuki.residents.changes import Reason

if TYPE_CHECKING:
    from fixtures.ground import Ground

pytestmark = pytest.mark.postgres

ACTING = ("--operator", "jumin-1", "--terminal", "jumin-t1", "--reason", "転入届 2026-0012")
FORM = {
    "reason": Reason.ENTERED_EX_OFFICIO.value,
    "date_of_change": "2020-04-01",
    "resident_code": str(code_of(1)),
    "name": "渡邉　葵",
    "furigana": "ワタナベ　アオイ",
    "birth_date": "1990-01-01",
    "sex": "female",
    "town": "一番町",
    "block": "1番地",
}


@pytest.fixture
def resident(division: Ground) -> Ground:
    """Chiyoda with its clerks and one resident."""

    async def enter() -> None:
        async with opened_office(config.load(), CHIYODA) as town:
            await town.transact(lambda connection: counter.record_form(town, connection, FORM))

    asyncio.run(enter())
    return division


def recorded(ground: Ground) -> list[dict[str, Any]]:
    """What the look-ups in Chiyoda's journal say."""
    query = "SELECT payload FROM journal_pending WHERE kind LIKE 'look-up.%' ORDER BY id"
    with psycopg.connect(ground.owner_url(CHIYODA)) as connection:
        return [orjson.loads(payload) for (payload,) in connection.execute(query)]


@pytest.mark.usefixtures("resident")
def test_a_clerk_reads_japanese(juki):
    """A person is shown as a clerk reads them: 男女, 元号, and the reason by its name."""
    words = ("--name", "渡辺葵", "--birth-date", "平成2年1月1日")
    code, out, _ = juki("look-up", "--node", CHIYODA, *words, *ACTING)

    assert code == 0
    for shown in (
        "一致",
        "法5条",
        "渡邉　葵",
        "平成2年1月1日",
        "女",
        "住民",
        "A06 職権記載等",
        "令和2年4月1日",
    ):
        assert shown in out


@pytest.mark.usefixtures("resident")
def test_a_program_reads_json(juki, monkeypatch):
    """A question on standard input is out of sight of others; the answer is one object."""
    monkeypatch.setattr(
        "sys.stdin", io.TextIOWrapper(io.BytesIO(orjson.dumps({"resident_code": code_of(1)})))
    )
    code, out, err = juki("look-up", "--node", CHIYODA, "--form", "-", "--json", *ACTING)

    answer = orjson.loads(out)
    assert (code, err, answer["schema"], answer["result"]) == (0, "", "openjuki/look-up/1", "matched")
    assert answer["hits"][0]["name"] == "渡邉　葵"


@pytest.mark.usefixtures("resident")
def test_nobody_is_no_failure(juki):
    """That nobody was found is an answer."""
    code, out, _ = juki("look-up", "--node", CHIYODA, "--resident-code", code_of(2), *ACTING)

    assert code == 0
    assert "該当なし" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("--name", "渡邉　葵", *ACTING), "JK-LAW-0010", id="by a name alone"),
        pytest.param(("--resident-code", str(code_of(1))), "JK-OFFICE-0001", id="by nobody"),
    ],
)
def test_a_refusal_says_why_and_leaves_with_1(juki, resident, words, said):
    """The rule is told in two languages, and the attempt is in the journal."""
    code, out, err = juki("look-up", "--node", CHIYODA, *words)

    assert (code, out) == (1, "")
    assert said in err
    assert [row["result"] for row in recorded(resident)] == ["not_permitted"]


def test_a_malformed_question_leaves_with_3(juki, resident):
    """The item is named, its value is not repeated, and the attempt is in the journal."""
    code, out, err = juki("look-up", "--node", CHIYODA, "--resident-code", "12345678901", *ACTING)

    assert (code, out) == (3, "")
    assert "resident_code" in err
    assert "12345678901" not in err
    assert [row["malformed"] for row in recorded(resident)] == ["resident_code"]


@pytest.mark.parametrize("form", ["[1]", "{"], ids=["not an object", "not JSON"])
@pytest.mark.usefixtures("resident")
def test_a_form_that_is_no_question_leaves_with_3(juki, monkeypatch, form):
    """What cannot be read as a form is bad input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(form.encode())))

    assert juki("look-up", "--node", CHIYODA, "--form", "-", *ACTING)[0] == 3


@pytest.mark.usefixtures("resident")
def test_only_a_municipality_looks_up(juki):
    """A prefecture has no register of its own."""
    assert juki("look-up", "--node", TOKYO, "--resident-code", code_of(1), *ACTING)[0] == 2


@pytest.mark.usefixtures("division")
def test_a_record_that_is_not_plain_is_shown_as_recorded(juki):
    """A birth date that is no day of the calendar is shown in its words."""

    async def enter() -> None:
        async with opened_office(config.load(), CHIYODA) as town:
            form = {**FORM, "birth_date": "昭和60年月日不詳"}
            await town.transact(lambda connection: counter.record_form(town, connection, form))

    asyncio.run(enter())
    _, out, _ = juki("look-up", "--node", CHIYODA, "--resident-code", code_of(1), *ACTING)

    assert "昭和60年月日不詳" in out
