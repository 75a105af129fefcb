# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki log status`` and ``lost``: whether a node's journal is all that others have seen of it, and what is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from openjuki import config
from openjuki.cli import output
from openjuki.config import Kind, Settings
from openjuki.errors import BadConfiguration, IntegrityFailure
from openjuki.nodes.journal_status import JournalStatus
from openjuki.nodes.journal_status import journal_status as look
from openjuki.nodes.log import log_to_stderr
from openjuki.nodes.node import opened, opened_office
from openjuki.nodes.recovery import LostNotice, Outcome, lost_notices, take_letters_again
from openjuki.nodes.recovery import record_again as record

Node = Annotated[str, typer.Option(help="The node, by its id.", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]

RecordAgain = Annotated[
    bool, typer.Option("--record-again", help="Record them again, from the notices themselves.")
]

_ROLES = {"signer": "署名者 Signer", "witness": "立会人 Witness", "neighbour": "通知先 Neighbour"}
#: Exit code by state.
_EXIT = {"whole": 0, "stopped": 1, "lost": IntegrityFailure.exit_code}


def attach(log: typer.Typer) -> None:
    """Add the commands to their group."""
    log.command()(status)
    log.command()(lost)


def status(node: Node, config_file: Config = None, as_json: AsJson = False) -> None:
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


def lost(
    node: Node,
    record_again: RecordAgain = False,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the notices that the prefecture has of a municipality and its own register has not, and record them again.

    復元で失われた通知(都道府県は受領済み)を、住民票コード・居住回次・更新順番号で示し、再び記録します。氏名は表示しません。

    Example: `juki log lost --node 131016 --record-again`
    """
    settings = config.load(config_file)
    if settings.node(node).kind is not Kind.MUNICIPALITY:
        raise BadConfiguration(f"{node} is no municipality: it gets back what it lost by pulling again")
    found, letters = asyncio.run(_lost(settings, node, record_again=record_again))
    if as_json:
        notices = [one.to_dict() for one in found]
        output.emit("log-lost", {"node": node, "notices": notices, "letters": letters})
    else:
        _show_lost(found)
        if letters:
            told = f"他市区町村からの通知 {letters:,} 件を受け入れました。 letters that did not fit before were taken in."
            output.say(told)
    raise typer.Exit(int(any(one.outcome is not Outcome.RECORDED for one in found)))


async def _lost(settings: Settings, node: str, *, record_again: bool) -> tuple[list[LostNotice], int]:
    log_to_stderr()
    async with opened(settings, node) as asking:
        found = await lost_notices(asking)
        if not record_again:
            return found, 0
        return await record(asking, found), await take_letters_again(asking)


_OUTCOMES = {
    Outcome.LOST: "失われています lost",
    Outcome.CONFLICT: "同じ番号で別の異動を記録済み another change has its version",
    Outcome.RECORDED: "再び記録しました recorded again",
}


def _show_lost(found: Sequence[LostNotice]) -> None:
    if not found:
        output.say("失われた通知はありません。 The register has every notice that its prefecture has.")
        return
    table = Table(title=f"{len(found):,} 件 notices", title_justify="left")
    for heading in (
        "連番 Number",
        "住民票コード",
        "居住回次 Stay",
        "更新順番号 Version",
        "異動事由",
        "異動日",
        "状態",
    ):
        table.add_column(heading)
    for one in found:
        notice = one.notice
        code, reason = notice.identification.resident_code, notice.reason.japanese
        days = notice.date_of_change.isoformat()
        row = (str(one.seq), str(code), str(notice.stay), str(notice.version), reason, days)
        table.add_row(*row, _OUTCOMES[one.outcome])
    output.show(table)


async def _status(settings: Settings, node: str) -> JournalStatus:
    async with opened_office(settings, node) as office:
        return await look(office)


def _show(status: JournalStatus) -> None:
    title = f"{status.node} 記録簿 {status.journal}: {status.tree.size:,} 件 rows"
    seen = Table(title=title, title_justify="left")
    for heading in ("控え Seen by", "機関 Node", "件数 Rows", "連番 Number"):
        seen.add_column(heading)
    for one in status.seen:
        rows = Text(f"{one.size:,}")
        if one in status.lost:
            rows.append(" ≠", "red")
        seen.add_row(_ROLES[one.role], one.who, rows, "" if one.seq is None else f"{one.seq:,}")
    output.show(seen)
    links = Table(title="通知経路 Links", title_justify="left")
    for heading in ("相手 Node", "", "連番 Number", "受領済み Arrived"):
        links.add_column(heading)
    for sent in status.sent:
        links.add_row(sent.recipient, "→ 送信 sent", f"{sent.last:,}", f"{sent.acknowledged:,}")
    for taken in status.taken:
        links.add_row(taken.source, "← 取寄 pulled", f"{taken.mark.seq:,}", "")
    output.show(links)
    for finding in status.findings():
        output.say(Text.assemble(("●", "red"), f" {finding.message_ja}"))
        output.say(f"  {finding.message_en}")
    if status.state == "whole":
        output.say("異常はありません。 Nothing is missing, and every link goes on.")
