# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A new text of the law is read whole, or every fault of it is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from openjuki.errors import BadConfiguration
from openjuki.law import reading
from openjuki.law.basis import Basis, Key, Method
from openjuki.law.book import Book, packaged

HEADER = "affair,basis,row,recipient,law,title,title_en,words,since,until,status,government\n"
GOOD = "x-1,30-9,1,外務省,旅券法,旅券の発給,Passports,査証 渡航,,,,\n"
PATH, NEXT = "affairs/p/2027-01-01.csv", "affairs/p/2028-01-01.csv"
BASIS = """
[30-99]
article = "法30条の99"
title_ja = "根拠"
title_en = "A basis"
recipient = "agency"
provider = "centre"
area = "nation"
route = "direct"
since = 2027-01-01
"""
ENTRY = """
[x-1]
title_ja = "旅券の発給"
title_en = "Passports"
law = "旅券法"
recipient = "外務省"
bases = ["30-9"]
"""
ITEMS = '[30-99]\nkeys = [["name", "address"]]\nnarrowing = []\nitems = [{}]\nmethods = ["online"]\n'


def faults(added: dict[str, str]) -> list[tuple[str, int | None, str | None, str]]:
    found = reading.read(packaged(), added, "home/").faults
    return [(str(one.where.file), one.where.row, one.where.column, str(one)) for one in found]


def row(**cells: str) -> str:
    """The good row with other cells."""
    values = dict(zip(HEADER.strip().split(","), GOOD.rstrip("\n").split(","), strict=True)) | cells
    return ",".join(values.values()) + "\n"


def test_a_good_row_is_a_line_of_the_book():
    """Each cell where it belongs; the file stands from its day."""
    book = Book.read(packaged(), {PATH: HEADER + GOOD})

    one = book.affair("x-1", date(2027, 1, 1))
    assert book.affair("x-1", date(2026, 12, 31)) is None
    assert one is not None
    assert (one.title_ja, one.title_en, one.law, one.words) == (
        "旅券の発給",
        "Passports",
        "旅券法",
        ("査証", "渡航"),
    )
    assert (one.bases[0].article, one.bases[0].names) == ("法30条の9・別表第1の1の項", {"外務省"})


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        pytest.param({"affair": "旅券"}, "affair", "small letters", id="an id that is none"),
        pytest.param({"affair": "x_1"}, "affair", "small letters", id="an id of other signs"),
        pytest.param({"basis": "30-99"}, "basis", "no such basis", id="a basis that is not there"),
        pytest.param({"recipient": ""}, "recipient", "no recipient", id="nobody is named"),
        pytest.param({"law": ""}, "law", "no law", id="no law"),
        pytest.param({"title": ""}, "title", "no title", id="no title"),
        pytest.param({"since": "soon"}, "since", "a day is written", id="a first day that is none"),
        pytest.param({"until": "2027-02-30"}, "until", "a day is written", id="a last day that is none"),
        pytest.param({"until": "2027-01-01"}, "until", "ends before it begins", id="no day at all"),
        pytest.param({"status": "maybe"}, "status", "awaited", id="a status that is none"),
        pytest.param({"government": "131010"}, "government", "no local government", id="no such government"),
        pytest.param({"government": "x"}, "government", "no local government", id="no code"),
        pytest.param({"basis": "30-13-2"}, "government", "whose ordinance", id="an ordinance of nobody"),
        pytest.param(
            {"basis": "30-13-1", "government": "131016"},
            "government",
            "another kind",
            id="a governor told by a town's ordinance",
        ),
        pytest.param(
            {"basis": "30-14", "government": "130001"},
            "government",
            "another kind",
            id="a mayor told by a prefecture's ordinance",
        ),
    ],
)
def test_a_bad_cell_is_named(cells: dict[str, str], column: str, words: str):
    """File, row and column; the header is row 1."""
    ((file, number, found, told),) = faults({PATH: HEADER + GOOD + row(affair="y-1") + row(**cells)})

    assert (file, number, found) == (f"home/{PATH}", 4, column)
    assert words in told


def test_an_awaited_affair_needs_no_text():
    """What the law has and nobody entered yet has neither title nor law."""
    cells = {"affair": "x-2", "law": "", "title": "", "status": "awaited"}
    book = Book.read(packaged(), {PATH: HEADER + row(**cells)})

    assert set(book.at(date(2027, 1, 1)).awaited) - set(book.at(date(2026, 12, 31)).awaited) == {"x-2"}


