# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Towns that exist, and addresses there that do not."""

import re

import numpy as np
import pytest

from openjuki.codes.local_government import Kind, municipalities
from openjuki.residents.address import Address
from openjuki.simulation.chance import Chance
from openjuki.simulation.nation_plan import towns
from openjuki.simulation.places import draw_addresses, draw_domiciles, draw_places_of_origin
from openjuki.simulation.towns import towns_of, towns_of_japan, wards

COUNT = 3_000
LOT = re.compile(r"\d+番\d+号|\d+番地(の?\d+)?|\d+丁目\d+番\d+号|\d+-\d+(-\d+)?")


def addresses_in(code, flat=0.5, nursed=0.0):
    """3,000 addresses as columns."""
    drawn = draw_addresses(Chance(1, code), code, np.full(COUNT, flat), np.full(COUNT, nursed))
    return drawn.columns(np.arange(COUNT))


@pytest.mark.parametrize("code", [town.code for town in towns()])
def test_addresses_of_the_demonstration_can_be_recorded(code):
    """In every municipality of the plan, with a block in one of the manners of writing and seven postal digits."""
    columns = addresses_in(code)

    for municipality, town, block, building, postal_code in zip(*columns.values(), strict=True):
        assert municipality in wards(code)
        assert LOT.fullmatch(block)
        Address(municipality, town, block, building or "", postal_code)


def test_a_town_has_its_own_postal_code():
    """銭函 has two, by chome; 追手町 has one."""
    here = towns_of("012033")
    zenibako = here.town == "銭函"

    assert list(zip(here.last_chome[zenibako], here.postal_code[zenibako], strict=True)) == [
        (3, "0470261"),
        (5, "0613271"),
    ]
    assert towns_of("221015").postal_code[towns_of("221015").town == "追手町"].tolist() == ["4200853"]


def test_chome_stay_within_the_town():
    """花園 in 小樽市 has five chome, in whatever manner they are written."""
    columns = addresses_in("012033")
    whole = [town + block for town, block in zip(columns["town"], columns["block"], strict=True)]
    chome = {match[1] for match in (re.match("花園(.+?)(丁目|-)", text) for text in whole) if match}

    assert chome <= set("一二三四五12345")
    assert len(chome) >= 5


def test_a_municipality_has_one_manner_of_writing_and_some_odd_ones():
    """Most blocks of 狛江市 look alike; a few are written otherwise."""
    shapes = [re.sub(r"\d+", "0", block) for block in addresses_in("132195")["block"]]
    commonest = max(set(shapes), key=shapes.count)

    assert 0.9 < shapes.count(commonest) / COUNT < 0.99


def test_a_designated_citys_addresses_bear_its_wards():
    """As many as live in each; any other municipality bears its own code."""
    codes, numbers = np.unique(addresses_in("221007")["municipality"].astype(str), return_counts=True)

    assert codes.tolist() == ["221015", "221023", "221031"]
    assert numbers.min() > 0.27 * COUNT
    assert wards("133078") == ("133078",)


def test_buildings_are_rarer_in_villages():
    """方書 is common in 静岡市 and rare in 檜原村; nursing homes come as likely as asked."""
    city, village = (
        np.not_equal(addresses_in(code, flat=0.8)["building"], None) for code in ("221007", "133078")
    )

    assert city.mean() > 0.7
    assert village.mean() < 0.15
    assert all(
        "園" in home or "ケア" in home or "ホーム" in home or "施設" in home
        for home in addresses_in("133078", nursed=1.0)["building"]
    )


def test_every_municipality_and_ward_has_towns():
    """The table covers the country: 1,721 municipalities without wards and 171 wards."""
    bearers = {
        each.code
        for each in municipalities().values()
        if each.kind not in (Kind.PREFECTURE, Kind.DESIGNATED_CITY)
    }

    assert set(towns_of_japan().municipality) == bearers
    assert len(bearers) == 1_892


def test_nobody_lives_in_the_imperial_palace():
    """The Imperial Family has no resident records (皇統譜)."""
    assert "千代田" not in towns_of("131016").town


def test_people_come_from_where_people_live():
    """One in nine from Tokyo, with prefecture and municipality by name."""
    origins = draw_places_of_origin(Chance(1, "origin"), COUNT)

    assert 0.08 < np.mean([origin.startswith("東京都") for origin in origins]) < 0.15
    assert all(re.match(".{2,3}[都道府県].+[市区町村]", origin) for origin in origins)


def test_a_share_of_domiciles_is_at_home():
    """本籍 of half of them lies in the municipality."""
    domiciles = draw_domiciles(Chance(1, "koseki"), "133078", 0.5, COUNT)

    assert 0.45 < np.mean([place.startswith("東京都檜原村") for place in domiciles]) < 0.55
    assert all(re.search(r"\d+番(地)?$", place) for place in domiciles)
