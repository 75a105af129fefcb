# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Where a gateway listens, what it says of it, and that it never speaks in clear beyond its own machine."""

from __future__ import annotations

import asyncio
import signal
import socket
import ssl
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
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
from openjuki.screens.serving import LARGEST_HEAD, ip_address

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


async def sent(port: int | None, raw: bytes) -> bytes:
    """What comes back until the connection ends; nothing where it ends before all was sent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        with suppress(ConnectionError):
            writer.write(raw)
            await writer.drain()
            async with asyncio.timeout(20):
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
