# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an operator may ask and read on the page of an agency, and what not: before real providers."""

from __future__ import annotations

import csv
import io
import re
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from fixtures.gateway import COLLECTOR, OPERATOR, PASSPORT, TAX, TERMINAL, opened
from fixtures.ground import PASSPORTS
from openjuki.errors import PeerUnavailable
from openjuki.nodes import offices
from openjuki.nodes.asking import Asked, Asking, AtTerminal
from openjuki.residents.look_up import LookUp

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpx

    from fixtures.gateway import Browser, Front

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

ASK, VERIFY = f"/affairs/{PASSPORT}/ask", f"/affairs/{PASSPORT}/verify"
SUZUKI = {"name": "鈴木 実", "birth_date": "昭和43年3月14日"}
WATANABE = {"name": "渡邉 葵", "birth_date": "1990-01-01"}


@pytest_asyncio.fixture
async def clerk(front: Front) -> AsyncIterator[Browser]:
    """An operator who is signed in at the passport counter."""
    async with opened(front.node) as browser:
        await browser.enrol()
        await browser.sign_in()
        await browser.see("/")
        yield browser


async def answered(clerk: Browser, path: str = ASK, **fields: str) -> str:
    """The page of an answer."""
    sent = await clerk.post(path, **{"reason": "旅券 2026-0042", **fields})
    assert sent.status_code == 303, sent.text
    return (await clerk.see(sent.headers["location"])).text


def plain(page: str) -> str:
    """What is read on a page, without its markup."""
    return re.sub(r"[ \n]+", " ", re.sub(r"<[^>]*>", " ", page.split("<main", 1)[1]))


def ledger(front: Front, columns: str = "affair") -> list[tuple]:
    return front.country.rows(PASSPORTS, f"SELECT {columns} FROM ledger_line ORDER BY id")


async def test_items_come_back_that_the_affair_grants(clerk: Browser):
    """The name as recorded, the address with its municipality, and who was asked; neither code nor number."""
    shown = plain(await answered(clerk, **SUZUKI))

    for text in (
        "一致しました",
        "照会先 Asked 東京都",
        "鈴木　実",
        "東京都千代田区神田神保町二丁目4番地",
        "昭和43年3月14日",
        "住民",
    ):
        assert text in shown
    assert "住民票コード" not in shown
    assert "個人番号" not in shown


async def test_one_of_several_is_chosen(clerk: Browser, front: Front):
    """First only what tells them apart; then the items of one, as a provision of its own."""
    page = await answered(clerk, **WATANABE)
    assert "複数の人が該当しました" in page
    numbers = re.findall(r'name="candidate" value="(\d+)"', page)
    assert numbers == ["1", "2"]
    assert "住民の状態" not in page
    path = re.search(r'action="(/answers/\w+)"', page)[1]

    assert "1人を選んでください" in (await clerk.post(path)).text
    for wrong in ("x", "-1", "9999", "１"):
        assert (await clerk.post(path, candidate=wrong)).status_code == 422
    chosen = plain(await answered(clerk, path, candidate="2"))
    assert "住民の状態" in chosen
    assert ("一番町1番地" in chosen) is not ("九段南一丁目2番1号" in chosen)
    assert sorted(ledger(front, "what, reason")) == [("ask", "旅券 2026-0042"), ("confirm", "旅券 2026-0042")]
    refused = plain(await answered(clerk, path, candidate="3"))
    assert "認められません" in refused


async def test_an_application_is_verified_item_by_item(clerk: Browser):
    """Yes and no, and nothing of what is recorded."""
    written = {**SUZUKI, "address": "東京都千代田区神田神保町二丁目5番地", "sex": "male"}
    shown = plain(await answered(clerk, VERIFY, **written))

    assert "一致しない項目があります" in shown
    assert re.search(r"氏名 Name 鈴木 実 一致", shown)
    assert re.search(r"住所 Address 東京都千代田区神田神保町二丁目5番地 不一致", shown)
    assert re.search(r"性別 Sex 男 一致", shown)
    assert "二丁目4番地" not in shown
    assert "スズキ" not in shown


