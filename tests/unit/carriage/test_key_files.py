# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Files of keys, right ones and damaged ones (一括照会のファイル)."""

import io
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from openjuki.carriage import key_files, key_lines, parquet_apart
from openjuki.carriage.encoding import Encoding
from openjuki.carriage.key_files import FINE, KINDS, WHOLE_ROW, kind_of, open_keys
from openjuki.carriage.key_lines import KeyLines
from openjuki.codes.individual import IndividualNumber
from openjuki.codes.resident import ResidentCode
from openjuki.errors import BadFile, BadHeader, FileEmpty, FileMissing, NotText
from openjuki.wire.bulk import KeyKind

CODES = [ResidentCode.from_body(f"{place:010}") for place in range(40)]
PERSON = "渡邉　葵,平成2年1月1日,女,千代田区一番町1番地"


@pytest.fixture
def read(tmp_path):
    """Write a file of keys and read its parts."""

    def read(content, kind="resident_code", *, size=10, encoding=None):
        path = tmp_path / "keys.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with open_keys(path, kind, encoding) as opened:
            return list(opened.parts(size))

    return read


def codes(parts):
    return [code for part in parts for code in part.keys.column(0).to_pylist() if code is not None]


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("住民票コード\n{}\n{}\n", id="the Japanese name of the column"),
        pytest.param("resident_code\r\n{}\r\n{}\r\n", id="the English one, and CRLF"),
        pytest.param("\ufeff resident_code \n{}\n{}", id="a byte order mark, and no line end at the end"),
        pytest.param('"resident_code"\n"{}"\n"{}"\n', id="quotes about everything"),
        pytest.param("case,resident_code\n甲1,{}\n甲2,{}\n", id="columns of the office's own"),
        pytest.param("resident_code\n{}\n\n \n{}\n\x1a", id="blank lines and the end mark of old systems"),
        pytest.param("resident_code\n\u3000{} \n {}\n", id="spaces about the codes"),
    ],
)
def test_codes_are_read_however_the_file_is_written(read, content):
    """Line ends, quotes and columns beside the key are the office's choice."""
    (part,) = read(content.format(*CODES[:2]))

    assert [int(code) for code in CODES[:2]] == part.keys["resident_code"].to_pylist()
    assert not part.wrong.any()


def test_a_key_means_the_same_however_its_digits_are_grouped(read):
    """Hyphens and full-width digits are read as at a counter."""
    wide = CODES[7].translate({ord("0") + digit: ord("０") + digit for digit in range(10)})
    (part,) = read(f"resident_code\n{CODES[7].format()}\n{wide}\n{CODES[7][:4]}-{CODES[7][4:]}\n")

    assert [int(CODES[7])] * 3 == codes([part])


def test_a_file_is_cut_into_parts_in_its_own_order(read):
    """Each part has as many rows as may be, the last what is left."""
    parts = read("resident_code\n" + "\n".join(reversed(CODES[:25])))

    assert [len(part.lines) for part in parts] == [10, 10, 5]
    assert [part.number for part in parts] == [0, 1, 2]
    assert [int(code) for code in reversed(CODES[:25])] == codes(parts)


def test_a_row_of_another_shape_keeps_no_other_row_out(read):
    """Far down in a file, a broken row is named with its line; all others are asked."""
    lines = ["resident_code,case", *(f"{code},甲" for code in CODES)]
    lines[38] = f"{CODES[37]},甲,乙"
    parts = read("\n".join(lines))

    assert len(CODES) - 1 == len(codes(parts))
    assert [(one.row, one.column, one.code) for part in parts for one in part.rejected] == [
        (39, None, "JK-IMPORT-0001")
    ]
    assert parts[3].wrong[7] == WHOLE_ROW


