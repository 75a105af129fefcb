# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Transport between nodes (機関間の伝送): NATS request and reply over TLS 1.3, and a doorbell.

Specified in ``docs/spec/transport.md``. Rules of this file:

1. It carries bytes and knows nothing of envelopes; whoever hands it bytes has sealed them.
2. Every wait has an end: no request outlives the patience it was given, nor the connection it went out on.
3. One connection is one certificate is one node; a lost connection is made anew for as long as it is wanted.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import ssl
from typing import TYPE_CHECKING, NamedTuple, Protocol, Self

import nats.errors
import orjson
import structlog
from nats.aio.client import Client

from openjuki.errors import (
    JukiError,
    NotPermitted,
    OversizedMessage,
    PeerRefused,
    PeerUnavailable,
)
from openjuki.pki.authority import broker_name
from openjuki.refusal import CODE, one_line
from openjuki.wire.document import LARGEST

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping
    from types import TracebackType

    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

    from openjuki.pki.identity import NodeIdentity

    #: Answers one request: (sender by subject, envelope) to envelope.
    Handler = Callable[[str, bytes], Awaitable[bytes]]

_LOG = structlog.get_logger(__name__)
_PREFIX = "juki.v1"
_DOORBELL = "doorbell"
#: Workers of one node share its requests.
_QUEUE = "juki"
#: Requests answered at once; more of them wait in the client's buffer.
_AT_ONCE = 64
#: Seconds between attempts to connect again: at first, and at most.
_FIRST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0
_PING_EVERY = 10
#: Seconds between two looks whether the connection still stands.
_LOOK_EVERY = 0.5
#: Seconds that closing a connection may take.
_GOODBYE = 1.0
_REFUSED_PUBLISH = 'permissions violation for publish to "'
_PROBLEM = b'{"type":"urn:openjuki:'


class Transport(Protocol):
    """What carries an envelope to another node, and its answer back (伝送路)."""

    async def deliver(self, to: str, message: str, data: bytes) -> bytes:
        """Carry a request there and its answer back (伝送).

        Raises:
            NotPermitted: the broker does not let this node send that.
            OversizedMessage: larger than the network carries; nothing was sent.
            PeerUnavailable: no way there, nobody there, no answer in time, or it asks to try later.
            PeerRefused: the other node answered with a problem; ``peer_code`` says which.
        """
        ...


class _Listening(NamedTuple):
    subject: str
    queue: str
    callback: Callable[[Msg], Awaitable[None]]


