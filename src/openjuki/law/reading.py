# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Reading the statute book (法令の台帳の読込み): every fault is noted with its file, row and column."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openjuki.codes.local_government import municipalities
from openjuki.config import Kind
from openjuki.law import definitions
from openjuki.law.basis import Area, Basis, NumberRule, Route
from openjuki.law.edition import plain
from openjuki.law.files import MALFORMED, Files, day, string, strings
from openjuki.law.lines import Lines
from openjuki.law.purpose import WAYS
from openjuki.law.recipients import Listing, NameClass, Recipients
from openjuki.law.retention import Retention
from openjuki.refusal import Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from openjuki.errors import BadConfiguration
    from openjuki.law.edition import Line

BASES: Final = "bases.toml"
DEFAULTS: Final = "defaults.toml"
RETENTION: Final = "retention.toml"
#: No record is kept for longer, in years.
LONGEST: Final = 150


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """Article of the Act (条): its official title, and what it says in a line of ours."""

    article: str
    title_ja: str
    summary_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """What the book holds beside its lines (付属の表)."""

    recipients: Recipients = field(default_factory=lambda: Recipients({}, (), {}))
    articles: Mapping[str, Article] = field(default_factory=dict)
    #: What clerks say, and the words of the law that they mean.
    synonyms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    #: How long records are kept, by kind.
    retentions: Mapping[str, Retention] = field(default_factory=dict)


class Found(NamedTuple):
    """What was read (読込みの結果), and every fault; with faults it is no book."""

    lines: list[Line]
    tables: Tables
    faults: list[BadConfiguration]


def read(texts: Mapping[str, str], added: Mapping[str, str], shown: str = "") -> Found:
    """Read the program's files and those that are added, which stand in the folder `shown`."""
    files = Files(texts, added, shown)
    tables = Tables(
        recipients=_recipients(files),
        articles=_articles(files),
        synonyms=_synonyms(files),
        retentions=_retentions(files),
    )
    bases = _bases(files)
    overrides = _overrides(files, bases)
    lines = Lines(
        files=files,
        bases=bases,
        recipients=tables.recipients,
        overrides=_by_affair(overrides),
        number_laws=_number_laws(files),
    )
    found = Found(lines.read(), tables, files.faults)
    _check_overrides(files, found, overrides)
    _check_retentions(files, found)
    return found


def _bases(files: Files) -> dict[str, Basis]:
    for path in (BASES, DEFAULTS):
        if not files.has(path):
            files.fault("the statute book lacks a file", Where(file=path))
    defaults = _defaults(files)
    bases: dict[str, Basis] = {}
    named: set[str] = set()
    for file, name, law in files.entries(BASES):
        named.add(name)
        try:
            if name in bases:
                files.fault(f"basis {name!r} stands in the book already", Where(file=file.shown))
            else:
                bases[name] = _basis(name, law, definitions.default(name, defaults))
        except MALFORMED as error:
            files.malformed(name, error, Where(file=file.shown))
    for file, name, _ in files.entries(DEFAULTS):
        if name not in named:
            files.malformed(name, ValueError("there is no such basis"), Where(file=file.shown))
    return bases


def _defaults(files: Files) -> dict[str, Mapping[str, Any]]:
    """What the defaults say, by basis; a file that is added says the members anew that it names."""
    found: dict[str, Mapping[str, Any]] = {}
    for file, name, entry in files.entries(DEFAULTS):
        try:
            found[name] = definitions.said_anew(found.get(name, {}), entry)
        except MALFORMED as error:
            files.malformed(name, error, Where(file=file.shown))
    return found


def _basis(name: str, law: Mapping[str, Any], own: Mapping[str, Any]) -> Basis:
    basis = Basis(
        id=name,
        article=string(law["article"]),
        title_ja=string(law["title_ja"]),
        title_en=string(law["title_en"]),
        recipient=Kind(law["recipient"]),
        provider=Kind(law["provider"]),
        area=Area(law["area"]),
        route=Route(law["route"]),
        since=day(law["since"]),
        until=day(law["until"]) if "until" in law else None,
        code=law.get("code", False) is True,
        number=NumberRule(law.get("number", NumberRule.NEVER)),
        table=law.get("table"),
        **own,
    )
    if (basis.area, basis.provider, basis.route) not in WAYS:
        raise ValueError("nobody provides about whom it says by the road it says")
    return definitions.check(basis)


def _recipients(files: Files) -> Recipients:
    names = {
        row["recipient"]: frozenset(row["names"].split("|"))
        for _, row in files.rows_of("recipients.csv", ("recipient", "names"))
    }
    bodies: dict[str, Listing] = {}
    for file, name, entry in files.entries("bodies.toml"):
        try:
            bodies[name] = _listing(entry)
        except MALFORMED as error:
            files.malformed(name, error, Where(file=file.shown))
    return Recipients(names, tuple(_classes(files)), bodies)


