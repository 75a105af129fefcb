# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The book that comes with the program: both texts of the tables, and what the Act lets nobody have."""

from __future__ import annotations

import csv
from datetime import date
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from openjuki.config import Kind
from openjuki.law.basis import Area, Basis, Key, NumberRule, Route
from openjuki.law.book import Book, packaged
from openjuki.law.reading import stands_in

if TYPE_CHECKING:
    from openjuki.law.edition import Affair

BOOK = Book.load()
OLD, NEW = date(2023, 12, 1), date(2026, 6, 14)
EDITIONS = [pytest.param(BOOK.at(day), id=day.isoformat()) for day in (OLD, date(2024, 5, 27), NEW)]
PASSPORTS_ABROAD, PASSPORTS, TAX = "state-054", "prefecture-013", "city-011"


def affair(name: str, day: date = NEW) -> Affair:
    """An affair that is in force."""
    found = BOOK.affair(name, day)
    assert found is not None
    return found


def bases(day: date = NEW) -> list[Basis]:
    """Every basis of every affair of a day."""
    return [basis for one in BOOK.at(day).affairs.values() for basis in one.bases]


# Counts


@pytest.mark.parametrize(
    ("day", "rows"),
    [
        pytest.param(OLD, (191, 68, 71, 67, 71, 5), id="as published for 2023-12-01"),
        pytest.param(date(2026, 6, 13), (191, 68, 71, 67, 71, 5), id="the eve of the new text"),
        pytest.param(NEW, (300, 89, 104, 88, 103, 7), id="the new text"),
        pytest.param(date(2023, 11, 30), (0, 0, 0, 0, 0, 0), id="before what the book knows"),
    ],
)
def test_the_tables_have_as_many_rows_as_the_act(day: date, rows: tuple[int, ...]):
    """別表第一 to 別表第六, row by row."""
    assert BOOK.at(day).tables == rows


@pytest.mark.parametrize(
    ("basis", "entered", "awaited"),
    [
        pytest.param("30-13-1", 13, 0, id="municipalities"),
        pytest.param("30-15-1-2", 21, 10, id="the governor"),
        pytest.param("30-15-2-2", 2, 8, id="other bodies"),
    ],
)
def test_hokkaidos_ordinance_is_entered_as_far_as_it_is_known(basis: str, entered: int, awaited: int):
    """13 of 13, 21 of 31, 2 of 10: the others are there, and wait for their text."""
    edition = BOOK.at(OLD)

    assert edition.rows[basis] == entered
    assert [one.id for one in edition.awaited.values()].count(basis) == awaited


@pytest.mark.parametrize(
    ("day", "count"),
    [
        pytest.param(date(2024, 5, 26), 0, id="before the ordinance"),
        pytest.param(date(2024, 5, 27), 14, id="its first day"),
    ],
)
def test_quasi_statutory_affairs_are_fourteen(day: date, count: int):
    """準法定事務 since 2024-05-27; the same work of a governor and of other bodies is one affair."""
    assert sum(name.startswith("quasi-") for name in BOOK.at(day).affairs) == count


def test_an_affair_of_an_ordinance_begins_when_it_begins():
    """Parking fines of the police came to the ordinance in June 2014."""
    assert BOOK.affair("hokkaido-3-02", date(2014, 5, 31)) is None
    assert affair("hokkaido-3-02", date(2015, 10, 5)).title_ja == "道路交通法による放置違反金の納付命令等"


# Rows and affairs


@pytest.mark.parametrize(
    ("name", "day", "articles"),
    [
        pytest.param(PASSPORTS_ABROAD, NEW, ["法30条の9・別表第1の41の項"], id="a ministry"),
        pytest.param(
            TAX,
            NEW,
            ["法30条の10第1項第1号・別表第2の2の2の項", "法30条の12第1項第1号・別表第4の1の14の項"],
            id="a municipality: tables 2 and 4",
        ),
        pytest.param(
            TAX,
            OLD,
            ["法30条の10第1項第1号・別表第2の2の2の項", "法30条の12第1項第1号・別表第4の1の10の項"],
            id="the same before its row moved",
        ),
        pytest.param(
            "prefecture-004",
            NEW,
            ["法30条の15第1項第1号・別表第5の1の6の項", "法30条の11第1項第1号・別表第3の1の5の項"],
            id="a prefecture: tables 5 and 3, its own persons first",
        ),
        pytest.param(PASSPORTS, NEW, ["法30条の15第1項第1号・別表第5の6の項"], id="table 5 alone"),
    ],
)
def test_an_affair_names_its_rows(name: str, day: date, articles: list[str]):
    """The article that goes into the journal leads to the row."""
    assert [basis.article for basis in affair(name, day).bases] == articles


def test_an_affair_keeps_its_id_when_its_row_moves():
    """An office that holds an affair holds the same work after an amendment, whatever its row is now."""
    before, after = BOOK.at(date(2026, 6, 13)).affairs, BOOK.at(NEW).affairs
    kept = before.keys() & after.keys()

    moved = [name for name in kept if before[name].bases[0].row != after[name].bases[0].row]
    assert len(moved) > 80
    assert all(_first_law(before[name]) == _first_law(after[name]) for name in moved if name != "state-014")
    assert before.keys() - after.keys() == {"prefecture-067"}