@pytest.mark.parametrize(
    ("added", "file", "number", "words"),
    [
        pytest.param({PATH: "affair,basis\n"}, PATH, 1, "missing", id="a column is missing"),
        pytest.param({PATH: HEADER.strip() + ",shoe\n"}, PATH, 1, "not known", id="a column too many"),
        pytest.param({PATH: HEADER + "x-1,30-9\n"}, PATH, 2, "as many cells", id="a short row"),
        pytest.param({PATH: ""}, PATH, None, "not CSV", id="an empty file"),
        pytest.param({PATH: HEADER + '"x\n'}, PATH, None, "not CSV", id="a quotation that does not end"),
        pytest.param(
            {"affairs/p/soon.csv": HEADER}, "affairs/p/soon.csv", None, "named by its day", id="no day"
        ),
        pytest.param(
            {"affairs/table-1/2023-12-01.csv": HEADER},
            "affairs/table-1/2023-12-01.csv",
            None,
            "of this day already",
            id="a text that was in force is not replaced",
        ),
        pytest.param(
            {"affairs/p/2027-01-01.toml": "[x"}, "affairs/p/2027-01-01.toml", None, "not TOML", id="TOML"
        ),
        pytest.param(
            {"affairs/p/2027-01-01.toml": '[x]\ntitle_ja = "a"\nbases = []\nshoe = 1\n'},
            "affairs/p/2027-01-01.toml",
            None,
            "no such member: shoe",
            id="an unknown member",
        ),
        pytest.param(
            {"affairs/p/2027-01-01.toml": ENTRY.replace('"30-9"', "")},
            "affairs/p/2027-01-01.toml",
            None,
            "no basis",
            id="an affair that rests on nothing",
        ),
        pytest.param(
            {"affairs/p/2027-01-01.toml": ENTRY.replace("30-9", "30-14")},
            "affairs/p/2027-01-01.toml",
            None,
            "whose ordinance",
            id="an entry of an ordinance of nobody",
        ),
        *(
            pytest.param(
                {"affairs/p/2027-01-01.toml": ENTRY.replace(said, "1")},
                "affairs/p/2027-01-01.toml",
                None,
                "quotation marks",
                id=f"{said} is no number",
            )
            for said in ('"旅券の発給"', '"Passports"', '"旅券法"', '"外務省"')
        ),
        pytest.param(
            {"affairs/p/2027-01-01.toml": ENTRY + 'words = "査証"\n'},
            "affairs/p/2027-01-01.toml",
            None,
            "in a list",
            id="words that are one",
        ),
        pytest.param(
            {"bases.toml": BASIS.replace("30-99", "30-9")}, "bases.toml", None, "already", id="a basis again"
        ),
        pytest.param({"bases.toml": BASIS}, "bases.toml", None, "'30-99'", id="a basis without defaults"),
        pytest.param(
            {"bases.toml": BASIS, "defaults.toml": ITEMS.format('"name"').replace("narrowing = []\n", "")},
            "bases.toml",
            None,
            "lacks 'narrowing'",
            id="a default that says too little",
        ),
        pytest.param(
            {"defaults.toml": '[30-90]\nmethods = ["terminal"]\n'},
            "defaults.toml",
            None,
            "no such basis",
            id="a default of no basis",
        ),
        pytest.param(
            {"defaults.toml": "30-9 = 1\n"}, "defaults.toml", None, "'30-9'", id="a default that is no table"
        ),
        pytest.param(
            {"bases.toml": BASIS.replace('"direct"', '"governor"'), "defaults.toml": ITEMS.format('"name"')},
            "bases.toml",
            None,
            "by the road",
            id="a road that nobody goes",
        ),
        pytest.param(
            {"bases.toml": BASIS, "defaults.toml": ITEMS.format('"shoe_size"')},
            "bases.toml",
            None,
            "no such item: shoe_size",
            id="an item that nobody has",
        ),
        pytest.param(
            {"bases.toml": BASIS, "defaults.toml": ITEMS.format('"name", "name"')},
            "bases.toml",
            None,
            "stands twice",
            id="an item twice",
        ),
        pytest.param(
            {"bases.toml": BASIS, "defaults.toml": ITEMS.format('"resident_code"')},
            "bases.toml",
            None,
            "does not let resident_code out",
            id="a definition that lets the code out",
        ),
        pytest.param(
            {"bases.toml": BASIS, "defaults.toml": ITEMS.format('"individual_number"')},
            "bases.toml",
            None,
            "does not let individual_number out",
            id="a definition that lets the number out",
        ),
        pytest.param(
            {"bases.toml": BASIS, "defaults.toml": ITEMS.format('"resident_number"')},
            "bases.toml",
            None,
            "nobody else's business",
            id="a definition that lets a book's own number out",
        ),
        *(
            pytest.param(
                {
                    "bases.toml": BASIS,
                    "defaults.toml": ITEMS.format('"name"').replace('["name", "address"]', keys),
                },
                "bases.toml",
                None,
                "too wide",
                id=f"{keys} is too wide",
            )
            for keys in ("[]", '["sex"]', '["name"]', '["name", "sex"]', '["birth_date", "address"]')
        ),
        pytest.param(
            {
                "bases.toml": BASIS.replace("2027-01-01", "2027-01-01T00:00:00"),
                "defaults.toml": ITEMS.format('"name"'),
            },
            "bases.toml",
            None,
            "a day is written",
            id="a first day with an hour",
        ),
        pytest.param(
            {"bases.toml": BASIS.replace("2027-01-01", '"soon"'), "defaults.toml": ITEMS.format('"name"')},
            "bases.toml",
            None,
            "a day is written",
            id="a first day that is no day",
        ),
        pytest.param(
            {"overrides.toml": '[x.30-99]\nitems = ["name"]\n'},
            "overrides.toml",
            None,
            "30-99",
            id="an unknown basis",
        ),
        pytest.param(
            {"overrides.toml": "[state-9999.30-9]\nhistory = true\n"},
            "overrides.toml",
            None,
            "no affair of this name rests on 30-9",
            id="an unknown affair",
        ),
        pytest.param(
            {"overrides.toml": "[state-115.30-11-1-1]\nhistory = true\n"},
            "overrides.toml",
            None,
            "no affair of this name rests on 30-11-1-1",
            id="a basis on which the affair does not rest",
        ),
        pytest.param(
            {"overrides.toml": "[x.30-9]\nhistory = 1\n"},
            "overrides.toml",
            None,
            "true or false",
            id="history",
        ),
        pytest.param(
            {"overrides.toml": '[x.30-9]\nkeys = [["shoe"]]\n'}, "overrides.toml", None, "shoe", id="a key"
        ),
        pytest.param(
            {"overrides.toml": "[x.30-9]\nquota = 1\n"}, "overrides.toml", None, "quota", id="a definition"
        ),
        pytest.param(
            {"number_act.toml": '[agency]\n"法" = 1\n'}, "number_act.toml", None, "a day", id="no day"
        ),
        pytest.param(
            {"number_act.toml": '[agency]\n"法" = 2027-01-01T00:00:00\n'},
            "number_act.toml",
            None,
            "a day",
            id="a day with an hour",
        ),
        pytest.param({"number_act.toml": "[laws]\n"}, "number_act.toml", None, "laws", id="no kind"),
        pytest.param({"words.toml": "words = 1\n"}, "words.toml", None, "words", id="no words"),
        pytest.param(
            {"words.toml": '[words]\n"査証" = "旅券"\n'}, "words.toml", None, "in a list", id="one word"
        ),
        pytest.param(
            {"bodies.toml": '[a]\nkind = "agency"\nnames = "外務省"\n'},
            "bodies.toml",
            None,
            "in a list",
            id="names that are one",
        ),
        pytest.param(
            {"retention.toml": '[provision]\ntitle_ja = 1\ntitle_en = "x"\nyears = 7\n'},
            "retention.toml",
            None,
            "quotation marks",
            id="a title that is a number",
        ),
        pytest.param(
            {"bodies.toml": '[a]\nkind = "club"\n'}, "bodies.toml", None, "club", id="no kind of body"
        ),
        pytest.param(
            {"bodies.toml": '[a]\nkind = "agency"\nname = "x"\n'},
            "bodies.toml",
            None,
            "no such member",
            id="a name",
        ),
        pytest.param(
            {"bodies.toml": '[a]\nkind = "prefecture"\ngovernment = "999999"\n'},
            "bodies.toml",
            None,
            "no local government",
            id="no government",
        ),
        pytest.param(
            {"classes.csv": "name,kind,organ,sizes,governments,note\n村,club,head,,*,\n"},
            "classes.csv",
            2,
            "club",
            id="a class of nobody",
        ),
    ],
)
def test_a_bad_file_is_named(added: dict[str, str], file: str, number: int | None, words: str):
    """Whatever is wrong is told of its file; the row where there is one."""
    found = faults(added)

    assert found
    assert {(one[0], one[1]) for one in found} == {(f"home/{file}", number)}
    assert words in found[0][3]
    with pytest.raises(BadConfiguration):
        Book.read(packaged(), added)


