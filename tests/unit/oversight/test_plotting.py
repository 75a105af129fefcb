# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Tables as pictures: every number of a column is drawn, and told in words."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from openjuki.oversight import layouts, published
from openjuki.oversight.layouts import Sheet
from openjuki.oversight.plotting import Plot, Series, of_hokkaido, of_shizuoka, svg
from openjuki.oversight.usage import Heading

PLOT = Plot(
    title="利用 <件数>",
    columns=("R6", "R7"),
    series=(Series(name="法", values=(300, 0)), Series(name="条例", values=(100, 50))),
)
SVG = "{http://www.w3.org/2000/svg}"


def bars(plot: Plot) -> list[float]:
    """How high the parts of the columns are, in the order in which they are drawn."""
    root = ET.fromstring(svg(plot))
    drawn = [one for one in root.iter(f"{SVG}rect") if one.get("height") not in {"14", "540"}]
    return [float(one.get("height")) for one in drawn]


def test_parts_are_as_high_as_their_numbers():
    """300 to 100 to 50 as 6 to 2 to 1; what is nothing is not drawn."""
    first, second, third = bars(PLOT)

    assert first / third == pytest.approx(6, rel=0.01)
    assert second / third == pytest.approx(2, rel=0.01)


def test_a_picture_tells_its_numbers_in_words():
    """Whoever does not see it hears every number, and the sums stand at the columns."""
    root = ET.fromstring(svg(PLOT))

    assert root.find(f"{SVG}title").text == "利用 <件数>"
    assert root.find(f"{SVG}desc").text == "法: R6 300, R7 0; 条例: R6 100, R7 50"
    assert {"400", "50", "R6", "R7"} <= {one.text for one in root.iter(f"{SVG}text")}


@pytest.mark.parametrize("most", [0, 3, 399, 400, 401, 9_999_999])
def test_every_column_fits_under_the_scale(most):
    """The highest column does not leave the picture, and takes at least half of it unless there is next to nothing."""
    plot = Plot(title="", columns=("R6",), series=(Series(name="法", values=(most,)),))

    height = sum(bars(plot))

    assert height <= 540 - 96 - 48
    assert most <= 3 or height >= (540 - 96 - 48) / 2


def test_affairs_are_summed_by_their_section():
    """A picture of Hokkaido's table has two colours, for tables 5 and 6 of the Act, and the sums of the rows."""
    table = published.hokkaido()[0]
    counts = {
        Heading(year, line.affair, "", line.article, ""): count
        for (line, year), count in table.counts.items()
    }

    plot = of_hokkaido(layouts.hokkaido(table.plan, counts))

    assert [one.name for one in plot.series] == ["法別表5", "法別表6"]
    assert (plot.sums[0], plot.sums[-1]) == (68_242, 261_596)


def test_act_and_ordinance_are_the_colours_of_shizuoka():
    """The total below the table is no column."""
    periods, totals = published.shizuoka()
    sheet = layouts.shizuoka("静岡県", periods, totals, {Heading(2019, "", "", "条例", ""): 7})

    plot = of_shizuoka(sheet)

    assert plot.columns == ("H15～30", "R元", "R2")
    assert [one.values for one in plot.series] == [(0, 0, 0), (0, 7, 0)]


def test_a_table_without_rows_is_an_empty_picture():
    """A provider whom nobody asked."""
    empty = of_hokkaido(Sheet("", ("区分", "利用事務", "利用開始時期", "R8"), ((None, "計", None, 0),)))

    assert "<svg" in svg(empty)
