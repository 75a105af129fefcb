# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The page of an agency in a browser, as its operators meet it: by keyboard alone, with a passkey."""

from __future__ import annotations

import os
import re
import shutil
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from fixtures.gateway import COUNTER, OPERATOR, PASSPORT, TAX, TERMINAL
from fixtures.ground import PASSPORTS
from fixtures.window import DESK, check_accessible, plug_in
from openjuki.store import ledger, requests

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

    from fixtures.gateway import Front
    from openjuki.store.database import Connection

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.nats,
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and "CI" not in os.environ,
        reason="no Chromium here: install it (on Debian, apt-get install chromium), then run again",
    ),
]

#: Milliseconds that anything may take on a machine that others use too.
PATIENCE = 60_000


@pytest_asyncio.fixture
async def page(front: Front) -> AsyncIterator[Page]:
    """A window with a passkey device, without a word of complaint from the browser."""
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = await browser.new_page(viewport=DESK, locale="ja-JP")
        opened.set_default_timeout(PATIENCE)
        complaints: list[str] = []
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        await plug_in(opened)
        await opened.goto(f"{front.url}/")
        yield opened
        await browser.close()
    # what was refused on purpose is told by the browser as a failed resource
    assert [text for text in complaints if "status of 4" not in text] == []


async def tab_to(page: Page, name: str) -> None:
    """Go by the tab key until something of this name has the focus."""
    for _ in range(60):
        focused = await page.evaluate(
            "(() => { const e = document.activeElement; if (e === document.body) return '';"
            " return [e.innerText, e.value, ...[...(e.labels ?? [])].map((l) => l.innerText)].join(' ') })()"
        )
        if name in focused:
            return
        await page.keyboard.press("Tab")
    pytest.fail(f"the tab key does not lead to {name}")


async def go(page: Page, name: str) -> None:
    """Follow a link or press a button, by keyboard."""
    await tab_to(page, name)
    await enter(page)


async def enter(page: Page) -> None:
    """Press Enter, and wait for the page that comes."""
    async with page.expect_navigation():
        await page.keyboard.press("Enter")


async def write(page: Page, name: str, text: str) -> None:
    """Fill a field in, by keyboard."""
    await tab_to(page, name)
    await page.keyboard.type(text)


async def enrol(page: Page, front: Front) -> None:
    """With a one-time code, by keyboard."""
    await go(page, "登録番号でパスキーを登録する")
    await write(page, "登録番号", (await front.code()).lower())
    await enter(page)
    await expect(page.locator("main")).to_contain_text(OPERATOR)
    await go(page, "パスキーを作る")
    await expect(page.get_by_role("status")).to_contain_text("登録しました")


async def sign_in(page: Page, front: Front) -> None:
    """Enrol, and sign in."""
    await enrol(page, front)
    await go(page, "パスキーでサインイン")
    await expect(page.locator("h1")).to_contain_text("どの事務")


async def test_an_operator_enrols_asks_and_finds_the_ledger_line(page: Page, front: Front):
    """From the one-time code to the line of the ledger, by keyboard alone, and axe finds nothing anywhere."""
    await check_accessible(page)
    await enrol(page, front)
    await check_accessible(page)
    await go(page, "パスキーでサインイン")
    await expect(page.locator("h1")).to_contain_text("どの事務")
    await expect(page.locator(".who")).to_contain_text("旅券　花子")
    await check_accessible(page)

    await write(page, "言葉で探す", "パスポート")
    await enter(page)
    await expect(page.locator(".choices li")).to_have_count(1)
    await go(page, "旅券法")
    await expect(page.locator(".facts")).to_contain_text("別表第5")
    await check_accessible(page)
    await go(page, "照会する")
    await expect(page.locator("aside")).to_contain_text("生年月日")
    await check_accessible(page)
    await write(page, "受付番号", "旅券 2026-0042")
    await write(page, "氏名", "鈴木 実")
    await write(page, "生年月日", "昭和43年3月14日")
    await go(page, "照会する")

    await expect(page.locator("h1")).to_contain_text("一致しました")
    shown = page.locator(".person")
    for text in (
        "鈴木　実",
        "スズキ　ミノル",
        "昭和43年3月14日",
        "東京都千代田区",
        "神田神保町二丁目4番地",
        "男",
    ):
        await expect(shown).to_contain_text(text)
    assert re.fullmatch(rf"{front.url}/answers/[0-9a-f]+", page.url)
    await check_accessible(page)
    await go(page, "この照会の行を見る")
    await expect(page.locator(".facts")).to_contain_text("旅券 2026-0042")
    await expect(page.locator(".facts")).to_contain_text("一致しました")
    await expect(page.locator(".facts")).to_contain_text("別表第5")
    assert "鈴木" not in await page.content()
    await check_accessible(page)
    await go(page, "台帳")
    await expect(page.locator(".lines tbody tr")).to_have_count(1)
    await expect(page.locator(".lines")).to_contain_text("旅券 2026-0042")
    await check_accessible(page)


