# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What all reports share: whose provisions are counted, of which days, and how a table is shown."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from openjuki.cli import output, places
from openjuki.config import JST, Kind, clock
from openjuki.errors import BadConfiguration, BadDate
from openjuki.oversight import printing
from openjuki.oversight.tariff import FILE, Tariff
from openjuki.refusal import Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from openjuki.config import Settings
    from openjuki.oversight.layouts import Sheet
    from openjuki.store.provisions import Tally

Provider = Annotated[
    str,
    typer.Option("--node", help="The Centre or the prefecture that has provided.", show_default=False),
]
ToCsv = Annotated[
    Path | None,
    typer.Option(
        "--csv", help="Write the tables to this file too.", show_default=False, callback=places.new_file
    ),
]
OwnTariff = Annotated[
    Path | None,
    typer.Option(
        "--tariff",
        help="Prices (TOML); else `tariff.toml` beside the settings, else prices for illustration.",
        show_default=False,
    ),
]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]

PROVIDERS = (Kind.CENTRE, Kind.PREFECTURE)


class Counted(NamedTuple):
    """A provider's provisions, by the day (提供件数)."""

    tallies: list[Tally]
    #: The network's nodes by their ids, as the directory names them.
    names: Mapping[str, str]


async def provided(
    settings: Settings, node: str, since: date | None = None, until: date | None = None
) -> Counted:
    """What a provider has provided from the one day to before the other.

    Raises:
        BadConfiguration: the node provides nothing.
        StoreUnavailable: its database does not answer.
    """
    from openjuki.nodes.node import opened_office  # noqa: PLC0415 - published counts need no node
    from openjuki.store import provisions  # noqa: PLC0415 - nor a database

    check_provider(settings, node)
    async with opened_office(settings, node) as office:
        tallies = await office.read(partial(provisions.usage, since=since, until=until))
        return Counted(tallies, {one.id: one.name for one in office.directory.nodes.values()})


def check_provider(settings: Settings, node: str) -> None:
    """Return only when the node provides to others.

    Raises:
        BadConfiguration: it does not.
    """
    if settings.node(node).kind not in PROVIDERS:
        raise BadConfiguration(f"{node} provides nothing to others; the Centre and the prefectures do")


def tariff(settings: Settings, path: Path | None) -> Tariff:
    """The tariff that is named; else the installation's; else the one for illustration.

    Raises:
        BadConfiguration: it cannot be read.
    """
    own = settings.home / FILE
    return Tariff.load(path or (own if own.exists() else None))


def day(text: str | None, column: str) -> date | None:
    """A day as somebody wrote it.

    Raises:
        BadDate: it is none.
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadDate("a day is written 2026-04-01", where=Where(column=column)) from None


def today() -> date:
    """The day in Japan."""
    return clock().astimezone(JST).date()


def show(sheets: Iterable[Sheet]) -> None:
    """Tables for people."""
    for sheet in sheets:
        output.say(sheet.title)
        for line in printing.lines(sheet):
            output.say(line)
        output.say()


def as_table(sheet: Sheet) -> dict[str, Any]:
    """A table for machines."""
    return {"title": sheet.title, "columns": sheet.columns, "rows": sheet.rows}
