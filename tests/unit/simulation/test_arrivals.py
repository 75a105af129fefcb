# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Single people and addresses for the events of a day."""

from datetime import date

import pytest

from openjuki.residents.names import PersonName
from openjuki.simulation.arrivals import entrant_from_abroad, new_address, newborn
from openjuki.simulation.people import COLUMNS, people
from openjuki.simulation.towns import wards

ON = date(2026, 4, 1)
CITY = "221007"


@pytest.fixture(scope="module")
def parents():
    """People of a city, by relationship; Japanese and foreign."""
    return people(7, CITY, 3_000, on=ON).to_pylist()


@pytest.mark.parametrize(
    ("of_parent", "of_child"),
    [
        pytest.param("妻", "子", id="the wife of the head"),
        pytest.param("世帯主", "子", id="the head"),
        pytest.param("子の妻", "子の子", id="the wife of the head's child"),
        pytest.param("同居人", "縁故者", id="somebody else"),
    ],
)
def test_a_newborn_is_of_its_parents_household(parents, of_parent, of_child):
    """Address, household, koseki and surname are the parent's, the relationship follows from the parent's."""
    parent = next(row for row in parents if row["relationship"] == of_parent and not row["nationality"])

    child = newborn(7, parent, 1, on=ON)

    assert child["relationship"] == of_child
    for column in ("town", "block", "building", "household_number", "registered_domicile", "head_of_koseki"):
        assert child[column] == parent[column]
    assert child["name"].split("\u3000")[0] == parent["name"].split("\u3000")[0]
    assert child["furigana"].split("\u3000")[0] == parent["furigana"].split("\u3000")[0]


def test_a_newborn_is_a_resident_from_birth(parents):
    """住民となった年月日 is the day of birth; it is notified within fourteen days."""
    born = [newborn(7, parents[0], ordinal, on=ON) for ordinal in range(60)]

    assert {child["became_resident_on"] == child["birth_date"] for child in born} == {True}
    assert {0 <= (ON - date.fromisoformat(child["birth_date"])).days <= 14 for child in born} == {True}
    assert {child["sex"] for child in born} == {"male", "female"}
    assert len({child["name"] for child in born}) > 40


def test_a_foreign_newborn_passes_through_the_period_after_birth(parents):
    """出生による経過滞在者 (法30条の45の表): no status yet, no koseki, Latin letters."""
    parent = next(row for row in parents if row["nationality"] == "ベトナム")

    child = newborn(7, parent, 1, on=ON)

    assert child["residence_category"] == "出生による経過滞在者"
    assert child["became_resident_on"] is None
    assert child["became_foreign_resident_on"] == child["birth_date"]
    assert child["name_latin"].split()[0] == parent["name_latin"].split()[0]
    PersonName(child["name"], child["furigana"], latin=child["name_latin"])


def test_an_entrant_from_abroad_settles_on_the_day():
    """国外からの転入 (法30条の46): a household of one, with a card, from the country of nationality."""
    for ordinal in range(40):
        row = entrant_from_abroad(7, CITY, ordinal, on=ON)

        assert set(row) == set(COLUMNS)
        assert (
            row["became_foreign_resident_on"]
            == row["address_settled_on"]
            == row["notified_on"]
            == "2026-04-01"
        )
        assert row["previous_address"] == row["nationality"]
        assert row["residence_status"] not in {None, "永住者", "定住者"}
        assert row["residence_expires_on"] > "2026-04-01"
        assert row["municipality"] in wards(CITY)
        assert 18 < (ON - date.fromisoformat(row["birth_date"])).days / 365.25 < 43
        PersonName(row["name"], latin=row["name_latin"], kanji=row["name_kanji"], alias=row["alias"])


def test_an_address_to_move_to_is_in_the_municipality():
    """As columns of the register, another for each ordinal."""
    addresses = [new_address(7, CITY, ordinal) for ordinal in range(20)]

    assert {address["municipality"] for address in addresses} <= set(wards(CITY))
    assert len({(address["town"], address["block"]) for address in addresses}) == 20


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda seed, ordinal: entrant_from_abroad(seed, CITY, ordinal, on=ON), id="an entrant"),
        pytest.param(lambda seed, ordinal: new_address(seed, CITY, ordinal), id="an address"),
    ],
)
def test_seed_and_ordinal_tell_who_comes(make):
    """The same again for the same two, another for another."""
    assert make(7, 1) == make(7, 1)
    assert make(7, 1) != make(7, 2)
    assert make(7, 1) != make(8, 1)
