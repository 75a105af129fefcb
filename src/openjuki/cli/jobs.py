# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki bulk list``: what a provider was asked in bulk, and how far it is."""

from __future__ import annotations

import asyncio
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
from openjuki.store import jobs

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.config import Settings
    from openjuki.store.jobs import Listed

Node = Annotated[str, typer.Option(help="The Centre or the prefecture that was asked.", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Open = Annotated[bool, typer.Option("--open", help="Only those that have not ended.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most so many, the latest.")]

_PROVIDERS = (Kind.CENTRE, Kind.PREFECTURE)


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    bulk = typer.Typer(no_args_is_help=True, help="一括提供の受付 / what a provider was asked in bulk.")
    bulk.command("list")(list_)
    bulk.callback()(_group)
    app.add_typer(bulk, name="bulk")


def _group() -> None:
    """一括提供の受付 / what a provider was asked in bulk."""


def list_(
    node: Node,
    still_open: Open = False,
    limit: Limit = 100,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the requests in bulk that a provider has taken in, the latest first, and how far each is.

    受け付けた一括照会を、新しい順に表示します。

    Example: `juki bulk list --node centre`
    """
    found = asyncio.run(_listed(config.load(config_file), node, still_open=still_open, limit=limit))
    if as_json:
        output.emit("bulk-jobs", {"node": node, "requests": list(map(_to_dict, found))})
    elif found:
        output.show(_table(node, found), ids=0)
    else:
        output.say("受け付けた一括照会はありません。 No request in bulk was taken in.")


async def _listed(settings: Settings, node: str, *, still_open: bool, limit: int) -> list[Listed]:
    if settings.node(node).kind not in _PROVIDERS:
        raise BadConfiguration(f"{node} provides nothing to others; the Centre and the prefectures do")
    async with opened_office(settings, node) as office:
        return await office.glance(partial(jobs.listed, still_open=still_open, limit=limit))


def _to_dict(one: Listed) -> dict[str, Any]:
    return one._asdict() | {"accepted_at": _time(one.accepted_at), "finished_at": _time(one.finished_at)}


def _table(node: str, found: list[Listed]) -> Table:
    table = Table(
        "照会元 Asker, 一括照会 Request",
        "事務 Affair",
        "照会 Rows",
        "状態 Standing",
        "分割 Parts",
        "受付 Accepted",
        title=node,
        title_justify="left",
    )
    for one in found:
        why = one.rule or one.code
        standing = f"{one.standing} ({why})" if why else one.standing
        parts = f"{one.answered}/{one.parts} ({one.receipted} 受領)"
        accepted = f"{one.accepted_at.astimezone(JST):%Y-%m-%d %H:%M}"
        table.add_row(f"{one.asker}\n{one.request}", one.affair, f"{one.rows:,}", standing, parts, accepted)
    return table


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(JST).isoformat(timespec="seconds")
