# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki import`` and ``juki change``: how a register enters a municipality's node, and how it changes."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import orjson
import typer
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from openjuki import config
from openjuki.carriage.answers import read_answers
from openjuki.carriage.encoding import Encoding
from openjuki.carriage.report import ImportReport, ReportWriter
from openjuki.cli import acting, output, places
from openjuki.config import Kind
from openjuki.errors import BadConfiguration, BadInput
from openjuki.nodes import counter
from openjuki.nodes.counter import Awaited, Recorded
from openjuki.nodes.importing import Imported, import_changes, import_register
from openjuki.nodes.node import opened_office
from openjuki.residents.sequences import NO_ANSWERS, Answers
from openjuki.store.database import Connection

Node = Annotated[str, typer.Option(help="The municipality, by its 6-digit code.", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Report = Annotated[
    Path | None,
    typer.Option(help="Where to write the report; beside the file unless given.", callback=places.own_folder),
]
Charset = Annotated[
    str | None,
    typer.Option(
        "--encoding",
        help="utf-8, cp932 or shift_jis_2004; the first two are recognised unless given.",
        show_default=False,
    ),
]
AnswersFile = Annotated[
    Path | None,
    typer.Option(
        "--answers",
        help="Answers to questions about variation sequences, as CSV (docs/reference/import-report.md).",
        show_default=False,
    ),
]

#: Collections of garbage for a million rows, whose values are in no circles: a tenth of the time goes otherwise.
_RARELY = (100_000, 50, 100)


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_)
    app.command()(change)


def import_(
    file: Annotated[Path, typer.Argument(help="CSV with the columns of docs/reference/import.md.")],
    node: Node,
    encoding: Charset = None,
    answers: AnswersFile = None,
    report: Report = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Take an existing register into a municipality's node; interrupted, the same command goes on.

    既存の住民基本台帳を取り込みます。中断しても、同じコマンドで続きから取り込みます。

    Example: `juki import --node 131016 register.csv`
    """
    office = _municipality(config_file, node)
    how = _How(Encoding.parse(encoding) if encoding else None, _answers(answers), report)
    summary, done = asyncio.run(_import(office, file, how))
    if as_json:
        more = {"unchanged": done.unchanged, "resumed_after": done.resumed_after}
        output.emit("import-report", {**summary.to_dict(), **more})
    else:
        if done.resumed_after is not None:
            output.note(
                f"{done.resumed_after:,}行目の次から続けました。 Went on after line {done.resumed_after:,}."
            )
        _show(summary, f"変更なし unchanged {done.unchanged:,}")
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
    answers: AnswersFile = None,
    report: Report = None,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Record one life event at a municipality, or a file of them; interrupted, the same command goes on with the file.

    異動を一件、又はファイルでまとめて記録します。ファイルは、中断しても同じコマンドで続きから記録します。

    Example: `juki change --node 131016 --reason 転居 --resident-number 0000000019 --date 2026-04-01 town=神田小川町 block=1番2号`
    """
    settings, who = _municipality(config_file, node), acting.actor(operator, terminal)
    how = _How(Encoding.parse(encoding) if encoding else None, _answers(answers), report)
    options = {
        "reason": reason,
        "resident_code": resident_code,
        "resident_number": resident_number,
        "date_of_change": date_of_change,
    }
    given = {name: value for name, value in options.items() if value is not None}
    if file is not None:
        if form is not None or items or given:
            raise typer.BadParameter(
                "a file says all of its changes: give neither a form nor items beside it"
            )
        summary = asyncio.run(_changes(settings, file, how, who))
        if as_json:
            output.emit("import-report", summary.to_dict())
        else:
            _show(summary, "")
        raise typer.Exit(summary.exit_code)
    whole = {**_form(form), **given, **_items(items or [])}
    recorded = asyncio.run(_change(settings, whole, how.answers, who))
    _show_change(recorded, as_json=as_json)


def _municipality(config_file: Path | None, node: str) -> tuple[config.Settings, str]:
    settings = config.load(config_file)
    if settings.node(node).kind is not Kind.MUNICIPALITY:
        raise BadConfiguration(f"{node} keeps no register; name a municipality")
    return settings, node


class _How(NamedTuple):
    """How a file is read, and where it is reported."""

    encoding: Encoding | None
    answers: Answers
    report: Path | None


def _answers(path: Path | None) -> Answers:
    return NO_ANSWERS if path is None else read_answers(path)


async def _import(where: tuple[config.Settings, str], file: Path, how: _How) -> tuple[ImportReport, Imported]:
    settings, node = where
    gc.freeze()
    gc.set_threshold(*_RARELY)
    async with opened_office(settings, node) as office:
        with ReportWriter(file, how.report) as report, _bar(file) as advance:
            done = await import_register(
                office, file, how.encoding, report, answers=how.answers, advance=advance
            )
            return report.summary(), done


async def _changes(
    where: tuple[config.Settings, str], file: Path, how: _How, who: tuple[str, str] | None
) -> ImportReport:
    settings, node = where
    async with opened_office(settings, node) as office:
        by = await office.read(lambda connection: acting.standing(office, connection, who))
        with ReportWriter(file, how.report) as report, _bar(file) as advance:
            await import_changes(
                office, file, how.encoding, report, answers=how.answers, by=by, advance=advance
            )
            return report.summary()


async def _change(
    where: tuple[config.Settings, str],
    form: Mapping[str, Any],
    answers: Answers,
    who: tuple[str, str] | None,
) -> Recorded | Awaited:
    settings, node = where
    async with opened_office(settings, node) as office:

        async def record(connection: Connection) -> Recorded | Awaited:
            by = await acting.standing(office, connection, who)
            return await counter.record_form(office, connection, form, by, answers)

        return await office.transact(record)


def _form(file: typer.FileText | None) -> Mapping[str, Any]:
    """A form as JSON: so no code need stand in a shell's history."""
    if file is None:
        return {}
    try:
        form = orjson.loads(file.read())
    except ValueError as error:
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
    output.say(
        f"取込 accepted {summary.accepted:,}  却下 rejected {summary.rejected:,}  "
        f"注意 alerts {summary.alerts:,}  {more}"
    )
    if summary.rejected or summary.alerts:
        output.say(f"報告 report: {summary.report_csv}")
    if summary.questions:
        output.say(f"字形の質問 questions: {summary.questions}  (--answers で答えを渡してください)")


def _show_change(recorded: Recorded | Awaited, *, as_json: bool) -> None:
    if isinstance(recorded, Awaited):
        number = recorded.resident_number
        if as_json:
            output.emit("recorded", {"resident_number": number, "awaiting_number": True})
        else:
            output.say(f"宛名番号 {number}: 機構の個人番号を待っています。 Waiting for the Centre's number.")
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
        output.say(f"宛名番号 {number} 履歴 {row.history_number}: 記録しました。 Recorded. {whom}")
