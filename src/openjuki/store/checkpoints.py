# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Checkpoints (到達点) of the journal, its tiles, and who has confirmed what: for others' journals as for our own.

The signer's login writes tiles and checkpoints and nothing else; the worker's writes what witnesses
say, and what this node says as a witness. Neither can take anything back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from openjuki.errors import IntegrityFailure
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from typing import Any, LiteralString

    from openjuki.store.database import Connection

_SQL = queries("checkpoints")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A checkpoint as it is published (署名済みの到達点)."""

    #: Number of leaves.
    size: int
    root: bytes
    #: The signed note, without cosignatures.
    note: bytes
    #: When the signer vouched for it last.
    signed_at: datetime
    #: Lines by which witnesses confirmed it.
    cosignatures: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Tile:
    """A full tile (ハッシュの板): 256 hashes of a level, one after the other, and the root over them."""

    level: int
    index: int
    hashes: bytes
    root: bytes


class Cosigned(NamedTuple):
    """What a witness has confirmed last (立会署名の最新)."""

    size: int
    at: datetime


class Testimony(NamedTuple):
    """What a witness says that it has cosigned last for this node (立会人の証言); size 0: nothing yet."""

    size: int
    note: bytes | None
    heard_at: datetime


async def has_begun(connection: Connection, journal: int) -> bool:
    """Whether the node has begun this journal of its own, so that it may be signed; the first one always has."""
    if journal == 1:
        return True
    row = await (await connection.execute(_SQL["has_begun"], {"journal": journal})).fetchone()
    return row is not None and row[0]


async def leaves(connection: Connection, first: int, end: int) -> list[bytes]:
    """Leaves from an index on.

    Raises:
        IntegrityFailure: one of them is missing.
    """
    cursor = await connection.execute(_SQL["leaves"], {"first": first, "end": end})
    found = [leaf for (leaf,) in await cursor.fetchall()]
    if len(found) != end - first:
        raise IntegrityFailure(f"of the leaves from {first} to {end - 1} only {len(found)} are there")
    return found


async def publish(connection: Connection, signed: Signed) -> None:
    """Publish what was signed, or that it is vouched for anew.

    Raises:
        IntegrityFailure: a checkpoint of this size with another root is there.
    """
    values = {"size": signed.size, "root": signed.root, "note": signed.note, "signed_at": signed.signed_at}
    if (await connection.execute(_SQL["publish"], values)).rowcount != 1:
        raise IntegrityFailure(f"a checkpoint of {signed.size} with another root is published already")


async def latest(connection: Connection) -> Signed | None:
    """The newest checkpoint; None before the first."""
    return await _signed(connection, _SQL["latest"])


async def latest_cosigned(connection: Connection) -> Signed | None:
    """The newest checkpoint that a witness has confirmed; None before the first."""
    return await _signed(connection, _SQL["latest_cosigned"])


async def covering(connection: Connection, indexes: Collection[int]) -> Signed | None:
    """The newest checkpoint that a witness has confirmed, or where it does not have all these leaves, the newest."""
    confirmed = await latest_cosigned(connection)
    if confirmed is not None and all(index < confirmed.size for index in indexes):
        return confirmed
    return await latest(connection)


async def _signed(connection: Connection, statement: LiteralString) -> Signed | None:
    row = await (await connection.execute(statement)).fetchone()
    if row is None:
        return None
    size, root, note, signed_at, lines = row
    return Signed(size=size, root=root, note=note, signed_at=signed_at, cosignatures=tuple(lines))


async def add_cosignature(connection: Connection, size: int, witness: str, line: bytes, at: datetime) -> None:
    """Keep the line by which a witness confirmed the checkpoint of this size."""
    values = {"size": size, "witness": witness, "line": line, "at": at}
    await connection.execute(_SQL["add_cosignature"], values)


async def cosigned(connection: Connection) -> dict[str, Cosigned]:
    """What each witness has confirmed last."""
    cursor = await connection.execute(_SQL["cosigned"])
    return {witness: Cosigned(size, at) for witness, size, at in await cursor.fetchall()}


async def put_tiles(connection: Connection, tiles: Sequence[Tile]) -> None:
    """Write full tiles; those that are there already must say the same.

    Raises:
        IntegrityFailure: one of them says something else.
    """
    if not tiles:
        return
    values: Mapping[str, Any] = {
        "levels": [tile.level for tile in tiles],
        "indexes": [tile.index for tile in tiles],
        "hashes": [tile.hashes for tile in tiles],
    }
    written = await connection.execute(_SQL["put_tiles"], {**values, "roots": [tile.root for tile in tiles]})
    if written.rowcount == len(tiles):
        return
    other = await (await connection.execute(_SQL["other_tiles"], values)).fetchone()
    if other is not None:
        raise IntegrityFailure(
            f"tile {other[1]} of level {other[0]} is there already and says something else"
        )


async def tiles(connection: Connection, wanted: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Hashes of full tiles by level and index, as far as they are there."""
    levels, indexes = map(list, zip(*wanted, strict=True))
    cursor = await connection.execute(_SQL["tiles"], {"levels": levels, "indexes": indexes})
    return {(level, index): hashes for level, index, hashes in await cursor.fetchall()}


async def tile_roots(connection: Connection, level: int, first: int, end: int) -> list[bytes]:
    """Roots of a run of full tiles.

    Raises:
        IntegrityFailure: one of them is missing.
    """
    values = {"level": level, "first": first, "end": end}
    found = [root for (root,) in await (await connection.execute(_SQL["tile_roots"], values)).fetchall()]
    if len(found) != end - first:
        raise IntegrityFailure(
            f"of the tiles of level {level} from {first} on, {end - first - len(found)} are missing"
        )
    return found


async def witnessed(connection: Connection, origin: str) -> Signed | None:
    """What this node has cosigned last for another's journal, which nobody else judges meanwhile."""
    row = await (await connection.execute(_SQL["witnessed"], {"origin": origin})).fetchone()
    if row is None:
        return None
    size, root, note, at = row
    return Signed(size=size, root=root, note=note, signed_at=at)


async def remember(connection: Connection, origin: str, cosigning: Signed, *, first: bool) -> None:
    """Remember what this node is about to cosign; a second first time at once fails, and is done again."""
    values = {"origin": origin, "size": cosigning.size, "root": cosigning.root, "note": cosigning.note}
    statement = _SQL["remember_first" if first else "remember"]
    await connection.execute(statement, {**values, "at": cosigning.signed_at})


async def testify(connection: Connection, witness: str, testimony: Testimony) -> None:
    """Write down what a witness says."""
    values = {"size": testimony.size, "note": testimony.note, "at": testimony.heard_at}
    await connection.execute(_SQL["testify"], {"witness": witness, **values})


async def testimonies(connection: Connection) -> dict[str, Testimony]:
    """What each witness said last."""
    cursor = await connection.execute(_SQL["testimonies"])
    return {witness: Testimony(*said) for witness, *said in await cursor.fetchall()}


async def began(connection: Connection) -> datetime | None:
    """When the book's first entry was made; None while it is empty."""
    row = await (await connection.execute(_SQL["began"])).fetchone()
    return row[0] if row else None
