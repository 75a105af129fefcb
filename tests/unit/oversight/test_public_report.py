# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The yearly report of the Centre: to whom, in which month, how often, how."""

from __future__ import annotations

from datetime import date

import pytest

from openjuki.law.basis import Method
from openjuki.oversight.public_report import METHODS, report
from openjuki.store.provisions import Tally

NENKIN = Tally(date(2026, 4, 1), "state-118", "agency-nenkin", ("法30条の9",), "bulk", 5)


def test_months_methods_and_recipients_are_rows():
    """Affairs and days of a month come together; what differs in month, method or recipient does not."""
    others = [
        NENKIN._replace(affair="state-115", day=date(2026, 4, 30)),
        NENKIN._replace(day=date(2027, 3, 31)),
        NENKIN._replace(method="online"),
        NENKIN._replace(recipient="010006"),
    ]

    rows = report(2026, [NENKIN, *others], {"agency-nenkin": "日本年金機構"}).rows

    assert rows == (
        ("010006", "R8.4", 5, "一括提供（電気通信回線）"),
        ("日本年金機構", "R8.4", 10, "一括提供（電気通信回線）"),
        ("日本年金機構", "R8.4", 5, "即時提供（電気通信回線）"),
        ("日本年金機構", "R9.3", 5, "一括提供（電気通信回線）"),
        ("計", None, 25, None),
    )


@pytest.mark.parametrize("day", [date(2026, 3, 31), date(2027, 4, 1)])
def test_other_years_are_in_other_reports(day):
    """A report is of one fiscal year."""
    assert report(2026, [NENKIN._replace(day=day)], {}).rows == (("計", None, 0, None),)


@pytest.mark.parametrize("method", list(Method))
def test_every_method_has_its_words(method):
    """The report is read by people."""
    assert method in METHODS
