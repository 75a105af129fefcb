# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Drawings of prefectures with their towns."""

import re
from itertools import combinations

import pytest

from openjuki.codes.local_government import municipality
from openjuki.simulation.live import drawing
from openjuki.simulation.live.drawing import Box, draw, japan
from openjuki.simulation.nation_plan import NATION

PREFECTURES = [pytest.param(prefecture, id=municipality(prefecture.code).name) for prefecture in NATION]


def drawn(prefecture):
    """A prefecture of the demonstration, drawn."""
    towns = [(str(town.code), municipality(town.code).name) for town in prefecture.municipalities]
    return towns, draw(str(prefecture.code), tuple(towns))


@pytest.mark.parametrize("prefecture", PREFECTURES)
def test_every_town_has_its_spot_and_name_on_the_paper(prefecture):
    """Nothing is cut off at the edge."""
    towns, picture = drawn(prefecture)

    assert [spot.code for spot in picture.spots] == [code for code, _ in towns]
    for (_, name), spot in zip(towns, picture.spots, strict=True):
        assert 0 < spot.x < drawing.WIDTH
        assert 0 < spot.y < drawing.HEIGHT
        assert 0 < spot.name_x < drawing.WIDTH - 14 * len(name)
        assert 0 < spot.name_y < drawing.HEIGHT


@pytest.mark.parametrize("prefecture", PREFECTURES)
def test_no_name_lies_over_another(prefecture):
    """Otaru and Yoichi are neighbours, and can both be read."""
    towns, picture = drawn(prefecture)
    boxes = [
        Box(spot.name_x, spot.name_y - 13, spot.name_x + 14 * len(name), spot.name_y + 4)
        for (_, name), spot in zip(towns, picture.spots, strict=True)
    ]

    assert [pair for pair in combinations(boxes, 2) if pair[0].meets(pair[1])] == []


def test_a_town_on_an_island_gets_some_land():
    """利尻富士町 lies off the outline; 富良野市 does not."""
    _, picture = drawn(NATION[0])

    assert {spot.code: spot.islet for spot in picture.spots}["015199"]
    assert not {spot.code: spot.islet for spot in picture.spots}["012297"]


def test_a_town_that_nobody_placed_stands_in_the_middle():
    """The northern villages have no addresses to take a median of."""
    (spot,) = draw("010006", (("016951", "色丹村"),)).spots

    assert (spot.x, spot.islet) == (drawing.WIDTH / 2, False)


def test_an_outline_is_a_closed_path_within_the_paper():
    """Numbers, and nothing else, stand between M and Z."""
    for prefecture in NATION:
        outline = drawn(prefecture)[1].outline
        assert re.fullmatch(r"M[\d. L-]+Z", outline)
        assert max(map(float, re.findall(r"[\d.]+", outline))) <= drawing.WIDTH


def test_japan_has_its_prefectures():
    """All 47, small enough to be sent with the page."""
    assert sorted(japan()) == [f"{number:02}" for number in range(1, 48)]
    assert sum(map(len, japan().values())) < 20_000