@pytest.mark.parametrize(
    ("row", "column", "code"),
    [
        pytest.param(CODES[3][:-1] + "x", "resident_code", "JK-IMPORT-0013", id="a letter"),
        pytest.param(CODES[3][1:], "resident_code", "JK-IMPORT-0013", id="a lost zero"),
        pytest.param(
            str(int(CODES[3]) ^ 1).zfill(11), "resident_code", "JK-IMPORT-0012", id="a wrong check digit"
        ),
        pytest.param('""', "resident_code", "JK-IMPORT-0010", id="nothing in its only column"),
        pytest.param('"' + CODES[3], None, "JK-IMPORT-0001", id="a quote that does not close"),
    ],
)
def test_a_fault_names_row_and_column(read, row, column, code):
    """A key that cannot be read is told by its place, never by its value."""
    content = f"case,resident_code\n1,{CODES[0]}\n2,{row}\n3,{CODES[1]}\n"
    (part,) = read(content)

    (fault,) = part.rejected

    assert (3, column, code) == (fault.row, fault.column, fault.code)
    assert [FINE, 1 if column else WHOLE_ROW, FINE] == part.wrong.tolist()
    assert row not in str(fault)


def test_faults_beyond_the_list_are_counted_all_the_same(read, monkeypatch):
    """A file of nothing but faults is not held in memory."""
    monkeypatch.setattr(key_files, "LISTED", 4)
    parts = read("resident_code\n" + "x\n" * 23)

    assert sum(len(part.rejected) for part in parts) == 4
    assert sum(np.count_nonzero(part.wrong) for part in parts) == 23


def test_four_items_are_read_as_a_register_has_them(read):
    """A birth date with its era and a sex in one character are those of the record."""
    (part,) = read(f"氏名,生年月日,性別,住所\n{PERSON}\n", "four_items")

    assert part.keys.to_pylist() == [
        {"name": "渡邉　葵", "birth_date": "1990-01-01", "sex": "female", "address": "千代田区一番町1番地"}
    ]


@pytest.mark.parametrize(
    ("row", "item"),
    [
        pytest.param(",平成2年1月1日,女,一番町1番地", 1, id="no name"),
        pytest.param("渡邉\u200b葵,平成2年1月1日,女,一番町1番地", 1, id="a name with a hidden character"),
        pytest.param("渡邉　葵,平成2年13月1日,女,一番町1番地", 2, id="a day that is none"),
        pytest.param("渡邉　葵,平成2年1月1日,雌,一番町1番地", 3, id="a sex of no register"),
        pytest.param("渡邉　葵,平成2年1月1日,女," + "町" * 201, 4, id="an address too long"),
    ],
)
def test_a_person_with_a_wrong_item_is_not_asked_about(read, row, item):
    """Of several faults of a row the first counts."""
    (part,) = read(f"氏名,生年月日,性別,住所\n{row}\n{PERSON}\n", "four_items")

    assert [item, FINE] == part.wrong.tolist()
    assert part.keys["name"].to_pylist() == [None, "渡邉　葵"]


def test_cp932_is_recognised_and_its_damage_named(read):
    """Characters beyond JIS come as the office's system wrote them; bytes that are none are a fault of their row."""
    content = f"氏名,生年月日,性別,住所\r\n髙{PERSON[2:]}\r\n@@{PERSON[1:]}\r\n".encode("cp932")
    (part,) = read(content.replace(b"@@", b"\x85\x40\xfc"), "four_items", encoding=Encoding.CP932)

    assert part.keys["name"][0].as_py()[0] == "髙"
    assert part.wrong.tolist() == [FINE, 1]
    assert [one.code for one in part.rejected] == ["JK-IMPORT-0004"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param("", FileEmpty, id="nothing"),
        pytest.param("resident_code\n", FileEmpty, id="a header alone"),
        pytest.param("resident_code\n\n , \n", FileEmpty, id="a header and blank lines"),
        pytest.param("case\n1\n", BadHeader, id="no column of keys"),
        pytest.param("resident_code,住民票コード\n1,2\n", BadHeader, id="the same column twice"),
        pytest.param('"resident_code\n1\n', BadHeader, id="a header whose quotes do not close"),
        pytest.param(b"PK\x03\x04 and so on", NotText, id="a workbook"),
        pytest.param(b"PAR1 and so on", BadFile, id="a Parquet file that is none"),
    ],
)
def test_a_file_without_keys_is_refused(read, content, error):
    """Nothing is asked where there is nothing to ask by."""
    with pytest.raises(error):
        read(content)


