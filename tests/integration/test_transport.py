# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The transport carries bytes to a node and its answer back, or says at once why not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import ssl

import pytest
import structlog

from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO, Network
from openjuki.errors import (
    ForgedEnvelope,
    NotPermitted,
    OversizedMessage,
    PeerRefused,
    PeerUnavailable,
    StoreUnavailable,
)
from openjuki.wire.document import LARGEST
from openjuki.wire.transport import NatsTransport

pytestmark = pytest.mark.nats


async def echo(sender: str, data: bytes) -> bytes:
    """Answers with who asked, and what."""
    return sender.encode() + b" said " + data


async def test_a_request_comes_back_answered(network: Network):
    """The handler sees the sender that the subject names, and the bytes as sent."""
    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:
        await town.serve({"pull": echo})

        assert await tokyo.deliver(CHIYODA, "pull", b"hello") == b"130001 said hello"


async def test_many_requests_at_once_find_their_own_answers(network: Network):
    """Two hundred requests in flight are answered each with its own."""
    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:
        await town.serve({"pull": echo})
        asked = [tokyo.deliver(CHIYODA, "pull", b"%d" % number) for number in range(200)]

        assert await asyncio.gather(*asked) == [b"130001 said %d" % number for number in range(200)]


async def test_the_largest_message_is_carried_both_ways(network: Network):
    """A message of exactly the largest size goes and returns."""
    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:

        async def same(_sender: str, data: bytes) -> bytes:
            return data

        await town.serve({"pull": same})
        largest = os.urandom(LARGEST)

        assert await tokyo.deliver(CHIYODA, "pull", largest) == largest


async def test_an_oversized_message_is_refused_before_it_is_sent(network: Network):
    """One byte too many is refused at the sender, and the connection lives on."""
    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:
        await town.serve({"pull": echo})
        with pytest.raises(OversizedMessage):
            await tokyo.deliver(CHIYODA, "pull", bytes(LARGEST + 1))

        assert await tokyo.deliver(CHIYODA, "pull", b"x") == b"130001 said x"


async def test_an_oversized_answer_is_a_problem(network: Network):
    """A responder that has too much to say says so, and the asker does not wait."""
    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:

        async def verbose(_sender: str, _data: bytes) -> bytes:
            return bytes(LARGEST + 1)

        await town.serve({"pull": verbose})
        with pytest.raises(PeerRefused) as refused:
            await tokyo.deliver(CHIYODA, "pull", b"x")

    assert refused.value.peer_code == OversizedMessage.code


async def test_a_foreign_subject_is_refused_at_once(network: Network):
    """What the broker does not permit ends the request at once, with its own error."""
    async with network.transport(CHIYODA, patience=120) as town:
        async with asyncio.timeout(60):
            with pytest.raises(NotPermitted):
                await town.deliver(CHUO, "pull", b"x")


async def test_a_refusal_ends_its_own_request_only(network: Network):
    """While one request is refused, another on its way to somebody else is answered."""
    async with network.transport(CENTRE) as centre, network.transport(CHIYODA) as town:
        go = asyncio.Event()

        async def slow(sender: str, data: bytes) -> bytes:
            await go.wait()
            return await echo(sender, data)

        await centre.serve({"directory": slow})
        asked = asyncio.create_task(town.deliver(CENTRE, "directory", b"x"))
        with pytest.raises(NotPermitted):
            await town.deliver(CHUO, "pull", b"x")
        go.set()

        assert await asked == b"131016 said x"


async def test_a_peer_that_is_not_there_is_known_at_once(network: Network):
    """Nobody listens: the broker says so, and the request does not wait."""
    async with network.transport(TOKYO, patience=120) as tokyo:
        async with asyncio.timeout(60):
            with pytest.raises(PeerUnavailable, match="nobody listens"):
                await tokyo.deliver(CHIYODA, "pull", b"x")