class NatsTransport:
    """Transport over NATS (NATSによる伝送路) for one node.

    ``async with NatsTransport(identity, url) as transport`` connects, keeps connecting again for as long as
    the block lasts, and says good-bye at its end: what it is answering is answered first.
    """

    def __init__(self, identity: NodeIdentity, url: str, *, patience: float = 10.0) -> None:
        """Remember whom to be and where to connect; ``patience`` bounds every wait, in seconds."""
        self.node = identity.node
        self._identity = identity
        self._url = url
        self._patience = patience
        self._whole_seconds = max(1, round(patience))
        self._client: Client | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._listening: list[_Listening] = []
        self._subscriptions: list[Subscription] = []
        #: Requests under way, by subject: whoever ends them early sets the reason.
        self._under_way: dict[str, set[asyncio.Future[bytes]]] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._free = asyncio.Semaphore(_AT_ONCE)

    async def __aenter__(self) -> Self:
        """Connect.

        Raises:
            PeerUnavailable: no broker answers in time.
            NotPermitted: the broker refuses the certificate, or the broker's own is not the network's.
        """
        lost = await self._connect()
        self._keeper = asyncio.create_task(self._keep_connected(lost))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hear no more requests, finish those being answered, then close."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
        for subscription in self._subscriptions:
            with contextlib.suppress(nats.errors.Error):
                await subscription.unsubscribe()
        if self._answering:
            await asyncio.wait(self._answering, timeout=self._patience)
        if self._client is not None:
            await _close(self._client)
            self._client = None

    async def deliver(self, to: str, message: str, data: bytes) -> bytes:
        """See `Transport.deliver`."""
        if len(data) > LARGEST:
            raise OversizedMessage(f"{len(data):,} bytes; the network carries {LARGEST:,}")
        client = self._client
        if client is None:
            raise PeerUnavailable("not connected to the broker")
        subject = f"{_PREFIX}.{to}.{self.node}.{message}"
        with self._ending(subject) as ended:
            asking = asyncio.ensure_future(self._ask(client, subject, data))
            try:
                await asyncio.wait((asking, ended), return_when=asyncio.FIRST_COMPLETED)
                answer = (ended if ended.done() else asking).result()
            finally:
                asking.cancel()
        return _check_problem(to, answer)

    async def _ask(self, client: Client, subject: str, data: bytes) -> bytes:
        try:
            answer = await client.request(subject, data, timeout=self._patience)
        except nats.errors.NoRespondersError as error:
            raise PeerUnavailable("nobody listens there") from error
        except TimeoutError as error:
            raise PeerUnavailable(f"no answer within {self._patience:g} s") from error
        except (nats.errors.Error, OSError) as error:
            raise PeerUnavailable(f"not sent: {error}") from error
        return bytes(answer.data)

    @contextlib.contextmanager
    def _ending(self, subject: str) -> Iterator[asyncio.Future[bytes]]:
        ended: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._under_way.setdefault(subject, set()).add(ended)
        try:
            yield ended
        finally:
            ended.cancel()
            waiting = self._under_way[subject]
            waiting.discard(ended)
            if not waiting:
                del self._under_way[subject]

    def _end(self, subject: str, reason: JukiError) -> None:
        for ended in self._under_way.get(subject, ()):
            if not ended.done():
                ended.set_exception(reason)

    async def serve(self, handlers: Mapping[str, Handler]) -> None:
        """Answer requests from now on: message name to handler (要求への応答).

        Workers of a node share its requests. What a handler raises is answered as a problem: its code, no more.
        """
        for message, handler in handlers.items():
            await self._listen(f"{_PREFIX}.{self.node}.*.{message}", _QUEUE, self._answerer(handler))

    async def ring(self, to: str) -> None:
        """Tell a node that something waits for it (呼び鈴); nothing is lost when it does not hear."""
        if self._client is not None:
            with contextlib.suppress(nats.errors.Error, OSError):
                await self._client.publish(f"{_PREFIX}.{to}.{self.node}.{_DOORBELL}")

    async def on_doorbell(self, callback: Callable[[str], None]) -> None:
        """Call ``callback(sender)`` whenever a node rings; every worker of a node hears it."""

        async def rung(message: Msg) -> None:
            callback(_sender(message.subject))

        await self._listen(f"{_PREFIX}.{self.node}.*.{_DOORBELL}", "", rung)

    async def _listen(self, subject: str, queue: str, callback: Callable[[Msg], Awaitable[None]]) -> None:
        listening = _Listening(subject, queue, callback)
        self._listening.append(listening)
        if self._client is not None:
            with contextlib.suppress(
                nats.errors.Error
            ):  # a connection lost just now is made again, and listens
                await self._subscribe(self._client, [listening])

    async def _subscribe(self, client: Client, listening: list[_Listening]) -> None:
        for subject, queue, callback in listening:
            self._subscriptions.append(await client.subscribe(subject, queue, callback))
        for _ in range(2):  # the client's first ping overtakes what it has not yet written
            await client.flush(self._whole_seconds)

    def _answerer(self, handler: Handler) -> Callable[[Msg], Awaitable[None]]:
        async def requested(message: Msg) -> None:
            await self._free.acquire()
            task = asyncio.create_task(self._answer(handler, message))
            self._answering.add(task)
            task.add_done_callback(self._answered)

        return requested

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._answering.discard(task)
        self._free.release()

    async def _answer(self, handler: Handler, message: Msg) -> None:
        sender = _sender(message.subject)
        if not message.reply.startswith(f"_INBOX.{sender}."):
            _LOG.warning("A request wants its answer sent elsewhere.", sender=sender)
            return
        answer = await _handle(handler, sender, message)
        with contextlib.suppress(nats.errors.Error, OSError):
            await message.respond(answer)

    async def _connect(self) -> asyncio.Event:
        """Connect once and listen; the event is set when the connection is lost."""
        client, lost = Client(), asyncio.Event()

        async def closed() -> None:
            lost.set()

        try:
            async with asyncio.timeout(self._patience):
                await self._open(client, closed)
                self._subscriptions = []
                await self._subscribe(client, self._listening)
        except (OSError, TimeoutError, nats.errors.Error) as error:
            await _close(client)
            raise _refusal(error) from error
        except asyncio.CancelledError:
            _hang_up(client)
            raise
        self._client = client
        return lost

    async def _open(self, client: Client, closed: Callable[[], Awaitable[None]]) -> None:
        await client.connect(
            self._url,
            name=self.node,
            tls=_tls(self._identity),
            tls_hostname=broker_name(self._identity.network),
            tls_handshake_first=True,
            inbox_prefix=f"_INBOX.{self.node}",
            allow_reconnect=False,  # `_keep_connected` does it, whatever the connection was lost to
            max_reconnect_attempts=1,
            reconnect_time_wait=0,
            connect_timeout=self._whole_seconds,
            ping_interval=_PING_EVERY,
            error_cb=self._on_error,
            closed_cb=closed,
        )

    async def _keep_connected(self, lost: asyncio.Event) -> None:
        while True:
            await self._until_lost(lost)
            if self._client is not None:
                _hang_up(self._client)
            self._client = None
            _LOG.warning("The connection to the broker is lost.", node=self.node)
            for subject in list(self._under_way):
                self._end(subject, PeerUnavailable("the connection to the broker was lost"))
            lost = await self._reconnect()
            _LOG.info("Connected to the broker again.", node=self.node)

    async def _until_lost(self, lost: asyncio.Event) -> None:
        """Wait for the end of the connection; a client that dies with something unsent does not tell it."""
        while self._client is not None and self._client.is_connected and not lost.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(lost.wait(), _LOOK_EVERY)

    async def _reconnect(self) -> asyncio.Event:
        pause = _FIRST_PAUSE
        while True:
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads the nodes, hides nothing
            try:
                return await self._connect()
            except (PeerUnavailable, NotPermitted) as error:
                _LOG.debug("Still not connected.", node=self.node, code=error.code)
            pause = min(2 * pause, _LONGEST_PAUSE)

    async def _on_error(self, error: Exception) -> None:
        """Where the broker's refusals arrive: beside the replies, not as one."""
        _, found, rest = str(error).partition(_REFUSED_PUBLISH)
        if found:
            subject = rest.partition('"')[0]
            self._end(subject, NotPermitted(f"the broker does not let {self.node} publish {subject}"))
        else:
            _LOG.debug("The connection has trouble.", node=self.node, trouble=type(error).__name__)


