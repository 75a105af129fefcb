# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How often will be provided (提供件数の見込み): this fiscal year and the next, by affair; pure.

The year that runs goes on as the last twelve months went. The next is the lesser of the last two: an affair that
begins checks its whole clientele once and never again, and a mean, or the last year, would carry that on. On what
Hokkaido has published no mean or median of more years comes nearer. How wrong the rule was on the years that are over
is said beside, and how wrong "as last year" was.

>>> expected([6_020, 268_111]), expected([268_111, 6_020, 10_330])
(6020, 6020)
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.oversight.layouts import Sheet
from openjuki.oversight.usage import first_day, fiscal_year, year_ja

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from openjuki.oversight.layouts import Cell
    from openjuki.store.provisions import Tally

_TWO: Final = 2
#: The years between whose least and most the next may well lie.
_YEARS: Final = 3
_TWELVE_MONTHS: Final = timedelta(days=365)


class Outlook(NamedTuple):
    """What is to be expected of an affair (事務ごとの見込み)."""

    affair: str
    #: In the year that runs: provided so far, and by its end.
    so_far: int
    this_year: int
    next_year: int
    #: The least and the most of the years that speak for the next.
    least: int
    most: int


class Miss(NamedTuple):
    """How wrong a rule would have been (誤差): the sum of its misses, and of what there was."""

    rule: int
    as_last_year: int
    provisions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What is to be expected (見込み)."""

    #: The fiscal year that runs.
    year: int
    outlooks: tuple[Outlook, ...]
    miss: Miss


def forecast(tallies: Iterable[Tally], today: date) -> Forecast:
    """What is to be expected of each affair, as of the end of the day before."""
    days: defaultdict[str, Counter[date]] = defaultdict(Counter)
    for day, affair, _, _, _, number in tallies:
        if day < today:
            days[affair][day] += number
    now = fiscal_year(today)
    years = {affair: _years(counts, now) for affair, counts in days.items()}
    outlooks = (_outlook(affair, days[affair], years[affair], today) for affair in sorted(days))
    return Forecast(year=now, outlooks=tuple(outlooks), miss=_miss(years.values()))


def expected(years: Sequence[int]) -> int:
    """The year that follows these."""
    return min(years[-_TWO:])


def sheet(found: Forecast, titles: Mapping[str, str]) -> Sheet:
    """The forecast as a table, with its sums."""
    this, following = year_ja(found.year), year_ja(found.year + 1)
    columns = (
        "事務",
        f"{this} 実績（途中）",
        f"{this} 見込み",
        f"{following} 見込み",
        f"{following} 最小",
        f"{following} 最大",
    )
    rows: list[tuple[Cell, ...]] = [
        (titles.get(affair, affair), *numbers) for affair, *numbers in found.outlooks
    ]
    sums = (sum(numbers) for numbers in zip(*(one[1:] for one in found.outlooks), strict=True))
    return Sheet(
        "提供件数の見込み Expected provisions",
        columns,
        (*rows, ("計", *(sums if found.outlooks else [0] * 5))),
    )


def _years(counts: Mapping[date, int], now: int) -> list[int]:
    """How often in each year that is over, from the first with a use."""
    sums: Counter[int] = Counter()
    for day, number in counts.items():
        sums[fiscal_year(day)] += number
    return [sums[year] for year in range(min(sums), now)]


def _outlook(affair: str, counts: Mapping[date, int], years: Sequence[int], today: date) -> Outlook:
    begins, ends = first_day(fiscal_year(today)), first_day(fiscal_year(today) + 1)
    so_far = sum(number for day, number in counts.items() if day >= begins)
    since = max(min(counts), today - _TWELVE_MONTHS)
    lately = sum(number for day, number in counts.items() if day >= since)
    this_year = so_far + round(lately * (ends - today).days / (today - since).days)
    known = [*years, this_year][-_YEARS:]
    return Outlook(affair, so_far, this_year, expected(known), min(known), max(known))


def _miss(affairs: Iterable[Sequence[int]]) -> Miss:
    """Each year that is over, as it would have been expected from those before it."""
    cases = [(years[:n], years[n]) for years in affairs for n in range(1, len(years))]
    return Miss(_wrong(expected, cases), _wrong(_last, cases), sum(happened for _, happened in cases))


def _wrong(rule: Callable[[Sequence[int]], int], cases: Iterable[tuple[Sequence[int], int]]) -> int:
    return sum(abs(rule(before) - happened) for before, happened in cases)


def _last(years: Sequence[int]) -> int:
    return years[-1]
