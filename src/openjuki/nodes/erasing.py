# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Erasing the record of a provision (提供の記録の消去): one row, wherever it says who was told about.

Rules of this file:

1. A record is erased when its time is over, or where somebody who may order it has ordered it before; why, and by whom,
   is in the journal.
2. What is erased is about whom the row was: of an online provision the payload, its salt and the person; of a part the
   row, its salt, and its entry in the index. The leaf stays, and so does everything that counts: to whom, for what,
   under which article.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from openjuki.config import JST
from openjuki.errors import Refused
from openjuki.nodes.statutes import statute_book
from openjuki.refusal import Refusal
from openjuki.store import buckets, erasures, journal, parts
from openjuki.store.erasures import Erasure
from openjuki.wire.leaf import leaf_time

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing

#: Kind of the journal's row.
ERASED: Final = "provision.erased"
#: The work that an office must hold.
WORK: Final = "erasure"

NOT_ERASING: Final = Refusal(
    code="JK-ERASURE-0001",
    rule="office-erases",
    article="法36条の2第1項",
    message_ja="この部署は記録の消去の事務（erasure）を担当していません。管理者に相談してください。",
    message_en="The office does not hold the work of erasure; the administrator grants it.",
)
STILL_KEPT: Final = Refusal(
    code="JK-ERASURE-0002",
    rule="retention-over",
    article=None,
    message_ja="この提供の記録の保存期間は終わっていません。命令等がある場合は、その番号を --order に指定してください。",
    message_en="The record is still to be kept; where its erasure was ordered, name the order with --order.",
)
NOTHING_THERE: Final = Refusal(
    code="JK-ERASURE-0003",
    rule="something-to-erase",
    article=None,
    message_ja="消去する行がありません。番号が違うか、すでに消去されています。",
    message_en="There is no such row of a provision, or it was erased before.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """Why a row is erased, and by whom (消去の決定)."""

    by: Standing
    reason: str
    #: Number of a decision by which it is erased before its time is over.
    order: str | None = None


@dataclass(frozen=True, slots=True)
class LogRow:
    """A row of the log (提供の記録の行), by the numbers that its proof has."""

    #: Place in the journal of the envelope or the part.
    index: int
    #: Place of the question in its envelope, or row of the part, from 0.
    row: int


async def erase(office: Office, connection: Connection, which: LogRow, order: Order) -> Erasure:
    """Erase a row, in the caller's transaction (提供の記録の消去).

    Raises:
        Refused: the office does not erase, there is no such row, or it is still to be kept.
    """
    if not order.by.holds(WORK):
        raise Refused(NOT_ERASING)
    now = office.clock()
    held = await _held(connection, which)
    if held is None:
        raise Refused(NOTHING_THERE)
    until = statute_book(office).retention(held.retention).until(held.at.astimezone(JST).date())
    if order.order is None and now.date() < until:
        raise Refused(STILL_KEPT)
    if held.in_bulk:
        gone = await buckets.erase(connection, held.number, which.row, now, office.entropy)
    else:
        gone = await erasures.erase_online(connection, held.number, which.row)
    if not gone:
        raise Refused(NOTHING_THERE)
    await erasures.note(connection, held.erasure, now)
    await journal.append(connection, [_entry(office, held.erasure, order, now)])
    return held.erasure


class _Held(NamedTuple):
    """What is to be erased (消去の対象)."""

    #: Of the envelope or the part, at this node.
    number: int
    erasure: Erasure
    #: When it was provided, and how long that is kept.
    at: datetime
    retention: str

    @property
    def in_bulk(self) -> bool:
        return self.erasure.in_bulk


async def _held(connection: Connection, which: LogRow) -> _Held | None:
    online = await erasures.online(connection, which.index, which.row)
    if online is not None:
        return _Held(*online)
    at = await erasures.part_at(connection, which.index)
    if at is None:
        return None
    number, committed = at
    part = (await parts.read(connection, [number]))[number]
    erasure = Erasure(committed, which.row, in_bulk=True, asker=part.asker, envelope=part.request)
    return _Held(number, erasure, part.at, part.retention)


def _entry(office: Office, erasure: Erasure, order: Order, at: datetime) -> journal.Entry:
    said: dict[str, Any] = {
        **erasure.to_dict(),
        "office": order.by.office,
        "operator": order.by.operator,
        "order": order.order,
        "reason": order.reason,
        "terminal": order.by.terminal,
        "time": leaf_time(at),
    }
    payload = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return journal.Entry(kind=ERASED, recorded_at=at, payload=payload, salt=office.entropy(journal.SALT_SIZE))
