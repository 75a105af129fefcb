# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki alarm``: what somebody must look at, at a node, until somebody has."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from openjuki import config
from openjuki.cli import acting, output
from openjuki.config import JST, Settings
from openjuki.nodes import alarms as administration
from openjuki.nodes.node import opened_office
from openjuki.store import alarms
from openjuki.store.database import Connection

Node = Annotated[str, typer.Option(help="The node whose alarms these are.", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Reason = Annotated[str, typer.Option(help="What was found, and done.", show_default=False)]


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    alarm = typer.Typer(no_args_is_help=True, help="警報 / what somebody must look at.")
    alarm.command("list")(list_)
    alarm.command()(settle)
    app.add_typer(alarm, name="alarm")


def list_(node: Node, config_file: Config = None, as_json: AsJson = False) -> None:
    """List a node's open alarms, the oldest first; exits with 1 where there are any.

    未対応の警報を表示します。

    Example: `juki alarm list --node 131016`
    """
    found = asyncio.run(_open(config.load(config_file), node))
    if as_json:
        output.emit("alarms", {"node": node, "alarms": found})
    elif found:
        table = Table(
            "番号 No.", "種類 Kind", "いつから Since", "どこ Where", title=node, title_justify="left"
        )
        for one in found:
            where = orjson.dumps(one["detail"]).decode()
            table.add_row(
                str(one["id"]),
                "\n".join((one["kind"], *administration.SAID.get(one["kind"], ()))),
                one["raised_at"],
                where,
            )
        output.show(table)
    else:
        output.say("未対応の警報はありません。 No alarm is open.")
    raise typer.Exit(1 if found else 0)


def settle(
    alarm: Annotated[
        int,
        typer.Argument(
            min=1, max=output.MOST, help="The number of the alarm, as `juki alarm list` shows it."
        ),
    ],
    node: Node,
    reason: Reason,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    config_file: Config = None,
) -> None:
    """Settle an alarm at which somebody has looked; the journal keeps who, and why.

    警報を処理済みにします。理由は記録簿に残ります。

    Example: `juki alarm settle --node 131016 7 --reason "線の復旧を確認"`
    """
    who = acting.actor(operator, terminal)
    asyncio.run(_settle(config.load(config_file), node, alarm, reason, who))
    output.say(f"{alarm}: 処理しました。 Settled.")


async def _open(settings: Settings, node: str) -> list[dict[str, Any]]:
    async with opened_office(settings, node) as office:
        standing = await office.read(alarms.open_alarms)
    return [
        {
            "id": one.id,
            "kind": one.kind,
            "raised_at": one.raised_at.astimezone(JST).isoformat(timespec="seconds"),
            "detail": one.detail,
        }
        for one in standing
    ]


async def _settle(
    settings: Settings, node: str, alarm: int, reason: str, who: tuple[str, str] | None
) -> None:
    async with opened_office(settings, node) as office:

        async def work(connection: Connection) -> None:
            by = await acting.standing(office, connection, who)
            await administration.settle(office, connection, alarm, reason, by)

        await office.transact(work)
