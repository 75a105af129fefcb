# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who of a list is among those to whom something happened: chunk by chunk, whatever lies in which."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjuki.errors import BadEnvelope
from openjuki.nodes.clientele.finding import Watched
from openjuki.store.changes import Applied
from openjuki.wire.bulk import KeyKind


def happened(code: int, before: int | None = None) -> Applied:
    """Something happened to somebody of this code, who had another before."""
    return Applied(1, 2, f"{code:011}", None, None if before is None else f"{before:011}", None)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 40), st.none() | st.integers(0, 40)), max_size=30),
    st.sets(st.integers(0, 40), min_size=1),
    st.integers(1, 8),
)
def test_exactly_those_on_the_list_are_found(told: list, keys: set[int], size: int):
    """The same as looking each of them up, in the order in which it happened."""
    applied = [happened(*one) for one in told]
    watched, listed = Watched.of(applied, KeyKind.RESIDENT_CODE), sorted(keys)

    for place, start in enumerate(range(0, len(listed), size)):
        watched.look(place, np.array(listed[start : start + size], np.int64))
    watched.check_ascends()

    expected = [
        (one, key, superseded)
        for one in applied
        for key, superseded in ((one.previous_resident_code, True), (one.resident_code, False))
        if key is not None and int(key) in keys
    ]
    assert [tuple(one) for one in watched.found()] == expected


def test_somebody_may_be_listed_by_number():
    """Where there is no number, nobody is found by it."""
    numbered = happened(1)._replace(individual_number="000000000018")
    watched = Watched.of([numbered, happened(2)], KeyKind.INDIVIDUAL_NUMBER)

    watched.look(0, np.array([18], np.int64))

    assert [one.key for one in watched.found()] == ["000000000018"]


def test_chunks_that_overlap_are_no_list():
    """Nobody is on a list twice."""
    watched = Watched.of([happened(1)], KeyKind.RESIDENT_CODE)
    watched.look(0, np.array([1, 5], np.int64))
    watched.look(1, np.array([5, 9], np.int64))

    with pytest.raises(BadEnvelope):
        watched.check_ascends()