def test_a_file_that_is_not_there_is_named(tmp_path):
    """The error says which."""
    with pytest.raises(FileMissing) as missing, open_keys(tmp_path / "keys.csv", "resident_code"):
        pass

    assert missing.value.where.file == "keys.csv"


def test_a_file_longer_than_may_be_asked_for_at_once_is_refused(read, monkeypatch):
    """Whoever has more divides the file."""
    monkeypatch.setattr(key_files, "MOST_ROWS", 20)

    with pytest.raises(BadFile, match="divide it"):
        read("resident_code\n" + "\n".join(CODES))


def test_rows_of_parquet_are_counted_from_one(tmp_path):
    """Codes that stand in it as whole numbers get their zeros back."""
    path = tmp_path / "keys.parquet"
    numbers = pa.array([int(CODES[5]), None, int(CODES[6]) ^ 1])
    parquet.write_table(pa.table({"case": ["a", "b", "c"], "resident_code": numbers}), path)

    with open_keys(path, "resident_code") as opened:
        (part,) = opened.parts()

    assert [int(CODES[5])] == codes([part])
    assert [(one.row, one.code) for one in part.rejected] == [(2, "JK-IMPORT-0010"), (3, "JK-IMPORT-0012")]


def test_the_same_rows_as_text_in_parquet_are_the_same_keys(tmp_path):
    """Four items of a Parquet file are read as those of a CSV."""
    path = tmp_path / "keys.parquet"
    columns = zip(("name", "birth_date", "sex", "address"), PERSON.split(","), strict=True)
    parquet.write_table(pa.table({name: [value] for name, value in columns}), path)

    with open_keys(path, "four_items") as opened:
        (part,) = opened.parts()

    assert part.keys["birth_date"][0].as_py() == "1990-01-01"


def test_bytes_in_parquet_that_are_no_character_are_a_fault_of_their_row(tmp_path):
    """Whatever wrote the file need not have looked; NUL is a character that no name has."""
    path = tmp_path / "keys.parquet"
    names = pa.array([PERSON[:4].encode("cp932"), b"\xe6\xb8\xa1\0\xe8\x91\xb5", PERSON[:4].encode()])
    columns = {"name": pa.Array.from_buffers(pa.string(), 3, names.buffers())}
    columns |= dict(
        zip(("birth_date", "sex", "address"), ([one] * 3 for one in PERSON.split(",")[1:]), strict=True)
    )
    parquet.write_table(pa.table(columns), path)

    with open_keys(path, "four_items") as opened:
        (part,) = opened.parts()

    assert part.keys["name"].to_pylist() == [None, None, PERSON[:4]]
    assert [(one.row, one.column, one.code) for one in part.rejected] == [
        (1, "name", "JK-IMPORT-0004"),
        (2, "name", "JK-IMPORT-0005"),
    ]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param((b"resident_code", b"resident_\xe5ode"), id="a name of a column that is no text"),
        pytest.param((b"PAR1", b"PAR1" + b"\xff" * 40), id="pages that are none"),
        pytest.param((b"\x15", b"\xff"), id="a footer that is none"),
    ],
)
def test_a_damaged_parquet_file_is_said_to_be_damaged(tmp_path, damage):
    """Not that it is missing, and not as a defect of ours."""
    path = tmp_path / "keys.parquet"
    parquet.write_table(pa.table({"resident_code": [str(code) for code in CODES]}), path)
    path.write_bytes(path.read_bytes().replace(*damage))

    for read in (kind_of, lambda path: list(_opened(path))):
        with pytest.raises(BadFile) as caught:
            read(path)
        assert type(caught.value) is BadFile


#: Reads a file as a node does that may not have two gigabytes, and says what its first row has at fault.
FRUGAL = """
import resource, sys
from pathlib import Path
from openjuki.carriage.key_files import open_keys
if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_AS, (2 * 2**30, 2 * 2**30))
    with open_keys(Path(sys.argv[1]), "resident_code") as opened:
        (part,) = opened.parts()
    print(len(part.lines), part.rejected[0].code)
"""


