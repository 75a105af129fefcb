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
"""

from __future__ import annotations

import tomllib
from bisect import bisect_right
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from importlib.resources import files
from itertools import zip_longest
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Self

from openjuki.config import Kind
from openjuki.errors import BadConfiguration, Where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from importlib.resources.abc import Traversable

    type Tables = Mapping[str, Mapping[str, Any]]


class Key(StrEnum):
    """What a person is looked up by (照会条件)."""

    RESIDENT_CODE = "resident_code"
    INDIVIDUAL_NUMBER = "individual_number"
    #: The name as recorded, or its furigana.
    NAME = "name"
    BIRTH_DATE = "birth_date"
    ADDRESS = "address"
    SEX = "sex"


class Method(StrEnum):
    """How information is asked for (提供の方法)."""

    #: One person at a terminal, seen by an operator.
    TERMINAL = "terminal"
    #: System to system, answered at once (即時提供).
    ONLINE = "online"
    #: A file in, a file out (一括提供).
    BULK = "bulk"


class Area(StrEnum):
    """Whose information a basis opens, seen from who asks (対象の範囲)."""

    OWN_REGISTER = "own-register"
    SAME_PREFECTURE = "same-prefecture"
    OTHER_PREFECTURE = "other-prefecture"


class Route(StrEnum):
    """The road that question and answer take (提供の経路)."""

    WITHIN = "within"
    DIRECT = "direct"
    #: Through the governor of who asks.
    GOVERNOR = "governor"


#: What a basis takes from the defaults and an affair may say otherwise: our own definitions.
OWN_DEFINITIONS: Final = ("keys", "narrowing", "items", "methods")


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """A provision under which information may be told (提供の根拠)."""

    id: str
    #: 根拠条文.
    article: str
    title_ja: str
    title_en: str
    #: What kind of node may ask.
    recipient: Kind
    #: What kind of node answers.
    provider: Kind
    #: About whom.
    area: Area
    #: By which road.
    route: Route
    #: The first day in force.
    since: date
    #: The first day no longer in force.
    until: date | None = None
    #: Combinations of keys, one of which a question must give (our own definition).
    keys: frozenset[frozenset[Key]] = frozenset()
    #: Keys that may be added, and find nobody by themselves (our own definition).
    narrowing: frozenset[Key] = frozenset()
    #: What an answer may hold, by the names of a notice, in this order (our own definition).
    items: tuple[str, ...] = ()
    #: How the question may be put (our own definition).
    methods: frozenset[Method] = frozenset()

    def is_in_force(self, on: date) -> bool:
        """Whether it is law on that day."""
        return self.since <= on and (self.until is None or on < self.until)

    def suffices(self, keys: frozenset[Key]) -> bool:
        """Whether a question by these keys is neither too wide nor asks by what it may not (照会条件の限定)."""
        return any(combination <= keys for combination in self.keys) and keys <= self.narrowing.union(
            *self.keys
        )


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
    #: What it rests on, in the order in which they are tried.
    bases: tuple[Basis, ...]

    def mentions(self, words: str) -> bool:
        """Whether every one of these words stands in it somewhere."""
        articles = (
            text for basis in self.bases for text in (basis.id, basis.article, basis.title_ja, basis.title_en)
        )
        text = " ".join((self.id, self.title_ja, self.title_en, self.law, *self.words, *articles)).casefold()
        return all(word in text for word in words.casefold().split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """The book as it stands from one day on (法令の台帳の版)."""

    since: date
    affairs: Mapping[str, Affair]


class Book:
    """The statute book, with everything that was, is and will be in force (法令の台帳)."""

    def __init__(self, affairs: Iterable[Affair]) -> None:
        """Cut time where something begins or ends, and keep an edition for each piece."""
        texts = tuple(affairs)
        self.known = frozenset(affair.id for affair in texts)
        days = {date.min, *(day for affair in texts for day in _turning_points(affair))}
        self._days = sorted(days)
        self._editions = [Edition(since=day, affairs=_in_force(texts, day)) for day in self._days]

    @classmethod
    def load(cls) -> Self:
        """The book that comes with the program."""
        return cls.read(dict(_texts(files("openjuki.law").joinpath("data"), "")))

    @classmethod
    def read(cls, texts: Mapping[str, str]) -> Self:
        """A book from its files' texts, by their paths: `bases.toml`, `defaults.toml`, `affairs/<part>/<day>.toml`.

        Raises:
            BadConfiguration: a file is missing or cannot be read as part of the book; `where` names it.
        """
        bases = _bases(texts)
        parts: dict[str, dict[date, str]] = {}
        for path in texts:
            match path.split("/"):
                case ["affairs", part, day]:
                    parts.setdefault(part, {})[_day(path, day)] = path
                case _:
                    pass
        return cls(affair for part in parts.values() for affair in _affairs(part, texts, bases))

    def at(self, day: date) -> Edition:
        """The edition in force on that day."""
        return self._editions[bisect_right(self._days, day) - 1]

    def affair(self, affair: str, on: date) -> Affair | None:
        """An affair as it stands on that day; None: it is not in force then, or the book does not know it."""
        return self.at(on).affairs.get(affair)


def _texts(folder: Traversable, path: str) -> Iterator[tuple[str, str]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _texts(entry, f"{path}{entry.name}/")
        elif entry.name.endswith(".toml"):
            yield path + entry.name, entry.read_text(encoding="utf-8")


def _tables(texts: Mapping[str, str], path: str) -> Tables:
    try:
        return tomllib.loads(texts[path])
    except KeyError:
        raise BadConfiguration("the statute book lacks a file", where=Where(file=path)) from None
    except tomllib.TOMLDecodeError as error:
        raise BadConfiguration(f"not TOML: {error}", where=Where(file=path)) from None


def _day(path: str, name: str) -> date:
    try:
        return date.fromisoformat(name.removesuffix(".toml"))
    except ValueError:
        raise BadConfiguration("a file of affairs is named by its day", where=Where(file=path)) from None


def _bases(texts: Mapping[str, str]) -> dict[str, Basis]:
    defaults = _tables(texts, "defaults.toml")
    bases = {}
    for name, law in _tables(texts, "bases.toml").items():
        with _naming("bases.toml", name):
            bases[name] = _basis(name, law, defaults[name])
    return bases


def _basis(name: str, law: Mapping[str, Any], defaults: Mapping[str, Any]) -> Basis:
    return Basis(
        id=name,
        article=law["article"],
        title_ja=law["title_ja"],
        title_en=law["title_en"],
        recipient=Kind(law["recipient"]),
        provider=Kind(law["provider"]),
        area=Area(law["area"]),
        route=Route(law["route"]),
        since=law["since"],
        until=law.get("until"),
        **_definitions(defaults),
    )


def _definitions(table: Mapping[str, Any]) -> dict[str, Any]:
    """What a table says of what the Act leaves open."""
    readers: dict[str, Callable[[Any], Any]] = {
        "keys": lambda combinations: frozenset(frozenset(map(Key, keys)) for keys in combinations),
        "narrowing": lambda keys: frozenset(map(Key, keys)),
        "items": tuple,
        "methods": lambda methods: frozenset(map(Method, methods)),
    }
    unknown = table.keys() - readers.keys()
    if unknown:
        raise ValueError(f"no such definition: {', '.join(sorted(unknown))}")
    return {name: readers[name](table[name]) for name in OWN_DEFINITIONS if name in table}


def _affairs(
    part: Mapping[date, str], texts: Mapping[str, str], bases: Mapping[str, Basis]
) -> Iterator[Affair]:
    """The affairs of one part of the book: each file stands until the next."""
    days = sorted(part)
    for since, until in zip_longest(days, days[1:]):
        for name, table in _tables(texts, part[since]).items():
            with _naming(part[since], name):
                yield _affair(name, table, bases, since, until)


def _affair(
    name: str, table: Mapping[str, Any], bases: Mapping[str, Basis], since: date, until: date | None
) -> Affair:
    overrides = {basis: _definitions(table.get(basis, {})) for basis in table["bases"]}
    return Affair(
        id=name,
        title_ja=table["title_ja"],
        title_en=table["title_en"],
        law=table["law"],
        words=tuple(table.get("words", ())),
        since=since,
        until=until,
        bases=tuple(replace(bases[basis], **changes) for basis, changes in overrides.items()),
    )


@contextmanager
def _naming(path: str, entry: str) -> Iterator[None]:
    """Say of which file and entry it is that something cannot be read."""
    try:
        yield
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        message = f"entry {entry!r} of the statute book lacks something or is malformed: {error}"
        raise BadConfiguration(message, where=Where(file=path)) from None


def _turning_points(affair: Affair) -> Iterator[date]:
    days = [
        affair.since,
        affair.until,
        *(day for basis in affair.bases for day in (basis.since, basis.until)),
    ]
    return (day for day in days if day is not None)


def _in_force(texts: Iterable[Affair], day: date) -> Mapping[str, Affair]:
    """The affairs of a day, each on those of its bases that are law then."""
    standing = {}
    for affair in texts:
        bases = tuple(basis for basis in affair.bases if basis.is_in_force(day))
        if bases and affair.since <= day and (affair.until is None or day < affair.until):
            standing[affair.id] = replace(affair, bases=bases)
    return MappingProxyType(standing)
