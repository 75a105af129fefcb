# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Reports as text and as CSV (帳票の出力): "-" for no use, blank where an affair was not in force."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from openjuki.oversight.layouts import Cell, Sheet

_GAP: Final = "  "


def lines(sheet: Sheet) -> Iterator[str]:
    """A table in columns, numbers to the right; Japanese characters are two wide."""
    rows = [sheet.columns, *(tuple(map(printed, row)) for row in sheet.rows)]
    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    numbers = [any(isinstance(cell, int) for cell in column) for column in zip(*sheet.rows, strict=True)]
    for row in rows:
        cells = zip(row, widths, numbers, strict=True)
        yield _GAP.join(_padded(text, width, right=right) for text, width, right in cells).rstrip()


def write_csv(path: Path, sheets: Iterable[Sheet]) -> None:
    """All tables one after the other, each with its title before every row; spreadsheets know the encoding."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for sheet in sheets:
            writer.writerow(("表", *sheet.columns))
            writer.writerows((sheet.title, *map(_bare, row)) for row in sheet.rows)


def printed(cell: Cell) -> str:
    """A cell as people read it."""
    return f"{cell:,}" if isinstance(cell, int) and cell else _bare(cell)


def _bare(cell: Cell) -> str:
    if cell is None:
        return ""
    return "-" if cell == 0 else str(cell)


def _padded(text: str, width: int, *, right: bool) -> str:
    space = " " * (width - cell_len(text))
    return space + text if right else text + space
