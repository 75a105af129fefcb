# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The page that says how a new text is entered: its example is a text that can be read, and says what the page says."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from openjuki.config import Kind
from openjuki.law import reading
from openjuki.law.basis import Method
from openjuki.law.book import Book, packaged
from openjuki.law.retention import Retention

PAGE = (Path(__file__).parents[3] / "docs/howto/enter-a-new-law.md").read_text(encoding="utf-8")
DAY = date(2027, 4, 1)
#: The page's files, by their paths: each is named in the sentence above it.
FILES = dict(re.findall(r"`law/([^`]+)`[^\n]*\n\n```(?:csv|toml)\n(.*?)```", PAGE, re.DOTALL))


@pytest.fixture(scope="module")
def book() -> Book:
    """The program's book with the page's files."""
    assert reading.read(packaged(), FILES).faults == []
    return Book.read(packaged(), FILES)


def test_the_page_shows_these_files():
    """One of each kind that an office may want."""
    assert list(FILES) == [
        "affairs/ordinance-220001/2027-04-01.csv",
        "overrides.toml",
        "bodies.toml",
        "retention.toml",
    ]


def test_the_ordinance_begins_on_its_day(book: Book):
    """Neither before it, nor for another prefecture; and narrower than the default."""
    assert book.affair("shizuoka-2-01", date(2027, 3, 31)) is None
    affair = book.affair("shizuoka-2-01", DAY)
    assert affair is not None
    assert affair.is_for(Kind.PREFECTURE, book.body("220001", Kind.PREFECTURE, None))
    assert not affair.is_for(Kind.PREFECTURE, book.body("130001", Kind.PREFECTURE, None))
    (basis,) = affair.bases
    assert (basis.methods, basis.items) == (
        {Method.TERMINAL},
        ("name", "birth_date", "municipality", "address", "state"),
    )
    assert [one.id for one in book.at(DAY).search("ケアマネジャー")] == ["shizuoka-2-01"]


def test_the_new_gateway_is_its_mayors(book: Book):
    """And stands in its prefecture."""
    body = book.body("agency-numazu-fukushi", Kind.AGENCY, None)

    assert body.prefecture == "220001"
    assert book.at(DAY).affairs["city-027"].is_for(Kind.AGENCY, body)


def test_records_are_kept_as_long_as_the_home_says(book: Book):
    """Five years there, seven where nothing is said; a kind that the book does not know is none."""
    assert book.retention("provision").years == 5
    assert Book.read(packaged()).retention("provision").years == 7
    with pytest.raises(KeyError):
        book.retention("for-ever")


@pytest.mark.parametrize(
    ("since", "until"),
    [
        (date(2026, 6, 14), date(2031, 6, 14)),
        (date(2024, 2, 29), date(2029, 3, 1)),
        (date(2023, 2, 28), date(2028, 2, 28)),
    ],
)
def test_a_record_may_be_erased_on_its_day_years_later(since: date, until: date):
    """The 29th of February is the 1st of March in a year that has none."""
    assert Retention(id="provision", title_ja="記録", title_en="Record", years=5).until(since) == until


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        pytest.param("retention.toml", "[provision]\nyears = 7\n", "title_ja", id="without a title"),
        pytest.param(
            "retention.toml",
            '[provision]\ntitle_ja = "記録"\ntitle_en = "R"\nyears = 0\n',
            "1 to 150",
            id="no year",
        ),
        pytest.param(
            "retention.toml",
            '[provision]\ntitle_ja = "記録"\ntitle_en = "R"\nyears = true\n',
            "1 to 150",
            id="a flag for years",
        ),
        pytest.param(
            "retention.toml",
            '[provision]\ntitle_ja = "記録"\ntitle_en = "R"\nyears = 151\n',
            "1 to 150",
            id="for ever",
        ),
        pytest.param(
            "overrides.toml",
            '[state-118.30-9]\nretention = "for-ever"\n',
            "no such retention: for-ever",
            id="a kind that is not in the table",
        ),
        pytest.param(
            "overrides.toml", "[state-118.30-9]\nretention = 7\n", "a retention is named", id="years, no name"
        ),
    ],
)
def test_a_retention_that_cannot_be_kept_is_a_fault(path: str, text: str, message: str):
    """Said with its file when the book is read, not when a record is to be erased."""
    faults = reading.read(packaged(), {path: text}, "home/").faults

    assert faults
    assert message in str(faults[0])
    assert faults[0].where.file is not None
