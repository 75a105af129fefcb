# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an agency owes for a month, with the arithmetic."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.oversight.invoice import Item, following, invoice, sheet, span
from openjuki.oversight.tariff import Tariff
from openjuki.store.provisions import Tally

NENKIN = "agency-nenkin"
MONTH = date(2026, 4, 1)
TARIFF = Tariff.from_dict(
    {
        "name_ja": "表",
        "name_en": "table",
        "price": [
            {"since": date(2026, 1, 1), "articles": ["法30条の9"], "methods": ["bulk"], "yen": "8.5"},
            {
                "since": date(2026, 1, 1),
                "until": date(2026, 4, 16),
                "articles": ["法30条の9"],
                "methods": ["online"],
                "yen": "10",
            },
            {"since": date(2026, 4, 16), "articles": ["法30条の9"], "methods": ["online"], "yen": "9"},
        ],
    }
)
ONLINE = Tally(MONTH, "state-118", NENKIN, ("法30条の9・別表第1の77の4の項",), "online", 3)
BULK = ONLINE._replace(day=date(2026, 4, 30), method="bulk", provisions=1001)


def test_every_line_is_a_number_times_a_price():
    """1,001 at 8.5 yen are 8,508.5 yen; what is less than a yen is dropped at the end, once."""
    bill = invoice(NENKIN, MONTH, [ONLINE, BULK], TARIFF)

    assert bill.items == (
        Item("state-118", "法30条の9", "bulk", 1001, Decimal("8.5")),
        Item("state-118", "法30条の9", "online", 3, Decimal(10)),
    )
    assert (bill.exact, bill.yen, bill.provisions) == (Decimal("8538.5"), 8538, 1004)


def test_days_of_another_price_are_a_line_of_their_own():
    """A price that changes in the middle of the month is not averaged."""
    bill = invoice(NENKIN, MONTH, [ONLINE, ONLINE._replace(day=date(2026, 4, 16))], TARIFF)

    assert [(item.provisions, item.price) for item in bill.items] == [(3, Decimal(9)), (3, Decimal(10))]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"recipient": "agency-kokuzei"}, id="another agency's"),
        pytest.param({"day": date(2026, 3, 31)}, id="of the day before"),
        pytest.param({"day": date(2026, 5, 1)}, id="of the day after"),
    ],
)
def test_what_is_not_of_the_month_and_agency_is_not_billed(other):
    """An invoice holds one agency's month and nothing else."""
    assert invoice(NENKIN, MONTH, [BULK._replace(**other)], TARIFF).items == ()


def test_what_is_not_charged_for_is_listed_all_the_same():
    """It stands last, without a price, and adds nothing."""
    free = ONLINE._replace(articles=("法30条の11第1項第1号・別表第3の1の項",), affair="a-first")

    bill = invoice(NENKIN, MONTH, [free, BULK], TARIFF)

    assert bill.items[-1].price is None
    assert (bill.exact, bill.provisions) == (Decimal("8508.5"), 1004)


def test_the_table_adds_up_before_the_eyes_of_who_pays():
    """Number, price, amount; the sum; what is asked for."""
    rows = sheet(invoice(NENKIN, MONTH, [BULK], TARIFF), "請求書").rows

    assert rows == (
        ("state-118", "法30条の9", "bulk", 1001, "8.5", "8,508.5"),
        ("計", None, None, 1001, None, "8,508.5"),
        ("請求額（円未満切捨て）", None, None, None, None, "8,508"),
    )


def test_a_month_without_provisions_costs_nothing():
    """An empty invoice is one of no yen."""
    assert sheet(invoice(NENKIN, MONTH, [], TARIFF), "").rows[-1][-1] == "0"


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1)))
def test_every_day_is_of_one_month(day):
    """A month begins on or before each of its days; the next begins after."""
    first, end = span(day)

    assert first <= day < end == following(first)
    assert (first.day, end.day) == (1, 1)
