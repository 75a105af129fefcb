# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Rows out of damaged files (表形式ファイルの読取り)."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.carriage import tables
from openjuki.carriage.encoding import Encoding
from openjuki.carriage.faults import BAD_QUOTES, CONTROL_CHARACTER, ROW_TOO_LONG, WRONG_WIDTH
from openjuki.carriage.tables import LOOK_AHEAD, ROW_CHARACTERS, BrokenRow, Row, Table, open_table
from openjuki.errors import BadHeader, FileEmpty, FileMissing


def table(content, encoding=None):
    return Table(io.BytesIO(content if isinstance(content, bytes) else content.encode()), encoding)


def rows(content):
    """Good rows as (row, cells), broken ones as (row, code)."""
    return [
        (one.row, one.cells) if isinstance(one, Row) else (one.row, one.fault.code)
        for one in table(content).rows()
    ]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("a,b\n1,2\n3,4\n", id="LF"),
        pytest.param("a,b\r\n1,2\r\n3,4\r\n", id="CRLF"),
        pytest.param("a,b\r\n1,2\n3,4\r\n", id="both"),
        pytest.param("a,b\n1,2\n3,4", id="no line end at the end"),
        pytest.param("a,b\r\n1,2\r\n3,4\r", id="half a line end at the end"),
        pytest.param("\ufeffa,b\n1,2\n3,4\n", id="a byte order mark"),
        pytest.param('"a","b"\n"1","2"\n"3","4"\n', id="quotes about everything"),
        pytest.param(" a , b \n1,2\n3,4\n", id="padded column names"),
        pytest.param("a,b\n1,2\n3,4\n\x1a", id="the end mark of old systems"),
        pytest.param("a,b\n1,2\n3,4\n,\n\n  \n", id="empty rows at the end"),
        pytest.param("a,b\n1,2\n  ,   \n3,4\n\u3000,\n", id="rows of blanks, as padded cells leave them"),
    ],
)
def test_rows_are_read_however_the_file_is_written(content):
    """Line ends, marks and quotes are the writer's choice."""
    opened = table(content)

    assert opened.header == ("a", "b")
    assert [row.cells for row in opened.rows()] == [["1", "2"], ["3", "4"]]


def test_an_empty_line_of_a_single_column_is_no_row():
    """A line without anything has as many cells as a header of one column."""
    assert rows("a\n1\n\n2\n") == [(2, ["1"]), (4, ["2"])]


def test_rows_are_numbered_by_their_lines():
    """The number of a row is that of the line in an editor; empty lines count."""
    assert rows("a,b\n1,2\n\n\n3,4\n") == [(2, ["1", "2"]), (5, ["3", "4"])]


def test_a_row_after_a_cell_with_line_breaks_has_its_own_number():
    """A quoted cell may hold line breaks, which count as lines."""
    assert rows('a,b\n1,"x\r\ny"\n3,4\n') == [(2, ["1", "x\ny"]), (4, ["3", "4"])]


@pytest.mark.parametrize(
    "content", ["a,b\n1\n3,4\n", "a,b\n1,2,3\n3,4\n", 'a,b\n"1"\n3,4\n', "a,b\n,2,\n3,4\n"]
)
def test_a_row_of_another_width_is_broken(content):
    """A comma too many or too few: nobody knows which cell is which."""
    assert rows(content) == [(2, WRONG_WIDTH.code), (3, ["3", "4"])]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('1,"2', id="never closed"),
        pytest.param('"1,2', id="opened at the beginning"),
        pytest.param('1,"2"x', id="text after the closing quote"),
        pytest.param('1,2"', id="a quote too many"),
        pytest.param('"1","2""', id="a doubled quote that closes nothing"),
    ],
)
def test_a_stray_quote_costs_one_row(line):
    """Reading takes up again at the next line."""
    assert rows(f"a,b\n{line}\n3,4\n5,6\n") == [
        (2, BAD_QUOTES.code),
        (3, ["3", "4"]),
        (4, ["5", "6"]),
    ]


