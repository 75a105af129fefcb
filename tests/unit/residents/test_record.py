# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Resident record (住民票) and identification information (本人確認情報)."""

from dataclasses import fields, replace
from datetime import date

import pytest

from fixtures.lives import A, record
from openjuki.residents.address import Address
from openjuki.residents.dates import RecordedDate
from openjuki.residents.names import PersonName
from openjuki.residents.record import (
    ForeignResidentItems,
    Household,
    IdentificationInformation,
    ResidentRecord,
    canonical_line,
)

FULL = record(
    name=PersonName(
        "山田　花子",
        furigana="ヤマダ　ハナコ",
        former_surname="田中",
        former_surname_furigana="タナカ",
        alias="山田　ハナ",
    ),
    address=Address(A, "一番町", "1番地", "青葉荘201", postal_code="1000001"),
    household_number="0000100",
    relationship="妻",
    registered_domicile="東京都千代田区",
    head_of_koseki="山田　太郎",
    previous_address="東京都八王子市元本郷町",
)
FOREIGN = replace(FULL, foreign=ForeignResidentItems(nationality="米国"))


def test_identification_information_has_exactly_the_items_of_the_article():
    """法30条の6: name, birth date, sex, address, number and code; names carry furigana, surname, alias."""
    assert {
        "resident_code",
        "individual_number",
        "name",
        "furigana",
        "former_surname",
        "former_surname_furigana",
        "alias",
        "birth_date",
        "sex",
        "municipality",
        "address",
    } == {field.name for field in fields(IdentificationInformation)}


def test_what_leaves_the_municipality_says_what_the_record_says():
    """The name and address go as recorded, the building after the block."""
    assert FULL.identification().to_dict() == {
        "resident_code": "24727059608",
        "individual_number": "123456789018",
        "name": "山田　花子",
        "furigana": "ヤマダ　ハナコ",
        "former_surname": "田中",
        "former_surname_furigana": "タナカ",
        "alias": "山田　ハナ",
        "birth_date": "1980-01-02",
        "sex": "male",
        "municipality": "131016",
        "address": "一番町1番地　青葉荘201",
    }


def test_the_act_gives_foreign_residents_no_furigana():
    """法30条の45 leaves item 1-2 out: kana that a register notes for a foreign resident do not leave it."""
    assert FOREIGN.identification() == replace(FULL.identification(), furigana=None)


@pytest.mark.parametrize(
    "item",
    [
        "resident_number",
        "household_number",
        "relationship",
        "registered_domicile",
        "head_of_koseki",
        "previous_address",
        "foreign",
        "became_resident_on",
        "address_settled_on",
        "notified_on",
    ],
)
def test_nothing_else_leaves_the_municipality(item):
    """Whatever else the record holds, what leaves is the same bytes."""
    other = {
        "foreign": ForeignResidentItems(nationality="英国", residence_card_number="AB12345678CD"),
        "became_resident_on": RecordedDate.of(date(2001, 2, 3)),
        "address_settled_on": RecordedDate.of(date(2001, 2, 3)),
        "notified_on": RecordedDate.of(date(2001, 2, 3)),
    }.get(item, "別の値")

    assert FOREIGN.identification() == replace(FOREIGN, **{item: other}).identification()


def test_every_item_of_a_record_leaves_or_is_known_to_stay():
    """A new field of the record must be put on one of the two lists."""
    leaves = {"resident_code", "individual_number", "name", "birth_date", "sex", "address"}
    stays = set(test_nothing_else_leaves_the_municipality.pytestmark[0].args[1])

    assert {field.name for field in fields(ResidentRecord)} == leaves | stays


def test_the_canonical_line_is_the_sample():
    """The line that digests are made of never changes its bytes."""
    assert (
        canonical_line(record(individual_number=None).identification())
        == (
            '{"address":"一番町1番地","alias":null,"birth_date":"1980-01-02","former_surname":null,'
            '"former_surname_furigana":null,"furigana":"ヤマダ　タロウ","individual_number":null,'
            '"municipality":"131016","name":"山田　太郎","resident_code":"24727059608","sex":"male"}\n'
        ).encode()
    )


def test_a_household_names_its_head_first():
    """世帯: a number, its head, and everybody in it."""
    household = Household(household_number="0000100", head="0000001", members=("0000001", "0000002"))

    assert household.members[0] == household.head
