# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Where a gateway listens, what it says of it, and that it never speaks in clear beyond its own machine."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import ssl
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import orjson
import pytest
import pytest_asyncio
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from fixtures.ground import PENSIONS
from fixtures.systems import NOBODY
from openjuki.config import clock
from openjuki.errors import BadConfiguration
from openjuki.gateway import beside, serving
from openjuki.screens import connection
from openjuki.screens import serving as screens
from openjuki.screens.connection import LARGEST_HEAD

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.offices import Country
    from openjuki.nodes.node import Node

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


@pytest_asyncio.fixture
async def node(country: Country) -> Node:
    """An agency's node with nothing in its book."""
    return await country.node(PENSIONS)


def configured(node: Node, **settings: Any) -> Node:
    """The node with other settings of its gateway."""
    node.settings = replace(node.settings, gateway_port=0, **settings)
    return node


def told(node: Node) -> Any:
    """What is written down of where it listens."""
    return orjson.loads(serving.told_at(node.published.parent, node.id).read_bytes())


async def test_it_says_where_it_listens_for_as_long_as_it_does(node: Node):
    """In a file that is whole and is gone afterwards; then nobody listens there."""
    async with beside(configured(node)):
        url = told(node)["url"]
        async with httpx.AsyncClient(trust_env=False, verify=NOBODY) as client:
            response = await client.get(f"{url}/v1/openapi.json")
        assert response.json()["openapi"].startswith("3.1")

    assert not serving.told_at(node.published.parent, node.id).exists()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", urlsplit(url).port)


async def test_what_a_killed_process_was_taking_in_is_erased(node: Node):
    """Keys of persons do not lie about for ever; what somebody takes in just now stays."""
    place, now = node.published.parent / "bulk" / node.id / "put", node.clock().timestamp()
    place.mkdir(parents=True)
    for name, at in (("left", now - 86_400), ("being-written", now)):
        (place / name).write_bytes(b"")
        os.utime(place / name, (at, at))

    async with beside(configured(node)):
        assert [path.name for path in place.iterdir()] == ["being-written"]


async def test_a_taken_port_means_the_next(node: Node):
    """Nobody is pushed aside."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        wished = taken.getsockname()[1]
        node.settings = replace(node.settings, gateway_port=wished)
        async with beside(node):
            assert urlsplit(told(node)["url"]).port > wished


async def test_signals_are_left_to_the_process(node: Node):
    """Several nodes may live in it, and they stop together."""
    before = [signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)]

    async with beside(configured(node)):
        assert [signal.getsignal(name) for name in (signal.SIGTERM, signal.SIGINT)] == before


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"gateway_host": "0.0.0.0"}, id="every address, in clear"),
        pytest.param({"gateway_host": "192.0.2.1"}, id="the office's network, in clear"),
        pytest.param({"gateway_host": "gateway.example"}, id="a name, in clear"),
        pytest.param({"gateway_certificate": "cert.pem"}, id="a certificate without its key"),
        pytest.param({"gateway_key": "key.pem"}, id="a key without its certificate"),
        pytest.param(
            {"gateway_certificate": "no-such.pem", "gateway_key": "no-such.pem"},
            id="a certificate that is not there",
        ),
        pytest.param(
            {"gateway_host": "192.0.2.1", "gateway_certificate": "c", "gateway_key": "k"},
            id="nobody's address",
        ),
    ],
)
async def test_it_does_not_start_half_secured(node: Node, settings: dict[str, Any]):
    """Whoever sets it up is told, and nobody listens."""
    with pytest.raises(BadConfiguration):
        async with beside(configured(node, **settings)):
            pass
    assert not serving.told_at(node.published.parent, node.id).exists()


async def test_it_speaks_tls(node: Node, tmp_path: Path):
    """With the certificate of the office, 1.2 or newer."""
    certificate, key = issued(tmp_path)
    async with beside(configured(node, gateway_certificate=certificate, gateway_key=key)):
        url = told(node)["url"]
        assert url.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context(cafile=certificate)
        async with httpx.AsyncClient(verify=trusting) as client:
            assert (await client.get(f"{url}/v1/openapi.json")).status_code == 200


async def test_what_is_not_http_is_turned_away_without_a_word(
    node: Node, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
):
    """Not even what it was is logged."""
    caplog.set_level(0)
    async with beside(configured(node)):
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(told(node)["url"]).port)
        writer.write("渡邉 葵 71334917066\r\n\r\n".encode())
        answer = await reader.read()
        writer.close()

    assert answer.startswith(b"HTTP/1.1 400")
    said = "".join(capfd.readouterr()) + "".join(record.getMessage() for record in caplog.records)
    for trace in ("渡邉", "71334917066"):
        assert trace not in said + answer.decode()


#: Heads that nobody needs: what is sent of each.
HEADS = {
    "a header that is too long": b"x: " + b"a" * LARGEST_HEAD + b"\r\n\r\n",
    "too many headers": b"".join(b"x%d: y\r\n" % place for place in range(LARGEST_HEAD // 4)) + b"\r\n",
    "a header that does not end": b"x: " + b"a" * 1_000_000,
    "a name that does not end": b"a" * 1_000_000,
}


async def test_a_head_that_is_too_large_is_not_kept(node: Node):
    """The connection ends, and nobody's memory is filled; so does one with too long a path."""
    said = {}
    async with beside(configured(node)):
        port = urlsplit(told(node)["url"]).port
        for case, lines in HEADS.items():
            said[case] = await sent(port, b"GET /v1/openapi.json HTTP/1.1\r\nhost: x\r\n" + lines)
        said["a path"] = await sent(port, b"GET /v1/" + b"a" * LARGEST_HEAD + b" HTTP/1.1\r\n\r\n")

    served = {case for case, answer in said.items() if answer[:12] not in {b"", b"HTTP/1.1 400"}}
    assert served == set()


