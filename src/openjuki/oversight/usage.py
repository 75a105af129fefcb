# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How often was provided (提供件数): by fiscal year, affair, recipient, article and method; pure.

One aggregation for all: what a provider's tables count by the day, and what published counts stand for, is the
same kind of row, and comes to the same headings.

>>> fiscal_year(date(2021, 3, 31)), fiscal_year(date(2021, 4, 1))
(2020, 2021)
>>> year_ja(2018), year_ja(2019), month_ja(date(2019, 4, 1))
('H30', 'R1', 'H31.4')
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.residents.dates import ERAS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from openjuki.residents.dates import Era
    from openjuki.store.provisions import Tally

#: A fiscal year begins with this month (地方自治法208条).
FIRST_MONTH: Final = 4
#: Articles under which an ordinance opens information (条例による提供と利用).
_OF_ORDINANCES: Final = ("法30条の13", "法30条の14", "法30条の15第1項第2号", "法30条の15第2項第2号", "条例")


class Heading(NamedTuple):
    """What provisions are counted under (集計の項目)."""

    fiscal_year: int
    affair: str
    recipient: str
    #: The first of the articles that carried it, without the row of a table.
    article: str
    method: str

    @property
    def by_ordinance(self) -> bool:
        """Whether an ordinance opened it, and not the Act (条例事務)."""
        return self.article.startswith(_OF_ORDINANCES)


def aggregate(tallies: Iterable[Tally]) -> Mapping[Heading, int]:
    """Count the provisions of days under their headings; one that rests on several articles counts once."""
    counts: Counter[Heading] = Counter()
    for day, affair, recipient, articles, method, count in tallies:
        heading = Heading(fiscal_year(day), affair, recipient, cited(articles[0]), method)
        counts[heading] += count
    return counts


def cited(article: str) -> str:
    """The article itself, of 法30条の15第1項第1号・別表第5の4の項."""
    return article.partition("・")[0]


def fiscal_year(day: date) -> int:
    """The fiscal year of a day (会計年度): it begins in April."""
    return day.year - (day.month < FIRST_MONTH)


def first_day(year: int) -> date:
    """The first day of a fiscal year."""
    return date(year, FIRST_MONTH, 1)


def year_ja(year: int) -> str:
    """A fiscal year as reports write it: by the era of most of its days."""
    return _short(date(year, 12, 31))


def month_ja(day: date) -> str:
    """A month as reports write it."""
    return f"{_short(day)}.{day.month}"


def _short(day: date) -> str:
    era = _era(day)
    return f"{era.letter}{day.year - era.first_year + 1}"


def _era(day: date) -> Era:
    return next(era for era in reversed(ERAS) if era.first_day <= day)
