# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The index's entries: what stands under which code, packed without a row beside each."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjuki.errors import IntegrityFailure
from openjuki.store.buckets.entries import ERASED, Entries, Packed

#: Parts by their numbers: codes in order, few enough that they meet each other.
PARTS = st.dictionaries(
    st.integers(1, 9), st.lists(st.integers(0, 12), max_size=20).map(sorted), min_size=1, max_size=6
)


def erased(codes: list[int], rows: set[int]) -> list[int]:
    return [ERASED if row in rows else code for row, code in enumerate(codes)]


def plain(entries: Entries) -> list[tuple[int, int, int]]:
    return list(zip(entries.codes.tolist(), entries.parts.tolist(), entries.rows.tolist(), strict=True))


@given(PARTS, st.sets(st.integers(0, 19)))
@settings(max_examples=40, deadline=None)
def test_every_row_that_was_not_erased_is_an_entry(parts, gone):
    """Whatever the parts hold, the entries are their rows in order of code, part and row; what was erased is none."""
    entries = Entries.of((number, erased(codes, gone)) for number, codes in parts.items())

    expected = [
        (code, number, row)
        for number, codes in parts.items()
        for row, code in enumerate(codes)
        if row not in gone
    ]
    assert plain(entries) == sorted(expected)


@given(PARTS, st.sets(st.integers(0, 19)), st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_buckets_say_the_same_as_the_entries(parts, gone, most):
    """Split, packed, unpacked and joined again nothing is lost, and each code is found in one bucket alone."""
    entries = Entries.of((number, erased(codes, gone)) for number, codes in parts.items())
    buckets = [Packed.of(one) for one in entries.split(most)]

    assert plain(Entries.joined(one.unpack() for one in buckets)) == plain(entries)
    for code in range(-1, 14):
        found = [one.find(code) for one in buckets if one.find(code)]
        assert found == ([entries.find(code)] if entries.find(code) else [])


def test_an_entry_taken_out_leaves_the_others_their_rows():
    """Taking a row out of the middle of a strand splits it; the rows after it keep their numbers."""
    entries = Packed.of(Entries.of([(4, [10, 20, 30, 40])])).unpack().without(4, 1)

    assert plain(Packed.of(entries).unpack()) == [(10, 4, 0), (30, 4, 2), (40, 4, 3)]
    assert Packed.of(entries).find(40) == [(4, 3)]


def test_a_range_of_codes_is_cut_out():
    """From the first code on, and before the last."""
    entries = Entries.of([(1, [5, 6, 7]), (2, [6])])

    assert plain(entries.between(6, 7)) == [(6, 1, 1), (6, 2, 0)]
    assert len(entries.between(6, None)) == 3


def test_an_entry_costs_three_bytes():
    """A hundred parts of neighbours a thousand codes apart: the index is smaller than a row's number beside each."""
    chance = np.random.default_rng(7)
    codes = np.cumsum(chance.geometric(0.001, 32_768))
    parts = chance.integers(1, 100, len(codes))
    entries = Entries.of((int(one), codes[parts == one]) for one in np.unique(parts))

    assert sum(map(len, Packed.of(entries))) < 3 * len(entries)


def test_a_part_out_of_order_is_a_damage():
    """A part that is not sorted by code was not written by us."""
    with pytest.raises(IntegrityFailure):
        Entries.of([(1, [2, 1])])


@pytest.mark.parametrize(
    "strands",
    [
        pytest.param([(1, [5])], id="fewer rows than entries"),
        pytest.param([(2, [5, 6, 7])], id="of another part"),
    ],
)
def test_strands_that_do_not_fit_are_a_damage(strands):
    """A row is never guessed: where strands and entries disagree, nothing is said."""
    entries, other = Packed.of(Entries.of([(1, [5, 6, 7])])), Packed.of(Entries.of(strands))
    mixed = Packed(entries.entries, other.strands)

    with pytest.raises(IntegrityFailure):
        mixed.unpack()
    with pytest.raises(IntegrityFailure):
        mixed.find(7)


@pytest.mark.parametrize("raw", [b"", b"PAR1", Packed.of(Entries.of([(1, [5])])).strands])
def test_other_bytes_are_no_bucket(raw):
    """Bytes that are no Parquet, or have other columns, are a damage and nothing else."""
    with pytest.raises(IntegrityFailure):
        Packed(raw, raw).find(5)
