# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an office's systems ask the gateway of their agency, and what they are told when it says no."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from fixtures.ground import NISHIIZU, PENSIONS, TAX_OFFICE, WELFARE
from fixtures.network import CHUO
from fixtures.systems import IZUITE, SYSTEM, TOKYOITE
from openjuki.errors import StoreUnavailable
from openjuki.gateway import api, road
from openjuki.nodes import credentials
from openjuki.nodes.asking import Asking
from openjuki.store import offices

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from fixtures.offices import Country
    from fixtures.systems import System
    from openjuki.store.database import Connection

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

NAMED = {"name": "渡邉 葵", "birth_date": "平成2年1月1日"}


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """The problem that a response is."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    said = response.json()
    assert said["status"] == status
    assert said["message_ja"].endswith("。")
    return said


async def test_a_request_asks_about_many_and_each_is_answered_alone(systems: Mapping[str, System]):
    """Somebody of each prefecture, somebody who is not there, and a code with a wrong check digit."""
    nobody, wrong = {"resident_code": "71334917066"}, {"resident_code": "00000000018"}

    response = await systems[TAX_OFFICE].post("provisions", TOKYOITE, IZUITE, nobody, wrong)

    said = response.json()
    assert (response.status_code, said["schema"]) == (200, "openjuki/provided/1")
    assert [one["result"] for one in said["answers"]] == ["matched", "matched", "none", "malformed"]
    assert [one["articles"] for one in said["answers"][:2]] == [
        ["法30条の11第1項第1号・別表第3の4の3の項"],
        ["法30条の15第1項第1号・別表第5の4の3の項"],
    ]
    assert [one["hits"][0]["municipality"] for one in said["answers"][:2]] == [CHUO, NISHIIZU]
    assert said["answers"][3]["malformed"] == "resident_code"


async def test_one_of_several_is_confirmed(systems: Mapping[str, System]):
    """Candidates first, without what the affair grants; then one of them, as a provision of its own."""
    system = systems[PENSIONS]
    several = (await system.post("provisions", NAMED)).json()
    (answer,) = several["answers"]
    assert (answer["result"], len(answer["candidates"]), answer["hits"]) == ("several", 2, [])

    choice = {"ledger": several["ledger"], "question": 0, "candidate": 2}
    chosen = (await system.post("confirmations", choice)).json()

    (answer,) = chosen["answers"]
    assert (chosen["schema"], answer["result"]) == ("openjuki/provided/1", "matched")
    assert answer["hits"][0]["individual_number"]
    assert chosen["ledger"] != several["ledger"]


async def test_what_was_written_is_verified_and_nothing_else_is_told(systems: Mapping[str, System]):
    """Yes to the name, no to the date; the person is not shown."""
    claim = {**TOKYOITE, "name": "渡邉　葵", "birth_date": "1990-01-02", "verify": ["name", "birth_date"]}

    said = (await systems[WELFARE].post("verifications", claim)).json()

    (answer,) = said["answers"]
    assert (said["schema"], answer["result"]) == ("openjuki/provided/1", "mismatch")
    assert answer["items"] == {"name": True, "birth_date": False}
    assert (answer["hits"], answer["candidates"]) == ([], None)


async def test_a_refused_question_does_not_refuse_the_others(systems: Mapping[str, System]):
    """A rule about keys says no to one question, in its answer, with rule and article."""
    response = await systems[PENSIONS].post("provisions", {"name": "渡邉　葵"}, TOKYOITE)

    narrow, told = response.json()["answers"]
    assert response.status_code == 200
    assert (narrow["result"], narrow["refusal"]["rule"]) == ("not_permitted", "keys-too-wide")
    assert narrow["refusal"]["article"]
    assert told["result"] == "matched"


@pytest.mark.parametrize(
    ("items", "rule"),
    [
        pytest.param({"affair": "city-027"}, "recipient-not-listed", id="an affair of other offices"),
        pytest.param(
            {"affair": "state-118"}, "affair-not-held", id="an affair that the office does not hold"
        ),
        pytest.param({"affair": "no-such-thing"}, "unknown-affair", id="an affair that nobody knows"),
        pytest.param({"reason": "　"}, "reason-given", id="no reason"),
    ],
)
async def test_a_rule_refuses_a_whole_request(
    systems: Mapping[str, System], items: dict[str, str], rule: str
):
    """A problem with rule and article; the request stands in the ledger all the same."""
    system = systems[PENSIONS]

    said = problem(await system.post("provisions", TOKYOITE, IZUITE, **items), 403)

    assert (said["kind"], said["rule"]) == ("refusal", rule)
    assert said["article"]
    line = (await system.get(f"ledger/{said['ledger']}")).json()
    assert (line["results"], line["persons"]) == (["not_permitted"] * 2, 0)


async def test_a_credential_that_is_revoked_is_refused_from_the_next_request_on(
    systems: Mapping[str, System],
):
    """It was remembered; that it is good was not."""
    system = systems[PENSIONS]
    assert (await system.post("provisions", TOKYOITE)).status_code == 200

    await system.node.transact(lambda book: credentials.revoke(system.node, book, SYSTEM))

    for response in (
        await system.post("provisions", TOKYOITE),
        await system.get("affairs"),
        await system.get("affairs/state-115"),
        await system.get("ledger"),
        await system.get("ledger/" + "0" * 32),
    ):
        assert problem(response, 401)["rule"] == "credential-in-time"
        assert response.headers["www-authenticate"].startswith("Bearer")


async def test_a_credential_is_exchanged_without_a_gap(country: Country, systems: Mapping[str, System]):
    """Both are good while they overlap, and the former is not afterwards."""
    system = systems[PENSIONS]
    new = await system.node.transact(lambda book: credentials.rotate(system.node, book, SYSTEM))

    assert (await system.post("provisions", TOKYOITE)).status_code == 200
    assert (await system.post("provisions", TOKYOITE, secret=new.secret)).status_code == 200

    country.clock.advance(hours=24)
    assert (await system.get("affairs")).status_code == 401
    assert (await system.get("affairs", secret=new.secret)).status_code == 200


async def test_nobody_asks_without_a_credential(systems: Mapping[str, System]):
    """Whoever cannot say who they are is told nothing, not even what is wrong with their request."""
    for shown in (None, "Bearer", "Basic juki", f"Bearer juki-{'0' * 12}-{'A' * 43}"):
        head = {} if shown is None else {"authorization": shown}
        response = await systems[PENSIONS].client.post("provisions", content=b"{", headers=head)

        assert problem(response, 401)["rule"] == "credential-known"


async def test_strangers_are_turned_away_and_systems_served(systems: Mapping[str, System]):
    """Guessing costs the book little; whoever is known does not notice."""
    system = systems[PENSIONS]
    assert (await system.get("affairs")).status_code == 200
    guesses = (f"juki-{number:012x}-{'A' * 43}" for number in range(500))

    said = [await system.get("affairs", secret=guess) for guess in guesses]

    assert {one.status_code for one in said} == {401, 429}
    turned_away = next(one for one in said if one.status_code == 429)
    assert problem(turned_away, 429)["code"] == "JK-UNAVAILABLE-0009"
    assert turned_away.headers["retry-after"] == "2"
    assert (await system.get("affairs")).status_code == 200


async def test_a_request_that_is_not_of_its_form_says_where(systems: Mapping[str, System]):
    """422 for a program that has not read the description, 400 for one that does not write JSON."""
    system = systems[PENSIONS]

    said = problem(await system.post("provisions", TOKYOITE, {"nam": "x"}), 422)
    assert (said["code"], said["where"]) == ("JK-INPUT-0016", {"row": 2})
    for body, kind in ((b"", "application/json"), (b"{}", "text/plain")):
        assert problem(await system.send("provisions", body, kind=kind), 400)["code"] == "JK-INPUT-0019"


async def test_too_much_is_refused_before_it_is_read(systems: Mapping[str, System]):
    """A thousand questions, a megabyte: what is more is sent in parts."""
    system = systems[PENSIONS]

    assert problem(await system.post("provisions", *([{}] * 1_001)), 413)["where"] == {"column": "questions"}
    assert problem(await system.send("provisions", b" " * (road.MOST_BYTES + 1)), 413)


async def test_a_thousand_questions_go_at_once(systems: Mapping[str, System]):
    """They travel in several envelopes, and come back in their order."""
    response = await systems[PENSIONS].post("provisions", *([TOKYOITE, IZUITE] * 500))

    answers = response.json()["answers"]
    assert [one["hits"][0]["municipality"] for one in answers] == [CHUO, NISHIIZU] * 500


async def test_an_office_is_offered_what_it_holds(systems: Mapping[str, System]):
    """By its words, with article and sentence; an affair that it does not hold is not there."""
    system = systems[PENSIONS]

    assert [one["affair"] for one in (await system.get("affairs", words="年金")).json()["affairs"]] == [
        "state-115"
    ]
    assert (await system.get("affairs", words="旅券")).json()["affairs"] == []
    shown = (await system.get("affairs/state-115")).json()
    assert shown["articles"]
    assert shown["sentence_ja"].endswith("。")
    assert "individual_number" in shown["items"]
    assert ["name", "birth_date"] in shown["keys"]
    problem(await system.get("affairs/state-118"), 404)


async def test_the_ledger_is_the_offices_own(systems: Mapping[str, System]):
    """Another office's lines are not there; what a line is about is shown to the system that asked."""
    system = systems[PENSIONS]
    node, at = system.node, system.node.clock()

    async def furnish(connection: Connection) -> None:
        await offices.grant_affair(connection, "other", "state-118", at)

    await node.transact(furnish)
    stranger = await node.transact(
        lambda book: credentials.add(node, book, "elsewhere", office="other", name="よそ")
    )
    colleague = await node.transact(
        lambda book: credentials.add(node, book, "colleague", office="desk", name="隣")
    )
    asked = (await system.post("provisions", TOKYOITE)).json()["ledger"]

    own = (await system.get(f"ledger/{asked}")).json()
    assert own["questions"] == [{**TOKYOITE, "matching": "variant"}]
    assert own["answers"][0]["result"] == "matched"
    seen = (await system.get(f"ledger/{asked}", secret=colleague.secret)).json()
    assert (seen["results"], "questions" in seen, "answers" in seen) == (["matched"], False, False)
    problem(await system.get(f"ledger/{asked}", secret=stranger.secret), 404)
    assert (await system.get("ledger", secret=stranger.secret)).json()["lines"] == []


