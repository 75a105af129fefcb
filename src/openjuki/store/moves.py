# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Moves at the upper tiers (住所の異動): who entered a further stay, for those who ask whether the one before was closed.

``persons.open_predecessors(person, today)`` of everybody who `entered` in the days before is the alarm
that a predecessor was left open.
"""

from __future__ import annotations

from itertools import batched, groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from openjuki.residents.persons import AdmittedNotice, Person
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL, _RECORDS = queries("moves"), queries("records")
_AT_ONCE = 1000


async def entered(connection: Connection, since: datetime, until: datetime) -> AsyncIterator[Person]:
    """Everybody whose entry into a further stay (転入) was recorded then."""
    cursor = await connection.execute(_SQL["entered"], {"since": since, "until": until})
    found = [person_id for (person_id,) in await cursor.fetchall()]
    for some in batched(found, _AT_ONCE):
        cursor = await connection.execute(_RECORDS["notices"], {"persons": list(some)})
        for _, rows in groupby(await cursor.fetchall(), itemgetter(0)):
            yield Person.of(AdmittedNotice(*row[1:]) for row in rows)
