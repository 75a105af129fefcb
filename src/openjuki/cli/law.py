# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki law``: what the statute book says on a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Any

import typer
from rich.table import Table

from openjuki import config
from openjuki.cli import output
from openjuki.config import JST
from openjuki.errors import BadDate, Refused, Where
from openjuki.law import refusals
from openjuki.law.book import OWN_DEFINITIONS, Affair, Basis, Book, Key

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="The day, as 2026-04-01; today unless given.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    law = typer.Typer(no_args_is_help=True, help="法令の台帳 / the statute book.")
    law.command("list")(list_)
    law.command()(show)
    law.command()(search)
    app.add_typer(law, name="law")


def list_(as_of: AsOf = None, as_json: AsJson = False) -> None:  # noqa: FBT002
    """List the affairs that are in force on a day.

    その日に施行されている事務を表示します。

    Example: `juki law list --as-of 2026-04-01`
    """
    day = _day(as_of)
    _show_affairs(day, tuple(Book.load().at(day).affairs.values()), as_json=as_json)


def search(
    words: Annotated[list[str], typer.Argument(help="Words, each of which must occur.")],
    as_of: AsOf = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Find affairs by words of their titles, laws and articles, Japanese or English.

    言葉から事務を探します。

    Example: `juki law search 転入`
    """
    day = _day(as_of)
    found = [one for one in Book.load().at(day).affairs.values() if one.mentions(" ".join(words))]
    _show_affairs(day, found, as_json=as_json)


def show(
    affair: Annotated[str, typer.Argument(help="The affair, as juki law list names it.")],
    as_of: AsOf = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show an affair with its bases: who tells whom, about whom, by which keys, and what comes back.

    事務の根拠条文、照会条件、提供項目を表示します。

    Example: `juki law show register-work`
    """
    day, book = _day(as_of), Book.load()
    text = book.affair(affair, day)
    if text is None:
        raise Refused(refusals.NOT_IN_FORCE if affair in book.known else refusals.UNKNOWN_AFFAIR)
    if as_json:
        output.emit(
            "affair", {"as_of": day.isoformat(), **_summary(text), "bases": [*map(_basis, text.bases)]}
        )
        return
    output.result.print(f"[bold]{text.id}[/]  {text.title_ja} ({text.law})\n{text.title_en}")
    for basis in text.bases:
        output.result.print(_drawn(basis))
    output.result.print("* 法令に定めがなく、本システムが定めたもの。 Our own definition.")


def _show_affairs(day: date, affairs: Sequence[Affair], *, as_json: bool) -> None:
    if as_json:
        output.emit("affairs", {"as_of": day.isoformat(), "affairs": [*map(_summary, affairs)]})
        return
    table = Table(title=f"法令の台帳 {day}", title_justify="left")
    for title in ("事務 Affair", "名称 Title", "法律 Law", "根拠条文 Articles"):
        table.add_column(title, overflow="fold")
    for affair in affairs:
        articles = "\n".join(basis.article for basis in affair.bases)
        table.add_row(affair.id, f"{affair.title_ja}\n{affair.title_en}", affair.law, articles)
    output.result.print(table)


def _drawn(basis: Basis) -> Table:
    """A basis as people read it; a star marks what is our own definition."""
    table = Table(title=f"{basis.article}  {basis.title_ja}", title_justify="left", show_header=False)
    until = f" – {basis.until}" if basis.until else ""
    rows = {
        "英訳 In English": basis.title_en,
        "施行 In force": f"{basis.since}{until}",
        "受ける Recipient": basis.recipient.value,
        "提供する Provider": basis.provider.value,
        "対象 About": basis.area.value,
        "経路 Route": basis.route.value,
        "照会条件 Keys *": "\n".join(" + ".join(keys) for keys in _combinations(basis)),
        "絞込み Narrowing *": ", ".join(_in_order(basis.narrowing)),
        "提供項目 Items *": ", ".join(basis.items),
        "方法 Methods *": ", ".join(sorted(basis.methods)),
    }
    for title, value in rows.items():
        table.add_row(title, value)
    return table


def _summary(affair: Affair) -> dict[str, Any]:
    return {
        "id": affair.id,
        "title_ja": affair.title_ja,
        "title_en": affair.title_en,
        "law": affair.law,
        "articles": [basis.article for basis in affair.bases],
    }


def _basis(basis: Basis) -> dict[str, Any]:
    return {
        "id": basis.id,
        "article": basis.article,
        "title_ja": basis.title_ja,
        "title_en": basis.title_en,
        "since": basis.since.isoformat(),
        "until": basis.until and basis.until.isoformat(),
        "recipient": basis.recipient.value,
        "provider": basis.provider.value,
        "area": basis.area.value,
        "route": basis.route.value,
        "keys": _combinations(basis),
        "narrowing": _in_order(basis.narrowing),
        "items": list(basis.items),
        "methods": sorted(basis.methods),
        "own_definitions": list(OWN_DEFINITIONS),
    }


def _combinations(basis: Basis) -> list[list[str]]:
    order = list(Key)
    return sorted(map(_in_order, basis.keys), key=lambda keys: [order.index(Key(key)) for key in keys])


def _in_order(keys: frozenset[Key]) -> list[str]:
    return [key.value for key in Key if key in keys]


def _day(text: str | None) -> date:
    if text is None:
        return config.clock().astimezone(JST).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadDate("a day is written 2026-04-01", where=Where(column="as-of")) from None
