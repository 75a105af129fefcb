# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki clientele``: an agency's list of persons, and what changes about them."""

from __future__ import annotations

import asyncio
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from openjuki import config
from openjuki.carriage import change_files
from openjuki.cli import acting, output, places
from openjuki.config import JST, Kind
from openjuki.errors import BadConfiguration, BadInput
from openjuki.nodes.clientele import asking, putting, reading
from openjuki.nodes.log import log_to_stderr
from openjuki.nodes.node import opened, opened_office
from openjuki.refusal import Where
from openjuki.store import clientele as book
from openjuki.wire.bulk import KeyKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.carriage.faults import RejectedRow
    from openjuki.config import Settings
    from openjuki.store.clientele import Change, Clientele, CursorAt, Outstanding
    from openjuki.store.database import Connection

#: Most changes that are shown as a table; a file has all of them.
SHOWN = 50
#: Changes that are read at a time.
_PAGE = 10_000


class Key(StrEnum):
    """By what a list names persons."""

    CODE = KeyKind.RESIDENT_CODE.value
    NUMBER = KeyKind.INDIVIDUAL_NUMBER.value


Agency = Annotated[str, typer.Option(help="The agency whose list it is.", show_default=False)]
Name = Annotated[str, typer.Option(help="The list's name.", show_default=False)]
After = Annotated[
    int, typer.Option(min=0, max=output.MOST, help="Only changes with a higher number than this.")
]
Out = Annotated[
    Path | None,
    typer.Option(
        help="Write them to this file: .csv (UTF-8) or .parquet.",
        show_default=False,
        callback=places.new_file,
    ),
]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    group = typer.Typer(no_args_is_help=True, help="対象者の異動 / what changes about persons on a list.")
    for command in (put, show, changes, replay, drop, outstanding):
        group.command("list" if command is show else None)(command)
    app.add_typer(group, name="clientele")


