# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What nodes and witnesses say to one another is read as it was written, and refused when it is malformed."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.errors import BadEnvelope
from openjuki.refusal import CODE
from openjuki.wire.witness import Answered, Shown

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
notes = texts.map(str.encode)
hashes = st.lists(st.binary(min_size=32, max_size=32), max_size=128).map(tuple)


@given(st.builds(Shown, note=notes, old_size=st.integers(0, 2**53 - 1), proof=hashes))
def test_what_is_shown_is_read(shown: Shown):
    """A checkpoint with its proof arrives as it was shown."""
    assert Shown.from_bytes(shown.to_bytes()) == shown


@given(
    st.builds(
        Answered,
        line=st.none() | notes,
        code=st.none() | st.from_regex(CODE, fullmatch=True),
        checkpoint=st.none() | notes,
    ),
)
def test_what_is_answered_is_read(answered: Answered):
    """A confirmation, a refusal and a last checkpoint arrive as they were answered."""
    assert Answered.from_bytes(answered.to_bytes()) == answered


SHOWN = {"note": "note", "old_size": 1, "proof": ["00" * 32]}


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"note": None}, id="no note"),
        pytest.param({"old_size": -1}, id="a size below nothing"),
        pytest.param({"old_size": True}, id="no number"),
        pytest.param({"proof": "00"}, id="no list"),
        pytest.param({"proof": ["00"]}, id="a hash that is too short"),
        pytest.param({"proof": ["00" * 32] * 129}, id="longer than any proof"),
    ],
)
def test_a_malformed_request_is_refused(change: dict[str, object]):
    """Each member has its form."""
    Shown.from_bytes(orjson.dumps(SHOWN))
    with pytest.raises(BadEnvelope):
        Shown.from_bytes(orjson.dumps(SHOWN | change))


NO_CODE = b'{"line": null, "code": "JK-\\u0000", "checkpoint": null}'


@pytest.mark.parametrize(
    "raw", [b"", b"[]", b"{}", b'{"line": 1, "code": null, "checkpoint": null}', NO_CODE]
)
def test_a_malformed_answer_is_refused(raw: bytes):
    """Every member is there, and is a text or null; what an alarm will say is a code."""
    with pytest.raises(BadEnvelope):
        Answered.from_bytes(raw)
