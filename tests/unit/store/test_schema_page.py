# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

PAGE = (Path(__file__).parents[3] / "docs/reference/schema.md").read_text(encoding="utf-8")
DRAWINGS = [file.read_text(encoding="utf-8") for file in (files("openjuki.store") / "schema").iterdir()]


def test_the_page_lists_every_table_with_its_japanese_name():
    """Each table that is drawn stands on the page under the name that its comment has, and no other does."""
    drawn = dict(re.findall(r"^COMMENT ON TABLE (\w+) IS '(.+)';$", "\n".join(DRAWINGS), flags=re.MULTILINE))
    listed = dict(re.findall(r"^\| `(\w+)` \| ([^|]+) \|", PAGE, flags=re.MULTILINE))

    assert listed == drawn


def test_every_table_has_a_comment():
    """No table is drawn without its Japanese name."""
    for drawing in DRAWINGS:
        tables = set(re.findall(r"^CREATE TABLE (\w+)", drawing, flags=re.MULTILINE))
        assert tables == set(re.findall(r"^COMMENT ON TABLE (\w+)", drawing, flags=re.MULTILINE))


def test_every_rule_of_the_database_has_a_name():
    """A check is named after the rule it keeps, so that a violation says which rule it was."""
    for drawing in DRAWINGS:
        checks = re.findall(r"^.*\bCHECK\b.*$", re.sub(r"\n\s+CHECK", " CHECK", drawing), flags=re.MULTILINE)
        assert [line for line in checks if "CONSTRAINT" not in line and not line.startswith("--")] == []
