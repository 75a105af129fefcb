# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki serve``: run the nodes of an office."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Final

import typer
import uvloop

from openjuki import config, console, gateway
from openjuki.cli import output
from openjuki.config import Kind
from openjuki.nodes import roles
from openjuki.store import database

#: What an office's own people meet at a node.
BESIDE: Final = {
    Kind.AGENCY: gateway.beside,
    Kind.PREFECTURE: console.beside,
    Kind.CENTRE: console.beside,
}


def attach(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(serve)


def serve(
    node: Annotated[
        list[str], typer.Option(help="Node to run; may be given several times.", show_default=False)
    ],
    config_file: Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")] = None,
    migrate_as: Annotated[
        Path | None,
        typer.Option(help="File with the database owner's URL: bring the schema up to date first."),
    ] = None,
) -> None:
    """Run nodes until stopped (Ctrl-C, SIGTERM).

    機関のサーバを動かします。

    Example: `juki serve --node 131016`
    """
    settings = config.load(config_file)
    if migrate_as is not None:
        for name in database.migrate(migrate_as.read_text().strip(), settings.node(node[0]).kind):
            output.note(f"適用 applied: {name}")

    def ready() -> None:
        output.note(f"稼働中: {' '.join(node)}  (Ctrl-C で停止 / stops)")

    serving = roles.serve(settings, node, ready=ready, beside=BESIDE)
    asyncio.run(serving, loop_factory=uvloop.new_event_loop)
