# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The pages on files say what the program does."""

import csv
import json
import re
from pathlib import Path

import pytest

from openjuki.carriage.columns import COLUMNS, find
from openjuki.carriage.encoding import Encoding
from openjuki.carriage.reasons import CHANGE
from openjuki.carriage.report import FIELDS
from openjuki.carriage.tables import LOOK_AHEAD, ROW_CHARACTERS
from openjuki.errors import BadFile

DOCS = Path(__file__).parents[3] / "docs"
REPORT = (DOCS / "reference" / "import-report.md").read_text("utf-8")
HOWTO = (DOCS / "howto" / "import-a-register.md").read_text("utf-8")


@pytest.mark.parametrize(("page", "columns"), [("import.md", COLUMNS), ("change.md", CHANGE)])
def test_the_columns_of_a_file_are_listed(page, columns):
    """All of them, no others, each with its Japanese name, its form and its example."""
    text = (DOCS / "reference" / page).read_text("utf-8")

    listed = re.findall(r"^\| (\S+) \| `(\w+)` \| (○?) ?\|.*\| (.*) \|$", text, re.MULTILINE)

    assert [(japanese, name, bool(required), example) for japanese, name, required, example in listed] == [
        (column.japanese, column.name, column.required, column.example) for column in columns
    ]


def test_the_fields_of_a_report_are_listed():
    """In the order in which they are written."""
    table = REPORT.partition("| field | |")[2].partition("\n\n")[0]

    assert tuple(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == FIELDS


def test_the_example_of_a_report_has_its_fields():
    """Nobody copies an example that is out of date."""
    (example,) = re.findall(r"^```json\n(.*?)^```", REPORT, re.MULTILINE | re.DOTALL)

    assert tuple(json.loads(example)) == FIELDS


def test_every_way_not_to_read_a_file_is_listed():
    """With its code."""
    codes = {error.code for error in BadFile.__subclasses__()}

    assert set(re.findall(r"JK-INPUT-\d{4}", REPORT)) == codes


def test_the_encodings_are_named():
    """As the option takes them."""
    assert all(f"`--encoding {encoding}`" in REPORT for encoding in Encoding)


def test_the_limits_are_named():
    """How long a row and a cell may be."""
    assert f"{ROW_CHARACTERS:,} characters" in REPORT
    assert f"up to {LOOK_AHEAD} lines" in REPORT


def test_the_example_of_the_how_to_can_be_imported(read):
    """Word by word."""
    (example,) = re.findall(r"^```csv\n(.*?)^```", HOWTO, re.MULTILINE | re.DOTALL)

    rows, rejected, alerts = read(example)

    assert (len(rows), rejected, alerts) == (2, [], [])
    required = {column.name for column in COLUMNS if column.required}
    assert required <= {find(name).name for name in next(csv.reader(example.splitlines()))}
