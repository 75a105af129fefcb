# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The book of a running node (備付けの台帳): a new text in its folder is taken up without a restart.

A text that takes effect at midnight lies in the folder before; its day is all it takes. A file that comes,
goes or changes while the node runs is noticed at the next look, once a second at most. A folder that cannot
be read as a book changes nothing: the node goes on with the book it has, and `fault` says what is wrong.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from openjuki.errors import BadConfiguration
from openjuki.law.book import SUFFIXES, Book

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from pathlib import Path

#: How often the folder is looked at.
LOOK_EVERY: Final = timedelta(seconds=1)


class Shelf:
    """A folder with the node's own files of the book (備付けの台帳)."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; that it is not there is the same as that it is empty.

        Raises:
            BadConfiguration: the folder cannot be read as a book; a node does not begin with half a law.
        """
        self._folder = folder
        self._seen = _stamps(folder)
        self._book = Book.load(folder)
        self._looked: datetime | None = None
        #: What is wrong with the folder as it lies there now; None: nothing.
        self.fault: BadConfiguration | None = None

    def book(self, at: datetime) -> Book:
        """The book at that moment."""
        if self._looked is None or abs(at - self._looked) >= LOOK_EVERY:
            self._looked = at
            self._look()
        return self._book

    def _look(self) -> None:
        stamps = _stamps(self._folder)
        if stamps == self._seen:
            return
        self._seen = stamps
        try:
            self._book = Book.load(self._folder)
        except BadConfiguration as fault:
            self.fault = fault
        else:
            self.fault = None


def _stamps(folder: Path) -> Mapping[Path, tuple[int, ...]]:
    """What tells a changed file: when it was written, when it was put there or let be read, and how long it is."""
    stamps = {}
    for path in folder.rglob("*"):
        if path.suffix in SUFFIXES:
            with suppress(FileNotFoundError):  # gone since it was listed: the next look tells
                stat = path.stat()
                stamps[path] = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size)
    return stamps
