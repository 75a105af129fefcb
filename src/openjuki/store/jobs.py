# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Requests for provision in bulk at their provider (一括提供の受付), and what was answered to them, part by part.

A part is recorded (`openjuki.store.parts`) and becomes an answer here in one transaction: what is no row of
``bulk_answer`` cannot be pulled, and what is one has its row in the journal. Keys are in no table, and answers neither:
they lie in files, sealed, and a row holds what opens them until their asker has said that they have arrived.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from psycopg.types.json import Jsonb

from openjuki.refusal import Refusal
from openjuki.residents.look_up import Result
from openjuki.store.database import queries
from openjuki.wire.bulk import BulkRequest, Progress, Standing, write_counts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from openjuki.store.database import Connection
    from openjuki.wire.answered import ReceiptedPart

_SQL = queries("jobs")


class Name(NamedTuple):
    """Which request: an asker draws its ids by itself, so that two askers may draw the same."""

    asker: str
    request: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A request whose turn has come (処理を待つ求め)."""

    name: Name
    request: BulkRequest
    accepted_at: datetime
    #: The part that is next.
    number: int


class Known(NamedTuple):
    """A request that was taken (受け付けた求め)."""

    #: SHA-256 of its body.
    digest: bytes
    progress: Progress


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A part of an answer (分割ごとの回答)."""

    number: int
    #: Its number in the provider's log (`openjuki.store.parts`).
    part: int
    #: The signed documents.
    manifest: bytes
    promise: bytes
    #: Opens its file.
    key: bytes = field(repr=False)
    asked: int
    results: Mapping[Result, int]
    at: datetime


class Recorded(NamedTuple):
    """A part as it is shown to its asker."""

    manifest: bytes
    promise: bytes
    #: None: it has arrived, or nobody came for it.
    key: bytes | None
    #: The journal's row.
    payload: bytes
    salt: bytes


class Listed(NamedTuple):
    """A request in the provider's list (一括提供の一覧)."""

    asker: str
    request: str
    affair: str
    office: str
    operator: str
    method: str
    kind: str
    rows: int
    parts: int
    accepted_at: datetime
    standing: str
    rule: str | None
    code: str | None
    finished_at: datetime | None
    answered: int
    receipted: int


class Outstanding(NamedTuple):
    """Parts that an asker has not receipted (受領未確認の分割)."""

    asker: str
    request: str
    parts: int
    rows: int
    since: datetime
    numbers: list[int]


async def take(
    connection: Connection,
    asker: str,
    request: BulkRequest,
    digest: bytes,
    refusal: Refusal | None,
    at: datetime,
) -> bool:
    """Take a request in, accepted or refused; False where one of this name is known."""
    values = {
        "asker": asker,
        "request": request.id,
        "digest": digest,
        "body": None if refusal else request.to_bytes(),
        "affair": request.affair,
        "office": request.office,
        "operator": request.operator,
        "method": request.method.value,
        "kind": request.kind.value,
        "rows": request.rows,
        "parts": len(request.parts),
        "at": at,
        "standing": (Standing.REFUSED if refusal else Standing.WAITING).value,
        "refusal": None if refusal is None else Jsonb(refusal.to_dict()),
        "finished_at": at if refusal else None,
    }
    cursor = await connection.execute(_SQL["take"], values)
    return await cursor.fetchone() is not None


async def find(connection: Connection, name: Name) -> Known | None:
    """A request, and how far it is."""
    cursor = await connection.execute(_SQL["find"], name._asdict())
    row = await cursor.fetchone()
    if row is None:
        return None
    digest, standing, parts, refusal, code, answered, receipted, results = row
    progress = Progress(
        request=name.request,
        standing=Standing(standing),
        parts=parts,
        answered=answered,
        receipted=receipted,
        results=_summed(results),
        refusal=refusal and Refusal.from_dict(refusal),
        code=code,
    )
    return Known(digest, progress)


async def due(connection: Connection, at: datetime, limit: int) -> list[Due]:
    """The requests whose turn has come, those first whose turn was longest ago."""
    cursor = await connection.execute(_SQL["due"], {"at": at, "limit": limit})
    return [
        Due(
            name=Name(asker, request),
            request=BulkRequest.from_bytes(body),
            accepted_at=accepted_at,
            number=number,
        )
        for asker, request, body, accepted_at, number in await cursor.fetchall()
    ]


