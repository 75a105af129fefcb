# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Counts that prefectures have published (公表された利用件数), as they were printed; sources in `data/README.md`."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.oversight.layouts import Line, Plan

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

#: Tables of Hokkaido's report, in its order.
_TITLES: Final = {
    "law": "住民基本台帳法（別表第5、別表第6）に基づく道での利用",
    "ordinance-municipalities": "住民基本台帳法施行条例（別表1）に基づく市町村への提供",
    "ordinance-prefecture": "住民基本台帳法施行条例（別表2・3）に基づく道での利用",
}
_TOTAL: Final = "計"
_NONE: Final = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """A table as it was published (公表された表): its lines, and how often each was used by fiscal year."""

    plan: Plan
    counts: Mapping[tuple[Line, int], int]


class Period(NamedTuple):
    """Years that Shizuoka's report counts together (期間), under the Act and under the ordinance."""

    name: str
    first: int
    last: int
    #: For how many affairs, as printed.
    law_affairs: str
    law: int
    ordinance_affairs: str
    ordinance: int


@cache
def hokkaido() -> tuple[Published, ...]:
    """Hokkaido's uses by affair and fiscal year, 2013 to 2022."""
    rows = list(_rows("hokkaido"))
    return tuple(_table(name, [row for row in rows if row["table"] == name]) for name in _TITLES)


@cache
def shizuoka() -> tuple[tuple[Period, ...], tuple[int, int]]:
    """Shizuoka's uses by period, 2003 to 2020, and the totals as printed: under the Act, under the ordinance."""
    *rows, total = _rows("shizuoka")
    return tuple(map(_period, rows)), (int(total["law"]), int(total["ordinance"]))


def _table(name: str, rows: Sequence[Mapping[str, str]]) -> Published:
    lines = {_line(row): _cells(row) for row in rows if row["section"] != _TOTAL}
    printed = next(_cells(row) for row in rows if row["section"] == _TOTAL)
    plan = Plan(
        title=_TITLES[name],
        years=tuple(printed),
        lines=tuple(lines),
        printed={year: int(count) for year, count in printed.items()},
    )
    counts = {
        (line, year): 0 if count == _NONE else int(count)
        for line, cells in lines.items()
        for year, count in cells.items()
        if count
    }
    return Published(plan=plan, counts=counts)


def _line(row: Mapping[str, str]) -> Line:
    return Line(
        section=row["section"],
        affair=row["affair"],
        article=row["article"],
        title=row["title"],
        since=date.fromisoformat(f"{row['since']}-01"),
        years=frozenset(year for year, count in _cells(row).items() if count),
    )


def _cells(row: Mapping[str, str]) -> dict[int, str]:
    return {int(column): count for column, count in row.items() if column.isdecimal()}


def _period(row: Mapping[str, str]) -> Period:
    return Period(
        row["period"],
        int(row["first"]),
        int(row["last"]),
        row["law_affairs"],
        int(row["law"]),
        row["ordinance_affairs"],
        int(row["ordinance"]),
    )


def _rows(name: str) -> Iterator[Mapping[str, str]]:
    text = files("openjuki.oversight").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return csv.DictReader(text.splitlines())
