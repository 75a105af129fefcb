# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The broker lets in whom the directory lists, and carries what its table of messages spells out."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import ssl
import stat
from typing import TYPE_CHECKING

import nats
import nats.errors
import pytest

from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from openjuki.config import clock
from openjuki.errors import NotPermitted, PeerUnavailable, SetUpFailed
from openjuki.pki.authority import Authority
from openjuki.pki.identity import issue_identity
from openjuki.wire import broker
from openjuki.wire.broker import EmbeddedBroker, Permissions, permissions
from openjuki.wire.transport import NatsTransport

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.network import Network

pytestmark = pytest.mark.nats


def client_context(network: Network, node: str | None, version: ssl.TLSVersion) -> ssl.SSLContext:
    """A client's TLS settings as an outsider might choose them."""
    context = ssl.create_default_context(cafile=network.identities[CENTRE].ca)
    context.minimum_version = context.maximum_version = version
    if node is not None:
        identity = network.identities[node]
        context.load_cert_chain(identity.certificate, identity.tls_key)
    return context


async def info_line(network: Network, context: ssl.SSLContext) -> bytes:
    """What the broker says first to somebody who connects with this context."""
    port = int(network.broker.url.rpartition(":")[2])
    async with asyncio.timeout(60):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", port, ssl=context, server_hostname="broker.test"
        )
        try:
            return await reader.readline()
        finally:
            writer.transport.abort()


async def test_a_listed_node_is_greeted(network: Network):
    """With a certificate of the network and TLS 1.3 the broker speaks."""
    greeting = await info_line(network, client_context(network, CHIYODA, ssl.TLSVersion.TLSv1_3))

    assert greeting.startswith(b"INFO ")


async def test_without_a_certificate_nobody_is_greeted(network: Network):
    """A client without a certificate is refused before a word is said."""
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert await info_line(network, client_context(network, None, ssl.TLSVersion.TLSv1_3))


async def test_tls_1_2_is_refused(network: Network):
    """A client that offers TLS 1.2 at most is refused, certificate or not."""
    with pytest.raises((ssl.SSLError, ConnectionError)):
        assert await info_line(network, client_context(network, CHIYODA, ssl.TLSVersion.TLSv1_2))


async def test_in_clear_nothing_is_said(network: Network):
    """Without TLS the broker says nothing, not even its version."""
    port = int(network.broker.url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await reader.read(1)
    writer.transport.abort()


async def test_a_certificate_of_another_authority_is_refused(network: Network, tmp_path: Path):
    """An identity that another authority issued, under a listed node id, does not connect."""
    stranger = issue_identity(
        tmp_path / "stranger",
        CHIYODA,
        authority=Authority.create("test", at=clock()),
        roots=[network.root.public],
        at=clock(),
    )
    network.authority.save(tmp_path / "real")
    (tmp_path / "stranger" / "ca.pem").write_bytes((tmp_path / "real" / "ca.pem").read_bytes())

    with pytest.raises((NotPermitted, PeerUnavailable)):
        async with NatsTransport(stranger, network.broker.url, patience=60):
            pytest.fail("connected")


async def test_a_broker_of_another_authority_is_refused(network: Network, tmp_path: Path):
    """A node does not talk to a broker whose certificate is not of its network."""
    home = tmp_path / "stranger"
    stranger = issue_identity(
        home, CHIYODA, authority=Authority.create("test", at=clock()), roots=[network.root.public], at=clock()
    )

    with pytest.raises(NotPermitted):
        async with NatsTransport(stranger, network.broker.url, patience=60):
            pytest.fail("connected")


async def test_a_certified_node_that_is_not_listed_is_refused(network: Network, tmp_path: Path):
    """A good certificate is not enough: the directory must list the node."""
    unlisted = issue_identity(
        tmp_path / "131032",
        "131032",
        authority=network.authority,
        roots=[network.root.public],
        at=clock(),
    )

    with pytest.raises(NotPermitted):
        async with NatsTransport(unlisted, network.broker.url, patience=60):
            pytest.fail("connected")


async def connect_raw(
    network: Network, node: str, errors: list[str], gone: asyncio.Event | None = None
) -> nats.aio.client.Client:
    """A connection that tries what our own transport never would."""

    async def on_closed() -> None:
        if gone is not None:
            gone.set()

    async def on_error(error: Exception) -> None:
        if "permissions violation" in str(error):
            errors.append(str(error))

    async with asyncio.timeout(60):
        return await nats.connect(
            network.broker.url,
            tls=client_context(network, node, ssl.TLSVersion.TLSv1_3),
            tls_hostname="broker.test",
            tls_handshake_first=True,
            inbox_prefix=f"_INBOX.{node}",
            allow_reconnect=False,
            connect_timeout=60,
            error_cb=on_error,
            closed_cb=on_closed,
        )


async def settle(node: nats.aio.client.Client) -> None:
    """Wait until the broker has answered everything; the client's first ping may overtake what it wrote."""
    await node.flush()
    await node.flush()


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(f"juki.v1.{CHIYODA}.{CHUO}.pull", id="in another's name"),
        pytest.param(f"juki.v1.{CHUO}.{CHIYODA}.pull", id="to a node it has no business with"),
        pytest.param(f"juki.v1.{CENTRE}.{CHIYODA}.unheard-of", id="a message the table does not have"),
        pytest.param(f"_INBOX.{CHUO}.stolen", id="into another's inbox"),
        pytest.param("anything.else", id="outside the protocol"),
    ],
)
async def test_a_node_publishes_only_what_the_table_spells_out(network: Network, subject: str):
    """Whatever else a node publishes is not carried, and the broker says so."""
    errors: list[str] = []
    node = await connect_raw(network, CHIYODA, errors)
    await node.publish(subject, b"x")
    await settle(node)
    await node.close()

    assert [f'nats: permissions violation for publish to "{subject}"'.lower()] == errors


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(f"juki.v1.{CHUO}.>", id="another's requests"),
        pytest.param(f"_INBOX.{CHUO}.>", id="another's answers"),
        pytest.param("_INBOX.>", id="everybody's answers"),
        pytest.param(">", id="everything"),
    ],
)
async def test_a_node_hears_only_what_is_its_own(network: Network, subject: str):
    """A node cannot listen in on others."""
    errors: list[str] = []
    node = await connect_raw(network, CHIYODA, errors)
    await node.subscribe(subject)
    await settle(node)
    await node.close()

    assert len(errors) == 1
    assert errors[0].startswith("nats: permissions violation for subscription to")


