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
    from collections.abc import Mapping

    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection
    from openjuki.store.offices import Standing

#: What each alarm says, in Japanese and English (警報の種類).
SAID: Final[Mapping[str, tuple[str, str]]] = {
    "anothers_number": ("コード又は番号が別の人のもの", "A code or number is another person's"),
    "batch-refused": ("市町村の通知の束を受け付けられない", "A batch of a town's notices cannot be taken in"),
    "birth_date_differs": ("前の居住と生年月日が不一致", "The birth date is not that of the stay before"),
    "code-stock-low": ("住民票コードの残りが少ない", "Few codes are left to give out"),
    "code_differs": ("前の居住と住民票コードが不一致", "The code is not that of the stay before"),
    "cosign-refused": ("立会いの拒否", "Cosigning refused"),
    "cosignature-missing": ("立会署名の途絶", "Cosignatures missing"),
    "entered_after_death": ("死亡後の住民票の記載", "Entered after death"),
    "journal-damaged": ("記録簿の損傷", "Journal damaged"),
    "journal-forked": ("記録簿の分岐", "Journal forked"),
    "letter-refused": (
        "市町村間の通知が台帳に合わない",
        "A letter of another town does not fit the register",
    ),
    "link-stopped": ("通知経路の停止", "Link stopped"),
    "log-not-extended": ("記録簿が署名済みの続きでない", "Journal no longer extends what was signed"),
    "number_differs": ("前の居住と個人番号が不一致", "The number is not that of the stay before"),
    "predecessor_differs": ("前住所地の市町村が不一致", "The town named as the one before is another"),
    "predecessor_open": ("転出未処理", "The stay before is still open"),
    "promise-broken": ("記録の約束の不履行", "Promise not kept"),
    "provision-log-damaged": ("一括提供の記録の損傷", "Log of bulk provision damaged"),
    "relay-refused": ("市町村間の通知を中継できない", "A letter between towns cannot be passed on"),
    "sex_differs": ("前の居住と性別が不一致", "The sex is not that of the stay before"),
    "statute-book-unreadable": ("法令の台帳を読み込めない", "Statute book cannot be read"),
    "two_claims": ("二つの市町村が同じ居住を主張", "Two towns claim one stay"),
}

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
