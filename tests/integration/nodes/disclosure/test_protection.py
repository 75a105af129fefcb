# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Protective measures: the town says whether another may be told, why it says so never leaves it, and nobody keeps it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures.network import CHUO, TOKYO
from fixtures.notices import code_of
from openjuki.errors import BadEnvelope, BadInput, PeerUnavailable, Refused
from openjuki.nodes.disclosure import document, protection, refusals
from openjuki.residents.changes import Reason
from openjuki.wire.protection import Question, read_answer, write_answer

if TYPE_CHECKING:
    from fixtures.disclosing import Division
    from openjuki.nodes.node import Node
    from openjuki.residents.look_up import Hit

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

#: What a request says of itself, beside its id and when it came.
SAID = "SELECT decided_at, refusal, digest, document, extended_to FROM disclosure ORDER BY decided_at, id"


async def refused(division: Division, **items: Any) -> bool:
    """Whether a representative is refused."""
    decided = await division.decide(await division.receive(applicant="representative", **items))
    return decided.refusal == refusals.NOT_TO_BE_TOLD.code


async def test_a_representative_is_told_where_the_town_says_so(division: Division):
    """The town is asked, and its journal says that it was."""
    decided = await division.decide(await division.receive(applicant="representative"))

    assert document(decided)["own"]["held"] is True
    (row,) = division.country.journal(CHUO, "protection.asked")
    assert orjson.loads(row or b"") == {"applicant": "representative", "asker": TOKYO}


@pytest.mark.parametrize(
    ("since", "until", "closed"),
    [
        pytest.param(0, 0, True, id="on its only day"),
        pytest.param(-10, 0, True, id="on its last day"),
        pytest.param(0, 100, True, id="on its first day"),
        pytest.param(1, 100, False, id="before it begins"),
        pytest.param(-10, -1, False, id="when it is over"),
    ],
)
async def test_a_protected_person_is_not_told_about(
    division: Division, *, since: int, until: int, closed: bool
):
    """For as long as the measure lasts, both days included."""
    await division.protect(since=since, until=until)

    assert await refused(division) is closed


async def test_themself_they_are_told_all_the_same(division: Division):
    """The measure is against others."""
    await division.protect()

    assert document(await division.decide(await division.receive()))["own"]["held"] is True


async def test_a_protected_person_and_nobody_are_one_to_a_representative(division: Division):
    """Same words, same rows, same journal: what the town said is kept nowhere."""
    await division.protect()
    assert await refused(division)
    assert await refused(division, question={"resident_code": str(code_of(9))})

    one, other = division.country.rows(TOKYO, SAID)
    assert one == other
    first, second = (
        orjson.loads(row or b"") for row in division.country.journal(TOKYO, "disclosure.refused")
    )
    del first["id"], second["id"]
    assert first == second


async def test_who_changed_while_the_town_was_asked_is_asked_about_again(
    division: Division, monkeypatch: pytest.MonkeyPatch
):
    """What the town said was said of them as they were: they have moved since, and are protected where they are now."""
    first = protection.may_be_told

    async def slow(node: Node, hit: Hit, applicant: str) -> bool:
        may = await first(node, hit, applicant)
        if may:
            await division.protect()
            moved = {"resident_code": division.code, "town": "築地", "block": "2番1号"}
            await division.country.record(CHUO, Reason.MOVED_WITHIN, **moved)
            await division.country.settle(CHUO, TOKYO)
        return may

    monkeypatch.setattr(protection, "may_be_told", slow)

    assert await refused(division)
    assert len(division.country.journal(CHUO, "protection.asked")) == 2
    assert division.country.journal(TOKYO, "disclosure.answered") == []


async def test_what_is_lifted_protects_no_more(division: Division):
    """And is not lifted twice."""
    await division.protect()
    chuo, by = division.chuo, division.guardian
    lifted = await chuo.transact(lambda book: protection.lift(chuo, book, by, division.code))

    assert len(lifted) == 1
    assert not await refused(division)
    with division.country.refuses(Refused, protection.NOT_PROTECTED):
        await chuo.transact(lambda book: protection.lift(chuo, book, by, division.code))


async def test_the_town_sees_what_it_entered(division: Division):
    """And that somebody looked is in its journal, with the measure and not with the person."""
    await division.protect(since=0, until=9)
    chuo, by = division.chuo, division.guardian
    (one,) = await chuo.transact(lambda book: protection.measures(chuo, book, by, division.code))

    today = division.country.clock().date()
    assert (one.since, one.until, one.provisional) == (today, today + timedelta(9), False)
    assert division.kinds(CHUO) == ["protection.entered", "protection.read"]
    rows = b"".join(division.country.journal(CHUO, "protection.entered"))  # type: ignore[arg-type]
    assert str(division.code).encode() not in rows


async def test_nothing_of_it_leaves_the_town(division: Division):
    """No notice, no link and no other book learns of it."""
    waiting = "SELECT count(*) FROM journal_pending WHERE cardinality(recipients) > 0"
    before = division.country.rows(CHUO, waiting)
    await division.protect()
    await refused(division)

    assert division.country.rows(CHUO, waiting) == before
    tables = "SELECT table_name FROM information_schema.tables WHERE table_name LIKE 'protective%%'"
    assert division.country.rows(TOKYO, tables) == []


async def test_only_an_office_with_that_work_enters_measures(division: Division):
    """Others neither enter nor see."""
    division.guardian = replace(division.guardian, affairs=frozenset())

    with division.country.refuses(Refused, protection.NOT_PROTECTING):
        await division.protect()


@pytest.mark.parametrize(
    ("since", "until"),
    [
        pytest.param(date(2026, 4, 1), date(2027, 4, 1), id="longer than a year"),
        pytest.param(date(2028, 2, 29), date(2029, 3, 1), id="longer than a leap year"),
        pytest.param(date(2026, 4, 1), date(2026, 3, 31), id="backwards"),
    ],
)
async def test_a_measure_lasts_a_year_at_most(division: Division, since: date, until: date):
    """It is renewed by another."""
    chuo, by = division.chuo, division.guardian
    with division.country.refuses(BadInput) as caught:
        await chuo.transact(
            lambda book: protection.protect(chuo, book, by, division.code, since=since, until=until)
        )
    assert caught.value.where.column == "until"


async def test_a_town_that_does_not_answer_leaves_the_request_open(division: Division):
    """Nobody is told, nothing is decided, and it is tried again."""
    request = await division.receive(applicant="delegate")
    await division.chuo.transport.__aexit__(None, None, None)
    division.country.online.pop(CHUO)

    with pytest.raises(PeerUnavailable):
        await division.decide(request)
    assert division.country.rows(TOKYO, "SELECT decided_at FROM disclosure") == [(None,)]


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"{}", id="nothing"),
        pytest.param(b'{"applicant":"self","resident_code":"71334917066"}', id="the person themself"),
        pytest.param(b'{"applicant":"delegate","resident_code":"71334917060"}', id="no code"),
    ],
)
def test_what_is_no_question_is_not_read(raw: bytes):
    """Only about others, and about somebody."""
    with pytest.raises(BadEnvelope):
        Question.from_bytes(raw)


def test_the_answer_is_one_bit():
    """And nothing else can be read from it."""
    assert (write_answer(may=True), write_answer(may=False)) == (b'{"may":true}', b'{"may":false}')
    assert read_answer(write_answer(may=True))
    with pytest.raises(BadEnvelope):
        read_answer(b'{"may":1}')
