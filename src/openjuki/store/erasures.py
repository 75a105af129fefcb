# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Erasures (提供の記録の消去): what an online provision says of a person is taken away, and which it was is put down."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from openjuki.store.database import queries

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.store.database import Connection

_SQL = queries("erasures")


@dataclass(frozen=True, slots=True)
class Erasure:
    """Which provision's record was erased (消去した提供の記録), and never about whom it was."""

    #: Of the row in the journal about its envelope or its part.
    commitment: bytes
    #: Its place in the envelope or the part, from 0.
    place: int
    in_bulk: bool
    asker: str
    #: Id of the envelope, or of the bulk request.
    envelope: str

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "asker": self.asker,
            "commitment": self.commitment.hex(),
            "envelope": self.envelope,
            "in_bulk": self.in_bulk,
            "place": self.place,
        }


class Online(NamedTuple):
    """An online provision that may be erased (消去の対象となる提供)."""

    #: Its envelope, by this book's own number.
    envelope: int
    erasure: Erasure
    at: datetime
    retention: str


async def online(connection: Connection, index: int, place: int) -> Online | None:
    """A question by its envelope's row in the journal and its place there; None: none, or it was erased."""
    found = await (await connection.execute(_SQL["online"], {"index": index, "place": place})).fetchone()
    if found is None:
        return None
    number, commitment, place, asker, envelope, at, retention = found
    erasure = Erasure(commitment, place, in_bulk=False, asker=asker, envelope=envelope)
    return Online(number, erasure, at, retention)


async def erase_online(connection: Connection, envelope: int, place: int) -> bool:
    """Take away what is written of a question, and whom it was about; False: it was taken away before."""
    values = {"envelope": envelope, "place": place}
    if (await connection.execute(_SQL["erase_row"], values)).rowcount == 0:
        return False
    await connection.execute(_SQL["erase_persons"], values)
    return True


async def part_at(connection: Connection, index: int) -> tuple[int, bytes] | None:
    """The part whose row in the journal this is: its number, and what the row commits to; None: of no part."""
    found = await (await connection.execute(_SQL["part_at"], {"index": index})).fetchone()
    return None if found is None else (int(found[0]), bytes(found[1]))


async def note(connection: Connection, erasure: Erasure, at: datetime) -> None:
    """Put down which provision's record was erased."""
    values = {
        "commitment": erasure.commitment,
        "place": erasure.place,
        "in_bulk": erasure.in_bulk,
        "asker": erasure.asker,
        "envelope": erasure.envelope,
        "at": at,
    }
    await connection.execute(_SQL["note"], values)


class Bearer(NamedTuple):
    """Whoever bears or bore a code (住民票コードの対象者), as far as it matters to whether they may be erased."""

    person_id: int
    state: str
    #: When the last notice about them came in.
    received_at: datetime
    #: All that they have had.
    codes: list[str]


async def bearer(connection: Connection, code: str) -> Bearer | None:
    """Who bears or bore a code, held until the end of the transaction; None: nobody."""
    found = await (await connection.execute(_SQL["bearer"], {"code": code})).fetchone()
    return None if found is None else Bearer(*found)


async def waits(connection: Connection, who: Bearer) -> bool:
    """Whether a notice about somebody has no index yet."""
    found = await (await connection.execute(_SQL["unsequenced"], {"codes": who.codes})).fetchone()
    return found is not None and bool(found[0])


async def forget(connection: Connection, who: Bearer) -> int:
    """Take away everything that notices said of somebody; how many rows of the journal said it."""
    values = {"person": who.person_id, "codes": who.codes}
    rows = (await connection.execute(_SQL["forget_notices"], values)).rowcount
    for name in ("forget_names", "forget_numbers", "forget_codes", "forget_records", "forget_person"):
        await connection.execute(_SQL[name], values)
    return rows
