# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import date, timedelta

import pytest

from fixtures.notices import CHIYODA, CHUO, NOON, code_of
from openjuki.store import certificates

pytestmark = pytest.mark.postgres

PLANNED = date(2026, 11, 30)


async def keep(municipality, letter, *, sender=CHIYODA, stay=1, planned_on=PLANNED, after=timedelta()):
    await certificates.keep(
        municipality,
        sender,
        resident_code=code_of(1),
        stay=stay,
        planned_on=planned_on,
        letter=letter,
        at=NOON + after,
    )


async def test_the_newest_copy_counts(municipality):
    """A certificate sent again corrects the one before (標準仕様書)."""
    await keep(municipality, b"first")
    await keep(municipality, b"again", after=timedelta(hours=1))

    assert await certificates.find(municipality, code_of(1)) == (CHIYODA, b"again")


async def test_the_latest_stay_counts(municipality):
    """Of certificates of two stays, the one of the later stay is the one to enter by."""
    await keep(municipality, b"later", sender=CHUO, stay=2)
    await keep(municipality, b"earlier", after=timedelta(hours=1))

    assert await certificates.find(municipality, code_of(1)) == (CHUO, b"later")


async def test_nobody_came_with_a_certificate(municipality):
    """Without one there is nothing to find."""
    assert await certificates.find(municipality, code_of(1)) is None


@pytest.mark.parametrize(
    ("today", "erased"),
    [
        pytest.param(PLANNED + timedelta(days=30), 0, id="on the thirtieth day it is still there"),
        pytest.param(PLANNED + timedelta(days=31), 1, id="the day after it is gone"),
    ],
)
async def test_a_certificate_is_erased_thirty_days_after_the_planned_day(municipality, today, erased):
    """What may not be kept is erased (令24条の4)."""
    await keep(municipality, b"letter")

    assert await certificates.erase_old(municipality, today) == erased
    assert (await certificates.find(municipality, code_of(1)) is None) == bool(erased)