async def test_nobody_is_found_who_is_not_recorded(clerk: Browser):
    """And it is said what to do."""
    shown = plain(await answered(clerk, name="山田 太郎", birth_date="2000-01-01"))

    assert "該当する人はいません" in shown
    assert "書き間違い" in shown


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        pytest.param({**SUZUKI, "reason": ""}, "受付番号を", id="without a case number"),
        pytest.param({**SUZUKI, "reason": "x" * 101}, "受付番号を", id="with a story for a case number"),
        pytest.param(
            {**SUZUKI, "birth_date": "平成2年13月1日"}, "生年月日は", id="a month that there is not"
        ),
        pytest.param({"name": "鈴木 実"}, "照会条件が足りません", id="by a name alone"),
        pytest.param(
            {"by": "resident_code", "resident_code": "1234"},
            "住民票コードは11桁",
            id="by a code that is too short",
        ),
        pytest.param({**SUZUKI, "sex": "other"}, "性別を選び直して", id="a sex that the form does not have"),
        pytest.param({}, "照会条件が足りません", id="by nothing"),
    ],
)
async def test_a_wrong_field_is_told_before_anything_is_asked(
    clerk: Browser, front: Front, fields, said: str
):
    """The form comes back as it was typed, and the ledger has nothing."""
    response = await clerk.post(ASK, **{"reason": "旅券 2026-0042", **fields})

    assert response.status_code == 422
    assert said in response.text
    assert "まだ照会していません" in response.text
    for value in fields.values():
        assert not value or value == "other" or len(value) > 100 or f'value="{value}"' in response.text
    assert ledger(front) == []


async def test_nothing_typed_becomes_markup(clerk: Browser):
    """Whatever is typed comes back as text."""
    response = await clerk.post(ASK, reason='"><script>x</script>', name="<b>", birth_date="x")

    assert "<script>x" not in response.text
    assert "<b>" not in response.text


async def test_an_affair_of_another_office_is_not_there(clerk: Browser, front: Front):
    """The passport counter does not see the tax office's affair, nor ask for it with a form of its own making."""
    assert TAX not in (await clerk.get("/")).text
    assert "自動車" not in (await clerk.get("/?words=税")).text
    for path in (f"/affairs/{TAX}", f"/affairs/{TAX}/ask", f"/affairs/{TAX}/verify"):
        refused = await clerk.get(path)
        assert (refused.status_code, "affair-not-held" in refused.text) == (403, True)
        assert "法30条の29" in refused.text

    for path in (f"/affairs/{TAX}/ask", f"/affairs/{TAX}/verify"):
        shown = plain(await answered(clerk, path, **SUZUKI))
        assert "認められません" in shown
        assert "affair-not-held" in shown
        assert "神保町" not in shown
    assert ledger(front, "affair, persons") == [(TAX, 0), (TAX, 0)]


async def test_also_a_malformed_attempt_is_in_the_ledger(clerk: Browser, front: Front):
    """Trying with rubbish leaves a line too."""
    await answered(clerk, f"/affairs/{TAX}/ask", name="鈴木 実", birth_date="?")

    assert ledger(front, "affair, persons") == [(TAX, 0)]


async def test_an_affair_that_was_withdrawn_is_gone(clerk: Browser, front: Front):
    """From one step to the next."""
    node = front.node
    await node.transact(lambda connection: offices.withdraw_affair(node, connection, "ryoken", PASSPORT))

    assert "担当事務がありません" in (await clerk.get("/")).text
    assert (await clerk.get(ASK)).status_code == 403
    assert "affair-not-held" in await answered(clerk, **SUZUKI)


@pytest.mark.parametrize("affair", ["nothing", "state-999", "../ledger"])
async def test_there_is_no_affair_of_that_name(clerk: Browser, affair: str):
    """Made-up addresses lead nowhere."""
    assert (await clerk.get(f"/affairs/{affair}/ask")).status_code in {403, 404}


@pytest.mark.parametrize("what", ["confirm", "delete", "x"])
async def test_one_asks_or_verifies(clerk: Browser, what: str):
    """There are no other forms."""
    assert (await clerk.get(f"/affairs/{PASSPORT}/{what}")).status_code == 400
    assert (await clerk.post(f"/affairs/{PASSPORT}/{what}", **SUZUKI)).status_code == 400


