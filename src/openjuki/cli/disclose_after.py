# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki disclose extend|claim|examined``: it takes longer, and what is disclosed may be wrong."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from openjuki.cli import acting, output
from openjuki.cli.disclosing import Config, Node, Out, at_counter, iso_day
from openjuki.documents import folder
from openjuki.nodes import disclosure
from openjuki.nodes.disclosure import notices
from openjuki.nodes.disclosure.receiving import known
from openjuki.nodes.node import Office
from openjuki.store import disclosures


class Outcome(StrEnum):
    """What was found of a claim (調査の結果)."""

    CORRECTED = "corrected"
    PASSED_ON = "passed_on"
    UNCHANGED = "unchanged"


Id = Annotated[str, typer.Argument(help="The request, by its id.")]


def add(disclose: typer.Typer) -> None:
    """Add the commands."""
    disclose.command()(extend)
    disclose.command()(claim)
    disclose.command()(examined)


def extend(
    request: Id,
    node: Node,
    until: Annotated[str, typer.Option(help="The new last day, ISO.", show_default=False)],
    why: Annotated[str, typer.Option(help="Why it takes longer, for the applicant.", show_default=False)],
    out: Out,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    config_file: Config = None,
) -> None:
    """Say within the thirty days that it takes longer, and write the notice of it.

    期間内に開示できないとき、理由と新しい期限を書面で通知します(法30条の33第2項)。

    Example: `juki disclose extend --node 130001 7d0f9a1c2b3e4f5061728394a5b6c7d8 --until 2027-01-31 --why "記録の照合に時間を要するため" --out encho-0012 --operator shichoson-1 --terminal shichoson-t1`
    """
    day = iso_day(until, "until")
    folder.prepare(out)

    async def work(office: Office, book: Any, by: Any) -> Any:
        later = await disclosure.extend(office, book, by, request, day, why)
        return notices.extended(office, later, office.clock())

    folder.write_notice(out, at_counter(config_file, node, operator, terminal, work))
    output.say(f"期限を延長しました。 Extended to {day.isoformat()} → {out}")


def claim(
    request: Id,
    node: Node,
    text: Annotated[str, typer.Option(help="What the applicant says is wrong.", show_default=False)],
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    config_file: Config = None,
) -> None:
    """Take the claim that something that was disclosed is wrong; its number is printed.

    開示を受けた人からの訂正・追加・削除の申出を受け付けます(法30条の35)。

    Example: `juki disclose claim --node 130001 7d0f9a1c2b3e4f5061728394a5b6c7d8 --text "方書が違う" --operator shichoson-1 --terminal shichoson-t1`
    """
    number = at_counter(
        config_file,
        node,
        operator,
        terminal,
        lambda office, book, by: disclosure.claim(office, book, by, request, text),
    )
    output.say(str(number))


def examined(
    request: Id,
    node: Node,
    outcome: Annotated[Outcome, typer.Option(help="What was done.", show_default=False)],
    finding: Annotated[str, typer.Option(help="What was found, for the applicant.", show_default=False)],
    out: Out,
    number: Annotated[int, typer.Option(min=1, max=10_000, help="Which claim, from 1.")] = 1,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    config_file: Config = None,
) -> None:
    """Say what was found of a claim, and write the notice of it.

    訂正等の申出について、調査の結果を書面で通知します。

    Example: `juki disclose examined --node 130001 7d0f9a1c2b3e4f5061728394a5b6c7d8 --outcome passed_on --finding "千代田区に連絡済み" --out kekka-0012 --operator shichoson-1 --terminal shichoson-t1`
    """
    folder.prepare(out)

    async def work(office: Office, book: Any, by: Any) -> Any:
        await disclosure.examined(office, book, by, request, number, outcome=outcome.value, finding=finding)
        claims = {one.number: one for one in await disclosures.corrections(book, request)}
        return notices.examined(office, await known(book, by, request), claims[number], office.clock())

    folder.write_notice(out, at_counter(config_file, node, operator, terminal, work))
    output.say(f"結果を記録しました。 Recorded → {out}")
