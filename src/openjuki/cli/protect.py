# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki disclose protect|protected|lift``: a town keeps somebody from being told about to others (支援措置)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from openjuki.cli import acting, output
from openjuki.cli.disclosing import Config, Node, at_counter, iso_day
from openjuki.codes.resident import ResidentCode
from openjuki.nodes.disclosure import protection
from openjuki.nodes.node import Office

Code = Annotated[str, typer.Option("--resident-code", help="Resident Record Code.", show_default=False)]


def add(disclose: typer.Typer) -> None:
    """Add the commands."""
    disclose.command()(protect)
    disclose.command()(protected)
    disclose.command()(lift)


def protect(
    node: Node,
    resident_code: Code,
    until: Annotated[
        str, typer.Option(help="The last day, ISO: a year at most; renewed by another.", show_default=False)
    ],
    since: Annotated[
        str | None, typer.Option(help="The first day, ISO; today unless given.", show_default=False)
    ] = None,
    provisional: Annotated[
        bool, typer.Option("--provisional", help="Before what it rests on was seen.")
    ] = False,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    config_file: Config = None,
) -> None:
    """Protect a resident: whoever asks for them is told nothing, here and at the governor's and the Centre's counters.

    支援措置を登録します。この市区町村の外には出しません。部署には事務 `protection` の担当が必要です。

    The office holds the work `protection` (see juki office affair grant).

    Example: `juki disclose protect --node 131016 --resident-code 71334917066 --until 2027-10-31 --operator jumin-1 --terminal jumin-t1`
    """
    code, last = ResidentCode.parse(resident_code), iso_day(until, "until")

    async def work(office: Office, book: Any, by: Any) -> int:
        first = office.clock().date() if since is None else iso_day(since, "since")
        return await protection.protect(
            office, book, by, code, since=first, until=last, provisional=provisional
        )

    at_counter(config_file, node, operator, terminal, work)
    output.say(f"登録しました。 Protected until {last.isoformat()}")


def protected(
    node: Node,
    resident_code: Code,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    config_file: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Say what protects a resident; that somebody looked is in the journal.

    支援措置を確認します。確認したことは記録されます。

    Example: `juki disclose protected --node 131016 --resident-code 71334917066 --operator jumin-1 --terminal jumin-t1`
    """
    code = ResidentCode.parse(resident_code)
    found = at_counter(
        config_file,
        node,
        operator,
        terminal,
        lambda office, book, by: protection.measures(office, book, by, code),
    )
    if as_json:
        measures = [
            {
                "since": one.since.isoformat(),
                "until": one.until.isoformat(),
                "provisional": one.provisional,
            }
            for one in found
        ]
        output.emit("protection", {"node": node, "measures": measures})
        return
    for one in found:
        kind = "仮の支援措置 provisional" if one.provisional else "支援措置 protective measure"
        output.say(f"{one.since.isoformat()} – {one.until.isoformat()} {kind}")
    if not found:
        output.say("支援措置はありません。 Nothing protects this resident.")


def lift(
    node: Node,
    resident_code: Code,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    config_file: Config = None,
) -> None:
    """Lift whatever protects a resident.

    支援措置を解除します。

    Example: `juki disclose lift --node 131016 --resident-code 71334917066 --operator jumin-1 --terminal jumin-t1`
    """
    code = ResidentCode.parse(resident_code)
    at_counter(
        config_file,
        node,
        operator,
        terminal,
        lambda office, book, by: protection.lift(office, book, by, code),
    )
    output.say("解除しました。 Lifted.")
