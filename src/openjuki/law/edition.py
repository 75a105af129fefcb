# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Affairs (事務), and an edition of the book: what is in force on a day, and how it is searched."""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from openjuki.law.basis import Area
from openjuki.refusal import Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from openjuki.config import Kind
    from openjuki.law.basis import Basis
    from openjuki.law.recipients import Body

#: Tables of the Act (別表).
TABLES: Final = (1, 2, 3, 4, 5, 6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the book (台帳の行): an affair under one of its bases, for as long as this text stands."""

    affair: str
    title_ja: str
    title_en: str
    law: str
    words: tuple[str, ...]
    basis: Basis
    since: date
    until: date | None
    #: The law has it, the book does not know its text yet (未登録).
    awaited: bool = False
    where: Where = field(default_factory=Where, compare=False)

    def is_in_force(self, on: date) -> bool:
        """Whether it stands on that day, and its basis is law then."""
        return self.since <= on and (self.until is None or on < self.until) and self.basis.is_in_force(on)


@dataclass(frozen=True, slots=True, kw_only=True)
class Affair:
    """Work for which information may be used (事務)."""

    id: str
    title_ja: str
    title_en: str
    #: The law that assigns the work.
    law: str
    #: Words by which clerks look for it.
    words: tuple[str, ...]
    #: The first day of this text.
    since: date
    #: The first day of the next one.
    until: date | None
    #: What it rests on, in the order in which they are tried: the nearest first.
    bases: tuple[Basis, ...]

    @property
    def recipients(self) -> tuple[str, ...]:
        """Whom the law names, in its words (提供先)."""
        return tuple(dict.fromkeys(basis.listed or basis.recipient.value for basis in self.bases))

    def is_for(self, node: Kind, body: Body) -> bool:
        """Whether the law names who asks as a recipient under some basis (提供先)."""
        return any(basis.is_for(node, body) for basis in self.bases)

    @property
    def text(self) -> str:
        """All that is written about it, in the form in which it is searched."""
        of_bases = (
            text
            for basis in self.bases
            for text in (basis.id, basis.article, basis.title_ja, basis.title_en, basis.listed)
        )
        written = (self.id, self.title_ja, self.title_en, self.law, *self.words)
        return plain(" ".join((*written, *dict.fromkeys(of_bases))))


def plain(text: str) -> str:
    """A text as it is searched: without width and case; old laws' ツ, ヤ, ユ, ヨ for ッ, ャ, ュ, ョ."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_SMALL)


_SMALL: Final = str.maketrans("っゃゅょッャュョ", "つやゆよツヤユヨ")


#: Bases about whom is near are tried first.
_NEARNESS: Final = {area: number for number, area in enumerate(Area)}


@dataclass(frozen=True, kw_only=True)
class Edition:
    """The book as it stands from one day on (法令の台帳の版)."""

    since: date
    affairs: Mapping[str, Affair]
    #: Affairs that the law has and the book does not know yet, with the basis of each (未登録).
    awaited: Mapping[str, Basis] = field(default_factory=dict)
    #: What clerks say, and the words of the law that they mean.
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """How many rows each basis has: 別表第一 191, 別表第二 68 ..."""
        return Counter(basis.id for affair in self.affairs.values() for basis in affair.bases)

    @cached_property
    def tables(self) -> tuple[int, ...]:
        """How many rows tables 1 to 6 have."""
        rows = Counter(basis.table for affair in self.affairs.values() for basis in affair.bases)
        return tuple(rows[table] for table in TABLES)

    def search(self, words: str) -> tuple[Affair, ...]:
        """Affairs in which every word occurs, or one of what it means; titles and laws before the rest.

        A word of a clerk (パスポート) finds the law's (旅券).
        """
        wanted = [(word, *self.synonyms.get(word, ())) for word in plain(words).split()]
        found = [
            (all(any(one in head for one in meant) for meant in wanted), affair)
            for affair, head, text in self._texts
            if all(any(one in text for one in meant) for meant in wanted)
        ]
        return tuple(affair for _, affair in sorted(found, key=lambda one: not one[0]))

    @cached_property
    def _texts(self) -> tuple[tuple[Affair, str, str], ...]:
        return tuple(
            (affair, plain(f"{affair.title_ja} {affair.law}"), affair.text)
            for affair in self.affairs.values()
        )


def edition(lines: Iterable[Line], day: date, synonyms: Mapping[str, tuple[str, ...]]) -> Edition:
    """What of these lines is in force on a day, by affair."""
    standing: dict[str, list[Line]] = {}
    awaited: dict[str, Basis] = {}
    for line in lines:
        if line.is_in_force(day):
            if line.awaited:
                awaited[line.affair] = line.basis
            else:
                standing.setdefault(line.affair, []).append(line)
    return Edition(
        since=day,
        affairs=MappingProxyType({name: _affair(name, of_it) for name, of_it in standing.items()}),
        awaited=MappingProxyType(awaited),
        synonyms=synonyms,
    )


def _affair(name: str, lines: list[Line]) -> Affair:
    """An affair of its lines; its title is that under the nearest basis."""
    lines = sorted(lines, key=lambda line: _NEARNESS[line.basis.area])
    first = lines[0]
    return Affair(
        id=name,
        title_ja=first.title_ja,
        title_en=first.title_en,
        law=first.law,
        words=tuple(dict.fromkeys(word for line in lines for word in line.words)),
        since=max(line.since for line in lines),
        until=min((line.until for line in lines if line.until), default=None),
        bases=tuple(line.basis for line in lines),
    )
