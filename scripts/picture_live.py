# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Take the pictures of the live page in docs/images/: start `make demo`, then run this beside it.

    .venv/bin/python scripts/picture_live.py http://127.0.0.1:8700/

One town is cut off for half a minute and another's journal is tampered with; both are undone.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

TARGET = Path(__file__).parents[1] / "docs/images"
#: Milliseconds in which enough notices pile up to be seen.
A_WHILE = 25_000


def press(page: Page, name: str) -> None:
    """Press a button."""
    page.get_by_role("button", name=name).click()


def picture(page: Page, name: str, width: int, height: int, selector: str | None = None) -> None:
    """A picture of the window, or of a part of the page."""
    page.set_viewport_size({"width": width, "height": height})
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(500)
    path = TARGET / f"{name}-{width}.png"
    if selector is None:
        page.screenshot(path=path)
    else:
        page.locator(selector).screenshot(path=path)
    print(path, path.stat().st_size)


with sync_playwright() as playwright:
    chromium = playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=["--no-sandbox", "--hide-scrollbars"]
    )
    shown = chromium.new_page(reduced_motion="reduce")
    shown.set_default_timeout(60_000)
    shown.goto(sys.argv[1])
    shown.locator("#cut-town").select_option("222232")
    press(shown, "切り離す")
    shown.wait_for_timeout(A_WHILE)
    picture(shown, "live", 1280, 1230)
    picture(shown, "live", 390, 1560)
    press(shown, "御前崎市をつなぐ")
    shown.wait_for_selector(".verdict.ok")
    shown.locator("#flip-town").select_option("131016")
    press(shown, "書き換える")
    shown.wait_for_selector("#trial-byte ~ .doings pre")
    shown.wait_for_selector(".plain li.broken")
    picture(shown, "live-tampered", 1280, 900, "section:has(#try)")
    picture(shown, "live-provisions", 1280, 900, "section:has(#provisions)")
    picture(shown, "live-agencies", 1280, 900, ".agencies")
    picture(shown, "live-road", 1280, 900, "section:has(#road)")
    press(shown, "千代田区を元に戻す")
    shown.wait_for_selector(".verdict.ok")
    chromium.close()
