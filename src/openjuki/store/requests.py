# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a node's offices ask in bulk (一括照会): how far each request is, and which parts of its answer have arrived.

Who asked what and why stands in the ledger, like everything that is asked (`store.ledger`); of the persons nothing
stands in either: keys and answers are files.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from psycopg.types.json import Jsonb

from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("requests")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A request in bulk as it is put down (一括照会の記入)."""

    #: Line of the ledger; the request is called so everywhere.
    line: str
    provider: str
    kind: str
    #: Name of the file of keys, without its folder, and what it is recognised by.
    file: str
    digest: bytes
    rows: int
    malformed: int
    duplicates: int
    parts: int
    #: Items that the own book lets be told.
    items: list[str]
    format: str
    encoding: str
    #: What goes to the provider; None: nothing does.
    body: bytes | None
    standing: str
    code: str | None = None
    refusal: Mapping[str, Any] | None = None
    ended_at: datetime | None = None


class Request(NamedTuple):
    """A request in bulk (一括照会), in the order of the columns."""

    id: str
    asked_at: datetime
    office: str
    operator: str
    affair: str
    reason: str
    method: str
    provider: str
    kind: str
    file: str
    rows: int
    malformed: int
    duplicates: int
    parts: int
    items: tuple[str, ...]
    format: str
    encoding: str
    standing: str
    #: Parts that the provider has recorded.
    answered: int
    code: str | None
    refusal: Mapping[str, Any] | None
    ended_at: datetime | None
    erased_at: datetime | None
    #: Parts that have arrived here, and that the provider knows to have arrived.
    received: int
    receipted: int

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        told = self._asdict()
        del told["items"]
        return told | {
            name: told[name] and told[name].isoformat() for name in ("asked_at", "ended_at", "erased_at")
        }


class Received(NamedTuple):
    """A part that has arrived (受領した分割)."""

    line: str
    part: int
    received_at: datetime
    #: The signed document.
    manifest: bytes
    #: Of the provider's row.
    payload: bytes
    salt: bytes
    results: Mapping[str, int]
    articles: Sequence[str]


async def add(connection: Connection, entered: Entered) -> None:
    """Put a request down, whose line is in the ledger."""
    refusal = None if entered.refusal is None else Jsonb(entered.refusal)
    await connection.execute(_SQL["add"], asdict(entered) | {"refusal": refusal})


async def find(connection: Connection, line: str) -> Request | None:
    """A request; None: there is none."""
    return next(iter(await search(connection, line=line, limit=1)), None)


async def search(
    connection: Connection,
    *,
    line: str | None = None,
    office: str | None = None,
    digest: bytes | None = None,
    only_open: bool = False,
    limit: int = 100,
) -> list[Request]:
    """Requests, newest first."""
    values = {"line": line, "office": office, "digest": digest, "open": only_open, "limit": limit}
    rows = await (await connection.execute(_SQL["find"], values)).fetchall()
    return [Request(*row)._replace(items=tuple(row[Request._fields.index("items")])) for row in rows]


async def results(connection: Connection, line: str) -> tuple[dict[str, int], tuple[str, ...]]:
    """How many rows of a request have arrived, by result, and under which articles."""
    rows = await (await connection.execute(_SQL["results"], {"line": line})).fetchall()
    counted: Counter[str] = Counter()
    for found, _ in rows:
        counted.update(found)
    articles = dict.fromkeys(article for _, named in rows for article in named)
    return dict(sorted(counted.items())), tuple(articles)


async def body(connection: Connection, line: str) -> bytes | None:
    """What goes to the provider; None: the request is over, or there is none."""
    row = await (await connection.execute(_SQL["body"], {"line": line})).fetchone()
    return None if row is None or row[0] is None else bytes(row[0])


async def hold(connection: Connection, line: str, by: str, at: datetime, until: datetime) -> bool:
    """Hold a request, to go on with it; False: it is over, or somebody else goes on with it."""
    values = {"line": line, "by": by, "at": at, "until": until}
    return (await connection.execute(_SQL["hold"], values)).rowcount == 1


async def let_go(connection: Connection, line: str, by: str) -> None:
    """Let a request go, for somebody else to go on with."""
    await connection.execute(_SQL["let_go"], {"line": line, "by": by})


async def go_on(connection: Connection, line: str, standing: str, answered: int, code: str | None) -> None:
    """Note how far the provider is."""
    values = {"line": line, "standing": standing, "answered": answered, "code": code}
    await connection.execute(_SQL["go_on"], values)


async def receive(connection: Connection, received: Received) -> bool:
    """Note that a part has arrived; False: that is known."""
    values = received._asdict() | {
        "results": Jsonb(received.results),
        "articles": list(received.articles),
    }
    return (await connection.execute(_SQL["receive"], values)).rowcount == 1


async def to_receipt(connection: Connection, line: str) -> list[tuple[int, bytes]]:
    """Parts of a request that its provider does not know to have arrived, with their signed manifests."""
    rows = await (await connection.execute(_SQL["to_receipt"], {"line": line})).fetchall()
    return [(part, bytes(manifest)) for part, manifest in rows]


async def manifests(connection: Connection, line: str) -> list[bytes]:
    """The signed manifests of the parts that have arrived, in their order."""
    rows = await (await connection.execute(_SQL["manifests"], {"line": line})).fetchall()
    return [bytes(manifest) for (manifest,) in rows]


async def arrived(connection: Connection, line: str) -> set[int]:
    """Which parts of a request have arrived."""
    rows = await (await connection.execute(_SQL["arrived"], {"line": line})).fetchall()
    return {part for (part,) in rows}


async def receipted(connection: Connection, line: str, parts: Sequence[int], at: datetime) -> None:
    """Note that the provider knows that these parts have arrived."""
    await connection.execute(_SQL["receipted"], {"line": line, "parts": list(parts), "at": at})


async def unreceipted(connection: Connection, limit: int = 100) -> list[str]:
    """Requests that are over and of which the provider does not know some part to have arrived."""
    rows = await (await connection.execute(_SQL["unreceipted"], {"limit": limit})).fetchall()
    return [line for (line,) in rows]


async def end(
    connection: Connection,
    line: str,
    standing: str,
    at: datetime,
    *,
    code: str | None = None,
    refusal: Mapping[str, Any] | None = None,
) -> bool:
    """Note that a request is over; False: it was before."""
    values = {
        "line": line,
        "standing": standing,
        "at": at,
        "code": code,
        "refusal": None if refusal is None else Jsonb(refusal),
    }
    return (await connection.execute(_SQL["end"], values)).rowcount == 1


async def erased(connection: Connection, line: str, at: datetime) -> None:
    """Note that the files of a request are gone."""
    await connection.execute(_SQL["erased"], {"line": line, "at": at})


async def kept(connection: Connection, before: datetime) -> list[str]:
    """Requests that were over before a time, and whose files are still there."""
    rows = await (await connection.execute(_SQL["kept"], {"before": before})).fetchall()
    return [line for (line,) in rows]
