# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Resident Record Codes (住民票コード) and their replaceable check rule."""

import pytest

from openjuki.codes.resident import ANY_CHECK_DIGIT, MODULUS_11, ResidentCode
from openjuki.errors import BadCode


class DigitSum:
    """Some other rule, as the Minister's notice might turn out to have."""

    def check_digit(self, body):
        return str(sum(map(int, body)) % 10)

    def accepts(self, code):
        return self.check_digit(code[:-1]) == code[-1]


def test_the_likely_rule_refuses_a_wrong_check_digit():
    """By default a typing error is found."""
    with pytest.raises(BadCode, match="check digit"):
        ResidentCode.parse("24727059609")


def test_a_real_code_can_be_accepted_whatever_its_check_digit():
    """The formula is likely, not sure: a site can switch off refusing for it."""
    assert ResidentCode.parse("2472-7059-609", rule=ANY_CHECK_DIGIT) == "24727059609"


def test_without_check_digits_eleven_digits_are_still_needed():
    """Switching off the check digit switches off nothing else."""
    with pytest.raises(BadCode, match="not 11 digits"):
        ResidentCode.parse("2472705960", rule=ANY_CHECK_DIGIT)


def test_another_rule_replaces_the_likely_one():
    """A rule is a strategy with two methods."""
    assert ResidentCode.parse("24727059602", rule=DigitSum()) == "24727059602"
    with pytest.raises(BadCode):
        ResidentCode.parse("24727059608", rule=DigitSum())


def test_accepting_any_check_digit_still_computes_the_right_one():
    """What a lenient node designates itself is right."""
    assert MODULUS_11.check_digit("2472705960") == ANY_CHECK_DIGIT.check_digit("2472705960") == "8"


def test_people_read_it_in_groups():
    """Four, four and three digits."""
    assert ResidentCode("24727059608").format() == "2472 7059 608"
