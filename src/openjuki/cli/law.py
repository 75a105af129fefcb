# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki law``: what the statute book says on a day, what an amendment changes, whether a new text can be read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich.table import Table
from rich.text import Text

from openjuki import config
from openjuki.cli import output
from openjuki.config import JST
from openjuki.errors import BadConfiguration, BadDate, Refused
from openjuki.law import reading, refusals
from openjuki.law.book import OWN_DEFINITIONS, Affair, Article, Basis, Book, Key, in_folder, packaged
from openjuki.law.difference import Amendment, Difference, difference
from openjuki.law.edition import TABLES, Edition
from openjuki.law.reading import stands_in
from openjuki.refusal import Where

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="The day, as 2026-04-01; today unless given.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
#: The folder of a home whose files are added to the book.
FOLDER: Final = "law"


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    law = typer.Typer(no_args_is_help=True, help="法令の台帳 / the statute book.")
    law.command("list")(list_)
    law.command()(show)
    law.command()(search)
    law.command()(diff)
    law.command()(check)
    app.add_typer(law, name="law")


def book() -> Book:
    """The program's book and what the home adds to it.

    Raises:
        BadConfiguration: a file in the home's folder cannot be read.
    """
    return Book.load(_folder())


def list_(as_of: AsOf = None, as_json: AsJson = False) -> None:
    """List the affairs that are in force on a day.

    その日に施行されている事務を表示します。

    Example: `juki law list --as-of 2026-04-01`
    """
    day = _day(as_of)
    _show_affairs(day, tuple(book().at(day).affairs.values()), as_json=as_json)


