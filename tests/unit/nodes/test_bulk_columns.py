# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Columns of keys and of answers: which keys can be read, and how an answer leaves room for whom nothing is told of."""

from __future__ import annotations

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjuki.errors import BadQuestion
from openjuki.nodes.bulk.legible import NO_NUMBER, legible, numbers
from openjuki.nodes.bulk.spreading import Room
from openjuki.residents.look_up import LookUp
from openjuki.wire.bulk import KeyKind
from openjuki.wire.columns import KEY_SCHEMAS

FOUR = {"name": "渡邉 葵", "birth_date": "1990-01-01", "sex": "female", "address": "千代田1-1-1"}
COLUMNS = st.one_of(
    st.tuples(st.just(pa.string()), st.lists(st.one_of(st.none(), st.text(max_size=3)), max_size=20)),
    st.tuples(st.just(pa.int64()), st.lists(st.one_of(st.none(), st.integers(0, 10**12)), max_size=20)),
    st.tuples(st.just(pa.date32()), st.lists(st.one_of(st.none(), st.dates()), max_size=20)),
)


def is_read(items: dict[str, str]) -> bool:
    """Whether one question reads these items."""
    try:
        LookUp.from_dict(items)
    except BadQuestion:
        return False
    return True


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({}, id="all four"),
        pytest.param({"birth_date": "昭和64年1月7日"}, id="a date as registers write it"),
        pytest.param({"birth_date": "1990-13-01"}, id="a month too many"),
        pytest.param({"birth_date": "生年月日"}, id="words for a date"),
        pytest.param({"sex": "女"}, id="a sex in other words"),
        pytest.param({"sex": "unknown"}, id="a sex that is not known"),
        pytest.param({"name": "\u3000"}, id="a name of spaces"),
        pytest.param({"name": "渡邉\t葵"}, id="a tabulator in a name"),
        pytest.param({"name": " 渡邉 葵\n"}, id="space around a name"),
        pytest.param({"name": "\u3000渡邉葵"}, id="the full-width space before a name"),
        pytest.param({"name": "\u00a0"}, id="a space of another kind"),
        pytest.param({"address": "あ" * 300}, id="as long as may be"),
        pytest.param({"address": "x" * 301}, id="longer than may be, in a byte each"),
        pytest.param({"address": "あ" * 301}, id="longer than may be"),
    ],
)
def test_a_row_is_read_as_one_question_is(other):
    """The same rows are malformed whether they are asked in a file or one by one."""
    table = pa.Table.from_pylist([FOUR | other], schema=KEY_SCHEMAS[KeyKind.FOUR_ITEMS])

    assert legible(KeyKind.FOUR_ITEMS, table).tolist() == [is_read(FOUR | other)]


@pytest.mark.parametrize("missing", FOUR)
def test_a_row_that_lacks_an_item_is_malformed(missing):
    """Nobody is looked for by what is left of it: the law granted four items, not three."""
    table = pa.Table.from_pylist([FOUR | {missing: None}, FOUR], schema=KEY_SCHEMAS[KeyKind.FOUR_ITEMS])

    assert legible(KeyKind.FOUR_ITEMS, table).tolist() == [False, True]


def test_a_number_that_could_not_be_read_is_nobodys():
    """It has a place among the keys, and leads nowhere."""
    table = pa.table({"resident_code": pa.array([24727059608, None])})

    assert legible(KeyKind.RESIDENT_CODE, table).tolist() == [True, False]
    assert numbers(table).tolist() == [24727059608, NO_NUMBER]


@settings(max_examples=60, deadline=None)
@given(COLUMNS, st.data())
def test_a_column_is_spread_over_the_rows_that_have_a_value(column, data):
    """Every value stands at its row, whatever its type; all other rows are null, and the column is valid in itself."""
    kind, values = column
    count = len(values) + data.draw(st.integers(0, 12))
    rows = sorted(data.draw(st.permutations(range(count)))[: len(values)])
    expected = [None] * count
    for row, value in zip(rows, values, strict=True):
        expected[row] = value

    found = Room(np.array(rows, np.intp), count).spread(pa.array(values, kind))
    found.validate(full=True)
    assert found.to_pylist() == expected
    assert found.null_count == expected.count(None)


def test_a_slice_is_spread_like_a_whole():
    """Where the values begin in their buffers does not matter."""
    texts = pa.array(["一", "二", "三", None, "五"]).slice(1, 3)
    days = pa.array([date(2026, 1, 1), None, date(2026, 1, 3)]).slice(1, 2)

    assert Room(np.array([0, 2, 3]), 5).spread(texts).to_pylist() == ["二", None, "三", None, None]
    assert Room(np.array([1, 2]), 3).spread(days).to_pylist() == [None, None, date(2026, 1, 3)]
