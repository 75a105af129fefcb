# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
r"""Which encoding a file is written in (文字コード): UTF-8, cp932 or Shift_JIS-2004; and what is no text at all.

A line that UTF-8 can read is almost never cp932, so UTF-8 is asked first. A few damaged lines do not
change the answer: the encoding that reads at least half of the lines beyond ASCII is taken, and the damaged
lines are rejected one by one later. Whatever else is recognised is named, with what to do about it.

The bytes of cp932 and of Shift_JIS-2004 do not tell which of the two they are, and where they differ both read
a character, each another one (﨑 and 粼). So Shift_JIS-2004 is read only where it is said; and where cp932
cannot read a line that Shift_JIS-2004 can, it has to be said which.

>>> recognise("氏名\n徳川家康\n".encode("cp932"))
<Encoding.CP932: 'cp932'>
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from openjuki.errors import BadConfiguration, NotText

if TYPE_CHECKING:
    from collections.abc import Sequence


class Encoding(StrEnum):
    """Encoding of a file (文字コード)."""

    UTF_8 = "utf-8"
    #: Windows-31J, what Japanese Windows calls Shift_JIS.
    CP932 = "cp932"
    #: JIS X 0213 in Shift_JIS.
    SHIFT_JIS_2004 = "shift_jis_2004"

    @classmethod
    def parse(cls, name: str) -> Encoding:
        """Read a name that people use.

        Raises:
            BadConfiguration: it is no name of an encoding we read.
        """
        try:
            return _NAMES[name.lower().replace("_", "-")]
        except KeyError as error:
            raise BadConfiguration(f"the encoding is one of {', '.join(sorted(_NAMES))}") from error


_NAMES = {
    "utf-8": Encoding.UTF_8,
    "utf8": Encoding.UTF_8,
    "utf-8-sig": Encoding.UTF_8,
    "cp932": Encoding.CP932,
    "windows-31j": Encoding.CP932,
    "shift-jis": Encoding.CP932,
    "sjis": Encoding.CP932,
    "shift-jis-2004": Encoding.SHIFT_JIS_2004,
    "sjis-2004": Encoding.SHIFT_JIS_2004,
    "shiftjis2004": Encoding.SHIFT_JIS_2004,
}

_SAY_WHICH = (
    "the file is Shift_JIS-2004, or cp932 with damage: say which, with "
    "--encoding shift_jis_2004 or --encoding cp932"
)
#: Those that are told apart by their bytes.
_RECOGNISED = (Encoding.UTF_8, Encoding.CP932)

UTF_8_BOM = b"\xef\xbb\xbf"

#: How other files begin: (bytes, what it is).
_MAGIC = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel workbook"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"%PDF-", "a PDF"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)

#: A text has hardly any NUL; UTF-16 without a mark has one for every ASCII character.
_TOO_MANY_NULS = 0.05
#: The share of a text's lines that its encoding reads.
_MOST = 0.5


def recognise(sample: bytes) -> Encoding | None:
    """Encoding of a file that begins with `sample`, whole lines; None: ASCII so far, both would do.

    Raises:
        NotText: it is something else, or one of two; the message says what.
    """
    refuse_other_files(sample)
    if sample.startswith(UTF_8_BOM):
        return Encoding.UTF_8
    lines = [line for line in sample.split(b"\n") if not line.isascii()]
    if not lines:
        return None
    for encoding in _RECOGNISED:
        if _share_read(lines, encoding) >= _MOST and not _is_euc_jp(lines, encoding):
            _insist_on_saying(lines, encoding)
            return encoding
    if _share_read(lines, "euc_jp") >= _MOST:
        raise _not_text("EUC-JP")
    if _share_read(lines, Encoding.SHIFT_JIS_2004) >= _MOST:
        raise NotText(_SAY_WHICH)
    raise _not_text("neither UTF-8 nor cp932")


def refuse_other_files(sample: bytes) -> None:
    """Refuse what cannot be text in an encoding we read, whatever encoding is forced.

    Raises:
        NotText: the message says what it is.
    """
    for magic, kind in _MAGIC:
        if sample.startswith(magic):
            raise _not_text(kind)
    if sample.count(0) > len(sample) * _TOO_MANY_NULS:
        raise _not_text("UTF-16 or no text at all")
    if b"\x1b$" in sample:
        raise _not_text("ISO-2022-JP")


def _not_text(kind: str) -> NotText:
    return NotText(f"the file is {kind}; save it as CSV UTF-8")


def _insist_on_saying(lines: Sequence[bytes], encoding: Encoding) -> None:
    """Refuse to guess between cp932 and Shift_JIS-2004."""
    if encoding is Encoding.CP932 and any(
        _reads(line, Encoding.SHIFT_JIS_2004) and not _reads(line, encoding) for line in lines
    ):
        raise NotText(_SAY_WHICH)


def _share_read(lines: Sequence[bytes], encoding: str) -> float:
    return sum(_reads(line, encoding) for line in lines) / len(lines)


def _reads(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _is_euc_jp(lines: Sequence[bytes], encoding: Encoding) -> bool:
    """Whether cp932 reads the lines only because half-width katakana fill all its single bytes."""
    if encoding is not Encoding.CP932 or _share_read(lines, "euc_jp") < _MOST:
        return False
    wide = [
        character for line in lines for character in line.decode(encoding, "replace") if character > "\x7f"
    ]
    return sum("\uff61" <= character <= "\uff9f" for character in wide) > len(wide) * _MOST
