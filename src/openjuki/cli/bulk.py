# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki provide --agency … --in … --out …``: an office asks with a file, and is answered with a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from openjuki import config
from openjuki.carriage.answer_files import Format
from openjuki.carriage.encoding import Encoding
from openjuki.carriage.key_files import kind_of
from openjuki.cli import acting, answers, output
from openjuki.errors import BadInput, PeerRefused, Refused
from openjuki.nodes.asking import AtTerminal
from openjuki.nodes.fetching import BulkAsked, Delivered, Fetched, Fetching, serving
from openjuki.nodes.fetching.asked import CALLED_OFF, ERASED
from openjuki.nodes.log import log_to_stderr
from openjuki.nodes.node import opened
from openjuki.refusal import Refusal, Where
from openjuki.residents.look_up import Result
from openjuki.store import requests
from openjuki.wire.bulk import KeyKind, Standing

Agency = Annotated[
    str | None, typer.Option("--agency", help="The node that asks with a file.", show_default=False)
]
AffairOf = Annotated[
    str | None,
    typer.Option(help="The affair for which it is asked (see juki law search).", show_default=False),
]
Keys = Annotated[
    Path | None,
    typer.Option("--in", help="File of keys: CSV or Parquet, a person in a row.", show_default=False),
]
Answers = Annotated[
    Path | None,
    typer.Option(
        "--out", help="File of answers to write: Parquet where it ends so, else CSV.", show_default=False
    ),
]
By = Annotated[
    KeyKind | None,
    typer.Option(
        "--by", help="The kind of key; read from the header where there is one.", show_default=False
    ),
]
KeyEncoding = Annotated[
    str | None, typer.Option("--encoding", help="Encoding of the keys; recognised where it is not said.")
]
AnswerEncoding = Annotated[
    str, typer.Option("--answer-encoding", help="utf-8-sig, or cp932 with a list of what that cannot hold.")
]
Again = Annotated[
    bool, typer.Option("--again", help="Ask although the same file was asked before for this affair.")
]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
#: Seconds for which a provider that is away is waited for.
_PATIENCE = 600.0


def attach(provide: typer.Typer) -> None:
    """Add what asks with a file, and what looks after such requests."""
    provide.callback(invoke_without_command=True)(ask_with_a_file)
    provide.command("requests")(list_requests)
    provide.command("cancel")(cancel)


