# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Reading the lines of the book (台帳の行の読込み): each file of a part stands until the part's next.

A line puts an affair under a basis. What the basis says is the Act's; the line adds whom its row names and
where it stands, and the affair's own definitions.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, Final

from openjuki.codes.local_government import municipalities, prefecture_of
from openjuki.config import Kind
from openjuki.law import definitions
from openjuki.law.basis import Area, Basis, NumberRule
from openjuki.law.edition import Line
from openjuki.law.files import MALFORMED, File, Files, string, strings
from openjuki.refusal import Where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from openjuki.law.recipients import Recipients

#: The first day on which a line stands, and the first on which it no longer does.
type _Span = tuple[date, date | None]

#: Columns of a table of affairs, and those that may be left out.
COLUMNS: Final = ("affair", "basis", "row", "recipient", "law", "title")
MORE_COLUMNS: Final = ("title_en", "words", "since", "until", "status", "government")
AWAITED: Final = "awaited"
_MEMBERS: Final = frozenset(("title_ja", "title_en", "law", "words", "recipient", "bases"))
_ID: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

#: What each cell must be, and what is said if it is not.
_CELLS: Final[tuple[tuple[str, Callable[[Mapping[str, str]], object], str], ...]] = (
    (
        "affair",
        lambda row: _ID.fullmatch(row["affair"]),
        "an affair is named in small letters, figures, hyphens",
    ),
    ("status", lambda row: row.get("status", "") in {"", AWAITED}, "a status is empty, or awaited"),
    ("recipient", lambda row: row["recipient"], "it names no recipient"),
    ("law", lambda row: row["law"] or _is_awaited(row), "it names no law"),
    ("title", lambda row: row["title"] or _is_awaited(row), "it has no title"),
    ("since", lambda row: _is_day(row.get("since", "")), "a day is written 2026-04-01"),
    ("until", lambda row: _is_day(row.get("until", "")), "a day is written 2026-04-01"),
    (
        "government",
        lambda row: not row.get("government") or row["government"] in municipalities(),
        "no local government bears the code",
    ),
)


@dataclass(slots=True, kw_only=True)
class Lines:
    """What lines are read with (行の読込み)."""

    files: Files
    bases: Mapping[str, Basis]
    recipients: Recipients
    #: Own definitions of affairs, by affair and basis.
    overrides: Mapping[str, Mapping[str, Mapping[str, Any]]]
    #: Laws under which recipients of a kind may use the number, and since when.
    number_laws: Mapping[Kind, Mapping[str, date]]
    #: Bases as they stand without the number.
    _numberless: dict[str, Basis] = field(default_factory=dict)

    def read(self) -> list[Line]:
        """The lines of all parts; a row of an affair that stands twice on a day is a fault."""
        found: list[Line] = []
        for part in _parts(self.files).values():
            days = sorted(part)
            for since, until in zip_longest(days, days[1:]):
                of_file = self._of_csv if part[since].path.endswith(".csv") else self._of_toml
                found += of_file(part[since], since, until)
        _check_overlaps(found, self.files)
        return found

    def _of_toml(self, file: File, since: date, until: date | None) -> Iterator[Line]:
        for name, entry in self.files.tables(file).items():
            where = Where(file=file.shown)
            try:
                yield from [*self._entry(name, entry, (since, until), where)]
            except MALFORMED as error:
                self.files.malformed(name, error, where)

    def _entry(self, name: str, entry: Mapping[str, Any], stands: _Span, where: Where) -> Iterator[Line]:
        """The lines of an entry, each of its bases in turn."""
        names = strings(entry["bases"])
        unknown = entry.keys() - _MEMBERS - set(names)
        if unknown:
            raise ValueError(f"no such member: {', '.join(sorted(unknown))}")
        if not names:
            raise ValueError("it rests on no basis")
        law, recipient = string(entry["law"]), string(entry.get("recipient", ""))
        row = {"affair": name, "row": "", "recipient": recipient, "law": law}
        bases = [self.bases[basis] for basis in names]
        if any(map(_is_anothers, bases)):
            raise ValueError("whose ordinance it is can only a table (CSV) say")
        for basis in bases:
            for since, until in self._spans(basis, law, stands):
                yield Line(
                    affair=name,
                    title_ja=string(entry["title_ja"]),
                    title_en=string(entry["title_en"]),
                    law=law,
                    words=strings(entry.get("words", [])),
                    basis=self._basis(basis, row, since, entry.get(basis.id, {})),
                    since=since,
                    until=until,
                    where=where,
                )

    def _of_csv(self, file: File, since: date, until: date | None) -> Iterator[Line]:
        for where, row in self.files.rows(file, COLUMNS, MORE_COLUMNS):
            wrong = [(column, what) for column, holds, what in _CELLS if not holds(row)]
            wrong += self._wrong_basis(row)
            for column, what in wrong:
                self._cell(row, what, where, column)
            if wrong:
                continue
            begins = max(since, _day(row.get("since", "")) or since)
            ends = min((day for day in (_day(row.get("until", "")), until) if day), default=None)
            if ends is not None and ends <= begins:
                self._cell(row, "it ends before it begins", where, "until")
                continue
            spans = self._spans(self.bases[row["basis"]], row["law"], (begins, ends))
            try:
                yield from [self._line(row, span, where) for span in spans]
            except MALFORMED as error:
                self._cell(row, str(error), where, "basis")

    def _wrong_basis(self, row: Mapping[str, str]) -> Iterator[tuple[str, str]]:
        """What is wrong with the basis of a row, by column."""
        basis = self.bases.get(row["basis"])
        if basis is None:
            yield "basis", "there is no such basis"
        elif _is_anothers(basis) and not row.get("government"):
            yield "government", "it does not say whose ordinance it is"
        elif row.get("government") in municipalities() and not _may_ordain(basis, row["government"]):
            yield "government", "another kind of government provides by ordinance under this basis"

    def _cell(self, row: Mapping[str, str], what: str, where: Where, column: str) -> None:
        self.files.malformed(row["affair"], ValueError(what), replace(where, column=column))

    def _spans(self, basis: Basis, laws: str, stands: _Span) -> Iterator[_Span]:
        """The time of a line, cut where the recipient may begin to use the number (番号法9条1項)."""
        since, until = stands
        begins = self._number_since(basis, laws)
        if begins is None or begins <= since or begins >= (until or date.max):
            yield stands
        else:
            yield since, begins
            yield begins, until

    def _line(self, row: Mapping[str, str], span: _Span, where: Where) -> Line:
        since, until = span
        basis = self._basis(self.bases[row["basis"]], row, since, {})
        return Line(
            affair=row["affair"],
            title_ja=row["title"],
            title_en=row.get("title_en", "") or _in_english(basis),
            law=row["law"],
            words=tuple(row.get("words", "").split()),
            basis=basis,
            since=since,
            until=until,
            awaited=_is_awaited(row),
            where=where,
        )

    def _basis(self, basis: Basis, row: Mapping[str, str], day: date, own: Mapping[str, Any]) -> Basis:
        """A basis as a row has it from this day on."""
        more = {**self.overrides.get(row["affair"], {}).get(basis.id, {}), **definitions.read(own)}
        base = definitions.check(replace(basis, **more)) if more else basis
        number_since = self._number_since(basis, row["law"])
        if number_since is None or day < number_since:
            base = definitions.without_number(base) if more else self._without_number(base)
        if not row["recipient"] and not row["row"]:
            return base
        return replace(
            base,
            article=_article(basis, row["row"]),
            row=row["row"],
            listed=row["recipient"],
            names=self.recipients.names(row["recipient"]),
            government=row.get("government") or None,
        )

    def _number_since(self, basis: Basis, laws: str) -> date | None:
        """From which day on the Number Act lets the recipient use the number under one of these laws; None: never."""
        if basis.number is not NumberRule.NUMBER_ACT:
            return date.min
        listed = self.number_laws[basis.recipient]
        return min((listed[law] for law in map(str.strip, laws.split(";")) if law in listed), default=None)

    def _without_number(self, basis: Basis) -> Basis:
        if basis.id not in self._numberless:
            self._numberless[basis.id] = definitions.without_number(basis)
        return self._numberless[basis.id]


