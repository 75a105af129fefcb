# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki report forecast``: how often will be provided."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openjuki import config
from openjuki.cli import counted, output
from openjuki.cli.counted import AsJson, Config, ToCsv
from openjuki.cli.law import book
from openjuki.law.book import Book
from openjuki.oversight import forecast as expecting
from openjuki.oversight import playback, printing, published
from openjuki.oversight.usage import first_day

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from openjuki.oversight.forecast import Forecast, Miss
    from openjuki.store.provisions import Tally

Node = Annotated[
    str | None,
    typer.Option(
        help="The Centre or the prefecture whose provisions are expected; else Hokkaido's, as published.",
        show_default=False,
    ),
]


def add(report: typer.Typer) -> None:
    """Add the command."""
    report.command()(forecast)


def forecast(
    node: Node = None, csv_file: ToCsv = None, config_file: Config = None, as_json: AsJson = False
) -> None:
    """Say how many provisions are to be expected of each affair, this fiscal year and the next.

    提供件数の見込みを、事務ごとに、今年度と翌年度について示します。過去の年度に当てはめた誤差も示します。

    Example: `juki report forecast --node centre`
    """
    if node is None:
        tallies, today, titles = _hokkaido()
    else:
        tallies = asyncio.run(counted.provided(config.load(config_file), node)).tallies
        today, titles = counted.today(), _titles(tallies, book())
    found = expecting.forecast(tallies, today)
    sheet = expecting.sheet(found, titles)
    if csv_file is not None:
        printing.write_csv(csv_file, [sheet])
    if as_json:
        output.emit("forecast", {"node": node, **_to_dict(found)})
    else:
        counted.show([sheet])
        _print_miss(found.miss)


def _hokkaido() -> tuple[list[Tally], date, Mapping[str, str]]:
    """What was published, on the day after the last year of it."""
    tables = published.hokkaido()
    titles = {line.affair: line.title for table in tables for line in table.plan.lines}
    last = max(year for table in tables for year in table.plan.years)
    return list(playback.Playback(Book.load()).hokkaido()), first_day(last + 1), titles


def _titles(tallies: Iterable[Tally], book: Book) -> Mapping[str, str]:
    texts = {affair: book.affair(affair, day) for day, affair, *_ in tallies}
    return {affair: text.title_ja for affair, text in texts.items() if text is not None}


def _print_miss(miss: Miss) -> None:
    if not miss.provisions:
        return
    output.say(
        f"終わった年度に当てはめた誤差 On the years that are over this rule was wrong by {_share(miss.rule, miss)};"
        f" 前年度と同じとした場合 as last year: {_share(miss.as_last_year, miss)}",
    )


def _share(wrong: int, miss: Miss) -> str:
    return f"{wrong / miss.provisions:.0%} ({wrong:,} / {miss.provisions:,})"


def _to_dict(found: Forecast) -> dict[str, Any]:
    return {
        "fiscal_year": found.year,
        "affairs": [one._asdict() for one in found.outlooks],
        "miss": found.miss._asdict(),
    }