def test_every_fault_is_found_at_once():
    """Who writes a new text mends it in one go."""
    text = HEADER + row(basis="a", law="") + row(affair="X") + "x\n"

    assert {one[1:3] for one in faults({PATH: text, "words.toml": "x ="})} == {
        (None, None),
        (2, "law"),
        (2, "basis"),
        (3, "affair"),
        (4, None),
    }


@pytest.mark.parametrize(
    ("text", "faulty"),
    [
        pytest.param(GOOD + GOOD, True, id="the same row twice"),
        pytest.param(GOOD + row(row="2"), False, id="an affair in two rows"),
        pytest.param(row(until="2027-04-01") + row(since="2027-04-01"), False, id="one after the other"),
        pytest.param(row(until="2027-04-02") + row(since="2027-04-01"), True, id="a day together"),
        pytest.param(row(since="2027-04-01") + row(until="2027-05-01"), True, id="the later first"),
    ],
)
def test_validity_does_not_overlap(text: str, faulty):
    """No row of an affair stands twice on a day; the second of them is named."""
    found = faults({PATH: HEADER + text})

    assert [one[1] for one in found] == ([3] if faulty else [])


def test_a_file_stands_until_the_next():
    """A part's rows end where its next file begins, whatever their own days say."""
    book = Book.read(packaged(), {PATH: HEADER + row(until="2029-01-01"), NEXT: HEADER + row(affair="x-2")})

    assert book.affair("x-1", date(2027, 12, 31)) is not None
    assert book.affair("x-1", date(2028, 1, 1)) is None
    assert book.affair("x-2", date(2028, 1, 1)) is not None


