# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an agency owes for a month (請求書, 法30条の23), with the arithmetic; pure.

Every line is a number of provisions times a price; the sum is exact, and what is less than a yen at its end is
dropped once (国等の債権債務等の金額の端数計算に関する法律2条).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.oversight.layouts import Sheet
from openjuki.oversight.usage import cited

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openjuki.oversight.layouts import Cell
    from openjuki.oversight.tariff import Tariff
    from openjuki.store.provisions import Tally

COLUMNS: Final = ("事務", "根拠条文", "方法", "件数", "単価（円）", "金額（円）")
_DECEMBER: Final = 12


class Item(NamedTuple):
    """Provisions alike (明細)."""

    affair: str
    article: str
    method: str
    provisions: int
    #: Yen for one; None: not charged for.
    price: Decimal | None

    @property
    def amount(self) -> Decimal:
        """Yen for all of them, exactly."""
        return (self.price or Decimal(0)) * self.provisions


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """A month of an agency (請求書)."""

    agency: str
    #: Its first day.
    month: date
    #: Those that cost something first.
    items: tuple[Item, ...]

    @property
    def provisions(self) -> int:
        """How many, charged for or not."""
        return sum(item.provisions for item in self.items)

    @property
    def exact(self) -> Decimal:
        """The sum before what is less than a yen is dropped."""
        return sum((item.amount for item in self.items), Decimal(0))

    @property
    def yen(self) -> int:
        """What is owed."""
        return int(self.exact.to_integral_value(ROUND_FLOOR))


def invoice(agency: str, month: date, tallies: Iterable[Tally], tariff: Tariff) -> Invoice:
    """Bill an agency for what it was provided in a month; tallies of others and of other days are passed over.

    Raises:
        BadConfiguration: the tariff has a hole.
    """
    counts: Counter[tuple[str, str, str, Decimal | None]] = Counter()
    begins, ends = span(month)
    for day, affair, recipient, articles, method, number in tallies:
        if recipient == agency and begins <= day < ends:
            article = cited(articles[0])
            counts[affair, article, method, tariff.price(day, article, method)] += number
    items = (Item(*kind[:3], number, kind[3]) for kind, number in counts.items())
    return Invoice(agency=agency, month=begins, items=tuple(sorted(items, key=_order)))


def span(month: date) -> tuple[date, date]:
    """The first day of a month, and of the next."""
    return month.replace(day=1), following(month)


def following(month: date) -> date:
    """The first day of the month after."""
    if month.month == _DECEMBER:
        return date(month.year + 1, 1, 1)
    return date(month.year, month.month + 1, 1)


def sheet(bill: Invoice, title: str) -> Sheet:
    """The invoice as a table, with its sum; what is not charged for has no price."""
    rows: list[tuple[Cell, ...]] = [
        (item.affair, item.article, item.method, item.provisions, yen(item.price), yen(_owed(item)))
        for item in bill.items
    ]
    rows.append(("計", None, None, bill.provisions, None, yen(bill.exact)))
    rows.append(("請求額（円未満切捨て）", None, None, None, None, yen(Decimal(bill.yen))))
    return Sheet(title, COLUMNS, tuple(rows))


def yen(amount: Decimal | None) -> str | None:
    """An amount as it is written; blank where nothing is charged.

    >>> yen(Decimal("1234567.50")), yen(Decimal("10")), yen(None)
    ('1,234,567.5', '10', None)
    """
    if amount is None:
        return None
    text = f"{amount:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _owed(item: Item) -> Decimal | None:
    return None if item.price is None else item.amount


def _order(item: Item) -> tuple[bool, str, str, str, Decimal]:
    return item.price is None, item.affair, item.article, item.method, item.price or Decimal(0)
