# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whom a provider has told about, when, and to whom (提供の対象者と時期), as columns: one at a time and in bulk alike.

A year of a nation is more than fits into memory: who reads asks for one band of persons after the other, by what is
left of their codes after a division.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from openjuki.store import parts
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from datetime import datetime

    from numpy.typing import NDArray

    from openjuki.store.database import Connection

    type Numbers = NDArray[np.int64]
    type AsyncRows = AsyncIterator[tuple[Kind, Numbers, Numbers]]

_SQL = queries("tellings")
#: Persons told about that are read at once: some 600 MB while they are compared.
AT_ONCE: Final = 10_000_000


class Kind(NamedTuple):
    """What is told alike (提供の類型)."""

    asker: str
    affair: str
    #: The first of the articles that carried it.
    article: str
    method: str
    items: frozenset[str]


class Span(NamedTuple):
    """Of which time, and of which persons."""

    since: datetime
    until: datetime
    band: int = 0
    bands: int = 1


class Told(NamedTuple):
    """Who was told about (提供の対象者): a row each."""

    #: Resident codes, as numbers.
    codes: Numbers
    #: Seconds since 1970.
    at: Numbers
    #: Its place among the kinds.
    kinds: Numbers


class Changes(NamedTuple):
    """Whose record changed, and when (異動): a row each."""

    codes: Numbers
    at: Numbers


async def bands(connection: Connection, since: datetime, until: datetime, at_once: int = AT_ONCE) -> int:
    """Into how many bands persons are divided, for that time."""
    cursor = await connection.execute(_SQL["size"], {"since": since, "until": until})
    row = await cursor.fetchone()
    return 1 + int(row[0] if row else 0) // at_once


async def read(connection: Connection, span: Span) -> tuple[Told, list[Kind]]:
    """Who was told about, in no order; and the kinds that its rows name."""
    kinds: dict[Kind, int] = {}
    rows = [row async for row in _online(connection, span)]
    rows += [row async for row in _bulk(connection, span)]
    places = [kinds.setdefault(kind, len(kinds)) for kind, _, _ in rows]
    told = Told(
        _joined(codes for _, codes, _ in rows),
        _joined(at for _, _, at in rows),
        _joined(np.full(len(codes), place) for place, (_, codes, _) in zip(places, rows, strict=True)),
    )
    return told, list(kinds)


async def changes(connection: Connection, span: Span) -> Changes:
    """Whose record changed, in no order."""
    row = await (await connection.execute(_SQL["changes"], span._asdict())).fetchone()
    codes, at = row or (None, None)
    return Changes(_numbers(codes or b""), _numbers(at or b""))


async def _online(connection: Connection, span: Span) -> AsyncRows:
    cursor = await connection.execute(_SQL["online"], span._asdict(), binary=True)
    for asker, affair, article, method, items, codes, at in await cursor.fetchall():
        yield Kind(asker, affair, article, method, frozenset(items)), _numbers(codes), _numbers(at)


async def _bulk(connection: Connection, span: Span) -> AsyncRows:
    cursor = await connection.execute(_SQL["parts"], span._asdict())
    for part, asker, affair, article, method, items, at in await cursor.fetchall():
        codes = parts.codes(await parts.log(connection, part))
        codes = codes[(codes >= 0) & (codes % span.bands == span.band)]
        yield Kind(asker, affair, article, method, frozenset(items)), codes, np.full(len(codes), at)


def _numbers(sent: bytes) -> Numbers:
    """Numbers as the database sends them."""
    return np.frombuffer(sent, ">i8").astype(np.int64)


def _joined(columns: Iterable[Numbers]) -> Numbers:
    return np.concatenate([np.empty(0, np.int64), *columns]).astype(np.int64)
