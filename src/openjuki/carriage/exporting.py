# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Export of a register (台帳の書出し): the columns of an import, in an encoding that may lack characters.

Rules of this file:

1. What is written here can be imported again and gives the same register, unless something was lost.
2. Nothing is lost in silence: every character that the encoding cannot hold is listed, with what stands in its place
   (`losses`). Whoever exports says beforehand whether that is accepted; if not, no file is left.
3. The file appears whole, or not at all.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from openjuki.carriage.columns import COLUMNS
from openjuki.carriage.encoding import Encoding
from openjuki.carriage.files import Listing, open_privately, said_plainly
from openjuki.carriage.losses import Transcoder
from openjuki.carriage.records import disassemble
from openjuki.residents.changes import Action, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.sequences import code_points

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path
    from types import TracebackType

    from openjuki.carriage.columns import Column
    from openjuki.carriage.losses import Loss
    from openjuki.residents.history import HistoryRow

#: The columns of the list of losses and the members of a line of JSON.
LOSS_FIELDS: Final = (
    "row",
    "column",
    "column_ja",
    "character",
    "code_points",
    "mj",
    "replacement",
    "replacement_code_points",
    "by",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A resident as the register has them (書き出す住民)."""

    #: The present row.
    row: HistoryRow
    #: The first row of the stay: how the record came to stand here.
    entry: HistoryRow


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """What an export came to (書出しの結果)."""

    file: str
    encoding: str
    #: Residents in the file.
    rows: int
    #: Characters that the encoding cannot hold, each place counted.
    losses: int
    #: Of these, those that nothing can stand in for.
    unreplaced: int
    #: Residents who have lost something.
    rows_with_losses: int
    #: Whether there is a file: nothing was lost, or that was accepted.
    written: bool
    losses_csv: str
    losses_jsonl: str

    @property
    def exit_code(self) -> int:
        """0: there is a file; 1: something would be lost, and that was not accepted."""
        return 0 if self.written else 1

    def to_dict(self) -> dict[str, Any]:
        """JSON result."""
        return {name: getattr(self, name) for name in self.__slots__}


class RegisterWriter:
    """Writes a register; a context manager that leaves a whole file or none.

    Args:
        file: where the register shall stand; the losses stand beside it. Only their owner may read them.
        encoding: UTF-8 is written with BOM, as spreadsheets want it.
        accept_losses: whether a file is left though characters were lost.

    Raises:
        Unavailable: a file cannot be written: no permission, or no space.
    """

    def __init__(self, file: Path, encoding: Encoding, *, accept_losses: bool = False) -> None:
        self._file, self._encoding, self._accept = file, encoding, accept_losses
        self._draft = file.with_name(f".{file.name}.part")
        self._transcoder = Transcoder(encoding)
        self._list = Listing(file, "losses", LOSS_FIELDS)
        self._rows = self._losses = self._unreplaced = self._rows_with_losses = 0

    def __enter__(self) -> Self:
        """Begin both files anew."""
        with said_plainly("the register"):
            name = "utf-8-sig" if self._encoding is Encoding.UTF_8 else self._encoding.value
            self._out = open_privately(self._draft, name)
            self._write([[column.japanese for column in COLUMNS]])
        self._list.write(())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Put the file in its place, unless something went wrong or was lost."""
        with said_plainly("the register"):
            try:
                self._out.close()
                if error is None and self._is_accepted:
                    self._draft.replace(self._file)
            finally:
                self._draft.unlink(missing_ok=True)
        self._list.close()

    @property
    def _is_accepted(self) -> bool:
        return self._accept or not self._losses

    def write(self, residents: Iterable[Resident]) -> None:
        """Write residents in this order."""
        rows = [self._fitting(list(map(_text, _values(one)))) for one in residents]
        with said_plainly("the register"):
            self._write(rows)

    def summary(self) -> ExportReport:
        """What has been counted so far."""
        return ExportReport(
            file=str(self._file),
            encoding="utf-8-sig" if self._encoding is Encoding.UTF_8 else self._encoding.value,
            rows=self._rows,
            losses=self._losses,
            unreplaced=self._unreplaced,
            rows_with_losses=self._rows_with_losses,
            written=self._is_accepted,
            losses_csv=str(self._list.csv),
            losses_jsonl=str(self._list.jsonl),
        )

    def _fitting(self, cells: list[str]) -> list[str]:
        """The cells of a resident as the encoding holds them."""
        self._rows += 1
        if self._encoding is Encoding.UTF_8 or self._transcoder.holds("\t".join(cells)):
            return cells
        lost: list[tuple[Column, Loss]] = []
        for place, column in enumerate(COLUMNS):
            cells[place], losses = self._transcoder.convert(cells[place])
            lost += ((column, loss) for loss in losses)
        self._losses += len(lost)
        self._unreplaced += sum(loss.replacement is None for _, loss in lost)
        self._rows_with_losses += 1
        self._list.write(_line(self._rows + 1, column, loss) for column, loss in lost)
        return cells

    def _write(self, rows: Iterable[Sequence[str]]) -> None:
        text = io.StringIO()
        csv.writer(text, lineterminator="\r\n").writerows(rows)
        self._out.write(text.getvalue())


def _values(resident: Resident) -> Iterable[Any]:
    """The values of `COLUMNS`."""
    reason = resident.entry.change.reason
    is_entry = isinstance(reason, Reason) and reason.action is Action.ENTRY
    return (
        *disassemble(resident.row.record),
        reason if is_entry else None,
        resident.entry.change.date_of_change,
        resident.row.stay,
        resident.row.version,
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.text if isinstance(value, RecordedDate) else str(value)


def _line(row: int, column: Column, loss: Loss) -> dict[str, Any]:
    return {
        "row": row,
        "column": column.name,
        "column_ja": column.japanese,
        "character": loss.character,
        "code_points": code_points(loss.character),
        "mj": loss.mj,
        "replacement": loss.replacement,
        "replacement_code_points": loss.replacement and code_points(loss.replacement),
        "by": loss.by,
    }
