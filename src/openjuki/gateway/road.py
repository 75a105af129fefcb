# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The short road of a question (照会の近道): from the server to the asking office, and back, with nothing between.

Thousands a second come this way, and a framework's matching, wrapping and unwrapping of a request would cost more
than all that is done with it here. What goes wrong becomes the same problem as anywhere else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import structlog

from openjuki.errors import JukiError
from openjuki.gateway.errors import NotJson, OversizedRequest
from openjuki.gateway.problems import problem
from openjuki.nodes.log import frames
from openjuki.refusal import Where

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from openjuki.gateway.credentials import Doorkeeper
    from openjuki.store.credentials import Shown

    type Headers = Iterable[tuple[bytes, bytes]]

log = structlog.get_logger()

#: Most bytes of one request.
MOST_BYTES: Final = 1_048_576
#: What every answer says: it must not be kept, guessed at or framed.
HEADERS: Final = [
    (b"cache-control", b"no-store"),
    (
        b"content-security-policy",
        b"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
]


class Road:
    """A road on which a system asks (照会の経路): who calls, what they send, what they are told."""

    def __init__(self, door: Doorkeeper, ask: Callable[[bytes, Shown], Awaitable[ASGIApp]]) -> None:
        """Take who knows the systems, and what answers a request's body."""
        self._door, self._ask = door, ask

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        await (await self._answer(scope, receive))(scope, receive, dressed(send))

    async def _answer(self, scope: Scope, receive: Receive) -> ASGIApp:
        try:
            shown = await self._door.identify(scope["headers"])
            return await self._ask(await body(scope["headers"], receive), shown)
        except JukiError as error:
            return failed(error)
        except Exception as error:  # noqa: BLE001 - the last line of defence: a problem instead of a traceback
            return defect(error)


class Told:
    """An answer that is bytes already."""

    def __init__(self, answer: bytes) -> None:
        """Take them."""
        self._answer = answer

    async def __call__(self, _: Scope, __: Receive, send: Send) -> None:
        """Send them."""
        size = b"%d" % len(self._answer)
        headers = [(b"content-type", b"application/json"), (b"content-length", size)]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": self._answer})


async def body(headers: Headers, receive: Receive) -> bytes:
    """The body of a request, if it is JSON by its own account and not too large.

    Raises:
        NotJson: it is not.
        OversizedRequest: it is too large.
    """
    kind = header(headers, b"content-type").partition(b";")[0].strip().lower()
    if kind != b"application/json":
        raise NotJson(where=Where(column="content-type"))
    message = await receive()
    read = message.get("body", b"")
    while message.get("more_body") and len(read) <= MOST_BYTES:
        message = await receive()
        read += message.get("body", b"")
    if len(read) > MOST_BYTES:
        raise OversizedRequest(f"a request is {MOST_BYTES:,} bytes at most")
    return bytes(read)


def header(headers: Headers, name: bytes) -> bytes:
    """A header of a request; nothing where it is not there."""
    return next((value for given, value in headers if given == name), b"")


def dressed(send: Send) -> Send:
    """Send with the headers that every answer has."""

    async def dress(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], *HEADERS]
        await send(message)

    return dress


def failed(error: JukiError) -> Response:
    """What went wrong as a problem; what is ours to look at is logged by its code."""
    answer = problem(error)
    if answer.status_code >= 500:  # noqa: PLR2004 - ours to look at, and not the caller's
        log.warning("gateway-failed", code=error.code)
    return answer


def defect(error: Exception) -> Response:
    """A problem that says that it is our fault; the log has where it came from, and not what it said."""
    log_defect(error)
    return problem(JukiError())


def log_defect(error: Exception) -> None:
    """Log where an unforeseen error came from."""
    log.error("gateway-defect", kind=type(error).__name__, frames=" < ".join(frames(error)))
