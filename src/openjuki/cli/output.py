# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a user sees: results on standard output, everything else on standard error.

With ``--json`` standard output carries exactly one JSON object with its ``schema``; a problem is such
an object too. Without it, results are tables and sentences, Japanese first. No traceback is shown:
a defect is written to ``$OPENJUKI_HOME/log/`` and named.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from rich.console import Console

from openjuki.cli import tables
from openjuki.config import clock, home
from openjuki.errors import BadCommand, JukiError, Refused
from openjuki.refusal import Where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table
    from rich.text import Text
    from typer.exceptions import TyperException

#: People read here; so do progress bars.
screen = Console(stderr=True, highlight=False)
#: Results go here.
result = Console(highlight=False)

INTERRUPTED = 130
#: The largest number that a database counts with.
MOST = 2**63 - 1


def say(text: str | Text = "") -> None:
    """Print a sentence of the result as it is: one line stays one line, whatever reads it; colours stand in a `Text`."""
    result.print(text, soft_wrap=True, markup=False)


def note(text: str) -> None:
    """The same beside the result."""
    screen.print(text, soft_wrap=True, markup=False)


def show(table: Table, *, ids: int | None = None, none: str = "") -> None:
    """Print a table, or say that there is none.

    Nothing is cut off: what does not fit goes on below, but for the column of ids, which are copied.
    """
    if none and not table.rows:
        say(none)
        return
    for one in tables.fitted(table, result.width, ids=ids):
        result.print(one, markup=False, soft_wrap=one is not table)


def emit(schema: str, items: Mapping[str, Any]) -> None:
    """Print one JSON result; numbers are numbers, codes are strings."""
    result.file.write(orjson.dumps({"schema": f"openjuki/{schema}/1", **items}).decode() + "\n")
    result.file.flush()


def problem(error: JukiError, *, as_json: bool) -> int:
    """Say what is wrong, in two languages, and return the exit code."""
    if as_json:
        emit("problem", error.to_dict())
        return error.exit_code
    refusal = error.refusal if isinstance(error, Refused) else None
    code = refusal.code if refusal else error.code
    screen.print(_headline(code, refusal.message_ja if refusal else error.message_ja), soft_wrap=True)
    screen.print(f"  {error}", markup=False, soft_wrap=True)
    if refusal and refusal.article:
        screen.print(f"  {refusal.rule} ({refusal.article})", markup=False)
    for name, value in error.where.to_dict().items():
        screen.print(f"  {name}: {value}", markup=False)
    return error.exit_code


def _headline(code: str, message: str) -> str:
    return f"[bold red]{code}[/] {message}"


def usage(error: TyperException, *, as_json: bool) -> int:
    """A command was called wrongly: typer's own words, or a problem that quotes nothing; returns the exit code."""
    if as_json:
        return problem(_miscalled(error), as_json=True)
    if error.format_message():  # a group alone shows its help, and nothing is wrong
        screen.print(_headline(BadCommand.code, BadCommand.message_ja), soft_wrap=True)
    show = getattr(error, "show", None)
    if show is not None:
        show()
    else:
        screen.print(error.format_message(), markup=False)
    return error.exit_code


def _miscalled(error: TyperException) -> BadCommand:
    """Which word of the command is wrong, never what was typed for it: that may be a name or a number."""
    context, parameter = getattr(error, "ctx", None), getattr(error, "param", None)
    word = parameter.opts[0] if parameter else getattr(error, "option_name", None)
    if word is None:
        said = "the command does not take what was given"
    elif parameter is None:
        said = f"there is no {word}, or it is not used so"
    else:
        said = f"{word} {'cannot be used as it is given' if error.message else 'is missing'}"
    called = context.command_path if context else "juki"
    where = Where(column=word.lstrip("-")) if word else None
    return BadCommand(f"{said}; {called} --help shows how it is called", where=where)


def defect(error: Exception, *, as_json: bool) -> int:
    """A defect of ours: keep where it came from in a file, never what it said, and show a sentence."""
    from openjuki.nodes.log import frames  # noqa: PLC0415 - the library of logs is only needed where something broke

    try:
        folder = home() / "log"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = folder / f"defect-{clock():%Y%m%d-%H%M%S-%f}.txt"
        path.write_text("\n".join([type(error).__name__, *frames(error)]) + "\n", encoding="utf-8")
        kept = f"this is a defect of OpenJuki; its particulars are in {path}"
    except OSError:
        kept = "this is a defect of OpenJuki, and its particulars could not be written (is the disk full?)"
    return problem(JukiError(kept), as_json=as_json)
