# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Report of an import (取込結果の一覧): what was kept out or wants a look, as CSV and as JSON lines.

The CSV is for a spreadsheet (UTF-8 with BOM, CRLF), the JSON lines for programs; both have the same findings in
the order of the file. No value of the register is in either (docs/reference/import-report.md).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Self

from openjuki.carriage.answers import write_questions
from openjuki.carriage.columns import find
from openjuki.carriage.faults import ASKED_SEQUENCE
from openjuki.carriage.files import Listing
from openjuki.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from types import TracebackType

    from openjuki.carriage.faults import Finding, RefusedRow, RejectedRow

    #: A finding as the report has it.
    type Line = dict[str, Any]
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

#: Beside the fields, in a line that asks: the sequences it asks about; they go into the list of questions.
_ASKED: Final = "asked"


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
    #: Where the sequences are listed whose shapes somebody must choose; None: none.
    questions: str | None

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
            "questions": self.questions,
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
        self._list = Listing(stem, "report", FIELDS)
        self._accepted = self._rejected = self._alerts = 0
        self._codes: Counter[str] = Counter()
        self._questions = stem.with_name(f"{stem.name}.questions.csv")
        self._asked: set[str] = set()

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
        self.close()

    def close(self) -> None:
        """Close both files, and write the questions: whoever goes on from here may rely on them."""
        self._list.close()
        if self._asked:
            write_questions(self._questions, self._asked)

    def write(self, chunk: Chunk[Any], refused: Sequence[RefusedRow | RejectedRow] = ()) -> None:
        """Take up a chunk, and which of its rows the node itself kept out."""
        self.add(lines(chunk, refused), accepted=len(chunk.rows) - len({finding.row for finding in refused}))

    def add(self, findings: Sequence[Line], *, accepted: int) -> None:
        """Take up the findings of a part of the file, and how many of its rows entered or stood there."""
        self._accepted += accepted
        self._rejected += len({line["row"] for line in findings if line["kind"] != "alert"})
        self._alerts += sum(line["kind"] == "alert" for line in findings)
        self._codes.update(line["code"] for line in findings)
        self._asked.update(*(line.get(_ASKED, ()) for line in findings))
        self._list.write(findings)

    def summary(self) -> ImportReport:
        """What has been counted so far."""
        return ImportReport(
            file=self._source.name,
            rows=self._accepted + self._rejected,
            accepted=self._accepted,
            rejected=self._rejected,
            alerts=self._alerts,
            codes=dict(sorted(self._codes.items())),
            report_csv=str(self._list.csv),
            report_jsonl=str(self._list.jsonl),
            questions=str(self._questions) if self._asked else None,
        )


def lines(chunk: Chunk[Any], refused: Sequence[RefusedRow | RejectedRow] = ()) -> list[Line]:
    """The findings of a chunk in the order of the file, those of the node among them."""
    found: list[RefusedRow | Finding] = [*chunk.rejected, *refused, *chunk.alerts]
    return [line(finding) for finding in sorted(found, key=attrgetter("row"))]


def line(finding: Finding | RefusedRow) -> Line:
    """A finding as the report has it."""
    column = finding.column and find(finding.column)
    asked = {_ASKED: finding.details[1:]} if finding.code == ASKED_SEQUENCE.code else {}
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
        **asked,
    }
