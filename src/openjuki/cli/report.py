# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki report``: how the network is used, in the layouts in which prefectures publish it."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from openjuki import config
from openjuki.cli import advising, counted, fees, foresight, output, places
from openjuki.cli.counted import AsJson, Config, ToCsv
from openjuki.cli.law import book
from openjuki.codes.local_government import municipalities
from openjuki.errors import BadInput
from openjuki.law.book import Book
from openjuki.oversight import layouts, own, playback, plotting, printing, published
from openjuki.oversight import usage as counting

if TYPE_CHECKING:
    from collections.abc import Mapping

    from openjuki.oversight.layouts import Disagreement, Sheet
    from openjuki.oversight.playback import Decided
    from openjuki.oversight.usage import Heading


class Layout(StrEnum):
    """Whose layout (様式)."""

    HOKKAIDO = "hokkaido"
    SHIZUOKA = "shizuoka"
    DETAIL = "detail"


class Report(NamedTuple):
    """What is shown (利用状況の報告)."""

    sheets: tuple[Sheet, ...]
    #: How often a node has provided; nothing where published counts are played back.
    own: Mapping[Heading, int]
    #: By which books published counts were decided.
    decided: Mapping[Decided, int]
    #: What must be said beside.
    remark: str = ""


AsLayout = Annotated[
    Layout,
    typer.Option(
        help="By affair and fiscal year, as Hokkaido; by fiscal year, as Shizuoka; or in detail, by recipient and"
        " method too."
    ),
]
Node = Annotated[
    str | None,
    typer.Option(
        help="The Centre or the prefecture whose provisions are counted; else what the prefecture of the layout"
        " has published.",
        show_default=False,
    ),
]
Since = Annotated[
    str | None, typer.Option(help="Of a node: from this day on, as 2025-04-01.", show_default=False)
]
Until = Annotated[str | None, typer.Option(help="Of a node: before this day.", show_default=False)]
ToPlots = Annotated[
    Path | None,
    typer.Option(
        "--plots",
        help="Draw the tables into this folder too (SVG).",
        show_default=False,
        callback=places.own_folder,
    ),
]

_SHIZUOKA = "静岡県の利用実績"
_HOKKAIDO = "北海道の利用実績"
_PLOTS = {
    Layout.HOKKAIDO: plotting.of_hokkaido,
    Layout.SHIZUOKA: plotting.of_shizuoka,
    Layout.DETAIL: plotting.of_detail,
}
_TOTALS_ONLY = (
    "事務ごとの件数と事務数の内訳は公表されていません。 Totals only: counts by affair are not published; how many"
    " affairs there were is as printed."
)


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    report = typer.Typer(no_args_is_help=True, help="運用状況の報告 / reports on how the network is used.")
    report.callback()(lambda: None)
    report.command()(usage)
    fees.add(report)
    foresight.add(report)
    advising.add(report)
    app.add_typer(report, name="report")


