# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Asking beyond the own book (他の機関への照会): what every office of a town, a prefecture or an agency does.

Theory of operation. A request has one purpose and one or many questions. The own book decides (`planning`), the
request is in the ledger and in the journal (`deciding`), and only then something leaves: what is asked within two
milliseconds travels in one envelope to each provider on each way (`envelopes`). Per person the nearest road is
gone first: the own governor under tables 5 and 6, the Centre directly, and where the law says so the Centre
through the own governor; what several roads lead to becomes one answer (`merging`). The provider records before it
answers and promises its record; whoever asked builds the same and holds it against the promise (`checking`).
Answer and promise are in the ledger (`keeping`) before anything is shown.

A request that cannot be answered as a whole is not answered: its line says why, and what was told meanwhile.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from openjuki.errors import IntegrityFailure
from openjuki.nodes.asking import checking, deciding, keeping, merging
from openjuki.nodes.asking.asked import Asked, AtTerminal, Confirmation, Machine, Outcome
from openjuki.nodes.asking.envelopes import TOGETHER, Carrying, Parcel
from openjuki.nodes.asking.keeping import Kept, Shown
from openjuki.nodes.sharing import Shared
from openjuki.nodes.statutes import statute_book

if TYPE_CHECKING:
    from collections.abc import Sequence, Sized

    from openjuki.errors import JukiError
    from openjuki.law.book import Book
    from openjuki.nodes.asking.deciding import Case
    from openjuki.nodes.asking.envelopes import Told
    from openjuki.nodes.asking.merging import Way
    from openjuki.nodes.node import Node

    type _Told = Sequence[list[Told]]

__all__ = ["Asked", "Asking", "AtTerminal", "Confirmation", "Machine", "Outcome"]


class Asking:
    """Where a node's offices ask beyond its own book (照会窓口); one for all of them."""

    def __init__(self, node: Node, book: Book | None = None) -> None:
        """Take the node, and a statute book where it is not the one that the node goes by."""
        self._node, self._book = node, book
        self._deciding = Shared(self._decide, most=TOGETHER, size=lambda asked: _size(asked.questions))
        self._keeping = Shared(self._keep, most=TOGETHER, wait=0, size=lambda kept: _size(kept.shown))
        self._carrying: dict[Way, Carrying] = {}

    async def ask(self, asked: Asked) -> Outcome:
        """Ask; nothing is shown before both ends have recorded it.

        What a rule refuses is an answer.

        Raises:
            PeerError, Unavailable: no answer that may be believed, or not to every question.
            IntegrityFailure: an answer is not what its provider promises to have recorded, or more than was granted.
        """
        case = await self._deciding.ask(asked)
        told, error = await self._told(case)
        shown = [self._shown(case, place, one, error) for place, one in enumerate(told)]
        if case.persons:
            await self._keeping.ask(Kept(case=case, shown=shown, error=error))
        if error is not None:
            raise error
        return Outcome(ledger_id=case.line, told=tuple(one.answer or b"" for one in shown))

    def _shown(self, case: Case, place: int, told: Sequence[Told], error: JukiError | None) -> Shown:
        if error is not None:
            return keeping.nothing(told)
        return keeping.shown(case, place, told, most=self._node.settings.look_up_most)

    async def _decide(self, batch: Sequence[Asked]) -> Sequence[Case]:
        node = self._node
        book = self._book or statute_book(node)
        return await node.transact(lambda connection: deciding.decided(node, connection, book, batch))

    async def _keep(self, batch: Sequence[Kept]) -> Sequence[None]:
        node = self._node
        return await node.transact(lambda connection: keeping.keep(node, connection, batch))

    async def _told(self, case: Case) -> tuple[_Told, JukiError | None]:
        """What is told of each question, step by step, until the step that settles it; or why not all was."""
        told: _Told = [[] for _ in case.plans]
        going, step = [place for place, plan in enumerate(case.plans) if plan.steps], 0
        while going:
            parcels = _parcels(case, going, step)
            under_way = [self._way(way).carry(one) for way, one in parcels.items()]
            # most requests go one way, and to gather one costs more than to wait for it
            carried = await asyncio.gather(*under_way) if len(under_way) > 1 else [await under_way[0]]
            for parcel in carried:
                for place, one in parcel.told.items():
                    told[place].append(one)
            error = next(filter(None, map(_fault, carried)), None)
            if error is not None:
                return told, error
            step += 1
            going = [place for place in going if _goes_on(case, place, step, told[place])]
        return told, None

    def _way(self, way: Way) -> Carrying:
        if way not in self._carrying:
            self._carrying[way] = Carrying(self._node, way)
        return self._carrying[way]


def _size(questions: Sized) -> int:
    """What a request counts for: sixteen questions more cost what a request of one does."""
    return 1 + len(questions) // 16


def _parcels(case: Case, going: Sequence[int], step: int) -> dict[Way, Parcel]:
    """The questions that are still going, by the way that they go in this step."""
    places: dict[Way, list[int]] = {}
    for place in going:
        for way in case.plans[place].steps[step]:
            places.setdefault(way, []).append(place)
    return {way: Parcel(case=case, places=on_it) for way, on_it in places.items()}


def _fault(parcel: Parcel) -> JukiError | None:
    """Why a parcel's answers are not believed."""
    try:
        for place, told in parcel.told.items():
            checking.check_granted(told.row, told.said, parcel.case.plans[place].granted)
    except IntegrityFailure as error:
        return error
    return parcel.error


def _goes_on(case: Case, place: int, step: int, told: Sequence[Told]) -> bool:
    last = told[-1]
    return step < len(case.plans[place].steps) and not merging.is_conclusive(last.way, last.said)
