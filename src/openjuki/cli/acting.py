# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The options of commands by which somebody acts: which operator, at which terminal, and why (操作者).

The journal keeps what they say. Whoever is named must be registered with `juki office`.
"""

from __future__ import annotations

from typing import Annotated

import typer

from openjuki.errors import BadInput
from openjuki.nodes.node import Office
from openjuki.refusal import Where
from openjuki.store import offices
from openjuki.store.database import Connection
from openjuki.store.offices import Standing

Operator = Annotated[
    str | None, typer.Option(help="Who acts: an operator's id (see juki office).", show_default=False)
]
Terminal = Annotated[str | None, typer.Option(help="Where: the id of a terminal.", show_default=False)]
Purpose = Annotated[
    str | None,
    typer.Option("--reason", help="Why: a case number, an application.", show_default=False),
]


def actor(operator: str | None, terminal: str | None) -> tuple[str, str] | None:
    """Operator and terminal, or nobody.

    Raises:
        BadInput: one without the other.
    """
    if operator is not None and terminal is not None:
        return operator, terminal
    if operator is None and terminal is None:
        return None
    missing = "operator" if operator is None else "terminal"
    raise BadInput("an operator acts at a terminal: name both", where=Where(column=missing))


async def standing(office: Office, connection: Connection, who: tuple[str, str] | None) -> Standing | None:
    """Who acts, as the office's records have them; None where nobody is named.

    Raises:
        Refused: the operator may not act there.
    """
    return None if who is None else await offices.find(connection, *who, office.clock())
