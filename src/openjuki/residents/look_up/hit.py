# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Somebody whom a question leads to (該当者), and what of them is shown: the items that the law grants, no other."""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openjuki.residents.changes import Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.names import other_names, other_reading
from openjuki.residents.persons import PersonState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import date

LEAVING: Final = frozenset((Reason.MOVED_OUT, Reason.MOVED_ABROAD))


class Hit(NamedTuple):
    """Somebody whom a question leads to (該当者), as the book has them now."""

    #: Which of the questions that were asked together.
    question: int
    #: False: found under a code or number that was replaced.
    is_current: bool
    #: The book's own name for the person: a resident number, a person id. Never leaves the node.
    holder: str | int
    #: How the person stands: a state of the municipality's register, or of the upper tiers.
    state: str
    #: 異動事由 and 異動年月日 of the present row.
    reason: str
    date_of_change: date
    resident_code: str
    individual_number: str | None
    name: str
    furigana: str | None
    former_surname: str | None
    former_surname_furigana: str | None
    alias: str | None
    #: As recorded.
    birth_date: str
    sex: str
    municipality: str
    address: str

    @property
    def names(self) -> tuple[str, ...]:
        """Every name under which the person is known: the name, and what is recorded beside it."""
        return (self.name, *other_names(self.name, self.former_surname, self.alias))

    @property
    def readings(self) -> tuple[str, ...]:
        """How the name reads, also with the former surname; a foreign resident's is not known (法30条の45)."""
        if self.furigana is None:
            return ()
        other = other_reading(self.furigana, self.former_surname_furigana)
        return (self.furigana,) if other is None else (self.furigana, other)

    def standing(self, on: date) -> str:
        """How the person stands on a day: until the day of departure, moving out is only planned."""
        if self.reason in LEAVING and on < self.date_of_change:
            return PersonState.MOVE_OUT_PLANNED.value
        return self.state

    @property
    def resident_number(self) -> str:
        """宛名番号; of the municipality's own book only."""
        return str(self.holder)

    def shown(self, items: Iterable[str], on: date) -> dict[str, Any]:
        """What is shown of the person: the items that the law grants, as JSON has them."""
        names, read, others = _form(tuple(items))
        told = dict(zip(names, read(self), strict=True))
        for item, as_json in others:
            told[item] = as_json(self, on)
        return told

    def shown_before(self, items: Iterable[str], on: date) -> dict[str, Any]:
        """What is shown of an earlier record: neither codes nor numbers, for they may be replaced ones."""
        return self.shown([item for item in items if item not in _OF_THE_PRESENT], on)


#: Items that are told as they are now, and of no earlier record.
_OF_THE_PRESENT: Final = frozenset(("resident_number", "resident_code", "individual_number", "state"))


@lru_cache(maxsize=65_536)
def _birth_date(recorded: str) -> Any:
    """A birth date as JSON has it; a nation has fewer of them than people."""
    return RecordedDate.parse(recorded).to_json()


#: Where each item stands in a hit.
_PLACES: Final = {item: place for place, item in enumerate(Hit._fields)} | {
    "resident_number": Hit._fields.index("holder")
}
#: Items that stand otherwise in JSON than in the book.
_AS_JSON: Final[Mapping[str, Callable[[Hit, date], Any]]] = {
    "birth_date": lambda hit, _: _birth_date(hit.birth_date),
    "resident_number": lambda hit, _: hit.resident_number,
    "state": Hit.standing,
    "date_of_change": lambda hit, _: hit.date_of_change.isoformat(),
}


class _Form(NamedTuple):
    """How some items are shown: their names, what reads them all, and those that JSON has otherwise."""

    names: tuple[str, ...]
    read: Callable[[Hit], tuple[Any, ...]]
    others: tuple[tuple[str, Callable[[Hit, date], Any]], ...]


@lru_cache(maxsize=1024)
def _form(items: tuple[str, ...]) -> _Form:
    others = tuple((item, _AS_JSON[item]) for item in items if item in _AS_JSON)
    places = [_PLACES[item] for item in items]
    # itemgetter gives a tuple for several places alone
    read = itemgetter(*places) if len(places) > 1 else lambda hit: tuple(hit[place] for place in places)
    return _Form(items, read, others)
