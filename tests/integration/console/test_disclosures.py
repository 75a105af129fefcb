# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The console of a prefecture: an operator receives, compares, decides, prints; every look is in the journal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson
import pytest

from fixtures.network import TOKYO
from fixtures.notices import code_of
from openjuki.nodes.disclosure import refusals

if TYPE_CHECKING:
    import httpx

    from fixtures.console import Console
    from fixtures.disclosing import Division

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

PAPERS = {"reason": "開示 12", "identified_by": "個人番号カード", "applicant": "self"}
BOTH = {"own": "1", "provisions": "1"}


async def receive(console: Console, **fields: str) -> str:
    """Fill the form in and send it; where the request is."""
    await console.see("/disclosures/new")
    response = await console.post("/disclosures", **{**PAPERS, **BOTH, **fields})
    assert response.status_code == 303, response.text
    return response.headers["location"]


async def press(console: Console, page: str, road: str, **fields: str) -> httpx.Response:
    """Press a button of a page."""
    await console.see(page)
    return await console.post(f"{page}/{road}", **fields)


async def test_a_request_goes_from_the_form_to_the_printed_page(console: Console, division: Division):
    """Received, compared with the book, decided, printed, saved; each step a row of the journal."""
    page = await receive(console, resident_code=str(division.code), consents="1")
    seen = await console.get(page)
    assert "渡邉　葵" in seen.text
    assert "決定して書面を作る" in seen.text
    assert (await press(console, page, "decide")).status_code == 303

    assert "開示しました" in (await console.get(page)).text
    printed = await console.get(f"{page}/document")
    assert "あなたについて記録していること" in printed.text
    assert str(division.code) in printed.text
    assert '<link rel="stylesheet" href="/document.css">' in printed.text
    assert printed.headers["cache-control"] == "no-store"
    assert (await console.get("/document.css")).headers["content-type"].startswith("text/css")
    saved = await console.get(f"{page}/document.json")
    assert saved.json()["own"]["held"] is True
    assert "attachment" in saved.headers["content-disposition"]
    assert division.kinds() == [
        "disclosure.received",
        "disclosure.looked",
        "disclosure.looked",
        "disclosure.answered",
        "disclosure.read",
        "disclosure.read",
    ]


async def test_of_somebody_elses_request_nothing_is_shown_before_it_is_decided(
    console: Console, division: Division
):
    """An operator sees no more of a protected person than of nobody."""
    await division.protect()
    seen = []
    for code in (division.code, code_of(9)):
        page = await receive(console, applicant="representative", resident_code=str(code))
        before = (await console.get(page)).text
        assert "渡邉" not in before
        await press(console, page, "decide")
        after = (await console.get(page)).text
        notice = (await console.get(f"{page}/refusal")).text
        assert refusals.NOT_TO_BE_TOLD.message_ja in notice
        own = page.rsplit("/", 1)[1]
        seen.append([_without(text, own, str(code)) for text in (before, after, notice)])

    assert seen[0] == seen[1]


def _without(text: str, *words: str) -> str:
    """A page without what differs from request to request: ids, codes, and tokens of forms."""
    for word in words:
        text = text.replace(word, "")
    return re.sub(r"\w{40,}", "", text)