def _first_law(one: Affair) -> str:
    return one.law.split(";")[0][:4]


@pytest.mark.parametrize("edition", EDITIONS)
def test_an_affair_rests_on_bases_of_one_sort_of_body(edition):
    """Tables 2 and 4 are mayors', 3, 5 and 6 governors', 1 the nation's; quasi-statutory affairs mix them."""
    for one in edition.affairs.values():
        if not one.id.startswith("quasi-"):
            assert len({basis.recipient for basis in one.bases}) == 1, one.id


@pytest.mark.parametrize("edition", EDITIONS)
def test_nobody_is_covered_twice_by_the_same_provider(edition):
    """Own prefecture and others: what one node answers to one body about one person rests on one basis."""
    for one in edition.affairs.values():
        for basis, other in pairwise(one.bases):
            same = (basis.provider, basis.area, basis.recipient) == (
                other.provider,
                other.area,
                other.recipient,
            )
            assert not same or basis.names != other.names, one.id


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_nearest_is_tried_first(edition):
    """The own register before the own prefecture, that before the others."""
    order = list(Area)
    for one in edition.affairs.values():
        assert [basis.area for basis in one.bases] == sorted(
            (basis.area for basis in one.bases), key=order.index
        )


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_basis_stands_in_the_act(edition):
    """What is cited is an article of the chapter, or the one by which a municipality keeps its register."""
    for one in edition.affairs.values():
        for basis in one.bases:
            known = [article for article in BOOK.articles if stands_in(basis.article, article)]
            assert len(known) == 1 or basis.article == "法5条", basis.article


def test_a_citation_stands_in_one_article():
    """法30条の9の2 is no paragraph of 法30条の9."""
    assert stands_in("法30条の9・別表第1の41の項", "法30条の9")
    assert stands_in("法30条の9", "法30条の9")
    assert not stands_in("法30条の9の2第1項", "法30条の9")
    assert not stands_in("法30条の15の2第1項", "法30条の15")


def test_through_the_governor_are_tables_four_and_the_register():
    """法30条の12第1項第1号 and 第4号, and what a prefecture's ordinance gives municipalities elsewhere."""
    assert {basis.id for basis in bases() if basis.route is Route.GOVERNOR} == {"30-12-1-1", "30-12-1-4"}


# Code and number

CODE_GOES_OUT = {"own-register", "30-9-2", "30-10-1-4", "30-11-1-3", "30-12-1-4"}


@pytest.mark.parametrize("edition", EDITIONS)
def test_the_code_goes_out_under_five_bases(edition):
    """Work on the register, governors' cooperation, the Digital Agency: to nobody else (法30条の9, 法30条の9の2)."""
    told = {
        basis.id for one in edition.affairs.values() for basis in one.bases if "resident_code" in basis.items
    }

    assert told == CODE_GOES_OUT


def test_the_digital_agency_is_told_the_code_and_nothing_else():
    """法30条の9の2第1項: it gives the number."""
    (basis,) = affair("digital-agency-code").bases

    assert (basis.items, basis.keys) == (("resident_code",), {frozenset({Key.INDIVIDUAL_NUMBER})})
    assert basis.names == {"デジタル庁"}


@pytest.mark.parametrize("edition", EDITIONS)
def test_ordinances_give_neither_code_nor_number(edition):
    """法30条の13, 法30条の14, 法30条の15第1項第2号: neither is told, neither is a key."""
    of_ordinances = [
        basis for one in edition.affairs.values() for basis in one.bases if basis.government is not None
    ]

    assert of_ordinances
    for basis in of_ordinances:
        assert basis.number is NumberRule.NEVER
        assert not {"resident_code", "individual_number"} & set(basis.items)
        assert not {Key.RESIDENT_CODE, Key.INDIVIDUAL_NUMBER} & frozenset().union(*basis.keys)


@pytest.mark.parametrize(
    ("name", "number"),
    [
        pytest.param("city-027", True, id="public assistance"),
        pytest.param(TAX, True, id="municipal taxes"),
        pytest.param("state-118", True, id="the national pension"),
        pytest.param("quasi-07", True, id="a quasi-statutory affair"),
        pytest.param("city-066", False, id="empty houses"),
        pytest.param(PASSPORTS, False, id="passports"),
        pytest.param("state-001", False, id="a corporation under a law in which the governor may use it"),
        pytest.param("hokkaido-2-02", False, id="taxes under an ordinance"),
    ],
)
def test_the_number_goes_where_the_number_act_lets_it(name: str, number):
    """番号法9条1項: where the recipient may use it, it is told and may be asked by; else neither."""
    for basis in affair(name).bases:
        assert ("individual_number" in basis.items) is number
        assert basis.opens(frozenset({Key.INDIVIDUAL_NUMBER})) is number


