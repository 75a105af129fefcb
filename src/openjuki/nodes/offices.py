# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Offices, operators and terminals are added and closed, affairs granted and withdrawn (操作者の管理, 法36条の2).

Each of these commits together with its row in the journal: who could act where and when, and for which
affair, can be shown for as long as the journal lasts. What ends, ends now or later, never in the past.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import orjson

from openjuki.config import Kind
from openjuki.errors import BadInput, Refused
from openjuki.law import refusals
from openjuki.law.decision import in_force
from openjuki.nodes.statutes import statute_book
from openjuki.refusal import Refusal, Where
from openjuki.store import journal, offices

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection

ID_GIVEN_ONCE: Final = Refusal(
    code="JK-OFFICE-0006",
    rule="id-given-once",
    article="法36条の2第1項",
    message_ja="この番号は既に使われています。記録が残るため、同じ番号をもう一度使うことはできません。",
    message_en="The id is taken; the journal names it, so it is never given again.",
)
UNKNOWN_OFFICE: Final = Refusal(
    code="JK-OFFICE-0007",
    rule="office-known",
    article=None,
    message_ja="登録されていない部署です。",
    message_en="No such office is registered at this node.",
)
NOTHING_TO_CLOSE: Final = Refusal(
    code="JK-OFFICE-0008",
    rule="something-to-close",
    article=None,
    message_ja="登録されていないか、既に終了しています。",
    message_en="There is nothing of this id that could be closed then.",
)
AFFAIR_HELD_ALREADY: Final = Refusal(
    code="JK-OFFICE-0009",
    rule="affair-held-once",
    article=None,
    message_ja="この部署は既にこの事務を担当しています。",
    message_en="The office holds the affair already.",
)
AFFAIR_NOT_HELD: Final = Refusal(
    code="JK-OFFICE-0010",
    rule="affair-to-withdraw",
    article=None,
    message_ja="この部署はこの事務を担当していません。",
    message_en="The office does not hold the affair.",
)

#: Work that the law gives to a body itself and no table names: an office holds it like an affair.
OWN_WORK: Final[Mapping[str, frozenset[Kind]]] = {
    # 自己の本人確認情報の開示, 法30条の32
    "disclosure": frozenset((Kind.PREFECTURE, Kind.CENTRE)),
    # 保存期間の終わった提供の記録の消去
    "erasure": frozenset((Kind.PREFECTURE, Kind.CENTRE)),
    # 支援措置, 住民基本台帳事務処理要領
    "protection": frozenset((Kind.MUNICIPALITY,)),
}
#: The highest limit of persons a day, for a nation of 125 million.
MOST_PER_DAY: Final = 1_000_000_000
_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


async def add_office(node: Office, connection: Connection, office: str, name: str) -> None:
    """Add an office.

    Raises:
        BadInput: the id is not plain, or there is no name.
        Refused: the id is taken.
    """
    at = node.clock()
    new = offices.Office(id=plain_id(office, "id"), name=named(name))
    require(await offices.add_office(connection, new, at), ID_GIVEN_ONCE)
    await tell(node, connection, "office.added", at, office=new.id, name=new.name)


async def add_operator(
    node: Office,
    connection: Connection,
    operator: str,
    *,
    office: str,
    name: str,
    since: datetime | None = None,
    until: datetime | None = None,
) -> None:
    """Add an operator to an office, from now on unless another time is given.

    Raises:
        BadInput: as `add_office`, or a time that lies in the past, or an end before the beginning.
        Refused: the id is taken, or there is no such office.
    """
    at = node.clock()
    new = offices.Operator(
        id=plain_id(operator, "id"), office=office, name=named(name), since=since or at, until=until
    )
    ahead(new.since, at, "since")
    if until is not None:
        ahead(until, new.since, "until")
    await check_office(connection, office)
    require(await offices.add_operator(connection, new), ID_GIVEN_ONCE)
    times = {"since": new.since.isoformat(), "until": until and until.isoformat()}
    await tell(node, connection, "operator.added", at, operator=new.id, office=office, name=new.name, **times)


async def add_terminal(node: Office, connection: Connection, terminal: str, *, office: str) -> None:
    """Add a terminal to an office.

    Raises:
        BadInput, Refused: as `add_operator`.
    """
    at = node.clock()
    new = offices.Terminal(id=plain_id(terminal, "id"), office=office, since=at)
    await check_office(connection, office)
    require(await offices.add_terminal(connection, new), ID_GIVEN_ONCE)
    await tell(node, connection, "terminal.added", at, terminal=new.id, office=office)


