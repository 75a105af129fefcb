# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Write the pages that are drawn from the program: ``make docs``.

Rules of this file:

1. A page is a function without arguments that returns its text; `PAGES` is the list of them.
2. Nothing is told twice: a sentence on a page is the docstring, the comment or the help text of the thing.
   Only what the program cannot know (what a page is for) is said here.
3. A page depends on nothing but the program, so that a test can tell whether it is fresh.
"""

from __future__ import annotations

import inspect
import re
import sys
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import draw_transitions
from introspection import commands, commented, constants, error_classes

from openjuki import config, errors, glossary
from openjuki.carriage import columns, reasons
from openjuki.carriage.faults import Fault
from openjuki.carriage.reasons import FORMS
from openjuki.gateway import describe, describing, documentation
from openjuki.refusal import Refusal
from openjuki.residents.changes import MunicipalReason, Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from introspection import Command

    from openjuki.carriage.columns import Column
    from openjuki.carriage.reasons import ChangeForm
    from openjuki.gateway.schemas import Schema

DOCS = Path(__file__).parent.parent / "docs"

EXIT_CODES = (
    (0, "done", "終わりました"),
    (1, "refused by a rule, or differences were found", "規則により認められない、又は相違があります"),
    (2, "the command or a setting is wrong", "コマンド又は設定に誤りがあります"),
    (
        3,
        "bad input; what was good is done, a report lists the rest",
        "入力に誤りがあります（正しい分は処理済みです）",
    ),
    (
        4,
        "something that is needed does not answer; try again later",
        "必要なものが応答しません。時間をおいてください",
    ),
    (5, "a book does not add up", "記録の完全性を確認できません"),
    (130, "stopped; the same command goes on from there", "中断しました。同じコマンドで続きから始められます"),
)

#: Environment variables: name, what it says, default. A test finds those that the program reads.
ENVIRONMENT = (
    (
        "OPENJUKI_HOME",
        "The folder for everything a running installation writes; made with mode 0700.",
        "`./var`",
    ),
    ("OPENJUKI_CONFIG", "The settings file.", "`$OPENJUKI_HOME/openjuki.toml`"),
    ("OPENJUKI_NATS_URL", "The broker, instead of `nats_url`.", "the setting"),
    (
        "OPENJUKI_DATABASE_URL",
        "The worker's database, instead of `database_url`; heeded only where a single node is configured.",
        "the setting",
    ),
    (
        "PYTHON",
        "For set-up only, the Python (3.12 or newer) to use: `make demo PYTHON=/path/to/python3`.",
        "searched",
    ),
)

#: More items than these are told in one phrase.
_MANY = 12


def page(title: str, source: str, *blocks: str) -> str:
    """One page: its title, where it comes from, its blocks with a blank line between them."""
    note = f"<!-- Written by `make docs` from {source}: change it there. -->"
    return "\n\n".join((f"# {title}", note, *blocks)) + "\n"


def table(head: Iterable[object], rows: Iterable[Iterable[object]]) -> str:
    """A table; cells are escaped."""
    head = tuple(head)
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in (head, ("---",) * len(head), *rows))


def _cell(content: object) -> str:
    return re.sub(r"\s*\n\s*", " ", "" if content is None else str(content)).replace("|", "\\|")


def code(text: object) -> str:
    """A code span."""
    return f"`{text}`"


def prose(text: str) -> str:
    """A docstring as markdown: one sentence per line, no reStructuredText, no HTML by accident."""
    text = text.replace("``", "`").replace("<", "&lt;").replace(">", "&gt;")
    paragraphs = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text))
    return "\n\n".join(re.sub(r"(?<=[.?!]) (?=[A-Z`])|(?<=。) *(?=\S)", "\n", part) for part in paragraphs)


def cli_page() -> str:
    """The command line: every command with its options."""
    return page(
        "The command line",
        "`src/openjuki/cli/`",
        '`juki` is installed as `.venv/bin/juki`; `make juki ARGS="…"` does the same from nothing.\n'
        "Results go to standard output, everything else to standard error.\n"
        "With `--json`, standard output carries exactly one JSON object with its `schema`; "
        "a problem is such an object too ([errors](errors.md)).",
        "## Exit codes",
        table(("", "meaning", "意味"), EXIT_CODES),
        *chain.from_iterable(map(_command_blocks, commands())),
    )


def _command_blocks(command: Command) -> Iterator[str]:
    yield f"## {command.words}"
    yield prose(command.help)
    yield f"```text\n{command.usage}\n```"
    if command.parameters:
        yield table(("", "what it does"), ((code(name), prose(what)) for name, what in command.parameters))
    if command.members:
        anchors = ((member, member.words.replace(" ", "-")) for member in command.members)
        yield "\n".join(
            f"* [`{member.words}`](#{anchor}): {prose(member.short_help)}" for member, anchor in anchors
        )


def errors_page() -> str:
    """Errors and refusals: what can go wrong, with every code."""
    return page(
        "Errors and refusals",
        "`src/openjuki/errors.py` and the refusals beside their rules",
        "An *error* says that something cannot go on.\n"
        "A *refusal* says that everything works and a rule says no.\n"
        "Both have a stable code that is never given to anything else, a sentence in Japanese for people at a "
        "counter, one in English for engineers, and the place in the input where there is one.\n"
        "Neither ever quotes personal data.\n"
        "What can be wrong with a row of a file is listed with [registers as files](import.md#faults).",
        "With `--json` both are problem details (RFC 9457):",
        _PROBLEM,
        "## Exit codes",
        table(("", "meaning", "意味"), EXIT_CODES),
        "## Errors",
        f"```text\n{_error_tree()}\n```",
        table(("code", "class", "exit", "日本語", "English"), map(_error_row, error_classes())),
        "## Refusals",
        "A refusal exits with 1, and its `kind` is `refusal`.\n"
        "The article is the one that the rule obeys; a rule of our own has none.",
        table(
            ("code", "rule", "article", "日本語", "English"),
            (_refusal_row(constant.value) for constant in constants(Refusal)),
        ),
    )


_PROBLEM = """```json
{
  "schema": "openjuki/problem/1",
  "type": "urn:openjuki:JK-INPUT-0002",
  "kind": "error",
  "code": "JK-INPUT-0002",
  "message_ja": "コード又は番号の桁数か検査数字が誤っています。",
  "message_en": "the check digit is wrong",
  "where": {"file": "register.csv", "row": 17, "column": "individual_number"}
}
```"""


def _error_tree() -> str:
    drawn = (inspect.getdoc(errors) or "").split("::\n", 1)[1].split("\n\nThe docstring", 1)[0]
    return inspect.cleandoc(drawn)


def _error_row(error: type[errors.JukiError]) -> tuple[object, ...]:
    return code(error.code), code(error.__name__), error.exit_code, error.message_ja, inspect.getdoc(error)


def _refusal_row(refusal: Refusal) -> tuple[object, ...]:
    return code(refusal.code), refusal.rule, refusal.article or "—", refusal.message_ja, refusal.message_en


def settings_page() -> str:
    """Settings: the file, and the environment."""
    return page(
        "Settings",
        "`src/openjuki/config.py`",
        "One TOML file holds the settings of an installation; `juki demo` writes one that can be read as an example.",
        f"```toml\n{_settings_example()}\n```",
        "Secrets are never values in this file: keys and passwords are files of their own, mode 0600.\n"
        "An unknown node, a missing setting and a value that cannot be used are "
        "[`JK-INPUT-0008`](errors.md#errors), exit code 2.",
        "## The installation",
        table(("setting", "type", "what it says"), _setting_rows(config.Settings, without=("home", "nodes"))),
        "## Each node: `[nodes.<id>]`",
        table(("setting", "type", "what it says"), _setting_rows(config.NodeSettings, without=("id",))),
        f"`kind` is one of {', '.join(code(kind) for kind in config.Kind)}; `register` is one of:",
        table(
            ("register", "meaning"), ((code(one.value), one.comment) for one in commented(config.Register))
        ),
        "## Environment variables",
        table(("variable", "what it says", "default"), ((code(name), *rest) for name, *rest in ENVIRONMENT)),
    )


def _settings_example() -> str:
    return inspect.cleandoc((inspect.getdoc(config) or "").split("::\n", 1)[1].split("\n\nSecrets", 1)[0])


def _setting_rows(owner: type, without: tuple[str, ...]) -> Iterator[tuple[object, ...]]:
    for field in commented(owner):
        if field.annotation and field.name not in without:
            yield code(field.name), code(field.annotation), field.comment


def gateway_page() -> str:
    """The gateway of an agency: its roads, what is sent and what comes back."""
    api = describe.document()
    roads = [(method, path, one) for path, road in api["paths"].items() for method, one in road.items()]
    return page(
        "The gateway of an agency 接続仕様",
        "`src/openjuki/gateway/`",
        *documentation.two(api["info"]["description"]),
        "The gateway serves the same as an OpenAPI 3.1 document (`/v1/openapi.json`) and as a page (`/v1/docs`).\n"
        "[How a system is connected](../howto/connect-a-system.md) shows it at work.",
        "## Roads",
        table(("", "日本語", "English"), (_road_row(*road) for road in roads)),
        "## Statuses",
        table(
            ("status", "意味", "meaning"), ((one, *_two(says)) for one, says in describing.STATUSES.items())
        ),
        "## Schemas",
        *chain.from_iterable(_schema_blocks(*named) for named in api["components"]["schemas"].items()),
    )


def _road_row(method: str, path: str, operation: Schema) -> tuple[object, ...]:
    return code(f"{method.upper()} {path}"), *_two(operation["description"])


def _schema_blocks(name: str, schema: Schema) -> Iterator[str]:
    yield f"### {name}"
    yield from filter(None, _two(schema.get("description", "")))
    rows = (
        (code(one.name), "○" if one.required else "", one.form, *_two(one.says))
        for one in documentation.members(schema)
    )
    yield table(("member", "必須", "form", "日本語", "English"), rows)


def _two(text: str) -> tuple[str, str]:
    japanese, english = documentation.two(text)
    return prose(japanese), prose(english)


def import_page() -> str:
    """Registers as files: the columns, and what can be wrong with a row."""
    rows = [constant.value for constant in constants(Fault)]
    return page(
        "Registers as files 台帳ファイルの形式",
        "`src/openjuki/carriage/`",
        "`juki import` が読み、`juki export` が書く CSV ファイルの項目です。\n"
        "1行目に項目名（日本語又は英語）を置きます。\n"
        "文字コードは UTF-8（BOM の有無を問いません）、cp932 又は Shift_JIS-2004 です。",
        "These are the columns of the CSV file that [`juki import`](cli.md#juki-import) reads "
        "and [`juki export`](cli.md#juki-export) writes.\n"
        "The first row names the columns, in Japanese or English.\n"
        "The encoding is UTF-8, with or without BOM, cp932 or Shift_JIS-2004.",
        "## The resident record",
        _columns(columns.RECORD),
        "## How the record came to stand here",
        "All of these have a default.",
        _columns(columns.HISTORY),
        "## Faults",
        "不備のある行は取り込まず、ほかの行は取り込みます。\n"
        "A row with a fault is kept out and reported; all others enter.\n"
        "The report names row, column and the class of the value, and never quotes the value; "
        "of a variation sequence it tells the code points.",
        _faults(fault for fault in rows if not fault.is_alert),
        "## Alerts",
        "アラートのある行は取り込みます。内容を確認してください。\n"
        "A row with an alert enters, and somebody should look at it.",
        _faults(fault for fault in rows if fault.is_alert),
    )


def change_page() -> str:
    """Changes as forms: what each reason asks for."""
    return page(
        "Changes as forms 異動届の項目",
        "`src/openjuki/carriage/reasons.py`",
        "`juki change` で記録する異動の項目です。\n異動事由ごとに、必須の項目と、入れてよい項目が決まっています。",
        "These are the items of a change that [`juki change`](cli.md#juki-change) records.\n"
        "Each reason says which items it needs and which may be given beside them; what it does not list is refused.",
        "## Items",
        _columns(reasons.CHANGE),
        "## Reasons",
        "The code is ours; the statutory reasons are those of 規則11条.\n"
        "A municipal reason is sent to the prefecture as the reason shown, or not at all.",
        table(("異動事由", "code", "where it stands", "needs", "may"), map(_statutory_row, Reason)),
        table(("市区町村限りの異動事由", "sent as", "needs", "may"), map(_municipal_row, MunicipalReason)),
    )


def _statutory_row(reason: Reason) -> tuple[object, ...]:
    return reason.japanese, code(reason.value), reason.article, *_asked(FORMS[reason])


def _municipal_row(reason: MunicipalReason) -> tuple[object, ...]:
    return reason.japanese, code(reason.statutory.value) if reason.statutory else "—", *_asked(FORMS[reason])


def _asked(form: ChangeForm) -> tuple[str, str]:
    """What a form needs and what it takes, in the order of the items."""
    needs = [" or ".join(map(code, group)) for group in form.needs]
    may = [one.name for one in reasons.CHANGE if one.name in form.items.difference(*form.needs)]
    if len(may) > _MANY:
        return ", ".join(needs), "the items of the record"
    return ", ".join(needs), ", ".join(map(code, may))


def _columns(some: Iterable[Column]) -> str:
    head = ("項目", "column", "必須", "形式", "form", "例")
    return table(
        head,
        (
            (
                one.japanese,
                code(one.name),
                "○" if one.required else "",
                one.form.japanese,
                one.form.english,
                one.example,
            )
            for one in some
        ),
    )


def _faults(some: Iterable[Fault]) -> str:
    return table(
        ("code", "日本語", "English"),
        ((code(one.code), one.remedy_ja.format("…"), one.remedy_en.format("…")) for one in some),
    )


def transitions_page() -> str:
    """Which change may follow which: the drawn parts anew, the rest as it is."""
    return draw_transitions.draw(draw_transitions.PAGE.read_text(encoding="utf-8"))


def glossary_page() -> str:
    """The closed table of words."""
    return page(
        "Glossary 用語集",
        "`src/openjuki/glossary.py`",
        "One Japanese word, one English word, and the names that carry it in Python, SQL and JSON.\n"
        "Two Japanese words never share an English one.\n"
        "*Ours* marks what no law and no standard names.",
        "法は住民基本台帳法、令は同法施行令、規則は同法施行規則、番号法は行政手続における特定の個人を識別するための番号の"
        "利用等に関する法律、標準仕様書は住民記録システム標準仕様書です。",
        table(("日本語", "English", "where it stands", "in the code"), map(_term_row, glossary.TERMS)),
    )


def _term_row(term: glossary.Term) -> tuple[object, ...]:
    return term.japanese, term.english, term.source, ", ".join(map(code, term.identifiers))


PAGES: dict[str, Callable[[], str]] = {
    "glossary.md": glossary_page,
    "reference/cli.md": cli_page,
    "reference/errors.md": errors_page,
    "reference/change.md": change_page,
    "reference/gateway.md": gateway_page,
    "reference/import.md": import_page,
    "reference/settings.md": settings_page,
    "spec/transitions.md": transitions_page,
}


def main() -> None:
    """Write every page that is not fresh, and say which."""
    for name, write in PAGES.items():
        path, text = DOCS / name, write()
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"docs: wrote docs/{name}", file=sys.stderr)


if __name__ == "__main__":
    main()
