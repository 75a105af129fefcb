# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The console in a browser, as an operator at a prefecture's counter meets it; axe looks at every page."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from fixtures.console import invited, served
from fixtures.window import DESK, check_accessible, plug_in

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

    from fixtures.disclosing import Division

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
async def page(division: Division) -> AsyncIterator[Page]:
    """A window at Tokyo's console with a passkey device, whose operator is signed in."""
    expect.set_options(timeout=PATIENCE)
    async with served(division) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = await browser.new_page(viewport=DESK, locale="ja-JP")
        opened.set_default_timeout(PATIENCE)
        await plug_in(opened)
        await opened.goto(f"{url}/enrol")
        await opened.get_by_label("登録番号").fill(await invited(division))
        for button in ("次へ", "パスキーを作る", "パスキーでサインイン"):
            await press(opened, button)
        yield opened
        await browser.close()


async def press(page: Page, name: str) -> None:
    """Press a button, and wait for the page that comes."""
    async with page.expect_navigation():
        await page.get_by_role("button", name=name).click()


async def follow(page: Page, name: str) -> None:
    """Follow a link."""
    async with page.expect_navigation():
        await page.get_by_role("link", name=name).first.click()


async def test_an_operator_discloses_and_every_page_is_accessible(page: Page, division: Division):
    """From the empty list to the printed page and the notice of a correction."""
    await expect(page.locator("h1")).to_contain_text("開示請求")
    await check_accessible(page)
    await follow(page, "請求を受理する")
    await press(page, "受理する")
    await expect(page.get_by_role("alert")).to_contain_text("受付番号")
    await check_accessible(page)

    await page.get_by_label("受付番号").fill("開示 12")
    await page.get_by_label("本人確認書類").fill("個人番号カード")
    await page.get_by_label("住民票コード").fill(str(division.code))
    await press(page, "受理する")
    await expect(page.locator(".person")).to_contain_text("渡邉　葵")
    await page.locator("summary").click()
    await check_accessible(page)
    await press(page, "決定して書面を作る")
    await expect(page.locator(".verdict")).to_contain_text("開示しました")

    await page.locator("summary").click()
    await page.get_by_label("誤りがあるという内容").fill("方書が違う")
    await press(page, "受け付ける")
    await check_accessible(page)
    await page.get_by_label("訂正しません").check()
    await page.get_by_label("結果の内容").fill("記録のとおりです")
    await press(page, "結果の通知書を作る")
    await follow(page, "結果の通知書")
    await expect(page.locator("h1")).to_contain_text("調査結果")
    await check_accessible(page)
    await page.go_back()
    await follow(page, "書面を開いて印刷する")
    await expect(page.locator("h1")).to_contain_text("あなたについて記録していること")
    await check_accessible(page)
    await page.go_back()
    await follow(page, "開示請求")
    await expect(page.locator("tbody tr")).to_have_count(1)
    await check_accessible(page)