def test_two_stray_quotes_do_not_swallow_the_rows_between():
    """The rows between two stray quotes look like rows of their own, and are."""
    content = 'a,b,c\n1,2,"3\n4,5,6\n7,8,9\n10,11,12"\n13,14,15\n'

    found = rows(content)

    assert found[0] == (2, BAD_QUOTES.code)
    assert (3, ["4", "5", "6"]) in found
    assert (4, ["7", "8", "9"]) in found
    assert found[-1] == (6, ["13", "14", "15"])


def test_a_quote_that_closes_too_late_is_a_stray_one():
    """A cell does not span more lines than anybody writes into it."""
    lines = "\n".join(["x"] * (LOOK_AHEAD + 1))

    found = rows(f'a,b\n1,"{lines}"\n3,4\n')

    assert found[0] == (2, BAD_QUOTES.code)
    assert found[-1] == (LOOK_AHEAD + 3, ["3", "4"])


def test_a_joined_row_of_another_width_breaks_only_its_first_line():
    """What looks like the end of a quoted cell was the beginning of another."""
    assert rows('a,b,c\n1,"2\n"3,x\n4,5,6\n') == [
        (2, BAD_QUOTES.code),
        (3, BAD_QUOTES.code),
        (4, ["4", "5", "6"]),
    ]


def test_a_carriage_return_within_a_quoted_row_is_a_control_character():
    """A lone CR is no line end, and no value."""
    assert rows('a,b\n"1",2\r3\n3,4\n') == [(2, CONTROL_CHARACTER.code), (3, ["3", "4"])]


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_line_without_end_does_not_fill_the_memory(quote, monkeypatch):
    """Lines longer than any row are cut while they are read, and rejected."""
    monkeypatch.setattr(tables, "_BLOCK_BYTES", 2**16)
    long = "あ" * (ROW_CHARACTERS * 3)

    assert rows(f"a,b\n{quote}1,{long}\n3,4\n") == [(2, ROW_TOO_LONG.code), (3, ["3", "4"])]


def test_no_more_of_a_line_is_kept_than_shows_that_it_is_too_long():
    """A file of one line of many gigabytes is read in the memory of a row."""
    file = io.BytesIO(b"x" * (3 * tables._LINE_BYTES))
    lines = tables._Lines(file, Encoding.UTF_8)
    kept = []
    while lines._fill():
        kept.append(len(lines._tail))

    assert max(kept) == tables._LINE_BYTES


