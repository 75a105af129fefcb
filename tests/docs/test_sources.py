# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What every file owes its reader: a licence in two lines, and articles that can be looked up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "tests", "scripts", "benchmarks", "docs")
HEADER = ("SPDX-FileCopyrightText: The OpenJuki contributors", "SPDX-License-Identifier: Apache-2.0")


def files(*suffixes: str) -> list[Path]:
    return sorted(path for name in FOLDERS for path in (ROOT / name).rglob("*") if path.suffix in suffixes)


def test_every_source_names_its_licence():
    """The first lines of a program, a script or a query say whose it is and under which licence."""
    comment = {".sql": "-- "}
    unmarked = []
    for path in files(".py", ".sh", ".sql"):
        lines = path.read_text(encoding="utf-8").splitlines()
        lines = lines[1:] if lines and lines[0].startswith("#!") else lines
        if tuple(lines[:2]) != tuple(comment.get(path.suffix, "# ") + line for line in HEADER):
            unmarked.append(str(path.relative_to(ROOT)))

    assert unmarked == []


#: 条, then 項, then 号; after a branch number 項 and 号 take 第, since 法30条の6 1項 could not be told apart.
ARTICLE = (
    r"\d+条"
    r"(?:(?:の\d+)+(?:第\d+項)?(?:第\d+号(?:の\d+)*)?"
    r"|(?:\d+項)?(?:\d+号(?:の\d+)*)?)"
)
#: Something that cites an article: a law's name ends so, and a number or a 第 follows.
CITES = re.compile(r"(?:法|令|規則|省令\d+号)(?=第?[0-9０-９一二三四五六七八九十百]+条)")
WELL_FORMED = re.compile(ARTICLE, re.ASCII)
#: What would have belonged to the citation.
LEFT_OVER = re.compile(r"の?\d|[0-9０-９]|第[0-9０-９]|[項号]", re.ASCII)


def malformed(text: str) -> list[str]:
    """The citations in a text that are not of the form."""
    found = []
    for cited in CITES.finditer(text):
        match = WELL_FORMED.match(text, cited.end())
        if match is None or LEFT_OVER.match(text, match.end()):
            found.append(text[max(cited.start() - 6, 0) : cited.end() + 16])
    return found


@pytest.mark.parametrize("path", files(".py", ".sql", ".md"), ids=lambda path: str(path.relative_to(ROOT)))
def test_cited_articles_are_well_formed(path):
    """An article is cited so that it can be looked up: 法30条の6第1項, 法7条1号の2, 規則11条1項1号."""
    if path == Path(__file__):
        return

    assert malformed(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "citation",
    [
        pytest.param("法第30条の6", id="第 before an article"),
        pytest.param("法三十条", id="numerals of kanji"),
        pytest.param("令３０条", id="full-width figures"),
        pytest.param("法30条の61項", id="a paragraph that runs into the branch number"),
        pytest.param("規則11条第1項", id="第 without a branch number"),
    ],
)
def test_the_form_of_a_citation_is_told(citation):
    """What could be misread is not a citation."""
    assert malformed(citation) != []


@pytest.mark.parametrize(
    "citation",
    [
        "法30条の6第1項",
        "法7条1号の2",
        "規則11条1項1号",
        "令30条の5第2号",
        "番号法省令85号5条",
        "法30条の6・30条の7",
        "令8条–12条",
    ],
)
def test_the_house_form_is_accepted(citation):
    """The forms that the house uses pass."""
    assert malformed(citation) == []
