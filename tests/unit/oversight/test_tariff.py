# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Prices as data: by article, method and day."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from openjuki.errors import BadConfiguration
from openjuki.law.basis import Method
from openjuki.oversight.tariff import Tariff

STATE = "法30条の9"
PRICE = 'since = 2026-04-01\narticles = ["法30条の9"]\nmethods = ["online"]\nyen = "8.5"\n'
HEAD = 'name_ja = "表"\nname_en = "table"\n'


def tariff(tmp_path, *prices: str) -> Tariff:
    """A tariff of these prices, from a file."""
    file = tmp_path / "tariff.toml"
    file.write_text(HEAD + "".join(f"[[price]]\n{price}" for price in prices), encoding="utf-8")
    return Tariff.load(file)


def test_the_tariff_for_illustration_says_that_nobody_approved_it():
    """Its prices are ours, and whoever reads an invoice is told."""
    shipped = Tariff.load()

    assert not shipped.approved
    assert "認可を受けたものではありません" in shipped.name_ja


@pytest.mark.parametrize("method", list(Method))
def test_the_tariff_for_illustration_has_a_price_for_every_method(method):
    """A provision to a body of the State costs something, however it is made."""
    assert Tariff.load().price(date(2026, 4, 1), STATE, method)


@pytest.mark.parametrize(
    "article",
    ["法30条の10第1項第1号", "法30条の11第1項第1号", "法30条の12第1項第1号", "法30条の15第1項第1号"],
)
def test_local_governments_are_not_charged(article):
    """法30条の23 names bodies of the State, the Digital Agency and quasi-statutory affairs."""
    assert Tariff.load().price(date(2026, 4, 1), article, "bulk") is None


def test_half_yen_stay_half_yen(tmp_path):
    """Prices are exact."""
    assert tariff(tmp_path, PRICE).price(date(2026, 4, 1), STATE, "online") == Decimal("8.5")


def test_a_price_holds_from_its_day_until_the_next(tmp_path):
    """An earlier price ends on the day on which the later begins."""
    earlier = PRICE.replace("2026-04-01", "2025-04-01").replace("8.5", "10") + "until = 2026-04-01\n"

    prices = tariff(tmp_path, earlier, PRICE)

    found = [prices.price(date(*day), STATE, "online") for day in ((2026, 3, 31), (2026, 4, 1))]
    assert found == [Decimal(10), Decimal("8.5")]


@pytest.mark.parametrize(
    ("day", "method"),
    [
        pytest.param(date(2026, 3, 31), "online", id="before the first price"),
        pytest.param(date(2026, 4, 1), "bulk", id="a method without a price"),
    ],
)
def test_a_hole_is_no_price_of_nothing(tmp_path, day, method):
    """Who is charged for one provision is not provided with another for nothing."""
    with pytest.raises(BadConfiguration, match="no price"):
        tariff(tmp_path, PRICE).price(day, STATE, method)


@pytest.mark.parametrize(
    ("price", "why"),
    [
        pytest.param(PRICE.replace('"8.5"', "8.5"), "written as text", id="a price in binary fractions"),
        pytest.param(PRICE.replace("8.5", "-1"), "written as text", id="less than nothing"),
        pytest.param(PRICE.replace("8.5", "NaN"), "written as text", id="no number"),
        pytest.param(PRICE.replace("8.5", "ten"), "not a tariff", id="a word"),
        pytest.param(PRICE + "until = 2026-04-01\n", "to a later one", id="over before it begins"),
        pytest.param(PRICE.replace('["online"]', "[]"), "articles and methods", id="by no method"),
        pytest.param(PRICE.replace("yen", "dollars"), "yen", id="no price at all"),
        pytest.param("since = [", "not a tariff", id="no TOML"),
    ],
)
def test_what_is_no_tariff_is_refused(tmp_path, price, why):
    """A slip in a price is found before anybody is billed."""
    with pytest.raises(BadConfiguration, match=why):
        tariff(tmp_path, price)


def test_two_prices_for_one_provision_are_refused(tmp_path):
    """Overlapping days, the same article and method."""
    with pytest.raises(BadConfiguration, match="two prices"):
        tariff(tmp_path, PRICE, PRICE.replace("2026-04-01", "2026-10-01").replace("8.5", "9"))


def test_a_tariff_that_is_not_there_is_named(tmp_path):
    """The file's name is said."""
    with pytest.raises(BadConfiguration) as refused:
        Tariff.load(tmp_path / "none.toml")

    assert refused.value.where.file == "none.toml"