async def test_a_peer_that_does_not_answer_is_waited_for_only_so_long(network: Network):
    """A handler that hangs costs the asker its patience and no more."""
    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:
        given_up = asyncio.Event()

        async def hang(_sender: str, _data: bytes) -> bytes:
            await given_up.wait()
            return b""

        await town.serve({"pull": hang})
        tokyo._patience = 0.2  # now that it is connected, which may take longer
        with pytest.raises(PeerUnavailable, match="no answer"):
            await tokyo.deliver(CHIYODA, "pull", b"x")
        given_up.set()


@pytest.mark.parametrize(
    ("raised", "code"),
    [
        pytest.param(ForgedEnvelope(), "JK-PEER-0003", id="an error of ours is answered with its code"),
        pytest.param(ValueError("山田太郎"), "JK-GENERAL-0001", id="any other tells nothing of what it was"),
    ],
)
async def test_what_a_handler_raises_is_answered_as_a_problem(network: Network, raised: Exception, code: str):
    """The asker learns the code; neither it nor the log learns a name."""
    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:

        async def refuse(_sender: str, _data: bytes) -> bytes:
            raise raised

        await town.serve({"pull": refuse})
        with structlog.testing.capture_logs() as logs, pytest.raises(PeerRefused) as refused:
            await tokyo.deliver(CHIYODA, "pull", b"x")

    assert refused.value.peer_code == code
    assert "山田" not in str(refused.value)
    assert "山田" not in str(logs)


async def test_a_peer_in_trouble_is_unavailable(network: Network):
    """A peer whose database is away is asked again later, like one that is away itself."""
    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:

        async def down(_sender: str, _data: bytes) -> bytes:
            raise StoreUnavailable

        await town.serve({"pull": down})
        with pytest.raises(PeerUnavailable, match="JK-UNAVAILABLE-0003"):
            await tokyo.deliver(CHIYODA, "pull", b"x")


@pytest.mark.parametrize(
    "said",
    [
        b'{"type":"urn:openjuki:',
        b'{"type":"urn:openjuki:x","code":"JK-\\u0000"}',
        b'{"type":"urn:openjuki:x"}',
    ],
    ids=["cut off", "with a code that is none", "without one"],
)
async def test_a_malformed_problem_is_still_a_refusal(network: Network, said: bytes):
    """What begins like a problem and is none is refused without a code."""
    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:

        async def garbled(_sender: str, _data: bytes) -> bytes:
            return said

        await town.serve({"pull": garbled})
        with pytest.raises(PeerRefused) as refused:
            await tokyo.deliver(CHIYODA, "pull", b"x")

    assert refused.value.peer_code == "JK-GENERAL-0001"


async def test_workers_of_a_node_share_its_requests(network: Network):
    """Of two workers one answers each request."""
    answered: list[int] = []

    async with (
        network.transport(CHIYODA) as one,
        network.transport(CHIYODA) as other,
        network.transport(TOKYO) as tokyo,
    ):
        for worker, transport in enumerate((one, other)):

            async def count(_sender: str, _data: bytes, worker: int = worker) -> bytes:
                answered.append(worker)
                return b""

            await transport.serve({"pull": count})
        await asyncio.gather(*(tokyo.deliver(CHIYODA, "pull", b"x") for _ in range(60)))

    assert len(answered) == 60
    assert set(answered) == {0, 1}


async def test_a_doorbell_is_heard_by_whoever_pulls(network: Network):
    """A ring says who rang, and nothing else."""
    rang: asyncio.Queue[str] = asyncio.Queue()
    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:
        await tokyo.on_doorbell(rang.put_nowait)
        await town.ring(TOKYO)
        async with asyncio.timeout(60):
            assert await rang.get() == CHIYODA


async def test_a_ring_that_nobody_hears_is_no_error(network: Network):
    """A doorbell may be lost: neither an absent peer nor a refusal of the broker is an error."""
    async with network.transport(CHIYODA) as town:
        await town.ring(TOKYO)
        await town.ring(CHUO)


