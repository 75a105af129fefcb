# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A clientele of the day (対象者の異動): listed in the morning, and in the evening it is told what became of them.

The pension service lists some residents; of whoever is not on its list it hears nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from openjuki.nodes.asking import Asked, Asking, AtTerminal
from openjuki.nodes.clientele import asking, putting
from openjuki.nodes.clientele.putting import By, Wish
from openjuki.nodes.node import opened
from openjuki.residents.look_up import LookUp
from openjuki.store import clientele
from openjuki.wire.bulk import KeyKind
from openjuki.wire.clientele import Meaning, Told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openjuki.nodes.node import Node
    from openjuki.simulation.launcher import Nation

ASKER: Final = "agency-nenkin"
_AFFAIR, _NAME = "state-115", "pensioners"
#: Who acts, and where.
_BY: Final = ("kounen-1", "kounen-t1")
#: Changes after which somebody can come to an office.
_PRESENT: Final = frozenset((Meaning.MOVED_WITHIN, Meaning.MOVED_TO_OTHER, Meaning.NAME_CHANGED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """What the clientele's office was told (異動の提供の結果)."""

    asker: str
    affair: str
    #: Persons on the list.
    listed: int
    #: Changes by what they mean.
    by_meaning: dict[str, int] = field(default_factory=dict)
    #: Of these, changes of somebody who is not on the list: none, or something is very wrong.
    foreign: int = 0
    #: The code of one who lives elsewhere now, and whom the office looked up then; it stays in this process.
    looked_up: str | None = None

    @property
    def told(self) -> int:
        """How many changes."""
        return sum(self.by_meaning.values())


async def begin(nation: Nation, codes: Iterable[str]) -> None:
    """Put a list; from then on changes are told."""
    async with opened(nation.settings, ASKER, simulated=True) as node:
        wish = Wish(_NAME, _AFFAIR, "受給権者の異動-00001", By(*_BY), KeyKind.RESIDENT_CODE)
        await putting.put(node, wish, np.array([int(code) for code in codes], np.int64))
        await asking.ask(node, _NAME)


async def end(nation: Nation, codes: Iterable[str]) -> Followed:
    """Ask in the evening what became of these, and look one of them up."""
    listed = set(codes)
    async with opened(nation.settings, ASKER, simulated=True) as node:
        await asking.ask(node, _NAME)
        told = await _told(node)
        looked_up = min((one.key for one in told if one.meaning in _PRESENT), default=None)
        if looked_up is not None:
            await _look_up(node, looked_up)
    return Followed(
        asker=ASKER,
        affair=_AFFAIR,
        listed=len(listed),
        by_meaning=dict(sorted(Counter(one.meaning.value for one in told).items())),
        foreign=sum(one.key not in listed for one in told),
        looked_up=looked_up,
    )


async def _look_up(node: Node, code: str) -> None:
    """Look somebody up at a terminal."""
    asked = Asked(
        by=AtTerminal(*_BY),
        affair=_AFFAIR,
        reason="受給権者の異動-00002",
        questions=(LookUp.from_dict({"resident_code": code}),),
    )
    await Asking(node).ask(asked)


async def _told(node: Node) -> list[Told]:
    return [
        Told.from_bytes(one.told)
        for one in await node.read(lambda connection: clientele.changes(connection, _NAME))
    ]
