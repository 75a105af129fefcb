# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A small examination of matching: questions as people write them, against the truth (`make bench-matching` is the large one)."""

from __future__ import annotations

import pytest

from openjuki.config import Kind
from openjuki.residents.look_up import Matching
from openjuki.simulation.examination import examine
from openjuki.simulation.examining import NOW, TODAY, columns, marked
from openjuki.simulation.namesakes import register
from openjuki.store.bulk import load
from openjuki.store.database import connect

pytestmark = pytest.mark.postgres

SEED = 20261122


@pytest.fixture(scope="module")
def examination():
    """A register of three thousand, and a thousand questions."""
    everybody = register(SEED, 3000, on=TODAY, town=500)
    return everybody, list(examine(SEED, everybody, 1000))


@pytest.fixture
def book(postgres, examination):
    """A prefecture's book with that register."""
    url = postgres.create_database("examined", Kind.PREFECTURE)
    load(postgres.owner_url("examined"), columns(examination[0]), at=NOW)
    yield url
    postgres.drop_database("examined")


async def test_a_way_of_matching_keeps_its_promise(book, examination):
    """Strictly nobody else is ever found; with variants and sounds hardly anybody is missed, and hardly anybody else is found."""
    tried = examination[1]
    async with await connect(book) as connection:
        marks = {matching: await marked(connection, tried, matching) for matching in Matching}

    strict, folded, variant = marks.values()
    assert strict.precision == 1
    assert strict.right < folded.right < variant.right
    assert variant.recall >= 0.98
    # twins whose names sound alike are told together; a thousand questions are too few to show a thousandth
    assert variant.wrong <= 4
    assert folded.wrong <= variant.wrong


def test_an_examination_asks_about_somebody_and_about_nobody(examination):
    """Every kind of slip is made, every road taken, and a part of the questions means nobody."""
    everybody, tried = examination
    nobody = sum(not one.meant for one in tried)

    assert len(everybody) == 3000
    assert len(tried) == 1000
    assert 50 < nobody < 250
    assert {one.by for one in tried} == {
        f"{item} and {more}" for item in ("name", "furigana") for more in ("birth date", "address")
    }
    slips = {slip for one in tried for slip in one.slips}
    assert {
        "旧字体",
        "異体字",
        "IVS",
        "濁点 lost",
        "長音",
        "kanji numerals",
        "hyphens",
        "building left out",
    } <= slips


def test_the_same_seed_asks_the_same(examination):
    """An examination can be held again."""
    everybody, tried = examination

    assert list(examine(SEED, everybody, 1000)) == tried
    assert list(examine(SEED + 1, everybody, 10)) != tried[:10]
