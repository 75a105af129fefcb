# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The live page in a browser, as a visitor meets it: what it shows, what may be tried, and by keyboard alone."""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import ViewportSize, expect, sync_playwright

from fixtures.nation import HINOHARA, KOMAE, compare, rows, small_nation
from openjuki.config import Kind
from openjuki.simulation import life
from openjuki.simulation.agencies import AGENCIES
from openjuki.simulation.live.standing import live_page

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, Page

    from openjuki.simulation.launcher import Nation
    from openjuki.simulation.live.standing import LivePage

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.nation,
    pytest.mark.browser,
    pytest.mark.skipif(
        CHROMIUM is None and "CI" not in os.environ,
        reason="no Chromium here: install it (on Debian, apt-get install chromium), then run again",
    ),
]

#: A desk, and a telephone.
DESK: ViewportSize = {"width": 1280, "height": 900}
TELEPHONE: ViewportSize = {"width": 390, "height": 844}
#: Milliseconds that anything may take on a machine that others use too.
PATIENCE = 120_000
#: Who asks in it.
ASKING = {"agency-nenkin", "agency-tokyo-ryoken", "agency-chiyoda-fukushi"}
PERSONAL = "SELECT name, resident_code, individual_number, block FROM resident_record"


@pytest.fixture(scope="module")
def nation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nation]:
    """A small nation with three agencies: one of the State, a governor's, a city's."""
    asking = [agency for agency in AGENCIES if agency.id in ASKING]
    with small_nation(tmp_path_factory.mktemp("live") / "home", agencies=asking) as made:
        yield made


@pytest.fixture(scope="module")
def site(nation: Nation) -> Iterator[LivePage]:
    """Its page, after its day; life goes on beside it."""
    _, day = asyncio.run(life.live(nation, 300))
    with live_page(nation, day, port=0, trickle=0.5) as standing:
        yield standing


@pytest.fixture(scope="module")
def browser(site: LivePage) -> Iterator[Browser]:  # noqa: ARG001 - the site stands first, and falls last
    """A browser; root needs to be told that it is alone."""
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, site: LivePage) -> Iterator[Page]:
    """The page in a window, without a word of complaint from the browser."""
    opened = browser.new_page(viewport=DESK)
    opened.set_default_timeout(PATIENCE)
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.goto(site.url)
    yield opened
    opened.close()
    assert complaints == []


def verdict(page: Page, words: str) -> None:
    """The sentence at the head says so, soon."""
    expect(page.locator("#verdict")).to_contain_text(words)


def check_accessible(page: Page) -> None:
    """On a telephone and at a desk axe finds nothing, and nothing is wider than the window."""
    for size in (TELEPHONE, DESK):
        page.set_viewport_size(size)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def press(page: Page, name: str) -> None:
    """Press a button by keyboard."""
    page.get_by_role("button", name=name).focus()
    page.keyboard.press("Enter")


def test_it_shows_the_nation_as_it_lives(page, nation):
    """Every office is there, figures change, a notice has its road, and nobody's data is on it."""
    for node in nation.nodes:
        name = "機構" if node.kind is Kind.CENTRE else node.name
        expect(page.locator(".journals th", has_text=name).first).to_be_visible()
    figure = page.locator(".figures strong").nth(4)
    before = figure.inner_text()
    expect(figure).not_to_have_text(before)
    expect(page.locator(".road .after").nth(4)).to_contain_text("+")
    check_accessible(page)

    content = page.content()
    personal = [
        value
        for town in nation.urls(Kind.MUNICIPALITY)
        for row in rows(nation, town, PERSONAL)
        for value in row
    ]
    assert [value for value in personal if value and len(value) > 3 and value in content] == []


def test_it_shows_what_is_provided(page, nation):
    """By agency, by affair and by the second, while the agencies ask on; every agency stands there."""
    for agency in nation.agencies:
        expect(page.locator(".agencies li", has_text=agency.name)).to_be_visible()
    recorded = page.locator(".figures strong").nth(7)
    expect(recorded).not_to_have_text(recorded.inner_text())
    expect(page.locator(".figures strong").nth(6)).not_to_have_text("0.0")
    for affair in ("state-118", "prefecture-013", "city-027"):
        expect(page.locator(".purposes th", has_text=affair)).to_be_visible()
    check_accessible(page)


def test_a_town_is_cut_off_and_catches_up(page, nation):
    """By keyboard alone: its notices wait in its book, and are everywhere once it is back."""
    page.locator("#cut-town").select_option(KOMAE)
    press(page, "切り離す")
    verdict(page, "狛江市を切り離しています")
    expect(page.locator("#cut-town")).to_have_value(KOMAE)
    town = page.locator(".prefectures tr.apart td").nth(1)
    expect(town).not_to_have_text("0")
    check_accessible(page)

    press(page, "狛江市をつなぐ")
    expect(page.locator(".doings li")).to_have_count(0)
    expect(page.locator("#verdict")).to_be_focused()
    verdict(page, "遅れはありません")
    expect(page.locator(".prefectures tr", has_text="狛江市").locator("td").nth(1)).to_have_text(
        "0", timeout=PATIENCE
    )
    agreed = compare(nation)
    assert (agreed.duplicates, agreed.applied_centre > 0) == (0, True)


def test_a_flipped_byte_is_found_and_undone(page, nation):
    """The check names the leaf, the node raises its alarm, and restored the journal is whole again."""
    page.locator("#flip-town").select_option(HINOHARA)
    press(page, "書き換える")
    verdict(page, "検査が見つけました")
    expect(page.locator("#trial-byte ~ .doings pre")).to_contain_text("leaf")
    expect(page.locator(".plain li.broken")).to_contain_text("記録簿の損傷")
    check_accessible(page)

    press(page, "檜原村を元に戻す")
    verdict(page, "遅れはありません")
    assert rows(nation, HINOHARA, "SELECT kind FROM alarm WHERE settled_at IS NULL") == []


def test_all_of_it_can_be_reached_by_keyboard(page):
    """Tab goes from the skip link through both forms, in the order of the page."""
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "document.activeElement.className || document.activeElement.id || document.activeElement.innerText"
            )
        )

    assert reached[0] == "skip"
    assert [reached[1], reached[3]] == ["cut-town", "flip-town"]
    assert ["切り離す" in reached[2], "書き換える" in reached[4]] == [True, True]
