# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a provision costs (手数料表, 法30条の23): prices as data, by article, method and day.

An article that no price names is not charged for. One that is charged for has a price for every method and day on
which it was used, or the tariff has a hole, and no invoice is written.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib.resources import files
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from openjuki.errors import BadConfiguration
from openjuki.refusal import Where

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

#: A tariff of the installation's own has this name, beside its settings.
FILE: Final = "tariff.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What one provision costs under these articles, by these methods, on these days (単価)."""

    since: date
    #: The first day on which it no longer holds.
    until: date | None
    articles: frozenset[str]
    methods: frozenset[str]
    yen: Decimal

    def holds(self, day: date, article: str, method: str) -> bool:
        """Whether a provision of that day costs this."""
        return (
            self.since <= day
            and (self.until is None or day < self.until)
            and article in self.articles
            and method in self.methods
        )

    def meets(self, other: Price) -> bool:
        """Whether some provision would cost both."""
        latest = max(self.since, other.since)
        earliest_end = min(self.until or date.max, other.until or date.max)
        return (
            latest < earliest_end
            and not self.articles.isdisjoint(other.articles)
            and not self.methods.isdisjoint(other.methods)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """All prices, and whose they are (手数料表)."""

    name_ja: str
    name_en: str
    #: Whether the Minister has approved it.
    approved: bool
    prices: tuple[Price, ...]

    @classmethod
    def load(cls, path: Path | None = None) -> Tariff:
        """Read a tariff; without a file, the one for illustration.

        Raises:
            BadConfiguration: it is not there, no tariff, or has two prices for one provision.
        """
        try:
            if path is None:
                text = files("openjuki.oversight").joinpath("data", FILE).read_text(encoding="utf-8")
            else:
                text = path.read_text(encoding="utf-8")
            return cls.from_dict(tomllib.loads(text))
        except (OSError, ValueError, KeyError, TypeError, InvalidOperation) as error:
            name = FILE if path is None else path.name
            raise BadConfiguration(f"not a tariff: {error}", where=Where(file=name)) from None

    @classmethod
    def from_dict(cls, table: Mapping[str, Any]) -> Tariff:
        """From its tables.

        Raises:
            ValueError, KeyError, TypeError, InvalidOperation: that is no tariff.
        """
        prices = tuple(map(_price, table["price"]))
        for one, other in combinations(prices, 2):
            if one.meets(other):
                raise ValueError(f"two prices for one provision: {one.yen} and {other.yen} yen")
        return cls(
            name_ja=str(table["name_ja"]),
            name_en=str(table["name_en"]),
            approved=bool(table.get("approved", False)),
            prices=prices,
        )

    def price(self, day: date, article: str, method: str) -> Decimal | None:
        """What a provision of that day costs; None: it is not charged for.

        Raises:
            BadConfiguration: the article is charged for, and has no price for this method or day.
        """
        for one in self.prices:
            if one.holds(day, article, method):
                return one.yen
        if any(article in one.articles for one in self.prices):
            raise BadConfiguration(f"the tariff has no price for {article} by {method} on {day}")
        return None


def _price(row: Mapping[str, Any]) -> Price:
    since, until, yen = row["since"], row.get("until"), row["yen"]
    if type(since) is not date or (until is not None and (type(until) is not date or until <= since)):
        raise ValueError("a price holds from a day to a later one")
    if not isinstance(yen, str) or not (price := Decimal(yen)).is_finite() or price < 0:
        raise ValueError(f"yen are written as text, such as '8.5', not {yen!r}")
    articles, methods = frozenset(row["articles"]), frozenset(row["methods"])
    if not articles or not methods:
        raise ValueError("a price is for articles and methods")
    return Price(since=since, until=until, articles=articles, methods=methods, yen=price)
