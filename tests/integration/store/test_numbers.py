# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import timedelta

import pytest

from fixtures.notices import NOON, code_of, number_of
from openjuki.residents.changes import Reason
from openjuki.store import numbers
from openjuki.store.numbers import Waiting

pytestmark = pytest.mark.postgres


async def resident(municipality, person, number=None):
    """Somebody who stands in the register."""
    await municipality.execute(
        "INSERT INTO resident (resident_number, history_number, state, resident_code, individual_number, birth_date,"
        " name_key) VALUES (%s, 1, 'resident', %s, %s, '1990-01-01', 'key')",
        [str(person), code_of(person), number],
    )


async def test_who_waits_longest_comes_first(municipality):
    """Requests are answered in their order, with the code and the number there is."""
    await resident(municipality, 1, number_of(1))
    await resident(municipality, 2)
    await numbers.ask(municipality, ["2"], Reason.NUMBER_ENTERED_EX_OFFICIO, NOON + timedelta(hours=1))
    await numbers.ask(municipality, ["1"], Reason.NUMBER_CHANGED_ON_REQUEST, NOON)

    first = Waiting(
        resident_number="1",
        reason=Reason.NUMBER_CHANGED_ON_REQUEST,
        resident_code=code_of(1),
        individual_number=number_of(1),
    )
    second = Waiting(
        resident_number="2",
        reason=Reason.NUMBER_ENTERED_EX_OFFICIO,
        resident_code=code_of(2),
        individual_number=None,
    )
    assert await numbers.awaited(municipality, 9) == [first, second]
    assert await numbers.awaited(municipality, 1) == [first]


async def test_asking_again_changes_nothing(municipality):
    """Who waits already goes on waiting under the first reason; asking for nobody is nothing."""
    await resident(municipality, 1)
    await numbers.ask(municipality, ["1"], Reason.NUMBER_ENTERED_EX_OFFICIO, NOON)
    await numbers.ask(municipality, ["1"], Reason.NUMBER_CHANGED_ON_REQUEST, NOON)
    await numbers.ask(municipality, [], Reason.NUMBER_CHANGED_ON_REQUEST, NOON)

    (waiting,) = await numbers.awaited(municipality, 9)
    assert waiting.reason is Reason.NUMBER_ENTERED_EX_OFFICIO


async def test_who_was_answered_waits_no_more(municipality):
    """An answer ends the waiting of those whom it names."""
    for person in (1, 2):
        await resident(municipality, person)
    await numbers.ask(municipality, ["1", "2"], Reason.NUMBER_ENTERED_EX_OFFICIO, NOON)
    await numbers.answered(municipality, ["1"])

    assert [waiting.resident_number for waiting in await numbers.awaited(municipality, 9)] == ["2"]