async def close_operator(
    node: Office, connection: Connection, operator: str, until: datetime | None = None
) -> None:
    """End an operator's time, now unless a later time is given.

    Raises:
        BadInput: the time lies in the past.
        Refused: there is no such operator, or their time is over by then.
    """
    at = node.clock()
    end = until or at
    ahead(end, at, "until")
    require(await offices.close_operator(connection, operator, end), NOTHING_TO_CLOSE)
    await tell(node, connection, "operator.closed", at, operator=operator, until=end.isoformat())


async def close_terminal(node: Office, connection: Connection, terminal: str) -> None:
    """Close a terminal.

    Raises:
        Refused: there is no such terminal, or it is closed.
    """
    at = node.clock()
    require(await offices.close_terminal(connection, terminal, at), NOTHING_TO_CLOSE)
    await tell(node, connection, "terminal.closed", at, terminal=terminal)


async def grant_affair(
    node: Office, connection: Connection, office: str, affair: str, per_day: int | None = None
) -> None:
    """Let an office hold an affair for which the law names this body, about so many persons a day at most.

    Raises:
        BadInput: the limit lets nobody be asked about.
        Refused: the law says no, there is no such office, or it holds the affair.
    """
    at = node.clock()
    limit = {} if per_day is None else {"per_day": _most(per_day)}
    _check_law(node, affair, at)
    await check_office(connection, office)
    require(await offices.grant_affair(connection, office, affair, at, per_day), AFFAIR_HELD_ALREADY)
    await tell(node, connection, "affair.granted", at, office=office, affair=affair, **limit)


async def withdraw_affair(node: Office, connection: Connection, office: str, affair: str) -> None:
    """Take an affair from an office.

    Raises:
        Refused: the office does not hold it.
    """
    at = node.clock()
    require(await offices.withdraw_affair(connection, office, affair, at), AFFAIR_NOT_HELD)
    await tell(node, connection, "affair.withdrawn", at, office=office, affair=affair)


def _check_law(node: Office, affair: str, at: datetime) -> None:
    """Whether the law names this body for the affair: a prefecture's tax office, its governor's affairs."""
    if affair in OWN_WORK:
        require(node.settings.kind in OWN_WORK[affair], refusals.RECIPIENT_NOT_LISTED)
        return
    book = statute_book(node)
    text = in_force(affair, book, at)
    if isinstance(text, Refusal):
        raise Refused(text)
    kind, listed = node.settings.kind, node.directory.nodes[node.id]
    body = book.body(node.id, kind, listed.prefecture)
    require(text.is_for(kind, body), refusals.RECIPIENT_NOT_LISTED)


async def check_office(connection: Connection, office: str) -> None:
    """Refuse an office that nobody registered.

    Raises:
        Refused: nobody did.
    """
    known = {one.id for one in await offices.offices(connection)}
    if office not in known:
        raise Refused(UNKNOWN_OFFICE, where=Where(column="office"))


def require(condition: bool, refusal: Refusal) -> None:  # noqa: FBT001 - reads as a sentence
    """Refuse unless a condition holds.

    Raises:
        Refused: it does not.
    """
    if not condition:
        raise Refused(refusal)


def plain_id(text: str, column: str) -> str:
    """Read an id that is to be given.

    Raises:
        BadInput: it is not plain; `where` names the column.
    """
    if not _ID.fullmatch(text):
        message = "an id is letters, figures, dots, dashes and underlines, 64 at most, and begins with a letter or figure"
        raise BadInput(message, where=Where(column=column))
    return text


def named(text: str) -> str:
    """Read a name that people read.

    Raises:
        BadInput: there is none.
    """
    if not text.strip():
        raise BadInput("a name is missing", where=Where(column="name"))
    return text.strip()


def _most(per_day: int) -> int:
    if not 1 <= per_day <= MOST_PER_DAY:
        raise BadInput(
            f"a limit lies between 1 and {MOST_PER_DAY} persons a day", where=Where(column="per-day")
        )
    return per_day


def ahead(moment: datetime, after: datetime, column: str) -> None:
    """Refuse a moment that lies before another.

    Raises:
        BadInput: it does; `where` names the column.
    """
    if moment < after:
        raise BadInput("the time lies in the past, or ends before it begins", where=Where(column=column))


async def tell(node: Office, connection: Connection, kind: str, at: datetime, **items: Any) -> None:
    """Put a row in the journal that says what was changed about who may act."""
    payload = orjson.dumps(items, option=orjson.OPT_SORT_KEYS)
    salt = node.entropy(journal.SALT_SIZE)
    entry = journal.Entry(kind=kind, recorded_at=at, payload=payload, salt=salt)
    await journal.append(connection, [entry])
