# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Foreign residents of chance."""

from datetime import date

import numpy as np
import pytest

from openjuki.residents.names import PersonName
from openjuki.simulation.chance import Chance
from openjuki.simulation.foreigners import LUCK_NEEDED, Luck, Person, describe
from openjuki.simulation.households import Kind, Place, draw_members
from openjuki.simulation.nationalities import Word, draw_nationalities, nationalities

ON = date(2026, 4, 1)
BY_NAME = {each.name: each for each in nationalities()}


def person(nation="ベトナム", **changes):
    """A worker of thirty who lives alone, with these differences."""
    usual = {
        "place": Place.HEAD,
        "kind": Kind.ALONE,
        "male": True,
        "birth": date(1996, 1, 1),
        "with_japanese": False,
        "family_status": 0.0,
        "family_surname": 0.0,
        "alias": "木村　太郎",
    }
    return Person(nationality=BY_NAME[nation], **usual | changes)


def described(who, ordinal=0):
    """One such person's items."""
    return describe(
        who, Luck(Chance(1, ordinal).units(LUCK_NEEDED).tolist()), "東京都狛江市猪方一丁目1番1号", ON
    )


def statuses(who):
    """Which statuses such people have."""
    return {described(who, ordinal)["residence_status"] for ordinal in range(60)}


def test_words_have_letters_and_sometimes_ideographs():
    """A tilde stands for the space within a name."""
    assert Word.parse("WANG/王") == Word("WANG", "王")
    assert Word.parse("DE~LA~CRUZ") == Word("DE LA CRUZ", None)


def test_every_name_of_the_table_can_be_recorded():
    """In letters and in ideographs."""
    for each in nationalities():
        for word in (*each.surnames, *each.women, *each.men):
            PersonName.foreign(latin=word.latin, kanji=word.kanji)


@pytest.mark.parametrize(
    ("who", "expected"),
    [
        pytest.param(
            person(family_status=0.0), {"技能実習"}, id="who lives alone has a status of the country"
        ),
        pytest.param(
            person(kind=Kind.FAMILY),
            {"技術・人文知識・国際業務"},
            id="a trainee cannot bring a family, a worker can",
        ),
        pytest.param(
            person(kind=Kind.FAMILY, place=Place.SPOUSE),
            {"家族滞在"},
            id="a worker's family depends on the worker",
        ),
        pytest.param(
            person("ブラジル", kind=Kind.FAMILY, place=Place.CHILD),
            {"永住者"},
            id="a permanent resident's child is one too",
        ),
        pytest.param(
            person(kind=Kind.FAMILY, place=Place.SPOUSE, with_japanese=True),
            {"日本人の配偶者等", "永住者"},
            id="a spouse of a Japanese",
        ),
        pytest.param(person(birth=date(1950, 1, 1)), {"永住者"}, id="who is old is no trainee"),
        pytest.param(person("朝鮮"), {None}, id="special permanent residents have no status of the table"),
    ],
)
def test_the_status_fits_the_life(who, expected):
    """在留資格 by country, household and age."""
    assert statuses(who) == expected


def test_special_permanent_residents_have_their_category():
    """特別永住者: no period; a certificate number all the same."""
    items = described(person("朝鮮"))

    assert items["residence_category"] == "特別永住者"
    assert items["residence_period"] is None
    assert items["residence_expires_on"] is None
    assert items["residence_card_number"]


def test_a_period_ends_after_the_day_of_the_register():
    """Nobody has overstayed."""
    assert all(described(person(), ordinal)["residence_expires_on"] > ON.isoformat() for ordinal in range(60))


def test_a_family_shares_its_surname_but_for_the_spouse():
    """As in most countries; the child has the head's."""
    head = described(person("韓国", kind=Kind.FAMILY))
    child = described(person("韓国", kind=Kind.FAMILY, place=Place.CHILD), 1)
    spouses = [
        described(person("韓国", kind=Kind.FAMILY, place=Place.SPOUSE), ordinal) for ordinal in range(9)
    ]

    assert {(row["name_latin"] or "KIM").split()[0] for row in (head, child)} == {"KIM"}
    assert len({(row["name_latin"] or row["name_kanji"])[:2] for row in spouses}) > 2


def test_people_without_surnames_have_one_name():
    """インドネシア and others."""
    assert described(person("インドネシア"))["name_latin"] in {
        word.latin for word in BY_NAME["インドネシア"].men
    }


def test_an_alias_is_borne_where_it_is_usual():
    """通称: often by people from 朝鮮, never from ネパール."""
    bear = [described(person("朝鮮"), ordinal)["alias"] for ordinal in range(60)]

    assert 30 < sum(alias == "木村　太郎" for alias in bear) < 58
    assert {described(person("ネパール"), ordinal)["alias"] for ordinal in range(60)} == {None}


def test_days_lie_between_birth_and_the_register():
    """A child was not here before its birth; nobody is on record as a foreign resident before 9 July 2012."""
    born = date(2025, 12, 24)
    for ordinal in range(60):
        items = described(person(kind=Kind.FAMILY, place=Place.CHILD, birth=born), ordinal)
        old = described(person("朝鮮", birth=date(1940, 1, 1)), ordinal)

        assert born.isoformat() <= items["became_foreign_resident_on"] <= items["address_settled_on"]
        assert items["address_settled_on"] <= items["notified_on"] <= ON.isoformat()
        assert old["became_foreign_resident_on"] >= "2012-07-09"


def test_a_foreign_couple_is_of_one_nationality():
    """Marriages across borders are those with Japanese people."""
    members = draw_members(Chance(1, "members"), 20_000)
    nationality = draw_nationalities(Chance(2, "nations"), members)
    couple = (members.place == Place.SPOUSE) & (nationality[members.head] >= 0)

    assert couple.any()
    assert (nationality[couple] == nationality[members.head][couple]).all()


def test_who_is_foreign_depends_on_age_and_household():
    """Three in a hundred; young people alone more, three generations none but by marriage."""
    members = draw_members(Chance(1, "members"), 20_000)
    foreign = draw_nationalities(Chance(2, "nations"), members) >= 0
    young = (members.kind == Kind.ALONE) & (members.age < 30)
    three = (members.kind == Kind.THREE_FROM_ELDEST) & (members.place == Place.HEAD)
    mixed = (members.place == Place.SPOUSE) & foreign & ~foreign[members.head]

    assert 0.025 < foreign.mean() < 0.036
    assert foreign[young].mean() > 0.08
    assert not foreign[three].any()
    assert 20 < mixed.sum() < 150
    assert np.isin(
        np.flatnonzero(foreign & (members.place == Place.CHILD)), np.flatnonzero(foreign[members.head])
    ).all()
