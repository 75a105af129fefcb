# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a prefecture or the Centre has provided (本人確認情報の提供の記録): each question, and who was told about.

The journal's rows commit to the same and are there for whoever wants a proof; these tables are there for whoever
wants to know what was told about a person. Questions and persons are each written with one COPY for all that was
asked together, envelopes one by one: they are few.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openjuki.residents.look_up import Hit
from openjuki.store.database import copy_rows, queries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from openjuki.store.database import Connection

_SQL = queries("provisions")
_PROVISION = (
    *("bytea", "text", "text", "int2", "timestamptz", "text", "text", "text", "text", "text", "text"),
    *("text[]", "text", "text[]", "text[]", "text"),
)
_PERSON = ("bytea", "int2", "int8", "bytea")


class Envelope(NamedTuple):
    """An envelope of questions that was answered (提供の電文)."""

    asker: str
    #: Its id, drawn by the asker.
    id: str
    at: datetime
    questions: int


class Provision(NamedTuple):
    """A question and what was told (提供の記録)."""

    #: What its row in the journal commits to.
    commitment: bytes
    asker: str
    envelope: str
    #: Its place in the envelope, from 0.
    place: int
    at: datetime
    through: str | None
    affair: str
    office: str
    operator: str
    method: str
    what: str
    #: Items by which the person was looked for.
    keys: tuple[str, ...]
    result: str
    articles: tuple[str, ...]
    #: Items that were told.
    items: tuple[str, ...]
    retention: str


class PersonTold(NamedTuple):
    """Somebody who was told about (提供の対象)."""

    commitment: bytes
    #: Place in the answer, from 1: the number of a candidate.
    number: int
    person_id: int
    #: Of the digest by which the journal's row names the person.
    salt: bytes


class Tally(NamedTuple):
    """So many provisions of one day, alike (提供件数)."""

    #: In Japan.
    day: date
    affair: str
    #: The node that asked.
    recipient: str
    #: What carried them, at least one.
    articles: tuple[str, ...]
    method: str
    #: How many.
    provisions: int


class Offered(NamedTuple):
    """Somebody whom an earlier answer showed (候補)."""

    person_id: int
    asker: str
    affair: str
    #: By which items they were looked for then.
    keys: tuple[str, ...]


async def keep(
    connection: Connection,
    envelopes: Iterable[Envelope],
    provisions: Iterable[Provision],
    persons: Iterable[PersonTold],
) -> None:
    """Record what is about to be told, in the transaction of the journal's rows."""
    for envelope in envelopes:
        await connection.execute(_SQL["keep_envelope"], envelope._asdict())
    await copy_rows(connection, _SQL["keep_provisions"], _PROVISION, provisions)
    await copy_rows(connection, _SQL["keep_persons"], _PERSON, persons)


async def offered(
    connection: Connection, candidates: Sequence[tuple[bytes, int]]
) -> dict[tuple[bytes, int], Offered]:
    """Whom earlier answers showed, by the row's commitment and the candidate's number; nobody who was not shown."""
    values = {
        "commitments": [commitment for commitment, _ in candidates],
        "numbers": [number for _, number in candidates],
    }
    cursor = await connection.execute(_SQL["offered"], values)
    return {
        (commitment, number): Offered(person_id, asker, affair, tuple(keys))
        for commitment, number, person_id, asker, affair, keys in await cursor.fetchall()
    }


async def known(connection: Connection, persons: Sequence[int]) -> dict[int, Hit]:
    """Persons as the book has them now, by the ids that it gave them."""
    values = {"places": list(range(len(persons))), "persons": list(persons)}
    hits = map(Hit._make, await (await connection.execute(_SQL["known"], values)).fetchall())
    return {int(hit.holder): hit for hit in hits}


async def outstanding(connection: Connection, limit: int = 1000) -> list[Envelope]:
    """Envelopes whose answers nobody has confirmed to have received, the oldest first (受領未確認)."""
    cursor = await connection.execute(_SQL["outstanding"], {"limit": limit})
    return [Envelope(*row) for row in await cursor.fetchall()]


async def usage(
    connection: Connection, *, since: date | None = None, until: date | None = None
) -> list[Tally]:
    """How often was provided, the oldest day first: questions that were answered, whatever was found (利用件数).

    One at a time and in bulk alike; days are days in Japan, from the one to before the other.
    """
    cursor = await connection.execute(_SQL["usage"], {"since": since, "until": until})
    return [
        Tally(day, affair, recipient, tuple(articles), method, count)
        for day, affair, recipient, articles, method, count in await cursor.fetchall()
    ]