async def test_a_request_may_be_answered_once(network: Network):
    """A responder's right to speak into an inbox ends with its first answer."""
    errors: list[str] = []
    town = await connect_raw(network, CHIYODA, errors)
    requests = await town.subscribe(f"juki.v1.{CHIYODA}.{TOKYO}.pull")
    await settle(town)
    async with network.transport(TOKYO) as tokyo:
        asked = asyncio.create_task(tokyo.deliver(CHIYODA, "pull", b"?"))
        request = await requests.next_msg(timeout=60)
        await request.respond(b"first")
        await request.respond(b"second")
        await settle(town)

        assert await asked == b"first"
    await town.close()

    assert len(errors) == 1


async def test_a_revoked_node_is_cut_off_and_the_others_stay(network: Network):
    """Dropped from the users, a node loses its live connection and does not return."""
    errors: list[str] = []
    gone = asyncio.Event()
    await connect_raw(network, CHUO, errors, gone)
    other = await connect_raw(network, CHIYODA, errors)
    network.revoke(CHUO)
    async with asyncio.timeout(60):
        await gone.wait()

    with pytest.raises(nats.errors.Error, match="Authorization Violation"):
        await connect_raw(network, CHUO, errors)
    await other.flush()
    await other.close()


def test_permissions_follow_the_table(network: Network):
    """A town may ask the centre and ring at whoever pulls it; a revoked node is nobody's partner."""
    now = clock()
    town = permissions(network.directory, at=now)[CHIYODA]
    following = network.revoke(TOKYO)

    assert town == Permissions(
        publish=(
            f"juki.v1.{CENTRE}.{CHIYODA}.pull",
            f"juki.v1.{TOKYO}.{CHIYODA}.doorbell",
            f"juki.v1.{CENTRE}.{CHIYODA}.doorbell",
            f"juki.v1.{CENTRE}.{CHIYODA}.designate-codes",
            f"juki.v1.{CENTRE}.{CHIYODA}.generate-numbers",
            f"juki.v1.{TOKYO}.{CHIYODA}.own-notices",
            f"juki.v1.{TOKYO}.{CHIYODA}.cosign",
            f"juki.v1.{CENTRE}.{CHIYODA}.cosign",
            f"juki.v1.{TOKYO}.{CHIYODA}.last-checkpoint",
            f"juki.v1.{CENTRE}.{CHIYODA}.last-checkpoint",
            f"juki.v1.{CENTRE}.{CHIYODA}.provide",
            f"juki.v1.{TOKYO}.{CHIYODA}.provide",
            f"juki.v1.{TOKYO}.{CHIYODA}.provide-through",
            f"juki.v1.{CENTRE}.{CHIYODA}.receipt",
            f"juki.v1.{TOKYO}.{CHIYODA}.receipt",
            f"juki.v1.{CENTRE}.{CHIYODA}.prove",
            f"juki.v1.{TOKYO}.{CHIYODA}.prove",
            *(
                f"juki.v1.{provider}.{CHIYODA}.{message}"
                for message in (
                    *("bulk", "bulk-state", "bulk-cancel"),
                    *("bulk-part", "bulk-chunk", "bulk-receipt"),
                )
                for provider in (CENTRE, TOKYO)
            ),
            f"juki.v1.{CENTRE}.{CHIYODA}.directory",
        ),
        subscribe=(f"juki.v1.{CHIYODA}.>", f"_INBOX.{CHIYODA}.>"),
    )
    assert TOKYO not in permissions(following, at=clock())
    assert not any(TOKYO in subject for subject in permissions(following, at=clock())[CHIYODA].publish)


