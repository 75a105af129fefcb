# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Enquiries that told nobody anything new."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.oversight.advice import Needless, advice, needless, sheet, totals
from openjuki.store.tellings import Changes, Kind, Told

DAY = 86_400
NOW = 1_790_000_000
MONTH = 31 * DAY
YEARLY = Kind("agency-nenkin", "state-115", "法30条の9", "bulk", frozenset({"state"}))
MONTHLY = YEARLY._replace(affair="state-118", items=frozenset({"state", "address"}))
HANAKO, TARO = 10_000_000_000, 99_999_999_999


def columns(rows, width):
    """Rows as columns of numbers."""
    return [np.array(column, np.int64) for column in zip(*rows, strict=True)] or [
        np.empty(0, np.int64)
    ] * width


def found(*rows, kinds=(MONTHLY, YEARLY), changes=(), since=0, within=MONTH):
    """What is needless among who was told about when, and under which kind."""
    told = Told(*columns(rows, 3))
    return needless(told, kinds, Changes(*columns(changes, 2)), since=since, within=within)


def test_what_the_monthly_enquiry_told_the_yearly_need_not_ask():
    """As the Board of Audit found: the same body, the same person, nothing new in between."""
    assert found((HANAKO, NOW, 0), (HANAKO, NOW + 9 * DAY, 1)) == {(YEARLY, MONTHLY): 1}


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(HANAKO, NOW, 0), (TARO, NOW + DAY, 1)], id="somebody else"),
        pytest.param([(HANAKO, NOW, 0), (HANAKO, NOW + MONTH + 1, 1)], id="too long ago"),
        pytest.param([(HANAKO, NOW, 1), (HANAKO, NOW + DAY, 0)], id="the address was not told before"),
        pytest.param([(HANAKO, NOW, 0)], id="asked once"),
        pytest.param([], id="nobody asked"),
    ],
)
def test_what_is_new_is_not_needless(rows):
    """Another person, an old answer, another item."""
    assert found(*rows) == {}


def test_another_body_must_ask_for_itself():
    """What one body was told, no other knows."""
    other = YEARLY._replace(asker="agency-kokuzei")

    assert found((HANAKO, NOW, 0), (HANAKO, NOW + DAY, 1), kinds=(MONTHLY, other)) == {}


@pytest.mark.parametrize(
    ("change", "count"),
    [
        pytest.param((HANAKO, NOW - 1), 1, id="before it was told"),
        pytest.param((HANAKO, NOW + 1), 0, id="in between"),
        pytest.param((HANAKO, NOW + DAY), 0, id="at the moment of the second enquiry"),
        pytest.param((HANAKO, NOW + DAY + 1), 1, id="after both"),
        pytest.param((HANAKO + 1, NOW + 1), 1, id="of somebody else"),
    ],
)
def test_whoever_asks_after_a_change_asks_rightly(change, count):
    """An answer that differs is no waste."""
    assert found((HANAKO, NOW, 0), (HANAKO, NOW + DAY, 1), changes=[change]).total() == count


def test_an_enquiry_between_that_told_less_does_not_hide_one_that_told_enough():
    """Monthly, then yearly with fewer items, then monthly again: the last repeats the first."""
    rows = [(HANAKO, NOW, 0), (HANAKO, NOW + DAY, 1), (HANAKO, NOW + 2 * DAY, 0)]

    assert found(*rows) == {(YEARLY, MONTHLY): 1, (MONTHLY, MONTHLY): 1}


def test_enquiries_before_the_time_are_no_news_and_are_not_counted():
    """What was told in March makes an enquiry of April needless; those of March themselves are another report's."""
    rows = [(HANAKO, NOW - 2 * DAY, 0), (HANAKO, NOW - DAY, 0), (HANAKO, NOW, 0)]

    assert found(*rows, since=NOW).total() == 1
    assert totals(Told(*columns(rows, 3)), (MONTHLY,), since=NOW) == {MONTHLY: 1}


def plain(rows, changes, within):
    """The same, one after the other."""
    hits = Counter()
    for code, at, kind in rows:
        earlier = [
            (before, other)
            for person, before, other in rows
            if person == code and at - within <= before < at
            if (MONTHLY, YEARLY)[kind].items <= (MONTHLY, YEARLY)[other].items
            if not any(who == code and before < when <= at for who, when in changes)
        ]
        hits[kind] += bool(earlier)
    return +hits


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.integers(NOW, NOW + 40), st.integers(0, 1)),
        max_size=12,
        unique_by=lambda row: row[:2],
    ),
    st.lists(st.tuples(st.integers(1, 3), st.integers(NOW, NOW + 40)), max_size=4),
    st.integers(1, 20),
)
def test_columns_find_what_looking_one_by_one_finds(rows, changes, within):
    """Whatever is asked, in whatever order it is read."""
    counts = Counter()
    for (now, _), count in found(*rows, changes=changes, within=within).items():
        counts[(MONTHLY, YEARLY).index(now)] += count

    assert counts == plain(rows, changes, within)


def test_advice_says_how_many_of_how_many():
    """Kinds that differ in their items alone are one line; the most needless stands first."""
    other = YEARLY._replace(items=frozenset())
    pairs = {(YEARLY, MONTHLY): 5, (other, MONTHLY): 2, (MONTHLY, MONTHLY): 8}

    lines = advice(pairs, {YEARLY: 10, other: 4, MONTHLY: 80})

    assert lines == (
        Needless("agency-nenkin", "state-118", "state-118", "法30条の9", "bulk", 8, 80),
        Needless("agency-nenkin", "state-115", "state-118", "法30条の9", "bulk", 7, 14),
    )
    assert sheet([(lines[1], "59.5")], {"agency-nenkin": "日本年金機構"}).rows == (
        ("日本年金機構", "state-115", "state-118", "bulk", 7, 14, "50%", "59.5"),
    )
