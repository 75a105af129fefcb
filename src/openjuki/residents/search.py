# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Search keys (検索キー): one key for all the ways of writing a name or an address.

Rules of this file:

1. A key is never shown, sent or recorded. What a hit shows is the record, as recorded; two records with
   one key are candidates, not the same person.
2. A key is a function of the text alone: a table for characters, then a few rewrites that look only at what
   stands before. So the key of a beginning is the beginning of the key; an address's beginning must end
   where a part of it ends.
3. Every key has a twin for columns (`..._series`) with the same results, several times as fast in bulk.

`docs/spec/search-keys.md` defines the keys with examples.

>>> fold("ｼﾞｮｰｼﾞ・Ｗ．ブッシュ"), kana_key("ゆうこ"), kana_key("ユーコ")
('シヨシwフツシユ', 'ユウコ', 'ユコ')
>>> variant_key("渡邉\U000e0103　佐々美") == variant_key("渡辺佐佐美")
True
>>> address_key("霞が関一丁目十二番３号　コーポ桜101"), address_key("霞ヶ関１－１２－３コーポ桜１０１")
('霞ケ関1-12-3コホ桜101', '霞ケ関1-12-3コホ桜101')
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product
from typing import TYPE_CHECKING, Final
from unicodedata import category, normalize

from openjuki.residents.characters import variants

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from polars import Series

#: What a table says of a character by its code point; characters it does not name stay.
type _Table = dict[int, str]

