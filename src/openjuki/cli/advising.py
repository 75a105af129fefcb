# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki report advice``: enquiries that told nobody anything new, and what they cost."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openjuki import config
from openjuki.cli import counted, output
from openjuki.cli.counted import AsJson, Config, OwnTariff, Provider, ToCsv
from openjuki.config import JST
from openjuki.errors import BadInput
from openjuki.oversight import printing
from openjuki.oversight.invoice import yen
from openjuki.oversight.usage import cited

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from openjuki.config import Settings
    from openjuki.oversight.advice import Needless
    from openjuki.oversight.tariff import Tariff

Since = Annotated[
    str | None, typer.Option(help="From this day on; a year ago unless given.", show_default=False)
]
Until = Annotated[
    str | None, typer.Option(help="Before this day; today too unless given.", show_default=False)
]
Within = Annotated[
    int, typer.Option(min=1, max=366, help="Days for which what was told once need not be asked again.")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Which days are looked at (期間)."""

    since: date
    #: The first day after.
    until: date
    #: In days.
    within: int


def add(report: typer.Typer) -> None:
    """Add the command."""
    report.command()(advice)


def advice(
    node: Provider,
    since: Since = None,
    until: Until = None,
    within: Within = 31,
    tariff_file: OwnTariff = None,
    csv_file: ToCsv = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Find enquiries that told nothing new: asked before, by the same body, and nothing had changed since.

    同じ機関が直前に照会した人について、変更がないまま繰り返された照会を見つけ、手数料とともに示します。

    Example: `juki report advice --node centre --within 31`
    """
    from openjuki.oversight.advice import sheet  # noqa: PLC0415 - compares columns; no other report does

    settings, period = config.load(config_file), _period(since, until, within)
    prices = counted.tariff(settings, tariff_file)
    found, names = asyncio.run(_advice(settings, node, period))
    costs = [_cost(one, prices, period.until - timedelta(days=1)) for one in found]
    table = sheet(zip(found, map(yen, costs), strict=True), names)
    if csv_file is not None:
        printing.write_csv(csv_file, [table])
    if as_json:
        output.emit("advice", _to_dict(node, period, found, costs))
    else:
        _print(table, found)


async def _advice(
    settings: Settings, node: str, period: Period
) -> tuple[tuple[Needless, ...], Mapping[str, str]]:
    from openjuki.nodes.node import opened_office  # noqa: PLC0415 - nor does any other need columns
    from openjuki.oversight import advice as finding  # noqa: PLC0415 - likewise
    from openjuki.store import tellings  # noqa: PLC0415 - likewise

    counted.check_provider(settings, node)
    first, end = _midnight(period.since), _midnight(period.until)
    before, within = first - timedelta(days=period.within), period.within * 86_400
    pairs: Counter[Any] = Counter()
    sums: Counter[Any] = Counter()
    async with opened_office(settings, node) as office:
        bands = await office.read(partial(tellings.bands, since=before, until=end))
        for band in range(bands):
            span = tellings.Span(before, end, band, bands)
            told, kinds = await office.read(partial(tellings.read, span=span))
            changes = await office.read(partial(tellings.changes, span=span))
            since = int(first.timestamp())
            pairs += finding.needless(told, kinds, changes, since=since, within=within)
            sums += finding.totals(told, kinds, since=since)
        names = {one.id: one.name for one in office.directory.nodes.values()}
    return finding.advice(pairs, sums), names


def _period(since: str | None, until: str | None, within: int) -> Period:
    end = counted.day(until, "until") or counted.today() + timedelta(days=1)
    begin = counted.day(since, "since") or end - timedelta(days=365)
    if not begin < end <= begin + timedelta(days=366):
        raise BadInput("advice is on a year at most, from one day to a later one")
    return Period(since=begin, until=end, within=within)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), JST)


def _cost(one: Needless, prices: Tariff, day: date) -> Decimal | None:
    """At the prices of the last day."""
    price = prices.price(day, cited(one.article), one.method) if one.article else None
    return None if price is None else price * one.needless


def _print(table: Any, found: tuple[Needless, ...]) -> None:
    if not found:
        output.say(
            "新しいことを伝えなかった照会は見つかりません。 No enquiry was found that told nothing new."
        )
        return
    counted.show([table])
    output.say(
        "対象者の一覧を登録すれば、変更だけを受け取れます。"
        " Whoever lists their clientele is sent the changes alone, and need not ask: `juki clientele --help`.",
    )


def _to_dict(
    node: str, period: Period, found: tuple[Needless, ...], costs: list[Decimal | None]
) -> dict[str, Any]:
    return {
        "node": node,
        "since": period.since.isoformat(),
        "until": period.until.isoformat(),
        "within_days": period.within,
        "advice": [
            {**one._asdict(), "yen": None if cost is None else str(cost)}
            for one, cost in zip(found, costs, strict=True)
        ],
    }