async def test_the_ledger_is_read_in_parts(country: Country, systems: Mapping[str, System]):
    """Newest first; `following` is where the next part begins."""
    system, ids = systems[PENSIONS], []
    for _ in range(3):
        ids.append((await system.post("provisions", TOKYOITE)).json()["ledger"])
        country.clock.advance(seconds=1)

    first = (await system.get("ledger", limit=2)).json()
    rest = (await system.get("ledger", limit=2, before=first["following"])).json()

    assert [line["id"] for line in first["lines"] + rest["lines"]] == ids[::-1]
    assert rest["following"] is None
    assert (await system.get("ledger", affair="state-118")).json()["lines"] == []
    assert (await system.get("ledger", until="2026-01-01")).json()["lines"] == []
    assert len((await system.get("ledger", since="2026-01-01")).json()["lines"]) == 3


async def test_a_parameter_that_cannot_be_read_is_refused(systems: Mapping[str, System]):
    """A misspelt one would show more than was meant."""
    for path in (
        "ledger?sicne=2026-01-01",
        "affairs?words=%00",
        "affairs?words=%C2%85",
        "affairs?words=%8C%BB",  # cp932: read as UTF-8 its characters would be lost
        "affairs/state-115?x=1",
        "health?x",
    ):
        problem(await systems[PENSIONS].get(path), 422)