async def hold(connection: Connection, name: Name) -> bool:
    """Lock a request that goes on until the transaction ends; False where it has ended."""
    cursor = await connection.execute(_SQL["hold"], name._asdict())
    return await cursor.fetchone() is not None


async def stand(
    connection: Connection,
    name: Name,
    standing: Standing,
    *,
    at: datetime,
    code: str | None = None,
    again: datetime | None = None,
) -> bool:
    """Say where a request stands, and when its turn comes again; False where it had ended already."""
    values = {
        **name._asdict(),
        "standing": standing.value,
        "code": code,
        "turn_at": again or at,
        "finished_at": at if standing.is_final else None,
    }
    cursor = await connection.execute(_SQL["stand"], values)
    return await cursor.fetchone() is not None


async def answer(connection: Connection, name: Name, one: Answer) -> None:
    """A part is recorded: from the end of the transaction on it can be pulled."""
    values = {
        **name._asdict(),
        "number": one.number,
        "part": one.part,
        "manifest": one.manifest,
        "promise": one.promise,
        "key": one.key,
        "asked": one.asked,
        "results": Jsonb(write_counts(one.results)),
        "at": one.at,
    }
    await connection.execute(_SQL["answer"], values)


async def answered(connection: Connection, name: Name, number: int) -> Recorded | None:
    """A part that is recorded; None where it is not."""
    cursor = await connection.execute(_SQL["answered"], {**name._asdict(), "number": number})
    row = await cursor.fetchone()
    return None if row is None else Recorded(*row)


async def place(connection: Connection, name: Name, number: int) -> bytes | None:
    """By what the file of a part is named; None where it cannot be pulled: not yet, or not any more."""
    cursor = await connection.execute(_SQL["place"], {**name._asdict(), "number": number})
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def receipted(
    connection: Connection, name: Name, parts: Sequence[ReceiptedPart], at: datetime
) -> list[bytes]:
    """Parts have arrived; by what their files were named, of those that nobody had receipted before."""
    values = {
        **name._asdict(),
        "numbers": [one.part for one in parts],
        "digests": [one.manifest for one in parts],
        "at": at,
    }
    cursor = await connection.execute(_SQL["receipted"], values)
    return [commitment for (commitment,) in await cursor.fetchall()]


async def forget(connection: Connection) -> list[Name]:
    """Let go of what opens the keys of requests that have ended, and of which nothing is left to be pulled."""
    cursor = await connection.execute(_SQL["forget"])
    return [Name(*row) for row in await cursor.fetchall()]


async def abandon(connection: Connection, before: datetime, at: datetime) -> int:
    """Give up what was accepted before a time and has not gone on since, and what nobody has come for."""
    await connection.execute(_SQL["abandoned"], {"before": before, "at": at})
    cursor = await connection.execute(_SQL["expire"], {"before": before})
    return cursor.rowcount


async def kept(connection: Connection) -> set[bytes]:
    """By what the files are named that are still needed."""
    cursor = await connection.execute(_SQL["kept"])
    return {commitment for (commitment,) in await cursor.fetchall()}


async def listed(connection: Connection, *, still_open: bool, limit: int) -> list[Listed]:
    """Requests, the latest first; only those that go on, where that is wanted."""
    cursor = await connection.execute(_SQL["all"], {"open": still_open, "limit": limit})
    return [Listed(*row) for row in await cursor.fetchall()]


async def outstanding(connection: Connection, provider: str, before: datetime) -> list[Outstanding]:
    """Parts that were provided before a time and not receipted; who has waited longest first."""
    cursor = await connection.execute(_SQL["outstanding"], {"provider": provider, "before": before})
    return [Outstanding(*row) for row in await cursor.fetchall()]


async def waiting_since(connection: Connection) -> datetime | None:
    """When the oldest row was recorded that is not in the journal yet; None where there is none."""
    cursor = await connection.execute(_SQL["waiting_since"])
    row = await cursor.fetchone()
    oldest: datetime | None = row[0] if row else None
    return oldest


def _summed(results: Sequence[Mapping[str, int]]) -> dict[Result, int]:
    found = {result for one in results for result in one}
    return {Result(result): sum(one.get(result, 0) for one in results) for result in sorted(found)}
