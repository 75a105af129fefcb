# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What has happened to persons (異動の履歴) at a prefecture or the Centre: in the order of the journal, and in full.

The journal says to whom something happened between two of its sizes; the records, to which rows are only added, say
what it was, and what was before.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import batched
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from openjuki.residents.look_up import Hit
from openjuki.residents.persons import AdmittedNotice
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("changes")
#: Rows that are read at a time.
_ROWS = 10_000
#: Columns of `recorded` before, and those of the notice itself.
_BEFORE, _NOTICE = 2, len(AdmittedNotice._fields)


class Applied(NamedTuple):
    """A notice that was taken in (受け入れた通知), as far as it says about whom."""

    stay: int
    version: int
    resident_code: str
    individual_number: str | None
    #: Which no longer lead to the person, where the notice says so.
    previous_resident_code: str | None
    previous_individual_number: str | None


class Passed(NamedTuple):
    """What the journal has between two sizes (記録簿の区間)."""

    applied: list[Applied]
    #: Up to where it was read: the size that was asked for, or less where there was too much.
    until: int
    #: Whether the payload of one of the notices is gone (消去済み).
    erased: bool = False


class Recorded(NamedTuple):
    """A row of somebody's records (本人確認情報の履歴の行)."""

    #: What of it tells where the person stands.
    notice: AdmittedNotice
    #: What of it is told; state and question are not read.
    shown: Hit
    received_at: datetime

    @property
    def version(self) -> tuple[int, int]:
        """Which version of which stay."""
        return self.notice.stay, self.notice.version


async def applied(connection: Connection, after: int, until: int, *, most: int) -> Passed:
    """Notices taken in from row `after` of the journal to row `until`, that one not included; so many at most."""
    found: list[Applied] = []
    while True:
        limit = min(_ROWS, most - len(found))
        values = {"after": after, "until": until, "limit": limit}
        rows = await (await connection.execute(_SQL["applied"], values)).fetchall()
        if any(payload is None for _, payload in rows):
            return Passed([], until, erased=True)
        found += (_applied(payload) for _, payload in rows)
        if len(rows) < limit:
            return Passed(found, until)
        after = rows[-1][0] + 1
        if len(found) == most:
            return Passed(found, after)


async def recorded(connection: Connection, codes: Iterable[str]) -> dict[str, list[Recorded]]:
    """By each of these codes everything that is recorded of who bears or bore it, in the order of its receipt."""
    persons: dict[str, int] = {}
    for some in batched(dict.fromkeys(codes), _ROWS):
        persons.update(await (await connection.execute(_SQL["persons"], {"codes": list(some)})).fetchall())
    rows: dict[int, list[Recorded]] = defaultdict(list)
    for ids in batched(sorted(set(persons.values())), _ROWS):
        cursor = await connection.execute(_SQL["recorded"], {"persons": list(ids)})
        for row in await cursor.fetchall():
            rows[row[0]].append(_recorded(row))
    return {code: rows[person] for code, person in persons.items()}


def _applied(payload: bytes) -> Applied:
    notice = orjson.loads(payload)["notice"]
    return Applied(*(notice[name] for name in Applied._fields))


def _recorded(row: Sequence[Any]) -> Recorded:
    notice = AdmittedNotice._make(row[_BEFORE : _BEFORE + _NOTICE])
    *names, birth_date, address = row[_BEFORE + _NOTICE :]
    shown = (
        *(0, True, row[0], "", notice.reason, notice.date_of_change),
        *(notice.resident_code, notice.individual_number, *names),
        *(birth_date, notice.sex, notice.municipality, address),
    )
    return Recorded(notice, Hit._make(shown), row[1])
