# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Runs of the index (索引) in the database: writing their buckets, and vouching for them in the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from openjuki.store import journal
from openjuki.store.buckets.entries import Entries, Packed
from openjuki.store.buckets.manifest import COMPACTED, Manifest, bucket_digest
from openjuki.store.database import copy_rows, queries
from openjuki.wire.leaf import commitment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime

    from openjuki.store.database import Connection

    #: So many random bytes.
    type Entropy = Callable[[int], bytes]

SQL = queries("buckets", __package__)
_BUCKET = ("int8", "int8", "int8", "int4", "bytea", "bytea", "bytea", "bytea")


class Run(NamedTuple):
    """A run of the index (索引)."""

    run: int
    entries: int
    complete: bool
    #: Code before which it is merged, of one that is being made of others.
    merged_before: int
    #: The run that is to replace it.
    merged_into: int | None


class Bucket(NamedTuple):
    """A bucket as it stands in the database (索引の束)."""

    run: int
    first_code: int
    last_code: int
    number: int
    digest: bytes
    salt: bytes
    entries: bytes
    strands: bytes


async def hold(connection: Connection) -> None:
    """Let nobody else change the index until the end of the transaction."""
    await connection.execute(SQL["hold"])


async def runs(connection: Connection) -> list[Run]:
    """The runs there are."""
    return [Run(*row) for row in await (await connection.execute(SQL["runs"])).fetchall()]


async def begin(connection: Connection, at: datetime) -> int:
    """A new run, which is not complete."""
    row = await (await connection.execute(SQL["add_run"], {"at": at})).fetchone()
    assert row is not None
    return int(row[0])


def packed(entries: Entries, run: int, entropy: Entropy) -> Iterator[Bucket]:
    """The buckets that hold these entries; work for a thread."""
    for some in entries.split():
        bucket, salt = Packed.of(some), entropy(journal.SALT_SIZE)
        first, last = int(some.codes[0]), int(some.codes[-1])
        yield Bucket(run, first, last, len(some), bucket_digest(salt, *bucket), salt, *bucket)


async def add(connection: Connection, buckets: Sequence[Bucket]) -> None:
    """Put buckets into the database."""
    await copy_rows(connection, SQL["add_buckets"], _BUCKET, buckets)


async def complete(connection: Connection, run: int, at: datetime, entropy: Entropy) -> None:
    """A run has all its buckets: say in the journal what they are, and look them through from now on.

    Raises:
        IntegrityFailure: they hold more or fewer entries than its parts gave.
    """
    parts = await (await connection.execute(SQL["parts_of"], {"run": run})).fetchall()
    buckets = await (await connection.execute(SQL["digests_of"], {"run": run})).fetchall()
    manifest = Manifest.of(
        run, [(one, count) for one, count in parts], [(one, count) for one, count in buckets]
    )
    payload, salt = manifest.to_bytes(), entropy(journal.SALT_SIZE)
    committed = commitment(salt, payload)
    await journal.append_committed(connection, [journal.Committed(COMPACTED, at, committed, salt, payload)])
    values = {"run": run, "entries": manifest.entries, "at": at, "salt": salt, "manifest": payload}
    await connection.execute(SQL["complete"], {**values, "commitment": committed})