def usage(
    layout: AsLayout,
    node: Node = None,
    since: Since = None,
    until: Until = None,
    csv_file: ToCsv = None,
    plots: ToPlots = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Count provisions by fiscal year and affair: a provider's own, or those that a prefecture has published.

    本人確認情報の提供件数を、年度・事務ごとに集計します。機関を指定しない場合は、様式の都道府県が公表した件数から再現します。

    Example: `juki report usage --layout hokkaido`
    """
    first, end = counted.day(since, "since"), counted.day(until, "until")
    if node is None:
        if first or end:
            raise BadInput("what was published is of whole years; days are of a node's own provisions")
        found = _published(layout)
    else:
        of = asyncio.run(counted.provided(config.load(config_file), node, first, end))
        found = _own(layout, counting.aggregate(of.tallies), node, of.names)
    if csv_file is not None:
        printing.write_csv(csv_file, found.sheets)
    if plots is not None:
        _draw(plots, layout, found.sheets)
    if as_json:
        output.emit("usage-report", {"layout": layout.value, "node": node, **_to_dict(found)})
    else:
        _print(found)


def _published(layout: Layout) -> Report:
    """What a prefecture has published, by way of the provisions that it stands for."""
    if layout is Layout.SHIZUOKA:
        counts = counting.aggregate(playback.shizuoka())
        periods, totals = published.shizuoka()
        return Report((layouts.shizuoka(_SHIZUOKA, periods, totals, counts),), {}, {}, _TOTALS_ONLY)
    played = playback.Playback(Book.load())
    counts = counting.aggregate(played.hokkaido())
    if layout is Layout.DETAIL:
        return Report((layouts.detail(_HOKKAIDO, counts, _governments()),), {}, played.decided)
    sheets = tuple(layouts.hokkaido(table.plan, counts) for table in published.hokkaido())
    return Report(sheets, {}, played.decided)


def _governments() -> Mapping[str, str]:
    """Names of local governments by their codes."""
    return {code: one.name for code, one in municipalities().items()}


def _own(layout: Layout, counts: Mapping[Heading, int], node: str, names: Mapping[str, str]) -> Report:
    title = f"{own.TITLE} {node}"
    if layout is Layout.DETAIL:
        sheet = layouts.detail(title, counts, names)
    elif layout is Layout.SHIZUOKA:
        sheet = layouts.shizuoka(title, own.periods(counts), own.totals(counts), counts)
    else:
        sheet = layouts.hokkaido(own.plan(counts, book(), counted.today()), counts)
    return Report((sheet,), counts, {})


def _draw(folder: Path, layout: Layout, sheets: tuple[Sheet, ...]) -> None:
    """A picture of each table."""
    folder.mkdir(exist_ok=True)
    for number, sheet in enumerate(sheets, 1):
        drawn = plotting.svg(_PLOTS[layout](sheet))
        (folder / f"usage-{layout}-{number}.svg").write_text(drawn, encoding="utf-8")


def _print(found: Report) -> None:
    for sheet in found.sheets:
        counted.show([sheet])
        _print_disagreements(sheet.disagreements)
    _print_decided(found.decided)
    if found.remark:
        output.say(found.remark)


def _print_disagreements(found: tuple[Disagreement, ...]) -> None:
    if not found:
        return
    output.say("公表された計が内訳の合計と一致しない箇所 Printed totals that are not the sums of their rows:")
    for one in found:
        gap = f"{one.column}: 計 {one.printed:,}、内訳の合計 {one.rows:,}（差 {one.rows - one.printed:,}）"
        output.say(f"  {gap}")
    if found[0].left_out:
        names = "、".join(found[0].left_out)
        output.say(f"  差は次の行に等しい The totals leave out these rows: {names}")
    output.say()


def _print_decided(decided: Mapping[Decided, int]) -> None:
    """By which books; where none of their date exists, that is said."""
    oldest = {one.book: count for one, count in decided.items() if not one.in_force}
    in_force = sum(count for one, count in decided.items() if one.in_force)
    if decided:
        output.say(f"その日の台帳で判断した提供 Decided by the book of their date: {in_force:,}")
    for day, count in sorted(oldest.items()):
        output.say(
            f"当時の規定が台帳になく、最も古い版（{day}）で判断した提供"
            f" Decided by the oldest book that has the affair ({day}), for want of one of their date: {count:,}",
        )


def _to_dict(found: Report) -> dict[str, Any]:
    return {
        "sheets": list(map(counted.as_table, found.sheets)),
        "disagreements": [one._asdict() for sheet in found.sheets for one in sheet.disagreements],
        "decided": [
            {"book": one.book.isoformat(), "in_force": one.in_force, "provisions": count}
            for one, count in sorted(found.decided.items())
        ],
        "counts": [{**heading._asdict(), "count": count} for heading, count in sorted(found.own.items())],
    }
