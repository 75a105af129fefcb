# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki log status``: whether a node's journal is all that others have seen of it, in words."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from openjuki import config
from openjuki.cli import output
from openjuki.config import Settings
from openjuki.errors import IntegrityFailure
from openjuki.nodes.journal_status import JournalStatus
from openjuki.nodes.journal_status import journal_status as look
from openjuki.nodes.node import opened_office

Node = Annotated[str, typer.Option(help="The node, by its id.", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]

_ROLES = {"signer": "署名者 Signer", "witness": "立会人 Witness", "neighbour": "通知先 Neighbour"}
#: Exit code by state.
_EXIT = {"whole": 0, "stopped": 1, "lost": IntegrityFailure.exit_code}


def attach(log: typer.Typer) -> None:
    """Add the command to its group."""
    log.command()(status)


def status(node: Node, config_file: Config = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """Compare a node's journal with what its signer, witnesses and neighbours have seen, and say what is missing.

    記録簿を、署名者・立会人・通知先の控えと比べ、不足や停止があれば説明します。

    Example: `juki log status --node 131016`
    """
    found = asyncio.run(_status(config.load(config_file), node))
    if as_json:
        output.emit("log-status", found.to_dict())
    else:
        _show(found)
    raise typer.Exit(_EXIT[found.state])


async def _status(settings: Settings, node: str) -> JournalStatus:
    async with opened_office(settings, node) as office:
        return await look(office)


def _show(status: JournalStatus) -> None:
    title = f"{status.node} 記録簿 {status.journal}: {status.tree.size:,} 件 rows"
    seen = Table(title=title, title_justify="left")
    for heading in ("控え Seen by", "機関 Node", "件数 Rows", "連番 Number"):
        seen.add_column(heading)
    for one in status.seen:
        mark = " [red]≠[/]" if one in status.lost else ""
        seen.add_row(
            _ROLES[one.role], one.who, f"{one.size:,}{mark}", "" if one.seq is None else f"{one.seq:,}"
        )
    output.result.print(seen)
    links = Table(title="通知経路 Links", title_justify="left")
    for heading in ("相手 Node", "", "連番 Number", "受領済み Arrived"):
        links.add_column(heading)
    for sent in status.sent:
        links.add_row(sent.recipient, "→ 送信 sent", f"{sent.last:,}", f"{sent.acknowledged:,}")
    for taken in status.taken:
        links.add_row(taken.source, "← 取寄 pulled", f"{taken.mark.seq:,}", "")
    output.result.print(links)
    for finding in status.findings():
        output.result.print(f"[red]●[/] {finding.message_ja}", soft_wrap=True)
        output.result.print(f"  {finding.message_en}", soft_wrap=True)
    if status.state == "whole":
        output.result.print("異常はありません。 Nothing is missing, and every link goes on.")
