# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The description of the gateway in a browser: everybody can read it, at a desk and on a telephone, without the internet."""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
import pytest_asyncio
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import async_playwright

from openjuki.gateway.app import application

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from playwright.async_api import Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and "CI" not in os.environ,
        reason="no Chromium here: install it (on Debian, apt-get install chromium), then run again",
    ),
]


@pytest_asyncio.fixture
async def page() -> AsyncIterator[Page]:
    """The page, open in a browser that says what it did not like."""
    config = uvicorn.Config(application(Mock(), Mock()), port=0, log_level="warning", ws="none")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - it has no event
        await asyncio.sleep(0.005)
    port = server.servers[0].sockets[0].getsockname()[1]
    complaints: list[str] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        opened = await browser.new_page(viewport={"width": 1280, "height": 900}, locale="ja-JP")
        opened.set_default_timeout(30_000)
        opened.on("console", lambda message: complaints.append(message.text))
        opened.on("requestfailed", lambda request: complaints.append(request.url))
        await opened.goto(f"http://127.0.0.1:{port}/v1/docs")
        yield opened
        await browser.close()
    server.should_exit = True
    await serving
    assert [one for one in complaints if "favicon" not in one] == []


@pytest.mark.parametrize("width", [1280, 390])
async def test_everybody_can_read_it(page: Page, width: int):
    """Nothing for axe to find, with every example open; the page does not scroll sideways."""
    await page.set_viewport_size({"width": width, "height": 900})
    await page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")

    found = await Axe().run(page)

    assert found.violations_count == 0, found.generate_report()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_its_contents_lead_to_its_parts(page: Page):
    """By keyboard: past the head, to an operation, and on to the form of what is sent."""
    await page.get_by_role("link", name="/v1/verifications").press("Enter")
    await page.get_by_role("region", name="POST /v1/verifications の応答").wait_for()
    assert page.url.endswith("#verifications")

    await page.get_by_role("link", name="VerificationRequest").press("Enter")
    assert page.url.endswith("#schema-VerificationRequest")
