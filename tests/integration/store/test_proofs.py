# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Proofs from the book are those of the tree, whether its tiles are written or not."""

from __future__ import annotations

import random
from datetime import datetime
from typing import TYPE_CHECKING

import psycopg
import pytest
import pytest_asyncio

from openjuki.config import JST, Kind
from openjuki.errors import IntegrityFailure
from openjuki.store import journal, proofs
from openjuki.store.database import connect
from openjuki.store.journal import Entry
from openjuki.store.sequencer import read_tree, sequence
from openjuki.wire import merkle
from openjuki.wire.merkle import Tree, leaf_hash

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from openjuki.store.database import Connection

pytestmark = pytest.mark.postgres

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=JST)
SIZE = 1_337


class Book:
    """A journal, and the tree over its leaves as it should be."""

    def __init__(self, connection: Connection, hashes: list[bytes]) -> None:
        self.connection = connection
        self.hashes = hashes

    def tree(self, size: int) -> Tree:
        """The tree of so many leaves."""
        return Tree.EMPTY.append(self.hashes[:size])

    def subtree(self, level: int, index: int) -> bytes:
        """The root of a perfect subtree, from the leaves."""
        return Tree.EMPTY.append(self.hashes[index << level : (index + 1) << level]).root


async def fill(connection: Connection, count: int) -> list[bytes]:
    """Put so many rows into a journal; their leaf hashes."""
    entries = [
        Entry(kind="record.changed", recorded_at=NOON, payload=b"%d" % number, salt=bytes(32))
        for number in range(count)
    ]
    await journal.append(connection, entries)
    while (await sequence(connection)).count:
        pass
    await connection.commit()
    return [leaf_hash(row.leaf) for row in await journal.read(connection, limit=count)]


def write_tiles(url: str, book: Book, count: int) -> None:
    """Write the first tiles of leaves, as the signer does."""
    with psycopg.connect(url) as owner:
        for index in range(count):
            hashes = book.hashes[index << 8 : (index + 1) << 8]
            owner.execute(
                "INSERT INTO tile (level, index, hashes, root) VALUES (0, %s, %s, %s)",
                [index, b"".join(hashes), book.subtree(8, index)],
            )


@pytest_asyncio.fixture(params=[0, 3, 5], ids=["no tiles", "the signer is behind", "all tiles"])
async def book(new_database, postgres, request) -> AsyncIterator[Book]:
    """A journal of 1,337 rows; of its five full tiles some are written."""
    url = new_database(Kind.MUNICIPALITY)
    async with await connect(url) as connection:
        made = Book(connection, await fill(connection, SIZE))
        name = url.split("juki_")[1].split("_worker")[0].replace("_", "-")
        write_tiles(postgres.owner_url(name), made, request.param)
        yield made


PAIRS = [
    (0, SIZE),
    (1, SIZE),
    (255, 256),
    (256, 1_024),
    (1_000, 1_001),
    (1_023, 1_025),
    (1_280, SIZE),
    (7, 7),
]


async def test_a_journal_is_proved_to_extend_an_older_one(book: Book):
    """The proof is the tree's own, and whoever has both roots is convinced by it."""
    for old, size in PAIRS:
        proof = await proofs.consistency(book.connection, old, size)

        assert proof == merkle.consistency_proof(old, size, book.subtree)
        merkle.verify_consistency(old, book.tree(old).root, size, book.tree(size).root, proof)


async def test_any_two_sizes_have_their_proof(book: Book):
    """Proofs that the frontier helps to make are the same."""
    chance = random.Random(1)
    tree = await read_tree(book.connection)
    for old in [*chance.sample(range(SIZE + 1), 60), SIZE, SIZE - 1]:
        proof = await proofs.extension(book.connection, old, tree)

        assert proof == await proofs.consistency(book.connection, old, SIZE)
        merkle.verify_consistency(old, book.tree(old).root, SIZE, tree.root, proof)


async def test_a_leaf_is_proved_to_be_in_the_journal(book: Book):
    """The proof leads from the leaf to the root of that size."""
    for index, size in ((0, 1), (0, SIZE), (511, 512), (700, SIZE), (SIZE - 1, SIZE)):
        proof = await proofs.inclusion(book.connection, index, size)

        merkle.verify_inclusion(book.hashes[index], index, size, proof, book.tree(size).root)


async def test_an_earlier_root_is_found_again(book: Book):
    """The root of any earlier size comes from the book."""
    for size in (0, 1, 256, 1_000, SIZE):
        assert await proofs.root_of(book.connection, size) == book.tree(size).root


async def test_a_journal_that_is_smaller_proves_nothing(book: Book):
    """A larger journal is not extended by a smaller one, and has no leaf of it."""
    with pytest.raises(IntegrityFailure):
        await proofs.consistency(book.connection, 5, 4)
    with pytest.raises(IntegrityFailure):
        await proofs.inclusion(book.connection, 4, 4)


async def test_a_missing_row_is_named(municipality: Connection):
    """Where the book lacks a row, its index is said."""
    await fill(municipality, 5)

    with pytest.raises(IntegrityFailure, match="row 5"):
        await proofs.consistency(municipality, 4, 6)
