# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the agencies ask on the day is lawful, but for what is there to be refused."""

from __future__ import annotations

from datetime import date

import pytest

from fixtures.notices import code_of
from openjuki.config import Kind
from openjuki.law.book import Book
from openjuki.residents.look_up import Claim, LookUp
from openjuki.simulation.agencies import AGENCIES, agencies_of
from openjuki.simulation.chance import Chance
from openjuki.simulation.day import Happened
from openjuki.simulation.errands import ERRANDS, Errand, People
from openjuki.simulation.nation_plan import NATION
from openjuki.wire.provision import What

ON = date(2026, 11, 22)
AGENCY = {agency.id: agency for agency in AGENCIES}
BOOK = Book.load()
#: What is refused wherever it is asked, by the affair.
UNLAWFUL = {"hokkaido-2-31", "prefecture-067"}
CODES = [str(code_of(number)) for number in (1, 2, 3)]


def person(code: str, town: str, **items: str) -> dict[str, str | None]:
    """A row of a register."""
    row = {
        "resident_code": code,
        "individual_number": "123456789018",
        "name": "渡辺　葵",
        "birth_date": "1990-01-01",
        "municipality": town,
        "town": "一番町",
        "block": "1番地",
        "building": None,
    }
    return {**row, **items}


TWO = {
    "131016": [person(CODES[0], "131016")],
    "012033": [person(CODES[1], "012033"), person(CODES[2], "012033", name="木村　葵")],
}


def people(*happened: Happened) -> People:
    """Two namesakes in two prefectures, and somebody else."""
    return People(TWO, happened)


@pytest.mark.parametrize("agency", AGENCIES, ids=lambda agency: agency.id)
def test_every_office_holds_what_the_law_names_its_agency_for(agency):
    """Each affair of each office is in force, and the agency is a recipient of it."""
    body = BOOK.body(agency.id, Kind.AGENCY, agency.prefecture and str(agency.prefecture))

    for office in agency.offices:
        for affair in office.affairs:
            assert BOOK.at(ON).affairs[affair].is_for(Kind.AGENCY, body)


@pytest.mark.parametrize("errand", ERRANDS, ids=lambda errand: errand.title)
def test_an_errand_is_of_an_office_that_exists(errand: Errand):
    """Somebody can run it; what a question has is what a question may have."""
    assert errand.office in {office.id for office in AGENCY[errand.node].offices}
    drawn = errand.draw(people(Happened("死亡 Deaths", "131016", CODES[0])), Chance(7, "errands"))

    for question in drawn:
        if errand.what is What.VERIFY:
            Claim.from_dict(question)
        elif "malformed" not in errand.title:
            assert LookUp.from_dict(question).items


def test_most_of_it_is_lawful():
    """An errand whose office holds the affair, and only six or so that are there to be refused."""
    held = {
        (agency.id, one.id, affair) for agency in AGENCIES for one in agency.offices for affair in one.affairs
    }
    strange = [errand.affair for errand in ERRANDS if (errand.node, errand.office, errand.affair) not in held]

    assert set(strange) >= UNLAWFUL
    assert len(strange) == 4


def test_people_are_drawn_from_the_prefecture_asked_for():
    """A passport office asks about people of Tokyo; of a prefecture without people, about nobody."""
    found = people().some(Chance(7, "x"), 5, "130001")

    assert {row["municipality"] for row in found} == {"131016"}
    assert people().some(Chance(7, "x"), 5, "220001") == []


def test_namesakes_are_those_who_share_name_and_birth_date():
    """One name on one day: where nobody shares it, nobody is asked about."""
    assert people().namesakes(Chance(7, "x")) == [{"name": "渡辺　葵", "birth_date": "1990-01-01"}]
    assert People({"012033": TWO["012033"]}, []).namesakes(Chance(7, "x")) == []


def test_whose_code_changed_is_asked_about_under_the_old_one():
    """Only what happened under this title, and only where somebody has a code."""
    changed = Happened("住民票コードの変更 Changes of code", "131016", CODES[0])
    born = Happened("出生 Births", "131016")

    assert people(changed, born).whose(Chance(7, "x"), changed.title) == [CODES[0]]
    assert people(changed, born).whose(Chance(7, "x"), born.title) == []


def test_a_nation_has_the_agencies_whose_governor_it_has():
    """The State's agencies are in every nation; Hokkaido's only where Hokkaido is."""
    without = [prefecture for prefecture in NATION if prefecture.code != "010006"]

    assert agencies_of(NATION) == AGENCIES
    assert len(AGENCIES) == 10
    assert {agency.id for agency in AGENCIES} - {agency.id for agency in agencies_of(without)} == {
        "agency-hokkaido-zei",
        "agency-hokkaido-kyoiku",
    }
