# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Certificates of moving out are kept for people who are on their way, and no longer (令24条の4)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from fixtures.notices import CHIYODA, CHUO, NOON, code_of
from openjuki.store import certificates

if TYPE_CHECKING:
    from openjuki.store.database import Connection

pytestmark = pytest.mark.postgres

DAY = date(2026, 11, 30)


async def keep(
    connection: Connection,
    letter: bytes,
    *,
    person: int = 1,
    replaced: tuple[int, ...] = (),
    sender: str = CHIYODA,
    stay: int = 1,
    planned_on: date = DAY,
    minutes: int = 0,
) -> None:
    """A certificate arrives."""
    at = NOON + timedelta(minutes=minutes)
    await certificates.keep(
        connection,
        sender,
        resident_codes=map(code_of, (person, *replaced)),
        stay=stay,
        planned_on=planned_on,
        letter=letter,
        at=at,
    )


async def test_a_certificate_is_found_by_its_code(municipality: Connection):
    """Its sender and the letter, as it came."""
    await keep(municipality, b"letter")
    await keep(municipality, b"another", person=2)

    assert await certificates.find(municipality, code_of(1)) == (CHIYODA, b"letter")


async def test_a_certificate_is_found_by_a_code_that_was_replaced(municipality: Connection):
    """The newer one stands under both codes; nobody finds the one from before the change."""
    await keep(municipality, b"letter")
    await keep(municipality, b"again", person=2, replaced=(1,))

    assert await certificates.find(municipality, code_of(1)) == (CHIYODA, b"again")
    assert await certificates.find(municipality, code_of(2)) == (CHIYODA, b"again")


async def test_for_a_code_without_a_certificate_none_is_found(municipality: Connection):
    """Who comes without one is asked for everything."""
    assert await certificates.find(municipality, code_of(1)) is None


async def test_the_newest_copy_counts(municipality: Connection):
    """A certificate sent again takes the place of the one before."""
    await keep(municipality, b"first")
    await keep(municipality, b"again", minutes=1)

    assert await certificates.find(municipality, code_of(1)) == (CHIYODA, b"again")
    cursor = await municipality.execute("SELECT count(*) FROM certificate_of_moving_out")
    assert await cursor.fetchone() == (1,)


async def test_the_certificate_of_the_latest_stay_counts(municipality: Connection):
    """Whoever was certified twice comes from where they lived last, in whatever order the letters came."""
    await keep(municipality, b"later", sender=CHUO, stay=2)
    await keep(municipality, b"earlier", stay=1, minutes=5)

    assert await certificates.find(municipality, code_of(1)) == (CHUO, b"later")


async def test_of_two_senders_of_one_stay_the_newest_counts(municipality: Connection):
    """Two towns that certify the same stay cannot both be right; the later letter is shown."""
    await keep(municipality, b"first", sender=CHUO)
    await keep(municipality, b"second", minutes=1)

    assert await certificates.find(municipality, code_of(1)) == (CHIYODA, b"second")


@pytest.mark.parametrize(
    ("days", "erased"),
    [pytest.param(30, 0, id="the thirtieth day is within"), pytest.param(31, 1, id="the day after is not")],
)
async def test_a_certificate_is_erased_thirty_days_after_the_planned_day(
    municipality: Connection, days: int, erased: int
):
    """What is kept longer is erased, and nothing else."""
    await keep(municipality, b"old")
    await keep(municipality, b"young", person=2, planned_on=DAY + timedelta(days=2))

    assert await certificates.erase_old(municipality, DAY + timedelta(days)) == erased
    assert (await certificates.find(municipality, code_of(1)) is None) == bool(erased)
    assert await certificates.find(municipality, code_of(2)) is not None
