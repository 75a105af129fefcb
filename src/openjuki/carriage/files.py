# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Files that tell of people (一覧・書出しのファイル): only their owner may read them."""

from __future__ import annotations

import csv
import os
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TextIO

import orjson

from openjuki.errors import NotWritable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path


class Listing:
    """A list for people and for programs (一覧): CSV for a spreadsheet (UTF-8 with BOM, CRLF), and JSON lines.

    Args:
        stem: the lists stand at ``<stem>.<name>.csv`` and ``<stem>.<name>.jsonl``.
        name: what they list.
        fields: the columns of the CSV and the members of a line of JSON; others are passed over.
    """

    def __init__(self, stem: Path, name: str, fields: Sequence[str]) -> None:
        self.csv = stem.with_name(f"{stem.name}.{name}.csv")
        self.jsonl = stem.with_name(f"{stem.name}.{name}.jsonl")
        self._fields = fields
        self._name = name
        self._files = ExitStack()
        self._writers: tuple[csv.DictWriter[str], TextIO] | None = None

    def write(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """Write lines; the first time, both files are begun anew.

        Raises:
            NotWritable: they cannot be written.
        """
        with said_plainly(f"the {self._name}"):
            table, objects = self._writers or self._begin()
            for line in lines:
                told = {field: line[field] for field in self._fields}
                table.writerow(told)
                objects.write(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE).decode())

    def close(self) -> None:
        """Close both files: whoever goes on from here may rely on them.

        Raises:
            NotWritable: what is left cannot be written.
        """
        with said_plainly(f"the {self._name}"):
            self._files.close()

    def _begin(self) -> tuple[csv.DictWriter[str], TextIO]:
        file, objects = (
            self._files.enter_context(open_privately(path, encoding))
            for path, encoding in ((self.csv, "utf-8-sig"), (self.jsonl, "utf-8"))
        )
        table = csv.DictWriter(file, self._fields, lineterminator="\r\n")
        table.writeheader()
        self._writers = table, objects
        return self._writers


def open_privately(path: Path, encoding: str) -> TextIO:
    """Open a new text file, 0600."""
    return os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding=encoding, newline=""
    )


@contextmanager
def said_plainly(what: str) -> Iterator[None]:
    """A file that cannot be written is a sentence.

    Raises:
        NotWritable: it has no folder, no permission, or no space.
    """
    try:
        yield
    except OSError as error:
        raise NotWritable(f"{what} cannot be written: {error.strerror}") from error
