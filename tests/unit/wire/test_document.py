# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A signed document is verified over the bytes received, and says only what was signed."""

from __future__ import annotations

import base64
import contextlib
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.network import NOON
from openjuki.errors import BadEnvelope, ForgedEnvelope, OversizedMessage
from openjuki.pki.keys import PublicKey, SigningKey
from openjuki.wire.document import (
    LARGEST,
    Items,
    from_base64,
    open_document,
    sign_document,
    to_base64,
    to_time,
)

KEY, OTHER = SigningKey.from_seed(bytes(32)), SigningKey.from_seed(b"\x01" * 32)
KNOWN: dict[str, PublicKey] = {KEY.key_id: KEY.public}
TYPE = "application/vnd.openjuki.test.v1+json"
DOCUMENT = sign_document(TYPE, b'{"a":1}', KEY, content=b"content\nof lines")


def test_what_was_signed_is_what_is_opened():
    """Payload, signer and content come back as they were."""
    opened = open_document(DOCUMENT, TYPE, KNOWN.get)

    assert (opened.payload, opened.signers, opened.content) == (
        b'{"a":1}',
        (KEY.key_id,),
        b"content\nof lines",
    )


@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_payload_and_content_come_back(payload: bytes, content: bytes):
    """Bytes of any kind may be signed and may follow."""
    opened = open_document(sign_document(TYPE, payload, KEY, content=content), TYPE, KNOWN.get)

    assert (opened.payload, opened.content) == (payload, content)


@given(st.integers(0, len(DOCUMENT.partition(b"\n")[0]) - 1), st.integers(1, 255))
def test_no_byte_of_the_line_may_change(position: int, difference: int):
    """Whatever byte of the line is changed, to whatever, the document is refused."""
    changed = bytearray(DOCUMENT)
    changed[position] ^= difference
    with pytest.raises((BadEnvelope, ForgedEnvelope)):
        open_document(bytes(changed), TYPE, KNOWN.get)


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes):
    """Bytes that are no document are refused, never misunderstood."""
    with pytest.raises(BadEnvelope):
        open_document(noise, TYPE, KNOWN.get)


def test_unknown_members_of_the_line_are_ignored():
    """A newer node may write more beside payload and signatures."""
    line = json.loads(DOCUMENT.partition(b"\n")[0]) | {"hint": "more"}

    assert open_document(json.dumps(line).encode(), TYPE, KNOWN.get).payload == b'{"a":1}'


def test_signatures_of_unknown_keys_are_ignored():
    """One known signature is enough, whoever else has signed."""
    opened = open_document(sign_document(TYPE, b"x", OTHER, KEY), TYPE, KNOWN.get)

    assert opened.signers == (KEY.key_id,)


def test_without_a_known_signature_it_is_forged():
    """Signatures of unknown keys alone prove nothing."""
    with pytest.raises(ForgedEnvelope, match="no key we know"):
        open_document(sign_document(TYPE, b"x", OTHER), TYPE, KNOWN.get)


def test_a_wrong_signature_of_a_known_key_is_never_ignored():
    """Where one known key has signed wrongly, another's good signature does not help."""
    line = json.loads(sign_document(TYPE, b"x", KEY, OTHER))
    line["signatures"][1]["sig"] = line["signatures"][0]["sig"]
    known = KNOWN | {OTHER.key_id: OTHER.public}
    with pytest.raises(ForgedEnvelope):
        open_document(json.dumps(line).encode(), TYPE, known.get)


def test_a_document_too_long_to_be_carried_is_not_read():
    """Size is looked at before anything else."""
    with pytest.raises(OversizedMessage):
        open_document(bytes(LARGEST + 1), TYPE, KNOWN.get)


@given(st.binary(max_size=100))
def test_base64_has_one_text_for_its_bytes(raw: bytes):
    """Exactly one text is read as these bytes."""
    text = to_base64(raw)

    assert from_base64(text) == raw
    for other in (text + "=", text + "\n", " " + text, text.rstrip("=") + "A"):
        with contextlib.suppress(BadEnvelope):
            assert from_base64(other) != raw


@pytest.mark.parametrize("text", ["QR==", "QQ", "Q", "_-==", "QQ==QQ==", "é"])
def test_other_base64_is_refused(text: str):
    """Loose bits, lacking padding, the alphabet of URLs: each is another text."""
    with pytest.raises(BadEnvelope):
        from_base64(text)