async def test_an_answer_is_for_who_asked(clerk: Browser, front: Front):
    """Not for a colleague, not for another office, and not after signing out: those see the line."""
    sent = await clerk.post(ASK, reason="旅券 2026-0042", **SUZUKI)
    path = sent.headers["location"]
    line = path.replace("answers", "ledger")
    assert "鈴木" in (await clerk.get(path)).text
    assert "鈴木" not in (await clerk.get(line)).text

    front.country.clock.advance(seconds=1)
    await clerk.see("/")
    await clerk.post("/sign-out")
    assert (await clerk.sign_in()).headers["location"] == "/"
    assert (await clerk.get(path)).headers["location"] == line
    assert (await clerk.see(line)).status_code == 200
    assert (await clerk.post(path, candidate="1")).headers["location"] == line

    async with opened(front.node) as other:
        code = await other.code(COLLECTOR, "zeimu-t1")
        await other.ask_to_enrol(code)
        await other.post("/enrol", code=code, response=other.device.make(other.options))
        await other.sign_in()
        assert (await other.get(path)).headers["location"] == line
        unknown = await other.get(line)
        assert (unknown.status_code, "line-of-the-office" in unknown.text) == (403, True)
        assert "2026-0042" not in (await other.get("/ledger")).text
        assert "2026-0042" not in (await other.get("/ledger.csv")).text


async def read_csv(response: httpx.Response) -> list[dict[str, str]]:
    assert response.content.startswith(b"\xef\xbb\xbf")
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))


async def test_the_ledger_is_taken_along_as_a_file(clerk: Browser, front: Front):
    """As spreadsheets open it: with names, without persons, and nothing in it is a formula."""
    await answered(clerk, **SUZUKI, reason="=HYPERLINK(1)")
    front.country.clock.advance(seconds=1)
    await answered(clerk, VERIFY, **SUZUKI)

    response = await clerk.get("/ledger.csv")
    rows = await read_csv(response)
    assert [(row["受付番号"], row["種類"]) for row in rows] == [
        ("旅券 2026-0042", "照合"),
        ("'=HYPERLINK(1)", "照会"),
    ]
    assert rows[0]["操作者"] == OPERATOR
    assert rows[0]["結果"] == "一致しました"
    assert rows[0]["照会先"] == "東京都"
    assert rows[0]["照会条件"] == "氏名・生年月日"
    assert "鈴木" not in response.text
    assert 'filename="ledger-ryoken-' in response.headers["content-disposition"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        pytest.param("", 2, id="everything"),
        pytest.param(f"affair={TAX}", 2, id="of an affair"),
        pytest.param(f"affair={PASSPORT}", 0, id="of another"),
        pytest.param(f"operator={OPERATOR}", 2, id="of an operator"),
        pytest.param("operator=ryoken-9", 0, id="of nobody"),
        pytest.param("since=2026-11-22", 1, id="from a day on"),
        pytest.param("until=2026-11-21", 1, id="until a day, with it"),
        pytest.param("since=2026-11-21&until=2026-11-22", 2, id="from a day until another"),
        pytest.param("since=2026-11-23", 0, id="from tomorrow"),
        pytest.param("since=yesterday&affair=&operator=", 2, id="a day that is none"),
    ],
)
async def test_the_ledger_is_filtered(clerk: Browser, front: Front, query: str, found: int):
    """By affair, operator and days; the file has what the page has."""
    clock, noon = front.country.clock, front.country.clock.now
    refused = Asked(
        by=AtTerminal(OPERATOR, TERMINAL), affair=TAX, reason="x", questions=(LookUp.from_dict(SUZUKI),)
    )
    for moment in ("2026-11-21T23:59:59+09:00", "2026-11-22T00:00:00+09:00"):
        clock.now = datetime.fromisoformat(moment)
        await Asking(front.node).ask(refused)
    clock.now = noon

    page = await clerk.get(f"/ledger?{query}")
    assert page.text.count('<th scope="row">') == found
    assert len(await read_csv(await clerk.get(f"/ledger.csv?{query}"))) == found


async def test_a_provider_that_does_not_answer_is_said_to_be_away(clerk: Browser, front: Front, monkeypatch):
    """The ledger has that it was asked, and the page says so."""

    async def away(*_: object) -> bytes:
        raise PeerUnavailable

    monkeypatch.setattr(front.node.transport, "deliver", away)
    response = await clerk.post(ASK, reason="旅券 2026-0042", **SUZUKI)

    assert response.status_code == 503
    assert "台帳にその記録があります" in response.text
    (line,) = await read_csv(await clerk.get("/ledger.csv"))
    assert (line["結果"], line["エラー"]) == ("回答を得られませんでした", PeerUnavailable.code)
