# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Addresses (住所)."""

import pytest

from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.errors import BadAddress
from openjuki.residents.address import Address
from openjuki.residents.writing import LONGEST

CHIYODA = LocalGovernmentCode("131016")


@pytest.mark.parametrize(
    ("town", "block", "building", "text"),
    [
        pytest.param("千代田一丁目", "1番1号", "ハイツ101", "千代田一丁目1番1号　ハイツ101", id="all parts"),
        pytest.param("千代田一丁目", "1番1号", "", "千代田一丁目1番1号", id="no building"),
        pytest.param("千代田一丁目", "", "", "千代田一丁目", id="only the town, as with an unsettled block"),
        pytest.param("", "１２３番地", "", "１２３番地", id="a village without towns"),
        pytest.param(
            "葛\U000e0102原", "1－2", "山田様方", "葛\U000e0102原1－2　山田様方", id="kept as written"
        ),
    ],
)
def test_an_address_is_read_from_town_to_building(town, block, building, text):
    """The building stands after a full-width space."""
    assert Address(CHIYODA, town, block, building).text == text


def test_codes_of_place_ride_with_the_address():
    """郵便番号 and 町字ID are no part of its text."""
    address = Address(CHIYODA, "千代田", postal_code="1000001", machiaza_id="0001000")

    assert (address.postal_code, address.machiaza_id, address.text) == ("1000001", "0001000", "千代田")


@pytest.mark.parametrize(
    ("parts", "column", "reason"),
    [
        pytest.param({"town": ""}, "town", "neither town nor block", id="no place at all"),
        pytest.param({"town": "", "building": "ハイツ"}, "town", "neither", id="a building nowhere"),
        pytest.param({"town": "千代田\n"}, "town", "control", id="a line break"),
        pytest.param({"block": "1番\x00"}, "block", "control", id="NUL"),
        pytest.param({"building": "ハイツ　"}, "building", "space", id="a trailing space"),
        pytest.param({"building": "\ue123荘"}, "building", "private-use", id="a private-use character"),
        pytest.param({"town": "町" * (LONGEST + 1)}, "town", "too long", id="too long"),
        pytest.param(
            {"town": "町" * 100, "block": "番", "building": "館" * 99}, "town", "too long", id="all too long"
        ),
        pytest.param(
            {"town": "町" * 99, "block": "番", "building": "館" * 100},
            "building",
            "too long",
            id="all too long, most of it the building",
        ),
        pytest.param({"postal_code": "100-0001"}, "postal_code", "seven digits", id="a hyphen"),
        pytest.param(
            {"postal_code": "１０００００１"}, "postal_code", "seven digits", id="full-width digits"
        ),
        pytest.param({"postal_code": ""}, "postal_code", "seven digits", id="empty instead of none"),
        pytest.param({"machiaza_id": "000100"}, "machiaza_id", "seven digits", id="six digits"),
    ],
)
def test_a_part_that_cannot_be_recorded_is_named_but_not_quoted(parts, column, reason):
    """The error says which part and why; where somebody lives is personal data."""
    with pytest.raises(BadAddress, match=reason) as caught:
        Address(CHIYODA, **{"town": "千代田"} | parts)

    assert caught.value.where.column == column
    assert not parts.get(column) or parts[column] not in str(caught.value)


def test_the_longest_address_is_recorded():
    """Two hundred code points as it is read, the space before the building among them."""
    assert len(Address(CHIYODA, "町" * LONGEST).text) == 200
    assert len(Address(CHIYODA, "", "番" * 100, "館" * 99).text) == 200
