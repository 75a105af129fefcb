# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""An examination of matching (照合の検査): questions about a register with namesakes, of which the right answer is known.

Rules of this file:

1. A question is asked about somebody of the register, or about nobody. Whom it means is decided while it is still
   clean: everybody of whom exactly this is recorded. Only then it is written as people write (`handwriting`).
2. A pair of a question and a person it leads to is right or wrong; a pair that was meant and not found is missed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from openjuki.simulation.chance import Chance
from openjuki.simulation.handwriting import IN_NAMES, IN_READINGS, STYLES, Place
from openjuki.simulation.handwriting.choice import happens, pick
from openjuki.simulation.namesakes import confused, other_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from openjuki.simulation.namesakes import Recorded

    type Items = dict[str, str]
    type Slips = Mapping[str, Callable[[Chance, str], str | None]]


class Tried(NamedTuple):
    """A question of the examination (検査問題)."""

    #: In the JSON form of a question, without the way of matching.
    items: Items
    #: By what somebody is looked for.
    by: str
    #: What was written otherwise than it is recorded.
    slips: tuple[str, ...]
    #: Whom it means, by their places in the register.
    meant: frozenset[int]


@dataclass(slots=True)
class Marks:
    """What came of an examination (検査結果): pairs of questions and persons."""

    right: int = 0
    wrong: int = 0
    missed: int = 0
    #: By slip, and by what was asked by: pairs that were meant, and those of them that were missed.
    meant_by: Counter[str] = field(default_factory=Counter)
    missed_by: Counter[str] = field(default_factory=Counter)
    wrong_by: Counter[str] = field(default_factory=Counter)

    @property
    def precision(self) -> float:
        """適合率: of the persons found, those who were meant."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """再現率: of the persons meant, those who were found."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    def add(self, tried: Tried, found: Iterable[int]) -> None:
        """Count one question."""
        told = frozenset(found)
        self.right += len(told & tried.meant)
        self.wrong += len(told - tried.meant)
        self.missed += len(tried.meant - told)
        for what in (*tried.slips, tried.by):
            self.meant_by[what] += len(tried.meant)
            self.missed_by[what] += len(tried.meant - told)
            self.wrong_by[what] += len(told - tried.meant)


def examine(seed: int, everybody: Sequence[Recorded], count: int) -> Iterator[Tried]:
    """So many questions about them, and about nobody."""
    chance, book = Chance(seed, "examination"), _Book.of(everybody)
    while count:
        if (tried := _tried(chance, book)) is not None:
            count -= 1
            yield tried


@dataclass(frozen=True, slots=True, kw_only=True)
class _Book:
    """The register, and whom exactly each recorded item belongs to."""

    everybody: Sequence[Recorded]
    by_birth: Mapping[tuple[str, str], Sequence[int]]
    by_home: Mapping[tuple[str, str, str], Sequence[int]]

    @classmethod
    def of(cls, everybody: Sequence[Recorded]) -> _Book:
        by_birth, by_home = defaultdict(list), defaultdict(list)
        for place, one in enumerate(everybody):
            for name in {*one.names, *filter(None, (one.furigana,))}:
                by_birth[name, one.birth_date].append(place)
                by_home[name, one.town, one.block].append(place)
        return cls(everybody=everybody, by_birth=by_birth, by_home=by_home)


class _Clean(NamedTuple):
    """A question before it is written."""

    #: A name, or a reading.
    item: str
    text: str
    one: Recorded
    by_birth: bool
    building: bool
    municipality: bool


def _tried(chance: Chance, book: _Book) -> Tried | None:
    one = pick(chance, book.everybody)
    if happens(chance, 0.12):
        one = _nobody(chance, one)
    item = "furigana" if one.furigana is not None and happens(chance, 0.35) else "name"
    text = one.furigana if item == "furigana" else pick(chance, (one.name, *one.names))
    clean = _Clean(
        item,
        text or "",
        one,
        happens(chance, 0.65),
        bool(one.building) and happens(chance, 0.5),
        happens(chance, 0.7),
    )
    return _by_birth(chance, book, clean) if clean.by_birth else _by_home(chance, book, clean)


def _nobody(chance: Chance, one: Recorded) -> Recorded:
    """Somebody who is not in the register: unless by chance, and then is meant."""
    if happens(chance, 0.4):
        return one._replace(birth_date=other_day(chance, one.birth_date), block=_next_door(one.block))
    return one._replace(name=confused(chance, one.name) or "架空　某", furigana=None, alias=None)


def _next_door(block: str) -> str:
    head = block.rstrip("0123456789番地号の-")
    figures = block[len(head) :]
    digits = "".join(c if c.isdigit() else " " for c in figures).split()
    if not digits:
        return block
    last = figures.rindex(digits[-1])
    return head + figures[:last] + str(int(digits[-1]) + 1) + figures[last + len(digits[-1]) :]


def _by_birth(chance: Chance, book: _Book, clean: _Clean) -> Tried:
    text, slips = _written(chance, clean.item, clean.text)
    items = {clean.item: text, "birth_date": clean.one.birth_date}
    meant = book.by_birth.get((clean.text, clean.one.birth_date), ())
    meant = [place for place in meant if _is_it(clean, book.everybody[place])]
    return Tried(items, f"{clean.item} and birth date", slips, frozenset(meant))


def _by_home(chance: Chance, book: _Book, clean: _Clean) -> Tried | None:
    one, how = clean.one, pick(chance, [*STYLES])
    place = Place(one.town, one.block, one.building)
    address = place.written(chance, how=how, building=clean.building)
    if address is None:
        return None
    text, slips = _written(chance, clean.item, clean.text) if happens(chance, 0.5) else (clean.text, ())
    items = {clean.item: text, "address": address}
    if clean.municipality:
        items["municipality"] = one.municipality
    meant = [
        place
        for place in book.by_home.get((clean.text, one.town, one.block), ())
        if _is_it(clean, book.everybody[place])
        and (not clean.municipality or book.everybody[place].municipality == one.municipality)
        and (not clean.building or book.everybody[place].building == one.building)
    ]
    slips = (*slips, how, *(("building left out",) if one.building and not clean.building else ()))
    return Tried(items, f"{clean.item} and address", slips, frozenset(meant))


def _is_it(clean: _Clean, other: Recorded) -> bool:
    return clean.text == other.furigana if clean.item == "furigana" else clean.text in other.names


def _written(chance: Chance, item: str, text: str) -> tuple[str, tuple[str, ...]]:
    """The text with no, one or two slips."""
    slips: Slips = IN_READINGS if item == "furigana" else IN_NAMES
    made: list[str] = []
    for _ in range(pick(chance, (0, 1, 1, 1, 1, 1, 1, 2, 2, 2))):
        possible = {what: changed for what in slips if (changed := slips[what](chance, text)) is not None}
        if possible:
            what = pick(chance, [*possible])
            text = possible[what]
            made.append(what)
    return text, tuple(made) or ("as recorded",)
