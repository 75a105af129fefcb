# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Report of an import (取込結果の一覧): what was kept out or wants a look, as CSV and as JSON lines.

The CSV is for a spreadsheet (UTF-8 with BOM, CRLF), the JSON lines for programs; both have the same findings in
the order of the file. No value of the register is in either (docs/reference/import-report.md).
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Self, TextIO

import orjson

from openjuki.carriage.columns import find
from openjuki.errors import BadInput, Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from types import TracebackType

    from openjuki.carriage.faults import Finding, RefusedRow, RejectedRow
    from openjuki.carriage.importing import Chunk

#: The columns of the CSV and the members of a line of JSON.
FIELDS: Final = (
    "row",
    "column",
    "column_ja",
    "kind",
    "code",
    "value_class",
    "value_class_ja",
    "remedy_ja",
    "remedy_en",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """Summary of an import (取込結果)."""

    #: Name of the file, without its folder.
    file: str
    #: Rows below the header.
    rows: int
    #: Rows that can enter.
    accepted: int
    #: Rows kept out, whatever number of faults they have.
    rejected: int
    #: Things to look at.
    alerts: int
    #: Findings by code.
    codes: dict[str, int]
    #: Where the findings are listed.
    report_csv: str
    report_jsonl: str

    @property
    def exit_code(self) -> int:
        """0: all rows entered; 3: some did not, the report lists them."""
        return BadInput.exit_code if self.rejected else 0

    def to_dict(self) -> dict[str, Any]:
        """JSON result."""
        return {
            "schema": "openjuki/import-report/1",
            "file": self.file,
            "rows": self.rows,
            "accepted": self.accepted,
            "rejected": self.rejected,
            "alerts": self.alerts,
            "codes": self.codes,
            "report_csv": self.report_csv,
            "report_jsonl": self.report_jsonl,
        }


class ReportWriter:
    """Writes findings as they come, and counts; a context manager.

    Args:
        source: the file that is imported.
        beside: the reports stand at ``<beside>.report.csv`` and ``<beside>.report.jsonl``, only their owner may
            read them; None: beside the source.

    Raises:
        Unavailable: a report cannot be written: no permission, or no space.
    """

    def __init__(self, source: Path, beside: Path | None = None) -> None:
        stem = beside or source
        self._source = source
        self._paths = stem.with_name(f"{stem.name}.report.csv"), stem.with_name(f"{stem.name}.report.jsonl")
        self._accepted = self._rejected = self._alerts = 0
        self._codes: Counter[str] = Counter()
        self._files = ExitStack()
        self._csv: csv.DictWriter[str] | None = None

    def __enter__(self) -> Self:
        """Nothing is written before there is a chunk: a file that cannot be read has no report."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close both files."""
        with _said_plainly():
            self._files.close()

    def write(self, chunk: Chunk[Any], refused: Sequence[RefusedRow | RejectedRow] = ()) -> None:
        """Take up a chunk, and which of its rows the node itself kept out."""
        rejected = len({finding.row for finding in chunk.rejected})
        refused_rows = len({finding.row for finding in refused})
        self._accepted += len(chunk.rows) - refused_rows
        self._rejected += rejected + refused_rows
        self._alerts += len(chunk.alerts)
        found: list[RefusedRow | Finding] = [*chunk.rejected, *refused, *chunk.alerts]
        findings = sorted(found, key=attrgetter("row"))
        self._codes.update(finding.code for finding in findings)
        with _said_plainly():
            table = self._csv or self._begin()
            for line in map(_line, findings):
                table.writerow(line)
                self._jsonl.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE).decode())

    def _begin(self) -> csv.DictWriter[str]:
        """Begin both files anew."""
        csv_file, self._jsonl = (
            self._files.enter_context(_open_privately(path, encoding))
            for path, encoding in zip(self._paths, ("utf-8-sig", "utf-8"), strict=True)
        )
        self._csv = csv.DictWriter(csv_file, FIELDS, lineterminator="\r\n")
        self._csv.writeheader()
        return self._csv

    def summary(self) -> ImportReport:
        """What has been counted so far."""
        return ImportReport(
            file=self._source.name,
            rows=self._accepted + self._rejected,
            accepted=self._accepted,
            rejected=self._rejected,
            alerts=self._alerts,
            codes=dict(sorted(self._codes.items())),
            report_csv=str(self._paths[0]),
            report_jsonl=str(self._paths[1]),
        )


def _open_privately(path: Path, encoding: str) -> TextIO:
    """Open a new file that only its owner may read."""
    return os.fdopen(
        os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding=encoding, newline=""
    )


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unavailable(f"the report cannot be written: {error.strerror}") from error


def _line(finding: Finding | RefusedRow) -> dict[str, Any]:
    column = finding.column and find(finding.column)
    return {
        "row": finding.row,
        "column": finding.column,
        "column_ja": column.japanese if column else None,
        "kind": finding.kind,
        "code": finding.code,
        "value_class": finding.value_class.english,
        "value_class_ja": finding.value_class.japanese,
        "remedy_ja": finding.remedy_ja,
        "remedy_en": finding.remedy_en,
    }
