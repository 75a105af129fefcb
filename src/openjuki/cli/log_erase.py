# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki log erase``: a record whose time is over is taken away, wherever it says whom it is about."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from openjuki import config
from openjuki.cli import output
from openjuki.cli.log_audit import require_provider
from openjuki.codes.resident import ResidentCode
from openjuki.config import Settings
from openjuki.errors import BadInput
from openjuki.nodes import erasing, forgetting
from openjuki.nodes.erasing import LogRow, Order
from openjuki.nodes.node import Office, opened_office
from openjuki.refusal import Where
from openjuki.store import offices

Node = Annotated[
    str, typer.Option(help="The Centre or the prefecture whose record it is.", show_default=False)
]
Operator = Annotated[str, typer.Option(help="Who erases: an operator's id.", show_default=False)]
Terminal = Annotated[str, typer.Option(help="Where: the id of a terminal.", show_default=False)]
Purpose = Annotated[str, typer.Option("--reason", help="Why: a case number.", show_default=False)]
Ordered = Annotated[
    str | None,
    typer.Option("--order", help="A decision that orders it before its time is over.", show_default=False),
]
Index = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=output.MOST,
        help="Place in the journal of its envelope or its part, as its proof says.",
        show_default=False,
    ),
]
Row = Annotated[
    int | None,
    typer.Option(
        min=0,
        max=output.MOST,
        help="Its place in the envelope, or its row in the part, as its proof says.",
        show_default=False,
    ),
]
Person = Annotated[
    str | None,
    typer.Option(
        help="Instead of a provision, everything that notices said of the bearer of this resident code.",
        show_default=False,
    ),
]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def attach(log: typer.Typer) -> None:
    """Add the command to its group."""
    log.command()(erase)


def erase(
    node: Node,
    operator: Operator,
    terminal: Terminal,
    reason: Purpose,
    index: Index = None,
    row: Row = None,
    person: Person = None,
    order: Ordered = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Erase the record of one provision, or a person, whose time is over or whose erasure was ordered: about whom it was.

    保存期間の終わった(又は命令のあった)提供の記録1件、又は本人確認情報を消去します。件数と根拠は残り、記録簿は検証できます。部署には事務 `erasure` の担当が必要です。

    The office holds the work `erasure` (see juki office affair grant).

    Example: `juki log erase --node centre --index 81234 --row 40312 --operator zenkoku-1 --terminal zenkoku-t1 --reason "消去 8"`
    """
    which = _which(index, row, person)
    if not reason.strip():
        raise BadInput("an erasure has a reason", where=Where(column="reason"))
    found = asyncio.run(
        _erase(config.load(config_file), node, which, who=(operator, terminal), reason=reason, order=order)
    )
    if as_json:
        output.emit("log-erase", {"node": node, **found})
    else:
        output.say("消去しました。記録簿の葉は残ります。 Erased; the leaves stay, and the log verifies.")


def _which(index: int | None, row: int | None, person: str | None) -> LogRow | ResidentCode:
    if person is not None and index is None and row is None:
        return ResidentCode.parse(person)
    if person is None and index is not None and row is not None:
        return LogRow(index, row)
    raise typer.BadParameter("name a provision by --index and --row, or a person by a resident code")


async def _erase(
    settings: Settings,
    node: str,
    which: LogRow | ResidentCode,
    *,
    who: tuple[str, str],
    reason: str,
    order: str | None,
) -> dict[str, Any]:
    require_provider(settings, node)
    async with opened_office(settings, node) as office:
        by = await office.read(lambda book: offices.find(book, *who, office.clock()))
        return await _decided(office, which, Order(by=by, reason=reason, order=order))


async def _decided(office: Office, which: LogRow | ResidentCode, order: Order) -> dict[str, Any]:
    if isinstance(which, LogRow):
        gone = await office.transact(partial(erasing.erase, office, which=which, order=order))
        return {**gone.to_dict(), "notices": None}
    return {"notices": await forgetting.forget(office, which, order)}
