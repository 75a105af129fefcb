# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The worked examples of docs/spec/codes.md are right."""

import re
from pathlib import Path

import pytest

from openjuki.codes.individual import IndividualNumber, derive
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.codes.resident import ResidentCode

PAGE = (Path(__file__).parents[3] / "docs" / "spec" / "codes.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(
    r"body +([\d ]+)\nweight +([\d ]+)\nproduct +([\d ]+?) +sum (\d+)\n"
    r"remainder +(\d+) mod 11 = (\d+)\ncheck digit .* = (\d+) +(\d+)\n",
    PAGE,
)


@pytest.mark.parametrize(
    ("kind", "example"),
    list(zip((ResidentCode, IndividualNumber, LocalGovernmentCode), EXAMPLES, strict=True)),
)
def test_a_worked_example_adds_up(kind, example):
    """Body, weights, products, sum, remainder and check digit of each code."""
    digits, weights, products = ([int(figure) for figure in line.split()] for line in example[:3])
    total, again, remainder, check_digit, code = example[3:]

    assert products == [digit * weight for digit, weight in zip(digits, weights, strict=True)]
    assert sum(products) == int(total) == int(again)
    assert int(total) % 11 == int(remainder)
    assert (11 - int(remainder)) % 10 == int(check_digit)
    assert kind.parse(code)[:-1] == "".join(map(str, digits))
    assert code[-1] == check_digit


def test_the_worked_derivation_is_ours():
    """Key, code, attempt and number of the page belong together."""
    key, code, attempt, number = (
        re.search(rf"^{item} +(\w+)$", PAGE, re.MULTILINE)[1]
        for item in ("key", "resident code", "attempt", "number")
    )

    assert number == derive(ResidentCode.parse(code), bytes.fromhex(key), int(attempt))


@pytest.mark.parametrize(
    ("kind", "plain", "formatted"),
    list(
        zip(
            (ResidentCode, IndividualNumber, LocalGovernmentCode),
            *zip(*re.findall(r"^\| [^|]+ \| `(\d+)` \| `([^`]+)` \|$", PAGE, re.MULTILINE), strict=True),
            strict=True,
        )
    ),
)
def test_the_table_shows_how_people_read_each_code(kind, plain, formatted):
    """The page opens with it."""
    assert kind.parse(plain).format() == formatted
