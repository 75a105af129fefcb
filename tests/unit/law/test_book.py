# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The statute book is data with days of validity; a day picks its edition."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import date, timedelta
from importlib.resources import files

import pytest

from openjuki.config import Kind
from openjuki.errors import BadConfiguration
from openjuki.law.book import OWN_DEFINITIONS, Area, Basis, Book, Key, Method, Route
from openjuki.residents.record import IdentificationInformation

BOOK = Book.load()
TODAY = date(2026, 4, 1)
BASES = BOOK.at(TODAY).affairs["register-work"].bases

#: A small book of another country, to try what ours does not do yet.
BASE = """
article = "法1条"
title_ja = "根拠"
title_en = "A basis"
recipient = "agency"
provider = "centre"
area = "same-prefecture"
route = "direct"
since = 2000-01-01
"""
DEFAULT = 'keys = [["name", "address"]]\nnarrowing = ["sex"]\nitems = ["name"]\nmethods = ["bulk"]\n'
AFFAIR = 'title_ja = "事務"\ntitle_en = "Work"\nlaw = "法"\nbases = ["a"]\n'


def texts(**more: str) -> dict[str, str]:
    """The files of a book with one basis; files by their paths, with __ for /."""
    small = {
        "bases.toml": f"[a]{BASE}\n[b]{BASE}until = 2010-01-01\n",
        "defaults.toml": f"[a]\n{DEFAULT}[b]\n{DEFAULT}",
    }
    return small | {path.replace("__", "/"): text for path, text in more.items()}


def small(**affairs: str) -> Book:
    """A book whose part `p` has a file for each day."""
    return Book.read(
        texts() | {f"affairs/p/{day[1:].replace('_', '-')}.toml": text for day, text in affairs.items()}
    )


# What our book says


def test_work_on_the_register_rests_on_three_bases():
    """Its own register, its own prefecture, the others: in this order they are tried."""
    assert [(basis.article, basis.area, basis.route, basis.provider) for basis in BASES] == [
        ("法5条", Area.OWN_REGISTER, Route.WITHIN, Kind.MUNICIPALITY),
        ("法30条の10第1項第4号", Area.SAME_PREFECTURE, Route.DIRECT, Kind.CENTRE),
        ("法30条の12第1項第4号", Area.OTHER_PREFECTURE, Route.GOVERNOR, Kind.CENTRE),
    ]
    assert {basis.recipient for basis in BASES} == {Kind.MUNICIPALITY}


def test_the_governor_provides_under_neither_base():
    """Since 2015 the Centre provides for work on the register, never the governor (法30条の25)."""
    assert Kind.PREFECTURE not in {basis.provider for basis in BASES}


@pytest.mark.parametrize("basis", BASES, ids=lambda basis: basis.id)
def test_what_an_answer_holds_is_identification_information(basis: Basis):
    """Nothing else is told, and outside its own register no number of the municipality's own (法30条の6)."""
    known = {field.name for field in fields(IdentificationInformation)}
    more = {"state", "reason", "date_of_change"}

    assert set(basis.items) - known - more <= {"resident_number"}
    assert ("resident_number" in basis.items) is (basis.area is Area.OWN_REGISTER)
    assert len(set(basis.items)) == len(basis.items)


@pytest.mark.parametrize(
    ("day", "articles"),
    [
        pytest.param(date(1967, 11, 9), None, id="before the Act there is nothing"),
        pytest.param(date(1967, 11, 10), ["法5条"], id="the Act's first day"),
        pytest.param(
            date(2015, 10, 4), ["法5条"], id="the last day of the old chapter, which the book has not"
        ),
        pytest.param(
            date(2015, 10, 5),
            ["法5条", "法30条の10第1項第4号", "法30条の12第1項第4号"],
            id="the first day of the new",
        ),
        pytest.param(
            date.max, ["法5条", "法30条の10第1項第4号", "法30条の12第1項第4号"], id="as far as we know"
        ),
    ],
)
def test_a_day_picks_its_edition(day: date, articles: list[str] | None):
    """What was in force on a day is what the book says of that day."""
    affair = BOOK.affair("register-work", day)

    assert (affair and [basis.article for basis in affair.bases]) == articles


def test_an_affair_nobody_wrote_down_is_not_known():
    """An affair of no law is unknown on every day."""
    assert BOOK.affair("passports", TODAY) is None
    assert "passports" not in BOOK.known
    assert "register-work" in BOOK.known


