# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, datetime

import psycopg
import pytest

from openjuki.config import JST
from openjuki.errors import IntegrityFailure
from openjuki.store import journal
from openjuki.store.journal import Entry
from openjuki.store.sequencer import read_tree, sequence
from openjuki.wire.leaf import leaf
from openjuki.wire.merkle import Tree, leaf_hash

pytestmark = pytest.mark.postgres

NOON = datetime(2026, 11, 21, 12, 0, tzinfo=JST)


def entry(payload: bytes = b"{}", *, kind: str = "test.happened", recipients: tuple[str, ...] = ()) -> Entry:
    return Entry(kind=kind, recorded_at=NOON, payload=payload, salt=os.urandom(32), recipients=recipients)


async def test_what_was_appended_is_read_back_in_order(municipality):
    """Entries stand in the book in the order in which they were appended, byte for byte."""
    entries = [entry(bytes([number, 0, 255]) * number) for number in range(20)]
    await journal.append(municipality, entries)
    await sequence(municipality)

    rows = await journal.read(municipality)
    assert list(range(20)) == [row.index for row in rows]
    assert [(e.kind, e.recorded_at, e.salt, e.payload) for e in entries] == [
        (row.kind, row.recorded_at, row.salt, row.payload) for row in rows
    ]


async def test_the_tree_is_that_of_the_leaves_in_the_book(municipality):
    """Root and size in the tree row are those computed over the leaves that are stored."""
    for count in (3, 1, 7):
        await journal.append(municipality, [entry() for _ in range(count)])
        await sequence(municipality)

    rows = await journal.read(municipality)
    expected = Tree.EMPTY.append(leaf_hash(row.leaf) for row in rows)
    stored = await (await municipality.execute("SELECT size, root FROM tree")).fetchone()
    assert expected == await read_tree(municipality)
    assert (expected.size, expected.root) == stored


async def test_every_row_of_the_book_verifies(municipality):
    """The leaf says what the row says, and commits to the payload."""
    await journal.append(municipality, [entry(b"payload")])
    await sequence(municipality)
    (row,) = await journal.read(municipality)

    row.verify()


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"payload": b"another"}, id="another payload"),
        pytest.param({"salt": bytes(32)}, id="another salt"),
        pytest.param({"index": 1}, id="another place in the book"),
        pytest.param({"kind": "other.happened"}, id="another kind"),
        pytest.param({"recorded_at": datetime(2026, 11, 21, 12, 1, tzinfo=JST)}, id="another time"),
    ],
)
async def test_a_row_that_was_changed_does_not_verify(municipality, change):
    """Whatever is changed in a row behind its leaf's back is seen."""
    await journal.append(municipality, [entry(b"payload")])
    await sequence(municipality)
    (row,) = await journal.read(municipality)

    with pytest.raises(IntegrityFailure):
        replace(row, **change).verify()


async def test_an_erased_row_still_verifies(municipality):
    """Payload and salt may be erased lawfully; the leaf stays valid."""
    await journal.append(municipality, [entry(b"payload")])
    await sequence(municipality)
    await municipality.execute("UPDATE journal SET salt = NULL, payload = NULL")
    (row,) = await journal.read(municipality)

    row.verify()
    assert row.payload is None


def test_one_moment_has_one_spelling():
    """A leaf writes its time in Japan's zone to the microsecond, whatever zone it was handed over in."""
    in_japan = leaf(0, "test.happened", NOON, bytes(32))
    elsewhere = leaf(0, "test.happened", NOON.astimezone(UTC), bytes(32))

    assert in_japan == elsewhere
    assert b'"time":"2026-11-21T12:00:00.000000+09:00"' in in_japan


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("DELETE FROM journal", id="taking a row out of the book"),
        pytest.param("UPDATE journal SET leaf = ''", id="changing a leaf"),
        pytest.param("UPDATE journal SET index = index + 1", id="moving a row"),
        pytest.param("TRUNCATE journal", id="emptying the book"),
        pytest.param("DELETE FROM tree", id="felling the tree"),
        pytest.param("UPDATE journal_pending SET payload = ''", id="changing what waits"),
        pytest.param("UPDATE link_entry SET journal_index = 0", id="putting another row on a link"),
        pytest.param("DROP TABLE journal", id="throwing the book away"),
        pytest.param("CREATE TABLE other (x int)", id="making a table"),
    ],
)
async def test_the_worker_cannot_rewrite_the_book(municipality, statement):
    """The worker's login has no right to take anything back."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await municipality.execute(statement)


async def test_salt_and_payload_are_erased_together(municipality):
    """A payload cannot stay without its salt."""
    await journal.append(municipality, [entry()])
    await sequence(municipality)

    with pytest.raises(psycopg.errors.CheckViolation):
        await municipality.execute("UPDATE journal SET salt = NULL")
