# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What holds for all three numbers: they are read, written and refused alike."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.codes.individual import IndividualNumber
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.codes.resident import ResidentCode
from openjuki.errors import BadCode

RESIDENT = (ResidentCode, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
INDIVIDUAL = (IndividualNumber, (6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
LOCAL = (LocalGovernmentCode, (6, 5, 4, 3, 2))

DIGITS = st.sampled_from("0123456789")


@st.composite
def codes(draw, kinds=(RESIDENT, INDIVIDUAL, LOCAL)):
    kind, weights = draw(st.sampled_from(kinds))
    body = "".join(draw(st.lists(DIGITS, min_size=len(weights), max_size=len(weights))))
    if kind is LocalGovernmentCode:
        body = f"{draw(st.integers(1, 47)):02}{body[2:]}"
    return kind.from_body(body), weights


def remainder(code, weights):
    return sum(int(digit) * weight for digit, weight in zip(code, weights, strict=False)) % 11


@given(codes())
def test_what_is_formatted_is_read_again(case):
    """Grouping for people loses nothing."""
    code, _ = case

    assert code == type(code).parse(code.format())
    assert type(code) is type(type(code).parse(str(code)))


@given(codes(), st.sampled_from(" \t\u3000-‐‑–—−－ー"), st.data())
def test_a_code_is_read_however_it_was_typed(case, separator, data):
    """Full-width digits, spaces, and whatever an input method makes of a hyphen."""
    code, _ = case
    at = data.draw(st.integers(0, len(code)))
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in code)

    assert code == type(code).parse(f"{wide[:at]}{separator}{wide[at:]}")


@given(codes(), st.data())
def test_a_wrong_digit_is_found_unless_both_remainders_share_a_check_digit(case, data):
    """One wrong digit always changes the remainder; only two of eleven remainders share a last digit.

    These are 0 and 1 for resident codes and individual numbers, 0 and 10 for local government codes.
    """
    code, weights = case
    at = data.draw(st.integers(2 if type(code) is LocalGovernmentCode else 0, len(code) - 1))
    digit = data.draw(DIGITS.filter(lambda digit: digit != code[at]))
    wrong = f"{code[:at]}{digit}{code[at + 1 :]}"
    twins = {0, 10} if type(code) is LocalGovernmentCode else {0, 1}

    passes = type(code).is_valid(wrong)

    assert at == len(weights) or remainder(wrong, weights) != remainder(code, weights)
    assert passes == (at < len(weights) and {remainder(code, weights), remainder(wrong, weights)} == twins)


@given(codes())
def test_a_code_goes_to_json_as_the_string_it_is(case):
    """No conversion stands between a code and what is stored or sent."""
    code, _ = case

    assert [str(code)] == json.loads(json.dumps([code]))


@pytest.mark.parametrize("kind", [ResidentCode, IndividualNumber, LocalGovernmentCode])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("123", id="too few digits"),
        pytest.param("1234567890123", id="too many digits"),
        pytest.param("13101A", id="a letter"),
        pytest.param("١٣١٠١٦١٣١٠١", id="digits of another script"),
        pytest.param("²²²²²²²²²²²", id="superscripts"),
        pytest.param("131016\n", id="a line break"),
    ],
)
def test_anything_but_the_right_number_of_digits_is_refused(kind, text):
    """The error says what is wrong, and never what was given."""
    with pytest.raises(BadCode, match=r"not \d+ digits") as caught:
        kind.parse(text)

    assert not text or text not in str(caught.value)
    assert not kind.is_valid(text)


@pytest.mark.parametrize("kind", [ResidentCode, IndividualNumber, LocalGovernmentCode])
@pytest.mark.parametrize("body", ["", "12", "123456789012", "12345abcde"])
def test_no_check_digit_is_computed_for_what_is_no_body(kind, body):
    """A body of the wrong length would get a digit that means nothing."""
    with pytest.raises(BadCode):
        kind.check_digit(body)
    with pytest.raises(BadCode):
        kind.from_body(body)


@pytest.mark.parametrize("kind", [ResidentCode, IndividualNumber])
def test_a_body_is_compacted_before_it_is_completed(kind):
    """A body typed in full-width digits gives the same code."""
    body = "1" * (10 if kind is ResidentCode else 11)

    assert kind.from_body(body) == kind.from_body(body.replace("1", "１"))


@pytest.mark.parametrize("kind", [ResidentCode, IndividualNumber])
@given(entropy=st.binary(min_size=16, max_size=64))
def test_what_is_drawn_is_valid_and_fixed_by_the_random_bytes(kind, entropy):
    """Chance comes in as an argument; the same bytes give the same code."""
    drawn = kind.draw(entropy)

    assert type(drawn) is kind
    assert kind.is_valid(drawn)
    assert drawn == kind.draw(entropy)


@pytest.mark.parametrize("kind", [ResidentCode, IndividualNumber])
def test_every_body_can_be_drawn(kind):
    """The random bytes are taken as one large number; its remainder is the body."""
    width = 10 if kind is ResidentCode else 11
    for number in (0, 7, 10**width - 1, 10**width, 2**128 - 1):
        assert kind.draw(number.to_bytes(16))[:-1] == f"{number % 10**width:0{width}}"


@pytest.mark.parametrize("kind", [ResidentCode, IndividualNumber])
def test_too_little_chance_is_not_enough(kind):
    """Fewer than sixteen random bytes would prefer some codes to others."""
    with pytest.raises(ValueError, match="16 random bytes"):
        kind.draw(b"\x00" * 15)
