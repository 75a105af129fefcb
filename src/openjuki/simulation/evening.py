# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is not asked one at a time (一括照会・異動の提供・開示): a list put in the morning, and the evening of the day.

In the evening the clientele's office is told what changed, another office asks about everybody in one file, and one of
those who were told about asks at the Centre who was told.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.simulation import applicant, clientele, farewells, in_bulk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from openjuki.simulation.applicant import Disclosed
    from openjuki.simulation.clientele import Followed
    from openjuki.simulation.day import Row
    from openjuki.simulation.in_bulk import InBulk
    from openjuki.simulation.launcher import Nation

#: Every so many residents one is on the clientele's list.
_LISTED: Final = 4
#: How many steps the evening has.
STEPS: Final = 3


class Evening(NamedTuple):
    """What came of it (結果)."""

    in_bulk: InBulk
    followed: Followed
    disclosed: Disclosed


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whom it is about: codes as they were in the morning."""

    nation: Nation
    everybody: Sequence[str]

    @classmethod
    def of(cls, nation: Nation, residents: Mapping[str, Iterable[Row]]) -> Plan:
        """About the residents of these towns."""
        codes = (row["resident_code"] for rows in residents.values() for row in rows)
        return cls(nation=nation, everybody=[code for code in codes if code])

    @property
    def listed(self) -> Sequence[str]:
        """The clientele."""
        return self.everybody[::_LISTED]

    async def begin(self) -> None:
        """In the morning: the list is put, and from now on changes are told."""
        with farewells.unsaid():
            await clientele.begin(self.nation, self.listed)

    async def end(self, advance: Callable[[int], None]) -> Evening:
        """In the evening."""
        with farewells.unsaid():
            async with asyncio.TaskGroup() as together:
                changes = together.create_task(clientele.end(self.nation, self.listed))
                file = together.create_task(in_bulk.play(self.nation, self.everybody))
            advance(2)
            followed, asked = changes.result(), file.result()
            disclosed = await applicant.play(self.nation, followed.looked_up or self.everybody[0])
            advance(1)
        return Evening(asked, followed, disclosed)
