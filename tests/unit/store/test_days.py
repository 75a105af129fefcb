# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Days out of columns of texts: each as one date is read alone."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from openjuki.errors import BadInput
from openjuki.residents.dates import RecordedDate
from openjuki.store.snapshot.days import Days

WRITTEN = st.one_of(
    st.dates().map(date.isoformat),
    st.dates(date(1799, 12, 1), date(1800, 2, 1)).map(date.isoformat),
    st.dates(date(2199, 12, 1), date(2200, 2, 1)).map(date.isoformat),
    st.sampled_from(
        ("1990-02-29", "1992-02-29", "1990-00-01", "1990-01-00", "1990-13-01", "1990-01-32", "1990/01/01")
    ),
    st.sampled_from(
        ("19９0-01-1", "199a-01-01", "1990-1-001", "平成2年1月1日", "不詳", "1990-01-01 ", "never", "")
    ),
    st.none(),
)


def alone(text: str | None) -> date | None:
    """The day that one date is sorted by."""
    try:
        return None if text is None else RecordedDate.parse(text).sort
    except BadInput:
        return None


@settings(max_examples=200, deadline=None)
@given(st.lists(WRITTEN, max_size=12), st.integers(0, 3))
def test_a_column_of_dates_is_read_as_each_alone(texts, first):
    """Whatever stands beside it, and wherever the column begins in its buffers."""
    found = Days.of(pa.array(texts, pa.string()).slice(first))

    assert found.days.to_pylist() == list(map(alone, texts[first:]))
    for text, day, plain in zip(texts[first:], found.days.to_pylist(), found.plain.tolist(), strict=True):
        assert not plain or text == day.isoformat()


def test_a_day_of_the_calendar_is_plain():
    """It is recorded as it is written; another form of it is not."""
    assert Days.of(pa.array(["1990-01-01", "平成2年1月1日", None])).plain.tolist() == [True, False, False]


def test_what_lies_beneath_a_null_is_nothing():
    """A column from elsewhere may have bytes where it has no value."""
    texts = pa.array(["1990-01-01", "1991-01-01", "1992-01-01"])
    hidden = pa.Array.from_buffers(pa.string(), 3, [pa.py_buffer(b"\x05"), *texts.buffers()[1:]])

    assert Days.of(hidden).days.to_pylist() == [date(1990, 1, 1), None, date(1992, 1, 1)]