@pytest.mark.parametrize(
    ("keys", "enough"),
    [
        pytest.param({Key.RESIDENT_CODE}, True, id="a code alone"),
        pytest.param({Key.INDIVIDUAL_NUMBER}, True, id="a number alone"),
        pytest.param({Key.NAME, Key.BIRTH_DATE}, True, id="name and birth date"),
        pytest.param({Key.NAME, Key.ADDRESS}, True, id="name and address"),
        pytest.param({Key.NAME, Key.BIRTH_DATE, Key.SEX}, True, id="with the sex besides"),
        pytest.param({Key.NAME, Key.BIRTH_DATE, Key.ADDRESS, Key.SEX}, True, id="all four items"),
        pytest.param({Key.RESIDENT_CODE, Key.NAME}, True, id="a code, and the name to be sure"),
        pytest.param({Key.NAME}, False, id="a name alone"),
        pytest.param({Key.NAME, Key.SEX}, False, id="name and sex"),
        pytest.param({Key.BIRTH_DATE, Key.SEX}, False, id="birth date and sex"),
        pytest.param({Key.BIRTH_DATE, Key.ADDRESS}, False, id="birth date and address"),
        pytest.param({Key.ADDRESS}, False, id="an address alone: who lives there?"),
        pytest.param({Key.SEX}, False, id="the sex alone"),
        pytest.param(set(), False, id="nothing at all"),
    ],
)
@pytest.mark.parametrize("basis", BASES, ids=lambda basis: basis.id)
def test_a_question_is_never_wider_than_two_items(basis, keys, enough):
    """By code, by number, by name and birth date, by name and address; never by less (照会条件の限定)."""
    assert basis.suffices(frozenset(keys)) is enough


# What any book does


def test_a_key_that_is_not_allowed_is_refused_beside_one_that_is():
    """An affair without the number may not be asked by it, however much else is given."""
    affair = small(d2020_01_01=f"[x]\n{AFFAIR}").affair("x", TODAY)

    assert affair is not None
    (basis,) = affair.bases
    assert basis.opens(frozenset({Key.NAME, Key.ADDRESS, Key.SEX}))
    assert not basis.opens(frozenset({Key.NAME, Key.ADDRESS, Key.INDIVIDUAL_NUMBER}))
    assert not basis.opens(frozenset({Key.NAME, Key.ADDRESS, Key.BIRTH_DATE}))


def test_a_new_text_takes_effect_at_its_day_and_the_old_stays_known():
    """Each file stands until the part's next."""
    book = small(
        d2020_01_01=f"[x]\n{AFFAIR}[gone]\n{AFFAIR}",
        d2026_04_01=f"[x]\n{AFFAIR.replace('Work', 'Other work')}[new]\n{AFFAIR}",
    )

    assert set(book.at(date(2019, 12, 31)).affairs) == set()
    assert set(book.at(date(2020, 1, 1)).affairs) == {"x", "gone"}
    assert set(book.at(TODAY - timedelta(days=1)).affairs) == {"x", "gone"}
    assert set(book.at(TODAY).affairs) == {"x", "new"}
    assert [book.at(day).affairs["x"].title_en for day in (TODAY - timedelta(days=1), TODAY)] == [
        "Work",
        "Other work",
    ]
    assert (book.at(TODAY).since, book.known) == (TODAY, {"x", "gone", "new"})


def test_a_basis_ends():
    """From the day on which a provision is no longer in force nothing rests on it."""
    book = small(
        d2000_01_01=f"[x]\n{AFFAIR.replace('["a"]', '["a", "b"]')}[y]\n{AFFAIR.replace('"a"', '"b"')}"
    )

    def standing(day: date) -> dict[str, list[str]]:
        return {id_: [basis.id for basis in one.bases] for id_, one in book.at(day).affairs.items()}

    assert standing(date(2009, 12, 31)) == {"x": ["a", "b"], "y": ["b"]}
    assert standing(date(2010, 1, 1)) == {"x": ["a"]}


def test_an_affair_may_say_otherwise_for_itself():
    """What the defaults say of a basis, an affair may say otherwise; elsewhere they stay."""
    more = 'a = { items = ["name", "address"], methods = ["online", "terminal"] }\n'
    book = small(d2020_01_01=f"[x]\n{AFFAIR}{more}[y]\n{AFFAIR}")

    (changed,), (plain,) = (book.at(TODAY).affairs[one].bases for one in "xy")

    assert changed.items == ("name", "address")
    assert changed.methods == {Method.ONLINE, Method.TERMINAL}
    assert changed.keys == plain.keys == {frozenset({Key.NAME, Key.ADDRESS})}
    assert (plain.items, plain.methods) == (("name",), {Method.BULK})


