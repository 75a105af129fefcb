# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who may act at a node (部署・操作者・端末): its offices, their operators and terminals, the affairs they hold.

Whoever acts is found before anything is done: a known operator, in time, at a terminal of the same
office. Nothing is deleted and no id is given twice, since the journal names them for years.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from openjuki.errors import Refused
from openjuki.refusal import Refusal
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("offices")

UNKNOWN_OPERATOR: Final = Refusal(
    code="JK-OFFICE-0001",
    rule="operator-known",
    article="法36条の2第1項",
    message_ja="登録されていない操作者です。",
    message_en="No such operator is registered at this node.",
)
OPERATOR_OUT_OF_TIME: Final = Refusal(
    code="JK-OFFICE-0002",
    rule="operator-in-time",
    article="法36条の2第1項",
    message_ja="この操作者は、現在は操作できません。期間が始まっていないか、終わっています。",
    message_en="The operator's time has not begun or is over.",
)
UNKNOWN_TERMINAL: Final = Refusal(
    code="JK-OFFICE-0003",
    rule="terminal-known",
    article="法36条の2第1項",
    message_ja="登録されていない端末です。",
    message_en="No such terminal is registered at this node.",
)
TERMINAL_OUT_OF_TIME: Final = Refusal(
    code="JK-OFFICE-0004",
    rule="terminal-in-time",
    article="法36条の2第1項",
    message_ja="この端末は、現在は使えません。",
    message_en="The terminal is closed.",
)
TERMINAL_OF_ANOTHER_OFFICE: Final = Refusal(
    code="JK-OFFICE-0005",
    rule="terminal-of-the-office",
    article="法36条の2第1項",
    message_ja="操作者の部署の端末ではありません。",
    message_en="The terminal belongs to another office than the operator.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An office within the node's organisation (部署)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """A person who acts for an office (操作者)."""

    id: str
    office: str
    name: str
    since: datetime
    #: The first moment at which the operator may no longer act.
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Terminal:
    """A machine at which an office's operators act (端末)."""

    id: str
    office: str
    since: datetime
    until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Somebody who may act (操作者の資格): who, where, for which office, and the affairs that it holds."""

    operator: str
    terminal: str
    office: str
    affairs: frozenset[str]
    #: About how many persons a day the office may ask, for affairs that have a limit.
    limits: Mapping[str, int] = field(default_factory=dict)

    def per_day(self, affair: str) -> int | None:
        """About how many persons a day the office may ask for the affair; None: nobody counts."""
        return self.limits.get(affair)

    def holds(self, affair: str) -> bool:
        """Whether the office holds the affair."""
        return affair in self.affairs


async def find(connection: Connection, operator: str, terminal: str, at: datetime) -> Standing:
    """Find an operator at a terminal.

    Raises:
        Refused: unknown, out of time, or the terminal is another office's.
    """
    (found,) = await find_all(connection, [(operator, terminal)], at)
    if isinstance(found, Refusal):
        raise Refused(found)
    return found


async def find_all(
    connection: Connection,
    asked: Sequence[tuple[str, str]],
    at: datetime,
    *,
    affairs: Collection[str] | None = None,
) -> list[Standing | Refusal]:
    """Find many operators at their terminals with one question; each is found or refused alone.

    Who asks about some affairs is told only which of these are held: an office may hold hundreds.
    """
    operators, terminals = [operator for operator, _ in asked], [terminal for _, terminal in asked]
    wanted = None if affairs is None else list(affairs)
    values = {"operators": operators, "terminals": terminals, "at": at, "affairs": wanted}
    rows = await (await connection.execute(_SQL["find"], values)).fetchall()
    return [_standing(*pair, row, at) for pair, row in zip(asked, rows, strict=True)]


def _standing(operator: str, terminal: str, row: Sequence[Any], at: datetime) -> Standing | Refusal:
    office, since, until, place, place_since, place_until, held = row
    if office is None:
        return UNKNOWN_OPERATOR
    if not _covers(since, until, at):
        return OPERATOR_OUT_OF_TIME
    if place is None:
        return UNKNOWN_TERMINAL
    if not _covers(place_since, place_until, at):
        return TERMINAL_OUT_OF_TIME
    if place != office:
        return TERMINAL_OF_ANOTHER_OFFICE
    return Standing(
        operator=operator,
        terminal=terminal,
        office=office,
        affairs=frozenset(held or ()),
        limits={affair: most for affair, most in (held or {}).items() if most is not None},
    )


def _covers(since: datetime, until: datetime | None, at: datetime) -> bool:
    return since <= at and (until is None or at < until)


async def add_office(connection: Connection, office: Office, at: datetime) -> bool:
    """Add an office; False: the id is taken."""
    return await _did(connection, "add_office", id=office.id, name=office.name, since=at)


async def add_operator(connection: Connection, operator: Operator) -> bool:
    """Add an operator; False: the id is taken."""
    return await _did(
        connection,
        "add_operator",
        id=operator.id,
        office=operator.office,
        name=operator.name,
        since=operator.since,
        until=operator.until,
    )


async def add_terminal(connection: Connection, terminal: Terminal) -> bool:
    """Add a terminal; False: the id is taken."""
    return await _did(
        connection, "add_terminal", id=terminal.id, office=terminal.office, since=terminal.since
    )


async def close_operator(connection: Connection, operator: str, at: datetime) -> bool:
    """End an operator's time; False: there is none whose time lasts longer."""
    return await _did(connection, "close_operator", id=operator, at=at)


async def close_terminal(connection: Connection, terminal: str, at: datetime) -> bool:
    """End a terminal's time; False: there is none whose time lasts longer."""
    return await _did(connection, "close_terminal", id=terminal, at=at)


async def grant_affair(
    connection: Connection, office: str, affair: str, at: datetime, per_day: int | None = None
) -> bool:
    """Let an office hold an affair, with a limit of persons a day where one is given; False: it does already."""
    return await _did(connection, "grant_affair", office=office, affair=affair, at=at, per_day=per_day)


async def withdraw_affair(connection: Connection, office: str, affair: str, at: datetime) -> bool:
    """Take an affair from an office; False: it does not hold it."""
    return await _did(connection, "withdraw_affair", office=office, affair=affair, at=at)


async def offices(connection: Connection) -> list[Office]:
    """Every office."""
    cursor = await connection.execute(_SQL["offices"])
    return [Office(id=id_, name=name) for id_, name in await cursor.fetchall()]


async def operators(connection: Connection) -> list[Operator]:
    """Every operator there ever was."""
    cursor = await connection.execute(_SQL["operators"])
    return [
        Operator(id=id_, office=office, name=name, since=since, until=until)
        for id_, office, name, since, until in await cursor.fetchall()
    ]


async def terminals(connection: Connection) -> list[Terminal]:
    """Every terminal there ever was."""
    cursor = await connection.execute(_SQL["terminals"])
    return [
        Terminal(id=id_, office=office, since=since, until=until)
        for id_, office, since, until in await cursor.fetchall()
    ]


async def held(connection: Connection, at: datetime) -> dict[str, dict[str, int | None]]:
    """The affairs that each office holds at a moment, in order, each with its limit of persons a day."""
    affairs: dict[str, dict[str, int | None]] = {}
    for office, affair, per_day in await (await connection.execute(_SQL["held"], {"at": at})).fetchall():
        affairs.setdefault(office, {})[affair] = per_day
    return affairs


async def _did(connection: Connection, statement: str, **values: Any) -> bool:
    return (await connection.execute(_SQL[statement], values)).rowcount == 1
