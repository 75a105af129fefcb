# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A list is told of only by whom the network leads to: of others it is said at home that there is no road."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.agencies import CLERK, furnished
from fixtures.ground import TAX_OFFICE
from fixtures.network import TOKYO
from openjuki.errors import Refused
from openjuki.nodes.clientele.entitling import entitled
from openjuki.nodes.roads import NO_ROAD
from openjuki.store.clientele import Clientele

if TYPE_CHECKING:
    from fixtures.offices import Country

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

_ROWS = "affair,basis,row,recipient,law,title,government\n"


async def test_another_governor_is_not_asked_what_changed(country: Country):
    """法30条の13第2項: the affair is in the book, and its governor is nobody's own."""
    file = country.home / "law" / "affairs" / "ordinance-130001" / "2026-01-01.csv"
    file.parent.mkdir(parents=True)
    row = f"x-1,30-13-2,条例9条,都道府県知事,東京都条例,道路の管理,{TOKYO}\n"
    file.write_text(_ROWS + row, encoding="utf-8")
    (country.home / "law" / "overrides.toml").write_text(
        '[x-1.30-13-2]\nkeys = [["resident_code"]]\n', encoding="utf-8"
    )
    agency = await furnished(country, TAX_OFFICE, "x-1")
    one = Clientele(
        name="road",
        office="desk",
        affair="x-1",
        reason="道路の占用者の異動",
        operator=CLERK.operator,
        terminal=CLERK.terminal,
        kind="resident_code",
        keys=1,
        digest=b"",
        every=0,
        put_at=country.clock(),
    )

    with pytest.raises(Refused) as refused:
        await agency.read(lambda connection: entitled(agency, connection, one))

    assert refused.value.refusal == NO_ROAD