#: Blocks with characters that a table may have to change: all but ideographs, Hangul and private use.
_BLOCKS: Final = (
    range(0x3400),
    range(0xA640, 0xA800),
    range(0xF900, 0x10000),
    range(0x1D400, 0x1D800),
    range(0x1F100, 0x1F252),
    range(0x2F800, 0x2FA20),
    range(0xE0000, 0xE01F0),
)
#: Dashes, and what is written or misread for one; the long-vowel mark is among them.
DASHES: Final = frozenset("ー-‐‑‒–—―−~∼〜─━")
_MARKS: Final = frozenset(("Mn", "Me", "Cf", "Sk"))
_SEPARATORS: Final = frozenset(("Cc", "Zs", "Zl", "Zp", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po"))
#: 四つ仮名: before the marks of voice go, or ヅ would become ツ and not meet ズ.
_FOUR_KANA: Final = str.maketrans("ヂヅぢづ", "シスシス")
_LARGE: Final = dict(
    zip(
        "ァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿヰヱヲ",
        "アイウエオツヤユヨワカケクシストヌハヒフヘホムラリルレロイエオ",
        strict=True,
    )
)
_KANA: Final = (
    {chr(code): _LARGE.get(chr(code + 0x60), chr(code + 0x60)) for code in range(ord("ぁ"), ord("ゖ") + 1)}
    | _LARGE
    | dict.fromkeys("ゝヽ〻", "々")
)
_DIGITS: Final = "0123456789"
#: Below so many rows the plain loop is faster than preparing the pass over a column.
_FEW: Final = 20_000


@dataclass(frozen=True, slots=True)
class _Rewrite:
    """A pattern, and what each of the texts it can match becomes."""

    pattern: re.Pattern[str]
    table: Mapping[str, str]

    def of(self, text: str) -> str:
        return self.pattern.sub(lambda match: self.table[match[0]], text)

    def of_series(self, series: Series) -> Series:
        longest_first = sorted(self.table, key=len, reverse=True)
        return series.str.replace_many(longest_first, [self.table[t] for t in longest_first], leftmost=True)


@dataclass(frozen=True, slots=True)
class _LargeNumerals:
    """千二百三十四 becomes 1234: few rows have any, and a table of them all would have 14,000 lines."""

    pattern: re.Pattern[str]

    def of(self, text: str) -> str:
        return self.pattern.sub(lambda match: str(_value(match[0])), text)

    def of_series(self, series: Series) -> Series:
        rows = series.str.contains("[百千]").fill_null(value=False)
        read = series.filter(rows).map_elements(self.of, return_dtype=series.dtype)
        return series.scatter(rows.arg_true(), read)


def _value(numeral: str) -> int:
    tens = sum(int(figure or 1) * _UNITS[unit] for figure, unit in _TENS_AND_MORE.findall(numeral))
    return tens + (int(numeral[-1]) if numeral[-1] in _DIGITS else 0)


_UNITS: Final = {"千": 1000, "百": 100, "十": 10}
_TENS_AND_MORE: Final = re.compile("([0-9]?)([千百十])")
_THOUSANDS: Final = _LargeNumerals(
    re.compile("(?:[0-9]?千(?:[0-9]?百)?|[0-9]?百)(?:[0-9]?十)?(?:[0-9](?![0-9]))?")
)
#: ﾂﾞ and the like: the mark stands apart, so that the table would see ツ.
_VOICED_APART: Final = _Rewrite(
    re.compile("[ちつチツﾁﾂ][\u3099゛ﾞ]"),
    {kana + mark: "シ" if kana in "ちチﾁ" else "ス" for kana in "ちつチツﾁﾂ" for mark in "\u3099゛ﾞ"},
)
#: 佐々木 and 佐佐木; however many marks, they repeat once.
_REPEATED: Final = re.compile("(.)々+")
#: オ段+ウ→オ: トウヤマ, トオヤマ and トーヤマ.
_LONG_O: Final = _Rewrite(
    re.compile("[オコソトノホモヨロ][ウオ]{1,3}"),
    {
        kana + "".join(run): kana
        for kana in "オコソトノホモヨロ"
        for length in (1, 2, 3)
        for run in product("ウオ", repeat=length)
    },
)
_TENS: Final = {f"{a}十{b}": (a or "1") + (b or "0") for a in ("", *_DIGITS) for b in ("", *_DIGITS)}
_BLOCK_MARKS: Final = ("丁目", "丁", "番地", "番", "号", "-")
#: 十 becomes a number, 丁目・番地・番・号 behind a number a hyphen; 大字 and 字 go (but not 文字).
_BLOCK_NUMBERS: Final = _Rewrite(
    re.compile("(?:[0-9]?十[0-9]?|[0-9])?(?:丁目?|番地?|号|-)|[0-9]?十[0-9]?|文字|大?字"),
    {
        number + mark: value + "-"
        for number, value in (_TENS | dict(zip(_DIGITS, _DIGITS, strict=True))).items()
        for mark in _BLOCK_MARKS
    }
    | dict.fromkeys((*_BLOCK_MARKS, "大字", "字"), "")
    | {"文字": "文字"}
    | _TENS,
)
#: A hyphen stays before a number only.
_LOOSE_HYPHENS: Final = _Rewrite(re.compile("-[0-9]?"), {"-": ""} | {f"-{d}": f"-{d}" for d in _DIGITS})
#: Characters of an address that are looked at for what its key begins with.
BEGINNING: Final = 3
#: Characters, and beginnings of addresses, of which it is kept what they become: more than addresses have.
_CHARACTERS: Final = 16_384
_BEGINNINGS: Final = 65_536
#: Ideographs with which a rewrite may begin.
_REWRITTEN: Final = frozenset("十百千丁番号文大字")
_IDEOGRAPHS: Final = frozenset(map(chr, range(ord("一"), ord("鿿") + 1)))
_PLACES: Final = str.maketrans(
    dict(zip("〇一二三四五六七八九", _DIGITS, strict=True))
    | dict.fromkeys("カ箇", "ケ")  # 霞が関, 霞ヶ関
    | dict.fromkeys("ノ之乃", "-")  # 二番地の三, 一ノ宮
)


@dataclass(frozen=True, slots=True)
class _Key:
    """A table for characters, repetition written out, then rewrites."""

    table: Callable[[], _Table]
    rewrites: tuple[_Rewrite | _LargeNumerals, ...] = ()

    def of(self, text: str) -> str:
        if _VOICED_APART.pattern.search(text):
            text = _VOICED_APART.of(text)
        text = text.translate(_complete(self.table))
        if "々" in text:
            text = _REPEATED.sub(r"\1\1", text)
        for rewrite in self.rewrites:
            text = rewrite.of(text)
        return text

    def of_series(self, series: Series) -> Series:
        if len(series) < _FEW:
            return series.map_elements(self.of, return_dtype=series.dtype)
        table = {chr(code): text for code, text in self.table().items()}
        series = _Rewrite(_VOICED_APART.pattern, {**table, **_VOICED_APART.table}).of_series(series)
        series = _repeated_series(series)
        for rewrite in self.rewrites:
            series = rewrite.of_series(series)
        return series


def _repeated_series(series: Series) -> Series:
    """Repetition written out: few rows have any, and to look for the mark is a sixth of rewriting."""
    rows = series.str.contains("々", literal=True).fill_null(value=False)
    return series.scatter(rows.arg_true(), series.filter(rows).str.replace_all(_REPEATED.pattern, "${1}${1}"))


def _folded(character: str, separator: str) -> str:
    """The character without width, case, accents, voice and size."""
    apart = normalize("NFKD", normalize("NFKD", character.translate(_FOUR_KANA)).casefold())
    return "".join(_plain(part, separator) for part in apart)


def _plain(character: str, separator: str) -> str:
    if character in DASHES or category(character) in _SEPARATORS:
        return separator
    return "" if category(character) in _MARKS else _KANA.get(character, character)


@cache
def _folding(separator: str = "") -> _Table:
    """What `fold` makes of characters, with something else for what separates."""
    return {
        code: folded
        for block in _BLOCKS
        for code in block
        if (folded := _folded(chr(code), separator)) != chr(code)
    }


@cache
def _uniting(separator: str = "") -> _Table:
    """`_folding`, then one character for all its variants."""
    folding = _folding(separator)
    return _then(folding, {ord(member): first.translate(folding) for member, first in variants().items()})


@cache
def _placing() -> _Table:
    """`_uniting`, then what is the same in addresses only."""
    return _then(_uniting("-"), _PLACES)


@cache
def _complete(table: Callable[[], _Table]) -> dict[int, int | str]:
    """The table with the usual characters named, changed or not: each one missed is an exception inside `translate`."""
    return {code: code for code in range(ord("ぁ"), ord("鿿"))} | table()


def _then(first: _Table, second: _Table) -> _Table:
    """One table for two, one after the other."""
    return second | {code: text.translate(second) for code, text in first.items()}


_FOLD: Final = _Key(_folding)
_VARIANT: Final = _Key(_uniting)
_KANA_SOUND: Final = _Key(_folding, (_LONG_O,))
_ADDRESS: Final = _Key(_placing, (_THOUSANDS, _BLOCK_NUMBERS, _LOOSE_HYPHENS))


def fold(text: str) -> str:
    """Folded form (清音化): without width, case, accents, 清濁, 小書き, 長音, spaces and punctuation.

    Variation selectors go; variants (異体字) stay apart. Hiragana become katakana, ヂヅ are taken for ジズ.
    """
    return _FOLD.of(text)


def variant_key(text: str) -> str:
    """Key of a name (氏名) in which variants (異体字) are one: 辺邊邉, 浜濱, 斎齋斉齊, 高髙, 吉𠮷."""
    return _VARIANT.of(text)


def kana_key(text: str) -> str:
    """Key of furigana (氏名の振り仮名): `fold`, and a long オ is one however written: サトウ, サトオ, サトー."""
    return _KANA_SOUND.of(text)


def address_key(text: str) -> str:
    """Key of an address (住所) below the municipality: `variant_key`, and 一丁目2番地の3 is 1-2-3."""
    return _ADDRESS.of(text)


@lru_cache(_BEGINNINGS)
def address_key_beginning(text: str) -> str:
    """What an address's key begins with whatever follows: up to the last of its first characters that begins no rewrite.

    >>> [*map(address_key_beginning, ("桜田門外", "三条通り", "霞が関一丁目", "大手町", "大字霞", "二番地", "一番町"))]
    ['桜田門', '3条通', '霞ケ関', '大手町', '霞', '2', '1町']
    """
    untouched = list(map(_untouched, text[:BEGINNING]))
    while untouched and not untouched[-1]:
        untouched.pop()
    return "".join(untouched) if all(untouched) else _ADDRESS.of(text[: len(untouched)])


@lru_cache(_CHARACTERS)
def _untouched(character: str) -> str:
    """The key of an ideograph with which no rewrite begins; else nothing."""
    key = _ADDRESS.of(character)
    return key if key in _IDEOGRAPHS and key not in _REWRITTEN else ""


def variant_key_series(series: Series) -> Series:
    """`variant_key` of every row."""
    return _VARIANT.of_series(series)


def kana_key_series(series: Series) -> Series:
    """`kana_key` of every row."""
    return _KANA_SOUND.of_series(series)


def address_key_series(series: Series) -> Series:
    """`address_key` of every row."""
    return _ADDRESS.of_series(series)
