# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The three numbers against vectors made by others, or by formulas written another way (vectors/README.md)."""

import csv
from pathlib import Path

import pytest

from openjuki.codes.individual import IndividualNumber
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.codes.resident import ResidentCode
from openjuki.errors import BadCode

KINDS = {
    "resident": ResidentCode,
    "individual": IndividualNumber,
    "local_government": LocalGovernmentCode,
}


def rows(name):
    with (Path(__file__).parent / "vectors" / name).open(encoding="utf-8", newline="") as lines:
        return [pytest.param(row, id=f"{row['kind']} {row['value']}") for row in csv.DictReader(lines)]


KNOWN, CONSTRUCTED = rows("known.csv"), rows("constructed.csv")


@pytest.mark.parametrize("row", KNOWN + CONSTRUCTED)
def test_a_vector_is_valid_or_not_as_its_source_says(row):
    """A number is read exactly when its last digit is the right one."""
    kind, value = KINDS[row["kind"]], row["value"]

    assert (row["expected"] == "valid") == kind.is_valid(value)
    if row["expected"] == "valid":
        assert value == kind.from_body(value[:-1]) == kind.parse(value)
        assert value[-1] == kind.check_digit(value[:-1])
    else:
        with pytest.raises(BadCode, match="check digit"):
            kind.parse(value)


@pytest.mark.parametrize("kind", KINDS)
def test_there_are_a_hundred_constructed_valid_vectors_of_each_kind(kind):
    """A shrunken file of vectors would pass unseen."""
    valid = {
        row.values[0]["value"]
        for row in CONSTRUCTED
        if row.values[0]["kind"] == kind and row.values[0]["expected"] == "valid"
    }

    assert len(valid) == 100