async def test_one_of_several_is_chosen_and_an_application_verified(page: Page, front: Front):
    """By keyboard alone, past a slip of the pen, and axe finds nothing."""
    await sign_in(page, front)
    await page.goto(f"{front.url}/affairs/{PASSPORT}/ask")
    await expect(page.locator("#reason")).to_be_focused()
    await page.keyboard.type("旅券 2026-0042")
    await write(page, "氏名", "渡辺 葵")
    await write(page, "生年月日", "平成2年13月1日")
    await go(page, "照会する")
    await expect(page.locator(".wrong .fault")).to_contain_text("生年月日は")
    await expect(page.locator("#birth_date")).to_be_focused()
    await check_accessible(page)
    await page.keyboard.press("Control+a")
    await page.keyboard.type("平成2年1月1日")
    await go(page, "照会する")

    await expect(page.locator("h1")).to_contain_text("複数の人")
    await check_accessible(page)
    await tab_to(page, "一番町1番地")
    await page.keyboard.press("ArrowDown")
    await go(page, "この人に確定する")
    await expect(page.locator(".person")).to_contain_text("九段南一丁目2番1号")

    await page.goto(f"{front.url}/affairs/{PASSPORT}/verify")
    await check_accessible(page)
    await page.keyboard.type("旅券 2026-0043")
    await write(page, "氏名", "鈴木 実")
    await write(page, "生年月日", "1968-03-14")
    await write(page, "住所", "東京都千代田区神田神保町二丁目5番地")
    await tab_to(page, "ほかの項目も照合する")
    await page.keyboard.press("Enter")
    await tab_to(page, "指定しない")
    await page.keyboard.press("ArrowRight")
    await go(page, "照合する")
    await expect(page.locator("h1")).to_contain_text("一致しない項目")
    await expect(page.locator(".verified tr", has_text="住所")).to_contain_text("不一致")
    await expect(page.locator(".verified tr", has_text="性別")).to_contain_text("一致")
    await check_accessible(page)


async def test_the_tax_office_s_affair_is_out_of_reach(page: Page, front: Front):
    """Not on the page, not by its address, not by a form of one's own making; the attempt is in the ledger."""
    await sign_in(page, front)
    assert "都道府県税" not in await page.content()
    await page.goto(f"{front.url}/affairs/{TAX}")
    await expect(page.locator(".refusal")).to_contain_text("法30条の29")
    await check_accessible(page)

    token = await page.locator("input[name=token]").first.get_attribute("value")
    form = {"token": token or "", "reason": "x", "name": "鈴木 実", "birth_date": "1968-03-14"}
    forged = await page.request.post(
        f"{front.url}/affairs/{TAX}/ask", form=form, headers={"origin": front.url}
    )
    await page.goto(forged.url)
    await expect(page.locator("h1")).to_contain_text("認められません")
    await expect(page.locator(".refusal")).to_contain_text("affair-not-held")
    await check_accessible(page)
    await page.goto(f"{front.url}/ledger")
    await expect(page.locator(".lines tbody tr")).to_contain_text("認められません")


async def test_who_leaves_the_desk_finds_the_page_locked(page: Page, front: Front):
    """The same passkey opens it where it was; signing out ends it."""
    await sign_in(page, front)
    await page.goto(f"{front.url}/sessions")
    await check_accessible(page)
    front.country.clock.advance(minutes=5)
    await page.goto(f"{front.url}/ledger")
    await expect(page.locator("h1")).to_contain_text("ロックしています")
    await check_accessible(page)
    await go(page, "パスキーで続ける")
    await expect(page.locator("h1")).to_contain_text("照会台帳")
    await go(page, "サインアウト")
    await expect(page.locator("h1")).to_contain_text("サインイン")
    await page.go_back()
    await expect(page.locator("h1")).to_contain_text("サインイン")


async def test_an_office_sees_how_far_its_files_are(page: Page, front: Front):
    """A file that was asked is listed with its rows and its state; whom it is about is not, and axe finds nothing."""
    node, at = await front.country.node(PASSPORTS), front.country.clock()
    line = ledger.Asked(
        *(
            ledger.line_id(at, bytes(10)),
            at,
            COUNTER,
            OPERATOR,
            TERMINAL,
            PASSPORT,
            "2026-0012",
            "ask",
            "bulk",
        ),
        history=False,
        keys=["resident_code"],
        persons=1,
        salt=bytes(32),
        content=b'{"questions":[]}',
    )
    entered = requests.Entered(
        line=line.id,
        provider="130001",
        kind="resident_code",
        file="keys.csv",
        rows=2,
        digest=bytes(32),
        malformed=1,
        duplicates=0,
        parts=1,
        items=["name"],
        format="csv",
        encoding="utf-8",
        body=b"{}",
        standing="waiting",
    )

    async def enter(connection: Connection) -> None:
        await ledger.ask(connection, [line])
        await requests.add(connection, entered)

    await node.transact(enter)
    await sign_in(page, front)

    await go(page, "一括照会")

    row = page.locator("tbody tr")
    for text in ("旅券", "keys.csv", "受付待ち", "0/1", "形式誤り 1"):
        await expect(row).to_contain_text(text)
    await check_accessible(page)
    await row.get_by_role("link").press("Enter")
    await expect(page.locator(".facts")).to_contain_text("一括提供")
    await expect(page.get_by_text("回答を見る")).to_have_count(0)
