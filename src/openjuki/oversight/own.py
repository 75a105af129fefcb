# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A provider's own provisions in the layouts of the published reports (自らの提供の集計); pure."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from openjuki.oversight.layouts import Line, Plan
from openjuki.oversight.published import Period
from openjuki.oversight.usage import fiscal_year, year_ja

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from openjuki.law.book import Book
    from openjuki.oversight.usage import Heading

TITLE: Final = "本人確認情報の提供件数"


def plan(counts: Mapping[Heading, int], book: Book, today: date) -> Plan:
    """A table of the affairs that were used, by article, from the first fiscal year with a use to this one."""
    now = fiscal_year(today)
    years = tuple(range(min((heading.fiscal_year for heading in counts), default=now), now + 1))
    used = sorted({(heading.article, heading.affair) for heading in counts})
    return Plan(
        title=TITLE,
        years=years,
        lines=tuple(_line(article, affair, years, book) for article, affair in used),
    )


def periods(counts: Mapping[Heading, int]) -> tuple[Period, ...]:
    """The fiscal years with a use, and for how many affairs there was one, under the Act and under ordinances."""
    affairs: defaultdict[tuple[int, bool], set[str]] = defaultdict(set)
    for heading in counts:
        affairs[heading.fiscal_year, heading.by_ordinance].add(heading.affair)
    return tuple(
        Period(year_ja(year), year, year, _number(affairs[year, False]), 0, _number(affairs[year, True]), 0)
        for year in sorted({year for year, _ in affairs})
    )


def totals(counts: Mapping[Heading, int]) -> tuple[int, int]:
    """How often was provided under the Act, and under ordinances."""
    ordinance = sum(count for heading, count in counts.items() if heading.by_ordinance)
    return sum(counts.values()) - ordinance, ordinance


def _line(article: str, affair: str, years: tuple[int, ...], book: Book) -> Line:
    standing = book.standing(affair)
    if standing is None:
        return Line(
            section=article, affair=affair, article=article, title=affair, since=None, years=frozenset(years)
        )
    since, until = standing
    text = book.affair(affair, since)
    last = max(years) if until is None else fiscal_year(until)
    return Line(
        section=article,
        affair=affair,
        article=article,
        title=text.title_ja if text else affair,
        since=since,
        years=frozenset(range(fiscal_year(since), last + 1)),
    )


def _number(affairs: set[str]) -> str:
    return str(len(affairs))