def test_lines_joined_by_quotes_are_not_longer_than_a_row():
    """Many lines within quotes are still one row, and too long for one."""
    line = "あ" * (ROW_CHARACTERS // 8)
    content = f'a,b\n1,"{line}' + f"\n{line}" * 12 + '"\n3,4\n'

    found = rows(content)

    assert found[0] == (2, BAD_QUOTES.code)
    assert found[-1][1] == ["3", "4"]


@pytest.mark.parametrize("size", [1, 7, 16, 64, 1000])
def test_rows_do_not_depend_on_the_blocks_they_are_read_in(size, monkeypatch):
    """A block may end within a character, a line end or a quoted cell."""
    content = 'a,b\r\n1,渡邉\r\n"2","x\r\ny"\r\n\n\r\n3,"﨑\U000e0103"\r\n4,"stray\r\n5,z\r\n'
    whole = rows(content)
    monkeypatch.setattr(tables, "_BLOCK_BYTES", size)

    assert rows(content) == whole
    assert [row for row, _ in whole] == [2, 3, 7, 8, 9]


@pytest.mark.parametrize("encoding", list(Encoding))
def test_undecodable_bytes_stay_in_their_row(encoding):
    """A damaged byte is found where it stands; the rows around it are whole."""
    content = "a,b\n1,渡邉\n2,@@\n3,葵\n".encode(encoding).replace(b"@@", b"\x82\xff")

    damaged = [
        row for row in table(content).rows() if any("\ud800" <= sign <= "\udfff" for sign in row.cells[1])
    ]

    assert [row.row for row in damaged] == [3]
    assert damaged[0].suspect


def test_an_encoding_can_be_forced():
    """Whoever knows better than we do says so."""
    assert [row.cells for row in table("a,b\n1,ア\n".encode("cp932"), Encoding.CP932).rows()] == [["1", "ア"]]


def test_the_encoding_is_recognised_behind_a_long_ascii_beginning(monkeypatch):
    """The first Japanese character decides, wherever it stands."""
    monkeypatch.setattr(tables, "_BLOCK_BYTES", 64)
    content = b"a,b\n" + b"1,2\n" * 500 + "3,渡邉\n".encode("cp932")

    opened = table(content)

    assert opened.encoding is Encoding.CP932
    assert list(opened.rows())[-1].cells == ["3", "渡邉"]


def test_ascii_alone_is_utf_8():
    """Nothing speaks against it."""
    assert table("a,b\n").encoding is Encoding.UTF_8


@pytest.mark.parametrize("content", ["", "\ufeff"])
def test_an_empty_file_is_no_register(content):
    """Not even a header."""
    with pytest.raises(FileEmpty):
        table(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        pytest.param("\n1,2\n", "empty", id="an empty first line"),
        pytest.param(",,\n1,2,3\n", "empty", id="a first line without names"),
        pytest.param("a,b\r1,2\r", "CR alone", id="lines that end with CR"),
        pytest.param('a,"b\n1,2\n', "quotes", id="a stray quote"),
        pytest.param("a," * ROW_CHARACTERS, "too long", id="a line that never ends"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused(content, said):
    """The first row names the columns or nothing can be read."""
    with pytest.raises(BadHeader, match=said):
        table(content)


def test_a_missing_file_is_named(tmp_path):
    """By its name, without its folder, which may say too much."""
    with pytest.raises(FileMissing) as caught, open_table(tmp_path / "none.csv"):
        pytest.fail("there is no file")

    assert caught.value.where.file == "none.csv"


def test_a_directory_is_no_file(tmp_path):
    """It cannot be read."""
    with pytest.raises(FileMissing), open_table(tmp_path):
        pytest.fail("there is no file")


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    """Whatever is wrong with it as a whole."""
    path = tmp_path / "register.csv"
    path.write_bytes(b"PK\x03\x04")

    with pytest.raises(tables.BadFile) as caught, open_table(path):
        pytest.fail("there is no text")

    assert caught.value.where.file == "register.csv"


def test_progress_is_told_in_bytes():
    """So that a bar can be drawn before anybody knows how many rows there are."""
    opened = table("a,b\n1,2\n")
    list(opened.rows())

    assert opened.bytes_read == opened.bytes_total == 8


ONE_LINE = st.text(st.sampled_from('ab渡",　'), max_size=6)
LINES = st.text(st.sampled_from('ab渡"\n　'), max_size=9)


@given(st.lists(st.tuples(ONE_LINE, ONE_LINE, LINES), max_size=8), st.integers(5, 60))
def test_what_a_writer_of_csv_writes_is_read_back(cells, block):
    """Quoted commas, quotes and line breaks come back, whatever blocks the file is read in."""
    kept = [list(row) for row in cells if "".join(row).strip('" \u3000\n,')]
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([["x", "y", "z"], *kept])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tables, "_BLOCK_BYTES", block)
        found = list(table(text.getvalue()).rows())

    assert [one.cells for one in found if isinstance(one, Row)] == kept
    assert not [one for one in found if isinstance(one, BrokenRow)]


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(raw):
    """Whatever a file holds, it is rows, broken rows, or an error of ours."""
    content = b"a,b,c\n1,2,3\n" + raw
    try:
        opened = table(content)
    except tables.BadFile:
        return
    found = list(opened.rows())

    numbers = [one.row for one in found]
    assert numbers == sorted(set(numbers))
    assert all(len(one.cells) == 3 for one in found if isinstance(one, Row))
