# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki provide outstanding``: what a provider has recorded as told, and nobody has said that it arrived."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from openjuki import config
from openjuki.cli import output
from openjuki.config import JST, Kind
from openjuki.errors import BadConfiguration
from openjuki.nodes.node import opened_office
from openjuki.store import jobs, receipts

if TYPE_CHECKING:
    from openjuki.config import Settings
    from openjuki.store.database import Connection

    #: Envelopes by asker, and parts by request.
    Found = tuple[list[receipts.Outstanding], list[jobs.Outstanding]]

Node = Annotated[
    str, typer.Option(help="The Centre or the prefecture whose record it is.", show_default=False)
]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Older = Annotated[
    int,
    typer.Option(
        min=0,
        max=1_000_000_000,
        help="Only what was answered so many seconds ago, or longer: the others may be on the way.",
    ),
]

_PROVIDERS = (Kind.CENTRE, Kind.PREFECTURE)


def add(provide: typer.Typer) -> None:
    """Add the command."""
    provide.command()(outstanding)


def outstanding(node: Node, older: Older = 60, config_file: Config = None, as_json: AsJson = False) -> None:
    """List what was provided and not receipted, envelopes by asker, parts by request; exits with 1 where there is any.

    受領の確認がない提供を、照会元ごとに(一括提供は求めごとに)表示します。

    Example: `juki provide outstanding --node centre`
    """
    envelopes, parts = asyncio.run(_outstanding(config.load(config_file), node, older))
    if as_json:
        said = {"outstanding": list(map(_to_dict, envelopes)), "parts": list(map(_part_to_dict, parts))}
        output.emit("outstanding", {"node": node, "older": older, **said})
    if not as_json and envelopes:
        output.show(_table(node, envelopes))
    if not as_json and parts:
        output.show(_parts_table(node, parts))
    if not as_json and not envelopes and not parts:
        output.say("受領の確認がない提供はありません。 Everything that was provided has been receipted.")
    raise typer.Exit(1 if envelopes or parts else 0)


async def _outstanding(settings: Settings, node: str, older: int) -> Found:
    if settings.node(node).kind not in _PROVIDERS:
        raise BadConfiguration(f"{node} provides nothing to others; the Centre and the prefectures do")
    async with opened_office(settings, node) as office:
        before = office.clock() - timedelta(seconds=older)

        async def work(connection: Connection) -> Found:
            envelopes = await receipts.outstanding(connection, node, before)
            return envelopes, await jobs.outstanding(connection, node, before)

        return await office.read(work)


def _to_dict(one: receipts.Outstanding) -> dict[str, Any]:
    return {
        "asker": one.asker,
        "envelopes": one.envelopes,
        "questions": one.questions,
        "since": one.since.astimezone(JST).isoformat(timespec="seconds"),
        "ids": one.ids,
    }


def _part_to_dict(one: jobs.Outstanding) -> dict[str, Any]:
    return {
        "asker": one.asker,
        "request": one.request,
        "parts": one.numbers,
        "rows": one.rows,
        "since": one.since.astimezone(JST).isoformat(timespec="seconds"),
    }


def _table(node: str, found: list[receipts.Outstanding]) -> Table:
    table = Table(
        "照会元 Asker", "電文 Envelopes", "照会 Questions", "いつから Since", title=node, title_justify="left"
    )
    for one in found:
        since = one.since.astimezone(JST).isoformat(timespec="seconds")
        table.add_row(one.asker, f"{one.envelopes:,}", f"{one.questions:,}", since)
    return table


def _parts_table(node: str, found: list[jobs.Outstanding]) -> Table:
    title = f"{node} 一括提供 in bulk"
    table = Table(
        "照会元 Asker",
        "一括照会 Request",
        "分割 Parts",
        "照会 Rows",
        "いつから Since",
        title=title,
        title_justify="left",
    )
    for one in found:
        since = one.since.astimezone(JST).isoformat(timespec="seconds")
        table.add_row(one.asker, one.request, ", ".join(map(str, one.numbers)), f"{one.rows:,}", since)
    return table
