# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What happens after an answer (受領と約束の確認): the provider's record of receipts, and the asker's of what it still owes.

The provider's statements are about its envelopes and its journal, the asker's about its ledger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from openjuki.store.database import Connection
    from openjuki.wire.proving import Wanted

_SQL = queries("receipts")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A row of the provider's journal (提供の記録の葉)."""

    index: int
    leaf: bytes


class Promised(NamedTuple):
    """An envelope whose promise is still to be looked after (履行を確かめる約束)."""

    id: str
    told_at: datetime
    #: The signed document.
    promise: bytes


class Outstanding(NamedTuple):
    """What an asker has not receipted (受領未確認)."""

    asker: str
    envelopes: int
    questions: int
    #: When the oldest of them was answered.
    since: datetime
    #: Ids of the envelopes, the oldest first; of very many, the oldest thousand.
    ids: list[str]


async def receipted(connection: Connection, asker: str, envelopes: Collection[str], at: datetime) -> set[str]:
    """Note at the provider that answers have arrived; the ids of those that nobody had receipted before."""
    values = {"asker": asker, "envelopes": list(envelopes), "at": at}
    cursor = await connection.execute(_SQL["receipted"], values)
    return {envelope for (envelope,) in await cursor.fetchall()}


async def known(connection: Connection, asker: str, envelopes: Collection[str]) -> set[str]:
    """Which of an asker's envelopes the provider has answered."""
    cursor = await connection.execute(_SQL["known"], {"asker": asker, "envelopes": list(envelopes)})
    return {envelope for (envelope,) in await cursor.fetchall()}


async def outstanding(connection: Connection, provider: str, before: datetime) -> list[Outstanding]:
    """What a provider told others before a time and they have not receipted; who has waited longest first."""
    cursor = await connection.execute(_SQL["outstanding"], {"provider": provider, "before": before})
    return [Outstanding(*row) for row in await cursor.fetchall()]


async def leaves(connection: Connection, wanted: Sequence[Wanted]) -> dict[bytes, Leaf]:
    """Rows of what was provided in the provider's journal, by their commitments."""
    values = {"times": [one.time for one in wanted], "commitments": [one.commitment for one in wanted]}
    cursor = await connection.execute(_SQL["leaves"], values)
    return {commitment: Leaf(index, leaf) for commitment, index, leaf in await cursor.fetchall()}


async def to_receipt(connection: Connection, provider: str, limit: int) -> list[str]:
    """Envelopes whose answers are in the asker's ledger, and whose provider does not know yet."""
    cursor = await connection.execute(_SQL["to_receipt"], {"provider": provider, "limit": limit})
    return [envelope for (envelope,) in await cursor.fetchall()]


async def told(connection: Connection, envelopes: Collection[str], at: datetime) -> None:
    """The provider knows that these have arrived."""
    await connection.execute(_SQL["told"], {"envelopes": list(envelopes), "at": at})


async def to_prove(connection: Connection, provider: str, before: datetime, limit: int) -> list[Promised]:
    """Promises of a provider, made before a time, that nobody has seen kept; without those that raised an alarm."""
    values = {"provider": provider, "before": before, "limit": limit}
    cursor = await connection.execute(_SQL["to_prove"], values)
    return [Promised(*row) for row in await cursor.fetchall()]


async def proved(connection: Connection, envelopes: Collection[str], at: datetime) -> None:
    """The promises of these envelopes were seen kept."""
    await connection.execute(_SQL["proved"], {"envelopes": list(envelopes), "at": at})
