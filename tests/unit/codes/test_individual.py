# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Individual Numbers (個人番号) and how the Centre derives them (番号法施行令6条)."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.codes.individual import IndividualNumber, derive
from openjuki.codes.resident import ResidentCode
from openjuki.errors import BadConfiguration

SAMPLES = Path(__file__).parents[2] / "samples" / "v1" / "individual-number.json"
VECTORS = json.loads(SAMPLES.read_text(encoding="utf-8"))["vectors"]

RESIDENT_CODES = st.binary(min_size=16, max_size=16).map(ResidentCode.draw)
KEYS = st.binary(min_size=32, max_size=48)
ATTEMPTS = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(
    "vector",
    [pytest.param(v, id=f"{v['key'][:8]} {v['resident_code']} {v['attempt']} {v['draws']}") for v in VECTORS],
)
def test_a_number_is_derived_as_it_was_on_the_first_day(vector):
    """A number once generated is generated again from the same code, key and attempt, for ever."""
    number = derive(
        ResidentCode.parse(vector["resident_code"]), bytes.fromhex(vector["key"]), vector["attempt"]
    )

    assert vector["individual_number"] == number


def test_the_vectors_know_codes_that_are_drawn_more_than_once():
    """Without them, a wrong second draw would pass unseen."""
    assert {1, 2, 3} == {vector["draws"] for vector in VECTORS}


@given(RESIDENT_CODES, KEYS, ATTEMPTS)
def test_what_is_derived_is_a_valid_number_and_always_the_same(code, key, attempt):
    """No chance and no clock takes part."""
    number = derive(code, key, attempt)

    assert type(number) is IndividualNumber
    assert IndividualNumber.is_valid(number)
    assert number == derive(code, key, attempt)


@given(RESIDENT_CODES, KEYS, KEYS, ATTEMPTS)
def test_another_key_gives_another_number(code, key, other, attempt):
    """Who has the code but not the key cannot compute the number."""
    same = derive(code, key, attempt) == derive(code, other, attempt)

    assert same == (key.rstrip(b"\x00") == other.rstrip(b"\x00"))  # HMAC fills a key up with zeros


@given(RESIDENT_CODES, KEYS, st.lists(ATTEMPTS, min_size=2, max_size=2, unique=True))
def test_another_attempt_gives_another_number(code, key, attempts):
    """A number that is taken, or changed on request (番号法7条2項), is followed by another."""
    first, second = attempts

    assert derive(code, key, first) != derive(code, key, second)


@pytest.mark.parametrize("length", [0, 16, 31])
def test_a_short_key_is_refused(length):
    """Numbers that can be computed back by trying keys would break the Order's condition."""
    with pytest.raises(BadConfiguration, match="32 bytes"):
        derive(ResidentCode("24727059608"), b"k" * length)


def test_people_read_it_as_on_the_card():
    """Three groups of four."""
    assert IndividualNumber("123456789018").format() == "1234 5678 9018"
