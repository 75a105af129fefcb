# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A request to be told what is held about oneself: in thirty days, also that nothing is, and corrected only afterwards."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures.network import CHUO, TOKYO
from fixtures.notices import code_of
from fixtures.offices import SOMEBODY, day
from openjuki.errors import BadInput, BadQuestion, Refused
from openjuki.nodes.disclosure import claim, document, examined, extend, refusals
from openjuki.residents.changes import Reason
from openjuki.store import disclosures
from openjuki.store.disclosures import KEPT

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fixtures.disclosing import Division

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


async def at(division: Division, deed: Callable[..., Awaitable[Any]], *words: Any, **items: Any) -> Any:
    """Do something at Tokyo's counter."""
    return await division.tokyo.transact(
        lambda book: deed(division.tokyo, book, division.by, *words, **items)
    )


async def test_a_person_is_told_everything_that_is_held(division: Division):
    """Every item, every code, and who was told; its hash is in the journal, and commits with it."""
    decided = await division.decide(await division.receive())

    told = document(decided)
    assert told["own"]["held"] is True
    assert told["own"]["current"]["resident_code"] == str(division.code)
    assert told["own"]["current"]["address"] == "一番町1番地"
    assert [one["resident_code"] for one in told["own"]["codes"]] == [str(division.code)]
    assert told["provisions"]["lines"] == []
    assert decided.document is not None
    (row,) = division.country.journal(TOKYO, "disclosure.answered")
    assert orjson.loads(row or b"")["document"] == sha256(decided.document).hexdigest()
    assert division.kinds() == ["disclosure.received", "disclosure.answered"]


async def test_every_code_and_what_was_recorded_before_are_told(division: Division):
    """Also those that nobody else is told."""
    change = {"resident_code": division.code, "new_resident_code": code_of(50)}
    await division.country.record(CHUO, Reason.CODE_CHANGED_ON_REQUEST, **change)
    await division.country.settle(CHUO, TOKYO)

    told = document(await division.decide(await division.receive()))

    assert [one["resident_code"] for one in told["own"]["codes"]] == [str(division.code), str(code_of(50))]
    assert told["own"]["codes"][0]["until"] is not None
    assert told["own"]["current"]["resident_code"] == str(code_of(50))
    assert [one["resident_code"] for one in told["own"]["before"]] == [str(division.code)]


async def test_that_nothing_is_held_is_an_answer(division: Division):
    """Of somebody whom nobody knows that is said, and it is no refusal (法30条の32第1項)."""
    decided = await division.decide(await division.receive(question={"resident_code": str(code_of(9))}))

    told = document(decided)
    assert (told["own"]["held"], told["own"]["current"], told["own"]["codes"]) == (False, None, [])
    assert decided.refusal is None


async def test_only_what_was_asked_for_is_told(division: Division):
    """Somebody may want the one and not the other."""
    own = document(await division.decide(await division.receive(wants=("own",))))
    told = document(await division.decide(await division.receive(wants=("provisions",))))

    assert (own["provisions"], told["own"]) == (None, None)
    assert own["own"]["held"] is True


async def test_the_day_of_receipt_is_the_first_of_the_thirty(division: Division):
    """受理した日から起算して30日以内 (法30条の33第1項)."""
    request = await division.receive(received_on=date(2026, 11, 1))

    (known,) = await division.tokyo.read(disclosures.requests)
    assert (known.id, known.due_on) == (request, date(2026, 11, 30))


async def test_it_may_take_longer_for_a_reason_that_is_told_in_time(division: Division):
    """Once, to a later day, within the thirty (法30条の33第2項)."""
    request = await division.receive()
    later = date(2027, 1, 31)
    extended = await at(division, extend, request, later, "記録の照合に時間を要するため")

    assert (extended.last_day, extended.extended_for) == (later, "記録の照合に時間を要するため")
    with division.country.refuses(Refused, refusals.TIME_IS_OVER):
        await at(division, extend, request, date(2027, 2, 28), "もう一度")


@pytest.mark.parametrize(
    ("days", "until"),
    [
        pytest.param(30, date(2027, 1, 31), id="after the thirty days"),
        pytest.param(0, date(2026, 12, 20), id="to no later day"),
    ],
)
async def test_it_is_not_extended_otherwise(division: Division, days: int, until: date):
    """Neither too late nor without effect."""
    request = await division.receive()
    division.country.clock.advance(days=days)

    with division.country.refuses(Refused, refusals.TIME_IS_OVER):
        await at(division, extend, request, until, "理由")


