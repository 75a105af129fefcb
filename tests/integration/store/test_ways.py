# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is asked about one person goes by an index: the nation's codes are read through for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from openjuki.config import Kind
from openjuki.store.auditing.online import SQL as AUDITING
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openjuki.store.embedded import EmbeddedPostgres

pytestmark = pytest.mark.postgres

ERASING, DISCLOSING, PROVIDING = queries("erasures"), queries("disclosures"), queries("provisions")
ABOUT = {"person": 1, "codes": ["00000000019"], "withheld": []}
#: Statement and values, where a book may have a hundred million persons.
ASKED: dict[str, tuple[str, dict[str, Any]]] = {
    "an envelope's questions are counted again": (
        AUDITING["questions"],
        {"envelopes": [1], "first": 0, "last": 999, "keys": ["name"]},
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
#: What a nation makes long, and a row of it for the person `n`.
LONG = {
    "code_succession": "lpad(n::text, 11, '0'), n, now(), NULL",
    "number_succession": "lpad(n::text, 12, '0'), n, now(), NULL",
    "record": """n, 1, 1, 'birth', '2026-01-01', now(), NULL, NULL, NULL, NULL, lpad(n::text, 11, '0'), NULL, '氏' || n,
        NULL, NULL, NULL, NULL, '2026-01-01', NULL, 'female', '131016', '千代田区', '131016', now(), '\\x00'""",
    "person": "n, 1, 1, 'resident', '131016', '2026-01-01', '氏' || n, NULL, '千代田区'",
    "provision_envelope": "n, 'a', lpad(n::text, 32, '0'), NULL, now(), 1, sha256('\\x00'), now()",
    "provision": """n, 0, sha256('\\x00'), 'a', 'a', 'a', 'online', 'lookup', '{}', 'matched', '{}', '{}', 'a', sha256('\\x00'),
        '{}'""",
    "provision_person": "n, 0, 1, n, sha256('\\x00')",
}
PERSONS = 20_000


@pytest.fixture(scope="module")
def nation(postgres: EmbeddedPostgres) -> Iterator[psycopg.Connection]:
    """A book that is long enough for the database to prefer an index, and knows that it is."""
    postgres.create_database("long", Kind.CENTRE)
    with psycopg.connect(postgres.owner_url("long"), autocommit=True) as book:
        for table, row in LONG.items():
            rows = f"SELECT {row} FROM generate_series(1, {PERSONS}) AS n"
            book.execute(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE {rows}")
        book.execute("ANALYZE")
        yield book
    postgres.drop_database("long")


@pytest.mark.parametrize("name", ASKED)
def test_nothing_long_is_read_through(nation: psycopg.Connection, name: str):
    """Of twenty thousand persons the database comes by an index to the one who is asked about."""
    statement, values = ASKED[name]

    ((plan,),) = nation.execute(f"EXPLAIN (FORMAT JSON) {statement}", values).fetchall()

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
