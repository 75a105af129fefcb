# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki provide``: an office asks whoever the law lets provide to it, and reads the ledger of what it asked."""

from __future__ import annotations

import asyncio
from inspect import getdoc
from pathlib import Path
from typing import Annotated, Any

import typer

from openjuki import config
from openjuki.cli import acting, answers, bulk, credentials, ledger, output, outstanding, questions
from openjuki.errors import BadQuestion
from openjuki.nodes.asking import Asked, Asking, AtTerminal, Confirmation, Outcome
from openjuki.nodes.log import log_to_stderr
from openjuki.nodes.node import opened
from openjuki.residents.look_up import Claim, LookUp, Matching, Result
from openjuki.wire.provision import What

Node = Annotated[
    str, typer.Option(help="The node that asks: an agency, or a municipality.", show_default=False)
]
Affair = Annotated[
    str, typer.Option(help="The affair for which it is asked (see juki law search).", show_default=False)
]
History = Annotated[
    bool, typer.Option("--history", help="What was recorded before too, where the affair lets it be told.")
]
Verify = Annotated[
    list[str] | None,
    typer.Option(help="An item to be verified; may be given several times.", show_default=False),
]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    summary = "照会と提供 / asking providers, and the ledger."
    provide = typer.Typer(no_args_is_help=True, help=f"{summary}\n\n{getdoc(bulk.ask_with_a_file)}")
    provide.command()(ask)
    provide.command()(verify)
    provide.command()(confirm)
    provide.command("ledger")(ledger.ledger)
    outstanding.add(provide)
    bulk.attach(provide)
    provide.add_typer(credentials.group(), name="credentials")
    app.add_typer(provide, name="provide")


def ask(
    node: Node,
    affair: Affair,
    resident_code: questions.Code = None,
    individual_number: questions.Number = None,
    name: questions.Name = None,
    furigana: questions.Furigana = None,
    birth_date: questions.BirthDate = None,
    address: questions.Address = None,
    municipality: questions.Municipality = None,
    sex: questions.NarrowingSex = None,
    matching: questions.Matched = Matching.VARIANT,
    form: questions.Forms = None,
    history: History = False,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    reason: acting.Purpose = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Ask about persons for an affair that the office holds; each is provided under the article about them.

    担当事務について本人確認情報の提供を求めます。照会と回答は、提供者の約束とともに照会台帳に残ります。

    Example: `juki provide ask --node agency-chiyoda-fukushi --affair city-027 --name "渡辺　葵" --birth-date 平成2年1月1日 --operator tanto-1 --terminal tanto-t1 --reason "保護申請 2026-0012"`
    """
    given = {
        "resident_code": resident_code,
        "individual_number": individual_number,
        "name": name,
        "furigana": furigana,
        "birth_date": birth_date,
        "municipality": municipality,
        "address": address,
        "sex": sex,
        "matching": matching,
    }
    asked = [questions.read(LookUp.from_dict, {**given, **one}) for one in questions.forms(form)]
    by = AtTerminal(operator or "", terminal or "")
    request = Asked(
        by=by, affair=affair, reason=reason or "", history=history, what=What.ASK, questions=tuple(asked)
    )
    _tell(config_file, node, request, as_json=as_json)


def verify(
    node: Node,
    affair: Affair,
    verify: Verify = None,
    resident_code: questions.Code = None,
    individual_number: questions.Number = None,
    name: questions.Name = None,
    furigana: questions.Furigana = None,
    birth_date: questions.BirthDate = None,
    address: questions.Address = None,
    municipality: questions.Municipality = None,
    sex: questions.NarrowingSex = None,
    matching: questions.Matched = Matching.VARIANT,
    form: questions.Forms = None,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    reason: acting.Purpose = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Have it verified what an applicant wrote: yes or no for each item, and nothing else comes back.

    申請書に書かれた事項が記録と同じかを確かめます。返るのは項目ごとの一致・不一致だけです。

    Example: `juki provide verify --node agency-nenkin --affair state-115 --name "渡辺　葵" --birth-date 1990-01-01 --address 一番町1番地 --verify address --operator kounen-1 --terminal kounen-t1 --reason "裁定請求 2026-0012"`
    """
    given = {
        "resident_code": resident_code,
        "individual_number": individual_number,
        "name": name,
        "furigana": furigana,
        "birth_date": birth_date,
        "municipality": municipality,
        "address": address,
        "sex": sex,
        "matching": matching,
        "verify": verify,
    }
    asked = [questions.read(Claim.from_dict, {**given, **one}) for one in questions.forms(form)]
    by = AtTerminal(operator or "", terminal or "")
    request = Asked(by=by, affair=affair, reason=reason or "", what=What.VERIFY, questions=tuple(asked))
    _tell(config_file, node, request, as_json=as_json)


def confirm(
    node: Node,
    affair: Affair,
    line: Annotated[str, typer.Argument(help="The line of the ledger whose answer showed the candidates.")],
    candidate: Annotated[int, typer.Argument(min=1, max=10_000, help="The candidate, by its number.")],
    question: Annotated[int, typer.Option(min=0, max=999, help="Which question of that line, from 0.")] = 0,
    history: History = False,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    reason: acting.Purpose = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Choose one of the candidates that an earlier answer showed; only that person is then provided.

    複数該当の候補から一人を選びます。選ばれた人の情報だけが提供されます。

    Example: `juki provide confirm --node agency-nenkin --affair state-115 019fa1b2c3d4e5f60718293a4b5c6d7e 2 --operator kounen-1 --terminal kounen-t1 --reason "裁定請求 2026-0012"`
    """
    request = Asked(
        by=AtTerminal(operator or "", terminal or ""),
        affair=affair,
        reason=reason or "",
        history=history,
        what=What.CONFIRM,
        questions=(Confirmation(line, question, candidate),),
    )
    _tell(config_file, node, request, as_json=as_json)


def _tell(config_file: Path | None, node: str, asked: Asked, *, as_json: bool) -> None:
    """Ask, say what came of it, and leave with its exit code."""
    outcome = asyncio.run(_ask(config_file, node, asked))
    malformed = [question for question in asked.questions if isinstance(question, BadQuestion)]
    if len(malformed) == len(asked.questions):
        raise malformed[0]
    if as_json:
        told: list[dict[str, Any]] = [answer.to_dict() for answer in outcome.answers]
        output.emit("provided", {"ledger": outcome.ledger_id, "answers": told})
    else:
        for answer in outcome.answers:
            answers.show(answer)
        output.note(f"照会台帳 Ledger: {outcome.ledger_id}")
    results = {answer.result for answer in outcome.answers}
    raise typer.Exit(3 if Result.MALFORMED in results else 1 if Result.NOT_PERMITTED in results else 0)


async def _ask(config_file: Path | None, node: str, asked: Asked) -> Outcome:
    log_to_stderr()
    async with opened(config.load(config_file), node) as asking:
        return await Asking(asking).ask(asked)
