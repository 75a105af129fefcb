# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Search keys: what they take for one, what they keep apart, and their twins for columns."""

import json
from pathlib import Path
from unicodedata import normalize

import jaconv
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openjuki.residents import search
from openjuki.residents.characters import variants
from openjuki.residents.search import (
    address_key,
    address_key_beginning,
    address_key_series,
    fold,
    kana_key,
    kana_key_series,
    variant_key,
    variant_key_series,
)

SAMPLES = json.loads((Path(__file__).parents[2] / "samples/v1/search-keys.json").read_text(encoding="utf-8"))
KEYS = [
    pytest.param(variant_key, variant_key_series, id="variant_key"),
    pytest.param(kana_key, kana_key_series, id="kana_key"),
    pytest.param(address_key, address_key_series, id="address_key"),
]
KATAKANA = "".join(map(chr, range(ord("ァ"), ord("ヺ") + 1)))
HIRAGANA = "".join(map(chr, range(ord("ぁ"), ord("ゖ") + 1)))
#: What the rules of the keys look at, and what they must leave alone.
TELLING = (
    "佐々木渡邉邊髙﨑神𠮷𛀂ゝゞヽヾ〻〇一二三十百丁目番地号大字文の之ノヶケがカ箇 　\t-－ーｰ−〜・，'()①㍿éßİ"
    "ﾂﾞﾟづツ\u3099\u309a゛葛\U000e0100\ufe000123456789０１Aａアオウコウォゥヴヰヂヅッャﾔｱいぃ\n\u200d한😀"
)
texts = st.one_of(
    st.text(TELLING, max_size=12), st.text(KATAKANA + HIRAGANA + "ー", max_size=12), st.text(max_size=8)
)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        pytest.param("ﾜﾀﾅﾍﾞ ｱｵｲ", "ワタナヘアオイ", id="half-width kana"),
        pytest.param("わたなべ　あおい", "ワタナヘアオイ", id="hiragana and the full-width space"),
        pytest.param("ガザダバパヴ", "カサタハハウ", id="清濁 and 半濁"),
        pytest.param("ﾊﾟハ\u309aは゜", "ハハハ", id="voice written apart"),
        pytest.param("ァィゥェォッャュョヮヵヶ", "アイウエオツヤユヨワカケ", id="小書き"),
        pytest.param("ローラ・ジョーンズ", "ロラシヨンス", id="長音 and the middle dot"),
        pytest.param("ヅズヂジ", "ススシシ", id="四つ仮名"),
        pytest.param("ﾂﾞｽﾞつ\u3099チ゛", "スススシ", id="四つ仮名 with the mark apart"),
        pytest.param("ヰヱヲ", "イエオ", id="old kana"),
        pytest.param("みすゞ", "ミスス", id="repetition is written out"),
        pytest.param("佐々木", "佐佐木", id="and that of ideographs"),
        pytest.param("バヽ乙〻かゞ", "ハハ乙乙カカ", id="whichever the mark"),
        pytest.param("三々々", "三三", id="once"),
        pytest.param("々木", "々木", id="but not before anything"),
        pytest.param("ＳＭＩＴＨ　Ｊｏｈｎ", "smithjohn", id="width and case"),
        pytest.param("O’BRIEN Anne-Marie", "obrienannemarie", id="apostrophes and hyphens"),
        pytest.param("D`ANGELO", "dangelo", id="a grave accent for an apostrophe"),
        pytest.param("𝐀①㍉", "a1ミリ", id="letters, numbers and words in one character"),
        pytest.param("Nguyễn Thị Müller Åström", "nguyenthimullerastrom", id="accents"),
        pytest.param("神\ufe00葛\U000e0100", "神葛", id="variation selectors"),
        pytest.param("神", "神", id="compatibility ideographs"),
        pytest.param("辺邊邉", "辺邊邉", id="variants stay apart"),
        pytest.param("－‐–—―−〜～", "", id="dashes of every kind"),
        pytest.param("", "", id="nothing"),
    ],
)
def test_fold(text, folded):
    """Folding forgets how a text was typed, and nothing else."""
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("渡邉\U000e0103　みすず", "渡辺みすゞ", id="a sequence, a variant, repetition"),
        pytest.param("齋藤", "斉籐", id="斎齋斉齊 and 藤籐"),
        pytest.param("髙﨑 濵𠮷", "高崎　浜吉", id="髙高 﨑崎 濵浜 𠮷吉"),
        pytest.param("神田", "神田", id="a compatibility ideograph"),
        pytest.param("佐佐木", "佐々木", id="々"),
        pytest.param("𛀂き", "アキ", id="変体仮名"),
        pytest.param("张伟", "張偉", id="simplified forms"),
    ],
)
def test_variants_have_one_key(one, other):
    """Names that differ in variants only have one key; folded they differ still or agree."""
    assert variant_key(one) == variant_key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("太田", "大田", id="太 and 大"),
        pytest.param("田中", "由中", id="田 and 由"),
        pytest.param("犬山", "大山", id="犬 and 大"),
        pytest.param("埼玉", "崎玉", id="埼 and 崎"),
        pytest.param("大坂", "大阪", id="坂 and 阪"),
        pytest.param("土井", "士井", id="土 and 士"),
        pytest.param("都築", "鈴木", id="ツヅキ and スズキ, in ideographs"),
        pytest.param("ツヅキ", "スズキ", id="ツヅキ and スズキ, in kana"),
        pytest.param("ツカ", "スカ", id="ツ and ス"),
        pytest.param("一郎", "二郎", id="numbers in names"),
    ],
)
@pytest.mark.parametrize("key", [fold, variant_key, kana_key])
def test_other_names_have_other_keys(key, one, other):
    """What is another name has another key."""
    assert key(one) != key(other)


