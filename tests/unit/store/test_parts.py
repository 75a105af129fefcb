# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The log of a part, before any database: its salts, its tree, its Parquet."""

from __future__ import annotations

import hashlib
from itertools import batched, pairwise

import numpy as np
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.parts import a_part, drawn, written
from openjuki.residents.look_up.result import Result
from openjuki.store import parts
from openjuki.store.parts import columns, hashing
from openjuki.store.parts.columns import GROUP_ROWS, Slices
from openjuki.store.parts.hashing import CHUNK
from openjuki.store.parts.leaving import Salted, gone
from openjuki.wire.bulk import RESULT_BYTES, RESULTS
from openjuki.wire.leaf import commitment
from openjuki.wire.merkle import Tree, verify_inclusion
from openjuki.wire.part import Part, PartRow, resident_code

SIZES = [0, 1, 2, 3, 7, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK + 300, 3 * CHUNK]


def rows_of(log: bytes) -> list[PartRow]:
    """The rows, one by one."""
    table = columns.read(log)
    return [
        PartRow(resident_code(code), RESULTS[result], basis)
        for code, result, basis in zip(*(table[name].to_pylist() for name in table.column_names), strict=True)
    ]


def leaves_of(made: parts.Written) -> list[bytes]:
    """The hashes of the leaves, one by one, from secrets and rows."""
    found = []
    for number, chunk in enumerate(batched(rows_of(made.log), CHUNK)):
        cipher = Cipher(algorithms.AES(made.secrets[32 * number :][:32]), modes.CTR(bytes(16))).encryptor()
        found += [row.leaf(cipher.update(bytes(32))) for row in chunk]
    return found


@pytest.mark.parametrize("size", SIZES)
def test_the_root_is_that_of_an_rfc_6962_tree_over_salted_rows(size):
    """One by one, as the specification says it, gives the same root as all at once."""
    made = written(range(size, 0, -1))

    assert made.part.root == Tree.EMPTY.append(leaves_of(made)).root
    assert made.part.rows == size


def test_many_hashes_at_once_are_those_of_one_after_the_other(monkeypatch):
    """Which of the two ways is gone depends on how many there are, and nothing else does."""
    made = written(range(5000))
    monkeypatch.setattr(hashing, "_FEW", 0)

    assert written(range(5000)) == made


@pytest.mark.parametrize("size", SIZES[1:])
def test_a_row_is_shown_by_its_chunk_and_the_roots_of_the_others(size):
    """The path through a chunk, and then over the roots of chunks, is the path of the whole tree."""
    made = written(range(size))
    leaves = leaves_of(made)
    for row in {0, size // 2, size - 1}:
        chunk, place = divmod(row, CHUNK)
        own = b"".join(leaves[chunk * CHUNK : (chunk + 1) * CHUNK])
        path = (*hashing.path(hashing.levels(own), place), *hashing.path(hashing.levels(made.roots), chunk))
        verify_inclusion(leaves[row], row, size, path, made.part.root)


def test_rows_stand_in_the_order_of_codes():
    """Whatever the order of the keys was; who was asked for twice stands there twice."""
    codes = [30, 10, 20, 10]
    results = [RESULT_BYTES[one] for one in (Result.MATCHED, Result.DIED, Result.SUPERSEDED, Result.MATCHED)]
    made = parts.write(
        a_part(), np.array(codes), np.array(results, np.uint8), np.array([0, 1, 1, 0], np.uint8), drawn()
    )

    assert rows_of(made.log) == [
        (resident_code(10), Result.DIED, 1),
        (resident_code(10), Result.MATCHED, 0),
        (resident_code(20), Result.SUPERSEDED, 1),
        (resident_code(30), Result.MATCHED, 0),
    ]
    assert made.part.told == (2, 2)


def test_the_same_rows_give_the_same_bytes():
    """And the same secrets; with others the root is another, and the log is the same."""
    one, same, other = (written(range(3000), seed=seed) for seed in (1, 1, 2))

    assert one == same
    assert (one.log, one.part.told) == (other.log, other.part.told)
    assert one.part.root != other.part.root


def test_what_the_journal_says_names_nobody():
    """The payload holds counts, a root and no code; and it is what the row commits to."""
    made = written([24727059608])

    assert b"24727059608" not in made.payload
    assert Part.from_bytes(made.payload) == made.part
    assert made.commitment == commitment(made.salt, made.payload)
    assert made.commitment == hashlib.sha256(made.salt + made.payload).digest()


def test_a_part_of_a_million_strangers_takes_less_than_three_bytes_for_each():
    """Codes are written as the distance to the one before; a tenth of the density of real codes, at a tenth of a part."""
    codes = np.sort(np.random.default_rng(7).choice(10**10, 100_000, replace=False))
    made = written(codes)

    assert (len(made.log) + len(made.secrets) + len(made.roots)) / len(codes) < 3


def test_codes_are_read_without_the_rest():
    """In their order."""
    assert parts.codes(written([5, 3, 4]).log).tolist() == [3, 4, 5]


@pytest.mark.parametrize("size", [1, GROUP_ROWS, GROUP_ROWS + 1])
def test_a_row_group_is_read_from_its_range_alone(size):
    """The end of the file says where it lies; nothing else is touched."""
    log = written(range(size)).log
    footer = columns.footer(log[-columns.FOOTER :])
    file = Slices(len(log), footer)
    starts = [columns.range_of(footer, group) for group in range(footer.num_row_groups)]
    group = footer.num_row_groups - 1
    start, length = starts[group]
    file.add(start, log[start : start + length])

    assert file.group(group)["code"].to_pylist() == list(range(group * GROUP_ROWS, size))
    assert all(one[0] + one[1] == other[0] for one, other in pairwise(starts))


def test_the_footer_of_a_full_part_fits():
    """Sixteen row groups of distinct rows are described in less than is read from the end."""
    log = written(range(16 * GROUP_ROWS)).log

    assert int.from_bytes(log[-8:-4], "little") + 8 < columns.FOOTER


def test_a_range_that_was_not_fetched_is_not_read():
    """Reading past what is at hand fails, and gives no zeros."""
    file = Slices(10, columns.footer(written([1]).log))
    file.add(0, b"12345")

    with pytest.raises(OSError, match="not fetched"):
        file.read(8)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.data())
def test_leaves_stay_when_salts_go(size, data):
    """Of a chunk some rows are erased, one after the other: every leaf stays what it was."""
    made = written(range(size))
    table = columns.read(made.log)
    salted = Salted.of(made.secrets[:32], size, None, None)
    before = salted.leaves(table)
    places = data.draw(st.lists(st.integers(0, size - 1), unique=True, max_size=5))
    left = b""
    for place in places:
        salts, left = salted.without(place), left + gone(place, before[place].tobytes())
        salted = Salted.of(bytes(32), size, salts, left)

    assert (salted.leaves(table) == before).all()
    assert all(not salted.salts[place].any() for place in places)
