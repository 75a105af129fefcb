# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A connection to pages or a gateway (接続): HTTP, as much of it as is of use, and nobody's for ever.

Rules of this file:

1. No head of a request is larger than `LARGEST_HEAD`, and no more than `MOST_WAITING` requests wait on a connection.
2. There are `MOST_CONNECTIONS` at most. Whoever comes beyond is told so, and is hung up on.
3. Whoever lets us wait is hung up on: for a head that does not end, for a body of which next to nothing comes, with an
   answer of which next to nothing is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    import asyncio

#: Largest head of a request, in bytes: what stands in its lines, and what has come of one that does not end.
LARGEST_HEAD: Final = 16_384
#: Requests that may wait on a connection until those before them are answered.
MOST_WAITING: Final = 64
#: Connections at a time to one node's pages or gateway: beside its own files and lines, fewer than a process may have.
MOST_CONNECTIONS: Final = 512
#: Seconds for which a connection on which nothing is asked stays open: longer than a system pauses within a day's work.
KEEP_ALIVE: Final = 75
#: Seconds in which a head must have come.
HEAD_SECONDS: Final = 30.0
#: Seconds in which so many bytes of a body must come, and some of an answer be taken: longer than a file is waited for.
PATIENCE: Final = 90.0
LEAST: Final = 1_024
_TOO_MANY: Final = b"Too many connections."
_TURNED_AWAY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n"
    b"retry-after: 2\r\nconnection: close\r\n\r\n%b" % (len(_TOO_MANY), _TOO_MANY)
)


class Connection(HttpToolsProtocol):
    """A connection (接続); the parser beneath would take a head of any size, and wait for it for ever."""

    def __init__(self, *given: Any, **named: Any) -> None:
        """As the server makes it."""
        super().__init__(*given, **named)
        self._head, self._unread, self._in_head = 0, 0, False
        #: Bytes that have come.
        self._came = 0
        #: Until when the head of the next request must have come; None: there is one.
        self._head_by: float | None = None
        #: Since when next to nothing of a body has come, and how much had.
        self._body_since = (0.0, 0)
        #: Since when nothing more can be written; None: something can.
        self._stuck_since: float | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the server declares it
        """Begin, unless there are too many."""
        super().connection_made(transport)
        self._head_by = self.loop.time() + HEAD_SECONDS
        if len(self.connections) > MOST_CONNECTIONS:
            self.connections.discard(self)
            transport.write(_TURNED_AWAY)
            transport.close()

    def data_received(self, data: bytes) -> None:
        """Take what has come."""
        goes_on = self._in_head
        self._came += len(data)
        super().data_received(data)
        if goes_on and self._in_head:
            self._unread += len(data)
            if self._unread > LARGEST_HEAD and not self.transport.is_closing():
                self.send_400_response("The head is too large.")

    def on_message_begin(self) -> None:
        """A head begins."""
        super().on_message_begin()
        self._head, self._unread, self._in_head = 0, 0, True
        self._head_by = self.loop.time() + HEAD_SECONDS

    def on_url(self, url: bytes) -> None:
        """A part of the first line has come."""
        self._count(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A line of the head has come."""
        self._count(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head has come."""
        self._in_head, self._head_by = False, None
        if len(self.pipeline) >= MOST_WAITING:
            raise ValueError  # which closes the connection
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        """An answer is sent; the next request may take its time."""
        super().on_response_complete()
        if not self._in_head and not self.pipeline:
            self._head_by = self.loop.time() + KEEP_ALIVE + HEAD_SECONDS

    def pause_writing(self) -> None:
        """Nothing more can be written for now."""
        super().pause_writing()
        self._stuck_since = self.loop.time()

    def resume_writing(self) -> None:
        """Some of what was written has been taken."""
        super().resume_writing()
        self._stuck_since = None

    def look(self) -> None:
        """Hang up on who lets us wait; called about once a second."""
        now = self.loop.time()
        if self._is_late(now) or self._is_slow(now) or self._is_stuck(now):
            self.transport.abort()

    def _is_late(self, now: float) -> bool:
        """Whether a head should have come by now; it cannot while what is before it is worked on."""
        if self._head_by is not None and self.flow.read_paused:
            self._head_by = now + HEAD_SECONDS
        return self._head_by is not None and now > self._head_by

    def _is_slow(self, now: float) -> bool:
        """Whether next to nothing comes of a body that could."""
        cycle = self.cycle
        awaited = cycle is not None and cycle.more_body and not cycle.response_complete
        came, (since, had) = self._came, self._body_since
        if not awaited or cycle.waiting_for_100_continue or self.flow.read_paused or came - had >= LEAST:
            self._body_since = now, came
            return False
        return now - since > PATIENCE

    def _is_stuck(self, now: float) -> bool:
        """Whether what was written is not taken, or a connection that is closed does not end."""
        if self._stuck_since is None and self.transport.is_closing():
            self._stuck_since = now
        return self._stuck_since is not None and now - self._stuck_since > PATIENCE

    def _count(self, size: int) -> None:
        """Count what stands in a head; what is raised here closes the connection."""
        self._head += size
        if self._head > LARGEST_HEAD:
            raise ValueError
