# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the agencies ask on the day (照会): most of it their systems, over HTTP, and some of it people at terminals.

Each agency asks for its own affairs, one request after the other, in an order that the seed decides; and each
answer comes back as the law has it: whose records, by which road, which items. Some of what is asked is refused, as
it must be. What somebody at a terminal asks goes in at the node, where the pages of the gateway put it too.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from openjuki.errors import BadQuestion
from openjuki.nodes.asking import Asked, Asking, AtTerminal
from openjuki.nodes.node import opened
from openjuki.residents.look_up import LookUp, Result
from openjuki.simulation import farewells
from openjuki.simulation.chance import Chance
from openjuki.simulation.errands import ERRANDS, Errand
from openjuki.simulation.systems import Reply, System
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from openjuki.simulation.agencies import PlannedAgency, PlannedOffice
    from openjuki.simulation.errands import People, Question
    from openjuki.simulation.launcher import Nation

#: Of 20,000 residents.
_OF: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Enquired:
    """A question that was answered (照会の結果): never about whom."""

    title: str
    node: str
    affair: str
    result: str
    #: The rule that refused it.
    rule: str | None


class Enquiries:
    """The agencies of a nation, asking (照会)."""

    def __init__(self, nation: Nation, people: People) -> None:
        """About these people."""
        self._nation, self._people = nation, people
        self._agencies = {agency.id: agency for agency in nation.agencies}
        self._chances = {id_: Chance(nation.seed, id_, "enquiries") for id_ in self._agencies}
        #: What comes after the day.
        self._next = Chance(nation.seed, "enquiries", "after the day")
        self._stack = AsyncExitStack()
        self._systems: dict[tuple[str, str], System] = {}
        self._askings: dict[str, Asking] = {}
        self._numbers = dict.fromkeys(self._agencies, 0)
        self.enquired: list[Enquired] = []

    async def __aenter__(self) -> Self:
        """Connect the systems to their gateways; terminals come when somebody sits down."""
        self._stack.enter_context(farewells.unsaid())
        gateways = self._nation.gateways()
        for agency in self._agencies.values():
            for office in agency.offices:
                secret = self._nation.credential(agency.id, office.system).read_text(encoding="ascii")
                system = System(gateways[agency.id], secret)
                self._stack.callback(system.close)
                self._systems[agency.id, office.id] = system
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        await self._stack.aclose()

    def steps(self, residents: int) -> int:
        """How many requests there will be, of so many residents."""
        return sum(_times(errand, residents) for errand in ERRANDS if errand.node in self._agencies)

    async def play(self, residents: int, advance: Callable[[int], None]) -> list[Enquired]:
        """Every agency asks what it has to; the agencies do not wait for each other."""
        await asyncio.gather(*(self._play(agency, residents, advance) for agency in self._agencies.values()))
        return self.enquired

    async def another(self) -> None:
        """One more request of chance, each as often as on the day."""
        errands = [errand for errand in ERRANDS if errand.node in self._agencies]
        place = int(self._next.below(sum(errand.times for errand in errands), 1)[0])
        for errand in errands:
            if place < errand.times:
                await self.run(errand)
                return
            place -= errand.times

    async def run(self, errand: Errand) -> None:
        """Run an errand once; nothing happens where nobody fits."""
        questions = errand.draw(self._people, self._chances[errand.node])
        if not questions:
            return
        reply = await self._ask(errand, errand.what, questions)
        self._note(errand, reply)
        if errand.by_hand:
            return
        several = [place for place, one in enumerate(reply.answers) if one["result"] == Result.SEVERAL]
        if several:
            chosen = [{"ledger": reply.ledger, "question": place, "candidate": 1} for place in several]
            self._note(errand, await self._ask(errand, What.CONFIRM, chosen))

    async def _play(self, agency: PlannedAgency, residents: int, advance: Callable[[int], None]) -> None:
        for errand in ERRANDS:
            if errand.node == agency.id:
                for _ in range(_times(errand, residents)):
                    await self.run(errand)
                    advance(1)

    async def _ask(self, errand: Errand, what: What, questions: Sequence[Question]) -> Reply:
        self._numbers[errand.node] += 1
        reason = errand.reason.strip() and f"{errand.reason}-{self._numbers[errand.node]:05}"
        if errand.by_hand:
            return await self._ask_by_hand(errand, reason, questions)
        system = self._systems[errand.node, errand.office]
        purpose: dict[str, Any] = {"affair": errand.affair, "reason": reason}
        if errand.history:
            purpose["history"] = True
        return await system.ask(what, questions, **purpose)

    async def _ask_by_hand(self, errand: Errand, reason: str, questions: Sequence[Question]) -> Reply:
        office = _office(self._agencies[errand.node], errand.office)
        asked = Asked(
            by=AtTerminal(office.operators[0], office.terminal),
            affair=errand.affair,
            reason=reason,
            questions=tuple(map(_read, questions)),
        )
        outcome = await (await self._asking(errand.node)).ask(asked)
        return Reply(ledger=outcome.ledger_id, answers=[one.to_dict() for one in outcome.answers])

    async def _asking(self, node: str) -> Asking:
        if node not in self._askings:
            line = await self._stack.enter_async_context(opened(self._nation.settings, node, simulated=True))
            self._askings[node] = Asking(line)
        return self._askings[node]

    def _note(self, errand: Errand, reply: Reply) -> None:
        for answer in reply.answers:
            refusal = answer.get("refusal") or {}
            self.enquired.append(
                Enquired(
                    title=errand.title,
                    node=errand.node,
                    affair=errand.affair,
                    result=answer["result"],
                    rule=refusal.get("rule"),
                )
            )


def _times(errand: Errand, residents: int) -> int:
    return max(1, round(errand.times * residents / _OF))


def _office(agency: PlannedAgency, office: str) -> PlannedOffice:
    return next(one for one in agency.offices if one.id == office)


def _read(question: Question) -> LookUp | BadQuestion:
    try:
        return LookUp.from_dict(question)
    except BadQuestion as error:
        return error
