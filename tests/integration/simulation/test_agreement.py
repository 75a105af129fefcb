# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The checker compares books that a nation has written: it agrees with itself, and has a digest and a speed."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import psycopg
import pytest

from fixtures.ground import SHIZUOKA_CITY
from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from fixtures.notices import code_of, number_of
from fixtures.offices import SOMEBODY, day
from fixtures.standing import check, nation
from openjuki.config import Kind
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.simulation import agreement

if TYPE_CHECKING:
    from fixtures.offices import Country

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


async def test_untouched_books_agree(country: Country):
    """Nothing differs, nothing is doubled, and every notice that was sent was applied at both tiers."""
    await nation(country)

    found = check(country)

    assert (found.mismatches, found.duplicates, found.held) == (0, 0, 0)
    # three entries, a correction, a departure, an arrival, and a number for both who were entered without one: who moved
    # got theirs while the move was planned, and brings it along
    assert found.sent == found.applied_prefecture == found.applied_centre == 3 + 1 + 1 + 1 + 2
    assert found.residents == {CHIYODA: 1, CHUO: 1, SHIZUOKA_CITY: 1}


async def test_the_digest_is_of_what_stands_now(country: Country):
    """It changes with every item of a resident, and not with what has passed."""
    code = await nation(country)
    centre = country.ground.databases[CENTRE]
    before = agreement.standing_digest(centre)

    country.rows(
        CENTRE, "UPDATE record SET furigana = 'ムカシ' WHERE resident_code = %s AND version = 1", code
    )
    assert agreement.standing_digest(centre) == before
    country.rows(CENTRE, "UPDATE record SET furigana = 'イマ' WHERE resident_code = %s AND version = 2", code)
    assert agreement.standing_digest(centre) != before


async def test_the_digest_knows_no_order(country: Country):
    """Two nations whose people were entered in another order have the same digest."""
    people = {code_of(90): "渡邉　葵", code_of(91): "佐藤　蓮"}
    digests = []
    for codes in (list(people), list(people)[::-1]):
        for code in codes:
            form = {**SOMEBODY, "individual_number": number_of(int(code[:-1])), "name": people[code]}
            await country.enter(CHIYODA, resident_code=code, **form)
        await country.settle()
        digests.append(agreement.standing_digest(country.ground.databases[CENTRE]))
        country.clear()

    assert digests[0] == digests[1]


async def test_latency_is_from_the_towns_commit_to_the_centres(country: Country):
    """What was recorded since a moment is told in milliseconds; what was recorded before is not."""
    await country.enter(CHIYODA, individual_number=number_of(1))
    morning = country.clock()
    country.clock.advance(seconds=10)
    noon = country.clock()
    await country.enter(CHIYODA, individual_number=number_of(2))
    country.clock.advance(seconds=2)
    await country.settle()

    assert sorted(agreement.latencies(country.ground.databases[CENTRE], morning)) == [2_000, 12_000]
    assert agreement.latencies(country.ground.databases[CENTRE], noon) == [2_000]


async def settled(country: Country) -> bool:
    """Whether the checker finds nothing under way."""
    with ExitStack() as stack:
        books = {
            node: stack.enter_context(psycopg.connect(country.ground.databases[node]))
            for node in country.nodes
        }
        return agreement.is_settled(books, country.urls(Kind.MUNICIPALITY))


async def test_a_nation_is_settled_when_all_is_told(country: Country):
    """Nothing waits to be sequenced, to be pulled, or for a number."""
    await country.enter(CHIYODA)
    for node in (CENTRE, TOKYO):
        await country.node(node)
    assert not await settled(country)
    await country.sequence(CHIYODA)
    assert not await settled(country)
    await country.pull(TOKYO, CHIYODA)
    assert not await settled(country)
    await country.pull(CENTRE, TOKYO)
    await country.sequence(CENTRE)
    assert not await settled(country)

    await country.settle()
    assert await settled(country)


async def test_a_municipal_reason_is_compared_under_the_name_it_was_sent_by(country: Country):
    """A former surname entered at the town is a correction ex officio to everybody above."""
    code = await nation(country)
    items = {"former_surname": "佐藤", "former_surname_furigana": "サトウ"}
    await country.record(CHIYODA, MunicipalReason.FORMER_SURNAME_ENTERED, resident_code=code, **items)
    assert check(country).mismatches == 1  # not yet told
    await country.settle()

    assert check(country).mismatches == 0


async def test_what_is_not_notified_is_no_difference(country: Country):
    """A new head of household is the town's own affair."""
    code = await nation(country)
    await country.record(CHIYODA, MunicipalReason.HEAD_CHANGED, resident_code=code, relationship="世帯主")
    await country.record(
        CHIYODA, Reason.MOVED_WITHIN, resident_code=code, town="二番町", date_of_change=day(0)
    )
    await country.settle()

    assert check(country).mismatches == 0