def test_times_are_written_as_in_japan():
    """A time of any zone is written with +09:00."""
    assert to_time(datetime(2026, 11, 21, 3, tzinfo=UTC)) == to_time(NOON) == "2026-11-21T12:00:00+09:00"


ITEMS = Items(
    {
        "text": "a",
        "number": 1,
        "truth": True,
        "nothing": None,
        "time": "2026-11-21T12:00:00+09:00",
        "naive": "2026-11-21T12:00:00",
        "before": "0001-01-01T00:00:00+09:00",
        "after": "9999-12-31T23:59:59-09:00",
        "elsewhere": "2026-11-22T02:59:00+23:59",
        "object": {},
        "list": [{}, {"a": 1}],
        "mixed": [{}, 1],
        "raw": base64.b64encode(b"x").decode(),
        "upper": "AB" * 16,
        "hexadecimal": "ab" * 16,
        "digest": "ab" * 32,
        "digests": ["ab" * 32],
        "numbers": [1],
    }
)


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        pytest.param(lambda: ITEMS.take("text", str), "a", id="text"),
        pytest.param(lambda: ITEMS.node("text"), "a", id="node id"),
        pytest.param(lambda: ITEMS.count("number"), 1, id="number"),
        pytest.param(lambda: ITEMS.time("time"), NOON, id="time"),
        pytest.param(lambda: ITEMS.time("elsewhere").isoformat(), NOON.isoformat(), id="time elsewhere"),
        pytest.param(lambda: ITEMS.raw("raw"), b"x", id="bytes"),
        pytest.param(lambda: ITEMS.id("hexadecimal"), "ab" * 16, id="id"),
        pytest.param(lambda: ITEMS.digest("digest"), b"\xab" * 32, id="digest"),
        pytest.param(lambda: ITEMS.digests("digests"), (b"\xab" * 32,), id="digests"),
        pytest.param(lambda: ITEMS.maybe("nothing", ITEMS.raw), None, id="null"),
        pytest.param(lambda: ITEMS.maybe("raw", ITEMS.raw), b"x", id="not null"),
        pytest.param(lambda: list(ITEMS.list("list")[1]), ["a"], id="list of objects"),
        pytest.param(lambda: list(ITEMS.inner("object")), [], id="object"),
    ],
)
def test_items_are_read(read: Any, expected: Any):
    """A member of the right form is read."""
    assert read() == expected


@pytest.mark.parametrize(
    "read",
    [
        pytest.param(lambda: ITEMS.take("missing", str), id="a missing member"),
        pytest.param(lambda: ITEMS.maybe("missing", ITEMS.raw), id="a missing member that may be null"),
        pytest.param(lambda: ITEMS.take("number", str), id="a number for a text"),
        pytest.param(lambda: ITEMS.count("truth"), id="true for a number"),
        pytest.param(lambda: ITEMS.count("number", least=2), id="too small a number"),
        pytest.param(lambda: ITEMS.count("number", most=0), id="too large a number"),
        pytest.param(lambda: ITEMS.time("naive"), id="a time without offset"),
        pytest.param(lambda: ITEMS.time("text"), id="a text for a time"),
        pytest.param(lambda: ITEMS.time("before"), id="a time before all others"),
        pytest.param(lambda: ITEMS.time("after"), id="a time after all others"),
        pytest.param(lambda: ITEMS.raw("naive"), id="a text for base64"),
        pytest.param(lambda: ITEMS.id("upper"), id="hexadecimal in capitals"),
        pytest.param(lambda: ITEMS.digest("hexadecimal"), id="a digest too short"),
        pytest.param(lambda: ITEMS.digests("numbers"), id="numbers for digests"),
        pytest.param(lambda: ITEMS.node("upper"), id="a node id in capitals"),
        pytest.param(lambda: ITEMS.inner("list"), id="a list for an object"),
        pytest.param(lambda: ITEMS.list("mixed"), id="a list of all sorts"),
        pytest.param(lambda: Items(b"[]"), id="a list for the whole"),
        pytest.param(lambda: Items(b"{"), id="no JSON"),
    ],
)
def test_other_items_are_refused(read: Any):
    """A member that is missing or of another form is refused."""
    with pytest.raises(BadEnvelope):
        read()