async def test_it_takes_longer_and_something_was_wrong(console: Console, division: Division):
    """The notices can be printed; what is not there cannot."""
    page = await receive(console, resident_code=str(division.code), consents="1")
    assert (await console.get(f"{page}/extension")).status_code == 404
    await press(console, page, "extend", until="2027-01-31", why="照合のため")
    assert "照合のため" in (await console.get(f"{page}/extension")).text
    await press(console, page, "decide")
    await press(console, page, "claim", claim="方書が違う")
    assert (await console.get(f"{page}/findings/1")).status_code == 404
    await press(console, page, "examined", number="1", outcome="unchanged", finding="記録のとおりです")
    assert "記録のとおりです" in (await console.get(f"{page}/findings/1")).text
    assert (await console.get(f"{page}/refusal")).status_code == 404
    assert (await console.get(f"{page}/proofs/1.json")).status_code == 404


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        pytest.param({"reason": ""}, "受付番号を100字以内で", id="no case number"),
        pytest.param({"identified_by": ""}, "本人確認書類を入力", id="no papers"),
        pytest.param({"own": "", "provisions": ""}, "請求の対象を選んで", id="nothing is wanted"),
        pytest.param({"resident_code": ""}, "照会条件が足りません", id="nobody is meant"),
        pytest.param({"resident_code": "12"}, "住民票コードは11桁です", id="no code"),
        pytest.param({"received_on": "2030-01-01"}, "今日までの日", id="it comes later"),
        pytest.param({"applicant": "neighbour"}, "請求した人を選んで", id="a neighbour"),
    ],
)
async def test_what_is_wrong_with_a_form_is_said_beside_it(
    console: Console, division: Division, fields: dict[str, str], words: str
):
    """And what was typed is still there."""
    await console.see("/disclosures/new")
    sent = {**PAPERS, **BOTH, "resident_code": str(division.code), **fields}
    response = await console.post("/disclosures", **sent)

    assert response.status_code == 400
    assert words in response.text
    assert division.country.rows(TOKYO, "SELECT count(*) FROM disclosure") == [(0,)]


async def test_without_consent_it_is_paper(console: Console, division: Division):
    """Nothing is handed out as a file (法30条の32第2項)."""
    page = await receive(console, resident_code=str(division.code))
    await press(console, page, "decide")

    assert "document.json" not in (await console.get(page)).text
    assert (await console.get(f"{page}/document")).status_code == 200
    for path in (f"{page}/document.json", f"{page}/proofs/1.json"):
        response = await console.get(path)
        assert response.status_code == 403
        assert refusals.ON_PAPER.message_ja in response.text


async def test_a_list_shows_what_is_late(console: Console, division: Division):
    """The most urgent first."""
    assert "開示請求はありません" in (await console.get("/")).text
    await receive(console, resident_code=str(division.code), reason="開示 13")
    await receive(console, resident_code=str(division.code), reason="開示 14", received_on="2026-10-01")

    shown = (await console.get("/")).text
    assert shown.index("開示 14") < shown.index("開示 13")
    assert shown.count("期限を過ぎています") == 1


async def test_who_does_not_disclose_sees_no_page_of_it(console: Console, division: Division):
    """The work is withdrawn, and every page is closed at once."""
    page = await receive(console, resident_code=str(division.code))
    division.country.rows(TOKYO, "DELETE FROM held_affair")

    for path in ("/", "/disclosures/new", page, f"{page}/document"):
        response = await console.get(path)
        assert response.status_code == 403
        assert refusals.NOT_DISCLOSING.message_ja in response.text


async def test_a_form_from_elsewhere_does_nothing(console: Console, division: Division):
    """Without the token of our own page nothing is decided."""
    page = await receive(console, resident_code=str(division.code))

    response = await console.post(f"{page}/decide", token="0" * 64)
    assert response.status_code == 403
    assert division.country.rows(TOKYO, "SELECT decided_at FROM disclosure") == [(None,)]


async def test_nobody_comes_in_without_signing_in(console: Console, division: Division):
    """Whoever has no session is sent to the entrance."""
    page = await receive(console, resident_code=str(division.code))
    console.client.cookies.clear()

    for path in ("/", page, f"{page}/document", f"{page}/document.json"):
        response = await console.get(path)
        assert (response.status_code, response.headers["location"]) == (303, "/sign-in")


async def test_the_row_of_what_was_read_names_no_person(console: Console, division: Division):
    """The journal has who looked and at which request."""
    page = await receive(console, resident_code=str(division.code))
    await console.get(page)

    (row,) = division.country.journal(TOKYO, "disclosure.looked")
    said = orjson.loads(row or b"")
    assert said == {
        "id": page.rsplit("/", 1)[1],
        "office": "kaiji",
        "operator": "kaiji-1",
        "reason": "開示 12",
        "terminal": "kaiji-t1",
    }
