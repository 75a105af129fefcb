# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which text can be recorded (記録できる文字)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.residents.writing import flaw


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("山田　太郎", id="a plain name"),
        pytest.param("渡邉\U000e0103　葵\U000e0102", id="variation sequences"),
        pytest.param("𠮷田　髙﨑", id="a character beyond the basic plane and two variants"),
        pytest.param("\ufa19谷", id="a compatibility ideograph, which normalisation would rewrite"),
        pytest.param("⿰の家", id="a description character"),
        pytest.param("SMITH  JOHN Ⅲ", id="Latin letters, two spaces, a Roman numeral"),
        pytest.param("Nguyễn Văn", id="precomposed accents"),
        pytest.param("Nguye\u0302\u0303n", id="two combining accents"),
        pytest.param("か\u3099", id="a combining voicing mark"),
        pytest.param("ｶﾞｰﾃﾞﾝ１０１", id="half-width kana and full-width figures"),
        pytest.param("いすゞ々〆ヶ丘", id="iteration marks"),
        pytest.param("김철수", id="Hangul"),
    ],
)
def test_what_other_offices_can_show_is_recorded_as_it_is(text):
    """Nothing is normalised, nothing is refused for being rare."""
    assert flaw(text) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param("", "empty", id="nothing"),
        pytest.param(" 山田", "a space at an end", id="a space before"),
        pytest.param("山田　", "a space at an end", id="a space after"),
        pytest.param("山\x00田", "a control character", id="NUL"),
        pytest.param("山田\n太郎", "a control character", id="a line break"),
        pytest.param("山\u200b田", "an invisible character", id="a zero-width space"),
        pytest.param("山\u202e田", "an invisible character", id="a right-to-left override"),
        pytest.param("山\ue000", "a private-use character (外字)", id="a character only one town has"),
        pytest.param("山\U000f0000", "a private-use character (外字)", id="the same, in another plane"),
        pytest.param("山\ud800", "half a surrogate pair", id="half a surrogate pair"),
        pytest.param("山\u2028田", "a line separator", id="a line separator"),
        pytest.param("山\u2029田", "a paragraph separator", id="a paragraph separator"),
        pytest.param("山\u00a0田", "a space other than U+0020 and U+3000", id="a no-break space"),
        pytest.param("山\ufffd", "a character lost in conversion", id="a replacement character"),
        pytest.param("山\uffff", "a character lost in conversion", id="a noncharacter"),
        pytest.param("山\U0001fffe", "a character lost in conversion", id="a noncharacter of another plane"),
        pytest.param(
            "\U000e0100山", "a variation selector without its character", id="a selector at the start"
        ),
        pytest.param(
            "山　\ufe00", "a variation selector without its character", id="a selector after a space"
        ),
        pytest.param(
            "邉\U000e0103\U000e0103", "a variation selector without its character", id="two selectors"
        ),
        pytest.param("A\ufe0f", "a variation selector without its character", id="the last of the selectors"),
        pytest.param("A\U000e01ef", "a variation selector without its character", id="the last supplement"),
        pytest.param("A\ufe00", "a variation selector without its character", id="a selector after a letter"),
        pytest.param("\u3099か", "a combining mark without its character", id="a mark at the start"),
        pytest.param("か　\u3099", "a combining mark without its character", id="a mark after a space"),
    ],
)
def test_what_means_nothing_elsewhere_is_refused(text, reason):
    """The reason names the class of the character, never the text."""
    assert flaw(text) == reason


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0xFFEF), min_size=1, max_size=12))
def test_the_quick_look_agrees_with_the_close_one(text):
    """Ordinary text is passed at a glance only where every character would pass."""
    spelled = f"𠮷{text}𠮷"  # a character outside the ordinary ranges forces the close look

    if text == text.strip(" \u3000") and flaw(text) is None:
        assert flaw(spelled) is None
