# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is provided to whom, counted (提供の集計): by affair, by agency and by the second; never about whom. Pure."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.residents.look_up import Result

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

#: Over how long the rate is taken, and what is lately.
_RATE, _LATELY = timedelta(seconds=10), timedelta(seconds=60)
#: Answers about somebody: told, verified, or that they died, left or were found under a replaced key.
_NOBODY: Final = frozenset((Result.NONE, Result.TOO_MANY))
_NOTHING: Final = frozenset((Result.NOT_PERMITTED, Result.MALFORMED))


class Answered(NamedTuple):
    """Questions that a provider answered alike (回答の件数)."""

    asker: str
    affair: str
    result: str
    through: bool
    #: In a file, or as a change of a clientele's.
    in_bulk: bool
    questions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Answers for an affair (事務ごとの件数)."""

    told: int = 0
    nobody: int = 0
    refused: int = 0
    through_governor: int = 0
    in_bulk: int = 0

    @property
    def all(self) -> int:
        """However they ended."""
        return self.told + self.nobody + self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisions:
    """What was provided so far, and how fast (提供の状況)."""

    per_second: float = 0.0
    lately: int = 0
    by_affair: Mapping[str, Tally] = field(default_factory=dict)
    #: Questions by agency.
    by_asker: Mapping[str, int] = field(default_factory=dict)
    #: Who was answered since the look before.
    asking: frozenset[str] = frozenset()

    @property
    def all(self) -> int:
        """Of all affairs."""
        return sum(tally.all for tally in self.by_affair.values())


class Counting:
    """Counts from look to look."""

    def __init__(self) -> None:
        """Nothing yet."""
        self._counts: Counter[tuple[str, str, bool, bool]] = Counter()
        self._by_asker: Counter[str] = Counter()
        self._lately: deque[tuple[datetime, int]] = deque()

    def take(self, answered: Iterable[Answered], at: datetime, *, earlier: bool = False) -> Provisions:
        """Count what was answered since the look before; what was earlier does not count for the rate."""
        new: Counter[str] = Counter()
        for one in answered:
            self._counts[one.affair, one.result, one.through, one.in_bulk] += one.questions
            new[one.asker] += one.questions
        self._by_asker += new
        if not earlier:
            self._lately.append((at, new.total()))
        while self._lately and self._lately[0][0] <= at - _LATELY:
            self._lately.popleft()
        return Provisions(
            per_second=self._since(at - _RATE) / _RATE.total_seconds(),
            lately=self._since(at - _LATELY),
            by_affair=self._tallies(),
            by_asker=dict(self._by_asker),
            asking=frozenset() if earlier else frozenset(new),
        )

    def _since(self, moment: datetime) -> int:
        return sum(count for at, count in self._lately if at > moment)

    def _tallies(self) -> dict[str, Tally]:
        tallies: dict[str, Counter[str]] = {}
        for (affair, result, through, in_bulk), count in self._counts.items():
            tally = tallies.setdefault(affair, Counter())
            tally[_kind(result)] += count
            tally["through_governor"] += count * through
            tally["in_bulk"] += count * in_bulk
        return {affair: Tally(**tally) for affair, tally in tallies.items()}


def _kind(result: str) -> str:
    if result in _NOTHING:
        return "refused"
    return "nobody" if result in _NOBODY else "told"
