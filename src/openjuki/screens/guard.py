# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who may speak to the pages at all (画面の門): the office's own terminals, by the name that these go by.

Rules of this file:

1. Whoever calls from outside private networks is turned away, whatever they show: the pages are for the LAN.
2. Whoever calls us by another name is sent to ours or turned away: else a stranger's page could make a browser
   read ours under a name of its own (DNS rebinding), and a passkey is bound to the name.
3. A form counts only from our own page: same origin, and (in `forms`) the token that stands in it.
4. An address with U+0000 is nobody's: it is the one character that no book can hold.
5. Everything the browser may load is ours and in a file; nothing is written inline, nothing is kept.
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, RedirectResponse, Response

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "cache-control": "no-store",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}
#: Only where the line is encrypted: from now on never otherwise.
TRANSPORT: Final = {"strict-transport-security": "max-age=31536000"}
#: Networks of offices and of the machine itself (RFC 1918, RFC 4193, link-local, loopback).
NETWORKS: Final = tuple(
    map(
        ip_network,
        (
            "127.0.0.0/8",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "::1/128",
            "fc00::/7",
            "fe80::/10",
        ),
    )
)


class Guard:
    """Turns away who is not on the LAN, calls another name or presses buttons elsewhere; dresses every answer."""

    def __init__(self, app: ASGIApp, name: str) -> None:
        """Before an application, with the name it goes by."""
        self._app, self._name = app, name.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        dress = HEADERS | (TRANSPORT if scope["scheme"] == "https" else {})

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                ours = [(name.encode(), value.encode()) for name, value in dress.items()]
                message["headers"] = [*message["headers"], *ours]
            await send(message)

        await (self._turned_away(scope) or self._app)(scope, receive, dressed)

    def _turned_away(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        if not is_near(scope["client"]):
            return PlainTextResponse("This page is for the office's own network.\n", 403)
        host = headers.get("host", "")
        called, port = _parted(host)
        if called.lower() != self._name:
            return self._sent_on(scope, port)
        if scope["method"] not in {"GET", "HEAD"} and headers.get("origin") != f"{scope['scheme']}://{host}":
            return PlainTextResponse("This button was pressed elsewhere.\n", 403)
        if "\0" in scope["path"] or b"%00" in scope["query_string"]:
            return PlainTextResponse("No page has this address.\n", 404)
        return None

    def _sent_on(self, scope: Scope, port: str) -> Response:
        """To the name that passkeys are bound to, where somebody just typed an address of this machine."""
        if scope["method"] == "GET" and scope["path"] == "/":
            return RedirectResponse(f"{scope['scheme']}://{self._name}{port}/", 307)
        return PlainTextResponse(f"Call this page {self._name}.\n", 421)


def _parted(host: str) -> tuple[str, str]:
    """A name or an address, and the port behind it.

    >>> _parted("localhost:8720"), _parted("[::1]:8720"), _parted("[::1]")
    (('localhost', ':8720'), ('[::1]', ':8720'), ('[::1]', ''))
    """
    name, colon, port = host.rpartition(":")
    return (name, colon + port) if port.isdigit() and name else (host, "")


def is_near(client: tuple[str, int] | None) -> bool:
    """Whether somebody calls from a private network, or from this machine.

    >>> is_near(("192.168.1.7", 5000)), is_near(("::ffff:10.0.0.1", 5000)), is_near(("203.0.113.9", 5000))
    (True, True, False)
    """
    if client is None:
        return False
    try:
        address = ip_address(client[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in NETWORKS if network.version == address.version)