def test_an_affair_stands_as_it_is_until_one_of_its_rows_ends():
    """Its text is another from the day on which a row begins or goes."""
    text = HEADER + row(until="2027-06-01") + row(row="2", since="2027-04-01", until="2027-09-01")
    book = Book.read(packaged(), {PATH: text})

    one = book.affair("x-1", date(2027, 5, 1))
    assert one is not None
    assert (one.since, one.until, len(one.bases)) == (date(2027, 4, 1), date(2027, 6, 1), 2)


def _basis(added: dict[str, str], affair: str = "state-115", basis: str = "30-9") -> Basis:
    one = Book.read(packaged(), added).affair(affair, date(2026, 7, 1))
    assert one is not None
    return next(found for found in one.bases if found.id == basis)


def test_a_default_of_ones_own_says_only_what_it_names():
    """A home that shuts one method keeps keys, items and the rest; so do the bases that are like it."""
    usual, shut = _basis({}), _basis({"defaults.toml": '[30-9]\nmethods = ["terminal"]\n'})

    assert shut == replace(usual, methods=frozenset((Method.TERMINAL,)))
    near = {"affair": "city-011", "basis": "30-10-1-1"}
    assert (
        _basis({"defaults.toml": '[30-9]\nmethods = ["terminal"]\n'}, **near).items
        == _basis({}, **near).items
    )
    with_history = _basis({"defaults.toml": "[30-10-1-1]\nhistory = true\n"}, "city-027", "30-10-1-1")
    assert with_history == replace(_basis({}, "city-027", "30-10-1-1"), history=True)


def test_a_default_that_is_like_another_says_everything():
    """What the program says of the basis is passed over, as the basis it is like says it all."""
    added = {"defaults.toml": '[own-register]\nlike = "30-13-1"\nhistory = true\n'}
    found = _basis(added, "register-work", "own-register")

    ordinance = _basis({}, "hokkaido-1-01", "30-13-1")
    assert (found.keys, found.items, found.methods) == (ordinance.keys, ordinance.items, ordinance.methods)
    assert found.history


def test_what_an_affair_says_otherwise_is_kept_member_by_member():
    """A home that opens history for passports does not widen what is told of them."""
    usual = _basis({}, "prefecture-013", "30-15-1-1")

    opened = _basis(
        {"overrides.toml": "[prefecture-013.30-15-1-1]\nhistory = true\n"}, "prefecture-013", "30-15-1-1"
    )

    assert opened == replace(usual, history=True)