async def test_there_is_nothing_else(systems: Mapping[str, System]):
    """Unknown paths and methods are problems too."""
    system = systems[PENSIONS]

    problem(await system.get("nothing"), 404)
    problem(await system.get("affairs/"), 404)
    problem(await system.get("ledger/x"), 404)
    problem(await system.get(""), 404)
    refused = await system.client.delete("affairs")
    assert problem(refused, 405)["code"] == "JK-INPUT-0016"
    assert set(refused.headers["allow"].split(", ")) == {"GET", "HEAD"}


async def test_a_gateway_that_cannot_ask_says_so(country: Country, systems: Mapping[str, System]):
    """Nobody vouches for the journal: not healthy, and to be asked again later."""
    system = systems[PENSIONS]
    assert (await system.client.get("health")).json()["status"] == "ok"

    country.clock.advance(minutes=2)

    response = await system.client.get("health")
    assert problem(response, 503)["code"] == "JK-UNAVAILABLE-0006"
    assert response.headers["retry-after"] == "2"


async def test_who_comes_when_too_many_wait_is_told_to_come_again(
    systems: Mapping[str, System], monkeypatch: pytest.MonkeyPatch
):
    """An answer that comes too late helps nobody."""
    monkeypatch.setattr(api, "MOST_WAITING", 0)

    response = await systems[PENSIONS].post("provisions", TOKYOITE)

    assert problem(response, 503)["code"] == "JK-UNAVAILABLE-0001"
    assert response.headers["retry-after"] == "2"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        pytest.param(StoreUnavailable(), 503, "JK-UNAVAILABLE-0003", id="a database that is away"),
        pytest.param(ValueError("渡邉　葵"), 500, "JK-GENERAL-0001", id="a defect"),
    ],
)
async def test_a_failure_is_a_problem_and_quotes_nobody(
    systems: Mapping[str, System],
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    error: Exception,
    status: int,
    code: str,
):
    """Neither the answer nor the log says what was asked, or what a library said of it."""

    async def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Asking, "ask", fail)

    response = await systems[PENSIONS].post("provisions", {"name": "渡邉　葵", **TOKYOITE})

    assert problem(response, status)["code"] == code
    said = "".join(capfd.readouterr())
    assert "gateway-" in said
    for secret in ("渡邉", TOKYOITE["resident_code"], systems[PENSIONS].issued.secret):
        assert secret not in said + response.text


