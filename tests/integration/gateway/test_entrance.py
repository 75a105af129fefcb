# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who comes in to the page of an agency, and who does not: passkeys, locks, names, networks and forms."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httpx
import pytest

from fixtures.gateway import COLLECTOR, OPERATOR, ORIGIN, PASSPORT, TERMINAL
from fixtures.ground import PASSPORTS
from fixtures.passkey import PRESENT, Device
from openjuki.errors import Refused
from openjuki.nodes import offices, passkeys
from openjuki.screens import forms

if TYPE_CHECKING:
    from fixtures.gateway import Browser
    from fixtures.offices import Country

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


def kinds(country: Country) -> list[str]:
    """Kinds of the rows in the journal that are about signing in."""
    query = "SELECT kind FROM journal_pending WHERE kind ~ '^(passkey|session)' ORDER BY id"
    return [kind for (kind,) in country.rows(PASSPORTS, query)]


async def test_who_enrolled_signs_in_and_everything_is_in_the_journal(browser: Browser, country: Country):
    """Code, passkey, session, end: a row each."""
    assert (await browser.enrol()).headers["location"] == "/sign-in?enrolled"
    assert (await browser.sign_in()).headers["location"] == "/"
    home = await browser.see("/")
    assert "旅券　花子" in home.text
    assert (await browser.post("/sign-out")).headers["location"] == "/sign-in"

    assert (await browser.get("/")).headers["location"] == "/sign-in"
    assert kinds(country) == ["passkey.invited", "passkey.enrolled", "session.opened", "session.ended"]


async def test_nobody_sees_anything_without_signing_in(browser: Browser):
    """Every page of the work leads to the entrance, also with a token that nobody gave."""
    for path in ("/", f"/affairs/{PASSPORT}", "/ledger", "/ledger.csv", "/answers/1", "/sessions"):
        assert (await browser.get(path)).headers["location"] == "/sign-in"
    browser.client.cookies.set(f"juki-session-{PASSPORTS}", "00" * 32)
    assert (await browser.get("/")).headers["location"] == "/sign-in"
    browser.client.cookies.set(f"juki-session-{PASSPORTS}", "not hexadecimal")
    assert (await browser.get("/")).headers["location"] == "/sign-in"


async def test_a_code_is_good_once_and_for_a_quarter_of_an_hour(browser: Browser, country: Country):
    """Whoever finds the note on the desk tomorrow has nothing."""
    code = await browser.code()
    await browser.ask_to_enrol(code)
    response = browser.device.make(browser.options)
    assert (await browser.post("/enrol", code=code, response=response)).status_code == 303

    again = await browser.ask_to_enrol(code)
    assert (again.status_code, "invitation-good" in again.text) == (403, True)
    late = await browser.code()
    country.clock.advance(minutes=15)
    assert (await browser.ask_to_enrol(late)).status_code == 403
    assert (await browser.ask_to_enrol("no code at all")).status_code == 403


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param({"origin": "http://elsewhere.example"}, id="on another page"),
        pytest.param({"name": "elsewhere.example"}, id="for another host"),
        pytest.param({"credential": b"somebody else's"}, id="with another credential"),
        pytest.param({"key": Device(name="", origin="").key}, id="with another key"),
        pytest.param({"uses": -1}, id="a copy that counts from the beginning"),
    ],
)
async def test_only_the_passkey_that_was_enrolled_opens(browser: Browser, spoil):
    """What was signed elsewhere, by something else, or by a copy, opens nothing."""
    browser.device.uses = 7
    await browser.enrol()
    for name, value in spoil.items():
        setattr(browser.device, name, value)

    refused = await browser.sign_in()
    assert (refused.status_code, "passkey-known" in refused.text) == (403, True)
    assert (await browser.get("/")).headers["location"] == "/sign-in"


async def test_a_passkey_asks_for_its_owner(browser: Browser):
    """Being there is not enough: a finger, a face or a number."""
    assert (await browser.enrol(says=PRESENT)).status_code == 403
    await browser.enrol()
    assert (await browser.sign_in(says=PRESENT)).status_code == 403


