# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki look-up``: look one person up for work on the register, in the own book or at the Centre."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.table import Table

from openjuki import config
from openjuki.cli import acting, output
from openjuki.config import Kind, Settings
from openjuki.errors import BadConfiguration, BadInput, BadQuestion
from openjuki.nodes import provision
from openjuki.nodes.enquiry import Enquiry
from openjuki.nodes.log import log_to_stderr
from openjuki.nodes.node import opened, opened_office
from openjuki.nodes.provision import REGISTER_WORK, Answer, Asked
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.look_up import LookUp, Matching, Result
from openjuki.residents.persons import PersonState
from openjuki.residents.record import Sex
from openjuki.residents.transitions import State


class Book(StrEnum):
    """Whose book is asked (照会先)."""

    OWN = "own"
    CENTRE = "centre"


Node = Annotated[
    str, typer.Option(help="The municipality that asks, by its 6-digit code.", show_default=False)
]
Code = Annotated[str | None, typer.Option(help="Resident Record Code.", show_default=False)]
Number = Annotated[str | None, typer.Option(help="Individual Number.", show_default=False)]
Name = Annotated[str | None, typer.Option(help="Name; with a birth date or an address.", show_default=False)]
BirthDate = Annotated[str | None, typer.Option(help="Birth date, ISO or with its era.", show_default=False)]
Address = Annotated[
    str | None,
    typer.Option(help="Address below the municipality, to the block at least.", show_default=False),
]
Municipality = Annotated[
    str | None, typer.Option(help="Municipality of the address, by its code.", show_default=False)
]
NarrowingSex = Annotated[Sex | None, typer.Option("--sex", help="Narrows.", show_default=False)]
Matched = Annotated[Matching, typer.Option("--matching", help="How names are matched.")]
Form = Annotated[
    typer.FileText | None,
    typer.Option(help="The question as JSON; - reads it from standard input, out of sight of others."),
]
Asking = Annotated[Book, typer.Option("--ask", help="Whose book: the town's own, or the Centre's.")]
Affair = Annotated[str, typer.Option(help="The affair for which it is asked.")]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]

#: What people read: for a result, and for an item.
RESULTS = {
    Result.MATCHED: "一致 — one person",
    Result.MISMATCH: "不一致あり — one person, and not all is as written",
    Result.SEVERAL: "複数該当 — several persons; look at what is recorded",
    Result.TOO_MANY: "該当多数 — too many to show; narrow the question",
    Result.NONE: "該当なし — nobody",
    Result.MOVED_OUT: "消除済（転出） — moved out, and not known to have entered anywhere",
    Result.DIED: "消除済（死亡） — died",
    Result.LEFT_THE_COUNTRY: "消除済（国外転出） — left the country",
    Result.REMOVED: "消除済（職権消除等） — removed ex officio",
    Result.SUPERSEDED: "変更済み — the code or number was replaced; ask for the new one",
    Result.NOT_PERMITTED: "権限なし — not permitted",
    Result.MALFORMED: "形式誤り — malformed",
}
ITEMS = {
    "resident_number": "宛名番号",
    "resident_code": "住民票コード",
    "individual_number": "個人番号",
    "name": "氏名",
    "furigana": "振り仮名",
    "former_surname": "旧氏",
    "former_surname_furigana": "旧氏の振り仮名",
    "alias": "通称",
    "birth_date": "生年月日",
    "sex": "性別",
    "municipality": "市町村コード",
    "address": "住所",
    "state": "住民状態",
    "reason": "異動事由",
    "date_of_change": "異動年月日",
}


REASONS = {reason.value: reason.japanese for reasons in (Reason, MunicipalReason) for reason in reasons}
#: Values of sex and state.
WORDS = {
    Sex.MALE: "男",
    Sex.FEMALE: "女",
    Sex.UNKNOWN: "不詳",
    State.RESIDENT: "住民",
    State.MOVE_OUT_PLANNED: "転出予定",
    State.MOVED_OUT: "転出",
    State.MOVED_ABROAD: "国外転出",
    State.DIED: "死亡",
    State.NATURALISED: "帰化による消除",
    State.NATIONALITY_LOST: "国籍喪失による消除",
    State.DELETED: "職権消除",
    PersonState.MOVED_OUT_NOT_ENTERED: "転出（転入届出前）",
    PersonState.ABROAD: "国外転出",
}


