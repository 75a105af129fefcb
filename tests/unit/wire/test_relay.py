# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A relayed message is the two towns' own: the centre learns from whom to whom, and no more."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.network import CENTRE, CHIYODA, CHUO, NOON, TOKYO
from openjuki.errors import MisaddressedEnvelope, OversizedMessage, PeerError, UnlistedNode
from openjuki.wire.batch import LARGEST_INNER
from openjuki.wire.relay import Relay, read_relay, relay_route, write_relay
from openjuki.wire.sealing import seal, sign_sealed

if TYPE_CHECKING:
    from openjuki.pki.keys import NodeKeys
    from openjuki.wire.directory import Directory

type Keys = dict[str, NodeKeys]

RELAY = Relay(sender=CHIYODA, recipient=CHUO, id="ab" * 16, issued=NOON, body="転入通知".encode())


def written(keys: Keys, directory: Directory, relay: Relay = RELAY) -> bytes:
    """The document, by its sender."""
    return write_relay(relay, keys=keys[relay.sender], directory=directory)


def test_the_centre_carries_what_it_cannot_read(keys: Keys, directory: Directory):
    """The centre learns the route; the recipient reads the message."""
    raw = written(keys, directory)

    assert relay_route(raw, directory=directory, at=NOON) == (CHIYODA, CHUO, "ab" * 16)
    assert read_relay(raw, keys=keys[CHUO], directory=directory) == RELAY
    assert RELAY.body not in raw
    for node in (CENTRE, TOKYO, CHIYODA):
        with pytest.raises(MisaddressedEnvelope):
            read_relay(raw, keys=keys[node], directory=directory)


def test_a_message_to_another_town_sealed_to_us_is_misaddressed(keys: Keys, directory: Directory):
    """What is addressed to Chuo is not Chiyoda's, even where Chiyoda could open it."""
    sealed = seal(b"", {CHIYODA: directory.sealing_key(CHIYODA, at=NOON)}, RELAY.context())
    raw = sign_sealed(Relay.PAYLOAD_TYPE, RELAY.header(), sealed, keys[CHIYODA], most=LARGEST_INNER)
    with pytest.raises(MisaddressedEnvelope, match=CHUO):
        read_relay(raw, keys=keys[CHIYODA], directory=directory)


def test_to_nobody_nothing_is_written(keys: Keys, directory: Directory):
    """A recipient that is not listed has no key to seal to."""
    nobody = Relay(sender=CHIYODA, recipient="131032", id="ab" * 16, issued=NOON, body=b"")
    with pytest.raises(UnlistedNode):
        written(keys, directory, nobody)


def test_what_no_envelope_carries_is_neither_written_nor_read(keys: Keys, directory: Directory):
    """A relayed message leaves room for the envelope around it."""
    large = Relay(sender=CHIYODA, recipient=CHUO, id="ab" * 16, issued=NOON, body=os.urandom(LARGEST_INNER))
    with pytest.raises(OversizedMessage):
        written(keys, directory, large)
    with pytest.raises(OversizedMessage):
        relay_route(bytes(LARGEST_INNER + 1), directory=directory, at=NOON)


@pytest.fixture
def original(keys: Keys, directory: Directory) -> bytes:
    """A document as it was written."""
    return written(keys, directory)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_byte_may_change(keys: Keys, directory: Directory, original: bytes, data: st.DataObject):
    """Whatever byte is changed, neither the centre carries it nor the recipient reads it."""
    raw = bytearray(original)
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(PeerError):
        relay_route(bytes(raw), directory=directory, at=NOON)
    with pytest.raises(PeerError):
        read_relay(bytes(raw), keys=keys[CHUO], directory=directory)