@pytest.mark.parametrize(
    "response",
    [
        "",
        "{}",
        "[]",
        "no JSON",
        '{"rawId":"AA","response":{"clientDataJSON":"%s"}}' % ("W1tb" * 3_800),
        '{"rawId": 1, "response": {}}',
        '{"rawId":"AA","response":{"clientDataJSON":"AA"}}',
    ],
)
async def test_what_no_passkey_could_say_is_refused(browser: Browser, response: str):
    """Rubbish is refused like a wrong passkey."""
    await browser.see("/sign-in")

    assert (await browser.post("/sign-in", response=response)).status_code == 403


async def test_what_was_signed_once_is_good_once(browser: Browser):
    """Who overheard a signature comes too late, and another browser was never asked."""
    await browser.enrol()
    await browser.see("/sign-in")
    signed = browser.device.sign(browser.options)
    assert (await browser.post("/sign-in", response=signed)).status_code == 303
    assert (await browser.post("/sign-in", response=signed)).status_code == 403

    await browser.see("/sign-in")
    signed = browser.device.sign(browser.options)
    browser.client.cookies.delete(f"juki-visit-{PASSPORTS}")
    await browser.see("/sign-in")
    assert (await browser.post("/sign-in", response=signed)).status_code == 403


async def test_a_passkey_works_at_the_office_s_terminals_only(browser: Browser):
    """The browser at home was never enrolled: it is no terminal."""
    await browser.enrol()
    browser.client.cookies.clear()

    refused = await browser.sign_in()
    assert (refused.status_code, "terminal-marked" in refused.text) == (403, True)


async def test_an_operator_whose_time_is_over_is_out_at_once(browser: Browser, country: Country):
    """Signed in or not."""
    await browser.enrol()
    await browser.sign_in()
    node = browser.node
    await node.transact(lambda connection: offices.close_operator(node, connection, OPERATOR))
    country.clock.advance(seconds=1)

    refused = await browser.get("/")
    assert (refused.status_code, "operator-in-time" in refused.text) == (403, True)
    assert (await browser.sign_in()).status_code == 403


async def test_a_lost_device_is_withdrawn(browser: Browser, country: Country):
    """It opens nothing more, and whoever is signed in with it is out."""
    await browser.enrol()
    await browser.sign_in()
    node = browser.node
    assert await node.transact(lambda connection: passkeys.withdraw(node, connection, OPERATOR)) == 1

    assert (await browser.get("/")).headers["location"] == "/sign-in"
    assert (await browser.sign_in()).status_code == 403
    assert kinds(country)[-1] == "passkey.withdrawn"


async def test_a_page_is_locked_when_nothing_is_done(browser: Browser, country: Country):
    """After five minutes the passkey is asked for again, and the same session goes on where it stopped."""
    await browser.enrol()
    await browser.sign_in()
    page = await browser.see(f"/affairs/{PASSPORT}")
    assert page.headers["refresh"] == f"301; url=/idle?to=/affairs/{PASSPORT}"
    country.clock.advance(minutes=4)
    resting = await browser.get(f"/idle?to=/affairs/{PASSPORT}")
    assert "休んでいます" in resting.text
    country.clock.advance(minutes=1)

    locked = await browser.get(f"/affairs/{PASSPORT}")
    assert locked.headers["location"] == f"/lock?to=/affairs/{PASSPORT}"
    assert (await browser.get(f"/idle?to=/affairs/{PASSPORT}")).headers["location"] == locked.headers[
        "location"
    ]
    assert (await browser.post("/sign-out")).headers["location"] == "/lock"
    asked = await browser.see(locked.headers["location"])
    assert "ロックしています" in asked.text
    form = {"to": f"/affairs/{PASSPORT}", "response": browser.device.sign(browser.options)}
    assert (await browser.post("/sign-in", **form)).headers["location"] == f"/affairs/{PASSPORT}"
    assert (await browser.get(f"/affairs/{PASSPORT}")).status_code == 200
    assert kinds(country)[-1] == "session.unlocked"