async def test_an_answer_is_not_sent_elsewhere(network: Network):
    """A request whose reply subject is not its sender's inbox gets no answer: nobody makes a node speak."""
    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:
        asked: list[str] = []

        async def handler(sender: str, _data: bytes) -> bytes:
            asked.append(sender)
            return b"secret"

        await town.serve({"pull": handler})
        client = tokyo._client
        assert client is not None
        await client.publish(
            f"juki.v1.{CHIYODA}.{TOKYO}.pull", b"x", reply=f"juki.v1.{CENTRE}.{CHIYODA}.pull"
        )
        await tokyo.deliver(CHIYODA, "pull", b"x")

    assert asked == [TOKYO]


async def test_leaving_answers_what_was_asked(network: Network):
    """A node that stops finishes the request it is answering, and hears no other."""
    async with network.transport(TOKYO) as tokyo:
        started, go = asyncio.Event(), asyncio.Event()

        async def slow(sender: str, data: bytes) -> bytes:
            started.set()
            await go.wait()
            return await echo(sender, data)

        async with network.transport(CHIYODA) as town:
            await town.serve({"pull": slow})
            asked = asyncio.create_task(tokyo.deliver(CHIYODA, "pull", b"x"))
            await started.wait()
            asyncio.get_running_loop().call_later(0.1, go.set)

        assert await asked == b"130001 said x"
        with pytest.raises(PeerUnavailable):
            await tokyo.deliver(CHIYODA, "pull", b"x")


async def test_a_request_given_up_leaves_nothing_behind(network: Network):
    """A cancelled request is forgotten, and the next one works."""
    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:
        started = asyncio.Event()

        async def slow(_sender: str, _data: bytes) -> bytes:
            started.set()
            await asyncio.sleep(0.05)
            return b"late"

        await town.serve({"pull": slow})
        asked = asyncio.create_task(tokyo.deliver(CHIYODA, "pull", b"x"))
        await started.wait()
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked

        assert tokyo._under_way == {}
        assert await tokyo.deliver(CHIYODA, "pull", b"x") == b"late"


async def refused_at_last(transport: NatsTransport, to: str, message: str) -> None:
    """Ask until the loss of the connection is noticed."""
    async with asyncio.timeout(60):
        with contextlib.suppress(PeerUnavailable):
            while True:
                await transport.deliver(to, message, b"x")


async def answered_again(transport: NatsTransport, to: str, message: str) -> bytes:
    """Ask until there is an answer."""
    async with asyncio.timeout(60):
        while True:
            with contextlib.suppress(PeerUnavailable):
                return await transport.deliver(to, message, b"x")
            await asyncio.sleep(0.01)


async def test_a_killed_broker_that_comes_back_is_found_again(network: Network):
    """After kill -9 of the broker both nodes connect and listen again, by themselves."""
    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:
        await town.serve({"pull": echo})
        rang: asyncio.Queue[str] = asyncio.Queue()
        await tokyo.on_doorbell(rang.put_nowait)
        network.kill_broker()
        await refused_at_last(tokyo, CHIYODA, "pull")
        await asyncio.sleep(0.3)  # several attempts fail
        network.start()

        assert await answered_again(tokyo, CHIYODA, "pull") == b"130001 said x"
        async with asyncio.timeout(60):
            while rang.empty():
                await town.ring(TOKYO)
                await asyncio.sleep(0.01)


async def test_a_connection_that_dies_with_something_unsent_is_made_again(network: Network, monkeypatch):
    """The client never says that such a connection is closed; the node is back on the network all the same."""

    async def reset() -> None:
        raise ConnectionResetError

    async with network.transport(CHIYODA) as town, network.transport(TOKYO) as tokyo:
        await town.serve({"pull": echo})
        dying = town._client
        assert dying is not None
        monkeypatch.setattr(dying._transport, "drain", reset)
        monkeypatch.setattr(dying, "_flusher_task", None)
        dying._flush_queue = asyncio.Queue()  # nobody flushes any more
        dying._pending, dying._pending_data_size = [b"PING\r\n"], 6
        network.kill_broker()
        await refused_at_last(tokyo, CHIYODA, "pull")
        network.start()

        assert await answered_again(tokyo, CHIYODA, "pull") == b"130001 said x"