def _parts(files: Files) -> Mapping[str, Mapping[date, File]]:
    """The files of affairs by part and day."""
    parts: dict[str, dict[date, File]] = {}
    for file in files.all:
        match file.path.split("/"):
            case ["affairs", part, name]:
                day = _day(name.rsplit(".", 1)[0])
                if day is None:
                    files.fault("a file of affairs is named by its day", Where(file=file.shown))
                elif day in parts.setdefault(part, {}):
                    files.fault("the part has a file of this day already", Where(file=file.shown))
                else:
                    parts[part][day] = file
            case _:
                pass
    return parts


def _check_overlaps(lines: list[Line], files: Files) -> None:
    seen: dict[tuple[str, str, str, str], list[Line]] = {}
    for line in lines:
        others = seen.setdefault((line.affair, line.basis.id, line.basis.row, line.basis.listed), [])
        if any(_overlap(line, other) for other in others):
            files.fault(f"affair {line.affair!r} stands twice on a day: validity overlaps", line.where)
        others.append(line)


def _overlap(one: Line, other: Line) -> bool:
    return one.since < (other.until or date.max) and other.since < (one.until or date.max)


def _is_anothers(basis: Basis) -> bool:
    """Whether it lets somebody be told by whose ordinance it is (法30条の13第2項・第3項, 法30条の14)."""
    return basis.area is Area.PROVIDER


def _may_ordain(basis: Basis, government: str) -> bool:
    """Whether the ordinance of this government can be what a governor, or a mayor, provides by."""
    is_prefecture = government == prefecture_of(government)
    return basis.provider is Kind.CENTRE or is_prefecture is (basis.provider is Kind.PREFECTURE)


def _article(basis: Basis, row: str) -> str:
    """The article with the row: 法30条の9・別表第1の41の項."""
    if not row:
        return basis.article
    if basis.table is None:
        return f"{basis.article}・{row}"
    return f"{basis.article}・別表第{basis.table}の{row.replace('-', 'の')}の項"


def _in_english(basis: Basis) -> str:
    return f"Work under row {basis.row} of Table {basis.table}" if basis.table else basis.title_en


def _is_awaited(row: Mapping[str, str]) -> bool:
    return row.get("status") == AWAITED


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _is_day(text: str) -> bool:
    return not text or _day(text) is not None
