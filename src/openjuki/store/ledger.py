# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The ledger (照会台帳): what a node's offices asked of providers, and what they were answered.

A line is written before anything leaves the node, its answer before anything is shown, and neither is changed
afterwards; what was asked and never answered stands there as such. A line is one request, be it about one
person or a hundred. The provider's promises stand beside, one for each envelope.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from openjuki.store.database import copy_rows, queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("ledger")
_LINE: Final = ("text", "timestamptz", *("text",) * 7, "bool", "text[]", "int4", "bytea", "bytea")
_ANSWER: Final = ("text", "timestamptz", "text", *("text[]",) * 3, "bytea", "bytea")
#: Random bytes of a line's id, behind its time.
ID_ENTROPY: Final = 10
#: No file takes longer to be read.
_READ_WITHIN: Final = timedelta(days=1)


class Asked(NamedTuple):
    """What is about to be asked, or was refused at home (照会台帳の記入); in the order of the table."""

    id: str
    at: datetime
    office: str
    operator: str
    terminal: str
    affair: str
    reason: str
    what: str
    method: str
    history: bool
    #: The items by which it is asked.
    keys: list[str]
    #: Questions that leave the node.
    persons: int
    #: Hides the content in its digest.
    salt: bytes
    #: Everything that the line says, with the questions, as canonical JSON.
    content: bytes


class Answered(NamedTuple):
    """What came back (回答の記入); in the order of the table."""

    line: str
    at: datetime
    #: Of the error, where no answer may be believed.
    code: str | None
    #: For each question.
    results: list[str]
    articles: list[str]
    #: Who was asked, and through whom.
    routes: list[str]
    salt: bytes
    #: For each question what was shown, and what each provider promised to have recorded, as canonical JSON.
    content: bytes


