# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Transport between nodes (機関間の伝送): NATS request and reply over TLS 1.3, and a doorbell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from types import TracebackType

    from openjuki.pki.identity import NodeIdentity

    #: Answers one request: `(sender by subject, envelope) -> envelope`.
    Handler = Callable[[str, bytes], Awaitable[bytes]]

#: Largest message the network carries.
LARGEST = 1_048_576


class Transport(Protocol):
    """What carries an envelope to another node and its answer back (伝送路)."""

    async def deliver(self, to: str, message: str, data: bytes) -> bytes:
        """Carry a request there and its answer back.

        Raises:
            NotPermitted: the broker does not let this node send that.
            OversizedMessage: larger than the network carries; nothing was sent.
            PeerUnavailable: no way there, nobody there, or no answer in time.
            PeerRefused: the other node answered with a problem; `peer_code` says which.
        """
        ...


class NatsTransport:
    """Transport over NATS: one connection, one certificate, one node.

    `async with NatsTransport(identity, url) as transport` connects, keeps connecting again for as long
    as the block lasts, and says good-bye at its end.
    """

    def __init__(self, identity: NodeIdentity, url: str, *, patience: float = 10.0) -> None:
        """Remember whom to be and where to connect; `patience` bounds every wait, in seconds."""

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            PeerUnavailable: no broker answers in time, or it does not accept the certificate.
        """
        raise NotImplementedError

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the requests being answered, then close."""

    async def deliver(self, to: str, message: str, data: bytes) -> bytes:
        """See `Transport.deliver`."""
        raise NotImplementedError

    async def serve(self, handlers: Mapping[str, Handler]) -> None:
        """Answer requests from now on: message name to handler; workers of a node share them."""

    async def ring(self, to: str) -> None:
        """Tell a node that something waits for it; nothing is lost when it does not hear."""

    async def on_doorbell(self, callback: Callable[[str], None]) -> None:
        """Call `callback(sender)` whenever a node rings."""