def test_an_affair_is_found_by_its_words():
    """By titles in two languages, law, article and what clerks call it; each word must occur."""
    edition = BOOK.at(TODAY)
    affair = edition.affairs["register-work"]

    for words in ("転入", "台帳 事務", "30条の12", "MOVING counter", "", "30-10-1-4"):
        assert affair in edition.search(words)
    for words in ("旅券", "転入 旅券"):
        assert affair not in edition.search(words)


@pytest.mark.parametrize(
    ("book", "file"),
    [
        pytest.param({"affairs__p__2020-01-01.toml": "[x"}, "affairs/p/2020-01-01.toml", id="not TOML"),
        pytest.param({"affairs__p__soon.toml": ""}, "affairs/p/soon.toml", id="a file that names no day"),
        pytest.param(
            {"affairs__p__2020-01-01.toml": f"[x]\n{AFFAIR.replace('law', 'low')}"},
            "affairs/p/2020-01-01.toml",
            id="an affair of no law",
        ),
        pytest.param(
            {"affairs__p__2020-01-01.toml": f"[x]\n{AFFAIR.replace('"a"', '"z"')}"},
            "affairs/p/2020-01-01.toml",
            id="an affair on a basis that is not there",
        ),
        pytest.param(
            {"affairs__p__2020-01-01.toml": f"[x]\n{AFFAIR}a = {{ provider = 'agency' }}"},
            "affairs/p/2020-01-01.toml",
            id="an affair that would change what the Act says",
        ),
        pytest.param(
            {"affairs__p__2020-01-01.toml": f"[x]\n{AFFAIR}a = {{ keys = [['shoe_size']] }}"},
            "affairs/p/2020-01-01.toml",
            id="a key that nobody has",
        ),
        pytest.param({"affairs__p__2020-01-01.toml": "x = 1"}, "affairs/p/2020-01-01.toml", id="no table"),
        pytest.param(
            {"bases.toml": f"[a]{BASE.replace('direct', 'by-pigeon')}"}, "bases.toml", id="an unknown road"
        ),
        pytest.param({"bases.toml": f"[c]{BASE}"}, "bases.toml", id="a basis without defaults"),
    ],
)
def test_a_malformed_book_names_its_file(book: dict[str, str], file: str):
    """A book that cannot be read is not read in part."""
    with pytest.raises(BadConfiguration) as caught:
        Book.read(texts(**book))

    assert caught.value.where.file == file


@pytest.mark.parametrize("missing", ["bases.toml", "defaults.toml"])
def test_a_book_without_a_file_is_no_book(missing: str):
    """Bases and defaults are both needed."""
    rest = {path: text for path, text in texts().items() if path != missing}

    with pytest.raises(BadConfiguration, match="lacks a file") as caught:
        Book.read(rest)

    assert caught.value.where.file == missing


def test_a_book_of_nothing_permits_nothing():
    """Without affairs there is one empty edition."""
    book = Book([])

    assert (book.known, dict(book.at(TODAY).affairs)) == (frozenset(), {})


# How it is written down


def test_our_own_definitions_stand_apart_from_the_law():
    """What the Act does not say stands in one file that says so, and nowhere else."""
    data = files("openjuki.law") / "data"
    members = {
        name: set(re.findall(r"^(\w+) =", (data / name).read_text("utf-8"), re.MULTILINE))
        for name in ("bases.toml", "defaults.toml")
    }

    assert members["defaults.toml"] == {*OWN_DEFINITIONS, "like"}
    assert not members["bases.toml"] & set(OWN_DEFINITIONS)
    assert "Our own definition" in (data / "defaults.toml").read_text("utf-8")


@pytest.mark.parametrize(
    ("affair", "stands"),
    [
        pytest.param("register-work", (date(1967, 11, 10), None), id="since the Act, and still"),
        pytest.param("number-act-preparation", (date(2013, 5, 31), date(2016, 1, 1)), id="over"),
        pytest.param("nobody-knows-it", None, id="never"),
    ],
)
def test_a_book_says_from_when_to_when_an_affair_stands(affair, stands):
    """The first day in force, and the first no longer in force."""
    assert Book.load().standing(affair) == stands
