# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The book's files as text (台帳のファイル): their tables and rows, and the faults that are found on the way.

Tables of the Act are CSV, one row a line; what has few entries with many members is TOML. The files are
those of the program and, under the same paths, those that a folder of the node's home adds.
"""

from __future__ import annotations

import csv
import tomllib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openjuki.errors import BadConfiguration
from openjuki.refusal import Where

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

#: What goes wrong when an entry lacks something, or has it in another form.
MALFORMED: Final = (KeyError, ValueError, TypeError, AttributeError)


def string(value: object) -> str:
    """A text as TOML has it.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(value, str):
        raise TypeError("a text stands in quotation marks")
    return value


def strings(value: object) -> tuple[str, ...]:
    """A list of texts as TOML has it; one text alone is none.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(value, list):
        raise TypeError("texts stand in a list")
    return tuple(map(string, value))


def day(value: object) -> date:
    """A day as TOML has it; a day with a time is none.

    Raises:
        TypeError: it is something else.
    """
    if not isinstance(value, date) or isinstance(value, datetime):
        raise TypeError("a day is written 2026-04-01")
    return value


class File(NamedTuple):
    """One file of the book (台帳のファイル)."""

    #: Below the folder of the book.
    path: str
    #: Where it stands, as a fault names it.
    shown: str
    text: str


class Files:
    """The files of a book (台帳のファイル一式), and the faults that were found in them."""

    def __init__(self, texts: Mapping[str, str], added: Mapping[str, str], shown: str) -> None:
        """Take the program's texts and those that are added, which stand in the folder `shown`."""
        self.all = [File(path, path, text) for path, text in texts.items()]
        self.all += [File(path, shown + path, text) for path, text in added.items()]
        self.faults: list[BadConfiguration] = []

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        return any(file.path == path for file in self.all)

    def fault(self, message: str, where: Where) -> None:
        """Note a fault; reading goes on."""
        self.faults.append(BadConfiguration(message, where=where))

    def malformed(self, entry: str, error: Exception, where: Where) -> None:
        """Note that an entry cannot be read."""
        what = f"lacks {error}" if isinstance(error, KeyError) else str(error)
        self.fault(f"entry {entry!r} of the statute book lacks something or is malformed: {what}", where)

    def tables(self, file: File) -> Mapping[str, Any]:
        """The tables of a TOML file; none where it is not TOML."""
        try:
            return tomllib.loads(file.text)
        except tomllib.TOMLDecodeError as error:
            self.fault(f"not TOML: {error}", Where(file=file.shown))
            return {}

    def entries(self, path: str) -> Iterator[tuple[File, str, Any]]:
        """The entries of a TOML file, and then of the one that is added to it."""
        for file in self.all:
            if file.path == path:
                yield from ((file, name, entry) for name, entry in self.tables(file).items())

    def rows(
        self, file: File, columns: tuple[str, ...], more: Iterable[str] = ()
    ) -> Iterator[tuple[Where, Mapping[str, str]]]:
        """The rows of a CSV file with these columns, and perhaps more; the header is row 1."""
        try:
            header, *table = csv.reader(file.text.splitlines(), strict=True)
        except (csv.Error, ValueError) as error:
            self.fault(f"not CSV: {error}", Where(file=file.shown))
            return
        wrong = [
            *((name, "missing") for name in columns if name not in header),
            *((name, "not known") for name in header if name not in {*columns, *more}),
        ]
        for name, what in wrong:
            self.fault(f"column {name!r} is {what}", Where(file=file.shown, row=1, column=name))
        if wrong:
            return
        for number, cells in enumerate(table, start=2):
            where = Where(file=file.shown, row=number)
            if len(cells) == len(header):
                yield where, dict(zip(header, cells, strict=True))
            else:
                self.fault("a row has as many cells as the header", where)

    def rows_of(self, path: str, columns: tuple[str, ...]) -> Iterator[tuple[Where, Mapping[str, str]]]:
        """The rows of a CSV file, and then of the one that is added to it."""
        for file in self.all:
            if file.path == path:
                yield from self.rows(file, columns)
