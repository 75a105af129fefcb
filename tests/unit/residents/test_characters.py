# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The shapes of the MJ list, and which characters are variants of one another."""

from collections import defaultdict
from itertools import combinations
from unicodedata import normalize

import pytest

from openjuki.residents.characters import (
    Shape,
    ivs_base,
    mj_of,
    sequences,
    variants,
    without_glyph,
)

#: Characters of JIS X 0208 level 1 that share a class: every one looked at.
BOTH_OF_LEVEL_1 = (
    "亘亙 仝同 冨富 刈苅 升舛 吊弔 園薗 埜野 宍肉 峯峰 島嶋 崎碕 斉斎 曽曾 杯盃"
    " 柁舵 柏栢 梅楳 涌湧 滝瀧 灯燈 砿鉱 祢禰 秋穐 穎頴 竜龍 舗鋪 舘館 薯藷 駆駈"
)


def jis_level(character):
    """Level of JIS X 0208, 3 outside."""
    try:
        return 1 if character.encode("shift_jis") < b"\x98\x9f" else 2
    except UnicodeEncodeError:
        return 3


def classes():
    """Every class with its representative first."""
    found = defaultdict(list)
    for member, first in variants().items():
        found[first].append(member)
    return [[first, *members] for first, members in found.items()]


def representative(character):
    """Whatever stands for the character."""
    return variants().get(character, character)


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        pytest.param("高", Shape("MJ028901", "高", "J+9AD8"), id="a plain character has a shape"),
        pytest.param("髙", Shape("MJ028902", "髙", "J+9AD9"), id="its variant has another"),
        pytest.param("𠮷", Shape("MJ032129", "𠮷", "J+AEAC"), id="a shape may stand outside the BMP"),
        pytest.param(
            "葛\U000e0102", Shape("MJ022335", "葛\U000e0102", "J+845B"), id="a sequence has its own shape"
        ),
        pytest.param(
            "博\U000e010a", Shape("MJ059399", "博\U000e010a", "J+AE6F"), id="a doubled sequence is known"
        ),
        pytest.param("神\ufe00", Shape("MJ030211", "神\ufe00", "J+FA19"), id="a standardized one is known"),
        pytest.param("葛\U000e0100", None, id="a sequence of another collection is none"),
        pytest.param("葛城", None, id="two characters are none"),
        pytest.param("", None, id="nothing is none"),
        pytest.param("A", None, id="letters are not of the list"),
    ],
)
def test_shape(text, shape):
    """A character as written is one shape of the list, or none."""
    assert mj_of(text) == shape


def test_sequences_are_those_of_the_collection():
    """11,384 sequences of Moji_Joho and 89 standardized ones are known, each of a character and a selector."""
    ideographic = {pair for pair in sequences() if pair[1] >= "\U000e0100"}

    assert len(ideographic) == 11_384
    assert len(sequences()) == 11_384 + 89
    assert {normalize("NFKC", base) for base, _ in ideographic} == {base for base, _ in ideographic}


def test_every_code_of_the_network_is_one_shape():
    """The 19,563 住基ネット統一文字 of the list are written, and no code stands for two shapes."""
    plain = [mj_of(chr(code)) for code in (*range(0x3000, 0xFB00), *range(0x20000, 0x32000))]
    by_sequence = [mj_of(base + selector) for base, selector in sequences()]
    shapes = {shape.mj: shape.juki for shape in filter(None, plain + by_sequence)}
    codes = [juki for juki in shapes.values() if juki]

    assert len(shapes) == 58_843
    assert len(codes) == len(set(codes)) == 19_563


def test_base_of_a_name():
    """Without its selectors a name reads the same."""
    assert ivs_base("葛\U000e0102城　神\ufe00楽") == "葛城　神楽"
    assert ivs_base("高橋") == "高橋"


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        pytest.param("渡邉　みずほ ANN (John)", (), id="plain characters, kana and letters are drawn"),
        pytest.param("葛\U000e0102城", (), id="a sequence of the list is drawn"),
        pytest.param("葛\U000e0100城", ("葛\U000e0100",), id="an unknown sequence is not"),
        pytest.param("\U000e0102城", ("\U000e0102",), id="a selector without a character is not"),
        pytest.param("あ\U000e0102", ("あ\U000e0102",), id="nor one behind kana"),
        pytest.param("葛\U000e0102\U000e0103", ("葛\U000e0102\U000e0103",), id="nor two behind one another"),
        pytest.param("山专\U00032000", ("专", "\U00032000"), id="nor ideographs outside the list"),
        pytest.param("", (), id="nothing lacks nothing"),
    ],
)
def test_what_has_no_glyph(text, missing):
    """What a font of the list cannot draw as written is named, in order."""
    assert without_glyph(text) == missing


@pytest.mark.parametrize(
    "group",
    [
        "辺邊邉", "浜濱濵", "藤籐", "斎齋斉齊", "高髙", "崎﨑嵜碕", "吉𠮷", "島嶋嶌", "富冨", "館舘", "沢澤", "桜櫻",
        "広廣", "国國囯圀", "竜龍", "滝瀧", "桧檜", "渕淵", "薮藪籔", "桑桒", "曽曾", "祢禰", "柏栢", "枡桝", "土圡",
        "峰峯", "鶴靏靍", "沖冲", "秋穐", "真眞", "徳德", "万萬", "与與", "児兒", "鉄鐵鉃", "頼賴", "籠篭", "磯礒",
        "関關", "宮宫", "梁樑", "船舩", "松枩", "舗鋪", "弥彌", "遥遙", "晋晉", "尭堯", "呉吳", "郎郞", "张張", "陈陳",
    ],
)  # fmt: skip
def test_variants_of_names(group):
    """Variants of names, old and new forms, and what the Immigration Agency writes for simplified ones are one."""
    assert len({representative(character) for character in group}) == 1


@pytest.mark.parametrize(
    "group",
    [
        "田由甲申", "大太犬", "土士", "末未", "千干于", "己已巳", "日曰", "王玉", "崎埼", "坂阪", "伊尹", "侍待",
        "佑祐裕", "輿与", "栗粟", "間問", "鳥烏", "陽湯", "徹撤", "人入", "宣宜", "貝見", "綱網", "北比", "孝考",
        "矢失", "萩荻", "治冶", "斎粂", "島鳥", "古吉", "木本", "鈴木", "昼書", "着著", "裏裡", "咲笑", "予余",
    ],
)  # fmt: skip
def test_characters_that_stay_apart(group):
    """Characters that only look alike, sound alike or mean alike keep names apart."""
    assert len({representative(character) for character in group}) == len(group)


def test_no_class_is_a_heap():
    """Classes stay small: unlimited closure would heap up two hundred characters."""
    sizes = sorted(map(len, classes()))

    assert sizes[-1] <= 30
    assert sizes[len(sizes) // 2] <= 3
    assert sum(sizes) == 23_601


def test_common_characters_of_one_class_are_listed():
    """Two characters of JIS level 1 are one only where the list says so."""
    found = {
        frozenset(pair)
        for members in classes()
        for pair in combinations(members, 2)
        if {jis_level(c) for c in pair} == {1} and pair[0] > "ヿ"
    }

    assert found == {frozenset(pair) for pair in BOTH_OF_LEVEL_1.split()}


def test_a_representative_represents_itself():
    """No representative has another, so that the key of a key is the key."""
    assert not set(variants()) & set(variants().values())