async def test_an_operator_locks_the_page_on_leaving_the_desk(browser: Browser):
    """At once, in every window."""
    await browser.enrol()
    await browser.sign_in()
    await browser.see("/")
    assert (await browser.post("/lock", to="/ledger")).headers["location"] == "/lock?to=/ledger"

    assert (await browser.get("/")).headers["location"] == "/lock"


async def test_a_working_day_ends(browser: Browser, country: Country):
    """However busy: after ten hours one signs in again."""
    await browser.enrol()
    await browser.sign_in()
    for _ in range(150):
        country.clock.advance(minutes=4)
        response = await browser.get("/")
    assert response.headers["location"] == "/sign-in"


async def test_an_operator_signs_out_elsewhere(browser: Browser):
    """Of one's own sessions, and of nobody else's."""
    await browser.enrol()
    await browser.sign_in()
    first = browser.client.cookies[f"juki-session-{PASSPORTS}"]
    browser.client.cookies.delete(f"juki-session-{PASSPORTS}")
    await browser.sign_in()
    listed = await browser.see("/sessions")
    (other,) = re.findall(r'action="/sessions/(\d+)"', listed.text)

    assert (await browser.post(f"/sessions/{int(other) + 100}")).status_code == 303
    assert (await browser.post(f"/sessions/{other}")).headers["location"] == "/sessions"
    assert "/sessions/" not in (await browser.get("/sessions")).text.replace('href="/sessions"', "")
    browser.client.cookies.set(f"juki-session-{PASSPORTS}", first)
    assert (await browser.get("/")).headers["location"] == "/sign-in"


@pytest.mark.parametrize(
    "path", ["/sign-out", "/lock", f"/affairs/{PASSPORT}/ask", "/answers/1", "/sessions/1"]
)
async def test_a_form_stands_on_our_own_page(browser: Browser, path: str):
    """Without its token, or from another origin, nothing happens."""
    await browser.enrol()
    await browser.sign_in()
    await browser.see("/")

    assert (await browser.post(path, token="0" * 64)).status_code == 403
    assert (await browser.post(path, token="")).status_code == 403
    stolen = await browser.client.post(path, data={"token": browser.token}, headers={"origin": "http://evil"})
    assert (stolen.status_code, "elsewhere" in stolen.text) == (403, True)
    bare = await browser.client.post(path, data={"token": browser.token})
    assert bare.status_code == 403
    large = await browser.post(path, reason="x" * 20_000)
    assert large.status_code == 403
    many = await browser.post(path, **{f"item{number}": "" for number in range(60)})
    assert many.status_code == 403
    assert (await browser.get("/")).status_code == 200


async def test_the_entrance_has_its_forms_too(browser: Browser):
    """A stranger's page cannot sign anybody in as somebody else."""
    await browser.see("/sign-in")
    for path in ("/sign-in", "/enrol"):
        assert "もう一度お願い" in (await browser.post(path, token="0" * 64)).text
    browser.client.cookies.clear()
    for path in ("/sign-in", "/enrol"):
        assert "もう一度お願い" in (await browser.post(path, token=forms.token(b""))).text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        pytest.param("localhost:8720", 200, id="by its name"),
        pytest.param("LOCALHOST:8720", 200, id="in capitals"),
        pytest.param("evil.example", 421, id="by another name"),
        pytest.param("127.0.0.1:8720", 421, id="by its address"),
        pytest.param("[::1]:8720", 421, id="by its other address"),
        pytest.param("", 421, id="by none"),
    ],
)
async def test_the_page_is_called_by_its_name(browser: Browser, host: str, status: int):
    """Else a stranger's page could read ours under a name of its own."""
    assert (await browser.get("/sign-in", host=host)).status_code == status


