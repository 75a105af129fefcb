# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Residents who wait for a number wait once, the longest first, until the answer is there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fixtures.lives import OTHER_CODE, OTHER_NUMBER, change, lived
from fixtures.notices import NOON
from openjuki.residents.changes import Reason
from openjuki.store import numbers, register

if TYPE_CHECKING:
    from openjuki.store.database import Connection

pytestmark = pytest.mark.postgres


async def enter(connection: Connection, resident_number: str, **items: object) -> None:
    """Somebody stands in the register."""
    history = lived(change(Reason.ENTERED_EX_OFFICIO, "2026-01-01", resident_number=resident_number, **items))
    await register.write_rows(connection, history.rows)


async def test_who_waits_is_told_with_code_and_number(municipality: Connection):
    """Whoever is to get a number is named with the code it is derived from, and the one it replaces."""
    await enter(municipality, "1", individual_number=None)
    await enter(municipality, "2", resident_code=OTHER_CODE, individual_number=OTHER_NUMBER)
    await numbers.ask(municipality, ["1"], Reason.NUMBER_ENTERED_EX_OFFICIO, NOON)
    await numbers.ask(municipality, ["2"], Reason.NUMBER_CHANGED_ON_REQUEST, NOON + timedelta(seconds=1))

    first, second = await numbers.awaited(municipality, 9)

    assert (first.resident_number, first.reason, first.individual_number) == (
        "1",
        Reason.NUMBER_ENTERED_EX_OFFICIO,
        None,
    )
    assert (second.resident_code, second.reason, second.individual_number) == (
        OTHER_CODE,
        Reason.NUMBER_CHANGED_ON_REQUEST,
        OTHER_NUMBER,
    )


async def test_the_longest_waiting_come_first(municipality: Connection):
    """No more are named than were asked for, and those who came later wait."""
    for serial, code in enumerate((OTHER_CODE, "24727059608")):
        await enter(municipality, str(serial), resident_code=code, individual_number=None)
    await numbers.ask(municipality, ["0"], Reason.NUMBER_ENTERED_EX_OFFICIO, NOON + timedelta(minutes=1))
    await numbers.ask(municipality, ["1"], Reason.NUMBER_ENTERED_EX_OFFICIO, NOON)

    assert [one.resident_number for one in await numbers.awaited(municipality, 1)] == ["1"]


async def test_who_waits_already_goes_on_waiting(municipality: Connection):
    """A second request changes neither the place in the queue nor the reason."""
    await enter(municipality, "1", individual_number=None)
    await numbers.ask(municipality, ["1"], Reason.NUMBER_ENTERED_EX_OFFICIO, NOON)
    await numbers.ask(municipality, ["1"], Reason.NUMBER_CHANGED_ON_REQUEST, NOON + timedelta(minutes=1))

    (one,) = await numbers.awaited(municipality, 9)

    assert one.reason is Reason.NUMBER_ENTERED_EX_OFFICIO


async def test_who_has_got_one_waits_no_longer(municipality: Connection):
    """The answer ends the wait of those it names, and nobody else's."""
    await enter(municipality, "1", individual_number=None)
    await enter(municipality, "2", resident_code=OTHER_CODE, individual_number=None)
    await numbers.ask(municipality, ["1", "2"], Reason.NUMBER_ENTERED_EX_OFFICIO, NOON)

    await numbers.answered(municipality, ["1"])

    assert [one.resident_number for one in await numbers.awaited(municipality, 9)] == ["2"]


async def test_asking_for_nobody_asks_nothing(municipality: Connection):
    """An empty request leaves nothing behind."""
    await numbers.ask(municipality, [], Reason.NUMBER_ENTERED_EX_OFFICIO, NOON)

    assert await numbers.awaited(municipality, 9) == []