def ask_with_a_file(
    context: typer.Context,
    agency: Agency = None,
    affair: AffairOf = None,
    keys: Keys = None,
    out: Answers = None,
    by: By = None,
    encoding: KeyEncoding = None,
    answer_encoding: AnswerEncoding = "utf-8-sig",
    again: Again = False,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    reason: acting.Purpose = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Ask with a file of keys, and write a file of answers: a row for each row, in the same order (一括照会).

    照会ファイルの順に回答ファイルを書きます。読み取れない行は一覧にし、残りの行に回答します。中断しても、同じコマンドで続きから進みます。

    Example: `juki provide --agency agency-nenkin --affair state-115 --in keys.csv --out answers.csv --operator nenkin-1 --terminal nenkin-t1 --reason "現況確認 2026-11"`
    """
    if context.invoked_subcommand is not None:
        return
    given = {"agency": agency, "affair": affair, "in": keys, "out": out}
    missing = next((name for name, value in given.items() if value is None), None)
    if agency is None or affair is None or keys is None or out is None:
        raise BadInput(f"asking with a file needs --{missing}", where=Where(column=missing))
    charset = None if encoding is None else Encoding.parse(encoding)
    asked = BulkAsked(
        by=AtTerminal(operator or "", terminal or ""),
        affair=affair,
        reason=reason or "",
        kind=by or kind_of(keys, charset),
        name=keys.name,
        encoding=charset,
        format=Format.PARQUET if out.suffix == ".parquet" else Format.CSV,
        answer_encoding=Encoding.parse(answer_encoding),
        again=again,
    )
    fetched, delivered = _run(config_file, agency, partial(_ask, asked=asked, keys=keys, out=out))
    if as_json:
        files = {"out": delivered.file, "report": delivered.report}
        told = {name: path and str(path) for name, path in files.items()}
        output.emit("bulk", {**fetched.to_dict(), **told, "losses": delivered.losses})
    else:
        _show(fetched, delivered)
    raise typer.Exit(BadInput.exit_code if fetched.request.malformed else 0)


def list_requests(
    agency: Annotated[str, typer.Option("--agency", help="The node that asks.", show_default=False)],
    limit: Annotated[int, typer.Option(help="How many, the newest first.", min=1, max=1000)] = 20,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """List what a node asked with files, and how far each request is (一括照会の一覧).

    照会ファイルごとの進行状況を新しい順に示します。

    Example: `juki provide requests --agency agency-nenkin`
    """

    async def look(bulk: Fetching) -> list[requests.Request]:
        return await bulk.search(limit=limit)

    found = _run(config_file, agency, look)
    if as_json:
        output.emit("bulk-requests", {"node": agency, "requests": [one.to_dict() for one in found]})
        return
    table = Table("request", "asked", "affair", "file", "rows", "parts", "standing")
    for one in found:
        parts = f"{one.received}/{one.parts}"
        asked = f"{one.asked_at:%Y-%m-%d %H:%M}"
        table.add_row(
            one.id, asked, one.affair, one.file, f"{one.rows:,}", parts, STANDINGS[Standing(one.standing)]
        )
    output.result.print(table)


def cancel(
    request: Annotated[str, typer.Argument(help="The request, by its id.")],
    agency: Annotated[str, typer.Option("--agency", help="The node that asks.", show_default=False)],
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Call a request off between two parts (一括照会の取りやめ); what was provided before stays recorded.

    それまでに提供されたものは、双方の記録に残ります。

    Example: `juki provide cancel 019ac5d0a1e4c3f1b2a3948576605142 --agency agency-nenkin`
    """

    async def call_off(bulk: Fetching) -> Fetched:
        return await bulk.cancel(request)

    fetched = _run(config_file, agency, call_off)
    if as_json:
        output.emit("bulk-request", fetched.to_dict())
    else:
        output.result.print(STANDINGS[Standing(fetched.request.standing)])


#: What people read for how far a request is.
STANDINGS = {
    Standing.WAITING: "受付待ち — waiting",
    Standing.RUNNING: "提供中 — under way",
    Standing.DONE: "完了 — done",
    Standing.REFUSED: "認められません — refused",
    Standing.CANCELLED: "取りやめ — called off",
    Standing.FAILED: "失敗 — failed",
}


async def _ask(bulk: Fetching, asked: BulkAsked, keys: Path, out: Path) -> tuple[Fetched, Delivered]:
    """Ask, wait for the answer, and hand it over."""
    with _bars(keys.name) as (reading, answering):
        submitted = await bulk.submit(asked, keys, reading)
        answering(submitted)
        fetched = await bulk.run(submitted.request.id, answering, patience=_PATIENCE)
    _insist(fetched)
    delivered = await bulk.deliver(fetched.request, out)
    await bulk.forget(fetched.request.id)
    return fetched, delivered


def _insist(fetched: Fetched) -> None:
    """Return only where there is an answer to be handed over."""
    request = fetched.request
    if request.refusal is not None:
        raise Refused(Refusal.from_dict(request.refusal))
    if request.standing == Standing.CANCELLED:
        raise Refused(CALLED_OFF)
    if request.standing != Standing.DONE:
        raise PeerRefused(f"the request has failed: {request.code}", peer_code=request.code)
    if request.erased_at is not None:
        raise Refused(ERASED)


def _run[T](config_file: Path | None, agency: str, work: Callable[[Fetching], Awaitable[T]]) -> T:
    async def run() -> T:
        async with _fetching(config_file, agency) as bulk:
            return await work(bulk)

    return asyncio.run(run())


@asynccontextmanager
async def _fetching(config_file: Path | None, agency: str) -> AsyncIterator[Fetching]:
    """Where the agency asks in bulk; its provider may pull keys from here."""
    log_to_stderr()
    async with opened(config.load(config_file), agency) as node:
        await node.transport.serve(serving.handlers(node))
        bulk = Fetching(node)
        try:
            yield bulk
        finally:
            await bulk.close()


@contextmanager
def _bars(name: str) -> Iterator[tuple[Callable[[int], None], Callable[[Fetched], None]]]:
    """Bars over the rows that are read and answered, on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=output.screen, disable=not output.screen.is_terminal) as progress:
        reading = progress.add_task(f"{name} を読む reading", total=None)
        answering = progress.add_task("提供を待つ waiting", total=None)

        def say(fetched: Fetched) -> None:
            request, arrived = fetched.request, sum(fetched.results.values())
            said = STANDINGS[Standing(request.standing)] + (f" ({request.code})" if request.code else "")
            progress.update(answering, description=said, completed=arrived, total=request.rows)

        yield lambda rows: progress.update(reading, completed=rows, total=rows), say


def _show(fetched: Fetched, delivered: Delivered) -> None:
    request = fetched.request
    output.result.print(
        f"件数 rows {request.rows:,}  形式誤り malformed {request.malformed:,}  重複 duplicates {request.duplicates:,}"
    )
    for result, count in fetched.results.items():
        output.result.print(f"  {count:>12,}  {answers.RESULTS[Result(result)]}", markup=False)
    output.result.print(f"根拠 articles: {'、'.join(fetched.articles)}", markup=False, soft_wrap=True)
    output.result.print(f"回答 answers: {delivered.file}", markup=False, soft_wrap=True)
    if delivered.report is not None:
        output.result.print(f"不備の一覧 faults: {delivered.report}", markup=False, soft_wrap=True)
    if delivered.losses:
        output.result.print(
            f"縮退 losses {delivered.losses:,}: {delivered.file}.losses.csv", markup=False, soft_wrap=True
        )
    output.screen.print(f"照会台帳 Ledger: {request.id}", markup=False)
