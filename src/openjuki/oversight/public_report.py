# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The yearly report on what was provided (報告書の公表, 法30条の16・則22条): to whom, when, how often, how; pure.

The Centre publishes at least once a year, for each that it provided to, the year and month, the number and the
method. A month without a provision has no row.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from openjuki.law.basis import Method
from openjuki.oversight.layouts import Sheet
from openjuki.oversight.usage import fiscal_year, month_ja, year_ja

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from openjuki.oversight.layouts import Cell
    from openjuki.store.provisions import Tally

TITLE: Final = "本人確認情報の提供の状況（法30条の16）"
COLUMNS: Final = ("提供先", "提供年月", "提供件数", "提供方法")
#: As the report words a method (提供方法); one that is not here stands as it is recorded.
METHODS: Final[dict[str, str]] = {
    Method.TERMINAL: "端末による提供",
    Method.ONLINE: "即時提供（電気通信回線）",
    Method.BULK: "一括提供（電気通信回線）",
    Method.MEDIA: "一括提供（磁気ディスク等）",
}


def report(year: int, tallies: Iterable[Tally], names: Mapping[str, str]) -> Sheet:
    """The table of a fiscal year, by recipient, month and method; recipients in the order of their ids."""
    counts: Counter[tuple[str, int, int, str]] = Counter()
    first = {}
    for day, _, recipient, _, method, number in tallies:
        if fiscal_year(day) == year:
            counts[recipient, day.year, day.month, method] += number
            first[day.year, day.month] = day.replace(day=1)
    rows: list[tuple[Cell, ...]] = [
        (names.get(recipient, recipient), month_ja(first[y, m]), number, METHODS.get(method, method))
        for (recipient, y, m, method), number in sorted(counts.items())
    ]
    rows.append(("計", None, sum(counts.values()), None))
    return Sheet(f"{TITLE} {year_ja(year)}年度", COLUMNS, tuple(rows))
