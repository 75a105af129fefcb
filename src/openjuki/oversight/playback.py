# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Provisions that published counts stand for (公表件数からの再現), decided by the statute book; pure.

A count of a fiscal year is spread evenly over the days of the year on which the affair could be used, and each day's
provisions are decided as a provider decides them, by the book of the day. Where the book has no text of that day,
the oldest one that it has decides, and `decided` says how often.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.codes.local_government import Kind as Government
from openjuki.codes.local_government import municipalities, prefecture_of
from openjuki.config import JST, Kind
from openjuki.errors import Refused
from openjuki.law.basis import Key, Method
from openjuki.law.decision import Request, decide
from openjuki.oversight import published
from openjuki.oversight.usage import first_day
from openjuki.refusal import Refusal
from openjuki.store.provisions import Tally

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openjuki.law.book import Book
    from openjuki.oversight.layouts import Line

HOKKAIDO: Final = "010006"
SHIZUOKA: Final = "220001"
#: Whom the published reports count is not said; the least that every basis opens is taken.
_METHOD: Final = Method.TERMINAL
#: Offices, operators and reasons are not published.
_SOMEBODY: Final = "published"
_KEYS: Final = frozenset({Key.NAME, Key.BIRTH_DATE})
_TOWNS: Final = "法30条の13第1項"
#: Table 6 is for bodies beside the governor: the board of education asks with a node of its own.
_OTHER_BODIES: Final = "法30条の15第2項第1号"
_BOARD: Final = "agency-hokkaido-kyoiku"
#: Shizuoka has published no affairs: only what is under the Act, and what is under its ordinance.
_ACT: Final = "法30条の15"
_ORDINANCE: Final = "条例"
_DAY: Final = timedelta(days=1)


class Decided(NamedTuple):
    """By which book provisions were decided (適用した台帳の版)."""

    #: The first day of its edition.
    book: date
    #: Whether it stood on the day of the provision; else it is the oldest that has the affair.
    in_force: bool


class Playback:
    """Makes provisions of published counts (公表件数からの再現)."""

    def __init__(self, book: Book) -> None:
        """Take the book that decides."""
        self._book = book
        self._standing = cache(book.standing)
        self._article = cache(self._decide)
        #: How many provisions were decided by which book.
        self.decided: Counter[Decided] = Counter()

    def hokkaido(self) -> Iterator[Tally]:
        """What Hokkaido has counted, by the day.

        Raises:
            Refused: the book does not open what was counted.
        """
        for table in published.hokkaido():
            for (line, year), count in table.counts.items():
                yield from self._of_line(line, year, count)

    def _of_line(self, line: Line, year: int, count: int) -> Iterator[Tally]:
        since, until = self._standing(line.affair) or (date.min, None)
        begins = max(first_day(year), line.since or date.min)
        ends = min(first_day(year + 1), until or date.max)
        for day, number in _spread(count, begins, ends):
            book = self._book.at(max(day, since)).since
            article = self._article(line, book)
            self.decided[Decided(book, day >= since)] += number
            yield Tally(day, line.affair, _asker(line, day)[1], (article,), _METHOD.value, number)

    def _decide(self, line: Line, day: date) -> str:
        """The article that carries on that day; what one town may, all may."""
        kind, asker = _asker(line, day)
        request = Request(
            recipient_kind=kind,
            recipient=asker,
            prefecture=HOKKAIDO,
            office=_SOMEBODY,
            holds=True,
            operator=_SOMEBODY,
            terminal=_SOMEBODY,
            affair=line.affair,
            reason=_SOMEBODY,
            keys=_KEYS,
            provider_kind=Kind.PREFECTURE,
            provider=HOKKAIDO,
            method=_METHOD,
        )
        grant = decide(request, self._book, datetime.combine(day, time(12), JST))
        basis = grant if isinstance(grant, Refusal) else grant.basis_for(HOKKAIDO)
        if isinstance(basis, Refusal):
            raise Refused(basis)
        return basis.article


def _asker(line: Line, day: date) -> tuple[Kind, str]:
    """Who asks under the article of a line; the towns by turns."""
    if line.article == _TOWNS:
        return Kind.MUNICIPALITY, _towns()[day.toordinal() % len(_towns())]
    if line.article == _OTHER_BODIES:
        return Kind.AGENCY, _BOARD
    return Kind.PREFECTURE, HOKKAIDO


@cache
def _towns() -> tuple[str, ...]:
    """Hokkaido's municipalities, without wards."""
    return tuple(
        code
        for code, government in municipalities().items()
        if code != HOKKAIDO and prefecture_of(code) == HOKKAIDO and government.kind is not Government.WARD
    )


def shizuoka() -> Iterator[Tally]:
    """What Shizuoka has counted, by the day; no affairs are known, so that nothing can be decided."""
    for period in published.shizuoka()[0]:
        for article, count in ((_ACT, period.law), (_ORDINANCE, period.ordinance)):
            for day, number in _spread(count, first_day(period.first), first_day(period.last + 1)):
                yield Tally(day, "", SHIZUOKA, (article,), _METHOD.value, number)


def _spread(count: int, begins: date, ends: date) -> Iterator[tuple[date, int]]:
    """So many, evenly over the days from the one to before the other; days without any are left out."""
    days = (ends - begins).days
    for number in range(days):
        of_day = (number + 1) * count // days - number * count // days
        if of_day:
            yield begins + number * _DAY, of_day
