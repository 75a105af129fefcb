# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki disclose check``: whoever was handed a disclosure verifies every line of it, without asking anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import orjson
import typer

from openjuki.cli import output
from openjuki.cli.log import keys_given
from openjuki.documents.checking import Shown, check
from openjuki.errors import BadEnvelope, BadLog, IntegrityFailure
from openjuki.refusal import Where

_SAID = {
    Shown.OPENED: "行の内容が一致 the row says the same",
    Shown.CLOSED: "行がある the row is there",
    Shown.WAITING: "署名待ち not signed yet",
    Shown.BROKEN: "不正 wrong",
}


def add(disclose: typer.Typer) -> None:
    """Add the command."""
    disclose.command("check")(check_document)


def check_document(
    file: Annotated[
        Path,
        typer.Argument(help="A document, as `juki disclose answer` writes it.", exists=True, dir_okay=False),
    ],
    key: Annotated[
        list[str],
        typer.Option(help="Public key of the log: name+id+key, or a file of such lines.", show_default=False),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """Verify every line of a disclosure with nothing but public keys; exits with 5 where one is wrong.

    開示された記録の全ての行を、公開鍵だけで検証します。

    Example: `juki disclose check disclosure.json --key log.vkey`
    """
    try:
        checked = check(orjson.loads(file.read_bytes()), keys_given(key))
    except (BadEnvelope, ValueError) as error:
        raise BadLog("not a disclosure", where=Where(file=file.name)) from error
    if as_json:
        lines = [{"number": one.number, "shown": one.shown.value, "why": one.why} for one in checked]
        output.emit("disclosure-check", {"lines": lines})
    else:
        for one in checked:
            output.say(f"{one.number}: {_SAID[one.shown]} {one.why}".rstrip())
    broken = any(one.shown is Shown.BROKEN for one in checked)
    raise typer.Exit(IntegrityFailure.exit_code if broken else 0)
