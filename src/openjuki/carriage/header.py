# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The header of a file (見出し行): which column stands where, and the values of the rows below."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from openjuki.carriage.columns import find
from openjuki.carriage.faults import (
    ASKED_SEQUENCE,
    BAD_ENCODING,
    CONTROL_CHARACTER,
    MAPPED_SEQUENCE,
    UNKNOWN_COLUMN,
    UNKNOWN_SEQUENCE,
    Alert,
    RejectedRow,
    ValueClass,
)
from openjuki.carriage.forms import Diagnosis
from openjuki.errors import BadHeader, BadInput
from openjuki.refusal import Where
from openjuki.residents.sequences import NO_ANSWERS, admit, code_points, has_sequences

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from openjuki.carriage.columns import Column
    from openjuki.carriage.tables import BrokenRow, Row
    from openjuki.residents.characters import Shape
    from openjuki.residents.sequences import Answers, ShapeQuestion

_HEADER_ROW: Final = 1
#: Readings of a column that are remembered: a century has 36,525 days.
_REMEMBERED: Final = 2**16
#: Other names of columns are repeated in reports only where they look like a name.
_NAME: Final = re.compile(r"[\w・ （）()「」、-]{1,40}")


type Wrong = dict[str, Diagnosis]


class Header:
    """Header of a file whose columns are known (見出し行).

    Args:
        names: the cells of the first row.
        columns: the columns to look for.
        required: names of those that must be there.
        answers: which shapes sequences mean that are not of the list (`residents.sequences`).
        look_over: whether damage is looked for in columns that are not read.

    Raises:
        BadHeader: a required column is missing, or one is there twice; `where.column` names them.
    """

    def __init__(
        self,
        names: Sequence[str],
        columns: Sequence[Column],
        required: Collection[str],
        answers: Answers = NO_ANSWERS,
        *,
        look_over: bool = True,
    ) -> None:
        found = [find(name, columns) for name in names]
        present = [column.name for column in found if column is not None]
        _insist(names, [name for name in required if name not in present])
        _refuse_doubles(present)
        places = {column.name: index for index, column in enumerate(found) if column is not None}
        self._columns = [(column, places.get(column.name), _reader(column)) for column in columns]
        self._answers = answers
        self._look_over = look_over
        self._mapped: dict[int, list[Alert]] = {}
        self._unknown = [
            (index, name)
            for index, (name, column) in enumerate(zip(names, found, strict=True))
            if column is None
        ]

    def read(self, rows: Sequence[Row]) -> Iterator[tuple[Row, tuple[Any, ...], Wrong]]:
        """The values of rows in the order of the columns, None for empty cells; and what is wrong, by column.

        A column of many rows is read at once, which is several times faster than row by row. Blanks at the
        ends of a cell are padding, no part of the value.
        """
        if not rows:
            return iter(())
        wrong: list[Wrong] = [
            dict(self._unread(row.cells)) if row.suspect and self._look_over else {} for row in rows
        ]
        written = (
            self._admitted(row, its) if row.sequences else row.cells
            for row, its in zip(rows, wrong, strict=True)
        )
        cells = list(zip(*written, strict=True))
        nothing = (None,) * len(rows)
        values = [
            nothing if place is None or not any(cells[place]) else _read(column, read, cells[place], wrong)
            for column, place, read in self._columns
        ]
        return zip(rows, zip(*values, strict=True), wrong, strict=True)

    def _unread(self, cells: Sequence[str]) -> Iterator[tuple[str, Diagnosis]]:
        """Damage in cells that are not read, which shows that the row did not come through whole."""
        for index, name in self._unknown:
            cell = cells[index]
            if re.search("[\ud800-\udfff]", cell):
                yield _name(index, name), Diagnosis(BAD_ENCODING, ValueClass.of(cell))
            elif "\0" in cell:
                yield _name(index, name), Diagnosis(CONTROL_CHARACTER, ValueClass.of(cell))

    def mapped(self, row: int) -> Sequence[Alert]:
        """The sequences of a row that became shapes of the list; told once."""
        return self._mapped.pop(row, ())

    def _admitted(self, row: Row, wrong: Wrong) -> Sequence[str]:
        """The cells of a row, their variation sequences (異体字列) those of the list or else wrong."""
        cells = list(row.cells)
        for column, place, _ in self._columns:
            if place is None or not has_sequences(cells[place]):
                continue
            admitted, value_class = admit(cells[place], self._answers), ValueClass.of(cells[place])
            if admitted.unknown:
                told = ", ".join(map(code_points, admitted.unknown))
                wrong[column.name] = Diagnosis(UNKNOWN_SEQUENCE, value_class, (told,))
            elif admitted.asked:
                wrong[column.name] = Diagnosis(ASKED_SEQUENCE, value_class, _asking(admitted.asked))
            else:
                cells[place] = admitted.text
            if admitted.mapped:
                told = ", ".join(
                    f"{code_points(sequence)}: {shape.mj}" for sequence, shape in admitted.mapped
                )
                self._mapped.setdefault(row.row, []).append(
                    Alert(
                        row=row.row,
                        column=column.name,
                        value_class=value_class,
                        fault=MAPPED_SEQUENCE,
                        details=(told,),
                    )
                )
        return cells

    def alerts(self) -> Iterator[Alert]:
        """The columns that are not known."""
        for index, name in self._unknown:
            yield Alert(
                row=_HEADER_ROW,
                column=_name(index, name),
                value_class=ValueClass.of(name),
                fault=UNKNOWN_COLUMN,
            )


