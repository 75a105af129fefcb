# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Erasing a person's identification information (本人確認情報の消去) at a prefecture or the Centre, wherever it stands.

Rules of this file:

1. It is kept for 150 years after the notice with which somebody left the register; before that only an order erases it.
2. The snapshot goes first: whoever is interrupted between the two does both again, and nobody is left in one of them.
3. The leaves stay. What was provided about the person is a record of its own, with a time of its own (`nodes.erasing`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from openjuki.config import JST
from openjuki.errors import Overtaken, Refused
from openjuki.law.retention import Retention
from openjuki.nodes.erasing import NOT_ERASING, STILL_KEPT, WORK
from openjuki.refusal import Refusal
from openjuki.residents.persons import PersonState
from openjuki.store import erasures, journal, snapshot
from openjuki.wire.leaf import leaf_time

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.codes.resident import ResidentCode
    from openjuki.nodes.erasing import Order
    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection
    from openjuki.store.erasures import Bearer

#: Kind of the journal's row.
FORGOTTEN: Final = "person.erased"
#: 令30条の6.
KEPT: Final = Retention(
    id="identification",
    title_ja="本人確認情報",
    title_en="Identification information",
    years=150,
)
_GONE: Final = frozenset((PersonState.DIED, PersonState.ABROAD, PersonState.DELETED))

NOBODY_THERE: Final = Refusal(
    code="JK-ERASURE-0004",
    rule="person-known",
    article=None,
    message_ja="この住民票コードの本人確認情報はありません。",
    message_en="Nothing is held about the bearer of this code.",
)


async def forget(office: Office, code: ResidentCode, order: Order) -> int:
    """Erase everything that notices said of somebody; how many rows of the journal said it (本人確認情報の消去).

    Raises:
        Refused: the office does not erase, nobody is known by the code, or the person is still to be kept.
        Overtaken: a notice about them has come in just now.
    """
    if not order.by.holds(WORK):
        raise Refused(NOT_ERASING)
    who = await office.read(lambda connection: _may_go(connection, code, order, office.clock()))
    await _leave_snapshots(office, who)

    async def work(connection: Connection) -> int:
        now = office.clock()
        found = await _may_go(connection, code, order, now)
        rows = await erasures.forget(connection, found)
        await journal.append(connection, [_entry(office, order, rows, now)])
        return rows

    return await office.transact(work)


async def _may_go(connection: Connection, code: str, order: Order, at: datetime) -> Bearer:
    who = await erasures.bearer(connection, code)
    if who is None:
        raise Refused(NOBODY_THERE)
    over = KEPT.until(who.received_at.astimezone(JST).date()) <= at.astimezone(JST).date()
    if order.order is None and not (who.state in _GONE and over):
        raise Refused(STILL_KEPT)
    if await erasures.waits(connection, who):
        raise Overtaken("a notice about this person is not in the journal yet; try again in a second")
    return who


async def _leave_snapshots(office: Office, who: Bearer) -> None:
    """Out of every generation of the snapshot; what replaces them has transactions of its own."""
    codes = [int(code) for code in who.codes]
    async with office.pool.connection() as connection:
        await snapshot.erase(connection, office.settings.snapshot_folder, codes)


def _entry(office: Office, order: Order, rows: int, at: datetime) -> journal.Entry:
    said = {
        "notices": rows,
        "office": order.by.office,
        "operator": order.by.operator,
        "order": order.order,
        "reason": order.reason,
        "terminal": order.by.terminal,
        "time": leaf_time(at),
    }
    payload = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return journal.Entry(
        kind=FORGOTTEN, recorded_at=at, payload=payload, salt=office.entropy(journal.SALT_SIZE)
    )