class Envelope(NamedTuple):
    """An envelope that was answered (回答を受けた電文)."""

    id: str
    provider: str
    through: str | None
    #: When the provider recorded it.
    told_at: datetime
    received_at: datetime
    #: The signed document.
    promise: bytes
    receipted_at: datetime | None = None
    proved_at: datetime | None = None
    #: What the promised row of the provider's journal commits to; of a part it is kept with the part.
    salt: bytes | None = None
    payload: bytes | None = None
    #: The leaves under the root in that payload, one after the other: the rows of the questions.
    leaves: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line of the ledger (照会台帳の行)."""

    id: str
    asked_at: datetime
    office: str
    operator: str
    terminal: str
    affair: str
    reason: str
    what: str
    method: str
    history: bool
    #: The items by which it was asked.
    keys: tuple[str, ...]
    #: Questions that left the node.
    persons: int
    #: None: nothing came back.
    answered_at: datetime | None
    #: Of the error, where no answer could be believed.
    code: str | None
    #: For each question.
    results: tuple[str, ...]
    articles: tuple[str, ...]
    #: Who was asked, and through whom.
    routes: tuple[str, ...]
    #: What was asked; of a line that is read as a whole.
    questions: tuple[Mapping[str, Any], ...] = ()
    #: What was shown for each question, likewise; None: nothing.
    answers: tuple[Mapping[str, Any] | None, ...] = ()
    #: For each question, what each provider promised to have recorded, likewise.
    told: tuple[Sequence[Mapping[str, Any]], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """JSON form of everything but what it is about."""
        return {
            "id": self.id,
            "asked_at": self.asked_at.isoformat(),
            "office": self.office,
            "operator": self.operator,
            "terminal": self.terminal,
            "affair": self.affair,
            "reason": self.reason,
            "what": self.what,
            "method": self.method,
            "history": self.history,
            "keys": self.keys,
            "persons": self.persons,
            "answered_at": self.answered_at and self.answered_at.isoformat(),
            "code": self.code,
            "results": self.results,
            "articles": self.articles,
            "routes": self.routes,
        }


def line_id(at: datetime, entropy: bytes = b"") -> str:
    """Id of a line: its time in milliseconds, and random digits; without these, what all ids of that moment follow.

    >>> from datetime import UTC, datetime
    >>> line_id(datetime(2026, 11, 22, tzinfo=UTC), bytes(10))
    '01a2008d740000000000000000000000'
    """
    return f"{int(at.timestamp() * 1000):012x}{entropy.hex()}"


async def ask(connection: Connection, lines: Iterable[Asked]) -> None:
    """Write lines, before anything of them leaves the node."""
    await copy_rows(connection, _SQL["ask"], _LINE, lines)


async def answer(connection: Connection, answers: Sequence[Answered]) -> None:
    """Write answers, before anything of them is shown."""
    if answers:
        await copy_rows(connection, _SQL["answer"], _ANSWER, answers)


async def keep(connection: Connection, envelopes: Iterable[Envelope]) -> None:
    """Keep the promises of envelopes: rarely more than one or two, and long."""
    for envelope in envelopes:
        await connection.execute(_SQL["keep"], envelope._asdict())


async def asked_since(
    connection: Connection, limited: Sequence[tuple[str, str]], since: datetime
) -> dict[tuple[str, str], int]:
    """About how many persons offices asked for affairs; whoever counts next waits for this transaction to end."""
    values: dict[str, object] = {"offices": [office for office, _ in limited]}
    values["affairs"] = [affair for _, affair in limited]
    await connection.execute(_SQL["hold"], values)
    # a line is named when its file begins to be read, and asked when that is done
    values |= {"at": since, "since": line_id(since), "read_since": line_id(since - _READ_WITHIN)}
    cursor = await connection.execute(_SQL["asked_since"], values)
    return {(office, affair): count for office, affair, count in await cursor.fetchall()}


async def search(
    connection: Connection,
    *,
    office: str | None = None,
    affair: str | None = None,
    operator: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: str | None = None,
    limit: int = 100,
) -> list[Line]:
    """Lines of the ledger, newest first, without what they are about; `before` is the id of the last one seen."""
    values = {
        "office": office,
        "affair": affair,
        "operator": operator,
        "since": since and line_id(since),
        "until": until and line_id(until),
        "before": before,
        "limit": limit,
    }
    cursor = await connection.execute(_SQL["search"], values)
    return [_line(row) for row in await cursor.fetchall()]


async def line(connection: Connection, id: str) -> Line | None:  # noqa: A002 - the word of the ledger
    """A line as a whole; None: there is none."""
    return (await lines(connection, [id])).get(id)


async def lines(connection: Connection, ids: Sequence[str]) -> dict[str, Line]:
    """Lines as a whole, by their ids."""
    cursor = await connection.execute(_SQL["lines"], {"ids": list(ids)})
    return {row[0]: _line(row[:-2], *row[-2:]) for row in await cursor.fetchall()}


async def envelopes(connection: Connection, ids: Sequence[str]) -> dict[str, Envelope]:
    """Envelopes as they were kept, by their ids."""
    cursor = await connection.execute(_SQL["envelopes"], {"ids": list(ids)})
    return {row[0]: Envelope(*row) for row in await cursor.fetchall()}


def _line(row: Sequence[Any], asked: bytes = b'{"questions":[]}', answered: bytes | None = None) -> Line:
    id_, asked_at, office, operator, terminal, affair, reason, what, method, history, keys, persons, *came = (
        row
    )
    answered_at, code, results, articles, routes = came
    content = orjson.loads(answered or b'{"answered":[],"envelopes":{}}')
    return Line(
        id=id_,
        asked_at=asked_at,
        office=office,
        operator=operator,
        terminal=terminal,
        affair=affair,
        reason=reason,
        what=what,
        method=method,
        history=history,
        keys=tuple(keys),
        persons=persons,
        answered_at=answered_at,
        code=code,
        results=tuple(results),
        articles=tuple(articles),
        routes=tuple(routes),
        questions=tuple(orjson.loads(asked)["questions"]),
        answers=tuple(one["answer"] for one in content["answered"]),
        told=tuple(_told(one, content["envelopes"]) for one in content["answered"]),
    )


def _told(answered: Mapping[str, Any], envelopes: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """What each provider told of a question: which it was, and what its answer says, stand there once."""
    return [_whole(one, one["answer"] or answered["answer"], envelopes) for one in answered["told"]]


def _whole(
    told: Mapping[str, Any], answer: Mapping[str, Any], envelopes: Mapping[str, Any]
) -> dict[str, Any]:
    said = {name: answer[name] for name in ("articles", "count", "result")}
    return {**told, **said, **envelopes[told["envelope"]]}
