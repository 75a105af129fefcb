# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is asked about one person goes by an index: the nation's codes are read through for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from openjuki.store.auditing.online import SQL as AUDITING
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openjuki.store.database import Connection

pytestmark = pytest.mark.postgres

ERASING, DISCLOSING, PROVIDING = queries("erasures"), queries("disclosures"), queries("provisions")
ABOUT = {"person": 1, "codes": ["00000000019"], "withheld": []}
#: Statement and values, where a book may have a hundred million persons.
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "an envelope's questions are counted again": (
        AUDITING["questions"],
        {"envelopes": [1], "first": 0, "last": 999},
    ),
    "who of them is unknown": (AUDITING["strangers"], {"envelopes": [1]}),
    "whose code it is that is to be erased": (ERASING["bearer"], {"code": "00000000019"}),
    "codes are forgotten": (ERASING["forget_codes"], ABOUT),
    "numbers are forgotten": (ERASING["forget_numbers"], ABOUT),
    "somebody's codes are disclosed": (DISCLOSING["codes"], ABOUT),
    "what was told about somebody is disclosed": (DISCLOSING["provisions"], ABOUT),
    "a candidate is confirmed": (
        PROVIDING["offered"],
        {"askers": ["a"], "envelopes": ["0" * 32], "commitments": [bytes(32)], "numbers": [1]},
    ),
}
#: What a nation makes long.
LONG = ("code_succession", "number_succession", "record", "person", "provision", "provision_person")


@pytest.mark.parametrize("name", ASKED)
async def test_nothing_long_is_read_through(centre: Connection, name: str):
    """Where it would rather not read a table through, the database has another way."""
    statement, values = ASKED[name]
    await centre.execute("SET LOCAL enable_seqscan = off")

    ((plan,),) = await (await centre.execute(f"EXPLAIN (FORMAT JSON) {statement}", values)).fetchall()

    scans = [
        step
        for step in steps(plan[0]["Plan"])
        if step.get("Relation Name") in LONG and step["Node Type"].endswith("Scan")
    ]
    assert scans
    assert [step["Relation Name"] for step in scans if not step.keys() & {"Index Cond", "Recheck Cond"}] == []


def steps(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A plan's step, and those within it."""
    yield plan
    for within in plan.get("Plans", ()):
        yield from steps(within)
