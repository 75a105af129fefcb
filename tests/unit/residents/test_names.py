# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Names (氏名) as recorded."""

import pytest

from openjuki.errors import BadName
from openjuki.residents.names import PersonName
from openjuki.residents.writing import LONGEST


def test_a_name_is_kept_code_point_by_code_point():
    """渡邉 with a variation sequence, 髙, 﨑 and a compatibility ideograph stay what they are."""
    recorded = "渡邉\U000e0103　髙﨑\ufa19"

    assert PersonName(recorded).recorded == recorded


@pytest.mark.parametrize(
    ("recorded", "surname", "given_name"),
    [
        pytest.param("渡邉　葵", "渡邉", "葵", id="the full-width space divides"),
        pytest.param("渡邉　　葵", "渡邉", "葵", id="two of them divide as one"),
        pytest.param("SMITH JOHN", "SMITH JOHN", "", id="a half-width space in Latin letters does not"),
        pytest.param("渡邉 葵", "渡邉", "葵", id="a half-width space divides where there is no other"),
        pytest.param("渡邉 　葵", "渡邉 ", "葵", id="the full-width one of both"),
        pytest.param("渡邉葵", "渡邉葵", "", id="no space, no division"),
        pytest.param("李　小　龍", "李", "小　龍", id="the first space divides"),
    ],
)
def test_surname_and_given_name_are_told_by_the_space(recorded, surname, given_name):
    """The register has one item, 氏名."""
    name = PersonName(recorded)

    assert (name.surname, name.given_name) == (surname, given_name)


@pytest.mark.parametrize(
    ("latin", "kanji", "recorded"),
    [
        pytest.param("LI PING", "李　萍", "LI PING　李　萍", id="both"),
        pytest.param("SMITH JOHN", None, "SMITH JOHN", id="Latin letters only"),
        pytest.param(None, "李　萍", "李　萍", id="ideographs only"),
    ],
)
def test_the_name_of_a_foreign_resident_is_made_of_both_scripts(latin, kanji, recorded):
    """Latin letters first, as on the residence card."""
    name = PersonName.foreign(latin=latin, kanji=kanji, alias="木村　一郎")

    assert name == PersonName(recorded, alias="木村　一郎", latin=latin, kanji=kanji)


def test_a_foreign_resident_has_a_name_in_some_script():
    """An alias alone is no name."""
    with pytest.raises(BadName, match="recorded: empty"):
        PersonName.foreign(latin=None, alias="木村　一郎")


def test_all_items_are_kept():
    """旧氏, its furigana and the alias ride with the name (令30条の13–16)."""
    name = PersonName(
        "佐藤　花子",
        furigana="サトウ　ハナコ",
        former_surname="鈴木",
        former_surname_furigana="スズキ",
        alias="佐藤　華",
    )

    assert name.furigana == "サトウ　ハナコ"
    assert (name.former_surname, name.former_surname_furigana, name.alias) == ("鈴木", "スズキ", "佐藤　華")


@pytest.mark.parametrize(
    "kana", ["サトウ　ハナコ", "さとう　はなこ", "ｻﾄｳ ﾊﾅｺ", "ヴァン・ゴッホ", "ジョーンズ-スミス", "ㇰ"]
)
def test_furigana_are_kana_as_the_register_has_them(kana):
    """Katakana, hiragana of elder registers, half-width kana, and the marks between."""
    assert PersonName("佐藤　花子", furigana=kana).furigana == kana


@pytest.mark.parametrize(
    ("items", "column", "reason"),
    [
        pytest.param({"recorded": ""}, "recorded", "empty", id="no name"),
        pytest.param({"recorded": "　"}, "recorded", "space", id="a blank name"),
        pytest.param({"recorded": "山\x07田"}, "recorded", "control", id="a control character"),
        pytest.param({"recorded": "\U000e0100山田"}, "recorded", "selector", id="an orphan selector"),
        pytest.param({"recorded": "山\ue000"}, "recorded", "private-use", id="a private-use character"),
        pytest.param({"recorded": "山" * (LONGEST + 1)}, "recorded", "too long", id="one character too many"),
        pytest.param({"furigana": ""}, "furigana", "empty", id="empty furigana instead of none"),
        pytest.param({"furigana": "山田"}, "furigana", "other than kana", id="ideographs as furigana"),
        pytest.param({"furigana": "ヤマダ　TARO"}, "furigana", "other than kana", id="letters as furigana"),
        pytest.param(
            {"former_surname_furigana": "鈴木"},
            "former_surname_furigana",
            "other than kana",
            id="ideographs as furigana of a former surname",
        ),
        pytest.param({"former_surname": "鈴木\n"}, "former_surname", "control", id="a line break"),
        pytest.param({"alias": " 木村"}, "alias", "space", id="a space before an alias"),
        pytest.param({"latin": "SMITH\tJOHN"}, "latin", "control", id="a tab"),
        pytest.param({"kanji": "李\ufffd"}, "kanji", "lost", id="a character lost in conversion"),
    ],
)
def test_an_item_that_cannot_be_recorded_is_named_but_not_quoted(items, column, reason):
    """The error says which item and why; the name itself is personal data."""
    with pytest.raises(BadName, match=reason) as caught:
        PersonName(**{"recorded": "山田　太郎"} | items)

    assert caught.value.where.column == column
    assert not items[column].strip() or items[column] not in str(caught.value)


def test_the_longest_name_is_recorded():
    """Two hundred code points."""
    assert len(PersonName("山" * LONGEST).recorded) == 200


def test_names_are_values():
    """Equal when every item is, and not to be changed."""
    assert PersonName("山田　太郎") == PersonName("山田　太郎")
    with pytest.raises(AttributeError):
        PersonName("山田　太郎").recorded = "山田　次郎"