@pytest.mark.parametrize(
    "spellings",
    [
        pytest.param(("サトウ", "サトオ", "サトー", "ｻﾄｳ", "さとう", "サトゥ"), id="佐藤"),
        pytest.param(("トウヤマ", "トオヤマ", "トーヤマ"), id="遠山"),
        pytest.param(("オオノ", "オウノ", "オーノ", "おゝの"), id="大野"),
        pytest.param(("テヅカ", "テズカ", "テスカ"), id="手塚"),
        pytest.param(("ショウイチロウ", "シヨオイチロオ", "しょーいちろー"), id="正一郎"),
        pytest.param(("ジョージ", "ジョウジ", "ヂョオジ"), id="譲二"),
        pytest.param(("ホウオウ", "ホーオー", "ホオオオ"), id="a run of long vowels"),
    ],
)
def test_kana_spelt_differently(spellings):
    """However a reading is spelt, its key is one (清濁, 小書き, 長音, 四つ仮名, オ段+ウ)."""
    assert len(set(map(kana_key, spellings))) == 1


def test_price_of_the_kana_key():
    """A long オ is not told from a short one: 大野 and 小野 are candidates together, and only in kana."""
    assert kana_key("オオノ") == kana_key("オノ")
    assert fold("オオノ") != fold("オノ")
    assert kana_key("ユウコ") != kana_key("ヨウコ")