def _tls(identity: NodeIdentity) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=identity.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_cert_chain(identity.certificate, identity.tls_key)
    return context


def _refusal(error: Exception) -> JukiError:
    if isinstance(error, ssl.SSLError) or "authorization violation" in str(error).lower():
        return NotPermitted(f"the broker and this node do not accept each other: {error}")
    return PeerUnavailable(f"no broker answers: {error or type(error).__name__}")


async def _close(client: Client) -> None:
    with contextlib.suppress(nats.errors.Error, OSError, AssertionError, TimeoutError):
        async with asyncio.timeout(
            _GOODBYE
        ):  # after a failed handshake the client waits for its end for ever
            await client.close()
    _hang_up(client)


def _hang_up(client: Client) -> None:
    """End the connection whatever state the client is in: one that dies with something unsent leaves it open."""
    connection = client._transport  # noqa: SLF001 - the client has no other way
    if connection is not None:
        connection.close()  # type: ignore[no-untyped-call]  # the library does not say what it returns


def _sender(subject: str) -> str:
    return subject.split(".")[3]


async def _handle(handler: Handler, sender: str, message: Msg) -> bytes:
    """The handler's answer, or its failure as a problem: the code alone, for nothing else is sealed."""
    subject = message.subject
    try:
        answer = await handler(sender, message.data)
    except JukiError as error:
        _LOG.info("A request was refused.", subject=subject, code=error.code)
        return _problem(error.code)
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not leave the peer without an answer
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        where = None if frame is None else f"{frame.tb_frame.f_code.co_filename}:{frame.tb_lineno}"
        # Not the message: what a library says about a row may quote it.
        _LOG.error("A request failed.", subject=subject, error=type(error).__name__, where=where)
        return _problem(JukiError.code)
    if len(answer) > LARGEST:
        _LOG.error("An answer is too large to be sent.", subject=subject, size=len(answer))
        return _problem(OversizedMessage.code)
    return answer


def _problem(code: str) -> bytes:
    return orjson.dumps({"type": f"urn:openjuki:{code}", "kind": "error", "code": code})


def _check_problem(peer: str, answer: bytes) -> bytes:
    if not answer.startswith(_PROBLEM):
        return answer
    try:
        code = one_line(orjson.loads(answer)["code"], CODE)
    except (ValueError, KeyError):
        code = JukiError.code
    if code.startswith("JK-UNAVAILABLE-"):
        raise PeerUnavailable(f"{peer} asks to try later: {code}")
    raise PeerRefused(f"{peer} answered {code}", peer_code=code)