def attach(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(look_up)


def look_up(
    node: Node,
    resident_code: Code = None,
    individual_number: Number = None,
    name: Name = None,
    birth_date: BirthDate = None,
    address: Address = None,
    municipality: Municipality = None,
    sex: NarrowingSex = None,
    matching: Matched = Matching.VARIANT,
    form: Form = None,
    ask: Asking = Book.OWN,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    reason: acting.Purpose = None,
    affair: Affair = REGISTER_WORK,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Look one person up: by code, by number, by name and birth date, or by name and address.

    住民を一人照会します。照会は、許可されたものも拒否されたものも、すべて記録されます。

    Example: `juki look-up --node 131016 --name "渡辺　葵" --birth-date 平成2年1月1日 --operator jumin-1 --terminal jumin-t1 --reason "転入届 2026-0012"`
    """
    settings = config.load(config_file)
    if settings.node(node).kind is not Kind.MUNICIPALITY:
        raise BadConfiguration(f"{node} is not a municipality")
    given = {
        "resident_code": resident_code,
        "individual_number": individual_number,
        "name": name,
        "birth_date": birth_date,
        "municipality": municipality,
        "address": address,
        "sex": sex,
        "matching": matching,
    }
    question = _question({**given, **_form(form)})
    asked = Asked(
        question=question,
        operator=operator or "",
        terminal=terminal or "",
        reason=reason or "",
        affair=affair,
    )
    answer = asyncio.run(_ask(settings, node, ask, asked))
    if isinstance(question, BadQuestion):
        raise question
    _show(answer, as_json=as_json)
    raise typer.Exit(1 if answer.result is Result.NOT_PERMITTED else 0)


def _form(file: typer.FileText | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        items = orjson.loads(file.read())
    except orjson.JSONDecodeError as error:
        raise BadInput("the form is not JSON") from error
    if not isinstance(items, dict):
        raise BadInput("the form is not a JSON object")
    return items


def _question(items: dict[str, Any]) -> LookUp | BadQuestion:
    """The question, or what is malformed about it: that somebody tried is recorded too."""
    try:
        return LookUp.from_dict(items)
    except BadQuestion as error:
        return error


async def _ask(settings: Settings, town: str, book: Book, asked: Asked) -> Answer:
    if book is Book.OWN:
        async with opened_office(settings, town) as office:
            return await provision.look_up(office, asked)
    log_to_stderr()
    async with opened(settings, town) as node:
        return await Enquiry(node).look_up(asked)


def _show(answer: Answer, *, as_json: bool) -> None:
    if as_json:
        output.emit("look-up", answer.to_dict())
        return
    refusal = answer.refusal
    if refusal is not None:
        output.screen.print(f"[bold red]{refusal.code}[/] {refusal.message_ja}", soft_wrap=True)
        output.screen.print(f"  {refusal.message_en}", markup=False, soft_wrap=True)
        output.screen.print(f"  {refusal.rule} ({refusal.article})", markup=False)
        return
    output.result.print(f"{RESULTS[answer.result]} ({answer.count:,})  {'・'.join(answer.articles)}")
    for hit in answer.hits:
        table = Table(show_header=False)
        for item, value in hit.items():
            if value is not None:
                table.add_row(ITEMS[item], _words(item, value))
        output.result.print(table)


def _words(item: str, value: Any) -> str:
    """An item as people read it."""
    if item == "birth_date":
        return RecordedDate.from_json(value).wareki
    if item == "date_of_change":
        return RecordedDate.parse(value).wareki
    if item == "reason" and value in REASONS:
        return f"{value} {REASONS[value]}"
    return WORDS.get(value, str(value))
