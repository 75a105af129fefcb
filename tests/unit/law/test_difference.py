# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an amendment changes."""

from __future__ import annotations

from datetime import date

from openjuki.law.book import Book
from openjuki.law.difference import Amendment, difference

BOOK = Book.load()
OLD, NEW = BOOK.at(date(2023, 12, 1)), BOOK.at(date(2026, 6, 14))


def amended(affair: str) -> list[tuple[str | None, str]]:
    """What an affair says anew between the two texts."""
    return [(one.basis, one.member) for one in difference(OLD, NEW).amended if one.affair == affair]


def test_nothing_changes_within_an_edition():
    """A day is no amendment."""
    found = difference(NEW, BOOK.at(date(2099, 1, 1)))

    assert (found.begun, found.ended, found.amended) == ((), (), ())


def test_affairs_begin_and_end():
    """109 of the nation's, 35 of governors', 21 of mayors', 14 quasi-statutory ones and cards abroad; one ended."""
    found = difference(OLD, NEW)
    begun = [one.id.split("-")[0] for one in found.begun]

    assert {sort: begun.count(sort) for sort in begun} == {
        "cards": 1,
        "quasi": 14,
        "state": 109,
        "city": 21,
        "prefecture": 35,
    }
    assert [one.id for one in found.ended] == ["prefecture-067"]


def test_backwards_what_began_ends():
    """The difference of two days read the other way."""
    there, back = difference(OLD, NEW), difference(NEW, OLD)

    assert (there.begun, there.ended) == (back.ended, back.begun)
    assert len(there.amended) == len(back.amended)


def test_a_row_that_moved_is_an_amendment_of_the_article():
    """Municipal taxes stand in another row of table 4; the row is told where the work changed, too."""
    assert amended("city-011") == [(None, "title_ja"), (None, "law"), ("30-12-1-1", "article")]


def test_a_new_text_of_the_same_work_is_told_with_both():
    """Passports: what the ministry does, before and after."""
    (one,) = [one for one in difference(OLD, NEW).amended if one.affair == "state-054"]

    assert one == Amendment(
        affair="state-054",
        basis=None,
        member="title_ja",
        before="旅券法による発給、渡航先の追加又は届出",
        after="旅券法による申請、請求、発行、渡航先の追加、渡航先の訂正、届出、失効、命令又は申請",
    )


def test_a_basis_that_comes_or_goes_is_told_by_its_article():
    """On the first day of the Act there was no network; since 2015 the register rests on two bases more."""
    found = difference(BOOK.at(date(1967, 11, 10)), BOOK.at(date(2015, 10, 5)))

    assert [(one.basis, one.before, one.after) for one in found.amended] == [
        ("30-10-1-4", None, "法30条の10第1項第4号"),
        ("30-12-1-4", None, "法30条の12第1項第4号"),
    ]


def test_two_rows_under_one_basis_are_told_apart():
    """An affair in two rows of a table is compared row by row."""
    texts = {
        "bases.toml": (
            '[a]\narticle = "法1条"\ntitle_ja = "根拠"\ntitle_en = "A basis"\nrecipient = "agency"\n'
            'provider = "centre"\narea = "nation"\nroute = "direct"\nsince = 2000-01-01\n'
        ),
        "defaults.toml": '[a]\nkeys = []\nnarrowing = []\nitems = ["name"]\nmethods = []\n',
        "affairs/p/2020-01-01.csv": "affair,basis,row,recipient,law,title\nx,a,1,甲,法,事務\nx,a,2,乙,法,事務\n",
        "affairs/p/2021-01-01.csv": "affair,basis,row,recipient,law,title\nx,a,1,甲,法,事務\nx,a,2,丙,法,事務\n",
    }
    book = Book.read(texts)
    found = difference(book.at(date(2020, 1, 1)), book.at(date(2021, 1, 1)))

    assert [(one.member, one.before, one.after) for one in found.amended] == [
        ("listed", "乙", "丙"),
        ("names", {"乙"}, {"丙"}),
    ]
