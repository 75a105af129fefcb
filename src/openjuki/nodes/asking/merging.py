# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Roads and what they lead to (照会の経路と回答の取りまとめ): whom to ask in which order, and one answer of many. Pure.

Rules of this file:

1. A code or a number leads to one person: the nearest road is gone first, and the first answer about the person
   ends the search. Of somebody who is not in the prefecture any more (moved out, gone abroad, removed) its governor
   cannot say where they are now, and what differs from the record may be what they are recorded by there: that does
   not.
2. A name may lead to persons everywhere: every road that no other covers is gone, and what they lead to is
   counted together. Several persons are shown as candidates, whichever road led to each. Whom two roads show under one
   individual number is one person, told as they would be by that number: by the nearer road where its answer ends a
   search, else by the further, which knows where they are now. Without the number nobody can tell them from a namesake.
3. A refusal is never hidden behind "nobody".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from openjuki.config import CENTRE
from openjuki.law import refusals
from openjuki.law.decision import uncovered
from openjuki.residents.look_up import Result
from openjuki.residents.look_up.result import TELLING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from openjuki.law.decision import Road

    #: An answer in its JSON form.
    type Said = Mapping[str, Any]


class Way(NamedTuple):
    """Whom to ask, and through whom (照会の経路)."""

    provider: str
    through: str | None

    def __str__(self) -> str:
        """As the ledger has it."""
        return self.provider if self.through is None else f"{self.provider} via {self.through}"


#: Ways that are gone one after the other, those of a step together.
type Steps = Sequence[Sequence[Way]]

#: Refusals of a person whom another road leads to: of the own prefecture's, the Centre says that it is not competent.
_ELSEWHERE: Final = frozenset(
    refusal.rule
    for refusal in (
        refusals.THROUGH_THE_GOVERNOR,
        refusals.OUTSIDE_THE_AREA,
        refusals.PROVIDER_NOT_COMPETENT,
    )
)
#: Results that are about nobody.
_NOBODY: Final = frozenset((Result.NONE, Result.NOT_PERMITTED, Result.MALFORMED))
#: What a governor says of somebody who may be recorded in another prefecture now.
_PERHAPS_ELSEWHERE: Final = (Result.MISMATCH, Result.MOVED_OUT, Result.LEFT_THE_COUNTRY, Result.REMOVED)
#: Where nothing better was said, this is told, in this order.
_LEFT_OVER: Final = (*_PERHAPS_ELSEWHERE, Result.NOT_PERMITTED, Result.MALFORMED, Result.NONE)


def steps(roads: Sequence[Road], *, unique: bool) -> Steps:
    """In which order the roads of a question are gone."""
    if unique:
        return [[_way(road)] for road in roads]
    return [[_way(road) for road in uncovered(roads)]]


def is_conclusive(way: Way, said: Said) -> bool:
    """Whether an answer ends the search for a person with this code or number."""
    if said["refusal"] is not None:
        return said["refusal"]["rule"] not in _ELSEWHERE
    perhaps_elsewhere = way.provider != CENTRE and said["result"] in _PERHAPS_ELSEWHERE
    return said["result"] != Result.NONE and not perhaps_elsewhere


def chosen(said: Sequence[tuple[Way, Said]]) -> int:
    """Which of the answers about one person is the answer: the last where it is conclusive, else the best."""
    if is_conclusive(*said[-1]):
        return len(said) - 1
    results = [_LEFT_OVER.index(one["result"]) for _, one in said]
    return results.index(min(results))


def found(told: Sequence[tuple[Way, Said]]) -> Sequence[int]:
    """Which of the answers from several roads are about somebody; one alone, where all others are about nobody."""
    said = [one for _, one in told]
    about = _once([place for place, one in enumerate(said) if one["result"] not in _NOBODY], told)
    exact = [place for place in about if said[place]["result"] == Result.MATCHED]
    differ = [place for place in about if said[place]["result"] == Result.MISMATCH]
    if len(exact) == 1 and len(exact) + len(differ) == len(about):
        return exact
    return about or [min(range(len(said)), key=lambda place: _LEFT_OVER.index(said[place]["result"]))]


def _once(places: Sequence[int], told: Sequence[tuple[Way, Said]]) -> list[int]:
    """These answers, each person once, who is known by the number of the one who is shown."""
    kept: dict[int | str, int] = {}
    for place in places:
        numbers = [hit.get("individual_number") for hit in told[place][1]["hits"]]
        whose = place if numbers in ([], [None]) else str(numbers)
        if whose not in kept or not is_conclusive(*told[kept[whose]]):
            kept[whose] = place
    return sorted(kept.values())


def together(said: Sequence[Said], *, most: int) -> bytes:
    """One answer for persons to whom several roads led (複数該当)."""
    count = sum(one["count"] for one in said)
    shown = [one["candidates"] or one["hits"] for one in said]
    many = count > most or any(one["result"] == Result.TOO_MANY for one in said)
    verified = any(one["items"] is not None for one in said)
    answer = {
        "articles": list(dict.fromkeys(article for one in said for article in one["articles"])),
        "candidates": None if many or verified else list(_numbered(shown)),
        "count": count,
        "hits": [],
        "items": None,
        "malformed": None,
        "refusal": None,
        "result": Result.TOO_MANY if many else Result.SEVERAL,
    }
    return orjson.dumps(answer, option=orjson.OPT_SORT_KEYS)


def _numbered(shown: Iterable[Sequence[Mapping[str, Any]]]) -> Iterable[dict[str, Any]]:
    persons = (person for persons in shown for person in persons)
    for number, person in enumerate(persons, start=1):
        yield {"candidate": number} | {item: person[item] for item in TELLING if item in person}


def _way(road: Road) -> Way:
    return Way(str(road.provider), None if road.through is None else str(road.through))
