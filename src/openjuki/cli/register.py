# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki import`` and ``juki change``: how a register enters a municipality's node, and how it changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from openjuki import config
from openjuki.carriage.encoding import Encoding
from openjuki.carriage.faults import RefusedRow, RejectedRow
from openjuki.carriage.importing import ImportRow, read_register
from openjuki.carriage.life_events import ChangeRow, read_changes
from openjuki.carriage.report import ImportReport, ReportWriter
from openjuki.cli import output
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.config import Kind
from openjuki.errors import BadConfiguration, BadInput, Refused
from openjuki.nodes import counter, intake
from openjuki.nodes.counter import Awaited, Recorded
from openjuki.nodes.node import Office, opened_office
from openjuki.store.database import Connection

Node = Annotated[str, typer.Option(help="The municipality, by its 6-digit code.", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Report = Annotated[Path | None, typer.Option(help="Where to write the report; beside the file unless given.")]
Charset = Annotated[
    str | None,
    typer.Option("--encoding", help="utf-8 or cp932; recognised unless given.", show_default=False),
]


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_)
    app.command()(change)


def import_(
    file: Annotated[Path, typer.Argument(help="CSV with the columns of docs/reference/import.md.")],
    node: Node,
    encoding: Charset = None,
    report: Report = None,
    config_file: Config = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Take an existing register into a municipality's node; repeated, it doubles nothing.

    既存の住民基本台帳を取り込みます。繰り返しても二重には入りません。

    Example: `juki import --node 131016 register.csv`
    """
    office = _municipality(config_file, node)
    charset = Encoding.parse(encoding) if encoding else None
    summary, unchanged = asyncio.run(_import(office, file, charset, report))
    if as_json:
        output.emit("import-report", {**summary.to_dict(), "unchanged": unchanged})
    else:
        _show(summary, f"変更なし unchanged {unchanged:,}")
    raise typer.Exit(summary.exit_code)


def change(
    node: Node,
    items: Annotated[
        list[str] | None, typer.Argument(help="Items of the form, as NAME=VALUE; NAME= empties one.")
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Reason: a code (D03) or its name (死亡).")] = None,
    resident_code: Annotated[str | None, typer.Option(help="Whose record, by Resident Record Code.")] = None,
    resident_number: Annotated[str | None, typer.Option(help="Whose record, by 宛名番号.")] = None,
    date_of_change: Annotated[str | None, typer.Option("--date", help="Day the reason arose.")] = None,
    form: Annotated[
        typer.FileText | None, typer.Option(help="The form as JSON; - reads it from standard input.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="Many changes, as CSV (docs/reference/change.md).")
    ] = None,
    encoding: Charset = None,
    report: Report = None,
    config_file: Config = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Record one life event at a municipality, or a file of them.

    異動を一件、又はファイルでまとめて記録します。

    Example: `juki change --node 131016 --reason 転居 --resident-number 0000000019 --date 2026-04-01 town=神田小川町 block=1番2号`
    """
    settings = _municipality(config_file, node)
    if file is not None:
        charset = Encoding.parse(encoding) if encoding else None
        summary = asyncio.run(_changes(settings, file, charset, report))
        if as_json:
            output.emit("import-report", summary.to_dict())
        else:
            _show(summary, "")
        raise typer.Exit(summary.exit_code)
    options = {
        "reason": reason,
        "resident_code": resident_code,
        "resident_number": resident_number,
        "date_of_change": date_of_change,
    }
    given = {name: value for name, value in options.items() if value is not None}
    recorded = asyncio.run(_change(settings, {**_form(form), **given, **_items(items or [])}))
    _show_change(recorded, as_json=as_json)


def _municipality(config_file: Path | None, node: str) -> tuple[config.Settings, str]:
    settings = config.load(config_file)
    if settings.node(node).kind is not Kind.MUNICIPALITY:
        raise BadConfiguration(f"{node} keeps no register; name a municipality")
    return settings, node


async def _import(
    where: tuple[config.Settings, str], file: Path, charset: Encoding | None, beside: Path | None
) -> tuple[ImportReport, int]:
    settings, node = where
    unchanged = 0
    async with opened_office(settings, node) as office:
        with ReportWriter(file, beside) as report, _bar(file) as advance:
            for chunk in read_register(file, charset, municipality=LocalGovernmentCode(node)):
                taken = await office.transact(_taking_in(office, chunk.rows))
                report.write(chunk, taken.refused)
                unchanged += taken.unchanged
                advance(chunk.bytes_read)
            return report.summary(), unchanged


def _taking_in(office: Office, rows: tuple[ImportRow, ...]) -> Callable[[Connection], Any]:
    return lambda connection: intake.take_in(office, connection, rows)


async def _changes(
    where: tuple[config.Settings, str], file: Path, charset: Encoding | None, beside: Path | None
) -> ImportReport:
    settings, node = where
    async with opened_office(settings, node) as office:
        with ReportWriter(file, beside) as report, _bar(file) as advance:
            for chunk in read_changes(file, charset):
                refused = [row for one in chunk.rows if (row := await _refused(office, one)) is not None]
                report.write(chunk, refused)
                advance(chunk.bytes_read)
            return report.summary()


async def _refused(office: Office, row: ChangeRow) -> RefusedRow | RejectedRow | None:
    """Record one change of a file; each is a transaction of its own."""
    try:
        await office.transact(lambda connection: counter.record(office, connection, row.request))
    except Refused as error:
        return RefusedRow(row=row.row, refusal=error.refusal)
    except BadInput as error:
        return row.rejected(error)
    return None


async def _change(where: tuple[config.Settings, str], form: Mapping[str, Any]) -> Recorded | Awaited:
    settings, node = where
    async with opened_office(settings, node) as office:
        return await office.transact(lambda connection: counter.record_form(office, connection, form))


def _form(file: typer.FileText | None) -> Mapping[str, Any]:
    """A form as JSON: so no code need stand in a shell's history."""
    if file is None:
        return {}
    try:
        form = orjson.loads(file.read())
    except orjson.JSONDecodeError as error:
        raise BadInput("the form is not JSON") from error
    if not isinstance(form, dict):
        raise BadInput("the form is not a JSON object")
    return form


def _items(arguments: list[str]) -> dict[str, str | None]:
    """``NAME=VALUE`` arguments; an empty value empties the item."""
    items: dict[str, str | None] = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not equals:
            raise BadInput("an item is given as NAME=VALUE, such as town=神田小川町")
        items[name] = value or None
    return items


@contextmanager
def _bar(file: Path) -> Iterator[Callable[[int], None]]:
    """A bar over the bytes of a file, on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=output.screen, disable=not output.screen.is_terminal) as progress:
        task = progress.add_task(file.name, total=file.stat().st_size if file.exists() else None)
        yield lambda done: progress.update(task, completed=done)


def _show(summary: ImportReport, more: str) -> None:
    output.result.print(
        f"取込 accepted {summary.accepted:,}  却下 rejected {summary.rejected:,}  "
        f"注意 alerts {summary.alerts:,}  {more}"
    )
    if summary.rejected or summary.alerts:
        output.result.print(f"報告 report: {summary.report_csv}", soft_wrap=True)


def _show_change(recorded: Recorded | Awaited, *, as_json: bool) -> None:
    if isinstance(recorded, Awaited):
        number = recorded.resident_number
        if as_json:
            output.emit("recorded", {"resident_number": number, "awaiting_number": True})
        else:
            output.result.print(
                f"宛名番号 {number}: 機構の個人番号を待っています。 Waiting for the Centre's number."
            )
        return
    row, told = recorded.row, recorded.notice is not None
    number = row.record.resident_number
    if as_json:
        items = {"resident_number": number, "history_number": row.history_number, "stay": row.stay}
        items |= {
            "version": row.version,
            "state": row.state.value,
            "notified": told,
            "awaiting_number": False,
        }
        output.emit("recorded", items)
    else:
        whom = "都道府県へ通知します。 The governor is told." if told else "通知は不要です。 No notice."
        output.result.print(f"宛名番号 {number} 履歴 {row.history_number}: 記録しました。 Recorded. {whom}")
