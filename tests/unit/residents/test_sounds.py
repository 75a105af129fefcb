# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which readings sound alike, and under which keys they are looked for."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openjuki.residents.search import fold, kana_key
from openjuki.residents.sounds import _forms, sought_under, sound_alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

#: Readings whose spelling is open to doubt.
readings = st.text(
    "アイウエオカガキキクケコサシジスズセソタチヂツヅテトナニヌノハバパマミムヤユヨラリルワンッャュョーヴ　",
    max_size=8,
)


#: Ways of spelling what sounds the same, of which any two agree.
SPELLINGS = (
    *(
        ("ツ", "ヅ"),
        ("ヅ", "ズ"),
        ("チ", "ヂ"),
        ("ヂ", "ジ"),
        ("カ", "ガ"),
        ("ョ", "ヨ"),
        ("ン",),
        ("　", ""),
    ),
    *(
        ("ユウ", "ユー"),
        ("ケイ", "ケー", "ケエ"),
        ("コウ", "コオ", "コー"),
        ("サア", "サー"),
        ("シイ", "シー"),
    ),
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("サトウ　ケイコ", "さとー けーこ", id="ー for the vowel that is heard"),
        pytest.param("ユウコ", "ｺｳﾕｳｺ"[2:], id="half-width"),
        pytest.param("ｺｰｽｹ", "コウスケ", id="half-width ー"),
        pytest.param("シイナ　サアヤ", "シーナ　サーヤ", id="after every vowel"),
        pytest.param("オオノ", "オウノ", id="オ段+ウ"),
        pytest.param("タカハシ", "ダガハジ", id="清濁"),
        pytest.param("ショウタ", "シヨウタ", id="小書き"),
        pytest.param("テヅカ", "テズカ", id="ヅ and ズ"),
        pytest.param("テヅカ", "テツカ", id="ヅ and ツ"),
        pytest.param("つﾞかもと", "ツカモト", id="the mark apart"),
        pytest.param("チヂワ", "チジワ", id="ヂ and ジ"),
        pytest.param("ローラ", "ロラ", id="a foreign ー left out"),
        pytest.param("コウ－キ", "コウーキ", id="a dash for ー"),
        pytest.param("ホウオウ", "ホーオー", id="two in a row"),
    ],
)
def test_one_name_heard_and_spelt_differently(one, other):
    """They agree, and each is looked for under the other's key."""
    assert sound_alike(one, other)
    assert sound_alike(other, one)
    assert kana_key(one) in sought_under(other)
    assert kana_key(other) in sought_under(one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("オオノ", "オノ", id="大野 and 小野"),
        pytest.param("ユウキ", "ユキ", id="勇気 and 由紀"),
        pytest.param("テズカ", "テツカ", id="ズ and ツ"),
        pytest.param("ツヅキ", "スズキ", id="都築 and 鈴木"),
        pytest.param("ショウコ", "ヨウコ", id="a consonant"),
        pytest.param("ケイタ", "ケンタ", id="ン"),
    ],
)
def test_other_names_sound_otherwise(one, other):
    """What is told apart by the ear is told apart here."""
    assert not sound_alike(one, other)


@given(
    st.lists(
        st.sampled_from(SPELLINGS).flatmap(lambda ways: st.tuples(*[st.sampled_from(ways)] * 2)), max_size=6
    )
)
def test_what_is_spelt_differently_is_looked_for_and_agrees(parts):
    """Nobody is missed because of the key, as long as a name has few places of doubt."""
    one, other = ("".join(part[side] for part in parts) for side in (0, 1))
    assume(len(sought_under(other)) < 32)

    assert sound_alike(one, other)
    assert kana_key(one) in sought_under(other)


def _sharing(readings: Iterable[str]) -> Iterator[tuple[str, str]]:
    """All pairs of these that sound alike."""
    by_form: dict[str, list[str]] = {}
    for reading in readings:
        for form in _forms(reading):
            by_form.setdefault(form, []).append(reading)
    for together in by_form.values():
        yield from product(together, repeat=2)


def test_whatever_sounds_alike_is_looked_for():
    """Every pair of short readings of all that is open to doubt: long vowels behind one another, repetition, ヅ."""
    short = [
        "".join(kana)
        for length in (1, 2, 3)
        for kana in product("アイウエオケコセトズツヅーヽ", repeat=length)
    ]
    pairs = list(_sharing(short))
    missed = {(one, other) for one, other in pairs if kana_key(one) not in sought_under(other)}

    assert len(pairs) > len(short)
    assert not missed


@given(
    st.text("アイウオコトヅツズーヽ", max_size=5),
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from("アイウエオー")), max_size=3),
)
def test_what_sounds_alike_with_vowels_put_in_is_looked_for(reading, more):
    """Vowels and ー are put in anywhere: wherever the two still sound alike, one is looked for under the other's key."""
    other = reading
    for place, kana in more:
        other = other[:place] + kana + other[place:]
    assume(sound_alike(reading, other))
    assume(max(len(sought_under(reading)), len(sought_under(other))) < 32)

    assert kana_key(reading) in sought_under(other)
    assert kana_key(other) in sought_under(reading)


@given(readings)
def test_what_folds_alike_sounds_alike(reading):
    """Folded matching finds nobody whom this does not find."""
    for other in (fold(reading), reading.lower(), reading.replace("ー", ""), reading.replace("　", "")):
        assert sound_alike(reading, other)
        assert kana_key(reading) in sought_under(reading)


def test_a_name_full_of_doubt_is_looked_for_under_some_keys():
    """The number of keys is bounded, and the ways of spelling alone do not make it grow."""
    assert len(sought_under("ツチ" * 20)) == 32
    assert sought_under("") == ("",)
    assert len(set(sought_under("ツツミシュウイチ"))) == 2**4


def test_sounding_alike_is_no_key():
    """ズ, ヅ and ツ: the middle one is taken for either."""
    agree = {pair for pair in product("ズヅツ", repeat=2) if sound_alike(*pair)}

    assert agree == {(one, other) for one in "ズヅツ" for other in "ズヅツ"} - {("ズ", "ツ"), ("ツ", "ズ")}