def put(
    agency: Agency,
    name: Name,
    affair: Annotated[str, typer.Option(help="The affair for which it is asked.", show_default=False)],
    file: Annotated[
        Path, typer.Option("--in", help="CSV or Parquet with codes or numbers.", show_default=False)
    ],
    key: Annotated[Key, typer.Option(help="By what the file names persons.")] = Key.CODE,
    every: Annotated[
        int,
        typer.Option(min=0, max=putting.LONGEST, help="Ask by itself every so many seconds; 0: never."),
    ] = 0,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    reason: acting.Purpose = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Put a list of persons, or its next edition: it stays here, as a sorted file; from now on changes are told.

    異動の提供を受ける対象者の一覧を登録します。一覧は機関内にとどまります。

    Example: `juki clientele put --agency agency-nenkin --name pensioners --affair state-115 --in jukyusha.csv --every 86400 --operator kounen-1 --terminal kounen-t1 --reason "受給権者の異動"`
    """
    found = reading.read(file, KeyKind(key.value))
    by = putting.By(operator or "", terminal or "")
    wish = putting.Wish(name, affair, reason or "", by, KeyKind(key.value), every)

    async def work(settings: Settings) -> Clientele:
        async with opened_office(settings, agency) as office:
            return await putting.put(office, wish, found.keys)

    one = asyncio.run(work(_agencys(config_file, agency)))
    said = {"rows": found.rows, "faults": found.faults, "repeated": found.repeated}
    if as_json:
        rejected = list(map(_fault, found.rejected[:SHOWN]))
        output.emit("clientele-put", {**one.to_dict(), **said, "rejected": rejected})
    else:
        output.say(f"登録 put: {one.name}  {one.keys:,} 人 persons")
        for row in found.rejected[:SHOWN]:
            output.note(f"  {row.row}行 {row.column or ''}: {row.remedy_ja}")
        if found.faults or found.repeated:
            output.note(f"読めない行 faults: {found.faults:,}  重複 repeated: {found.repeated:,}")
    raise typer.Exit(BadInput.exit_code if found.faults else 0)


def show(agency: Agency, config_file: Config = None, as_json: AsJson = False) -> None:
    """List an agency's lists: how many persons, for what, and how far each was told.

    登録されている対象者一覧を表示します。

    Example: `juki clientele list --agency agency-nenkin`
    """

    async def work(connection: Connection) -> list[tuple[Clientele, list[CursorAt]]]:
        return [
            (one, list((await book.cursors(connection, one.name)).values()))
            for one in await book.lists(connection)
        ]

    found: list[tuple[Clientele, list[CursorAt]]] = asyncio.run(
        _read(_agencys(config_file, agency), agency, work)
    )
    if as_json:
        lists = [{**one.to_dict(), "cursors": list(map(_cursor, cursors))} for one, cursors in found]
        output.emit("clienteles", {"agency": agency, "lists": lists})
        return
    table = Table("一覧 List", "事務 Affair", "人数 Persons", "間隔 Every", "異動 Told", "最終 Last told")
    for one, cursors in found:
        last = max((cursor.told_at for cursor in cursors), default=None)
        when = "-" if last is None else last.astimezone(JST).isoformat(timespec="seconds")
        table.add_row(one.name, one.affair, f"{one.keys:,}", f"{one.every} s", f"{one.told:,}", when)
    output.show(table, none="一覧はありません。 There is no list.")


def changes(
    agency: Agency,
    name: Name,
    out: Out = None,
    anew: Annotated[
        bool, typer.Option("--anew", help="Forget how far the list was told, and begin from now.")
    ] = False,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Ask now what changed, and write what came.

    対象者の異動の提供を求め、受けた異動を出力します。

    Example: `juki clientele changes --agency agency-nenkin --name pensioners --out ido.csv`
    """
    log_to_stderr()

    async def work(settings: Settings) -> tuple[list[asking.Outcome], list[Change]]:
        async with opened(settings, agency) as node:
            await node.transport.serve(asking.showing(node))
            before = await node.read(partial(_told, name=name))
            if anew:
                await node.transact(partial(book.begin_anew, name=name))
            outcomes = await asking.ask(node, name)
            return outcomes, await node.read(partial(_all, name=name, after=before))

    outcomes, came = asyncio.run(work(_agencys(config_file, agency)))
    _tell(name, came, out, as_json=as_json, begun=any(one.begun for one in outcomes))


def replay(
    agency: Agency,
    name: Name,
    after: After = 0,
    day: Annotated[
        str | None, typer.Option(help="Only what came on this day: 2026-11-22.", show_default=False)
    ] = None,
    out: Out = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write again what a list was told before; nobody is asked.

    提供済みの異動をもう一度出力します。提供の求めは行いません。

    Example: `juki clientele replay --agency agency-nenkin --name pensioners --day 2026-11-22 --out ido-1122.csv`
    """
    since, until = _day(day)
    work = partial(_all, name=name, after=after, since=since, until=until)
    came: list[Change] = asyncio.run(_read(_agencys(config_file, agency), agency, work))
    _tell(name, came, out, as_json=as_json)


def drop(
    agency: Agency,
    name: Name,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Drop a list and what it was told: file and rows are removed.

    対象者一覧と、提供を受けた異動を削除します。

    Example: `juki clientele drop --agency agency-nenkin --name pensioners --operator kounen-1 --terminal kounen-t1`
    """

    async def work(settings: Settings) -> None:
        async with opened_office(settings, agency) as office:
            await putting.drop(office, name, putting.By(operator or "", terminal or ""))

    asyncio.run(work(_agencys(config_file, agency)))
    if as_json:
        output.emit("clientele-dropped", {"agency": agency, "name": name})
    else:
        output.say(f"廃止 dropped: {name}")


def outstanding(
    node: Annotated[
        str, typer.Option(help="The Centre or the prefecture whose record it is.", show_default=False)
    ],
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """List what a provider told of changes, and nobody has said that it arrived; exits with 1 where there is any.

    受領の確認がない異動の提供を表示します。

    Example: `juki clientele outstanding --node centre`
    """
    settings = config.load(config_file)
    if settings.node(node).kind not in {Kind.CENTRE, Kind.PREFECTURE}:
        raise BadConfiguration(f"{node} tells nobody of changes; the Centre and the prefectures do")
    found: list[Outstanding] = asyncio.run(_read(settings, node, book.outstanding))
    if as_json:
        turns = [{**one._asdict(), "at": one.at.isoformat()} for one in found]
        output.emit("clientele-outstanding", {"node": node, "turns": turns})
    else:
        output.show(
            _outstanding(node, found),
            none="受領の確認がない異動の提供はありません。 Everything that was told has arrived.",
        )
    raise typer.Exit(1 if found else 0)


def _agencys(config_file: Path | None, agency: str) -> Settings:
    """The settings; only an agency has lists."""
    settings = config.load(config_file)
    if settings.node(agency).kind is not Kind.AGENCY:
        raise BadConfiguration(f"{agency} is no agency: it has no clientele")
    return settings


async def _read[T](settings: Settings, node: str, work: Any) -> T:
    async with opened_office(settings, node) as office:
        found: T = await office.read(work)
        return found


async def _told(connection: Connection, name: str) -> int:
    """The number of the last change that a list was told."""
    found = await book.lists(connection, name)
    if not found:
        raise BadInput("there is no clientele of this name", where=Where(column="name"))
    return found[0].told


async def _all(
    connection: Connection,
    name: str,
    after: int,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Change]:
    await _told(connection, name)
    found: list[Change] = []
    while page := await book.changes(connection, name, after=after, since=since, until=until, limit=_PAGE):
        found += page
        after = page[-1].seq
    return found


def _day(day: str | None) -> tuple[datetime | None, datetime | None]:
    if day is None:
        return None, None
    try:
        since = datetime.combine(date.fromisoformat(day), time(), JST)
    except ValueError:
        raise BadInput("a day is written 2026-11-22", where=Where(column="day")) from None
    return since, since + timedelta(days=1)


def _tell(name: str, came: Sequence[Change], out: Path | None, *, as_json: bool, begun: bool = False) -> None:
    if out is not None:
        change_files.write(out, came)
    if as_json:
        shown = [] if out is not None else list(map(change_files.to_dict, came))
        last = came[-1].seq if came else None
        output.emit(
            "clientele-changes",
            {"name": name, "begun": begun, "count": len(came), "last": last, "changes": shown},
        )
        return
    if begun:
        output.say("これ以後の異動が提供されます。 Changes are told from now on.")
    if out is None and came:
        output.show(_table(came[-SHOWN:]))
    output.say(f"異動 changes: {len(came):,}")


def _table(came: Sequence[Change]) -> Table:
    table = Table("番号 No.", "照会条件 Key", "異動 Change", "変わった項目 Changed")
    for change in map(change_files.to_dict, came):
        table.add_row(str(change["seq"]), change["key"], change["meaning_ja"], " ".join(change["changed"]))
    return table


def _outstanding(node: str, found: Sequence[Outstanding]) -> Table:
    table = Table("照会元 Asker", "照会 Turn", "異動 Changes", "日時 At", title=node, title_justify="left")
    for one in found:
        at = one.at.astimezone(JST).isoformat(timespec="seconds")
        table.add_row(one.asker, one.request, f"{one.changes:,}", at)
    return table


def _fault(row: RejectedRow) -> dict[str, Any]:
    return {"row": row.row, "column": row.column, "code": row.code, "message_ja": row.remedy_ja}


def _cursor(cursor: CursorAt) -> dict[str, Any]:
    return {**cursor._asdict(), "told_at": cursor.told_at.isoformat()}