def repeated(path, rows, length):
    """A small file in which so many rows have the same text of this length."""
    values = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array(["x" * length]))
    parquet.write_table(pa.table({"resident_code": values}), path)


def test_a_long_text_that_is_said_once_is_not_repeated_in_memory(tmp_path):
    """A file of a few kilobytes says of thousands of rows that they have a text of which all together fill a machine."""
    path = tmp_path / "keys.parquet"
    repeated(path, 2**14, 400_000)

    said = subprocess.run([sys.executable, "-c", FRUGAL, path], check=True, capture_output=True, text=True)

    assert path.stat().st_size < 100_000
    assert said.stdout.split() == [str(2**14), "JK-IMPORT-0011"]


@pytest.fixture
def begun(monkeypatch):
    """The children that were begun."""
    found, begin = [], subprocess.Popen

    def noted(*given, **named):
        found.append(begin(*given, **named))
        return found[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    return found


def test_a_file_that_inflates_beyond_reason_is_said_to_be_damaged(tmp_path, monkeypatch, begun):
    """Texts that are all long and all different fill the child that reads them, and nobody else."""
    monkeypatch.setattr(parquet_apart, "MOST_MEMORY", 2**29)
    path = tmp_path / "keys.parquet"
    texts = [f"{place:x<100000}" for place in range(1000)]
    with parquet.ParquetWriter(path, pa.schema({"resident_code": pa.string()}), compression="zstd") as writer:
        for _ in range(16):
            writer.write_table(pa.table({"resident_code": texts}))

    with pytest.raises(BadFile, match="damaged"):
        list(_opened(path))

    assert path.stat().st_size < 4_000_000
    assert [child.returncode for child in begun] != [0]


@pytest.mark.parametrize(
    "column",
    [
        pytest.param(pa.array([[CODES[0]]]), id="a list"),
        pytest.param(pa.array([{"code": CODES[0]}]), id="a structure"),
        pytest.param(pa.array([CODES[0].encode()]), id="bytes"),
    ],
)
def test_a_column_of_parquet_that_is_no_text_is_named(tmp_path, column):
    """Nothing of it is read."""
    path = tmp_path / "keys.parquet"
    parquet.write_table(pa.table({"resident_code": column}), path)

    with pytest.raises(BadHeader) as caught:
        list(_opened(path))

    assert caught.value.where.column == "resident_code"


def test_the_child_that_reads_ends_with_the_reading(tmp_path, begun):
    """Also where somebody reads on no further."""
    path = tmp_path / "keys.parquet"
    parquet.write_table(pa.table({"resident_code": CODES}), path)

    with open_keys(path, "resident_code") as opened:
        next(opened.parts(10))
        (child,) = begun

    assert child.returncode is not None


def _opened(path):
    with open_keys(path, "resident_code") as opened:
        yield from opened.parts()


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        pytest.param("resident_code", ResidentCode, id="resident codes"),
        pytest.param("individual_number", IndividualNumber, id="individual numbers"),
    ],
)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_column_is_checked_as_each_of_its_numbers(kind, number, data):
    """What a column accepts is what the number's own rule accepts."""
    (item,) = KINDS[kind]
    width = 11 if number is ResidentCode else 12
    bodies = data.draw(st.lists(st.integers(0, 10**width - 1), min_size=1, max_size=30))
    texts = [str(body).zfill(width) for body in bodies]
    texts += [number.from_body(text[:-1]) for text in texts]

    read, right = item.read(pa.array(texts))

    assert [number.is_valid(text) for text in texts] == right.tolist()
    assert [int(text) for text in texts] == read.to_pylist()


@settings(max_examples=60, deadline=None)
@given(
    rows=st.lists(
        st.lists(st.text('ab,"\r \u3000葵0', max_size=4), min_size=1, max_size=3), min_size=1, max_size=8
    ),
    quoted=st.booleans(),
)
@example(rows=[["", ","]], quoted=True)
def test_a_fast_reader_and_a_slow_one_agree(rows, quoted):
    """However a block is read, its rows, cells and faults are the same."""
    mark = '"' if quoted else ""
    text = "a,b\n" + "".join(",".join(f"{mark}{cell}{mark}" for cell in row) + "\n" for row in rows)

    fast, slow = (KeyLines(io.BytesIO(text.encode()), Encoding.UTF_8) for _ in range(2))
    slow._fast = lambda *_: None

    assert [_plain(one) for one in fast.blocks([1])] == [_plain(one) for one in slow.blocks([1])]


