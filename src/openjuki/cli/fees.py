# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki report invoice`` and ``yearly``: what an agency owes, and what the Centre publishes."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import typer

from openjuki import config
from openjuki.cli import counted, output
from openjuki.cli.counted import AsJson, Config, OwnTariff, Provider, ToCsv
from openjuki.config import CENTRE
from openjuki.errors import BadConfiguration, BadDate
from openjuki.oversight import invoice as billing
from openjuki.oversight import printing, public_report
from openjuki.oversight.usage import first_day, fiscal_year
from openjuki.refusal import Where

if TYPE_CHECKING:
    from openjuki.oversight.invoice import Invoice, Item
    from openjuki.oversight.tariff import Tariff

Agency = Annotated[str, typer.Option(help="Who is to pay: a node id.", show_default=False)]
Month = Annotated[str, typer.Option(help="The month, as 2026-04.", show_default=False)]
Year = Annotated[
    int | None,
    typer.Option(
        min=1,
        max=9998,
        help="The fiscal year, as 2025 for R7; the last that is over unless given.",
        show_default=False,
    ),
]


def add(report: typer.Typer) -> None:
    """Add the commands."""
    report.command()(invoice)
    report.command()(yearly)


def invoice(
    node: Provider,
    agency: Agency,
    month: Month,
    tariff_file: OwnTariff = None,
    csv_file: ToCsv = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write an agency's invoice for a month, with its arithmetic.

    機関ごと・月ごとの手数料の請求書を、計算とともに作成します（法30条の23）。

    Example: `juki report invoice --node centre --agency agency-nenkin --month 2026-04`
    """
    settings, begins = config.load(config_file), _month(month)
    prices = counted.tariff(settings, tariff_file)
    if node != CENTRE:
        raise BadConfiguration(
            f"{node} charges no fees: the Centre does, with the Minister's approval (法30条の23)"
        )
    found = asyncio.run(counted.provided(settings, node, *billing.span(begins)))
    bill = billing.invoice(agency, begins, found.tallies, prices)
    title = f"請求書 Invoice {found.names.get(agency, agency)} {begins:%Y-%m}"
    sheet = billing.sheet(bill, title)
    if csv_file is not None:
        printing.write_csv(csv_file, [sheet])
    if as_json:
        output.emit("invoice", _invoice_to_dict(node, bill, prices))
        return
    counted.show([sheet])
    output.say(f"手数料表 Tariff: {prices.name_ja} / {prices.name_en}")


def yearly(
    node: Provider = CENTRE,
    year: Year = None,
    csv_file: ToCsv = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write the report that the Centre publishes every year: to whom, in which month, how often, how.

    機構が毎年公表する報告書（提供先・提供年月・提供件数・提供方法）を作成します（法30条の16・則22条）。

    Example: `juki report yearly --node centre --year 2026 --csv report.csv`
    """
    settings = config.load(config_file)
    year = fiscal_year(counted.today()) - 1 if year is None else year
    found = asyncio.run(counted.provided(settings, node, first_day(year), first_day(year + 1)))
    sheet = public_report.report(year, found.tallies, found.names)
    if csv_file is not None:
        printing.write_csv(csv_file, [sheet])
    if as_json:
        output.emit("yearly-report", {"node": node, "fiscal_year": year, **counted.as_table(sheet)})
    else:
        counted.show([sheet])


def _month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise BadDate("a month is written 2026-04", where=Where(column="month")) from None


def _invoice_to_dict(node: str, bill: Invoice, prices: Tariff) -> dict[str, Any]:
    return {
        "node": node,
        "agency": bill.agency,
        "month": f"{bill.month:%Y-%m}",
        "tariff": {"name_ja": prices.name_ja, "name_en": prices.name_en, "approved": prices.approved},
        "items": list(map(_item_to_dict, bill.items)),
        "provisions": bill.provisions,
        "exact": str(bill.exact),
        "yen": bill.yen,
    }


def _item_to_dict(item: Item) -> dict[str, Any]:
    charged = item.price is not None
    return {
        **item._asdict(),
        "price": str(item.price) if charged else None,
        "amount": str(item.amount) if charged else None,
    }
