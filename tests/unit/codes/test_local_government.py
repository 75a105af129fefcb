# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Local government codes (全国地方公共団体コード) and the table of those who bear them."""

from collections import Counter

import pytest

from openjuki.codes.local_government import (
    Kind,
    LocalGovernmentCode,
    municipalities,
    municipality,
    prefecture_of,
)
from openjuki.errors import BadCode

TABLE = municipalities()


def test_every_code_of_the_table_is_valid():
    """The check digits of 47 prefectures, 1,741 municipalities and 171 wards are right."""
    for code, entry in TABLE.items():
        assert code == LocalGovernmentCode.parse(code) == entry.code


def test_the_table_is_the_whole_country():
    """1,741 municipalities of five kinds, the wards of the designated cities, and the prefectures."""
    assert Counter(entry.kind for entry in TABLE.values()) == {
        Kind.PREFECTURE: 47,
        Kind.DESIGNATED_CITY: 20,
        Kind.CITY: 772,
        Kind.SPECIAL_WARD: 23,
        Kind.TOWN: 743,
        Kind.VILLAGE: 183,
        Kind.WARD: 171,
    }
    assert list(TABLE) == sorted(TABLE)


def test_every_entry_lies_in_a_prefecture_of_the_table():
    """Prefecture codes are two digits, three noughts and a check digit."""
    for entry in TABLE.values():
        prefecture = TABLE[prefecture_of(entry.code)]
        assert (prefecture.kind, prefecture.name) == (Kind.PREFECTURE, entry.prefecture)


def test_wards_and_only_wards_belong_to_a_designated_city():
    """A ward's name begins with its city's."""
    for entry in TABLE.values():
        assert (entry.designated_city is not None) == (entry.kind is Kind.WARD)
        if entry.designated_city is not None:
            city = TABLE[entry.designated_city]
            assert city.kind is Kind.DESIGNATED_CITY
            assert entry.name.startswith(city.name)
            assert entry.kana.startswith(city.kana)
            assert prefecture_of(entry.code) == prefecture_of(city.code)


def test_the_populations_add_up_to_the_census():
    """126,226,568 people, both by municipality and by prefecture; three wards are too young to be counted."""
    by_prefecture = Counter()
    for entry in TABLE.values():
        if entry.kind not in {Kind.PREFECTURE, Kind.WARD}:
            by_prefecture[prefecture_of(entry.code)] += entry.population

    assert by_prefecture.total() == 126_226_568
    for code, population in by_prefecture.items():
        assert population == TABLE[code].population
    assert {e.name for e in TABLE.values() if e.population is None} == {
        "浜松市中央区",
        "浜松市浜名区",
        "浜松市天竜区",
    }


def test_readings_are_katakana_without_the_county():
    """榛東村 of 北群馬郡 is シントウムラ."""
    assert all(set(entry.kana) <= {chr(point) for point in range(0x30A1, 0x30FD)} for entry in TABLE.values())
    assert municipality("103446").kana == "シントウムラ"


def test_a_ward_names_its_city():
    """中央区 of Sapporo."""
    ward = municipality("011011")

    assert (ward.name, ward.kind, ward.designated_city) == ("札幌市中央区", Kind.WARD, "011002")


def test_a_merged_municipality_has_a_valid_code_that_nobody_bears():
    """浦和市 (112046) is gone since 2001; records still name it."""
    code = LocalGovernmentCode.parse("112046")

    with pytest.raises(BadCode, match="bears"):
        municipality(code)


@pytest.mark.parametrize(
    ("code", "prefecture"),
    [
        pytest.param("011011", "010006", id="a ward of Sapporo lies in Hokkaido"),
        pytest.param("131016", "130001", id="Chiyoda lies in Tokyo"),
        pytest.param("473821", "470007", id="Yonaguni lies in Okinawa"),
        pytest.param("130001", "130001", id="a prefecture lies in itself"),
    ],
)
def test_the_prefecture_of(code, prefecture):
    """The first two digits are the prefecture's."""
    assert prefecture_of(LocalGovernmentCode(code)) == prefecture


@pytest.mark.parametrize("body", ["00101", "48101", "99000"])
def test_no_prefecture_has_a_number_beyond_47(body):
    """The first two digits are those of JIS X 0401."""
    with pytest.raises(BadCode, match="prefecture"):
        LocalGovernmentCode.parse(LocalGovernmentCode.from_body(body))


def test_people_read_the_check_digit_apart():
    """Many lists leave it out."""
    assert LocalGovernmentCode("131016").format() == "13101-6"
