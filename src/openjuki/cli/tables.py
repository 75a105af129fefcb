# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Tables on a screen that may be too narrow: first the headings go on two lines, then rows become lists.

Japanese may be broken anywhere, and is read on below; a word, a code or a time that is broken is read wrongly.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from rich.console import RenderableType
    from rich.table import Table


class _Span(NamedTuple):
    """How narrow a column may be without a word being broken, and how wide it would be."""

    least: int
    natural: int


def fitted(table: Table, width: int, *, ids: int | None) -> Iterator[RenderableType]:
    """The table as it fits the width; where it does not, a list: row by row, each cell after its heading."""
    room = width - 3 * len(table.columns) - 1
    spans = [_span([column.header, *column.cells]) for column in table.columns]
    if sum(span.natural for span in spans) > room:
        for column in table.columns:
            column.header = str(column.header).replace(" ", "\n", 1)
        spans = [_span([column.header, *column.cells]) for column in table.columns]
    if sum(span.least for span in spans) > room:
        yield from _listed(table, ids or 0)
        return
    for column, share in zip(table.columns, _shares(spans, room), strict=True):
        column.width, column.overflow = share, "fold"
    yield table


def _span(cells: Iterable[RenderableType]) -> _Span:
    lines = [line for cell in cells for line in _text(cell).plain.split("\n")]
    words = [word for line in lines for word in (re.findall("[!-~]+", line) or line[:1])]
    return _Span(max(map(cell_len, words), default=0), max(map(cell_len, lines), default=0))


def _shares(spans: Sequence[_Span], room: int) -> list[int]:
    """What each column gets: its words whole, and of what is left as much as the others."""
    shares = [span.least for span in spans]
    for _ in range(room - sum(shares)):
        wanting = [place for place, span in enumerate(spans) if shares[place] < span.natural]
        if wanting:
            shares[min(wanting, key=shares.__getitem__)] += 1
    return shares


def _text(cell: RenderableType) -> Text:
    return cell if isinstance(cell, Text) else Text(str(cell))


def _listed(table: Table, head: int) -> Iterator[Text]:
    if table.title:
        yield Text(str(table.title))
    headings = [_text(column.header).plain.replace("\n", " ") for column in table.columns]
    for row in zip(*(map(_text, column.cells) for column in table.columns), strict=True):
        yield Text("  ").join(row[head].split("\n"))
        for place, cell in enumerate(row):
            if place != head and cell.plain:
                yield Text(f"  {headings[place]}: ") + Text(" ").join(cell.split("\n"))
