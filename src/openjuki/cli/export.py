# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki export``: how a register leaves a municipality's node."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from openjuki import config
from openjuki.carriage.encoding import Encoding
from openjuki.carriage.exporting import ExportReport
from openjuki.cli import acting, output, places
from openjuki.config import Kind
from openjuki.errors import BadConfiguration
from openjuki.nodes.exporting import export_register
from openjuki.nodes.node import Office, opened_office
from openjuki.store import register


def attach(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(export)


def export(
    file: Annotated[
        Path,
        typer.Argument(help="CSV to write; it is replaced if it is there.", callback=places.new_file),
    ],
    node: Annotated[str, typer.Option(help="The municipality, by its 6-digit code.", show_default=False)],
    encoding: Annotated[
        str, typer.Option(help="utf-8-sig, cp932 or shift_jis_2004; only the first holds every name.")
    ] = "utf-8-sig",
    accept_losses: Annotated[
        bool,
        typer.Option("--accept-losses", help="Write the file though the encoding lacks some characters."),
    ] = False,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    config_file: Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Write a municipality's register as a file that can be imported again.

    住民基本台帳をファイルに書き出します。文字コードにない文字は一覧にします。

    Example: `juki export --node 131016 --encoding cp932 register.csv`
    """
    settings, charset = config.load(config_file), Encoding.parse(encoding)
    if settings.node(node).kind is not Kind.MUNICIPALITY:
        raise BadConfiguration(f"{node} keeps no register; name a municipality")
    who = acting.actor(operator, terminal)
    report = asyncio.run(_export(settings, node, file, charset, accept_losses=accept_losses, who=who))
    if as_json:
        output.emit("export-report", report.to_dict())
    else:
        _show(report)
    raise typer.Exit(report.exit_code)


async def _export(
    settings: config.Settings,
    node: str,
    file: Path,
    charset: Encoding,
    *,
    accept_losses: bool,
    who: tuple[str, str] | None,
) -> ExportReport:
    async with opened_office(settings, node) as office:
        by = await office.read(lambda connection: acting.standing(office, connection, who))
        with _bar(file, await _count(office)) as advance:
            return await export_register(
                office, file, charset, accept_losses=accept_losses, by=by, advance=advance
            )


async def _count(office: Office) -> int:
    return sum((await office.read(register.count_residents)).values())


@contextmanager
def _bar(file: Path, residents: int) -> Iterator[Callable[[int], None]]:
    """A bar over the residents, on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=output.screen, disable=not output.screen.is_terminal) as progress:
        task = progress.add_task(file.name, total=residents)
        yield lambda done: progress.update(task, completed=done)


def _show(report: ExportReport) -> None:
    output.say(
        f"住民 residents {report.rows:,}  縮退 losses {report.losses:,}  "
        f"置換不能 unreplaced {report.unreplaced:,}"
    )
    if report.losses:
        output.say(f"一覧 list: {report.losses_csv}")
    if not report.written:
        output.note(
            "この文字コードでは失われる文字があるため、書き出しませんでした。承知の上なら --accept-losses を付けてください。\n"
            "No file was written: the encoding lacks some characters. Accept that with --accept-losses, or use utf-8-sig.",
        )
