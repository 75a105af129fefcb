# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The small nation of the demonstration."""

import pytest

from openjuki.codes.local_government import Kind, municipality, prefecture_of
from openjuki.simulation.nation_plan import NATION, divide, towns


def test_the_nation_has_three_prefectures_and_ten_municipalities():
    """One designated city, one village and one town that only has a CS are among them."""
    kinds = [municipality(town.code).kind for town in towns()]

    assert len(NATION) == 3
    assert len(set(towns())) == 10
    assert kinds.count(Kind.DESIGNATED_CITY) == 1
    assert kinds.count(Kind.VILLAGE) == 1
    assert sum(not town.keeps_register for town in towns()) == 1


def test_each_municipality_lies_in_its_prefecture():
    """The first two digits of a code say so."""
    for prefecture in NATION:
        assert {prefecture_of(town.code) for town in prefecture.municipalities} == {prefecture.code}


@pytest.mark.parametrize("residents", [20, 400, 3_000, 20_000, 1_000_003])
def test_the_residents_are_divided_without_loss(residents):
    """The shares add up to the whole and nobody's is nothing."""
    shares = divide(residents)

    assert sum(shares.values()) == residents
    assert min(shares.values()) >= 1


def test_no_village_is_too_small_to_show():
    """檜原村 would have 39 of 20,000 residents; it gets 150, and the city stays the largest by far."""
    shares = divide(20_000)

    assert shares["133078"] == 150
    assert max(shares, key=shares.get) == "221007"
    assert shares["012033"] > shares["132195"] > shares["131016"] > shares["222232"] > shares["012297"]
