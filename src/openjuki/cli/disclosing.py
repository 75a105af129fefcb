# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the commands of ``juki disclose`` share: an operator at a counter, and a request as JSON."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from openjuki import config
from openjuki.cli import acting, places
from openjuki.config import JST
from openjuki.errors import BadDate, BadInput
from openjuki.nodes.node import Office, opened_office
from openjuki.refusal import Where
from openjuki.store.database import Connection
from openjuki.store.disclosures import Request
from openjuki.store.offices import Standing

Node = Annotated[str, typer.Option(help="The node at whose counter somebody acts.", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
Out = Annotated[
    Path,
    typer.Option(
        help="An empty folder for what the applicant is handed.",
        show_default=False,
        callback=places.own_folder,
    ),
]

type Work[T] = Callable[[Office, Connection, Standing], Awaitable[T]]


def at_counter[T](
    config_file: Path | None, node: str, operator: str | None, terminal: str | None, work: Work[T]
) -> T:
    """Do something in a node's book, as an operator who may act there.

    Raises:
        BadInput: nobody is named.
        Refused: whoever is named may not act there, or a rule says no.
    """
    who = acting.actor(operator, terminal)

    async def do() -> T:
        async with opened_office(config.load(config_file), node) as office:
            by = await as_operator(office, who)
            return await office.transact(lambda book: work(office, book, by))

    return asyncio.run(do())


async def as_operator(office: Office, who: tuple[str, str] | None) -> Standing:
    """Who acts, as the office's records have them.

    Raises:
        BadInput: nobody is named.
        Refused: the operator may not act there.
    """
    by = await office.read(lambda book: acting.standing(office, book, who))
    if by is None:
        raise BadInput("somebody acts: name operator and terminal", where=Where(column="operator"))
    return by


def iso_day(text: str, column: str) -> date:
    """A day as an option has it.

    Raises:
        BadDate: it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadDate("a day is written 2026-04-01", where=Where(column=column)) from None


def request_items(request: Request) -> dict[str, Any]:
    """A request as JSON, without what was asked and answered."""
    return {
        "id": request.id,
        "reason": request.reason,
        "received_on": request.received_on.isoformat(),
        "due_on": request.due_on.isoformat(),
        "extended_to": request.extended_to and request.extended_to.isoformat(),
        "wants": request.wants,
        "applicant": request.applicant,
        "decided_at": request.decided_at and request.decided_at.astimezone(JST).isoformat(timespec="seconds"),
        "refusal": request.refusal,
        "digest": request.digest and request.digest.hex(),
    }
