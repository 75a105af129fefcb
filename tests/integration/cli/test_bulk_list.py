# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki bulk list``, and the parts in ``juki provide outstanding``, as a provider's administrator meets them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import orjson
import psycopg
import pytest

from fixtures.network import CHIYODA, TOKYO
from fixtures.parts import a_part, drawn
from openjuki.config import clock
from openjuki.store.parts import write

if TYPE_CHECKING:
    from conftest import Juki
    from fixtures.ground import Ground

pytestmark = pytest.mark.postgres

AT_TOKYO = ("bulk", "list", "--node", TOKYO)
REQUEST = "ab" * 16


def asked(ground: Ground, request: str = REQUEST, standing: str = "running", rule: str | None = None) -> None:
    """An agency asked Tokyo in bulk."""
    refusal = None if rule is None else orjson.dumps({"rule": rule}).decode()
    ended = None if standing == "running" else clock()
    with psycopg.connect(ground.owner_url(TOKYO)) as book:
        book.execute(
            "INSERT INTO bulk_job (asker, request, digest, body, affair, office, operator, method, kind, rows, parts,"
            " accepted_at, standing, refusal, turn_at, finished_at) VALUES ('agency-tokyo-ryoken', %s, %s, '', 'x',"
            " 'counter', 'system:1', 'bulk', 'resident_code', 6, 2, now(), %s, %s, now(), %s)",
            [request, bytes(32), standing, refusal, ended],
        )


def answered(ground: Ground, number: int, seconds: int) -> None:
    """A part of it was recorded so many seconds ago."""
    written = write(a_part(request=REQUEST, number=number), *empty(), drawn(number))
    with psycopg.connect(ground.owner_url(TOKYO)) as book:
        ((part,),) = book.execute(
            "INSERT INTO provision_part (commitment, manifest, salt, request, number, asker, affair, method, at,"
            " asked, answered, rows, results, articles, items, told, log, secrets, roots) VALUES"
            " (%s, '', %s, %s, %s, 'agency-tokyo-ryoken', 'x', 'bulk', now(), 3, 3, 0, '{}', '{}', '{}', '{}', '', '', '')"
            " RETURNING part",
            [written.commitment, written.salt, REQUEST, number],
        )
        book.execute(
            "INSERT INTO bulk_answer (asker, request, number, part, manifest, promise, asked, results, at)"
            " VALUES ('agency-tokyo-ryoken', %s, %s, %s, '', '', 3, '{}', %s)",
            [REQUEST, number, part, clock() - timedelta(seconds=seconds)],
        )


def empty() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Nobody who is told about."""
    return np.zeros(0, np.int64), np.zeros(0, np.uint8), np.zeros(0, np.uint8)


def test_requests_are_listed_with_how_far_they_are(juki: Juki, installed: Ground) -> None:
    """The latest first; with --open only those that go on."""
    assert juki(*AT_TOKYO)[0] == 0
    asked(installed, "cd" * 16, "refused", rule="affair-not-held")
    asked(installed)
    answered(installed, 0, 10)

    code, said, _ = juki(*AT_TOKYO, "--json")
    listed = orjson.loads(said)["requests"]
    still_open = orjson.loads(juki(*AT_TOKYO, "--open", "--json")[1])["requests"]

    assert code == 0
    assert [(one["request"], one["standing"], one["rule"], one["answered"]) for one in listed] == [
        (REQUEST, "running", None, 1),
        ("cd" * 16, "refused", "affair-not-held", 0),
    ]
    assert [one["request"] for one in still_open] == [REQUEST]
    assert "1/2" in juki(*AT_TOKYO)[1]


def test_parts_are_outstanding_by_request(juki: Juki, installed: Ground) -> None:
    """What was recorded a while ago and not receipted; the command says so by its exit code too."""
    asked(installed)
    answered(installed, 0, 700)
    answered(installed, 1, 1)

    code, said, _ = juki("provide", "outstanding", "--node", TOKYO, "--json")
    (found,) = orjson.loads(said)["parts"]

    assert (code, found["request"], found["parts"], found["rows"]) == (1, REQUEST, [0], 3)
    assert "agency-tokyo-ryoken" in juki("provide", "outstanding", "--node", TOKYO)[1]


def test_who_provides_nothing_was_asked_nothing_in_bulk(juki: Juki, installed: Ground) -> None:
    """A municipality is asked for nothing; the command says who is."""
    assert installed.settings(CHIYODA)

    code, said, why = juki("bulk", "list", "--node", CHIYODA)

    assert (code, said) == (2, "")
    assert CHIYODA in why
