# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The statute book (法令の台帳): bases and affairs as dated data, never as code.

A *basis* is a provision of the Act under which information may be told: who tells whom, about whom, by
which road. An *affair* is work for which the Act, or an ordinance, lets information be used; it rests on
one or more bases, and which of them carries is decided per person. Everything has days of validity:
the book holds all of them, and a day picks its edition, so that a new text takes effect at midnight.

>>> book = Book.load()
>>> affair = book.at(date(2026, 4, 1)).affairs["register-work"]
>>> [basis.article for basis in affair.bases]
['法5条', '法30条の10第1項第4号', '法30条の12第1項第4号']
>>> book.at(date(2023, 12, 1)).tables
(191, 68, 71, 67, 71, 5)
"""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final, Self

from openjuki.errors import BadConfiguration
from openjuki.law import reading
from openjuki.law.basis import OWN_DEFINITIONS, Area, Basis, Key, Method, NumberRule, Route
from openjuki.law.edition import Affair, Edition, Line, edition
from openjuki.refusal import Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable
    from pathlib import Path

    from openjuki.config import Kind
    from openjuki.law.recipients import Body
    from openjuki.law.retention import Retention

__all__ = [
    "OWN_DEFINITIONS",
    "Affair",
    "Area",
    "Article",
    "Basis",
    "Book",
    "Edition",
    "Key",
    "Line",
    "Method",
    "NumberRule",
    "Route",
]
Article = reading.Article
#: Files of a book; others in its folder are passed over.
SUFFIXES: Final = (".toml", ".csv")


class Book:
    """The statute book, with everything that was, is and will be in force (法令の台帳)."""

    def __init__(self, lines: Iterable[Line], tables: reading.Tables | None = None) -> None:
        """Cut time where something begins or ends; an edition is made when its first day is asked for."""
        self._lines = tuple(lines)
        self._tables = tables or reading.Tables()
        self.known = frozenset(line.affair for line in self._lines)
        self._days = sorted({date.min, *(day for line in self._lines for day in _turning_points(line))})
        self._editions: dict[date, Edition] = {}

    @staticmethod
    def load(extra: Path | None = None) -> Book:
        """The book that comes with the program, and what a folder of the node's home adds to it.

        Raises:
            BadConfiguration: a file cannot be read as part of the book; `where` names file, row and column.
        """
        added = in_folder(extra) if extra else {}
        return Book.read(packaged(), added, shown=f"{extra}/") if added else _as_it_comes()

    @classmethod
    def read(
        cls, texts: Mapping[str, str], extra: Mapping[str, str] | None = None, *, shown: str = ""
    ) -> Self:
        """A book from its files' texts, by their paths, as `docs/spec/statute-book.md` lists them.

        Raises:
            BadConfiguration: a file is missing or cannot be read as part of the book; `where` names it.
        """
        found = reading.read(texts, extra or {}, shown)
        if found.faults:
            raise found.faults[0]
        return cls(found.lines, found.tables)

    def at(self, day: date) -> Edition:
        """The edition in force on that day."""
        since = self._days[bisect_right(self._days, day) - 1]
        found = self._editions.get(since)
        if found is None:
            found = self._editions[since] = edition(self._lines, since, self._tables.synonyms)
        return found

    def standing(self, affair: str) -> tuple[date, date | None] | None:
        """The first day on which an affair is in force, and the first on which it no longer is; None: it never is."""
        days = [day for day in self._days if affair in self.at(day).affairs]
        if not days:
            return None
        return days[0], next((day for day in self._days if day > days[-1]), None)

    def affair(self, affair: str, on: date) -> Affair | None:
        """An affair as it stands on that day; None: it is not in force then, or the book does not know it."""
        return self.at(on).affairs.get(affair)

    def body(self, node: str, kind: Kind, prefecture: str | None) -> Body:
        """Who a node is in the law (受領者); its kind and prefecture as the node directory has them."""
        return self._tables.recipients.body(node, kind, prefecture)

    def retention(self, kind: str) -> Retention:
        """How long a kind of record is kept (保存期間); KeyError: the book does not know the kind."""
        return self._tables.retentions[kind]

    @property
    def articles(self) -> Mapping[str, Article]:
        """The articles of the chapter, by their numbers."""
        return self._tables.articles


@cache
def packaged() -> Mapping[str, str]:
    """The files that come with the program, by their paths."""
    return dict(_texts(files("openjuki.law").joinpath("data"), ""))


@cache
def _as_it_comes() -> Book:
    """The program's own book: read once, for all nodes of a process."""
    return Book.read(packaged())


def in_folder(folder: Path) -> Mapping[str, str]:
    """The files of a folder, by their paths; none where there is no such folder.

    Raises:
        BadConfiguration: a file is not text, or it or the folder may not be read.
    """
    return dict(_texts(folder, "")) if folder.is_dir() else {}


def _texts(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for entry in sorted(_listed(folder), key=lambda one: one.name):
        if entry.is_dir():
            yield from _texts(entry, f"{path}{entry.name}/")
        elif entry.name.endswith(SUFFIXES):
            yield path + entry.name, _text(entry)


def _listed(folder: Traversable) -> list[Traversable]:
    try:
        return list(folder.iterdir())
    except OSError as error:
        raise BadConfiguration(f"cannot be read: {error.strerror}", where=Where(file=str(folder))) from None


def _text(file: Traversable) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")  # spreadsheets write a mark before the text
    except (UnicodeDecodeError, OSError) as error:
        raise BadConfiguration(f"cannot be read: {error}", where=Where(file=str(file))) from None


def _turning_points(line: Line) -> Iterator[date]:
    days = (line.since, line.until, line.basis.since, line.basis.until)
    return (day for day in days if day is not None)