@pytest.mark.parametrize(
    "line",
    [
        pytest.param('0"0"0', id="a quote within a cell"),
        pytest.param('"0,"0', id="a quote that closes within a cell"),
        pytest.param('00,"0', id="another number of cells"),
        pytest.param('"00"\n', id="a line that is none"),
        pytest.param('"0\r0"', id="a stray line end"),
    ],
)
def test_lines_of_one_length_need_not_be_alike(line):
    """What the first line is does not say what another is; each row is read as if it stood alone."""
    content = f'key\n"000"\n"001"\n{line}\n"002"\n'.encode()

    fast, slow = (KeyLines(io.BytesIO(content), Encoding.UTF_8) for _ in range(2))
    slow._fast = lambda *_: None

    assert [_plain(one) for one in fast.blocks([0])] == [_plain(one) for one in slow.blocks([0])]


def test_lines_that_are_alike_are_read_at_once():
    """A file of codes and nothing else is not read line by line."""
    lines = KeyLines(io.BytesIO(b'key\n"000"\n"001"\n'), Encoding.UTF_8)
    lines._slow = None

    assert [block.columns[0].to_pylist() for block in lines.blocks([0])] == [["000", "001"]]


def test_values_of_any_length_stand_beside_codes():
    """What is no code keeps none of the others from being read, wherever its column begins."""
    (item,) = KINDS["resident_code"]
    texts = ["", CODES[0], "1", "9" * 10, CODES[1], "9" * 12, "x" * 11, "０" * 10, CODES[2]]

    for begin in range(len(texts)):
        read, right = item.read(pa.array(texts)[begin:])
        assert [text in CODES for text in texts[begin:]] == right.tolist()
        assert [int(text) for text in texts[begin:] if text in CODES] == read.filter(
            pa.array(right)
        ).to_pylist()


def test_a_line_without_end_does_not_fill_the_memory(monkeypatch):
    """Of a line too long for a row, what is too much is passed over."""
    monkeypatch.setattr(key_lines, "_BLOCK_BYTES", 64)
    monkeypatch.setattr(key_lines, "_LINE_BYTES", 64)
    content = f"resident_code\n{'x' * 1000}\n{CODES[1]}\n".encode()

    long, last = KeyLines(io.BytesIO(content), Encoding.UTF_8).blocks([0])

    assert len(long.columns[0][0].as_py()) == 2 * 64
    assert _plain(last) == ([3], [[CODES[1]]], [False])


def _plain(lines):
    columns = [column.to_pylist() for column in lines.columns]
    return lines.lines.tolist(), columns, lines.broken.tolist()


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        pytest.param("住民票コード,備考", KeyKind.RESIDENT_CODE, id="a code"),
        pytest.param("case,個人番号", KeyKind.INDIVIDUAL_NUMBER, id="a number"),
        pytest.param("住所,氏名,性別,生年月日", KeyKind.FOUR_ITEMS, id="four items in any order"),
    ],
)
def test_the_header_says_by_what_is_asked(tmp_path, header, kind):
    """Where one kind of key stands in a file, nobody need say which."""
    path = tmp_path / "keys.csv"
    path.write_text(f"{header}\n")

    assert kind == kind_of(path)


@pytest.mark.parametrize(
    "header",
    [
        pytest.param("住民票コード,個人番号", id="two kinds"),
        pytest.param("氏名,生年月日", id="two of four items"),
    ],
)
def test_a_header_that_leaves_it_open_is_refused(tmp_path, header):
    """Somebody has to say by which of them is asked."""
    path = tmp_path / "keys.csv"
    path.write_text(f"{header}\n")

    with pytest.raises(BadHeader):
        kind_of(path)
