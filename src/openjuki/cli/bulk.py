# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki provide --agency … --in … --out …``: an office asks with a file, and is answered with a file.

What works on columns takes a second to import: it stands in `openjuki.cli.batches`, and is imported when it is needed.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from openjuki.cli import acting, places
from openjuki.errors import BadInput
from openjuki.nodes.asking import AtTerminal
from openjuki.refusal import Where
from openjuki.wire.bulk import KeyKind

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
        "--out",
        help="File of answers to write: Parquet where it ends so, else CSV.",
        show_default=False,
        callback=places.new_file,
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

    Example: `juki provide --agency agency-nenkin --affair state-115 --in keys.csv --out answers.csv --operator kounen-1 --terminal kounen-t1 --reason "現況確認 2026-11"`
    """
    if context.invoked_subcommand is not None:
        return
    given = {"agency": agency, "affair": affair, "in": keys, "out": out}
    missing = next((name for name, value in given.items() if value is None), None)
    if agency is None or affair is None or keys is None or out is None:
        raise BadInput(f"asking with a file needs --{missing}", where=Where(column=missing))
    _work().ask(
        config_file,
        agency,
        keys,
        out,
        by=AtTerminal(operator or "", terminal or ""),
        affair=affair,
        reason=reason or "",
        kind=by,
        encoding=encoding,
        answer_encoding=answer_encoding,
        again=again,
        as_json=as_json,
    )


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
    _work().show_requests(config_file, agency, limit=limit, as_json=as_json)


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
    _work().call_off(config_file, agency, request, as_json=as_json)


def _work() -> Any:
    """What does it."""
    return import_module("openjuki.cli.batches")