def search(
    words: Annotated[list[str], typer.Argument(help="Words, each of which must occur.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Find affairs by words of their titles, laws, recipients and articles, Japanese or English.

    事務の名称、法律、提供先、条文の言葉から事務を探します。

    Example: `juki law search パスポート 申請`
    """
    day = _day(as_of)
    _show_affairs(day, book().at(day).search(" ".join(words)), as_json=as_json)


def show(
    affair: Annotated[str, typer.Argument(help="The affair, as juki law list names it.")],
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Show an affair with its bases: who tells whom, about whom, by which keys, and what comes back.

    事務の根拠条文、照会条件、提供項目を表示します。

    Example: `juki law show register-work`
    """
    day, whole = _day(as_of), book()
    text = whole.affair(affair, day)
    if text is None:
        if affair in whole.at(day).awaited:
            raise Refused(refusals.NOT_YET_ENTERED)
        raise Refused(refusals.NOT_IN_FORCE if affair in whole.known else refusals.UNKNOWN_AFFAIR)
    if as_json:
        output.emit(
            "affair", {"as_of": day.isoformat(), **_summary(text), "bases": [*map(_basis, text.bases)]}
        )
        return
    stands = f"{text.since} – {text.until or ''}"
    output.say(f"{text.id}  {text.title_ja} ({text.law})\n{text.title_en}\n{stands}")
    for basis in text.bases:
        output.show(_drawn(basis, whole.articles))
    output.say("* 法令に定めがなく、本システムが定めたもの。 Our own definition.")


def diff(
    before: Annotated[str, typer.Argument(help="The earlier day, as 2023-12-01.")],
    after: Annotated[str | None, typer.Argument(help="The later day; today unless given.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show what changes between two days: affairs that begin, end, or say something else.

    二つの日の間で、始まる事務、終わる事務、内容の変わる事務を表示します。

    Example: `juki law diff 2023-12-01 2026-06-14`
    """
    days = _day(before, "before"), _day(after, "after")
    whole = book()
    found = difference(*map(whole.at, days))
    if as_json:
        output.emit(
            "law-diff", {"before": days[0].isoformat(), "after": days[1].isoformat(), **_changes(found)}
        )
        return
    for title, affairs in (("始まる事務 Begun", found.begun), ("終わる事務 Ended", found.ended)):
        output.show(_table(f"{title} {len(affairs)}", affairs), ids=0, none=f"{title} 0")
    table = Table(
        title=f"変わる事務 Amended {len({one.affair for one in found.amended})}", title_justify="left"
    )
    for column in ("事務 Affair", "根拠 Basis", "項目 Member", "前 Before", "後 After"):
        table.add_column(column, overflow="fold")
    for one in found.amended:
        table.add_row(one.affair, one.basis or "", one.member, _said(one.before), _said(one.after))
    output.show(table, none="変わる事務 Amended 0")


def check(
    folder: Annotated[
        Path | None,
        typer.Argument(help="A folder to try, in place of the folder law of this home.", show_default=False),
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Read the statute book with a folder of new texts, name every fault, and count what is in force on a day.

    新しい規定のフォルダーを台帳とともに読み、誤りをすべて示し、その日の事務を数えます。

    Example: `juki law check --as-of 2023-12-01`
    """
    day = _day(as_of)
    if folder is not None and not folder.is_dir():
        raise BadConfiguration("there is no such folder", where=Where(file=str(folder)))
    where = folder or _folder()
    found = reading.read(packaged(), in_folder(where), shown=f"{where}/")
    edition = Book(found.lines, found.tables).at(day)
    if as_json:
        faults = [{"message": str(fault), **fault.where.to_dict()} for fault in found.faults]
        output.emit("law-check", {"as_of": day.isoformat(), **_counts(edition), "faults": faults})
    else:
        _show_counts(day, edition)
        for fault in found.faults:
            place = ", ".join(f"{name} {value}" for name, value in fault.where.to_dict().items())
            said = Text.assemble((fault.code, "bold red"), f" {fault.message_ja} {place}")
            output.screen.print(said, soft_wrap=True)
            output.note(f"  {fault}")
    raise typer.Exit(BadConfiguration.exit_code if found.faults else 0)


def _folder() -> Path:
    return config.home() / FOLDER


def _show_affairs(day: date, affairs: Sequence[Affair], *, as_json: bool) -> None:
    if as_json:
        output.emit("affairs", {"as_of": day.isoformat(), "affairs": [*map(_summary, affairs)]})
        return
    output.show(
        _table(f"法令の台帳 {day}", affairs),
        ids=0,
        none="該当する事務はありません。 There is no such affair.",
    )


def _table(title: str, affairs: Iterable[Affair]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("事務 Affair", "名称 Title", "法律 Law", "提供先 Recipients", "根拠条文 Articles"):
        table.add_column(column, overflow="fold")
    for affair in affairs:
        articles = "\n".join(basis.article for basis in affair.bases)
        recipients = "\n".join(affair.recipients)
        table.add_row(affair.id, f"{affair.title_ja}\n{affair.title_en}", affair.law, recipients, articles)
    return table


def _show_counts(day: date, edition: Edition) -> None:
    """What the law's own tables count to, and the rest by basis."""
    output.say(f"別表第1–第6 Tables 1–6: {'/'.join(map(str, edition.tables))}")
    table = Table(title=f"法令の台帳 {day}", title_justify="left")
    for column in ("根拠 Basis", "項 Rows", "未登録 Awaited"):
        table.add_column(column)
    for name, counted in _by_basis(edition).items():
        table.add_row(name, str(counted["rows"]), str(counted["awaited"] or ""))
    output.show(table)
    output.say(f"事務 Affairs: {len(edition.affairs)}")


def _counts(edition: Edition) -> dict[str, Any]:
    return {
        "tables": dict(zip(map(str, TABLES), edition.tables, strict=True)),
        "bases": _by_basis(edition),
        "affairs": len(edition.affairs),
    }


def _by_basis(edition: Edition) -> dict[str, dict[str, int]]:
    awaited = [basis.id for basis in edition.awaited.values()]
    names = sorted({*edition.rows, *awaited})
    return {name: {"rows": edition.rows.get(name, 0), "awaited": awaited.count(name)} for name in names}


def _drawn(basis: Basis, articles: Mapping[str, Article]) -> Table:
    """A basis as people read it; a star marks what is our own definition."""
    # a title that is a text alone would be read as markup
    heading = Text(f"{basis.article}  {basis.title_ja}", style="table.title")
    table = Table(title=heading, title_justify="left", show_header=False)
    until = f" – {basis.until}" if basis.until else ""
    of = next((one.title_ja for one in articles.values() if stands_in(basis.article, one.article)), "")
    rows = {
        "条 Article": of,
        "英訳 In English": basis.title_en,
        "施行 In force": f"{basis.since}{until}",
        "受ける Recipient": basis.listed or basis.recipient.value,
        "提供する Provider": basis.provider.value,
        "対象 About": basis.area.value,
        "経路 Route": basis.route.value,
        "照会条件 Keys *": "\n".join(" + ".join(keys) for keys in _combinations(basis)),
        "絞込み Narrowing *": ", ".join(_in_order(basis.narrowing)),
        "提供項目 Items *": ", ".join(basis.items),
        "方法 Methods *": ", ".join(sorted(basis.methods)),
        "履歴 History *": "可 yes" if basis.history else "不可 no",
        "保存期間 Retention *": basis.retention,
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
        "since": affair.since.isoformat(),
        "until": affair.until and affair.until.isoformat(),
        "recipients": list(affair.recipients),
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
        "listed": basis.listed,
        "names": sorted(basis.names),
        "government": basis.government,
        "provider": basis.provider.value,
        "area": basis.area.value,
        "route": basis.route.value,
        "keys": _combinations(basis),
        "narrowing": _in_order(basis.narrowing),
        "items": list(basis.items),
        "methods": sorted(basis.methods),
        "history": basis.history,
        "retention": basis.retention,
        "own_definitions": list(OWN_DEFINITIONS),
    }


def _changes(found: Difference) -> dict[str, Any]:
    return {
        "begun": [*map(_summary, found.begun)],
        "ended": [*map(_summary, found.ended)],
        "amended": [*map(_amendment, found.amended)],
    }


def _amendment(one: Amendment) -> dict[str, Any]:
    return {
        "affair": one.affair,
        "basis": one.basis,
        "member": one.member,
        "before": _said(one.before),
        "after": _said(one.after),
    }


def _said(value: object) -> str:
    """A member of an affair or basis in words."""
    if isinstance(value, frozenset | tuple):
        return ", ".join(sorted(map(_said, value)) if isinstance(value, frozenset) else map(_said, value))
    return "" if value is None else str(value)


def _combinations(basis: Basis) -> list[list[str]]:
    order = list(Key)
    return sorted(map(_in_order, basis.keys), key=lambda keys: [order.index(Key(key)) for key in keys])


def _in_order(keys: frozenset[Key]) -> list[str]:
    return [key.value for key in Key if key in keys]


def _day(text: str | None, argument: str = "as-of") -> date:
    if text is None:
        return config.clock().astimezone(JST).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadDate("a day is written 2026-04-01", where=Where(column=argument)) from None
