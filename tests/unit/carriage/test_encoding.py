# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Encodings (文字コード): which one a file has, and what is no text."""

import pytest

from openjuki.carriage.encoding import Encoding, recognise, refuse_other_files
from openjuki.carriage.importing import read_register
from openjuki.errors import BadConfiguration, NotText

KANJI = "宛名番号,氏名,町字\n1,髙橋　德子,千代田一丁目\n2,﨑山　蓮,丸の内二丁目\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param(KANJI.encode(), Encoding.UTF_8, id="UTF-8"),
        pytest.param(KANJI.encode("utf-8-sig"), Encoding.UTF_8, id="UTF-8 with BOM"),
        pytest.param(KANJI.encode("cp932"), Encoding.CP932, id="cp932"),
        pytest.param("氏名\n渡邉\U000e0103\n".encode(), Encoding.UTF_8, id="UTF-8 with a variation sequence"),
        pytest.param("氏名\nﾜﾀﾅﾍﾞ\n".encode("cp932"), Encoding.CP932, id="cp932 with half-width kana"),
        pytest.param(
            KANJI.encode() + "渡邉\n".encode("cp932"), Encoding.UTF_8, id="UTF-8 with one damaged line"
        ),
        pytest.param(
            KANJI.encode("cp932") + "渡邉\n".encode(), Encoding.CP932, id="cp932 with one UTF-8 line"
        ),
    ],
)
def test_the_encoding_is_recognised(text, encoding):
    """UTF-8 and cp932 are told apart, and a damaged line does not change the answer."""
    assert recognise(text) is encoding


def test_ascii_may_become_either():
    """Rows without Japanese say nothing about the encoding of the rows to come."""
    assert recognise(b"name,town\n") is None


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        pytest.param(b"PK\x03\x04\x14\x00\x06", "Excel workbook or a ZIP", id="an Excel workbook"),
        pytest.param(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "old Excel", id="an old Excel workbook"),
        pytest.param(b"\x1f\x8b\x08\x00", "gzip", id="a gzip archive"),
        pytest.param(b"%PDF-1.7\n", "PDF", id="a PDF"),
        pytest.param(KANJI.encode("utf-16"), "UTF-16", id="UTF-16 with a mark"),
        pytest.param(KANJI.encode("utf-16-le"), "UTF-16", id="UTF-16 without a mark"),
        pytest.param(KANJI.encode("iso2022_jp", "replace"), "ISO-2022-JP", id="ISO-2022-JP"),
        pytest.param("宛名番号,氏名\n1,高橋　徳子\n".encode("euc_jp"), "EUC-JP", id="EUC-JP"),
        pytest.param(bytes(range(128, 256)) * 3, "neither", id="no text at all"),
    ],
)
def test_other_files_are_named(raw, said):
    """Whoever gives us the wrong file is told what it is and what to do."""
    with pytest.raises(NotText, match=f"{said}.*save it as CSV UTF-8"):
        recognise(raw)


def test_another_file_is_refused_though_an_encoding_is_forced():
    """No encoding makes a register of a workbook."""
    with pytest.raises(NotText):
        refuse_other_files(b"PK\x03\x04")


@pytest.mark.parametrize("name", ["cp932", "Shift_JIS", "Windows-31J", "SJIS"])
def test_cp932_goes_by_many_names(name):
    """What Japanese Windows writes is meant, whatever it is called."""
    assert Encoding.parse(name) is Encoding.CP932


@pytest.mark.parametrize("name", ["UTF-8", "utf8", "utf_8_sig"])
def test_utf_8_goes_by_many_names(name):
    """With or without the mark, which is found by itself."""
    assert Encoding.parse(name) is Encoding.UTF_8


def test_an_unknown_encoding_is_a_setting_that_cannot_be_used():
    """The names that can be used are listed."""
    with pytest.raises(BadConfiguration, match=r"cp932.*utf-8"):
        Encoding.parse("ebcdic")


#: Characters of JIS X 0213 that cp932 lacks, where cp932 has nothing at all.
LEVEL_3 = "氏名\n俱利　繫\n渡邉　葵\n"


def test_shift_jis_2004_is_never_guessed():
    """Where cp932 cannot read a line that it can, somebody has to say which it is."""
    with pytest.raises(NotText, match=r"say which, with --encoding shift_jis_2004 or --encoding cp932"):
        recognise(LEVEL_3.encode("shift_jis_2004"))


def test_a_file_that_only_shift_jis_2004_reads_is_named_too():
    """Also where it is most of the lines."""
    with pytest.raises(NotText, match="say which"):
        recognise("俱利　繫\n繫\n俱\n".encode("shift_jis_2004"))


@pytest.mark.parametrize("name", ["shift_jis_2004", "Shift-JIS-2004", "SJIS_2004", "shiftjis2004"])
def test_shift_jis_2004_goes_by_several_names(name):
    """None of them is cp932's."""
    assert Encoding.parse(name) is Encoding.SHIFT_JIS_2004


def test_shift_jis_2004_is_read_where_it_is_said(write, right):
    """All of JIS X 0213, down to characters of two code points."""
    path = write(right | {"name": "𡈽屋　俱か゚"}, encoding="shift_jis_2004")

    ((row,), _) = (chunk.rows or (None,) for chunk in read_register(path, Encoding.SHIFT_JIS_2004))

    assert row.record.name.recorded == "𡈽屋　俱か゚"
