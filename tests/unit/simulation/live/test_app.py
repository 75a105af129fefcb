# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The page as a site: who may ask, whose buttons count, and what goes out."""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from openjuki.errors import BadInput, SetUpFailed
from openjuki.simulation.founding import planned_nodes
from openjuki.simulation.live.app import Screen, site
from openjuki.simulation.live.reading import Book
from openjuki.simulation.live.standing import listening_socket
from openjuki.simulation.live.view import page
from openjuki.simulation.live.watching import Sight
from openjuki.simulation.nation_plan import NATION

HOST, OURS = "127.0.0.1:8700", "http://127.0.0.1:8700"
TOKEN = "token-of-this-page"
NODES = tuple(planned_nodes(NATION))


def seen(size: int = 10) -> Sight:
    """A look at a nation whose journals have so many rows."""
    book = Book(size=size, root=bytes(32))
    return Sight(at=datetime(2026, 4, 1, tzinfo=UTC), nodes=NODES, books={node.id: book for node in NODES})


class Site:
    """The site, asked without a network."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.screen = Screen(TOKEN)
        #: Whether nothing can be done.
        self.broken = False
        self.app = site(self.screen, {"cut-off": self.cut_off}, port=8700)

    async def cut_off(self, town: str) -> None:
        if town not in {node.id for node in NODES}:
            raise BadInput("no municipality of this nation")
        if self.broken:
            raise SetUpFailed("the broker does not take new permissions")
        self.done.append(town)

    async def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, Any, str]:
        """Status, headers and text of an answer."""
        given = {"host": HOST, **{name.replace("_", "-"): value for name, value in headers.items()}}
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in given.items()],
        }
        await self.app(scope, receive, send)
        answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        text = b"".join(message.get("body", b"") for message in sent[1:]).decode()
        return sent[0]["status"], answered, text

    async def press(self, **fields: str) -> tuple[int, Any, str]:
        """Press the button as our own page does."""
        return await self.ask("POST", "/cut-off", urlencode(fields).encode(), origin=OURS)


@pytest.fixture
async def ours():
    """The site with a page on it."""
    stands = Site()
    await stands.screen.show(page(seen()))
    return stands


async def test_the_page_is_whole_and_loads_nothing_from_elsewhere(ours):
    """No inline script or style, no address but our own."""
    status, headers, text = await ours.ask("GET", "/")

    assert status == 200
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "unsafe" not in headers["content-security-policy"]
    assert not re.search(r"<script(?![^>]* src=)|<style|\sstyle=|\son[a-z]+=|https?://", text)
    assert '<html lang="ja">' in text
    for name in re.findall(r'(?:src|href)="/(static/[^"]+)"', text):
        assert (await ours.ask("GET", f"/{name}"))[0] == 200


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("attacker.example:8700", id="another name for this machine"),
        pytest.param("127.0.0.1", id="without the port"),
        pytest.param("127.0.0.1:8701", id="another port"),
    ],
)
async def test_whoever_calls_us_by_another_name_learns_nothing(ours, host):
    """DNS rebinding: the browser believes the page to be the attacker's own."""
    status, _, text = await ours.ask("GET", "/", host=host)

    assert (status, "OpenJuki" in text) == (421, False)


@pytest.mark.parametrize("host", [HOST, "localhost:8700"])
async def test_both_names_of_this_machine_are_good(ours, host):
    """127.0.0.1 and localhost."""
    assert (await ours.ask("GET", "/", host=host))[0] == 200


async def test_a_button_of_our_page_counts(ours):
    """And the answer leads back to the page."""
    status, headers, _ = await ours.press(town="012033", token=TOKEN)

    assert (status, headers["location"], ours.done) == (303, "/", ["012033"])


@pytest.mark.parametrize(
    ("origin", "token"),
    [
        pytest.param("https://attacker.example", TOKEN, id="pressed on another site"),
        pytest.param("null", TOKEN, id="pressed nowhere"),
        pytest.param("", TOKEN, id="nobody says where"),
        pytest.param(OURS, "guessed", id="another token"),
        pytest.param(OURS, "", id="no token"),
    ],
)
async def test_a_button_pressed_elsewhere_does_nothing(ours, origin, token):
    """Cross-site request forgery."""
    headers = {"origin": origin} if origin else {}
    body = urlencode({"town": "012033", "token": token}).encode()

    assert (await ours.ask("POST", "/cut-off", body, **headers))[0] == 403
    assert ours.done == []


async def test_what_is_no_town_is_refused(ours):
    """Said in a sentence, not as a failure of ours."""
    assert (await ours.press(town="999999", token=TOKEN))[0] == 400


async def test_what_cannot_be_done_says_why(ours):
    """A broker that hangs is no reason for a page that says nothing."""
    ours.broken = True

    status, _, text = await ours.press(town="012033", token=TOKEN)

    assert (status, text) == (503, "the broker does not take new permissions\n")


async def test_a_form_that_is_too_long_is_not_read(ours):
    """Nor does it count."""
    assert (await ours.press(token=TOKEN, town="0" * 5_000))[0] == 403


async def test_only_listed_files_are_handed_out(ours):
    """No path leads out of the folder."""
    assert (await ours.ask("GET", "/static/README.md"))[0] == 404
    assert (await ours.ask("GET", "/static/..%2Fapp.py"))[0] == 404


async def test_every_change_reaches_who_looks_and_nothing_else_does(ours):
    """The page as an event, at first and whenever it has become another."""
    events = ours.screen.events()
    first = await anext(events)
    following = asyncio.ensure_future(anext(events))
    await asyncio.sleep(0)
    await ours.screen.show(page(seen()))
    await asyncio.sleep(0)
    assert not following.done()
    await ours.screen.show(page(seen(size=11)))
    second = await following

    assert orjson.loads(first.removeprefix(b"data: ")) != orjson.loads(second.removeprefix(b"data: "))
    assert first.endswith(b"\n\n")
    await ours.screen.close()
    with pytest.raises(StopAsyncIteration):
        await anext(events)


def test_a_taken_port_means_the_next_one():
    """Somebody else may be on ours."""
    with listening_socket(0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with listening_socket(port) as ours:
            assert ours.getsockname()[1] > port
