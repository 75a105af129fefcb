# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki log audit``: what a provider has provided is counted again, under what was signed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from openjuki import config
from openjuki.cli import output
from openjuki.config import Kind, Settings
from openjuki.errors import BadConfiguration, IntegrityFailure
from openjuki.nodes.auditing import Audit
from openjuki.nodes.auditing import audit as count_again
from openjuki.nodes.node import opened_office
from openjuki.store.auditing import SENTENCES
from openjuki.store.verification.damage import SENTENCES as DAMAGES

Node = Annotated[
    str, typer.Option(help="The Centre or the prefecture whose record it is.", show_default=False)
]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]

_PROVIDERS = (Kind.CENTRE, Kind.PREFECTURE)
#: What is counted, in the order in which people read it.
_COUNTS = {
    "journal": "記録簿の行 Rows of the journal",
    "signed": "うち署名済み Signed",
    "questions": "即時提供の照会 Online questions",
    "granted": "うち提供 Granted",
    "questions_erased": "うち消去 Erased",
    "parts": "一括提供の部分 Parts",
    "keys": "一括提供の照会 Keys",
    "rows": "うち提供の対象 Rows",
    "rows_erased": "うち消去 Erased",
    "runs": "索引 Runs of the index",
    "entries": "索引の項目 Entries",
}
_STEPS = {
    "journal": "記録簿の検証 Journal",
    "online": "即時提供 Online",
    "parts": "一括提供 Parts",
}


def attach(log: typer.Typer) -> None:
    """Add the command to its group."""
    log.command()(audit)


def audit(node: Node, config_file: Config = None, as_json: AsJson = False) -> None:
    """Verify a provider's journal, and count again what it has provided: online, in parts, and in the index of them.

    提供の記録を、署名された件数・ハッシュとすべて突き合わせ、一致しないものを場所で示します。住民の情報は表示しません。

    Example: `juki log audit --node centre`
    """
    found = asyncio.run(_audit(config.load(config_file), node))
    if as_json:
        output.emit("log-audit", found.to_dict())
    else:
        _show(found)
    raise typer.Exit(0 if found.sound else IntegrityFailure.exit_code)


async def _audit(settings: Settings, node: str) -> Audit:
    require_provider(settings, node)
    async with opened_office(settings, node) as office:
        with _steps() as steps:
            return await count_again(office, steps)


def require_provider(settings: Settings, node: str) -> None:
    """Return only where the node is one that provides to others.

    Raises:
        BadConfiguration: it is none, or is not configured here.
    """
    if settings.node(node).kind not in _PROVIDERS:
        raise BadConfiguration(f"{node} provides nothing to others; the Centre and the prefectures do")


@contextmanager
def _steps() -> Iterator[Callable[[str], Callable[[int, int], None]]]:
    """A bar for each step, on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=output.screen, disable=not output.screen.is_terminal) as progress:

        def step(name: str) -> Callable[[int, int], None]:
            task = progress.add_task(_STEPS[name], total=None)
            return lambda done, total: progress.update(task, completed=done, total=total)

        yield step


def _show(found: Audit) -> None:
    counted = Table(title=f"{found.node} 提供の記録 Provisions", title_justify="left")
    counted.add_column("")
    counted.add_column("件数", justify="right")
    for name, title in _COUNTS.items():
        counted.add_row(title, f"{found.audited.counts[name]:,}")
    output.show(counted)
    if found.provided:
        output.show(_askers(found))
    if found.sound:
        output.say(
            "すべて一致しました。 Everything adds up: nothing that was signed is missing, nothing was added."
        )
        return
    output.show(_faults(found))


def _askers(found: Audit) -> Table:
    table = Table(
        "照会元 Asker",
        "即時 Online",
        "一括の照会 Keys",
        "うち対象 Rows",
        title="照会元別 By asker",
        title_justify="left",
    )
    for one in found.provided:
        table.add_row(one.asker, f"{one.questions:,}", f"{one.keys:,}", f"{one.rows:,}")
    return table


def _faults(found: Audit) -> Table:
    named = len(found.verified.damages) + len(found.audited.faults)
    more = f" 他 and {found.audited.more:,} more" if found.audited.more else ""
    table = Table("場所 Where", "不一致 What", title=f"不一致 {named:,} 件{more}", title_justify="left")
    for damage in found.verified.damages:
        table.add_row(damage.place, "\n".join(DAMAGES[damage.what]))
    for fault in found.audited.faults:
        table.add_row(f"{fault.kind} {fault.which}", "\n".join(SENTENCES[fault.what]))
    return table