async def test_each_request_of_a_connection_has_a_head_of_its_own(node: Node):
    """A system that keeps its connection is not cut off after a while."""
    request = b"GET /v1/docs.css HTTP/1.1\r\nhost: x\r\nx: " + b"a" * (LARGEST_HEAD // 2) + b"\r\n"
    async with beside(configured(node)):
        port = urlsplit(told(node)["url"]).port
        answer = await sent(port, (request + b"\r\n") * 3 + request + b"connection: close\r\n\r\n")

    assert answer.count(b"HTTP/1.1 200") == 4


STYLE = b"GET /v1/docs.css HTTP/1.1\r\nhost: x\r\n"
SIGNING_IN = b"POST /sign-in HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\n"
#: Fewer bytes than all answers to the last of these clients have.
ALL = 64 * 50_000
#: Clients that let a server wait, and read nothing for a while: what each sends.
IDLE = {
    "nothing is said": b"",
    "a head does not end": STYLE,
    "an empty line, and no head": STYLE + b"\r\n\r\n",
    "a body does not come": SIGNING_IN + b"content-length: 100\r\n\r\nx",
    "an answer is not taken": b"GET /v1/openapi.json HTTP/1.1\r\nhost: x\r\n\r\n" * 64,
}


@pytest.mark.parametrize("case", IDLE)
async def test_whoever_lets_it_wait_is_hung_up_on(node: Node, case: str, monkeypatch: pytest.MonkeyPatch):
    """A connection is nobody's for ever, whatever he has done so far."""
    for name in ("HEAD_SECONDS", "PATIENCE", "KEEP_ALIVE"):
        monkeypatch.setattr(connection, name, 0.3)
    monkeypatch.setattr(screens, "LOOKS", 1)
    async with beside(configured(node)):
        client = socket.socket()
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        client.connect(("127.0.0.1", urlsplit(told(node)["url"]).port))
        reader, writer = await asyncio.open_connection(sock=client)
        writer.transport.pause_reading()
        writer.write(IDLE[case])
        await asyncio.sleep(2.5)
        writer.transport.resume_reading()
        async with asyncio.timeout(60):
            with suppress(ConnectionError):
                assert len(await reader.read()) < ALL
        writer.close()


async def test_a_request_that_comes_by_and_by_is_answered(node: Node, monkeypatch: pytest.MonkeyPatch):
    """Whoever is slow and goes on is waited for."""
    monkeypatch.setattr(screens, "LOOKS", 1)
    loop, skipped = asyncio.get_running_loop(), 0.0
    really = loop.time
    monkeypatch.setattr(loop, "time", lambda: really() + skipped)
    async with beside(configured(node)):
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(told(node)["url"]).port)
        for last in (b"\r\n", b"connection: close\r\n\r\n"):
            for piece in (STYLE[:10], STYLE[10:], last):
                writer.write(piece)
                await asyncio.sleep(0.3)  # it is read, and the server looks
                skipped += connection.HEAD_SECONDS / 3
        assert (await reader.read()).count(b"HTTP/1.1 200") == 2
        writer.close()


async def test_whoever_comes_beyond_the_most_connections_is_told_to_come_again(
    node: Node, monkeypatch: pytest.MonkeyPatch
):
    """Those who are there are served on, and who comes when one has gone is served too."""
    monkeypatch.setattr(connection, "MOST_CONNECTIONS", 2)
    async with beside(configured(node)):
        port = urlsplit(told(node)["url"]).port
        first, second = [await asyncio.open_connection("127.0.0.1", port) for _ in range(2)]
        turned = await sent(port, b"")
        first[1].write(STYLE + b"\r\n")
        served = await first[0].readline()
        for _, writer in (first, second):
            writer.close()
        await asyncio.sleep(0.1)
        again = await sent(port, STYLE + b"connection: close\r\n\r\n")

    assert turned.startswith(b"HTTP/1.1 503")
    assert b"retry-after: 2" in turned
    assert served.startswith(b"HTTP/1.1 200")
    assert again.startswith(b"HTTP/1.1 200")


async def test_more_requests_than_wait_on_a_connection_end_it(node: Node):
    """A stranger fills no memory with requests that nobody has answered yet."""
    async with beside(configured(node)):
        answer = await sent(urlsplit(told(node)["url"]).port, (STYLE + b"\r\n") * 5_000)

    assert answer.count(b"HTTP/1.1 200") <= 2


async def sent(port: int | None, raw: bytes) -> bytes:
    """What comes back until the connection ends; nothing where it ends before all was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with suppress(ConnectionError):
            writer.write(raw)
            await writer.drain()
            async with asyncio.timeout(60):
                return await reader.read()
        return b""
    finally:
        writer.close()


def issued(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, and its key."""
    key, now = ec.generate_private_key(ec.SECP256R1()), clock()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "gateway")])
    names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(names, critical=False)
        .add_extension(usage, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "cert.pem").write_bytes(made.public_bytes(pem))
    (folder / "key.pem").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"
