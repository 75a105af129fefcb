# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A day in the nation (ある一日): what people tell the counters of their towns, in an order that the seed decides.

Every change goes through `nodes.counter` as from a clerk's form; nothing is written past it.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Final

from openjuki.codes.resident import ResidentCode
from openjuki.config import Register
from openjuki.errors import BadInput, Refused
from openjuki.nodes import counter
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.simulation.arrivals import entrant_from_abroad, new_address, newborn
from openjuki.simulation.chance import Chance
from openjuki.simulation.clerks import CLERK
from openjuki.store import certificates

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
    from datetime import date

    from openjuki.errors import JukiError
    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection

    type Row = dict[str, str | None]
    type Form = dict[str, Any]

#: Of 20,000 residents, on the last day of a fiscal year.
_OF: Final = 20_000
#: Between two people at the counters, in seconds: more than the nation's own peak comes as it is.
_GAP: Final = 0.02
#: How many households are looked at for one that fits.
_TRIES: Final = 10_000
#: Columns of a row that a form of entry has not: who it is, which the office says itself.
_OFFICES_OWN: Final = frozenset(("resident_number", "notified_on"))
_PARENTS_AGES: Final = range(22, 43)


class _NobodyFits(Exception):  # noqa: N818 - not an error: so small a nation has nobody like that
    """Nobody in the nation fits an event; it does not happen."""


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened on the day (この日の異動)."""

    title: str
    #: The town, and the code of the refusal where there was one.
    example: str
    #: Under which code somebody was known to whom it happened; never shown.
    resident_code: str | None = field(default=None, repr=False)


class Day:
    """One day of a nation (ある一日)."""

    def __init__(
        self,
        offices: Mapping[str, Office],
        residents: Mapping[str, Sequence[Row]],
        seed: int,
        on: date,
        *,
        patience: float = 30.0,
    ) -> None:
        """Offices and residents by town; who has told the counter something is left alone from then on.

        A certificate of moving out may be on its way for so many seconds (``patience``).
        """
        self.offices, self.residents, self.seed, self.on = offices, residents, seed, on
        self.patience = patience
        self.happened: list[Happened] = []
        self._scale = sum(map(len, residents.values())) / _OF
        self._households = {town: _households(rows) for town, rows in residents.items()}
        self._towns = list(residents)
        #: Where the next household is looked for.
        self._among: Sequence[str] = self._towns
        self._chance = Chance(seed, "day")
        #: Households on the way: where to, the address there, and who.
        self._moving: list[tuple[str, Form, Sequence[Row]]] = []
        self._ordinal = 0

    async def play(self, advance: Callable[[int], None]) -> list[Happened]:
        """Play the day; returns what happened."""
        for title, times, event in self._programme():
            for _ in range(max(1, round(times * self._scale))):
                with suppress(_NobodyFits):
                    await event(title)
                await asyncio.sleep(_GAP)
                advance(1)
        return self.happened

    async def another(self, among: Sequence[str] = ()) -> None:
        """One more event of chance, each as often as on the day, in one of these towns or in any."""
        self._among = among or self._towns
        weights = [round(times) for _, times, _ in self._programme()]
        drawn = self._draw(sum(weights))
        for (title, _, event), last in zip(self._programme(), accumulate(weights), strict=True):
            if drawn < last:
                with suppress(_NobodyFits):
                    await event(title)
                return

    def steps(self) -> int:
        """How many events the day has."""
        return sum(max(1, round(times * self._scale)) for _, times, _ in self._programme())

    def _programme(self) -> Iterable[tuple[str, int, Callable[[str], Awaitable[None]]]]:
        return (
            ("出生 Births", 24, self._birth),
            ("死亡 Deaths", 40, self._death),
            ("転居 Moves within a town", 40, self._move_within),
            ("転出 Households moving to another town", 50, self._move_out),
            ("転入 The same, entered there", 50, self._move_in),
            ("国外転出 Moves abroad", 8, self._move_abroad),
            ("国外転入 Entries from abroad", 16, self._entry_from_abroad),
            ("職権修正 Corrections ex officio", 24, self._correction),
            ("世帯主変更 New heads of household (not notified)", 4, self._new_head),
            ("住民票コードの変更 Changes of code", 4, self._change_of_code),
            ("個人番号の変更 Changes of number", 2, self._change_of_number),
            ("二重の死亡届 Second deaths, refused", 1, self._second_death),
            ("二重の転出届 Moving out twice, refused", 1, self._second_move),
            ("検査数字の誤り Wrong check digits, refused", 1, self._wrong_code),
        )

    async def _birth(self, title: str) -> None:
        town, household = self._take(lambda household: _parent(household, self.on.year) is not None)
        self._ordinal += 1
        parent = _parent(household, self.on.year)
        assert parent is not None  # who was taken
        child = newborn(self.seed, parent, self._ordinal, on=self.on)
        await self._record(title, town, Reason.BORN, {**_given(child), "date_of_change": child["birth_date"]})

    async def _death(self, title: str) -> None:
        town, household = self._take(_alone)
        await self._record(title, town, Reason.DIED, _whose(household[0]))

    async def _move_within(self, title: str) -> None:
        town, household = self._take(_anybody)
        address = self._address(household[0]["municipality"] or town)
        for member in household:
            await self._record(title, town, Reason.MOVED_WITHIN, {**_whose(member), **address})

    async def _move_out(self, title: str) -> None:
        """A household tells the old town, which seals its certificates to the new one."""
        town, household = self._take(_anybody)
        to = self._other_town(town)
        address = self._address(to)
        where = "".join(address.get(part, "") for part in ("town", "block", "building"))
        destination = {"destination_municipality": to, "destination_address": where}
        for member in household:
            await self._record(title, town, Reason.MOVED_OUT, {**_whose(member), **destination})
        self._moving.append((to, address, household))

    async def _move_in(self, title: str) -> None:
        """The household tells the new town, where its certificates have come by way of the Centre."""
        if not self._moving:
            raise _NobodyFits
        to, address, household = self._moving.pop(0)
        number = await self.offices[to].read(counter.new_household_number)
        for member in household:
            code = member["resident_code"]
            assert code is not None
            await self._certificate(to, code)
            form = {"resident_code": code, **address, **self._joined(to, number, member)}
            await self._record(title, to, Reason.MOVED_IN, form)

    async def _move_abroad(self, title: str) -> None:
        town, household = self._take(_alone)
        await self._record(title, town, Reason.MOVED_ABROAD, _whose(household[0]))

    async def _entry_from_abroad(self, title: str) -> None:
        town = self._town_with_register()
        self._ordinal += 1
        entrant = entrant_from_abroad(self.seed, town, self._ordinal, on=self.on)
        number = await self.offices[town].read(counter.new_household_number)
        await self._record(
            title, town, Reason.MOVED_IN_FROM_ABROAD, {**_given(entrant), "household_number": number}
        )

    async def _correction(self, title: str) -> None:
        town, household = self._take(_japanese)
        furigana = f"{household[0]['furigana'] or ''}ー"
        await self._record(
            title, town, Reason.CORRECTED_EX_OFFICIO, {**_whose(household[0]), "furigana": furigana}
        )

    async def _new_head(self, title: str) -> None:
        town, household = self._take(_couple)
        form = {**_whose(household[1]), "relationship": "世帯主"}
        await self._record(title, town, MunicipalReason.HEAD_CHANGED, form)

    async def _change_of_code(self, title: str) -> None:
        town, household = self._take(_anybody)
        await self._record(title, town, Reason.CODE_CHANGED_ON_REQUEST, _whose(household[0]))

    async def _change_of_number(self, title: str) -> None:
        town, household = self._take(_anybody)
        await self._record(title, town, Reason.NUMBER_CHANGED_ON_REQUEST, _whose(household[0]))

    async def _second_death(self, title: str) -> None:
        town, household = self._take(_alone)
        for _ in range(2):
            await self._record(title, town, Reason.DIED, _whose(household[0]))

    async def _second_move(self, title: str) -> None:
        town, household = self._take(_alone)
        form = {**_whose(household[0]), "destination_address": "行先未定"}
        for _ in range(2):
            await self._record(title, town, Reason.MOVED_OUT, form)

    async def _wrong_code(self, title: str) -> None:
        town, household = self._take(_alone)
        code = household[0]["resident_code"] or ""
        wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
        await self._record(title, town, Reason.DIED, {"resident_code": wrong})

    async def _record(self, title: str, town: str, reason: Reason | MunicipalReason, form: Form) -> None:
        """Hand a form over the counter; a refusal is something that happened too."""
        office = self.offices[town]
        whole = {
            "reason": reason.value,
            "date_of_change": self.on.isoformat(),
            "notified_on": self.on.isoformat(),
            **form,
        }
        example = town
        try:
            await office.transact(lambda connection: counter.record_form(office, connection, whole, CLERK))
        except (Refused, BadInput) as error:
            example = f"{town}: {_code(error)}"
        self.happened.append(Happened(title, example, form.get("resident_code")))

    async def _certificate(self, town: str, code: str) -> None:
        """Wait until the certificate of moving out is there, as the clerk would."""

        async def there(connection: Connection) -> bool:
            return await certificates.find(connection, ResidentCode(code)) is not None

        async with asyncio.timeout(self.patience):
            while not await self.offices[town].read(there):  # noqa: ASYNC110 - it comes into a database
                await asyncio.sleep(0.02)

    def _take(self, fits: Callable[[Sequence[Row]], bool]) -> tuple[str, Sequence[Row]]:
        """A household of chance that fits and has told nothing yet."""
        for _ in range(_TRIES):
            town = self._among[self._draw(len(self._among))]
            households = self._households[town]
            if not households:
                continue
            place = self._draw(len(households))
            if fits(households[place]):
                return town, households.pop(place)
        raise _NobodyFits

    def _draw(self, bound: int) -> int:
        return int(self._chance.below(bound, 1)[0])

    def _other_town(self, town: str) -> str:
        others = [other for other in self._towns if other != town]
        return others[self._draw(len(others))]

    def _town_with_register(self) -> str:
        towns = [town for town in self._towns if self.offices[town].settings.register is Register.OWN]
        return towns[self._draw(len(towns))]

    def _address(self, municipality: str) -> Form:
        self._ordinal += 1
        address = new_address(self.seed, municipality, self._ordinal)
        return {name: value for name, value in address.items() if value}

    def _joined(self, town: str, number: str, member: Row) -> Form:
        """A household at the new town, where the town keeps households."""
        if self.offices[town].settings.register is Register.EXTERNAL:
            return {}
        return {"household_number": number, "relationship": member.get("relationship") or "世帯主"}


def _households(rows: Sequence[Row]) -> list[list[Row]]:
    """People by household; where the register is another system's, everybody alone."""
    households: dict[str | None, list[Row]] = {}
    for row in rows:
        households.setdefault(row.get("household_number") or row["resident_number"], []).append(row)
    return list(households.values())


def _alone(household: Sequence[Row]) -> bool:
    return len(household) == 1


def _couple(household: Sequence[Row]) -> bool:
    return len(household) == 2 and household[1].get("relationship") in {"妻", "夫"}  # noqa: PLR2004 - two


def _japanese(household: Sequence[Row]) -> bool:
    return household[0]["furigana"] is not None


def _anybody(household: Sequence[Row]) -> bool:  # noqa: ARG001 - everybody moves
    return True


def _parent(household: Sequence[Row], year: int) -> Row | None:
    """Somebody of an age to have a child, with a register that says who lives with whom."""
    for member in household:
        born = member["birth_date"] or ""
        mother = member.get("relationship") in {"世帯主", "妻"} and member["sex"] == "female"
        if mother and born[:4].isdigit() and year - int(born[:4]) in _PARENTS_AGES:
            return member
    return None


def _given(row: Row) -> Form:
    """What a form of entry says of somebody."""
    return {name: value for name, value in row.items() if value and name not in _OFFICES_OWN}


def _whose(row: Row) -> Form:
    return {"resident_code": row["resident_code"]}


def _code(error: JukiError) -> str:
    return error.refusal.code if isinstance(error, Refused) else error.code
