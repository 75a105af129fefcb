# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki alarm`` as an administrator meets it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import orjson
import psycopg
import pytest

from fixtures.network import CHIYODA
from openjuki import config
from openjuki.nodes.node import opened_office
from openjuki.store import alarms

if TYPE_CHECKING:
    from conftest import Juki
    from fixtures.ground import Ground

AT_CHIYODA = ("--node", CHIYODA)
DETAIL = {"source": "130001", "code": "JK-PEER-0001"}


@pytest.fixture
def alarmed(division: Ground) -> Ground:
    """Chiyoda, where a link has stopped."""

    async def alarm() -> None:
        async with opened_office(config.load(), CHIYODA) as chiyoda:
            await chiyoda.read(lambda book: alarms.raise_once(book, "link-stopped", DETAIL, chiyoda.clock()))

    asyncio.run(alarm())
    return division


def _listed(juki: Juki) -> tuple[int, list[dict[str, object]]]:
    code, said, _ = juki("alarm", "list", *AT_CHIYODA, "--json")
    return code, orjson.loads(said)["alarms"]


def test_an_open_alarm_is_listed_until_somebody_settles_it_with_a_reason(juki: Juki, alarmed: Ground) -> None:
    """The list leaves with 1 while there is something to look at, and the journal keeps who settled it, and why."""
    code, (alarm,) = _listed(juki)
    assert (code, alarm["kind"], alarm["detail"]) == (1, "link-stopped", DETAIL)
    assert "通知経路の停止" in juki("alarm", "list", *AT_CHIYODA)[1]
    by = ("--operator", "jumin-1", "--terminal", "jumin-t1")
    assert juki("alarm", "settle", str(alarm["id"]), *AT_CHIYODA, *by, "--reason", " 線を確認 ")[0] == 0
    assert _listed(juki) == (0, [])
    with psycopg.connect(alarmed.settings(CHIYODA).database_url) as book:
        (row,) = book.execute("SELECT payload FROM journal_pending WHERE kind = 'alarm.settled'").fetchone()
    assert orjson.loads(row) == {
        "alarm": alarm["id"],
        "kind": "link-stopped",
        "operator": "jumin-1",
        "reason": "線を確認",
        "terminal": "jumin-t1",
    }


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        pytest.param(("1", "--reason", " "), 3, "with a reason", id="no reason is given"),
        pytest.param(("987", "--reason", "確認"), 1, "JK-ALARM-0001", id="no such alarm is open"),
        pytest.param(
            ("1", "--reason", "確認", "--operator", "nobody", "--terminal", "jumin-t1"),
            1,
            "JK-OFFICE-0001",
            id="the operator is unknown",
        ),
    ],
)
def test_an_alarm_stays_open_where(
    words: tuple[str, ...], code: int, said: str, juki: Juki, alarmed: Ground
) -> None:
    """What is refused settles nothing."""
    assert alarmed
    left, _, told = juki("alarm", "settle", *AT_CHIYODA, *words)
    assert (left, said in told) == (code, True)
    assert len(_listed(juki)[1]) == 1
