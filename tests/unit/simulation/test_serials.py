# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Numbers that an office gives itself."""

import pytest

from openjuki.simulation.serials import office_numbers


@pytest.mark.parametrize(
    ("serial", "number"),
    [
        pytest.param(1, "0000000019", id="11 less 1 times 2"),
        pytest.param(6, "0000000060", id="a remainder of 1 gives 0"),
        pytest.param(11, "0000000116", id="the second digit weighs 3"),
        pytest.param(123456789, "1234567892", id="the seventh weighs 2 again"),
        pytest.param(0, "0000000000", id="a remainder of 0 gives 0"),
    ],
)
def test_the_check_digit_is_modulus_11_with_weights_2_to_7(serial, number):
    """標準仕様書 1.1.13: M11W2~7."""
    assert office_numbers(serial, 1).tolist() == [number]


def test_numbers_follow_each_other():
    """So many, from the first."""
    assert [int(number) // 10 for number in office_numbers(98, 5)] == [98, 99, 100, 101, 102]
