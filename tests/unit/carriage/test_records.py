# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Resident records out of flat items and back (住民票の項目)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.carriage.columns import COLUMNS, RECORD
from openjuki.carriage.records import Items, assemble, disassemble, flaws
from openjuki.errors import BadInput
from openjuki.residents.dates import RecordedDate
from openjuki.residents.record import Sex

WHOLE = Items(**{column.name: column.form.read(column.example) for column in RECORD})
LEAST = Items(
    resident_number="1",
    resident_code=WHOLE.resident_code,
    name="渡邉　葵",
    birth_date=RecordedDate.parse("不詳"),
    sex=Sex.UNKNOWN,
    municipality=WHOLE.municipality,
    town="千代田",
)


@pytest.mark.parametrize("items", [WHOLE, LEAST], ids=["every item", "as few as there can be"])
def test_a_record_is_taken_apart_into_what_it_was_put_together_from(items):
    """Nothing is lost or added on the way."""
    assert disassemble(assemble(items)) == items


def test_the_composed_name_of_a_foreign_resident_is_recorded():
    """What was composed once is the name from then on."""
    items = LEAST._replace(name=None, name_latin="LI PING", nationality="中国")

    assert disassemble(assemble(items)) == items._replace(name="LI PING")


def test_a_block_may_stand_in_for_the_town():
    """Some villages have no 町字."""
    assert assemble(LEAST._replace(town=None, block="25番地")).address.text == "25番地"


@pytest.mark.parametrize(
    ("items", "columns"),
    [
        (LEAST, []),
        (LEAST._replace(town=None), ["town"]),
        (LEAST._replace(municipality=None), ["municipality"]),
        (LEAST._replace(name_kanji="李\u200b", name_latin="LI"), ["name_kanji"]),
        (LEAST._replace(residence_period="5年"), ["nationality"]),
        (LEAST._replace(alias="\ue000", building="\u200b", postal_code="1"), ["alias", "building"]),
        (Items(), ["resident_number", "resident_code", "birth_date", "sex", "name", "municipality"]),
    ],
)
def test_flaws_name_their_columns(items, columns):
    """Those of the register, not of the values within the record."""
    assert [column for column, _ in flaws(items)] == columns


@given(st.sets(st.sampled_from([column.name for column in RECORD])))
def test_items_make_a_record_unless_they_have_flaws(left_out):
    """What cannot be put together is always explained."""
    items = WHOLE._replace(**dict.fromkeys(left_out))

    if list(flaws(items)):
        with pytest.raises(BadInput):
            assemble(items)
    else:
        assert disassemble(assemble(items)).birth_date == items.birth_date


def test_the_columns_of_a_file_are_those_of_the_record_and_its_history():
    """In this order."""
    assert [column.name for column in COLUMNS][: len(RECORD)] == list(Items._fields)
