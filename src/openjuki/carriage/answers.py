# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Answers of operators (字形の回答): which shape of the MJ list a sequence of Adobe-Japan1 means, as a table.

An import writes the questions beside its report (`write_questions`), with an empty column for the answers; filled in, the
same table is read (`read_answers`). Sequences and shapes are given as text, by code points or, shapes, by number.
"""

from __future__ import annotations

import csv
import re
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from openjuki.carriage.files import open_privately, said_plainly
from openjuki.carriage.tables import BrokenRow, open_table
from openjuki.errors import BadHeader, BadInput
from openjuki.refusal import Where
from openjuki.residents.characters import mj_of
from openjuki.residents.sequences import candidates_of, code_points

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from openjuki.carriage.tables import Row

#: The columns of the table; a table of answers needs `sequence` and `answer`.
QUESTION_FIELDS: Final = ("sequence", "code_points", "candidates", "answer")

_CODE_POINTS: Final = re.compile(r"U\+[0-9A-Fa-f]{4,6}(?:[ ,]+U\+[0-9A-Fa-f]{4,6})*")


def read_answers(path: Path) -> dict[str, str]:
    """The text of the shape by the sequence it answers for; rows without an answer are passed over.

    Raises:
        BadFile: no row can be read.
        BadInput: something is no sequence that is asked about, or no shape of its character; `where` names the row.
    """
    with open_table(path) as table:
        names = [name.strip().lower() for name in table.header]
        for needed in ("sequence", "answer"):
            if needed not in names:
                raise BadHeader(f"the header lacks {needed}", where=Where(row=1, column=needed))
        places = names.index("sequence"), names.index("answer")
        return dict(answer for row in table.rows() if (answer := _answer(row, places, path)) is not None)


def write_questions(path: Path, asked: Iterable[str]) -> None:
    """Write the questions about these sequences as a table that only its owner may read; answers in it stay.

    Raises:
        Unavailable: it cannot be written.
    """
    answered = _answered(path)
    with said_plainly("the list of questions"), ExitStack() as stack:
        file = stack.enter_context(open_privately(path, "utf-8-sig"))
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(QUESTION_FIELDS)
        for sequence in sorted({*asked, *answered}):
            shapes = " / ".join(f"{shape.mj} {shape.text}" for shape in candidates_of(sequence))
            writer.writerow((sequence, code_points(sequence), shapes, answered.get(sequence, "")))


def _answered(path: Path) -> dict[str, str]:
    """What somebody has answered already in a table that is about to be written again."""
    try:
        return read_answers(path)
    except BadInput:  # none is there, or none that answers
        return {}


def _answer(row: Row | BrokenRow, places: tuple[int, int], path: Path) -> tuple[str, str] | None:
    where = Where(file=path.name, row=row.row)
    if isinstance(row, BrokenRow):
        raise BadInput(row.fault.remedy_en, where=where)
    sequence, answer = (_text(row.cells[place].strip()) for place in places)
    if not answer:
        return None
    candidates = candidates_of(sequence)
    if not candidates:
        raise BadInput("not a sequence of Adobe-Japan1 with shapes in the MJ list", where=where)
    written, numbered = mj_of(answer), {shape.mj: shape.text for shape in candidates}
    if answer not in numbered and (written is None or written.mj not in numbered):
        raise BadInput("the answer is none of the candidates", where=where)
    return sequence, numbered.get(answer, answer)


def _text(cell: str) -> str:
    """A text, or what code points write."""
    if not _CODE_POINTS.fullmatch(cell):
        return cell
    return "".join(chr(int(point.removeprefix("U+"), 16)) for point in re.split("[ ,]+", cell))
