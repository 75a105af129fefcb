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

from openjuki.codes.local_government import municipalities
from openjuki.law import definitions
from openjuki.law.basis import Basis, NumberRule
from openjuki.law.edition import Line
from openjuki.law.files import MALFORMED, File, Files
from openjuki.refusal import Where

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from openjuki.config import Kind
    from openjuki.law.recipients import Recipients

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
        where = Where(file=file.shown)
        for name, entry in self.files.tables(file).items():
            try:
                yield from [
                    replace(line, since=since, until=until, where=where) for line in self._entry(name, entry)
                ]
            except MALFORMED as error:
                self.files.malformed(name, error, where)

    def _entry(self, name: str, entry: Mapping[str, Any]) -> Iterator[Line]:
        unknown = entry.keys() - _MEMBERS - set(entry["bases"])
        if unknown:
            raise ValueError(f"no such member: {', '.join(sorted(unknown))}")
        for basis in entry["bases"]:
            row = {"affair": name, "row": "", "recipient": entry.get("recipient", ""), "law": entry["law"]}
            yield Line(
                affair=name,
                title_ja=entry["title_ja"],
                title_en=entry["title_en"],
                law=entry["law"],
                words=tuple(entry.get("words", ())),
                basis=self._basis(self.bases[basis], row, date.max, entry.get(basis, {})),
                since=date.min,
                until=None,
            )

    def _of_csv(self, file: File, since: date, until: date | None) -> Iterator[Line]:
        for where, row in self.files.rows(file, COLUMNS, MORE_COLUMNS):
            wrong = [(column, what) for column, holds, what in _CELLS if not holds(row)]
            if row["basis"] not in self.bases:
                wrong.append(("basis", "there is no such basis"))
            for column, what in wrong:
                self._cell(row, what, where, column)
            if wrong:
                continue
            begins = max(since, _day(row.get("since", "")) or since)
            ends = min((day for day in (_day(row.get("until", "")), until) if day), default=None)
            if ends is not None and ends <= begins:
                self._cell(row, "it ends before it begins", where, "until")
                continue
            try:
                yield self._line(row, since, begins, ends, where)
            except MALFORMED as error:
                self._cell(row, str(error), where, "basis")

    def _cell(self, row: Mapping[str, str], what: str, where: Where, column: str) -> None:
        self.files.malformed(row["affair"], ValueError(what), replace(where, column=column))

    def _line(self, row: Mapping[str, str], day: date, since: date, until: date | None, where: Where) -> Line:
        basis = self._basis(self.bases[row["basis"]], row, day, {})
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
        """A basis as a row of a file of this day has it."""
        more = {**self.overrides.get(row["affair"], {}).get(basis.id, {}), **definitions.read(own)}
        base = definitions.check(replace(basis, **more)) if more else basis
        if basis.number is NumberRule.NUMBER_ACT and not self._may_use_number(
            basis.recipient, row["law"], day
        ):
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

    def _may_use_number(self, kind: Kind, laws: str, day: date) -> bool:
        since = self.number_laws[kind]
        return any(since.get(law.strip(), date.max) <= day for law in laws.split(";"))

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
