# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Only variation sequences of the MJ list are recorded (異体字列); of others the shape is known, asked, or not there."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.residents.characters import (
    SHRINKING_TABLES,
    adobe_japan1,
    mj_of,
    sequences,
    shapes_of,
    shrinking,
)
from openjuki.residents.sequences import admit, candidates_of, code_points, has_sequences

ADOBE = [
    character + chr(0xE0100 + place) for character, count in adobe_japan1().items() for place in range(count)
]


def test_every_sequence_of_adobe_japan1_is_there():
    """As the Ideographic Variation Database has them, and none of them is in the list."""
    assert len(ADOBE) == 14_684
    assert sequences().isdisjoint((sequence[0], sequence[1]) for sequence in ADOBE)


def test_a_sequence_of_adobe_japan1_is_mapped_asked_or_refused():
    """By how many shapes its character has in the list: one, several, none."""
    found = Counter(min(len(candidates_of(sequence)), 2) for sequence in ADOBE)

    assert found == {1: 9_514, 2: 5_116, 0: 54}


def test_what_a_sequence_becomes_is_of_the_list():
    """Every shape that a mapping or an answer gives is written as the list writes it."""
    for sequence in ADOBE:
        for shape in candidates_of(sequence):
            assert mj_of(shape.text) == shape
            assert shape.text[0] == sequence[0]
            assert admit(shape.text).text == shape.text


KATSU = "葛\U000e0100"


@pytest.mark.parametrize(
    ("text", "admitted"),
    [
        pytest.param("渡邉　葵", "渡邉　葵", id="a text without sequences"),
        pytest.param("葛\U000e0102城", "葛\U000e0102城", id="a sequence of the list"),
        pytest.param("神\ufe00楽", "神\ufe00楽", id="a standardized sequence"),
        pytest.param("一\U000e0100郎", "一郎", id="the only shape is the plain character"),
        pytest.param("\U000e0100山", "\U000e0100山", id="a selector behind nothing is another's to refuse"),
    ],
)
def test_what_may_be_recorded(text, admitted):
    """As it is, or as the only shape there is."""
    looked = admit(text)

    assert (looked.text, looked.asked, looked.unknown) == (admitted, (), ())


def test_a_mapping_is_told():
    """Which sequence became which shape."""
    ((sequence, shape),) = admit("一\U000e0100郎").mapped

    assert (sequence, shape) == ("一\U000e0100", mj_of("一"))


def test_several_shapes_are_asked_about():
    """The question names the sequence and the shapes that it may mean."""
    (question,) = admit(f"{KATSU}城").asked

    assert (question.sequence, question.code_points) == (KATSU, "U+845B U+E0100")
    assert question.candidates == shapes_of("葛")
    assert len(question.candidates) > 1


def test_an_answer_holds_wherever_the_sequence_stands():
    """And for no other sequence."""
    answers = {KATSU: "葛\U000e0103"}

    looked = admit(f"{KATSU}城{KATSU}", answers)

    assert looked.text == "葛\U000e0103城葛\U000e0103"
    assert [sequence for sequence, _ in looked.mapped] == [KATSU, KATSU]
    assert admit("葛\U000e0101", answers).asked


def test_an_answer_that_is_no_candidate_answers_nothing():
    """It is asked again."""
    assert admit(KATSU, {KATSU: "辻"}).asked


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("葛\U000e01ef", id="no collection has it"),
        pytest.param("あ\U000e0100", id="kana have no sequences"),
        pytest.param("葛\ufe00", id="not standardized"),
        pytest.param("一\U000e0100\U000e0101", id="two selectors"),
    ],
)
def test_other_sequences_are_unknown(text):
    """Nobody could say what they mean."""
    assert admit(f"{text}城").unknown == (text,)


@given(st.text(alphabet="葛辻一神あA　\ufe00\U000e0100\U000e0101\U000e0102\U000e0110"))
def test_a_text_without_questions_stays_as_it_is_the_second_time(text):
    """Whatever was admitted is of the list; nothing but selectors is ever changed."""
    looked = admit(text)

    again = admit(looked.text)

    assert (again.text, again.mapped) == (looked.text, ())
    assert again.asked == looked.asked
    assert again.unknown == looked.unknown
    assert has_sequences(text) or looked.text == text


def test_code_points_are_written_as_standards_do():
    """At least four digits each."""
    assert code_points("A葛\U000e0100") == "U+0041 U+845B U+E0100"


def test_the_map_names_what_may_stand_in():
    """Each character with the table that names it; never the shape's own character."""
    assert list(shrinking()["MJ028902"]) == ["高"]
    for mj, others in shrinking().items():
        assert others
        assert SHRINKING_TABLES.keys() >= set(others.values())
        assert all((mj_of(other) is None or mj_of(other).mj != mj) for other in others)
