# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki office``: who may act at a node, where, and for which affairs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from openjuki import config
from openjuki.cli import output, passkey
from openjuki.config import JST
from openjuki.errors import BadDate
from openjuki.nodes import offices as administration
from openjuki.nodes.node import Office, opened_office
from openjuki.refusal import Where
from openjuki.store import offices
from openjuki.store.database import Connection

Node = Annotated[str, typer.Option(help="The node whose records these are.", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
OfficeId = Annotated[str, typer.Option("--office", help="The office, by its id.", show_default=False)]
Since = Annotated[
    str | None,
    typer.Option(help="From when on: 2026-04-01 or 2026-04-01T08:30; now unless given.", show_default=False),
]
Until = Annotated[
    str | None, typer.Option(help="When it ends: that moment is no longer within.", show_default=False)
]


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    office = typer.Typer(
        no_args_is_help=True, help="部署と操作者 / offices, operators, terminals, affairs held."
    )
    office.command()(add)
    office.command("list")(list_)
    operator = typer.Typer(no_args_is_help=True, help="操作者 / operators.")
    operator.command("add")(operator_add)
    operator.command("close")(operator_close)
    passkey.attach(operator)
    terminal = typer.Typer(no_args_is_help=True, help="端末 / terminals.")
    terminal.command("add")(terminal_add)
    terminal.command("close")(terminal_close)
    affair = typer.Typer(no_args_is_help=True, help="担当事務 / affairs that an office holds.")
    affair.command("grant")(affair_grant)
    affair.command("withdraw")(affair_withdraw)
    for group, name in ((operator, "operator"), (terminal, "terminal"), (affair, "affair")):
        office.add_typer(group, name=name)
    app.add_typer(office, name="office")


def add(
    office: Annotated[str, typer.Argument(help="Id of the office, for ever: letters, figures, dashes.")],
    name: Annotated[str, typer.Argument(help="Its name.")],
    node: Node,
    config_file: Config = None,
) -> None:
    """Add an office to a node.

    部署を登録します。

    Example: `juki office add --node 131016 zeimu 税務課`
    """
    in_book(config_file, node, lambda at, book: administration.add_office(at, book, office, name))
    output.say(f"{office} {name}: 登録しました。 Added.")


def list_(node: Node, config_file: Config = None, as_json: AsJson = False) -> None:
    """List a node's offices with their operators and terminals, and the affairs they hold.

    部署・操作者・端末・担当事務を表示します。

    Example: `juki office list --node 131016`
    """
    listed = asyncio.run(_listed(config.load(config_file), node))
    if as_json:
        output.emit("offices", {"node": node, "offices": listed})
        return
    table = Table(title=node, title_justify="left")
    for title in ("部署 Office", "担当事務 Affairs", "操作者 Operators", "端末 Terminals"):
        table.add_column(title, overflow="fold")
    for office in listed:
        operators = (f"{one['id']} {one['name']}{_time(one)}" for one in office["operators"])
        terminals = (f"{one['id']}{_time(one)}" for one in office["terminals"])
        columns = (_affairs(office), operators, terminals)
        table.add_row(f"{office['id']}\n{office['name']}", *("\n".join(column) for column in columns))
    output.show(table, none="部署は登録されていません。 No office is registered.")


def operator_add(
    operator: Annotated[str, typer.Argument(help="Id of the operator, for ever.")],
    name: Annotated[str, typer.Argument(help="The operator's name.")],
    office: OfficeId,
    node: Node,
    since: Since = None,
    until: Until = None,
    config_file: Config = None,
) -> None:
    """Add an operator to an office, from now on unless a time is given.

    操作者を登録します。期間を前もって定めることができます。

    Example: `juki office operator add --node 131016 --office jumin jumin-3 "佐藤 花子" --until 2027-04-01`
    """
    times = {"since": moment(since, "since"), "until": moment(until, "until")}
    in_book(
        config_file,
        node,
        lambda at, book: administration.add_operator(at, book, operator, office=office, name=name, **times),
    )
    output.say(f"{operator}: 登録しました。 Added.")


def operator_close(
    operator: Annotated[str, typer.Argument(help="Id of the operator.")],
    node: Node,
    until: Until = None,
    config_file: Config = None,
) -> None:
    """End an operator's time, now unless a later time is given; the id is never given again.

    操作者の期間を終えます。番号は再び使われません。

    Example: `juki office operator close --node 131016 jumin-3`
    """
    end = moment(until, "until")
    in_book(config_file, node, lambda at, book: administration.close_operator(at, book, operator, end))
    output.say(f"{operator}: 終了しました。 Closed.")


def terminal_add(
    terminal: Annotated[str, typer.Argument(help="Id of the terminal, for ever.")],
    office: OfficeId,
    node: Node,
    config_file: Config = None,
) -> None:
    """Add a terminal to an office.

    端末を登録します。

    Example: `juki office terminal add --node 131016 --office jumin jumin-t2`
    """
    in_book(
        config_file, node, lambda at, book: administration.add_terminal(at, book, terminal, office=office)
    )
    output.say(f"{terminal}: 登録しました。 Added.")


def terminal_close(
    terminal: Annotated[str, typer.Argument(help="Id of the terminal.")],
    node: Node,
    config_file: Config = None,
) -> None:
    """Close a terminal: nobody acts there any more.

    端末の使用を終えます。

    Example: `juki office terminal close --node 131016 jumin-t2`
    """
    in_book(config_file, node, lambda at, book: administration.close_terminal(at, book, terminal))
    output.say(f"{terminal}: 終了しました。 Closed.")


def affair_grant(
    affair: Annotated[str, typer.Argument(help="The affair, as juki law list names it.")],
    office: OfficeId,
    node: Node,
    per_day: Annotated[
        int | None,
        typer.Option(
            "--per-day", max=2**31 - 1, help="About how many persons a day it may ask; no limit unless given."
        ),
    ] = None,
    config_file: Config = None,
) -> None:
    """Let an office hold an affair, if the law names this node's body for it.

    部署に事務を担当させます。一日に照会できる人数の上限を定めることができます。

    Example: `juki office affair grant --node 131016 --office jumin protection`
    """
    in_book(
        config_file, node, lambda at, book: administration.grant_affair(at, book, office, affair, per_day)
    )
    output.say(f"{office}: {affair} を担当します。 Granted.")


def affair_withdraw(
    affair: Annotated[str, typer.Argument(help="The affair.")],
    office: OfficeId,
    node: Node,
    config_file: Config = None,
) -> None:
    """Take an affair from an office.

    部署の担当事務を取りやめます。

    Example: `juki office affair withdraw --node 131016 --office jumin register-work`
    """
    in_book(config_file, node, lambda at, book: administration.withdraw_affair(at, book, office, affair))
    output.say(f"{office}: {affair} の担当を終えました。 Withdrawn.")


def in_book[T](config_file: Path | None, node: str, what: Callable[[Office, Connection], Awaitable[T]]) -> T:
    """Do something in a node's book, in one transaction."""
    settings = config.load(config_file)

    async def do() -> T:
        async with opened_office(settings, node) as at:
            return await at.transact(lambda book: what(at, book))

    return asyncio.run(do())


async def _listed(settings: config.Settings, node: str) -> list[dict[str, Any]]:
    async with opened_office(settings, node) as at:

        async def look(book: Connection) -> list[dict[str, Any]]:
            held = await offices.held(book, at.clock())
            operators, terminals = await offices.operators(book), await offices.terminals(book)
            return [
                {
                    "id": office.id,
                    "name": office.name,
                    "affairs": list(held.get(office.id, {})),
                    "per_day": {
                        affair: most for affair, most in held.get(office.id, {}).items() if most is not None
                    },
                    "operators": [_line(one, name=one.name) for one in operators if one.office == office.id],
                    "terminals": [_line(one) for one in terminals if one.office == office.id],
                }
                for office in await offices.offices(book)
            ]

        return await at.read(look)


def _affairs(office: dict[str, Any]) -> list[str]:
    """The affairs held, each with its limit where it has one."""
    limits = office["per_day"]
    return [f"{one} (≤ {limits[one]}/日)" if one in limits else one for one in office["affairs"]]


def _line(one: offices.Operator | offices.Terminal, **more: str) -> dict[str, str | None]:
    until = None if one.until is None else one.until.isoformat()
    return {"id": one.id, **more, "since": one.since.isoformat(), "until": until}


def _time(line: dict[str, Any]) -> str:
    """When it ends, where it does."""
    return f" (～{line['until'][:16]})" if line["until"] else ""


def moment(text: str | None, column: str) -> datetime | None:
    """A moment in Japan; a day means its beginning.

    Raises:
        BadDate: it is not one.
    """
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadDate(
            "a time is written 2026-04-01 or 2026-04-01T08:30", where=Where(column=column)
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=JST)