async def test_what_was_disclosed_may_be_claimed_to_be_wrong(division: Division):
    """And what is found of it is told in writing, once (法30条の35)."""
    request = await division.receive()
    with division.country.refuses(Refused, refusals.NOT_DISCLOSED):
        await at(division, claim, request, "住所が違う")
    await division.decide(request)
    number = await at(division, claim, request, "住所が違う")
    await at(division, examined, request, number, outcome="passed_on", finding="中央区に連絡しました。")

    (found,) = await division.tokyo.read(lambda book: disclosures.corrections(book, request))
    assert (found.number, found.claim, found.outcome) == (1, "住所が違う", "passed_on")
    with division.country.refuses(Refused, refusals.NOTHING_TO_EXAMINE):
        await at(division, examined, request, number, outcome="unchanged", finding="変更なし")
    assert division.kinds()[-2:] == ["disclosure.claimed", "disclosure.examined"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(" \n", id="nothing"),
        pytest.param("住\0所", id="no character"),
        pytest.param("住\udcff所", id="half of one"),
        pytest.param("所" * 2001, id="more than anybody writes"),
    ],
)
async def test_a_claim_is_a_text(division: Division, said: str):
    """Of at most two thousand characters, each of which can be written down."""
    request = await division.receive()
    await division.decide(request)

    with division.country.refuses(BadInput) as caught:
        await at(division, claim, request, said)
    assert caught.value.where.column == "claim"


async def test_of_provisions_alone_nothing_is_corrected(division: Division):
    """法30条の35 is about the identification information that was disclosed."""
    request = await division.receive(wants=("provisions",))
    await division.decide(request)

    with division.country.refuses(Refused, refusals.NOT_DISCLOSED):
        await at(division, claim, request, "違う")


async def test_a_request_is_decided_once(division: Division):
    """What was handed out stays what was handed out."""
    request = await division.receive()
    await division.decide(request)

    with division.country.refuses(Refused, refusals.DECIDED_ALREADY):
        await division.decide(request)


async def test_who_does_not_disclose_sees_nothing(division: Division):
    """The work of disclosure is an office's that holds it."""
    request = await division.receive()
    division.by = replace(division.by, affairs=frozenset())

    with division.country.refuses(Refused, refusals.NOT_DISCLOSING):
        await division.receive()
    with division.country.refuses(Refused, refusals.NOT_DISCLOSING):
        await division.decide(request)


async def test_a_request_that_is_none_is_said_to_be_none(division: Division):
    """An id that nobody gave."""
    with division.country.refuses(Refused, refusals.UNKNOWN_REQUEST):
        await division.decide("0" * 32)


@pytest.mark.parametrize(
    ("items", "column"),
    [
        pytest.param({"reason": " "}, "reason", id="no case number"),
        pytest.param({"identified_by": ""}, "identified_by", id="nobody looked at papers"),
        pytest.param({"wants": ()}, "wants", id="nothing is wanted"),
        pytest.param({"wants": ("koseki",)}, "wants", id="something else is wanted"),
        pytest.param({"applicant": "neighbour"}, "applicant", id="nobody who may apply"),
        pytest.param({"received_on": date(2026, 11, 22)}, "received_on", id="it comes tomorrow"),
    ],
)
async def test_what_is_wrong_with_a_request_is_named(division: Division, items: Any, column: str):
    """And nothing is kept of it."""
    with division.country.refuses(BadInput) as caught:
        await division.receive(**items)

    assert caught.value.where.column == column


async def test_a_person_must_be_meant(division: Division):
    """Somebody of a sex is nobody; two of one name and birthday are two."""
    with division.country.refuses(BadQuestion):
        await division.receive(question={})
    await division.country.enter(CHUO, **{**SOMEBODY, "block": "2番地"})
    await division.country.settle(CHUO, TOKYO)
    with division.country.refuses(Refused, refusals.SEVERAL_BEAR_IT):
        await division.receive(question={"name": "渡辺 葵", "birth_date": "1990-01-01"})


async def test_the_dead_do_not_ask(division: Division):
    """Whoever says to be somebody who has died is told nothing."""
    await division.country.record(CHUO, Reason.DIED, resident_code=division.code, date_of_change=day(0))
    await division.country.settle(CHUO, TOKYO)

    decided = await division.decide(await division.receive())

    assert (decided.refusal, decided.document) == (refusals.NOT_THE_PERSON.code, None)


async def test_what_was_asked_and_answered_is_erased_in_time(division: Division):
    """That it was asked and answered stays; what was said is gone, and the page says so."""
    request = await division.receive()
    decided = await division.decide(request)
    number = await at(division, claim, request, "住所が違う")
    await at(division, examined, request, number, outcome="unchanged", finding="変更なし")
    later = division.country.clock() + KEPT

    assert await division.tokyo.read(lambda book: disclosures.erase_old(book, later)) == 0
    division.country.clock.advance(days=366)
    assert await division.tokyo.read(lambda book: disclosures.erase_old(book, division.country.clock())) == 1
    kept = await division.tokyo.read(lambda book: disclosures.find(book, request))
    assert kept is not None
    assert (kept.question, kept.document, kept.digest) == (None, None, decided.digest)
    (found,) = await division.tokyo.read(lambda book: disclosures.corrections(book, request))
    assert (found.claim, found.finding, found.outcome) == (None, None, "unchanged")
    with pytest.raises(Refused) as caught:
        document(kept)
    assert caught.value.refusal is refusals.ERASED