@pytest.mark.parametrize(
    "path", ["/answers/%00", "/affairs/a%00b/ask", "/ledger?before=%00", "/sign-in?to=%00"]
)
async def test_no_page_has_an_address_that_no_book_can_hold(browser: Browser, path: str):
    """U+0000 gets as far as nothing that would break over it, be somebody signed in or not."""
    assert (await browser.get(path)).status_code == 404
    await browser.enrol()
    await browser.sign_in()
    assert (await browser.get(path)).status_code == 404
    await browser.see("/")
    assert (await browser.post(path)).status_code in {404, 405}


@pytest.mark.parametrize("address", ["127.0.0.1:8720", "[::1]:8720"])
async def test_who_types_the_address_is_sent_to_the_name(browser: Browser, address: str):
    """Passkeys are bound to the name."""
    sent = await browser.get("/", host=address)

    assert (sent.status_code, sent.headers["location"]) == (307, f"{ORIGIN}/")


@pytest.mark.parametrize("path", ["/", "/sign-in", "/enrol", "/static/page.css", "/ledger"])
async def test_the_page_is_for_the_lan(browser: Browser, path: str):
    """From outside nobody gets as far as the entrance."""
    app = browser.client._transport.app
    outside = httpx.ASGITransport(app, client=("203.0.113.9", 5000))
    async with httpx.AsyncClient(transport=outside, base_url=ORIGIN) as client:
        response = await client.get(path)

    assert (response.status_code, "own network" in response.text) == (403, True)


async def test_every_answer_forbids_what_it_does_not_need(browser: Browser):
    """No script but ours, no frame, no cache; cookies that no script reads and no other site sends."""
    response = await browser.get("/sign-in")

    policy = response.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'" in policy
    assert "unsafe" not in policy
    assert response.headers["cache-control"] == "no-store"
    assert re.search(r"HttpOnly; Path=/; SameSite=strict", response.headers["set-cookie"])
    assert "strict-transport-security" not in response.headers
    assert "<script>" not in response.text
    assert " style=" not in response.text


async def test_over_tls_cookies_are_bound_to_the_host(browser: Browser):
    """And the browser is told never to speak otherwise."""
    app = browser.client._transport.app
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="https://localhost:8720"
    ) as client:
        response = await client.get("/sign-in")

    assert response.headers["set-cookie"].startswith("__Host-juki-visit-")
    assert "Secure" in response.headers["set-cookie"]
    assert "max-age" in response.headers["strict-transport-security"]


async def test_another_operator_unlocks_nothing(browser: Browser, country: Country):
    """Who signs in at a locked page begins a session of their own, with their own affairs."""
    node = browser.node
    await browser.enrol()
    await browser.sign_in()
    await node.transact(
        lambda connection: offices.add_operator(
            node, connection, "ryoken-2", office="ryoken", name="旅券　二郎"
        )
    )
    await browser.see("/")
    await browser.post("/lock")
    browser.device = Device(name="localhost", origin=ORIGIN)
    code = await browser.code("ryoken-2")
    await browser.ask_to_enrol(code)
    await browser.post("/enrol", code=code, response=browser.device.make(browser.options))
    await browser.sign_in("/lock")

    assert "旅券　二郎" in (await browser.get("/")).text
    assert kinds(country)[-1] == "session.opened"


async def test_a_code_is_for_an_operator_and_a_terminal_of_one_office(browser: Browser):
    """The tax clerk gets no code for the passport counter."""
    with pytest.raises(Refused) as caught:
        await browser.code(COLLECTOR, TERMINAL)
    assert caught.value.refusal.rule == "terminal-of-the-office"


async def test_nothing_else_is_served(browser: Browser):
    """Files are those of the page, by their names."""
    assert (await browser.get("/static/page.css")).headers["content-type"].startswith("text/css")
    assert (await browser.get("/static/passkey.js")).headers["content-type"].startswith("text/javascript")
    for path in ("/static/pages.py", "/static/../pages.py", "/nowhere", "/affairs"):
        missing = await browser.get(path)
        assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")
