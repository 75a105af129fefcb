# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How an office asks with a file at its own machine (一括照会): bars while it waits, sentences when it is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from openjuki import config
from openjuki.carriage.answer_files import Format
from openjuki.carriage.encoding import Encoding
from openjuki.carriage.key_files import kind_of
from openjuki.cli import answers, output
from openjuki.config import JST
from openjuki.errors import BadInput, PeerRefused, Refused
from openjuki.nodes.fetching import BulkAsked, Delivered, Fetched, Fetching, serving
from openjuki.nodes.fetching.asked import CALLED_OFF, ERASED
from openjuki.nodes.log import log_to_stderr
from openjuki.nodes.node import opened
from openjuki.refusal import Refusal
from openjuki.residents.look_up import Result
from openjuki.store import requests
from openjuki.wire.bulk import KeyKind, Standing

#: Seconds for which a provider that is away is waited for.
_PATIENCE: Final = 600.0
#: What people read for how far a request is.
STANDINGS: Final = {
    Standing.WAITING: "受付待ち — waiting",
    Standing.RUNNING: "提供中 — under way",
    Standing.DONE: "完了 — done",
    Standing.REFUSED: "認められません — refused",
    Standing.CANCELLED: "取りやめ — called off",
    Standing.FAILED: "失敗 — failed",
}


def ask(
    config_file: Path | None,
    agency: str,
    keys: Path,
    out: Path,
    *,
    kind: KeyKind | None,
    encoding: str | None,
    answer_encoding: str,
    as_json: bool,
    **about: Any,
) -> None:
    """Ask with a file, write the answer, say what came of it, and leave with its exit code."""
    charset = None if encoding is None else Encoding.parse(encoding)
    asked = BulkAsked(
        kind=kind or kind_of(keys, charset),
        name=keys.name,
        encoding=charset,
        format=Format.PARQUET if out.suffix == ".parquet" else Format.CSV,
        answer_encoding=Encoding.parse(answer_encoding),
        **about,
    )
    fetched, delivered = _run(config_file, agency, partial(_ask, asked=asked, keys=keys, out=out))
    if as_json:
        files = {"out": delivered.file, "report": delivered.report}
        told = {name: path and str(path) for name, path in files.items()}
        output.emit("bulk", {**fetched.to_dict(), **told, "losses": delivered.losses})
    else:
        _show(fetched, delivered)
    raise typer.Exit(BadInput.exit_code if fetched.request.malformed else 0)


def show_requests(config_file: Path | None, agency: str, *, limit: int, as_json: bool) -> None:
    """Show what a node asked with files."""

    async def look(bulk: Fetching) -> list[requests.Request]:
        return await bulk.search(limit=limit)

    found = _run(config_file, agency, look)
    if as_json:
        output.emit("bulk-requests", {"node": agency, "requests": [one.to_dict() for one in found]})
        return
    table = Table(
        "ファイル File, 一括照会 Request",
        "日時 At",
        "事務 Affair",
        "行 Rows",
        "分割 Parts",
        "状態 Standing",
    )
    for one in found:
        parts = f"{one.received}/{one.parts}"
        asked = f"{one.asked_at.astimezone(JST):%Y-%m-%d %H:%M}"
        standing = STANDINGS[Standing(one.standing)]
        table.add_row(f"{one.file}\n{one.id}", asked, one.affair, f"{one.rows:,}", parts, standing)
    output.show(table, ids=0, none="ファイルによる照会はありません。 Nothing was asked with a file.")


def call_off(config_file: Path | None, agency: str, request: str, *, as_json: bool) -> None:
    """Call a request off."""

    async def cancel(bulk: Fetching) -> Fetched:
        return await bulk.cancel(request)

    fetched = _run(config_file, agency, cancel)
    if as_json:
        output.emit("bulk-request", fetched.to_dict())
    else:
        output.say(STANDINGS[Standing(fetched.request.standing)])


async def _ask(bulk: Fetching, asked: BulkAsked, keys: Path, out: Path) -> tuple[Fetched, Delivered]:
    """Ask, wait for the answer, and hand it over."""
    with _bars(keys.name) as (reading, answering):
        submitted = await bulk.submit(asked, keys, reading)
        answering(submitted)
        fetched = await bulk.run(submitted.request.id, answering, patience=_PATIENCE)
    _insist(fetched)
    delivered = await bulk.deliver(fetched.request, out, keep=False)
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
    output.say(
        f"件数 rows {request.rows:,}  形式誤り malformed {request.malformed:,}  重複 duplicates {request.duplicates:,}"
    )
    for result, count in fetched.results.items():
        output.say(f"  {count:>12,}  {answers.RESULTS[Result(result)]}")
    output.say(f"根拠 articles: {'、'.join(fetched.articles)}")
    output.say(f"回答 answers: {delivered.file}")
    if delivered.report is not None:
        output.say(f"不備の一覧 faults: {delivered.report}")
    if delivered.losses:
        output.say(f"縮退 losses {delivered.losses:,}: {delivered.file}.losses.csv")
    output.note(f"照会台帳 Ledger: {request.id}")
