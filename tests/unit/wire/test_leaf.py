# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.errors import IntegrityFailure
from openjuki.wire.leaf import Leaf, commitment, leaf

ROOT = Path(__file__).parents[3]
ROWS = json.loads((ROOT / "tests/samples/v1/journal.json").read_text(encoding="utf-8"))["rows"]
RAW = ROWS[0]["leaf"].encode()

leaves = st.builds(
    Leaf,
    index=st.integers(0, 2**53 - 1),
    kind=st.sampled_from(["notice.issued", "record.changed"]),
    time=st.datetimes(min_value=datetime(2000, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - the zone comes after
    commitment=st.binary(min_size=32, max_size=32),
)


@pytest.mark.parametrize("row", ROWS, ids=[row["kind"] for row in ROWS])
def test_sample_leaves_are_read(row):
    """A leaf says what its row says, and commits to its payload."""
    found = Leaf.from_bytes(row["leaf"].encode())
    salt = bytes.fromhex(row["salt"])
    payload = row["payload_text"].encode() if "payload_text" in row else bytes.fromhex(row["payload"])

    assert (row["kind"], row["commitment"]) == (found.kind, found.commitment.hex())
    found.check_commits(salt, payload)


@given(leaves)
def test_a_leaf_survives_being_written(found):
    """Whatever a leaf says is read from its bytes again."""
    assert found == Leaf.from_bytes(found.to_bytes())


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="no object"),
        pytest.param(RAW + b"\n", id="something after it"),
        pytest.param(RAW.replace(b":0,", b": 0,"), id="a blank"),
        pytest.param(RAW.replace(b'"index":0,', b""), id="no index"),
        pytest.param(RAW.replace(b'"index":0,', b'"index":0,"more":1,'), id="a fifth member"),
        pytest.param(RAW.replace(b"00.000000+09:00", b"00+09:00"), id="a time without its six digits"),
        pytest.param(
            RAW.replace(b"09:00:00.000000+09:00", b"00:00:00.000000+00:00"), id="a time of elsewhere"
        ),
        pytest.param(RAW.replace(b"2026-", b"2O26-"), id="no time"),
        pytest.param(RAW.replace(b"bd91", b"BD91"), id="a commitment in capitals"),
    ],
)
def test_what_is_not_a_leaf_is_refused(raw):
    """Other bytes with the same meaning would have another hash: they are no leaf."""
    with pytest.raises(IntegrityFailure):
        Leaf.from_bytes(raw)


@pytest.mark.parametrize(
    ("salt", "payload"),
    [
        pytest.param(bytes(32), b"another", id="another payload"),
        pytest.param(bytes(31) + b"\x01", b"payload", id="another salt"),
    ],
)
def test_another_payload_is_not_what_was_committed_to(salt, payload):
    """A leaf commits to one payload under one salt."""
    written = leaf(0, "test.happened", datetime(2026, 4, 1, tzinfo=UTC), commitment(bytes(32), b"payload"))
    found = Leaf.from_bytes(written)

    found.check_commits(bytes(32), b"payload")
    with pytest.raises(IntegrityFailure):
        found.check_commits(salt, payload)
