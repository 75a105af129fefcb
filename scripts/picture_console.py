# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Take the pictures of the console in docs/images/: start `make demo`, then run this beside it.

    .venv/bin/python scripts/picture_console.py

An operator of the Centre enrols, takes in the request of somebody about whom agencies were told, decides it, and opens
the document that is handed out.
"""

import asyncio
import shutil
from pathlib import Path

import orjson
import psycopg
from playwright.sync_api import Page, sync_playwright

from openjuki import config
from openjuki.nodes import passkeys
from openjuki.nodes.node import opened_office

TARGET = Path(__file__).parents[1] / "docs/images"
NODE, OPERATOR, TERMINAL = "centre", "zenkoku-1", "zenkoku-t1"
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
#: Somebody about whom several were told, yet not so many that the picture has no end.
SOMEBODY = """
    SELECT resident_code FROM code_succession JOIN provision_person USING (person_id)
    WHERE until IS NULL GROUP BY resident_code HAVING count(*) BETWEEN 2 AND 3 ORDER BY count(*) DESC, 1 LIMIT 1
"""


async def made(settings: config.Settings) -> str:
    """A one-time code."""
    async with opened_office(settings, NODE) as at:
        code = await at.transact(lambda book: passkeys.invite(at, book, OPERATOR, TERMINAL))
        return code.text


def picture(page: Page, name: str) -> None:
    """The whole page."""
    path = TARGET / f"{name}-1280.png"
    page.screenshot(path=path, full_page=True)
    print(path, path.stat().st_size)


def press(page: Page, name: str) -> None:
    """Press a button, and wait for the page that comes."""
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()


settings = config.load()
with psycopg.connect(settings.node(NODE).database_url) as book:
    (resident_code,) = book.execute(SOMEBODY).fetchone()
url = orjson.loads((settings.home / "run" / f"console-{NODE}.json").read_bytes())["url"]
url = url.replace("127.0.0.1", "localhost")
code = asyncio.run(made(settings))

with sync_playwright() as playwright:
    chromium = playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", "--hide-scrollbars", "--lang=ja"]
    )
    shown = chromium.new_page(locale="ja-JP", viewport={"width": 1280, "height": 800})
    devices = shown.context.new_cdp_session(shown)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": DEVICE})
    shown.goto(f"{url}/enrol")
    shown.get_by_label("登録番号").fill(code)
    for button in ("次へ", "パスキーを作る", "パスキーでサインイン"):
        press(shown, button)
    shown.goto(f"{url}/disclosures/new")
    shown.get_by_label("受付番号").fill("開示 2026-0042")
    shown.get_by_label("本人確認書類").fill("個人番号カード")
    shown.get_by_label("住民票コード").fill(resident_code)
    press(shown, "受理する")
    picture(shown, "console-request")
    press(shown, "決定して書面を作る")
    shown.goto(f"{url}/")
    picture(shown, "console-requests")
    shown.get_by_role("link", name="開示 2026-0042").click()
    with shown.expect_navigation():
        shown.get_by_role("link", name="書面を開いて印刷する").click()
    picture(shown, "disclosure")
    chromium.close()
