# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki provide`` as an office meets it: what it prints, with which code it leaves, and what the ledger then says."""

from __future__ import annotations

import asyncio
import io
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures.agencies import CLERK, PENSION, furnished
from fixtures.ground import PENSIONS
from fixtures.notices import code_of
from fixtures.providers import answer
from openjuki.config import clock
from openjuki.errors import PeerUnavailable
from openjuki.wire.directory import write_directory

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from fixtures.offices import Country
    from fixtures.providers import StandIns

    type Provide = Callable[..., Awaitable[tuple[int, str, str]]]

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

SOMEBODY = {"name": "渡邉　葵", "birth_date": "1990-01-01", "sex": "female", "address": "一番町1番地"}
NAMED = ("--name", "渡邉 葵", "--birth-date", "平成2年1月1日")
ACTING = ("--operator", CLERK.operator, "--terminal", CLERK.terminal, "--reason", "裁定請求 2026-0012")


@pytest.fixture
async def provide(
    country: Country, stand_in: StandIns, tmp_path: Path, monkeypatch: Any, juki: Any
) -> Provide:
    """Runs ``juki provide … --node agency-nenkin`` beside providers that answer."""
    country.clock.now = clock()
    node = await furnished(country, PENSIONS, PENSION)
    stand_in.centre.says = lambda _: answer("matched", SOMEBODY, articles=["法30条の9"])
    lines = [
        'network = "test"',
        f'nats_url = "{country.ground.broker.url}"',
        f"[nodes.{PENSIONS}]",
        'kind = "agency"',
        f'database_url = "{node.settings.database_url}"',
        f'identity = "{node.settings.identity}"',
    ]
    (tmp_path / "openjuki.toml").write_text("\n".join(lines), encoding="utf-8")
    edition = country.directory.revise([], issued=clock(), expires=clock() + timedelta(days=1))
    (tmp_path / "directory.json").write_bytes(write_directory(edition, country.ground.root))
    monkeypatch.setenv("OPENJUKI_HOME", str(tmp_path))
    monkeypatch.delenv("OPENJUKI_CONFIG", raising=False)

    async def run(command: str, *words: str) -> tuple[int, str, str]:
        return await asyncio.to_thread(partial(juki, "provide", command, "--node", PENSIONS, *words))

    return run


def typed(monkeypatch: Any, form: Any) -> None:
    """Put a form on standard input."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(orjson.dumps(form))))


async def test_an_office_reads_japanese_and_finds_the_line(provide: Provide):
    """A person is shown as people read them; the line of the ledger is named, and stands there."""
    code, out, err = await provide("ask", "--affair", PENSION, *NAMED, *ACTING)
    _, listed, _ = await provide("ledger")

    assert code == 0
    for shown in ("一致", "法30条の9", "渡邉　葵", "平成2年1月1日", "女"):
        assert shown in out
    line = err.split()[-1]
    for told in (line, PENSION, "clerk", "裁定請求 2026-0012", "matched 1"):
        assert told in listed


async def test_a_program_asks_about_many_and_reads_json(
    provide: Provide, stand_in: StandIns, monkeypatch: Any
):
    """A list of forms is one request: one line, an answer for each, in order."""
    stand_in.centre.says = lambda heard: answer(
        "matched" if heard.question["resident_code"] == code_of(1) else "none"
    )
    typed(monkeypatch, [{"resident_code": code_of(2)}, {"resident_code": code_of(1)}])
    code, out, _ = await provide("ask", "--affair", PENSION, "--form", "-", "--json", *ACTING)

    told = orjson.loads(out)
    assert (code, told["schema"]) == (0, "openjuki/provided/1")
    assert [one["result"] for one in told["answers"]] == ["none", "matched"]
    _, out, _ = await provide("ledger", "--json")
    (line,) = orjson.loads(out)["lines"]
    assert (line["id"], line["results"], line["routes"]) == (told["ledger"], ["none", "matched"], ["centre"])
    _, out, _ = await provide("ledger", line["id"], "--json")
    whole = orjson.loads(out)
    assert whole["schema"] == "openjuki/ledger-line/1"
    assert [one["resident_code"] for one in whole["questions"]] == [code_of(2), code_of(1)]
    assert whole["answers"] == told["answers"]


async def test_candidates_are_shown_and_one_is_confirmed(provide: Provide, stand_in: StandIns):
    """Of several only what tells them apart is shown; who is chosen by number is provided."""
    several = [{"candidate": number, **SOMEBODY} for number in (1, 2)]
    stand_in.centre.says = lambda heard: (
        answer("matched", {**SOMEBODY, "state": "resident"})
        if "of" in heard.question
        else answer("several", count=2, candidates=several)
    )
    code, out, err = await provide("ask", "--affair", PENSION, *NAMED, *ACTING)
    assert (code, "複数該当" in out, "候補番号" in out) == (0, True, True)

    code, out, _ = await provide("confirm", "--affair", PENSION, err.split()[-1], "2", *ACTING)

    assert (code, "住民" in out) == (0, True)
    assert stand_in.centre.heard[-1].question["candidate"] == 2


async def test_what_was_written_is_answered_by_yes_and_no(provide: Provide, stand_in: StandIns):
    """Only the items that are to be verified are told of, and none of what is recorded."""
    stand_in.centre.says = lambda _: answer("mismatch", count=1, items={"sex": False})
    code, out, _ = await provide(
        "verify", "--affair", PENSION, *NAMED, "--sex", "male", "--verify", "sex", *ACTING
    )

    assert code == 0
    assert "性別: 不一致" in out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param((*NAMED, "--operator", "clerk"), 1, "JK-OFFICE-0003", id="at no terminal"),
        pytest.param(("--name", "渡邉 葵", *ACTING), 1, "JK-LAW-0010", id="by a name alone"),
        pytest.param(("--resident-code", "12345678901", *ACTING), 3, "resident_code", id="malformed"),
    ],
)
async def test_a_refusal_says_why_and_is_in_the_ledger(
    provide: Provide, stand_in: StandIns, words: Any, code: int, said: str
):
    """Exit code 1 by a rule, 3 by a malformed item; nothing has left the node."""
    left, out, err = await provide("ask", "--affair", PENSION, *words)

    assert (left, out, said in err) == (code, "", True)
    _, out, _ = await provide("ledger", "--json")
    assert [line["persons"] for line in orjson.loads(out)["lines"]] == [0]
    assert stand_in.centre.heard == []


async def test_a_provider_that_is_away_is_tried_again_later(provide: Provide, stand_in: StandIns):
    """Exit code 4, and the ledger has the error's code."""
    stand_in.centre.error = PeerUnavailable()
    code, _, err = await provide("ask", "--affair", PENSION, *NAMED, *ACTING)
    _, listed, _ = await provide("ledger")

    assert code == 4
    assert "JK-UNAVAILABLE-0002" in err
    assert "JK-UNAVAILABLE-0002" in listed


async def test_a_line_that_is_not_there_is_bad_input(provide: Provide):
    """A mistyped id leaves with 3."""
    assert (await provide("ledger", "0" * 32))[0] == 3


@pytest.mark.parametrize("form", [[], [1], "x"], ids=["an empty list", "a list of numbers", "a text"])
async def test_a_form_that_is_no_question_leaves_with_3(provide: Provide, monkeypatch: Any, form: Any):
    """What cannot be read as forms is bad input, and nobody is asked."""
    typed(monkeypatch, form)

    assert (await provide("ask", "--affair", PENSION, "--form", "-", *ACTING))[0] == 3
