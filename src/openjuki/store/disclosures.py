# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What people are told about themselves (自己の本人確認情報の開示, 法30条の32), and their requests to be told.

What the law forbids to confirm is left out by the statement that finds the lines: nothing above ever sees it, and
no count, number or page can tell it from what never was.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from psycopg.types.json import Json

from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from openjuki.store.database import Connection

_SQL = queries("disclosures")
#: How long question and document of a request are kept after it was decided (our own definition).
KEPT: Final = timedelta(days=365)


class CodeHeld(NamedTuple):
    """A resident code that somebody has or had (住民票コードの履歴)."""

    resident_code: str
    since: datetime
    until: datetime | None


class TellingOf(NamedTuple):
    """A question by which somebody was told about a person (本人についての提供)."""

    #: The envelope it came in, by this book's own number, and its place there, from 0.
    envelope: int
    place: int
    #: What the envelope's row in the journal commits to.
    commitment: bytes
    at: datetime
    asker: str
    through: str | None
    affair: str
    method: str
    what: str
    keys: tuple[str, ...]
    result: str
    articles: tuple[str, ...]
    items: tuple[str, ...]
    #: Which of those told about this person was.
    number: int
    #: Of the digest by which the row names the person.
    salt: bytes
    #: Whether nobody else was told about.
    alone: bool
    #: What its own row commits to.
    row_salt: bytes
    row: bytes


class Opened(NamedTuple):
    """What a row of the journal commits to (記録の内容)."""

    salt: bytes
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Somebody's request to be told what is held about them (開示請求)."""

    id: str
    received_on: date
    #: The last of the thirty days (法30条の33第1項).
    due_on: date
    office: str
    #: 受付番号.
    reason: str
    #: Of `own` and `provisions`.
    wants: tuple[str, ...]
    #: `self`, `representative` or `delegate`.
    applicant: str
    #: By which papers the applicant was identified.
    identified_by: str
    #: Whether the applicant consents to another form than paper (法30条の32第2項ただし書).
    consents: bool
    #: `LookUp.to_dict()`; None where it was erased, or was not asked for.
    question: Mapping[str, Any] | None
    extended_to: date | None = None
    extended_for: str | None = None
    decided_at: datetime | None = None
    #: Code of the rule, where it was refused.
    refusal: str | None = None
    #: SHA-256 of the document.
    digest: bytes | None = None
    document: bytes | None = None

    @property
    def last_day(self) -> date:
        """The day by which it must be answered."""
        return self.extended_to or self.due_on


class Correction(NamedTuple):
    """Somebody's claim that what was disclosed is wrong (訂正等の申出, 法30条の35), and what was found."""

    number: int
    claimed_at: datetime
    claim: str | None
    found_at: datetime | None
    outcome: str | None
    finding: str | None


async def codes(connection: Connection, person: int) -> list[CodeHeld]:
    """Every resident code that a person has had, the present one last."""
    cursor = await connection.execute(_SQL["codes"], {"person": person})
    return [CodeHeld(*row) for row in await cursor.fetchall()]


async def provisions(connection: Connection, person: int, withheld: Collection[str]) -> list[TellingOf]:
    """What was told about a person, the newest first, without affairs and recipients that are not to be confirmed."""
    cursor = await connection.execute(_SQL["provisions"], {"person": person, "withheld": list(withheld)})
    found = map(TellingOf._make, await cursor.fetchall())
    return [
        one._replace(keys=tuple(one.keys), articles=tuple(one.articles), items=tuple(one.items))
        for one in found
    ]


async def leaves(connection: Connection, envelopes: Collection[int]) -> dict[int, list[bytes]]:
    """The leaves under the roots of envelopes, in their order; an envelope that lacks one between is left out."""
    cursor = await connection.execute(_SQL["leaves"], {"envelopes": list(envelopes)})
    return dict(await cursor.fetchall())


async def rows(connection: Connection, indexes: Collection[int]) -> dict[int, Opened]:
    """What rows of the journal about envelopes say."""
    cursor = await connection.execute(_SQL["rows"], {"indexes": list(indexes)})
    return {index: Opened(salt, payload) for index, salt, payload in await cursor.fetchall()}


async def receive(connection: Connection, request: Request) -> None:
    """Keep a request that has come."""
    values = {name: getattr(request, name) for name in _RECEIVED}
    as_sql = {"wants": list(request.wants), "question": Json(request.question)}
    await connection.execute(_SQL["receive"], values | as_sql)


async def find(connection: Connection, request: str) -> Request | None:
    """One request, held until the end of the transaction; None: there is none of this id."""
    row = await (await connection.execute(_SQL["find"], {"id": request})).fetchone()
    return None if row is None else _request(row)


async def requests(connection: Connection, *, office: str | None = None, limit: int = 1000) -> list[Request]:
    """Requests, of one office or of all, the most urgent first; without what was asked and answered."""
    cursor = await connection.execute(_SQL["requests"], {"office": office, "limit": limit})
    return [_request(row) for row in await cursor.fetchall()]


async def extend(connection: Connection, request: str, until: date, why: str) -> None:
    """Note that a request is answered later, and why."""
    await connection.execute(_SQL["extend"], {"id": request, "until": until, "why": why})


async def answer(connection: Connection, request: str, document: bytes, digest: bytes, at: datetime) -> None:
    """Keep what a request was answered with."""
    values = {"id": request, "document": document, "digest": digest, "at": at}
    await connection.execute(_SQL["answer"], values)


async def refuse(connection: Connection, request: str, refusal: str, at: datetime) -> None:
    """Note that a request was refused; what was asked is needed no more."""
    await connection.execute(_SQL["refuse"], {"id": request, "refusal": refusal, "at": at})


async def claim(connection: Connection, request: str, said: str, at: datetime) -> int:
    """Keep what somebody says is wrong; the number of the claim."""
    cursor = await connection.execute(_SQL["claim"], {"id": request, "claim": said, "at": at})
    (number,) = await cursor.fetchone() or (0,)
    return int(number)


async def found(
    connection: Connection, request: str, number: int, outcome: str, finding: str, at: datetime
) -> bool:
    """Keep what was found of a claim; False: there is none that waits."""
    values = {"id": request, "number": number, "outcome": outcome, "finding": finding, "at": at}
    return (await connection.execute(_SQL["found"], values)).rowcount == 1


async def corrections(connection: Connection, request: str) -> list[Correction]:
    """What was claimed of one disclosure, the first first."""
    cursor = await connection.execute(_SQL["corrections"], {"id": request})
    return [Correction(*row) for row in await cursor.fetchall()]


async def erase_old(connection: Connection, at: datetime) -> int:
    """Erase what was asked and answered long ago; returns of how many requests."""
    values = {"before": at - KEPT}
    await connection.execute(_SQL["erase_claims"], values)
    return (await connection.execute(_SQL["erase"], values)).rowcount


def _request(row: Sequence[Any]) -> Request:
    values = dict(zip(_COLUMNS, row, strict=True))
    return Request(**values | {"wants": tuple(values["wants"])})


_RECEIVED: Final = (
    *("id", "received_on", "due_on", "office", "reason", "wants", "applicant", "identified_by"),
    *("consents", "question"),
)
_COLUMNS: Final = (*_RECEIVED, "extended_to", "extended_for", "decided_at", "refusal", "digest", "document")
