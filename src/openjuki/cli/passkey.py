# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki office operator passkey``: how an operator comes to a passkey, and loses it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated

import typer

from openjuki import config
from openjuki.cli import output
from openjuki.nodes import passkeys
from openjuki.nodes.node import Office, opened_office
from openjuki.store.database import Connection

Node = Annotated[str, typer.Option(help="The node whose operator it is.", show_default=False)]
Operator = Annotated[str, typer.Argument(help="Id of the operator.")]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]


def attach(operator: typer.Typer) -> None:
    """Add the commands to those about operators."""
    operator.command()(passkey)
    operator.command("passkey-withdraw")(passkey_withdraw)


def passkey(
    operator: Operator,
    node: Node,
    terminal: Annotated[
        str, typer.Option(help="The terminal at which it is enrolled, by its id.", show_default=False)
    ],
    config_file: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Make a one-time code with which an operator enrols a passkey at a terminal; it is shown once.

    パスキーの登録番号を発行します。番号は15分間、1回だけ使え、ここに一度だけ表示されます。
    操作者は、その端末で照会画面の「登録番号でパスキーを登録する」を開きます。

    Example: `juki office operator passkey --node agency-tokyo-ryoken --terminal tanto-t1 tanto-1`
    """
    code = _do(config_file, node, lambda at, book: passkeys.invite(at, book, operator, terminal))
    if as_json:
        items = {"node": node, "operator": operator, "terminal": terminal}
        output.emit("passkey-code", {**items, "code": code.text, "expires_at": code.expires_at.isoformat()})
        return
    output.say(f"登録番号 Code: {code.text}")
    output.note(
        f"{operator}・{terminal}: {code.expires_at:%H:%M} まで、1回だけ使えます。 Good until then, once."
    )


def passkey_withdraw(operator: Operator, node: Node, config_file: Config = None) -> None:
    """Withdraw an operator's passkeys, and sign them out everywhere: a device was lost.

    操作者のパスキーをすべて無効にし、サインインを終わらせます。

    Example: `juki office operator passkey-withdraw --node agency-tokyo-ryoken tanto-1`
    """
    count = _do(config_file, node, lambda at, book: passkeys.withdraw(at, book, operator))
    output.say(f"{operator}: パスキー{count}個を無効にしました。 Withdrawn.")


def _do[T](config_file: Path | None, node: str, what: Callable[[Office, Connection], Awaitable[T]]) -> T:
    """Do something in a node's book, in one transaction."""
    settings = config.load(config_file)

    async def do() -> T:
        async with opened_office(settings, node) as at:
            return await at.transact(lambda book: what(at, book))

    return asyncio.run(do())
