# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki provide outstanding`` as a provider's administrator meets it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import orjson
import psycopg
import pytest

from fixtures.network import CHIYODA, TOKYO
from openjuki.config import clock

if TYPE_CHECKING:
    from conftest import Juki
    from fixtures.ground import Ground

pytestmark = pytest.mark.postgres

AT_TOKYO = ("provide", "outstanding", "--node", TOKYO)


def told(ground: Ground, asker: str, envelope: str, seconds: int, questions: int = 1) -> None:
    """Tokyo answered an envelope so many seconds ago."""
    with psycopg.connect(ground.owner_url(TOKYO)) as book:
        columns, values = "asker, envelope, at, questions, commitment", "%s, %s, %s, %s, sha256('')"
        add = f"INSERT INTO provision_envelope ({columns}) VALUES ({values})"
        book.execute(add, [asker, envelope, clock() - timedelta(seconds=seconds), questions])


def test_what_nobody_has_receipted_is_listed_by_asker(juki: Juki, installed: Ground) -> None:
    """Who has waited longest stands first; what was answered just now may be on the way."""
    assert juki(*AT_TOKYO)[0] == 0
    told(installed, CHIYODA, "b" * 32, 700)
    told(installed, "agency-nenkin", "c" * 32, 7200, questions=20)
    told(installed, CHIYODA, "a" * 32, 800, questions=2)
    told(installed, CHIYODA, "d" * 32, 1)

    code, said, _ = juki(*AT_TOKYO, "--json")

    found = orjson.loads(said)
    assert (code, found["node"], found["older"]) == (1, TOKYO, 60)
    assert [(one["asker"], one["envelopes"], one["questions"]) for one in found["outstanding"]] == [
        ("agency-nenkin", 1, 20),
        (CHIYODA, 2, 3),
    ]
    assert [one["ids"] for one in found["outstanding"]] == [["c" * 32], ["a" * 32, "b" * 32]]


def test_people_read_a_table(juki: Juki, installed: Ground) -> None:
    """One row for each asker; what was answered a moment ago is in it where somebody wants it."""
    told(installed, CHIYODA, "d" * 32, 1)

    code, said, _ = juki(*AT_TOKYO, "--older", "0")

    assert code == 1
    assert CHIYODA in said


def test_what_a_node_told_itself_needs_no_receipt(juki: Juki, installed: Ground) -> None:
    """A prefecture's own offices ask its own book."""
    told(installed, TOKYO, "e" * 32, 700)

    assert juki(*AT_TOKYO)[0] == 0


def test_who_provides_nothing_has_nothing_outstanding(juki: Juki, installed: Ground) -> None:
    """A municipality is asked for nothing; the command says who is."""
    assert installed.settings(CHIYODA)

    code, said, why = juki("provide", "outstanding", "--node", CHIYODA)

    assert (code, said) == (2, "")
    assert CHIYODA in why