def test_an_override_is_within_the_law():
    """An affair may tell less, or more of what the Act allows; the code it cannot let out."""
    files = {PATH: HEADER + row(law="国民年金法")}
    less = Book.read(packaged(), files | {"overrides.toml": '[x-1.30-9]\nitems = ["name"]\nhistory = true\n'})
    one = less.affair("x-1", date(2027, 1, 1))
    assert one is not None
    assert (one.bases[0].items, one.bases[0].history) == (("name",), True)

    ((file, number, column, words),) = faults(
        files | {"overrides.toml": '[x-1.30-9]\nitems = ["name", "resident_code"]\n'}
    )
    assert (file, number, column) == (f"home/{PATH}", 2, "basis")
    assert "resident_code" in words


@pytest.mark.parametrize(
    ("law", "number"),
    [
        pytest.param("国民年金法", True, id="a law of the schedule"),
        pytest.param("旅券法; 国民年金法", True, id="one of two laws"),
        pytest.param("旅券法", False, id="another law"),
        pytest.param("新法", False, id="a law that is listed from a later day"),
    ],
)
def test_an_override_cannot_give_the_number_where_the_number_act_does_not(law: str, number):
    """番号法9条1項 stands above our definitions: item and key go, whatever an affair says."""
    added = {
        PATH: HEADER + row(law=law),
        "number_act.toml": '[agency]\n"新法" = 2027-01-02\n',
        "overrides.toml": '[x-1.30-9]\nitems = ["name", "individual_number"]\nkeys = [["individual_number"], ["name", "address"]]\n',
    }
    one = Book.read(packaged(), added).affair("x-1", date(2027, 1, 1))

    assert one is not None
    assert ("individual_number" in one.bases[0].items) is number
    assert one.bases[0].opens(frozenset({Key.INDIVIDUAL_NUMBER})) is number


@pytest.mark.parametrize("path", [PATH, "affairs/p/2027-01-01.toml"])
@pytest.mark.parametrize(
    ("listed", "days"),
    [
        pytest.param(None, (), id="never listed"),
        pytest.param("2016-01-01", ("2027-01-01", "2027-06-30", "2027-07-01"), id="listed before"),
        pytest.param("2027-07-01", ("2027-07-01",), id="listed while the file stands"),
        pytest.param("2028-01-01", (), id="listed when the next file stands"),
    ],
)
def test_the_number_is_open_from_the_day_on_which_the_law_is_listed(path: str, listed: str | None, days):
    """番号法9条1項: item and key come on that day, not with the next file; a law that is not listed never has them."""
    text = HEADER + row(law="新法") if path == PATH else ENTRY.replace("旅券法", "新法")
    added = {path: text, NEXT: HEADER}
    if listed:
        added["number_act.toml"] = f'[agency]\n"新法" = {listed}\n'
    book = Book.read(packaged(), added)

    for day in ("2027-01-01", "2027-06-30", "2027-07-01"):
        one = book.affair("x-1", date.fromisoformat(day))
        assert one is not None
        assert ("individual_number" in one.bases[0].items) is (day in days)
        assert one.bases[0].opens(frozenset({Key.INDIVIDUAL_NUMBER})) is (day in days)
    assert book.affair("x-1", date(2028, 1, 1)) is None


def test_a_basis_may_be_added():
    """A later Act brings a provision: its facts and our definitions, in the folder of the home."""
    added = {
        "bases.toml": BASIS,
        "defaults.toml": ITEMS.format('"name"'),
        PATH: HEADER + row(basis="30-99", row="条例1条"),
    }
    one = Book.read(packaged(), added).affair("x-1", date(2027, 1, 1))

    assert one is not None
    assert one.bases[0].article == "法30条の99・条例1条"


def test_a_table_as_a_spreadsheet_saves_it_is_read(tmp_path):
    """It begins with a byte order mark, and its lines end as those of another system."""
    path = tmp_path / PATH
    path.parent.mkdir(parents=True)
    path.write_bytes(b"\xef\xbb\xbf" + (HEADER + GOOD).replace("\n", "\r\n").encode())

    assert Book.load(tmp_path).affair("x-1", date(2027, 1, 1)) is not None


def test_text_that_is_no_text_is_told(tmp_path):
    """A file in another encoding is named."""
    (tmp_path / "words.toml").write_bytes(b"[words]" + "旅券".encode("cp932"))

    with pytest.raises(BadConfiguration, match="cannot be read") as caught:
        Book.load(tmp_path)

    assert caught.value.where.file == str(tmp_path / "words.toml")


def test_other_files_are_passed_over(tmp_path):
    """Notes beside the book are no part of it; a folder that is not there is an empty one."""
    (tmp_path / "notes.txt").write_text("x", encoding="utf-8")

    assert Book.load(tmp_path).known == Book.load(tmp_path / "nowhere").known == Book.load().known
