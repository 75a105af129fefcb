# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A batch carries up to 1,000 notices, as their town wrote them, to its prefecture and to the centre."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.network import CENTRE, CHIYODA, CHUO, NOON, TOKYO
from openjuki.errors import BadEnvelope, MisaddressedEnvelope, OversizedMessage, PeerError
from openjuki.wire.batch import LARGEST_INNER, NoticeBatch, read_batch, write_batch

if TYPE_CHECKING:
    from openjuki.pki.keys import NodeKeys
    from openjuki.wire.directory import Directory

type Keys = dict[str, NodeKeys]


def batch(*notices: bytes, first: int = 1) -> NoticeBatch:
    """A batch of Chiyoda's."""
    last = first + len(notices) - 1
    return NoticeBatch(origin=CHIYODA, first=first, last=last, issued=NOON, notices=notices)


def written(one: NoticeBatch, keys: Keys, directory: Directory) -> bytes:
    """The document, sealed to the prefecture and the centre."""
    recipients = {node: directory.sealing_key(node, at=NOON) for node in (TOKYO, CENTRE)}
    return write_batch(one, keys=keys[one.origin], recipients=recipients)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(
    notices=st.lists(st.binary(min_size=1).filter(lambda one: b"\n" not in one), min_size=1, max_size=20),
    first=st.integers(1, 2**40),
)
def test_both_recipients_read_what_was_written(
    keys: Keys, directory: Directory, notices: list[bytes], first: int
):
    """Prefecture and centre read the same notices from the same bytes."""
    one = batch(*notices, first=first)
    raw = written(one, keys, directory)

    assert read_batch(raw, keys=keys[TOKYO], directory=directory) == one
    assert read_batch(raw, keys=keys[CENTRE], directory=directory) == one


def test_a_thousand_notices_are_one_document(keys: Keys, directory: Directory):
    """The largest batch passes, and one more notice does not."""
    notices = [b'{"version":%d}' % version for version in range(1, 1_001)]
    raw = written(batch(*notices), keys, directory)

    assert read_batch(raw, keys=keys[CENTRE], directory=directory).notices == tuple(notices)
    with pytest.raises(BadEnvelope):
        written(batch(*notices, b"{}"), keys, directory)


def test_another_town_does_not_read_it(keys: Keys, directory: Directory):
    """A batch is sealed to the two that the Act names."""
    with pytest.raises(MisaddressedEnvelope):
        read_batch(written(batch(b"{}"), keys, directory), keys=keys[CHUO], directory=directory)


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(batch(), id="no notice"),
        pytest.param(replace(batch(b"{}"), last=2), id="fewer notices than numbers"),
        pytest.param(batch(b"{}", b""), id="an empty notice"),
        pytest.param(batch(b"{\n}"), id="a notice of two lines"),
    ],
)
def test_what_could_not_be_read_is_not_written(keys: Keys, directory: Directory, wrong: NoticeBatch):
    """A batch that its readers would refuse is refused by its writer."""
    with pytest.raises(BadEnvelope):
        written(wrong, keys, directory)


def test_a_batch_too_large_for_an_envelope_is_not_written(keys: Keys, directory: Directory):
    """The writer learns that it must form smaller batches."""
    with pytest.raises(OversizedMessage):
        written(batch(*(os.urandom(1_200).hex().encode() for _ in range(1_000))), keys, directory)


def test_a_batch_too_large_for_an_envelope_is_not_read(keys: Keys, directory: Directory):
    """A reader looks at the size before anything else."""
    with pytest.raises(OversizedMessage):
        read_batch(bytes(LARGEST_INNER + 1), keys=keys[CENTRE], directory=directory)


def test_a_batch_does_not_expire(keys: Keys, directory: Directory):
    """A batch of a year ago is read under a directory of today, which still lists the old key."""
    raw = written(batch(b"{}"), keys, directory)
    today = directory.revise(issued=NOON + timedelta(days=365), expires=NOON + timedelta(days=372))

    assert read_batch(raw, keys=keys[CENTRE], directory=today).notices == (b"{}",)


@pytest.fixture
def original(keys: Keys, directory: Directory) -> bytes:
    """A document as it was written."""
    return written(batch(b"{}", b"{}"), keys, directory)


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_byte_may_change(keys: Keys, directory: Directory, original: bytes, data: st.DataObject):
    """Whatever byte of a batch is changed, it is refused."""
    raw = bytearray(original)
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(PeerError):
        read_batch(bytes(raw), keys=keys[CENTRE], directory=directory)
