# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What people write: slips that leave the name and the place what they are."""

from __future__ import annotations

import pytest

from openjuki.simulation.chance import Chance
from openjuki.simulation.handwriting import IN_NAMES, IN_READINGS, STYLES, Place


def ways(slip, text: str) -> set[str | None]:
    """Everything a slip makes of a text, given time."""
    return {slip(Chance(seed, "slips"), text) for seed in range(60)}


@pytest.mark.parametrize(
    ("slip", "name", "expected"),
    [
        pytest.param("旧字体", "辻　国広", {"辻　國広", "辻　国廣"}, id="old characters"),
        pytest.param("旧字体", "辻　一", {None}, id="none to be old"),
        pytest.param("異体字", "渡邉　一", {"渡辺　一", "渡邊　一"}, id="variants"),
        pytest.param("互換漢字", "福田　一", {"\ufa1b田　一"}, id="compatibility characters"),
        pytest.param("spaces", "辻　一", {"辻 一", "辻一", "辻  一"}, id="spaces"),
        pytest.param("々", "佐々木　一", {"佐佐木　一"}, id="repetition"),
        pytest.param(
            "々", "佐\U000e0101々木　一", {"佐\U000e0101佐\U000e0101木　一"}, id="repetition with its shape"
        ),
        pytest.param("width", "LI PING", {"ＬＩ　ＰＩＮＧ", "li ping", "Li Ping"}, id="width and case"),
        pytest.param("hiragana and katakana", "辻　みゆき", {"辻　ミユキ"}, id="katakana"),
    ],
)
def test_slips_in_names(slip, name, expected):
    """A name is written with other shapes, and is the same name."""
    assert ways(IN_NAMES[slip], name) == expected


def test_a_selector_stands_behind_an_ideograph():
    """Input methods leave one where there is something to vary."""
    made = ways(IN_NAMES["IVS"], "辻　一")

    assert all(len(name) == 4 and any("\U000e0100" <= c <= "\U000e010f" for c in name) for name in made)
    assert ways(IN_NAMES["IVS"], "みゆき") == {None}


@pytest.mark.parametrize(
    ("slip", "reading", "expected"),
    [
        pytest.param("濁点 lost", "ワタナベ", {"ワタナヘ"}, id="voice lost"),
        pytest.param("濁点 gained", "ヤマサキ", {"ヤマザキ", "ヤマサギ"}, id="voice gained"),
        pytest.param("小書き", "ショウ", {"シヨウ"}, id="small kana"),
        pytest.param("長音", "ケイコ", {"ケーコ"}, id="ー for a vowel"),
        pytest.param("長音", "コーキ", {"コウキ", "コオキ"}, id="a vowel for ー"),
        pytest.param("長音", "ハナ", {None}, id="nothing held"),
        pytest.param("オ段+ウ", "サトウ", {"サトオ"}, id="オ for ウ"),
        pytest.param("ヅ・ズ", "テヅカ", {"テズカ"}, id="ズ for ヅ"),
        pytest.param("half-width", "ガッコー　パ", {"ｶﾞｯｺｰ ﾊﾟ"}, id="half-width"),
        pytest.param("hiragana", "ワタナベ", {"わたなべ"}, id="hiragana"),
    ],
)
def test_slips_in_readings(slip, reading, expected):
    """A reading is spelt as it was heard or keyed in."""
    assert ways(IN_READINGS[slip], reading) == expected


@pytest.mark.parametrize(
    ("place", "how", "expected"),
    [
        pytest.param(
            ("西旭岡町三丁目", "6番23号", ""),
            "丁目 and hyphens",
            {f"西旭岡町{chome}丁目6{dash}23" for chome in ("3", "三", "３") for dash in "-－"},
            id="丁目 and hyphens",
        ),
        pytest.param(
            ("海岸町", "1976番地8", ""),
            "kanji numerals",
            {f"海岸町{first}番地{no}八" for first in ("千九百七十六", "一九七六") for no in ("の", "", "ノ")},
            id="a lot in kanji",
        ),
        pytest.param(("北美原", "1-12-17", ""), "の", {"北美原1の12の17", "北美原1ノ12ノ17"}, id="の"),
        pytest.param(
            ("大字中山", "110番地", "桜荘"),
            "の",
            {"大字中山110", "中山110"},
            id="大字, and the building left out",
        ),
        pytest.param(("字北", "12番地甲", ""), "hyphens", {None}, id="a lot that no style writes"),
        pytest.param(("海岸町", "8番地", ""), "丁目 and hyphens", {None}, id="no 丁目"),
    ],
)
def test_an_address_is_written_in_a_style(place, how, expected):
    """Every style writes the same place."""
    written = {Place(*place).written(Chance(seed, "styles"), how=how, building=False) for seed in range(80)}

    assert written == expected


def test_a_building_is_written_when_it_is_wanted():
    """With a space or without, 号室 or not."""
    place = Place("本町1丁目", "2番3号", "コーポ桜101号室")
    written = {place.written(Chance(seed, "styles"), how="の", building=True) for seed in range(80)}

    assert {"本町1の2の3\u3000コーポ桜101号室", "本町1の2の3コーポ桜101"} <= written


def test_every_style_has_a_name_and_writes():
    """A place with 丁目, 番 and 号 can be written in all of them."""
    place = Place("本町1丁目", "2番3号", "")

    assert all(place.written(Chance(1, how), how=how, building=True) for how in STYLES)
