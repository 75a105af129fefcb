# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki provide outstanding``: what a provider has recorded as told, and nobody has said that it arrived."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from openjuki import config
from openjuki.cli import output
from openjuki.config import JST, Kind
from openjuki.errors import BadConfiguration
from openjuki.nodes.node import opened_office
from openjuki.store import receipts

if TYPE_CHECKING:
    from openjuki.config import Settings
    from openjuki.store.receipts import Outstanding

Node = Annotated[
    str, typer.Option(help="The Centre or the prefecture whose record it is.", show_default=False)
]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Older = Annotated[
    int,
    typer.Option(
        min=0, help="Only what was answered so many seconds ago, or longer: the others may be on the way."
    ),
]

_PROVIDERS = (Kind.CENTRE, Kind.PREFECTURE)


def add(provide: typer.Typer) -> None:
    """Add the command."""
    provide.command()(outstanding)


def outstanding(node: Node, older: Older = 60, config_file: Config = None, as_json: AsJson = False) -> None:
    """List what was provided and not receipted, by asker; exits with 1 where there is any.

    受領の確認がない提供を、照会元ごとに表示します。

    Example: `juki provide outstanding --node centre`
    """
    found = asyncio.run(_outstanding(config.load(config_file), node, older))
    if as_json:
        output.emit("outstanding", {"node": node, "older": older, "outstanding": list(map(_to_dict, found))})
    elif found:
        output.result.print(_table(node, found))
    else:
        output.result.print(
            "受領の確認がない提供はありません。 Everything that was provided has been receipted."
        )
    raise typer.Exit(1 if found else 0)


async def _outstanding(settings: Settings, node: str, older: int) -> list[Outstanding]:
    if settings.node(node).kind not in _PROVIDERS:
        raise BadConfiguration(f"{node} provides nothing to others; the Centre and the prefectures do")
    async with opened_office(settings, node) as office:
        before = office.clock() - timedelta(seconds=older)
        return await office.read(partial(receipts.outstanding, provider=node, before=before))


def _to_dict(one: Outstanding) -> dict[str, Any]:
    return {
        "asker": one.asker,
        "envelopes": one.envelopes,
        "questions": one.questions,
        "since": one.since.astimezone(JST).isoformat(timespec="seconds"),
        "ids": one.ids,
    }


def _table(node: str, found: list[Outstanding]) -> Table:
    table = Table(
        "照会元 Asker", "電文 Envelopes", "照会 Questions", "いつから Since", title=node, title_justify="left"
    )
    for one in found:
        since = one.since.astimezone(JST).isoformat(timespec="seconds")
        table.add_row(one.asker, f"{one.envelopes:,}", f"{one.questions:,}", since)
    return table