def _listing(entry: Mapping[str, Any]) -> Listing:
    government = entry.get("government")
    if government is not None and government not in municipalities():
        raise ValueError("no local government bears the code")
    unknown = entry.keys() - {"kind", "government", "organs", "names"}
    if unknown:
        raise ValueError(f"no such member: {', '.join(sorted(unknown))}")
    return Listing(
        kind=Kind(entry["kind"]),
        government=government,
        organs=strings(entry.get("organs", [])),
        names=frozenset(strings(entry.get("names", []))),
    )


def _classes(files: Files) -> Iterator[NameClass]:
    columns = ("name", "kind", "organ", "sizes", "governments", "note")
    for where, row in files.rows_of("classes.csv", columns):
        try:
            yield NameClass(
                name=row["name"],
                kind=Kind(row["kind"]),
                organ=row["organ"],
                sizes=frozenset(filter(None, row["sizes"].split("|"))),
                governments=frozenset(row["governments"].split("|")),
            )
        except ValueError as error:
            files.malformed(row["name"], error, where)


def _articles(files: Files) -> dict[str, Article]:
    columns = ("article", "title_ja", "summary_en")
    return {row["article"]: Article(**row) for _, row in files.rows_of("articles.csv", columns)}


class _Override(NamedTuple):
    """What an affair says otherwise under a basis (事務ごとの定め), and where."""

    where: Where
    affair: str
    basis: str
    says: Mapping[str, Any]


def _overrides(files: Files, bases: Mapping[str, Basis]) -> list[_Override]:
    found: list[_Override] = []
    for file, affair, entry in files.entries("overrides.toml"):
        where = Where(file=file.shown)
        try:
            found += [
                _Override(where, affair, bases[name].id, definitions.read(says))
                for name, says in entry.items()
            ]
        except MALFORMED as error:
            files.malformed(affair, error, where)
    return found


def _by_affair(overrides: Iterable[_Override]) -> dict[str, dict[str, Mapping[str, Any]]]:
    """What affairs say otherwise, by affair and basis; a file that is added says the members anew that it names."""
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for one in overrides:
        of_affair = found.setdefault(one.affair, {})
        of_affair[one.basis] = {**of_affair.get(one.basis, {}), **one.says}
    return found


def _number_laws(files: Files) -> dict[Kind, dict[str, date]]:
    """Laws under which recipients may use the number, by the recipients' kind."""
    found: dict[Kind, dict[str, date]] = {kind: {} for kind in Kind}
    for file, kind, laws in files.entries("number_act.toml"):
        try:
            found[Kind(kind)].update({law: day(since) for law, since in laws.items()})
        except MALFORMED as error:
            files.malformed(kind, error, Where(file=file.shown))
    return found


def _retentions(files: Files) -> dict[str, Retention]:
    """How long records are kept, by kind; a file that is added says it anew."""
    found: dict[str, Retention] = {}
    for file, name, entry in files.entries(RETENTION):
        try:
            found[name] = _retention(name, entry)
        except MALFORMED as error:
            files.malformed(name, error, Where(file=file.shown))
    return found


def _retention(name: str, entry: Mapping[str, Any]) -> Retention:
    years = entry["years"]
    if type(years) is not int or not 1 <= years <= LONGEST:
        raise ValueError(f"a record is kept for 1 to {LONGEST} years")
    return Retention(
        id=name, title_ja=string(entry["title_ja"]), title_en=string(entry["title_en"]), years=years
    )


def _check_overrides(files: Files, found: Found, overrides: Iterable[_Override]) -> None:
    """What is said otherwise is said of an affair that the book has, under a basis that it rests on."""
    if files.faults:  # of lines that could not be read nobody knows
        return
    rests_on = {(line.affair, line.basis.id) for line in found.lines}
    for one in overrides:
        if (one.affair, one.basis) not in rests_on:
            unknown = ValueError(f"no affair of this name rests on {one.basis}")
            files.malformed(one.affair, unknown, one.where)


def _check_retentions(files: Files, found: Found) -> None:
    """A kind of record that an affair names is in the table, where there is one."""
    if not files.has(RETENTION):
        return
    for line in found.lines:
        if line.basis.retention not in found.tables.retentions:
            unknown = ValueError(f"there is no such retention: {line.basis.retention}")
            files.malformed(line.affair, unknown, line.where)


def _synonyms(files: Files) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for file, name, words in files.entries("words.toml"):
        try:
            found.update({plain(word): tuple(map(plain, strings(meant))) for word, meant in words.items()})
        except MALFORMED as error:
            files.malformed(name, error, Where(file=file.shown))
    return found


def stands_in(citation: str, article: str) -> bool:
    """Whether a citation is of this article: 法30条の9・別表第1の41の項 is of 法30条の9, not of 法30条の9の2."""
    rest = citation.removeprefix(article)
    return rest != citation and not rest.startswith("の")
