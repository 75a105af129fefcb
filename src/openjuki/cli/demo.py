# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki demo``: a nation in a box."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from openjuki.cli import output
from openjuki.config import home
from openjuki.simulation import report
from openjuki.simulation.agencies import AGENCIES
from openjuki.simulation.launcher import Nation
from openjuki.simulation.progress import Progress

if TYPE_CHECKING:
    from openjuki.simulation.day import Day


def attach(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(demo)


def _stay(nation: Nation, day: Day) -> None:
    """Stay up with the live page until told to stop."""
    from openjuki.simulation.live.standing import PORT, live_page  # noqa: PLC0415 - only who stays needs a site

    with live_page(nation, day) as page:
        if page.port != PORT:
            output.note(f"ポート {PORT} は使用中です。Port {PORT} is taken; the page is on {page.port}.")
        nation.announce(live=page.url)
        report.invite(nation.home, page.url, output.screen)
        nation.watch()


def demo(
    residents: Annotated[int, typer.Option(min=200, help="Fictitious residents in all.")] = 20_000,
    seed: Annotated[int, typer.Option(help="Another seed, another nation.")] = 7,
    once: Annotated[bool, typer.Option("--once", help="Play the day, report, and stop.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")] = False,
) -> None:
    """A small nation on this machine: one Centre, three prefectures, ten municipalities, ten agencies, one day.

    小さな国を一台で動かします。住民はすべて架空の人物です。

    Example: `juki demo --once --json --residents 20000 --seed 7`
    """
    from openjuki.simulation.life import live  # noqa: PLC0415 - its people need NumPy and Arrow, no other command does

    with (
        Progress(output.screen) as progress,
        Nation(home(), seed=seed, progress=progress, agencies=AGENCIES) as nation,
    ):
        outcome, day = asyncio.run(live(nation, residents))
        progress.pause()
        if as_json:
            output.emit("demo", report.summary(outcome))
        else:
            report.show(outcome, output.result)
        if not once:
            _stay(nation, day)
    if not outcome.is_agreed:
        raise typer.Exit(1)