class _Memory(dict[str, Any]):
    """Readings of cells, remembered: the values of a register repeat."""

    def __init__(self, read: Callable[[str], Any]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: str) -> Any:
        value = self._read(cell)
        if len(self) >= _REMEMBERED:
            self.clear()
        self[cell] = value
        return value


def _reader(column: Column) -> Callable[[str], Any]:
    """Reads a cell, padding and emptiness included."""
    read_text = column.form.read

    def read(cell: str) -> Any:
        text = cell.strip()
        return read_text(text) if text else None

    return _Memory(read).__getitem__ if column.form.repeats else read


def _read(
    column: Column, read: Callable[[str], Any], cells: Sequence[str], wrong: Sequence[Wrong]
) -> Sequence[Any]:
    """One column of many rows; what is wrong with a cell goes to its row, and its value is None."""
    try:
        return list(map(read, cells))
    except BadInput:
        return [_read_carefully(column, read, cell, its) for cell, its in zip(cells, wrong, strict=True)]


def _read_carefully(column: Column, read: Callable[[str], Any], cell: str, wrong: Wrong) -> Any:
    try:
        return read(cell)
    except BadInput:
        wrong[column.name] = column.form.diagnose(cell.strip())
        return None


def _asking(questions: Sequence[ShapeQuestion]) -> tuple[str, ...]:
    """What the remedy says of questions, and then the sequences that are asked about."""
    told = "; ".join(f"{one.code_points}: {', '.join(map(_shape, one.candidates))}" for one in questions)
    return (told, *(one.sequence for one in questions))


def _shape(shape: Shape) -> str:
    return f"{shape.mj} ({code_points(shape.text)})"


def _insist(names: Sequence[str], missing: Sequence[str]) -> None:
    if missing:
        hint = "; are the cells separated by commas?" if len(names) == 1 else ""
        listed = ", ".join(missing)
        raise BadHeader(f"the header lacks {listed}{hint}", where=Where(row=_HEADER_ROW, column=listed))


def _refuse_doubles(present: Sequence[str]) -> None:
    doubles = sorted({name for name in present if present.count(name) > 1})
    if doubles:
        listed = ", ".join(doubles)
        raise BadHeader(f"the header names {listed} twice", where=Where(row=_HEADER_ROW, column=listed))


def _name(index: int, name: str) -> str:
    name = unicodedata.normalize("NFKC", name)
    return name if _NAME.fullmatch(name) else f"#{index + 1}"


def rejections(row: int, wrong: Mapping[str, Diagnosis]) -> list[RejectedRow]:
    """A row that is rejected, once for each column at fault."""
    return [
        RejectedRow(row=row, column=column, value_class=value_class, fault=fault, details=details)
        for column, (fault, value_class, details) in wrong.items()
    ]


def broken(row: BrokenRow) -> RejectedRow:
    """A row that does not fall into cells, rejected."""
    return RejectedRow(row=row.row, column=None, value_class=row.value_class, fault=row.fault)
