# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki log audit`` and ``erase`` as a provider's administrator and an auditor meet them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson
import psycopg
import pytest

from fixtures.network import CHIYODA, TOKYO
from fixtures.parts import NOON
from fixtures.provided_parts import provided
from fixtures.providers import answer
from fixtures.provisions import ask
from openjuki.store import journal, provisions
from openjuki.store.database import connect
from openjuki.store.sequencer import sequence
from openjuki.wire.provided import ENVELOPE, Carried, written
from openjuki.wire.provision import Answered, Answers

if TYPE_CHECKING:
    from conftest import Juki
    from fixtures.ground import Ground

pytestmark = pytest.mark.postgres

AUDIT = ("log", "audit", "--node", TOKYO)
ERASE = (
    "log",
    "erase",
    "--node",
    TOKYO,
    "--reason",
    "消去 8",
    "--operator",
    "kiroku-1",
    "--terminal",
    "kiroku-t1",
)

ROW = ("--index", "0", "--row", "0")


@pytest.fixture
def provider(installed: Ground) -> Ground:
    """Tokyo has provided a part, and has an office that erases."""

    async def provide() -> None:
        async with await connect(installed.databases[TOKYO]) as book:
            await provided(book, [11_111_111_111, 22_222_222_222])
            while (await sequence(book)).count:
                pass

    asyncio.run(provide())
    with psycopg.connect(installed.owner_url(TOKYO)) as book:
        book.execute("INSERT INTO office (id, name, since) VALUES ('kiroku', '記録係', now())")
        book.execute(
            "INSERT INTO operator (id, office, name, since) VALUES ('kiroku-1', 'kiroku', '花子', now())"
        )
        book.execute("INSERT INTO terminal (id, office, since) VALUES ('kiroku-t1', 'kiroku', now())")
        book.execute("INSERT INTO held_affair (office, affair, since) VALUES ('kiroku', 'erasure', now())")
    return installed


def test_an_audit_counts_and_a_damage_is_shown(juki: Juki, provider: Ground) -> None:
    """Sound: exit code 0, and what was counted; damaged: 5, and where, in both languages."""
    code, said, _ = juki(*AUDIT, "--json")
    found = orjson.loads(said)
    assert (code, found["schema"], found["faults"]) == (0, "openjuki/log-audit/1", [])
    assert (found["counts"]["parts"], found["counts"]["keys"], found["counts"]["rows"]) == (1, 3, 2)
    assert found["askers"] == [{"asker": "agency-nenkin", "questions": 0, "keys": 3, "rows": 2}]
    with psycopg.connect(provider.owner_url(TOKYO)) as book:
        book.execute("UPDATE provision_part SET secrets = sha256(secrets)")

    code, said, _ = juki(*AUDIT)

    assert code == 5
    assert "部分の行が" in said
    assert "those that were signed" in said


@pytest.mark.usefixtures("provider")
def test_a_row_is_erased_by_the_numbers_of_its_proof(juki: Juki) -> None:
    """Too early it is refused; by an order it goes, and the audit says that one was erased."""
    row = ("--index", "0", "--row", "1")
    code, said, _ = juki(*ERASE, *row, "--json")
    assert (code, orjson.loads(said)["rule"]) == (1, "retention-over")

    code, said, _ = juki(*ERASE, *row, "--order", "裁決 令8第3号", "--json")

    found = orjson.loads(said)
    assert (code, found["schema"], found["place"], found["in_bulk"]) == (0, "openjuki/log-erase/1", 1, True)
    code, said, _ = juki(*AUDIT, "--json")
    assert (code, orjson.loads(said)["counts"]["rows_erased"]) == (0, 1)


@pytest.fixture
def online(provider: Ground) -> Ground:
    """Tokyo has answered an envelope of two questions besides: the second row of its journal."""
    told = Answered(orjson.dumps(answer()), (), bytes(32), "provision")
    answers = Answers((told, told), NOON, bytes(32))
    question = {"resident_code": "00000000019"}
    about = written([ask(question, question)], answers, Carried(CHIYODA, "e" * 32, None))
    envelope = provisions.Envelope(CHIYODA, "e" * 32, None, NOON, 2, about.commitment)
    rows = [
        provisions.Provision(
            *(
                place,
                row.commitment,
                "register-work",
                "counter",
                "clerk",
                "terminal",
                "ask",
                ("resident_code",),
            ),
            *("none", (), (), "provision", bytes(32), row.payload),
        )
        for place, row in enumerate(about.rows)
    ]
    entry = journal.Committed(ENVELOPE, NOON, about.commitment, bytes(32), about.payload)

    async def keep() -> None:
        async with await connect(provider.databases[TOKYO]) as book:
            await journal.append_committed(book, [entry])
            await provisions.keep(book, [(envelope, rows, [])])
            while (await sequence(book)).count:
                pass

    asyncio.run(keep())
    return provider


@pytest.mark.usefixtures("online")
def test_a_question_is_erased_by_its_envelope_and_its_place(juki: Juki) -> None:
    """Likewise of what was provided online; a second time there is nothing to erase, and the other stays."""
    words = (*ERASE, "--index", "1", "--row", "1", "--order", "裁決 令8第4号", "--json")

    code, said, _ = juki(*words)

    found = orjson.loads(said)
    assert (code, found["place"], found["in_bulk"]) == (0, 1, False)
    assert (found["asker"], found["envelope"]) == (CHIYODA, "e" * 32)
    code, said, _ = juki(*words)
    assert (code, orjson.loads(said)["rule"]) == (1, "something-to-erase")
    code, said, _ = juki(*AUDIT, "--json")
    counts = orjson.loads(said)["counts"]
    assert (code, counts["questions"], counts["questions_erased"]) == (0, 2, 1)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("words", "code"),
    [
        pytest.param(("log", "audit", "--node", CHIYODA), 2, id="a town provides nothing to others"),
        pytest.param((*ERASE[:4], *ROW), 2, id="nobody says who erases"),
        pytest.param(ERASE, 2, id="neither a provision nor a person is named"),
        pytest.param((*ERASE, *ROW, "--person", "1"), 2, id="both are"),
        pytest.param((*ERASE, "--index", "0"), 2, id="an envelope or a part, and none of its rows"),
        pytest.param((*ERASE, "--row", "0"), 2, id="a row of nothing"),
        pytest.param((*ERASE, "--person", "12345678901"), 3, id="no code of anybody"),
        pytest.param((*ERASE, "--reason", " ", *ROW), 3, id="without a reason"),
        pytest.param((*ERASE, "--operator", "nobody", *ROW), 1, id="by somebody unknown"),
    ],
)
def test_what_cannot_be_done_is_said(juki: Juki, words: tuple[str, ...], code: int) -> None:
    """A setting, a usage, an input or a rule: each with its exit code."""
    assert juki(*words)[0] == code
