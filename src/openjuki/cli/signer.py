# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki signer``: sign the journals of an office's nodes, in a process and under a user of its own."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from openjuki import config
from openjuki.cli import output
from openjuki.nodes import signer as signers


def attach(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(signer)


def signer(
    node: Annotated[
        list[str] | None,
        typer.Option(help="Node whose journal to sign; may be given several times.", show_default="all"),
    ] = None,
    config_file: Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")] = None,
) -> None:
    """Sign the journals of nodes until stopped (Ctrl-C, SIGTERM).

    記録簿に署名します。機関のサーバとは別の利用者で動かしてください。

    Example: `juki signer --node 131016`
    """
    settings = config.load(config_file)
    nodes = node or [*settings.nodes]

    def ready() -> None:
        output.note(f"署名中: {' '.join(nodes)}  (Ctrl-C で停止 / stops)")

    asyncio.run(signers.serve(settings, nodes, ready=ready))
