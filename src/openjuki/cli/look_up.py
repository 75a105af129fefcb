# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki look-up``: look one person up for work on the register, in the own book or at the Centre."""

from __future__ import annotations

import asyncio
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from openjuki import config
from openjuki.cli import acting, answers, output, questions
from openjuki.config import Kind, Settings
from openjuki.errors import BadConfiguration, BadQuestion
from openjuki.nodes import provision
from openjuki.nodes.answering import Answer
from openjuki.nodes.asking import Asked, Asking, AtTerminal
from openjuki.nodes.log import log_to_stderr
from openjuki.nodes.node import opened, opened_office
from openjuki.nodes.provision import REGISTER_WORK
from openjuki.residents.look_up import LookUp, Matching, Result


class Book(StrEnum):
    """Whose book is asked (照会先)."""

    OWN = "own"
    CENTRE = "centre"


Node = Annotated[
    str, typer.Option(help="The municipality that asks, by its 6-digit code.", show_default=False)
]
From = Annotated[Book, typer.Option("--ask", help="Whose book: the town's own, or the Centre's.")]
Affair = Annotated[str, typer.Option(help="The affair for which it is asked.")]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def attach(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(look_up)


def look_up(
    node: Node,
    resident_code: questions.Code = None,
    individual_number: questions.Number = None,
    name: questions.Name = None,
    furigana: questions.Furigana = None,
    birth_date: questions.BirthDate = None,
    address: questions.Address = None,
    municipality: questions.Municipality = None,
    sex: questions.NarrowingSex = None,
    matching: questions.Matched = Matching.VARIANT,
    form: questions.Form = None,
    ask: From = Book.OWN,
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
        "furigana": furigana,
        "birth_date": birth_date,
        "municipality": municipality,
        "address": address,
        "sex": sex,
        "matching": matching,
    }
    question = questions.read(LookUp.from_dict, {**given, **questions.form(form)})
    asked = Asked(
        by=AtTerminal(operator or "", terminal or ""),
        affair=affair,
        reason=reason or "",
        questions=(question,),
    )
    answer = asyncio.run(_ask(settings, node, ask, asked))
    if isinstance(question, BadQuestion):
        raise question
    if as_json:
        output.emit("look-up", answer.to_dict())
    else:
        answers.show(answer)
    raise typer.Exit(1 if answer.result is Result.NOT_PERMITTED else 0)


async def _ask(settings: Settings, town: str, book: Book, asked: Asked) -> Answer:
    if book is Book.OWN:
        async with opened_office(settings, town) as office:
            return await provision.look_up(office, _at_the_desk(asked))
    log_to_stderr()
    async with opened(settings, town) as node:
        (answer,) = (await Asking(node).ask(asked)).answers
        return answer


def _at_the_desk(asked: Asked) -> provision.Asked:
    """The same for the own book."""
    (question,), by = asked.questions, asked.by
    assert isinstance(by, AtTerminal)
    assert isinstance(question, LookUp | BadQuestion)
    return provision.Asked(
        question=question,
        operator=by.operator,
        terminal=by.terminal,
        reason=asked.reason,
        affair=asked.affair,
    )
