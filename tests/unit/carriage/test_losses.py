# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an encoding cannot hold (文字の縮退), and what stands in its place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.carriage.encoding import Encoding
from openjuki.carriage.losses import NOTHING, SAME_SHAPE, SIGNS, Transcoder
from openjuki.residents.characters import SHRINKING_TABLES, mj_of

CP932, JIS_2004, UTF_8 = (
    Transcoder(encoding) for encoding in (Encoding.CP932, Encoding.SHIFT_JIS_2004, Encoding.UTF_8)
)
SAYS = SHRINKING_TABLES

CASES = [
    pytest.param(CP932, "𠮷野", "吉野", ("𠮷", "吉", SAYS["J"]), id="unified in JIS"),
    pytest.param(CP932, "𡈽屋", "土屋", ("𡈽", "土", SAYS["Z"]), id="a vulgar form of the koseki notice"),
    pytest.param(CP932, "葛\U000e0102城", "葛城", ("葛\U000e0102", "葛", SAYS["J"]), id="a sequence"),
    pytest.param(
        CP932,
        "邉\U000e010f",
        "邉",
        ("邉\U000e010f", "邉", SAME_SHAPE),
        id="a plain character of the same shape",
    ),
    pytest.param(CP932, "桜〜", "桜～", ("〜", "～", SIGNS), id="a sign that would silently become another"),
    pytest.param(CP932, "か゚", "〓", ("か゚", None, None), id="a character of two code points"),
    pytest.param(CP932, "ÅSA", "〓SA", ("Å", None, None), id="a letter that nothing replaces"),
    pytest.param(JIS_2004, "髙橋", "高橋", ("髙", "高", SAYS["J"]), id="髙, which JIS unifies"),
    pytest.param(JIS_2004, "～", "〜", ("～", "〜", SIGNS), id="the same sign the other way"),
]


@pytest.mark.parametrize(("transcoder", "text", "fitting", "loss"), CASES)
def test_a_loss_names_what_stands_in_its_place(transcoder, text, fitting, loss):
    """The character with what selects its shape, its replacement, and who says so."""
    converted, (lost,) = transcoder.convert(text)

    assert converted == fitting
    assert (lost.character, lost.replacement, lost.by) == loss
    shape = mj_of(loss[0])
    assert lost.mj == (shape.mj if shape else None)


@pytest.mark.parametrize(
    ("transcoder", "text"),
    [
        pytest.param(CP932, "髙﨑　①㈱", id="cp932 has the extensions of its makers"),
        pytest.param(JIS_2004, "﨑　か゚　𡈽　Å", id="Shift_JIS-2004 has levels 3 and 4"),
        pytest.param(UTF_8, "𠮷葛\U000e0102か゚〜", id="UTF-8 has everything"),
    ],
)
def test_what_an_encoding_holds_is_not_lost(transcoder, text):
    """It comes back as it is."""
    assert transcoder.convert(text) == (text, [])


@pytest.mark.parametrize("encoding", [Encoding.CP932, Encoding.SHIFT_JIS_2004])
@given(text=st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Co"]), max_size=20))
def test_what_is_written_is_read_again(encoding, text):
    """A converted text loses nothing more, and what was not lost stands where it stood."""
    transcoder = Transcoder(encoding)

    fitting, losses = transcoder.convert(text)

    assert transcoder.convert(fitting) == (fitting, [])
    assert fitting == text or losses
    for loss in losses:
        assert loss.character in text
        assert (loss.replacement or NOTHING) in fitting
