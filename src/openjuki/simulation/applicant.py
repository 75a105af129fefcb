# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Somebody asks who was told about them (開示請求): received and answered at the Centre, and checked with public keys.

What they are handed lies in the nation's home, as a page to print and as JSON with every proof::

    var/disclosure/00001.html, var/disclosure/00001.json
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import orjson
import psycopg

from openjuki.config import CENTRE
from openjuki.documents import disclosure as page
from openjuki.documents.checking import Shown, check
from openjuki.errors import Unavailable
from openjuki.nodes.disclosure import Application, decide, document, receive
from openjuki.nodes.node import opened
from openjuki.pki.files import write_secret
from openjuki.residents.look_up import LookUp
from openjuki.simulation.clerks import DISCLOSER
from openjuki.store import offices
from openjuki.store.database import queries
from openjuki.store.verification.trust import Trust

if TYPE_CHECKING:
    from pathlib import Path

    from openjuki.nodes.node import Node
    from openjuki.simulation.launcher import Nation

_SQL = queries("agreement", package="openjuki.simulation")
_NUMBER: Final = "00001"
#: Seconds for a signature over what was just recorded, and between two glances.
_PATIENCE, _GLANCE = 60.0, 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosed:
    """What somebody was told (開示の結果): never who they are."""

    #: Who provided it.
    node: str
    #: Lines, by the method of the provision; `change`: a clientele's office was told of a change.
    by_method: dict[str, int] = field(default_factory=dict)
    #: Recipients that were told about them.
    recipients: int = 0
    #: Lines by what their proofs show: `opened`, `closed`, `waiting`, `broken`.
    proofs: dict[str, int] = field(default_factory=dict)
    #: Codes that they have had.
    codes: int = 0
    #: The page; relative to the nation's home.
    page: str = ""

    @property
    def lines(self) -> int:
        """How many."""
        return sum(self.by_method.values())

    @property
    def broken(self) -> int:
        """Lines that are not proven: none, or something is very wrong."""
        return self.lines - self.proofs.get(Shown.OPENED, 0) - self.proofs.get(Shown.CLOSED, 0)


async def play(nation: Nation, code: str) -> Disclosed:
    """The bearer of a code asks; the answer is verified like anybody would verify it."""
    await asyncio.to_thread(_await_signature, nation.urls()[CENTRE])
    async with opened(nation.settings, CENTRE, simulated=True) as centre:
        told = await _ask(centre, code)
        trust = Trust.of(centre.directory, CENTRE)
    folder = nation.home / "disclosure"
    await asyncio.to_thread(_hand_out, folder, told)
    lines = told["provisions"]["lines"]
    return Disclosed(
        node=CENTRE,
        by_method=dict(
            sorted(Counter("change" if line["change"] else line["method"] for line in lines).items())
        ),
        recipients=len({line["recipient"] for line in lines}),
        proofs=dict(sorted(Counter(one.shown.value for one in check(told, trust.log)).items())),
        codes=len(told["own"]["codes"]),
        page=f"{folder.name}/{_NUMBER}.html",
    )


async def _ask(centre: Node, code: str) -> dict[str, Any]:
    """Take the application and decide it, as somebody at the Centre does."""
    made = Application(
        question=LookUp.from_dict({"resident_code": code}),
        reason=f"開示-{_NUMBER}",
        identified_by="個人番号カード",
    )
    operator, terminal = DISCLOSER
    by = await centre.read(partial(offices.find, operator=operator, terminal=terminal, at=centre.clock()))
    request = await centre.transact(lambda connection: receive(centre, connection, by, made))
    return document(await decide(centre, by, request))


def _hand_out(folder: Path, told: dict[str, Any]) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    write_secret(folder / f"{_NUMBER}.json", orjson.dumps(told, option=orjson.OPT_INDENT_2))
    write_secret(folder / f"{_NUMBER}.html", page.page(told).encode())


def _await_signature(url: str) -> None:
    """Wait until everything that is recorded is under a checkpoint: before that lines have no proof.

    Raises:
        Unavailable: it does not happen.
    """
    deadline = time.monotonic() + _PATIENCE
    with psycopg.connect(url, autocommit=True) as book:
        row = book.execute(_SQL["size"]).fetchone()
        while not book.execute(_SQL["signed"], {"size": row[0] if row else 0}).fetchone():
            if time.monotonic() > deadline:
                raise Unavailable("nobody signs the Centre's journal; see log/ in its home")
            time.sleep(_GLANCE)
