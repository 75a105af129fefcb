# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A peer's columns are read by a child first: what breaks it breaks no node."""

from __future__ import annotations

import os
import signal

import pyarrow as pa
import pytest
import pytest_asyncio

from openjuki.errors import BadEnvelope
from openjuki.wire.apart import Reader
from openjuki.wire.bulk import KeyKind
from openjuki.wire.columns import KEY_SCHEMAS, write_columns

SCHEMA = KEY_SCHEMAS[KeyKind.RESIDENT_CODE]
CODES = pa.table({"resident_code": pa.array([71334917066, None, 5], pa.int64())})


@pytest_asyncio.fixture
async def reader():
    """A reader whose child ends with the test."""
    reader = Reader()
    yield reader
    await reader.close()


async def test_columns_are_read_by_the_child_and_by_the_node(reader: Reader):
    """What is as it was agreed comes back, one part after the other, from one child."""
    assert (await reader.read(write_columns(CODES), SCHEMA, 3)).equals(CODES)
    child = reader._child
    assert (await reader.read(write_columns(CODES.slice(1)), SCHEMA, 2)).equals(CODES.slice(1))
    assert reader._child is child


async def test_what_is_not_as_agreed_is_refused_and_the_child_goes_on(reader: Reader):
    """The child says why, and reads the next."""
    with pytest.raises(BadEnvelope, match="rows"):
        await reader.read(write_columns(CODES), SCHEMA, 4)
    with pytest.raises(BadEnvelope, match="stream"):
        await reader.read(b"no stream", SCHEMA, 3)

    assert (await reader.read(write_columns(CODES), SCHEMA, 3)).num_rows == 3


async def test_a_child_that_was_ended_is_made_again(reader: Reader):
    """Somebody who is short of memory may end it; that is no fault of the columns."""
    await reader.read(write_columns(CODES), SCHEMA, 3)
    os.kill(reader._child.pid, signal.SIGKILL)

    assert (await reader.read(write_columns(CODES), SCHEMA, 3)).num_rows == 3


async def test_what_breaks_the_child_twice_is_refused(reader: Reader, monkeypatch: pytest.MonkeyPatch):
    """Columns that end every reader are the sender's fault."""
    monkeypatch.setattr("openjuki.wire.apart.sys.executable", "/bin/false")

    with pytest.raises(BadEnvelope, match="harm"):
        await reader.read(write_columns(CODES), SCHEMA, 3)