async def test_whoever_may_nothing_can_nothing(network: Network):
    """Empty permissions allow nothing, where the broker would take an empty list for no limit."""
    mute = Permissions(publish=(), subscribe=())
    network.broker.reload({CHIYODA: mute})
    errors: list[str] = []
    node = await connect_raw(network, CHIYODA, errors)
    await node.publish("anything", b"x")
    await node.subscribe("anything")
    await settle(node)
    await node.close()

    assert len(errors) == 2
    assert "subscription" in errors[1]


def test_permissions_that_the_broker_does_not_take_are_no_secret(
    network: Network, monkeypatch: pytest.MonkeyPatch
):
    """Whoever revokes a node learns that the broker still lets it in."""
    monkeypatch.setattr(broker, "configuration", lambda *_, **__: b"{")

    with pytest.raises(SetUpFailed, match="does not take"):
        network.broker.reload({})


def test_permissions_are_not_waited_for_for_ever(network: Network, monkeypatch: pytest.MonkeyPatch):
    """A broker that hangs does not take them, and that is said."""
    monkeypatch.setattr(broker, "_PATIENCE", 0.2)
    assert network.broker.pid is not None
    os.kill(network.broker.pid, signal.SIGSTOP)

    with pytest.raises(SetUpFailed, match="does not take"):
        network.broker.reload({})


def test_it_starts_again_on_the_same_port(network: Network):
    """After kill -9 the broker comes back where the nodes look for it."""
    url, pid = network.broker.url, network.broker.pid
    network.kill_broker()
    network.start()

    assert network.broker.url == url
    assert network.broker.pid not in {None, pid}


def test_a_running_broker_is_adopted(network: Network):
    """A launcher that lost its memory finds the broker running and leaves it be."""
    (network.broker.log.parent / "other.ports").write_bytes(b'{"nats": [')  # half written
    again = EmbeddedBroker(network.home, authority=network.authority)
    again.start(permissions(network.directory, at=clock()), at=clock())

    assert (again.pid, again.url) == (network.broker.pid, network.broker.url)


def test_a_broker_that_hangs_is_killed(network: Network, monkeypatch: pytest.MonkeyPatch):
    """A broker that does not listen to a good-bye is stopped all the same."""
    monkeypatch.setattr(broker, "_PATIENCE", 0.2)
    assert network.broker.pid is not None
    os.kill(network.broker.pid, signal.SIGSTOP)
    network.broker.stop()

    assert network.broker.pid is None


def test_new_users_wait_for_a_broker_that_is_away(network: Network):
    """Permissions changed while the broker is down are those it starts with."""
    network.broker.stop()
    network.broker.reload({})

    assert network.broker.pid is None


def test_stopping_twice_is_stopping_once(network: Network):
    """A stopped broker has no process, and stopping it again is nothing."""
    network.broker.stop()
    network.broker.stop()

    assert network.broker.pid is None


def test_a_taken_port_is_said(network: Network, tmp_path: Path):
    """A port that somebody else has is a clear sentence, not a wait."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        unlucky = EmbeddedBroker(tmp_path / "other", authority=network.authority, port=port)

        with pytest.raises(SetUpFailed, match="address already in use"):
            unlucky.start({}, at=clock())


def test_its_files_are_its_own(network: Network):
    """Nobody else reads the broker's key or enters its directory."""
    home = network.broker.log.parent

    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "tls.key").stat().st_mode) == 0o600
