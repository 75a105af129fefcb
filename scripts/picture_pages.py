# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Take the pictures of an agency's page in docs/images/: start `make demo`, then run this beside it.

    .venv/bin/python scripts/picture_pages.py

An operator of the passport office of Tokyo enrols, verifies an application with one slip in it, and looks a person up.
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
from openjuki.residents.dates import RecordedDate

TARGET = Path(__file__).parents[1] / "docs/images"
AGENCY, OPERATOR, TERMINAL, AFFAIR = "agency-tokyo-ryoken", "tanto-1", "tanto-t1", "prefecture-013"
TOKYO = "130001"
#: Somebody who lives in 千代田区, as the governor's records have them.
SOMEBODY = """
    SELECT record.name, record.birth_date::text FROM person JOIN record USING (person_id, stay, version)
    WHERE person.state = 'resident' AND record.municipality = '131016' AND record.furigana IS NOT NULL
    ORDER BY person_id LIMIT 1
"""
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def made(settings: config.Settings) -> str:
    """A one-time code."""
    async with opened_office(settings, AGENCY) as at:
        code = await at.transact(lambda book: passkeys.invite(at, book, OPERATOR, TERMINAL))
        return code.text


def picture(page: Page, name: str, *widths: int) -> None:
    """The whole page, at a desk and on a telephone."""
    for width in widths or (1280,):
        page.set_viewport_size({"width": width, "height": 800})
        path = TARGET / f"gateway-{name}-{width}.png"
        page.screenshot(path=path, full_page=True)
        print(path, path.stat().st_size)
    page.set_viewport_size({"width": 1280, "height": 800})


def fill(page: Page, **fields: str) -> None:
    """Type into a form."""
    for name, text in fields.items():
        page.locator(f"#{name}").fill(text)


def send(page: Page) -> None:
    """Press the button of the form."""
    with page.expect_navigation():
        page.locator("main form button[type=submit]").last.click()


settings = config.load()
with psycopg.connect(settings.node(TOKYO).database_url) as book:
    name, birth = book.execute(SOMEBODY).fetchone()
birth = RecordedDate.parse(birth).wareki
url = orjson.loads((settings.home / "run" / f"gateway-{AGENCY}.json").read_bytes())["url"]
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
    fill(shown, code=code)
    send(shown)
    send(shown)
    send(shown)
    shown.goto(f"{url}/affairs/{AFFAIR}")
    picture(shown, "affair")
    shown.goto(f"{url}/affairs/{AFFAIR}/verify")
    fill(
        shown,
        reason="旅券 2026-0042",
        name=name,
        birth_date=birth,
        address="東京都千代田区霞が関一丁目1番1号",
    )
    send(shown)
    picture(shown, "verified", 1280, 390)
    shown.goto(f"{url}/affairs/{AFFAIR}/ask")
    fill(shown, reason="旅券 2026-0042", name=name, birth_date=birth)
    picture(shown, "ask")
    send(shown)
    picture(shown, "answer")
    shown.goto(f"{url}/ledger")
    shown.locator("table.lines tr:nth-child(n + 19)").evaluate_all(
        "rows => rows.forEach(row => row.remove())"
    )
    picture(shown, "ledger")
    chromium.close()
