# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The ledger: lines that are found by office, affair, operator and time, and that nobody changes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import psycopg
import pytest

from fixtures.network import NOON
from openjuki.store import ledger
from openjuki.store.ledger import Answered, Asked, Envelope

if TYPE_CHECKING:
    from openjuki.store.database import Connection

pytestmark = pytest.mark.postgres


NOBODY = {"articles": ["法30条の9"], "count": 0, "result": "none"}


def asked(at: datetime = NOON, *, number: int = 0, **other: Any) -> Asked:
    """A line about one person."""
    usual = Asked(
        id=ledger.line_id(at, number.to_bytes(ledger.ID_ENTROPY)),
        at=at,
        office="desk",
        operator="clerk",
        terminal="window-1",
        affair="state-115",
        reason="2026-0012",
        what="ask",
        method="terminal",
        history=False,
        keys=["name", "birth_date"],
        persons=1,
        salt=bytes(32),
        content=orjson.dumps({"questions": [{"name": "渡邉　葵"}]}),
    )
    return usual._replace(**other)


def answered(line: Asked, **other: Any) -> Answered:
    """Its answer."""
    content = {
        "answered": [{"answer": NOBODY, "told": [{"answer": None, "envelope": "e" * 32}]}],
        "envelopes": {"e" * 32: {"provider": "centre", "through": None}},
    }
    usual = Answered(
        line.id, line.at, None, ["none"], ["法30条の9"], ["centre"], bytes(32), orjson.dumps(content)
    )
    return usual._replace(**other)


async def test_a_line_is_read_as_it_was_written(centre: Connection):
    """What was asked, what came back, and when."""
    one = asked()
    await ledger.ask(centre, [one])
    await ledger.answer(centre, [answered(one)])

    line = await ledger.line(centre, one.id)

    assert line is not None
    assert (line.asked_at, line.answered_at, line.office, line.keys) == (
        NOON,
        NOON,
        "desk",
        ("name", "birth_date"),
    )
    assert (line.results, line.articles, line.routes, line.code) == (
        ("none",),
        ("法30条の9",),
        ("centre",),
        None,
    )
    assert line.questions == ({"name": "渡邉　葵"},)
    assert line.answers == (NOBODY,)
    told = {"answer": None, "envelope": "e" * 32, "provider": "centre", "through": None, **NOBODY}
    assert line.told == ([told],)


async def test_a_line_without_an_answer_says_so(centre: Connection):
    """Asked, and nothing came back: the line stands there all the same."""
    one = asked()
    await ledger.ask(centre, [one])

    (line,) = await ledger.search(centre)

    assert (line.id, line.answered_at, line.code, line.results) == (one.id, None, None, ())
    assert await ledger.line(centre, "0" * 32) is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param({}, [3, 2, 1, 0], id="all, newest first"),
        pytest.param({"office": "desk"}, [3, 1, 0], id="of an office"),
        pytest.param({"affair": "state-118"}, [1], id="for an affair"),
        pytest.param({"operator": "system:kyufu"}, [3], id="by a machine"),
        pytest.param({"since": NOON + timedelta(hours=2)}, [3, 2], id="from then on"),
        pytest.param({"until": NOON + timedelta(hours=2)}, [1, 0], id="before then"),
        pytest.param(
            {"before": ledger.line_id(NOON + timedelta(hours=1), bytes(10))}, [0], id="older than a line"
        ),
        pytest.param({"limit": 2}, [3, 2], id="at most so many"),
    ],
)
async def test_lines_are_found(centre: Connection, wanted: Any, found: list[int]):
    """By office, affair, operator and time; ids are in the order of asking."""
    others: list[dict[str, Any]] = [
        {},
        {"affair": "state-118"},
        {"office": "other"},
        {"operator": "system:kyufu"},
    ]
    lines = [asked(NOON + timedelta(hours=hour), **other) for hour, other in enumerate(others)]
    await ledger.ask(centre, lines)

    assert [line.id for line in await ledger.search(centre, **wanted)] == [lines[one].id for one in found]


async def test_persons_of_a_day_are_counted_by_office_and_affair(centre: Connection):
    """What was asked before, for another affair or by another office does not count."""
    lines = [
        asked(NOON - timedelta(days=1), persons=100),
        asked(persons=3),
        asked(number=1, persons=4),
        asked(number=2, persons=50, affair="state-118"),
        asked(number=3, persons=60, office="other"),
        asked(number=4, persons=0),
    ]
    await ledger.ask(centre, lines)

    used = await ledger.asked_since(
        centre, [("desk", "state-115"), ("desk", "state-116")], NOON - timedelta(hours=12)
    )

    assert used == {("desk", "state-115"): 7, ("desk", "state-116"): 0}


async def test_an_envelope_is_kept_once(centre: Connection):
    """Its promise and what was promised stay those that came first; whether it was receipted is not known at first."""
    record = {"salt": bytes(32), "payload": b"{}", "leaves": bytes(64)}
    one = Envelope("e" * 32, "centre", "130001", NOON, NOON, b"promise", **record)
    await ledger.keep(centre, [one])
    of_part = one._replace(id="f" * 32, through=None, salt=None, payload=None, leaves=None)
    await ledger.keep(centre, [one._replace(promise=b"another", leaves=bytes(32)), of_part])
    await ledger.keep(centre, [])

    kept = await ledger.envelopes(centre, ["e" * 32, "f" * 32, "0" * 32])

    assert kept == {"e" * 32: one, "f" * 32: of_part}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_line SET reason = ''",
        "DELETE FROM ledger_line",
        "UPDATE ledger_answer SET code = NULL",
        "DELETE FROM ledger_answer",
        "UPDATE ledger_envelope SET promise = ''",
        "UPDATE ledger_envelope SET payload = ''",
        "UPDATE ledger_envelope SET leaves = ''",
        "DELETE FROM ledger_envelope",
    ],
)
async def test_nobody_changes_the_ledger(centre: Connection, statement: Any):
    """The worker's login adds and reads; of an envelope it may say that it was receipted and proved."""
    await ledger.ask(centre, [asked()])

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await centre.execute(statement)
