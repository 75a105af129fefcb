# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whoever was handed a disclosure finds out what is wrong with it: a changed line, another's row, a row of another time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures.notices import code_of
from fixtures.parts import written
from openjuki.documents.checking import Shown, check
from openjuki.documents.disclosure import page
from openjuki.errors import BadEnvelope
from openjuki.nodes.disclosure import Application
from openjuki.nodes.disclosure.telling import tell_all
from openjuki.residents.look_up import LookUp
from openjuki.store import looking, parts
from openjuki.store.disclosures import Request
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from fixtures.disclosing import Informed

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


async def disclosed(informed: Informed) -> dict[str, Any]:
    """What the person is handed, read as a stranger reads it."""
    centre, question = informed.centre, LookUp.from_dict({"resident_code": str(informed.code)})
    made = Application(question=question, reason="開示 12", identified_by="旅券")
    today = informed.country.clock().date()
    request = Request(
        id="0" * 32,
        received_on=today,
        due_on=today,
        office="kaiji",
        reason=made.reason,
        wants=made.wants,
        applicant=made.applicant,
        identified_by=made.identified_by,
        consents=False,
        question=None,
    )

    async def told(connection: Any) -> Any:
        ((hit,),) = await looking.find(connection, [question])
        return await tell_all(centre, connection, request, hit, centre.clock())

    return orjson.loads(orjson.dumps(await centre.read(told)))


async def told_of(informed: Informed) -> dict[str, Any]:
    """A disclosure of three lines: in bulk, a claim that was verified, a question."""
    await informed.ask({"resident_code": str(informed.code)})
    claim = {"name": "渡辺 葵", "birth_date": "1990-01-01", "address": "他人町1", "verify": ["address"]}
    await informed.ask(claim, what=What.VERIFY)
    informed.country.clock.advance(seconds=1)
    part = written([int(informed.code), int(code_of(60))], at=informed.country.clock())
    await informed.centre.transact(lambda book: parts.keep(book, part))
    await informed.sign()
    return await disclosed(informed)


async def test_every_line_is_checked_and_any_change_is_found(informed: Informed):
    """What is opened shows what it says; what stays closed shows that it is there; what waits shows nothing yet."""
    document = await told_of(informed)
    checked = check(document, informed.keys())
    assert [(one.number, one.shown) for one in checked] == [
        (1, Shown.OPENED),
        (2, Shown.CLOSED),
        (3, Shown.OPENED),
    ]

    shown_of_others = [Shown.BROKEN, Shown.CLOSED, Shown.BROKEN]
    others: list[tuple[int, dict[str, Any]]] = [
        (line, {item: value})
        for line in (0, 2)
        for item, value in (
            *([("what", "confirm")] if line == 2 else []),
            ("recipient", "agency-koan"),
            ("affair", "state-001"),
            ("at", "2026-11-21T12:00:00+09:00"),
            ("through", "131016"),
            ("method", "media"),
            ("result", "none"),
            ("articles", ["法30条の9"] if line == 2 else ["法1条"]),
            ("items", ["individual_number"]),
        )
    ]
    for line, other in others:
        lines = [dict(one) for one in document["provisions"]["lines"]]
        lines[line] |= other
        forged = {**document, "provisions": {**document["provisions"], "lines": lines}}
        assert check(forged, informed.keys())[line].shown is Shown.BROKEN, other

    as_told = document["provisions"]["lines"]
    for missing in ({"salt": None}, {"salt": "x"}, {"items": None}):
        lines = [*as_told[:2], as_told[2] | missing]
        forged = {**document, "provisions": {**document["provisions"], "lines": lines}}
        shown = [one.shown for one in check(forged, informed.keys())]
        assert shown == [Shown.OPENED, Shown.CLOSED, Shown.BROKEN]

    numbers = {**document, "own": {"codes": [{"resident_code": int(informed.code)}]}}
    assert [one.shown for one in check(numbers, informed.keys())] == shown_of_others

    somebody_else = {**document, "own": {"codes": [{"resident_code": str(code_of(60))}]}}
    assert [one.shown for one in check(somebody_else, informed.keys())] == shown_of_others
    assert {one.shown for one in check(document, [])} == {Shown.BROKEN}


async def test_a_proof_that_is_not_its_own_is_found(informed: Informed):
    """Another row of the same envelope, another place, the envelope alone: none of them shows the line."""
    code, other = {"resident_code": str(informed.code)}, {"name": "渡辺 葵", "birth_date": "1990-01-01"}
    await informed.ask_together(code, other)
    await informed.sign()
    document = await disclosed(informed)
    one, two = document["provisions"]["lines"]
    wrong = {
        "another row of the envelope": two["proof"],
        "a row that it does not commit to": one["proof"] | {"payload": two["proof"]["payload"]},
        "another place": one["proof"] | {"place": 1},
        "a path to another root": one["proof"] | {"proof": two["proof"]["proof"]},
        "the envelope alone": one["proof"]["envelope"],
        "an envelope that is not shown": one["proof"]
        | {"envelope": {k: v for k, v in one["proof"]["envelope"].items() if k not in {"payload", "salt"}}},
        "no proof": {"schema": "openjuki/another/1"},
    }

    for what, proof in wrong.items():
        forged = document["provisions"] | {"lines": [one | {"proof": proof}, two]}
        checked = check(document | {"provisions": forged}, informed.keys())
        assert (what, [line.shown for line in checked]) == (what, [Shown.BROKEN, Shown.OPENED])


async def test_a_line_that_waits_is_said_to_wait(informed: Informed):
    """It is no fault."""
    await informed.ask({"resident_code": str(informed.code)})

    (one,) = check(await disclosed(informed), informed.keys())
    assert one.shown is Shown.WAITING


async def test_the_page_says_what_the_document_says(informed: Informed):
    """Whom, when, for what, what, how, and where the proof lies, in both languages; and that there may be more."""
    document = await told_of(informed)
    drawn = page(document, proofs=lambda number: f"proofs/{number}.json")
    bulk, _, online = (line["proof"] for line in document["provisions"]["lines"])

    for words in (
        "千代田区",
        "住民基本台帳に関する事務",
        "Work on the basic resident register",
        "書かれた事項が同じかどうかだけを答えました",
        "一括提供",
        "proofs/3.json",
        f"no. {bulk['index'] + 1} in row {bulk['part']['index']} of the journal",
        f"no. {online['place'] + 1} in row {online['envelope']['index']} of the journal",
        orjson.loads(online["envelope"]["leaf"])["commitment"][:16],
        "法令により、提供したかどうかをお答えできないものは、この一覧にありません",
        document["provisions"]["keys"][0].split("+")[0],
    ):
        assert words in drawn
    assert "他人町" not in drawn


@pytest.mark.parametrize(
    "document",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"schema": "openjuki/proof/1"}, id="something else"),
        pytest.param(
            {"schema": "openjuki/disclosure/1", "own": None, "provisions": {"lines": [1]}}, id="no lines"
        ),
    ],
)
def test_what_is_no_disclosure_is_not_checked(document: dict[str, Any]):
    """Neither an empty file nor another's."""
    with pytest.raises(BadEnvelope):
        check(document, [])
