# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The law that lies in a node's home: taken up as it comes, and an alarm while it cannot be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.ground import PENSIONS
from openjuki.law.shelf import LOOK_EVERY
from openjuki.nodes import statutes

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.offices import Country

pytestmark = pytest.mark.postgres

GOOD = "affair,basis,row,recipient,law,title\nx-1,30-9,1,日本年金機構,国民年金法,年金\n"
BAD = "affair,basis,row,recipient,law,title\nx-1,30-99,1,日本年金機構,国民年金法,年金\n"


def put(country: Country, text: str) -> Path:
    """A text in the folder of the node's home."""
    file = country.home / "law" / "affairs" / "p" / "2026-11-01.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
    country.clock.advance(seconds=LOOK_EVERY.total_seconds())
    return file


async def test_a_law_that_cannot_be_read_is_an_alarm_until_it_can(country: Country):
    """File, row and column are named, once; the node goes by the book it had; mended, the alarm is settled."""
    node = await country.node(PENSIONS)
    put(country, GOOD)
    await statutes.watch(node)
    assert await country.alarms(PENSIONS) == []

    file = put(country, BAD)
    await statutes.watch(node)
    await statutes.watch(node)

    where = {"file": str(file), "row": 2, "column": "basis"}
    assert await country.alarms(PENSIONS) == [("statute-book-unreadable", where)]
    assert statutes.statute_book(node).affair("x-1", node.clock().date()) is not None

    put(country, GOOD)
    await statutes.watch(node)
    assert await country.alarms(PENSIONS) == []


async def test_another_fault_is_another_alarm(country: Country):
    """What is wrong now is named; what was wrong before is settled."""
    node = await country.node(PENSIONS)
    put(country, GOOD)
    await statutes.watch(node)
    put(country, BAD)
    await statutes.watch(node)

    file = put(country, "affair\n")
    await statutes.watch(node)

    ((kind, detail),) = await country.alarms(PENSIONS)
    assert (kind, detail["file"], detail["row"]) == ("statute-book-unreadable", str(file), 1)


async def test_a_node_that_could_never_read_its_law_says_so_too(country: Country):
    """Before it has any book it decides nothing, and somebody must look."""
    put(country, BAD)
    node = await country.node(PENSIONS)

    await statutes.watch(node)

    assert [kind for kind, _ in await country.alarms(PENSIONS)] == ["statute-book-unreadable"]
