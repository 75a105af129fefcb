# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import hmac
from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.notices import CHIYODA, CHUO, NOON, code_of, notice, number_of, table
from openjuki.codes.individual import derive
from openjuki.codes.resident import ResidentCode
from openjuki.config import JST
from openjuki.residents.changes import Predecessor, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.store import journal
from openjuki.store.bulk import columns, documents, numbering
from openjuki.wire.leaf import commitment, leaf
from openjuki.wire.merkle import Tree, leaf_hash

KEY = bytes(range(32))


def batch(*told) -> pa.RecordBatch:
    (made,) = table(*told).to_batches()
    return made


TOLD = (
    notice(1),
    notice(2, individual_number=None, furigana=None),
    notice(3, name='O"NEILL \\ JR', alias="タブ\tなし", address="一\u2028丁目"),
    notice(
        4,
        birth_date=RecordedDate.parse("昭和60年月日不詳"),
        former_surname="佐藤",
        former_surname_furigana="サトウ",
    ),
    notice(
        5,
        stay=3,
        reason=Reason.MOVED_IN,
        predecessor=Predecessor(municipality=CHUO, stay=2),
        recorded_at=NOON + timedelta(microseconds=1),
    ),
    notice(6, birth_date=RecordedDate.of(date(1, 1, 1)), name="𠮷\U000e0100野　萍"),
)


class TestDocuments:
    @pytest.mark.parametrize("told", [TOLD[:1], TOLD[1:2], TOLD], ids=["plain", "without numbers", "mixed"])
    def test_notices_are_those_written_one_by_one(self, told):
        """Every byte of a notice made in columns is the byte that `Notice.to_bytes` writes."""
        assert documents.notices(batch(*told)).to_pylist() == [one.to_bytes() for one in told]

    def test_journal_rows_are_those_written_one_by_one(self):
        """Leaves made in columns commit to the payloads as `wire.leaf` says, and so do their hashes."""
        payloads = [b"", b"{}", bytes(range(256))]
        made = documents.journalled("test.happened", NOON, pa.array(payloads, pa.binary()), 41)

        salts, leaves = made.salts.to_pylist(), made.leaves.to_pylist()
        expected = [
            leaf(index, "test.happened", NOON, commitment(salt, payload))
            for index, (salt, payload) in enumerate(zip(salts, payloads, strict=True), 41)
        ]
        assert leaves == expected
        assert [row.tobytes() for row in made.hashes] == [leaf_hash(leaf) for leaf in leaves]
        assert len(set(salts)) == 3
        assert {len(salt) for salt in salts} == {journal.SALT_SIZE}

    @pytest.mark.parametrize(("count", "height"), [(0, 0), (1, 0), (5, 0), (6, 1), (12, 2), (64, 6)], ids=str)
    def test_perfect_subtrees_make_the_same_tree(self, count, height):
        """Subtrees hashed in columns, as high as they can be, grow the tree as their leaves would."""
        hashes = [leaf_hash(bytes([number])) for number in range(count)]
        rows = np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32)
        subtrees, high = documents.perfect_subtrees(rows)

        assert high == height
        assert Tree.EMPTY.append(subtrees, height=high) == Tree.EMPTY.append(hashes)

    def test_a_payload_tells_where_its_notice_came_from(self):
        """An admitted notice is journalled with its municipality and its number there, as the page says."""
        made = documents.applied(pa.array([b"{}"], pa.binary()), pa.array([CHIYODA]), pa.array([7]))

        assert made.to_pylist() == [b'{"notice":{},"origin":"131016","seq":7}']


class TestNumbering:
    @given(st.lists(st.integers(0, 10**10 - 1), min_size=1, max_size=20), st.integers(0, 3))
    def test_numbers_are_those_derived_one_by_one(self, bodies, attempt):
        """Whatever the code and the attempt, the number in columns is that of `codes.individual.derive`."""
        codes = [ResidentCode.from_body(f"{body:010d}") for body in bodies]
        made = numbering.derive(pa.array(codes, pa.string()), KEY, np.full(len(codes), attempt))

        assert columns.decimal(made, 12).to_pylist() == [
            derive(code, KEY, attempt).encode() for code in codes
        ]

    def test_given_numbers_stay(self):
        """Who came with a number keeps it, leading zeros and all; the others get theirs."""
        codes = pa.array([code_of(1), code_of(2)], pa.string())
        made, attempts = numbering.assign(codes, pa.array([number_of(1), None], pa.string()), KEY)

        assert columns.decimal(made, 12).to_pylist() == [
            number_of(1).encode(),
            derive(code_of(2), KEY).encode(),
        ]
        assert attempts.tolist() == [0, 0]

    def test_a_number_that_is_anybodys_is_passed_over(self, monkeypatch):
        """Where a derived number is given or derived already, the next attempt is taken; the earlier row keeps it."""
        monkeypatch.setattr(numbering, "derive", lambda _codes, _key, attempts: attempts * 10 + 5)
        codes = pa.array(["a", "b", "c", "d"])
        made, attempts = numbering.assign(codes, pa.array([None, "000000000005", None, None]), KEY)

        assert made.tolist() == [15, 5, 25, 35]
        assert attempts.tolist() == [1, 0, 2, 3]


class TestColumns:
    @given(st.lists(st.binary(max_size=200), min_size=1, max_size=20))
    def test_hashes_are_those_computed_one_by_one(self, values):
        """SHA-256 and HMAC in columns, in the order of the rows."""
        column = pa.array(values, pa.binary())

        assert columns.sha256(column).to_pylist() == [hashlib.sha256(value).digest() for value in values]
        assert columns.hmac_sha256(KEY, column).to_pylist() == [
            hmac.digest(KEY, value, "sha256") for value in values
        ]

    def test_order_is_kept_over_many_rows(self):
        """A hundred thousand hashes come back in order."""
        values = [b"%d" % number for number in range(100_000)]
        made = columns.sha256(pa.array(values, pa.binary()))

        assert made[99_999].as_py() == hashlib.sha256(b"99999").digest()
        assert made[50_000].as_py() == hashlib.sha256(b"50000").digest()

    def test_nothing_that_was_hashed_is_kept(self):
        """A million residents are hashed in batches, and none of them is held until the end."""
        columns.sha256(pa.array([b"a", b"b"]))

        assert columns._context().catalog().schema().names() == set()

    def test_a_slice_is_written_as_what_it_shows(self):
        """Columns may be parts of longer ones."""
        values = pa.array([b"aa", b"bb", b"cc"], pa.binary()).slice(1, 2)

        assert columns.matrix(values, 2).tobytes() == b"bbcc"
        assert columns.hexadecimal(values, 2).to_pylist() == [b"6262", b"6363"]
        assert bytes(columns.rows([columns.texts(values)])) == b"\0\1\0\0\0\2bb\0\1\0\0\0\2cc"


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        pytest.param(columns.constant(5), b"\0\0\0\4\0\0\0\5", id="integer"),
        pytest.param(columns.constant("é"), b"\0\0\0\2\xc3\xa9", id="text"),
        pytest.param(columns.constant(date(2000, 1, 2)), b"\0\0\0\4\0\0\0\1", id="date"),
        pytest.param(
            columns.constant(datetime(2000, 1, 1, 9, 0, 1, tzinfo=JST)),
            b"\0\0\0\x08" + (1_000_000).to_bytes(8),
            id="moment",
        ),
        pytest.param(columns.NULL, b"\xff\xff\xff\xff", id="null"),
    ],
)
def test_constants_are_in_postgresqls_format(field, expected):
    """A value that is the same in every row is written as PostgreSQL reads it."""
    assert field == (expected,)