async def test_nothing_is_logged_of_what_was_asked(
    systems: Mapping[str, System], capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    """Names, codes, words and lines of the ledger leave no trace in any log; nor does a request nobody can read."""
    system = systems[PENSIONS]
    caplog.set_level(0)
    await system.post("provisions", {**TOKYOITE, "name": "渡邉　葵"}, affair="city-027")
    await system.get("affairs", words="渡邉")
    await system.client.get("ledger?name=渡邉")
    await system.send("provisions", "渡邉".encode())

    said = "".join(capfd.readouterr()) + "".join(
        record.getMessage() for record in caplog.records if not record.name.startswith(("httpx", "httpcore"))
    )

    for trace in ("渡邉", "%E6%B8%A1", TOKYOITE["resident_code"], system.issued.secret):
        assert trace not in said


async def test_every_answer_may_not_be_kept_or_framed(systems: Mapping[str, System]):
    """Answers, problems, the description and its page alike."""
    system = systems[PENSIONS]
    for path in ("health", "affairs", "nothing", "docs", "docs.css", "openapi.json"):
        head = (await system.get(path)).headers
        assert head["cache-control"] == "no-store"
        assert "default-src 'none'" in head["content-security-policy"]
        assert head["x-content-type-options"] == "nosniff"
        assert "server" not in head