@pytest.mark.parametrize(
    "spellings",
    [
        pytest.param(
            (
                "霞が関一丁目2番3号",
                "霞ヶ関１丁目２番３号",
                "霞ケ関１－２－３",
                "霞が関1丁目2番地の3",
                "霞が関 1−2の3",
                "霞が関一ー二ー三",
                "霞箇関1丁目２－３号",
            ),
            id="丁目・番・号, 番地, hyphens",
        ),
        pytest.param(("北十二条西二十丁目三十五番地", "北12条西20－35"), id="tens"),
        pytest.param(("大字中山字上ノ原123番地", "中山上の原１２３", "中山字上之原123番"), id="大字 and 字"),
        pytest.param(("本町1-2-3　コーポ・桜　101号", "本町一丁目2番3号コ－ポ桜１０１"), id="buildings"),
        pytest.param(("本町1-2-3　101号", "本町1-2-3-101"), id="a room without a building"),
        pytest.param(("代々木1-1", "代代木一丁目1番"), id="repetition"),
        pytest.param(("渡邉町1", "渡辺町1番地"), id="variants"),
        pytest.param(("一ノ宮1", "一の宮1", "一之宮1"), id="ノ and の between words"),
        pytest.param(("八丁堀2丁目10番", "八丁堀2-10"), id="丁 within a name"),
    ],
)
def test_addresses_written_differently(spellings):
    """However an address is written, its key is one."""
    assert len(set(map(address_key, spellings))) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("本町1-23", "本町12-3", id="the hyphen's place"),
        pytest.param("本町1-2-3 101", "本町1-2-3101", id="a space between numbers"),
        pytest.param("本町1・2", "本町12", id="a dot between numbers"),
        pytest.param("本町十一番", "本町十番一", id="the end of a tens number"),
        pytest.param("十文字町1", "十町1", id="the 字 of 文字"),
        pytest.param("本町1", "元町1", id="another town"),
    ],
)
def test_other_addresses_have_other_keys(one, other):
    """What is another address has another key."""
    assert address_key(one) != address_key(other)


@pytest.mark.parametrize("key", [fold, variant_key, kana_key])
@given(text=st.text(HIRAGANA + KATAKANA + "ー゠・佐々木神ÅéK", max_size=10))
def test_width_and_normal_forms_do_not_matter(key, text):
    """Half-width, composed or decomposed: the key is the same."""
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert key(normalize(form, text)) == key(text)
    assert key(jaconv.z2h(text, ascii=True)) == key(jaconv.h2z(text, ascii=True)) == key(text)


@pytest.mark.parametrize("key", [fold, variant_key, kana_key])
@given(text=texts.filter(lambda text: not search._VOICED_APART.pattern.search(text)), end=st.integers(0, 12))
def test_key_of_a_beginning_is_the_beginning_of_the_key(key, text, end):
    """So a search by the beginning of a name is a search by the beginning of its key."""
    assert key(text).startswith(key(text[:end]))


@given(text=texts)
def test_what_folds_alike_has_one_variant_key(text):
    """The keys grow coarser in order: a folded text has the keys of the text."""
    assert variant_key(fold(text)) == variant_key(text)
    assert kana_key(fold(text)) == kana_key(text)


@pytest.mark.parametrize("first", "霞浜濱辺大字文丁目番号地十百千一之ヶつか々-1 ﾂ")
@settings(max_examples=40, deadline=None)
@given(rest=st.text("霞大字文丁目番地号十百千一之ヶつ゛ﾞ\u3099\U000e0100々-1 ", max_size=5) | texts)
def test_what_a_key_begins_with_is_said_only_where_it_is_certain(first, rest):
    """Whatever follows the first characters of an address, its key begins with what was said of it."""
    assert address_key(first + rest).startswith(address_key_beginning(first + rest))


def test_the_beginning_of_most_addresses_is_certain():
    """So that most addresses that are not one place need no keys."""
    addresses = ("濱町1", "三条通り", "大手町", "一番町", "大字霞", "あ霞", "大字1", "つ")
    assert [*map(address_key_beginning, addresses)] == [
        "浜町",
        "3条通",
        "大手町",
        "1町",
        "霞",
        "ア霞",
        "",
        "",
    ]


def test_tables_end_where_they_end():
    """Whatever a table makes of a character, it leaves alone afterwards."""
    for table in (search._folding(), search._uniting(), search._placing()):
        assert {text.translate(table) for text in table.values()} == set(table.values())


