# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The layouts in which two prefectures publish their uses (利用状況の様式), filled from counts; pure.

A cell is a number; 0 stands for 利用なし and is printed "-"; None for a year in which the affair was not in force,
and is printed blank.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from itertools import combinations
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.oversight.usage import Heading, month_ja, year_ja

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from openjuki.oversight.published import Period

type Cell = str | int | None
type Counts = Mapping[Heading, int]

#: What a total leaves out is looked for among so many rows together.
_LEFT_OUT_MOST: Final = 2
SHIZUOKA_COLUMNS: Final = (
    "年度",
    "法令事務 事務数",
    "法令事務 利用件数",
    "条例事務 事務数",
    "条例事務 利用件数",
)
DETAIL_COLUMNS: Final = ("年度", "事務", "提供先", "根拠条文", "方法", "件数")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A row of the layout of Hokkaido (利用事務): an affair under an article."""

    section: str
    affair: str
    article: str
    title: str
    #: From when on it was used, or could be; None: nobody says.
    since: date | None
    #: Fiscal years in which it was in force.
    years: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A table that is to be filled (様式の表)."""

    title: str
    years: tuple[int, ...]
    lines: tuple[Line, ...]
    #: Totals by fiscal year as somebody printed them.
    printed: Mapping[int, int] = field(default_factory=dict)


class Disagreement(NamedTuple):
    """A printed total that is not the sum of its rows (公表された計と内訳の不一致)."""

    table: str
    column: str
    printed: int
    rows: int
    #: Rows that the totals of this table leave out, where some explain every difference in it.
    left_out: tuple[str, ...]


class Sheet(NamedTuple):
    """A table, filled (表)."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    disagreements: tuple[Disagreement, ...] = ()


def hokkaido(plan: Plan, counts: Counts) -> Sheet:
    """A table by affair and fiscal year, with the month from which on each is used."""
    by_line: Counter[tuple[str, str, int]] = Counter()
    for heading, count in counts.items():
        by_line[heading.article, heading.affair, heading.fiscal_year] += count
    cells = {
        line: tuple(
            by_line[line.article, line.affair, year] if year in line.years else None for year in plan.years
        )
        for line in plan.lines
    }
    sums = tuple(sum(counted[n] or 0 for counted in cells.values()) for n in range(len(plan.years)))
    return Sheet(
        plan.title,
        ("区分", "利用事務", "利用開始時期", *map(year_ja, plan.years)),
        (*(_row(line, counted) for line, counted in cells.items()), *_totals(plan, sums)),
        tuple(_disagreements(plan, cells, sums)),
    )


def _row(line: Line, cells: tuple[int | None, ...]) -> tuple[Cell, ...]:
    return (line.section, line.title, f"{month_ja(line.since)}～" if line.since else None, *cells)


def _totals(plan: Plan, sums: tuple[int, ...]) -> Iterable[tuple[Cell, ...]]:
    """The total; where one is printed that is not the sum, both."""
    printed = tuple(plan.printed.get(year) for year in plan.years)
    if plan.printed and printed != sums:
        yield (None, "計（公表）", None, *printed)
        yield (None, "計（各行の合計）", None, *sums)
    else:
        yield (None, "計", None, *sums)


def _disagreements(
    plan: Plan, cells: Mapping[Line, Sequence[int | None]], sums: Sequence[int]
) -> Iterable[Disagreement]:
    gaps = tuple(rows - plan.printed.get(year, rows) for year, rows in zip(plan.years, sums, strict=True))
    left_out = _left_out(cells, gaps) if any(gaps) else ()
    for year, rows, gap in zip(plan.years, sums, gaps, strict=True):
        if gap:
            yield Disagreement(plan.title, year_ja(year), rows - gap, rows, left_out)


def _left_out(cells: Mapping[Line, Sequence[int | None]], gaps: tuple[int, ...]) -> tuple[str, ...]:
    """The fewest rows that make up the difference in every year."""
    for most in range(1, _LEFT_OUT_MOST + 1):
        for lines in combinations(cells, most):
            if tuple(sum(cells[line][n] or 0 for line in lines) for n in range(len(gaps))) == gaps:
                return tuple(line.title for line in lines)
    return ()


def shizuoka(title: str, periods: Iterable[Period], totals: tuple[int, int], counts: Counts) -> Sheet:
    """Uses under the Act and under ordinances by period; for how many affairs, as the periods say."""
    rows: list[tuple[Cell, ...]] = []
    sums = [0, 0]
    for period in periods:
        law, ordinance = (
            sum(
                count
                for heading, count in counts.items()
                if period.first <= heading.fiscal_year <= period.last and heading.by_ordinance is by_ordinance
            )
            for by_ordinance in (False, True)
        )
        rows.append((period.name, period.law_affairs, law, period.ordinance_affairs, ordinance))
        sums = [sums[0] + law, sums[1] + ordinance]
    rows.append(("計", None, sums[0], None, sums[1]))
    wrong = tuple(
        Disagreement(title, column, printed, counted, ())
        for column, printed, counted in zip(SHIZUOKA_COLUMNS[2::2], totals, sums, strict=True)
        if printed != counted
    )
    return Sheet(title, SHIZUOKA_COLUMNS, tuple(rows), wrong)


def detail(title: str, counts: Counts, names: Mapping[str, str]) -> Sheet:
    """Every heading with its count: fiscal year, affair, recipient, article and method."""
    rows: list[tuple[Cell, ...]] = [
        (
            year_ja(heading.fiscal_year),
            heading.affair,
            names.get(heading.recipient, heading.recipient),
            heading.article,
            heading.method,
            count,
        )
        for heading, count in sorted(counts.items())
    ]
    rows.append(("計", None, None, None, None, sum(counts.values())))
    return Sheet(title, DETAIL_COLUMNS, tuple(rows))
