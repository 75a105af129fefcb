# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Alarms are settled by somebody who has looked (警報の処理), and the journal says who, and why.

Most alarms end by themselves, when what they say is over. What goes on is raised again at the next look.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from openjuki.errors import BadInput, Refused
from openjuki.refusal import Refusal, Where
from openjuki.store import alarms, journal

if TYPE_CHECKING:
    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing

NOT_OPEN: Final = Refusal(
    code="JK-ALARM-0001",
    rule="alarm-open",
    article=None,
    message_ja="この番号の未対応の警報はありません。既に処理されたか、番号が違います。",
    message_en="No alarm of this number is open: it is settled already, or the number is another.",
)


async def settle(
    office: Office, connection: Connection, alarm: int, reason: str, by: Standing | None
) -> None:
    """Settle an alarm at which somebody has looked.

    Raises:
        BadInput: there is no reason.
        Refused: no such alarm is open.
    """
    if not reason.strip():
        raise BadInput("say what was found: an alarm is settled with a reason", where=Where(column="reason"))
    now = office.clock()
    standing = [one for one in await alarms.open_alarms(connection) if one.id == alarm]
    if not await alarms.settle(connection, [one.id for one in standing], now):
        raise Refused(NOT_OPEN)
    said = {
        "alarm": alarm,
        "kind": standing[0].kind,
        "operator": by and by.operator,
        "reason": reason.strip(),
        "terminal": by and by.terminal,
    }
    row = journal.Entry(
        kind="alarm.settled",
        recorded_at=now,
        payload=orjson.dumps(said, option=orjson.OPT_SORT_KEYS),
        salt=office.entropy(journal.SALT_SIZE),
    )
    await journal.append(connection, [row])