def test_every_member_has_the_key_of_its_representative():
    """All 17,000 variants are united, those of address words among them."""
    for key in (variant_key, address_key):
        assert all(key(member) == key(first) for member, first in variants().items())
    assert not {"丁", "目", "番", "地", "号", "大", "字", "文", "十"} & set(variants())


@pytest.mark.parametrize(
    "rewrite", [search._VOICED_APART, search._LONG_O, search._BLOCK_NUMBERS, search._LOOSE_HYPHENS]
)
def test_tables_of_rewrites_are_complete(rewrite):
    """A table answers for what its pattern matches, and for nothing else."""
    assert all(rewrite.pattern.fullmatch(text) for text in rewrite.table)
    alphabet = sorted(set("".join(rewrite.table)))
    pairs = {a + b for a in (*alphabet, "") for b in alphabet}
    assert {match for text in pairs for match in rewrite.pattern.findall(text)} <= set(rewrite.table)


@pytest.mark.parametrize(("key", "of_series"), KEYS)
@settings(max_examples=15, deadline=None)
@given(rows=st.lists(st.none() | texts, min_size=1, max_size=200))
def test_a_column_has_the_keys_of_its_rows(key, of_series, rows):
    """The pass over a column gives the scalar key of every row, and nothing where there is nothing."""
    expected = [None if row is None else key(row) for row in rows]
    column = pl.Series("name", rows, dtype=pl.String)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "_FEW", 0)
        in_one_pass = of_series(column)

    assert in_one_pass.to_list() == of_series(column).to_list() == expected
    assert in_one_pass.name == of_series(column).name == "name"
    assert in_one_pass.dtype == of_series(column).dtype == pl.String


@pytest.mark.parametrize(("key", "of_series"), KEYS)
def test_a_long_column_has_the_keys_of_its_rows(key, of_series):
    """Every character of every table, alone and between others, has one key on both roads."""
    characters = [chr(code) for code in search._placing()]
    rows = [*characters, *(f"1{c}2" for c in characters), *(f"コ{c}ウ" for c in characters)]

    assert len(rows) > search._FEW
    assert of_series(pl.Series(rows)).to_list() == list(map(key, rows))


def test_no_row_is_no_key():
    """An empty column stays empty, of text."""
    assert variant_key_series(pl.Series([], dtype=pl.String)).equals(pl.Series([], dtype=pl.String))


@pytest.mark.parametrize(("text", "folded"), SAMPLES["fold"])
def test_sample_folds(text, folded):
    """The published folded forms hold."""
    assert fold(text) == folded


@pytest.mark.parametrize(("key", "spellings"), SAMPLES["same"])
def test_samples_that_meet(key, spellings):
    """What is published as one has one key."""
    assert len({getattr(search, key)(text) for text in spellings}) == 1


@pytest.mark.parametrize(("key", "texts"), SAMPLES["apart"])
def test_samples_that_stay_apart(key, texts):
    """What is published as apart has keys apart."""
    assert len({getattr(search, key)(text) for text in texts}) == len(texts)


@pytest.mark.parametrize(
    "spellings",
    [
        pytest.param(("御崎町八百二十番地の九", "御崎町820-9", "御崎町八二〇番地九"), id="hundreds"),
        pytest.param(("榎本町千六十四番地", "榎本町１０６４", "榎本町一〇六四"), id="thousands"),
        pytest.param(("八千代台千二百三十四", "八千代台1234"), id="a town with a numeral in its name"),
        pytest.param(("百人町二丁目五番", "百人町2-5"), id="and another"),
    ],
)
def test_large_numerals_are_read(spellings):
    """千二百三十四 is 1234, whoever writes an address in full."""
    assert len(set(map(address_key, spellings))) == 1
    column = pl.Series([*spellings, None] * 8000)
    assert address_key_series(column).to_list() == [*map(address_key, spellings), None] * 8000