@pytest.mark.parametrize("edition", EDITIONS)
def test_no_question_is_wide(edition):
    """By code, by number, by name with birth date or address: every combination of every affair finds few."""
    narrow = [
        frozenset({Key.RESIDENT_CODE}),
        frozenset({Key.INDIVIDUAL_NUMBER}),
        frozenset({Key.NAME, Key.BIRTH_DATE}),
        frozenset({Key.NAME, Key.ADDRESS}),
    ]
    for one in edition.affairs.values():
        for basis in one.bases:
            assert basis.keys <= set(narrow)
            assert basis.narrowing <= {Key.SEX}


@pytest.mark.parametrize("edition", EDITIONS)
def test_only_an_own_register_tells_its_own_number(edition):
    """A municipality's number of a resident stays with it."""
    told = {
        basis.id
        for one in edition.affairs.values()
        for basis in one.bases
        if "resident_number" in basis.items
    }

    assert told == {"own-register"}


def test_history_is_for_the_register_pensions_and_local_taxes():
    """Whoever follows a death or a move to its day, or asks where somebody lived on a day, sees what was before."""
    told = {one.id for one in BOOK.at(NEW).affairs.values() if any(basis.history for basis in one.bases)}

    assert told == {
        "register-work",
        "governors-cooperation",
        "state-115",
        "state-118",
        "city-011",
        "prefecture-010",
    }


# Recipients and providers


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_governor_provides_only_from_its_own_records(edition):
    """法30条の25: tables 5 and 6, ordinances and quasi-statutory affairs, about persons of whom it notified."""
    for one in edition.affairs.values():
        for basis in one.bases:
            if basis.provider is Kind.PREFECTURE:
                assert basis.area is Area.SAME_PREFECTURE
            if basis.table in {1, 2, 3, 4}:
                assert basis.provider is Kind.CENTRE


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_row_names_somebody(edition):
    """Whoever is not named by a row of a table is not its recipient."""
    for one in edition.affairs.values():
        for basis in one.bases:
            assert bool(basis.names) is bool(basis.listed)
            assert basis.names or basis.table is None


def test_every_local_row_names_a_class_or_is_left_to_the_network():
    """Municipal and prefectural rows name governments by what they are; these few are designated by others."""
    with (files("openjuki.law") / "data" / "classes.csv").open(encoding="utf-8") as file:
        known = {row["name"] for row in csv.DictReader(file)}
    rows = [basis for day in (OLD, NEW) for basis in bases(day) if basis.recipient is not Kind.AGENCY]

    unknown = {name for basis in rows for name in basis.names} - known
    assert all(
        any(
            word in name
            for word in ("福祉事務所", "児童相談所", "救助", "災害", "団体", "河川", "政令", "認定")
        )
        for name in unknown
    ), unknown


def test_titles_say_what_is_done():
    """Every affair has a title in Japanese, a title in English and a law."""
    for day in (OLD, NEW):
        for one in BOOK.at(day).affairs.values():
            assert one.title_ja
            assert one.title_en.isascii()
            assert one.law


def test_the_files_are_read_whole():
    """Nothing in the folder is passed over: every file is one that the page names."""
    names = {path.split("/")[0] for path in packaged()}

    assert names == {
        "affairs",
        "articles.csv",
        "bases.toml",
        "bodies.toml",
        "classes.csv",
        "defaults.toml",
        "number_act.toml",
        "overrides.toml",
        "recipients.csv",
        "retention.toml",
        "words.toml",
    }


# Searching


@pytest.mark.parametrize(
    ("words", "found"),
    [
        pytest.param("旅券", [PASSPORTS_ABROAD, PASSPORTS], id="the law's word"),
        pytest.param("パスポート", [PASSPORTS_ABROAD, PASSPORTS], id="a clerk's word"),
        pytest.param("ﾊﾟｽﾎﾟｰﾄ　外務省", [PASSPORTS_ABROAD], id="narrow kana, and a recipient"),
        pytest.param("Passport", [PASSPORTS_ABROAD, PASSPORTS], id="English"),
        pytest.param("別表第5の6の項", [PASSPORTS], id="a row"),
        pytest.param("空き家", ["city-066"], id="what people say"),
        pytest.param("放置違反金", ["hokkaido-3-02"], id="an ordinance"),
        pytest.param("デジタル庁 符号", ["digital-agency-code"], id="words of ours"),
        pytest.param("旅券 無線", [], id="words of two affairs"),
    ],
)
def test_an_affair_is_found_by_words(words: str, found: list[str]):
    """Over titles, laws, recipients, articles and what clerks say; every word must occur."""
    assert [one.id for one in BOOK.at(NEW).search(words)] == found


def test_old_spelling_is_no_hindrance():
    """The Act writes マツサージ and きゆう師."""
    assert [one.id for one in BOOK.at(NEW).search("マッサージ きゅう師")] == ["state-233", "state-234"]


def test_titles_come_before_what_else_mentions_a_word():
    """What an affair is stands before affairs whose recipient or article has the word."""
    titled = ["労働" in one.title_ja + one.law for one in BOOK.at(NEW).search("労働")]

    assert 0 < sum(titled) < len(titled)
    assert titled == sorted(titled, reverse=True)
