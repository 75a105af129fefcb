# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki provide ledger``: what the offices of a node asked, and what they were answered."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from openjuki import config
from openjuki.cli import answers, output
from openjuki.cli.office import AsJson, Config, moment
from openjuki.config import Settings
from openjuki.errors import BadInput
from openjuki.nodes.answering import Answer
from openjuki.nodes.node import opened_office
from openjuki.store import ledger as book
from openjuki.store.ledger import Line

Node = Annotated[str, typer.Option(help="The node whose ledger it is.", show_default=False)]
Id = Annotated[
    str | None, typer.Argument(help="One line, with its questions and answers.", show_default=False)
]
OfOffice = Annotated[str | None, typer.Option("--office", help="Only this office's.", show_default=False)]
OfAffair = Annotated[str | None, typer.Option("--affair", help="Only for this affair.", show_default=False)]
OfOperator = Annotated[
    str | None, typer.Option("--operator", help="Only this operator's.", show_default=False)
]
Since = Annotated[
    str | None, typer.Option(help="From then on: 2026-04-01 or 2026-04-01T08:30.", show_default=False)
]
Until = Annotated[str | None, typer.Option(help="Before then.", show_default=False)]
Before = Annotated[
    str | None, typer.Option(help="Older than this line, to go on from it.", show_default=False)
]
Limit = Annotated[int, typer.Option(help="At most so many lines.", min=1, max=10_000)]


def ledger(
    node: Node,
    line: Id = None,
    office: OfOffice = None,
    affair: OfAffair = None,
    operator: OfOperator = None,
    since: Since = None,
    until: Until = None,
    before: Before = None,
    limit: Limit = 100,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """List what a node's offices asked, newest first; or show one line with its questions and answers.

    照会台帳を新しいものから表示します。行の番号を指定すると、照会と回答の内容を表示します。

    Example: `juki provide ledger --node agency-nenkin --office kounen --since 2026-04-01`
    """
    settings = config.load(config_file)
    if line is not None:
        _show_whole(asyncio.run(_whole(settings, node, line)), as_json=as_json)
        return
    wanted: dict[str, Any] = {
        "office": office,
        "affair": affair,
        "operator": operator,
        "since": moment(since, "since"),
        "until": moment(until, "until"),
        "before": before,
        "limit": limit,
    }
    found = asyncio.run(_found(settings, node, wanted))
    if as_json:
        output.emit("ledger", {"node": node, "lines": [one.to_dict() for one in found]})
    else:
        output.show(_table(node, found), ids=0, none="該当する照会はありません。 There is no such line.")


async def _found(settings: Settings, node: str, wanted: dict[str, Any]) -> list[Line]:
    async with opened_office(settings, node) as office:
        return await office.read(lambda connection: book.search(connection, **wanted))


async def _whole(settings: Settings, node: str, line: str) -> Line:
    async with opened_office(settings, node) as office:
        found = await office.read(lambda connection: book.line(connection, line))
    if found is None:
        raise BadInput("the ledger has no such line")
    return found


def _table(node: str, lines: list[Line]) -> Table:
    table = Table(title=node, title_justify="left")
    for title in ("照会 Asked", "事務 Affair", "操作者 By", "理由 Reason", "結果 Results", "根拠 Articles"):
        table.add_column(title, overflow="fold")
    for line in lines:
        by = f"{line.office} {line.operator}"
        asked = f"{_time(line.asked_at)}\n{line.id}"
        table.add_row(asked, line.affair, by, line.reason, _results(line), "\n".join(line.articles))
    return table


def _results(line: Line) -> str:
    """What came of it: how many of each result, or why nothing came back."""
    if line.answered_at is None:
        return "回答なし unanswered"
    if line.code is not None:
        return line.code
    counts = {result: line.results.count(result) for result in line.results}
    return "\n".join(f"{result} {count:,}" for result, count in counts.items())


def _show_whole(line: Line, *, as_json: bool) -> None:
    if as_json:
        contents = {"questions": line.questions, "answers": line.answers, "told": line.told}
        output.emit("ledger-line", {**line.to_dict(), **contents})
        return
    by = f"{line.office} {line.operator} {line.terminal}"
    output.say(f"{line.id}  {_time(line.asked_at)}  {line.affair}  {by}  {line.reason}")
    output.say("  ".join((line.what, line.method, *line.routes, _results(line))))
    for answer in line.answers:
        if answer is not None:
            answers.show(Answer.from_dict(answer))


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"
