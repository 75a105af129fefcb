# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.parts import a_part, written
from openjuki.errors import BadEnvelope
from openjuki.residents.look_up.result import Result
from openjuki.wire.bulk import RESULT_BYTES
from openjuki.wire.part import MOST_BASES, Carried, Part, PartRow, resident_code

PART = written(range(1, 12), none=3).part


def test_a_row_is_ten_bytes():
    """The code in eight, the result in one, the basis in one."""
    row = PartRow(resident_code(24727059608), Result.DIED, 1)

    assert row.to_bytes() == bytes.fromhex("00000005c1d8fc98" + "07" + "01")
    assert PartRow.from_bytes(row.to_bytes()) == row


@given(st.integers(0, 10**11 - 1), st.sampled_from(list(RESULT_BYTES)), st.integers(0, 255))
def test_what_is_written_of_a_row_is_read(code, result, basis):
    """Every code, with its leading zeros, every result and every basis."""
    row = PartRow(resident_code(code), result, basis)

    assert PartRow.from_bytes(row.to_bytes()) == row


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(bytes(9), id="a byte is missing"),
        pytest.param(bytes(8) + b"\x63\x00", id="a result that nobody has defined"),
    ],
)
def test_what_is_no_row_is_refused(raw):
    """Other bytes are not read as something."""
    with pytest.raises(BadEnvelope):
        PartRow.from_bytes(raw)


def test_a_leaf_hides_its_row_behind_a_salt():
    """SHA-256 of a zero, the salt, and the row."""
    row = PartRow(resident_code(24727059608), Result.MATCHED, 0)
    salt = bytes(range(32))

    assert row.leaf(salt) == hashlib.sha256(b"\x00" + salt + row.to_bytes()).digest()


def test_a_part_says_the_same_after_it_was_read():
    """Canonical JSON, byte for byte."""
    assert Part.from_bytes(PART.to_bytes()) == PART
    assert json.dumps(
        json.loads(PART.to_bytes()), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    ).encode() == (PART.to_bytes())


def test_a_part_counts_all_keys_and_those_who_were_told_about():
    """Keys that led to nobody have no row; what was refused is no provision."""
    part = a_part(
        results={Result.MATCHED: 3, Result.NONE: 4, Result.NOT_PERMITTED: 5, Result.MALFORMED: 6}, told=(2, 1)
    )

    assert (part.asked, part.answered, part.rows) == (18, 7, 3)


def test_what_was_told_of_somebody_is_what_the_basis_carries():
    """And nothing of who was looked for by a code that was replaced."""
    rows = [PartRow(resident_code(1), result, 1) for result in (Result.MATCHED, Result.SUPERSEDED)]

    assert [PART.items_of(row) for row in rows] == [("name",), ()]
    assert PART.items == ("name", "address")
    assert PART.articles == ("法30条の9", "法30条の10")


def test_a_basis_may_name_a_change():
    """A part that tells of changes says which."""
    part = a_part(bases=(Carried("法30条の9", (), "moved_abroad"),), told=(0,))

    assert Part.from_bytes(part.to_bytes()).bases[0].change == "moved_abroad"


@pytest.mark.parametrize(
    ("member", "value"),
    [
        pytest.param("request", "1", id="a request without its id"),
        pytest.param("method", "smoke", id="a method that nobody has"),
        pytest.param("results", {"lost": 1}, id="a result that nobody has defined"),
        pytest.param(
            "bases",
            [{"article": "法", "items": [1], "rows": 1, "change": None}],
            id="an item that is no text",
        ),
        pytest.param("bases", [{}] * (MOST_BASES + 1), id="more bases than a byte can name"),
        pytest.param("root", "", id="no root"),
        pytest.param("state", {}, id="no state"),
    ],
)
def test_a_part_that_is_malformed_is_refused(member, value):
    """One member of another form, and it is not read."""
    said = json.loads(PART.to_bytes()) | {member: value}

    with pytest.raises(BadEnvelope):
        Part.from_bytes(json.dumps(said).encode())
