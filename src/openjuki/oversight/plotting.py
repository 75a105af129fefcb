# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Tables as pictures (図): stacked columns by fiscal year, as SVG that stands alone; pure.

A picture says nothing by colour alone: the parts of a column lie in the order of the legend, each column bears its
sum, and the description of the picture has every number.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from openjuki.oversight.layouts import Sheet

_WIDTH, _HEIGHT = 960, 540
_LEFT, _RIGHT, _TOP, _BOTTOM = 96, 24, 96, 48
_LOOKS: Final = 'role="img" lang="ja" font-family="sans-serif" font-size="14"'
#: Apart for whoever sees colours otherwise, and on paper; from light to dark and back.
_COLOURS: Final = ("#0b5394", "#f0a030", "#4c9f70", "#a64d79", "#7f7f7f", "#6fa8dc", "#b45f06", "#274e13")
#: Of the width of a column's place.
_COLUMN: Final = 0.64
_LINES: Final = 5
#: Where a scale may end, in tenths of a power of ten.
_TOPS: Final = (10, 15, 20, 25, 30, 40, 50, 75, 100)
_TITLES_BEFORE_YEARS: Final = 3
_LAW, _ORDINANCE = 2, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What has one colour (系列): a number for each column."""

    name: str
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What is drawn (図)."""

    title: str
    columns: tuple[str, ...]
    series: tuple[Series, ...]

    @property
    def sums(self) -> tuple[int, ...]:
        """How high each column is."""
        return tuple(sum(one.values[place] for one in self.series) for place in range(len(self.columns)))


def of_hokkaido(sheet: Sheet) -> Plot:
    """A table by affair and fiscal year, summed by its first column (区分)."""
    rows = [row for row in sheet.rows if row[0] is not None]
    sections = dict.fromkeys(str(row[0]) for row in rows)
    return Plot(
        title=sheet.title,
        columns=sheet.columns[_TITLES_BEFORE_YEARS:],
        series=tuple(
            Series(
                name=section,
                values=_summed([row[_TITLES_BEFORE_YEARS:] for row in rows if row[0] == section]),
            )
            for section in sections
        ),
    )


def of_shizuoka(sheet: Sheet) -> Plot:
    """A table by period: under the Act, under ordinances."""
    rows = sheet.rows[:-1]
    return Plot(
        title=sheet.title,
        columns=tuple(str(row[0]) for row in rows),
        series=(
            Series(name=sheet.columns[_LAW], values=tuple(_number(row[_LAW]) for row in rows)),
            Series(name=sheet.columns[_ORDINANCE], values=tuple(_number(row[_ORDINANCE]) for row in rows)),
        ),
    )


def of_detail(sheet: Sheet) -> Plot:
    """A table with every heading: by fiscal year, in the colours of the methods."""
    rows = sheet.rows[:-1]
    years = tuple(dict.fromkeys(str(row[0]) for row in rows))
    sums: Counter[tuple[str, str]] = Counter()
    for year, *_, method, count in rows:
        sums[str(year), str(method)] += _number(count)
    methods = sorted({method for _, method in sums})
    series = (Series(name=method, values=tuple(sums[year, method] for year in years)) for method in methods)
    return Plot(title=sheet.title, columns=years, series=tuple(series))


def svg(plot: Plot) -> str:
    """The picture."""
    top = _round_up(max(plot.sums, default=0))
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" {_LOOKS}>',
            f"<title>{escape(plot.title)}</title>",
            f"<desc>{escape(_told(plot))}</desc>",
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
            f'<text x="24" y="34" font-size="18" font-weight="bold">{escape(plot.title)}</text>',
            *_legend(plot.series),
            *_grid(top),
            *_columns(plot, top),
            "</svg>\n",
        )
    )


def _summed(rows: Iterable[Sequence[str | int | None]]) -> tuple[int, ...]:
    return tuple(sum(map(_number, cells)) for cells in zip(*rows, strict=True))


def _number(cell: str | int | None) -> int:
    return cell if isinstance(cell, int) else 0


def _told(plot: Plot) -> str:
    """Every number in words."""
    lines = (
        f"{one.name}: "
        + ", ".join(f"{column} {value:,}" for column, value in zip(plot.columns, one.values, strict=True))
        for one in plot.series
    )
    return "; ".join(lines)


def _round_up(most: int) -> int:
    """A round number that is no less, for the top of the scale.

    >>> [_round_up(most) for most in (0, 7, 10, 1_200_000)]
    [5, 10, 10, 1500000]
    """
    if most <= _LINES:
        return _LINES
    step: int = 10 ** floor(log10(most))
    tops = (step * tenths // 10 for tenths in _TOPS)
    return next(top for top in tops if top >= most and top % _LINES == 0)


def _y(value: float, top: int) -> float:
    return round(_HEIGHT - _BOTTOM - value / top * (_HEIGHT - _TOP - _BOTTOM), 1)


def _legend(series: Sequence[Series]) -> Iterator[str]:
    x = 24.0
    for one, colour in zip(series, _colours(), strict=False):
        yield f'<rect x="{x:.0f}" y="52" width="14" height="14" fill="{colour}"/>'
        yield f'<text x="{x + 20:.0f}" y="64">{escape(one.name)}</text>'
        x += 44 + 7.5 * cell_len(one.name)


def _grid(top: int) -> Iterator[str]:
    for line in range(_LINES + 1):
        value = top * line // _LINES
        y = _y(value, top)
        yield f'<line x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y}" y2="{y}" stroke="#cccccc"/>'
        yield f'<text x="{_LEFT - 8}" y="{y + 5}" text-anchor="end" fill="#333333">{value:,}</text>'


def _columns(plot: Plot, top: int) -> Iterator[str]:
    place = (_WIDTH - _LEFT - _RIGHT) / max(1, len(plot.columns))
    for number, (column, total) in enumerate(zip(plot.columns, plot.sums, strict=True)):
        middle = _LEFT + place * (number + 0.5)
        base = 0
        for one, colour in zip(plot.series, _colours(), strict=False):
            value = one.values[number]
            if value:
                y, height = _y(base + value, top), _y(base, top) - _y(base + value, top)
                yield (
                    f'<rect x="{middle - place * _COLUMN / 2:.1f}" y="{y}" width="{place * _COLUMN:.1f}"'
                    f' height="{height:.1f}" fill="{colour}"/>'
                )
            base += value
        yield f'<text x="{middle:.1f}" y="{_y(total, top) - 6}" text-anchor="middle">{total:,}</text>'
        yield f'<text x="{middle:.1f}" y="{_HEIGHT - _BOTTOM + 22}" text-anchor="middle">{escape(column)}</text>'


def _colours() -> Iterator[str]:
    while True:
        yield from _COLOURS
