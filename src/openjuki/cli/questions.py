# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The options of commands by which somebody is looked for (照会の条件), or a form that has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any

import orjson
import typer

from openjuki.errors import BadInput, BadQuestion
from openjuki.residents.look_up import Matching
from openjuki.residents.record import Sex

Code = Annotated[str | None, typer.Option(help="Resident Record Code.", show_default=False)]
Number = Annotated[str | None, typer.Option(help="Individual Number.", show_default=False)]
Name = Annotated[str | None, typer.Option(help="Name; with a birth date or an address.", show_default=False)]
Furigana = Annotated[
    str | None, typer.Option(help="Reading of the name; instead of it, or besides.", show_default=False)
]
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
Forms = Annotated[
    typer.FileText | None,
    typer.Option(
        help="The question as JSON, or a list of questions; - reads it from standard input, out of sight of others."
    ),
]


def form(file: typer.FileText | None) -> dict[str, Any]:
    """The items of a form; none where there is no form.

    Raises:
        BadInput: it is not a JSON object.
    """
    items = {} if file is None else _read(file)
    if not isinstance(items, dict):
        raise BadInput("the form is not a JSON object")
    return items


def forms(file: typer.FileText | None) -> list[dict[str, Any]]:
    """The items of a form, or of a list of forms; of one without items where there is no form.

    Raises:
        BadInput: it is neither.
    """
    items = {} if file is None else _read(file)
    listed = items if isinstance(items, list) else [items]
    if not listed or not all(isinstance(one, dict) for one in listed):
        raise BadInput("the form is neither a JSON object nor a list of objects")
    return listed


def read[Q](parse: Callable[[Mapping[str, Any]], Q], items: Mapping[str, Any]) -> Q | BadQuestion:
    """The question, or what is malformed about it: that somebody tried is recorded too."""
    try:
        return parse(items)
    except BadQuestion as error:
        return error


def _read(file: typer.FileText) -> Any:
    try:
        return orjson.loads(file.read())
    except ValueError as error:
        raise BadInput("the form is not JSON") from error
