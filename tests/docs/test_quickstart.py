# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The quickstart's example does what the quickstart says."""

from __future__ import annotations

from pathlib import Path

from openjuki.carriage.importing import read_register
from openjuki.codes.local_government import LocalGovernmentCode

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "register.csv"


def test_two_enter_and_one_is_kept_out():
    """Of the three people of the example, the one with a wrong check digit is kept out."""
    chunks = list(read_register(EXAMPLE, municipality=LocalGovernmentCode("131016")))
    rejected = [one for chunk in chunks for one in chunk.rejected]

    assert [row.row for chunk in chunks for row in chunk.rows] == [2, 3]
    assert [(one.row, one.column, one.code) for one in rejected] == [(4, "resident_code", "JK-IMPORT-0012")]