async def test_a_connection_that_dies_while_the_broker_lives_is_hung_up(network: Network, monkeypatch):
    """The client does not end it, and the broker would keep it beside the new one."""

    async def reset() -> None:
        raise ConnectionResetError

    async with network.transport(CHIYODA) as town:
        dying = town._client
        assert dying is not None
        connection = dying._transport._io_writer
        monkeypatch.setattr(dying._transport, "drain", reset)
        monkeypatch.setattr(dying, "_flusher_task", None)
        dying._pending, dying._pending_data_size = [b"PING\r\n"], 6
        with pytest.raises(ConnectionResetError):
            await dying._process_op_err(ConnectionResetError())
        async with asyncio.timeout(60):
            while town._client in {None, dying}:  # noqa: ASYNC110 - the node connects by itself
                await asyncio.sleep(0.01)

        assert connection.is_closing()


async def test_a_lost_connection_ends_the_requests_on_it(network: Network):
    """A request under way when the broker dies ends then, not when its patience does."""
    async with network.transport(CHIYODA) as town, network.transport(TOKYO, patience=120) as tokyo:
        started = asyncio.Event()

        async def hang(_sender: str, _data: bytes) -> bytes:
            started.set()
            await asyncio.sleep(0.5)
            return b""

        await town.serve({"pull": hang})
        asked = asyncio.create_task(tokyo.deliver(CHIYODA, "pull", b"x"))
        await started.wait()
        network.kill_broker()
        async with asyncio.timeout(60):
            with pytest.raises(PeerUnavailable, match="lost"):
                await asked


async def test_without_a_broker_a_request_fails_at_once(network: Network):
    """Not connected is said before anything is waited for, and a ring is dropped."""
    async with network.transport(TOKYO, patience=120) as tokyo:
        await asyncio.to_thread(network.broker.stop)
        async with asyncio.timeout(60):
            await refused_at_last(tokyo, CHIYODA, "pull")
            await tokyo.on_doorbell(print)
            await tokyo.ring(CENTRE)
            with pytest.raises(PeerUnavailable):
                await tokyo.deliver(CHIYODA, "pull", b"x")


async def test_a_node_that_cannot_connect_says_so_soon(network: Network):
    """Entering without a broker fails, and leaves nothing running."""
    network.broker.stop()
    async with asyncio.timeout(60):
        with pytest.raises(PeerUnavailable):
            async with network.transport(TOKYO, patience=120):
                pytest.fail("connected")


async def test_a_node_that_leaves_while_it_connects_hangs_up(network: Network):
    """Whoever stops a node that is in the midst of connecting leaves no open connection to the broker."""
    taken, ended = asyncio.Event(), asyncio.Event()

    async def mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        taken.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(60):
                await reader.read()
                ended.set()
        writer.transport.abort()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(network.home / "nats" / "tls.pem", network.home / "nats" / "tls.key")
    server = await asyncio.start_server(mute, "127.0.0.1", 0, ssl=context)
    url = f"tls://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        entered = NatsTransport(network.identities[TOKYO], url, patience=120)
        entering = asyncio.create_task(entered.__aenter__())
        await taken.wait()
        await asyncio.sleep(0.1)  # the greeting is awaited now, and never comes
        entering.cancel()
        async with asyncio.timeout(60):
            await ended.wait()


async def test_a_revoked_node_cannot_ask_and_a_restored_one_can(network: Network):
    """Revocation cuts a live node off; taken back, the node connects again by itself."""
    async with network.transport(CENTRE) as centre, network.transport(CHIYODA) as town:
        await centre.serve({"directory": echo})
        network.revoke(CHIYODA)
        await refused_at_last(town, CENTRE, "directory")
        network.start()

        assert await answered_again(town, CENTRE, "directory") == b"131016 said x"
