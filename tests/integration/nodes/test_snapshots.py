# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A provider keeps a snapshot near to its journal, and follows it up for whoever answers from it."""

from __future__ import annotations

import asyncio
import errno
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pytest

from fixtures.network import CHIYODA, TOKYO
from fixtures.notices import code_of, notice
from openjuki.nodes import admission, generating, snapshots
from openjuki.residents.changes import Reason
from openjuki.store import sequencer
from openjuki.store.snapshot import following, places
from openjuki.store.snapshot.errors import SnapshotMissing
from openjuki.wire.batch import NoticeBatch

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.offices import Country
    from openjuki.nodes.node import Node
    from openjuki.residents.notice import Notice

pytestmark = pytest.mark.postgres


@pytest.fixture
async def tokyo(country: Country, tmp_path: Path) -> Node:
    """A prefecture whose snapshots lie in a folder of the test's."""
    node = await country.node(TOKYO)
    node.settings = replace(node.settings, snapshot=tmp_path / "snapshot")
    return node


async def told(node: Node, first: int, *notices: Notice) -> None:
    """A town's notices have arrived and have their index."""
    raw = tuple(one.to_bytes() for one in notices)
    batch = NoticeBatch(
        origin=CHIYODA, first=first, last=first + len(raw) - 1, issued=node.clock(), notices=raw
    )
    await node.transact(lambda connection: admission.admit(node, connection, batch))
    await node.read(sequencer.sequence)


async def made(node: Node) -> None:
    """A generation is made by hand, as the command does it."""
    own = node.settings
    await generating.make(own.database_url, own.snapshot_folder, node.clock())


def generations(node: Node) -> list[int]:
    """The generations that there are."""
    return [int(path.name) for path in places.generations(node.settings.snapshot_folder)]


async def test_a_small_book_has_no_generation(tokyo: Node) -> None:
    """What is folded from the journal in a moment is not kept on the disk."""
    await told(tokyo, 1, notice(1))
    await snapshots.keep(tokyo)

    assert generations(tokyo) == []


async def test_a_large_book_has_one_and_another_when_it_is_time(tokyo: Node, monkeypatch) -> None:
    """The first as soon as it is large, the next after a day on which anything was told, and no more than two."""
    monkeypatch.setattr(snapshots, "LARGE", 2)
    start = tokyo.clock()
    await told(tokyo, 1, notice(1), notice(2))
    await snapshots.keep(tokyo)
    assert generations(tokyo) == [1]

    tokyo.clock = lambda: start + timedelta(hours=24)
    await snapshots.keep(tokyo)
    assert generations(tokyo) == [1]  # nothing was told

    await told(tokyo, 3, notice(3))
    await snapshots.keep(tokyo)
    assert generations(tokyo) == [1, 2]

    tokyo.clock = lambda: start + timedelta(hours=47)
    await told(tokyo, 4, notice(4))
    await snapshots.keep(tokyo)
    assert generations(tokyo) == [1, 2]  # it is not time yet

    tokyo.clock = lambda: start + timedelta(hours=48)
    await snapshots.keep(tokyo)
    assert generations(tokyo) == [2, 3]


async def test_a_full_disk_leaves_the_last_generation(tokyo: Node, monkeypatch) -> None:
    """What cannot be written is not half there, and is tried again."""
    monkeypatch.setattr(snapshots, "LARGE", 1)
    await told(tokyo, 1, notice(1))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("openjuki.store.snapshot.writing.digests", full)
        with pytest.raises(OSError, match="No space"):
            await made(tokyo)
    assert list(tokyo.settings.snapshot_folder.iterdir()) == []

    await snapshots.keep(tokyo)
    assert generations(tokyo) == [1]


async def test_many_ask_for_one_state(tokyo: Node) -> None:
    """Who asks at the same time gets the same; who asks later, what has been told meanwhile."""
    await told(tokyo, 1, notice(1))
    snapshot = snapshots.Snapshot(tokyo)
    first, second = await asyncio.gather(snapshot.state(), snapshot.state())
    await told(tokyo, 2, notice(1, version=2, reason=Reason.DIED))
    third = await snapshot.state()

    assert first.size == second.size == 1
    assert (third.size, third.at) == (2, tokyo.clock())
    position = third.by_code(np.array([int(code_of(1))])).positions
    assert third.take(position, ("state",)).to_pylist() == [{"state": "died"}]
    assert first.take(position, ("state",)).to_pylist() == [{"state": "resident"}]


async def test_a_job_goes_on_with_the_state_it_began_with(tokyo: Node) -> None:
    """An earlier size gives the earlier state, and leaves the present one where it is."""
    await told(tokyo, 1, notice(1))
    await told(tokyo, 2, notice(2))
    snapshot = snapshots.Snapshot(tokyo)
    assert (await snapshot.state()).rows == 2
    assert (await snapshot.state(1)).rows == 1
    assert (await snapshot.state()).rows == 2


async def test_too_much_for_memory_needs_a_generation(tokyo: Node, monkeypatch) -> None:
    """A large journal without a generation is not folded into memory; somebody is told what to do."""
    monkeypatch.setattr(following, "MOST", 1)
    await told(tokyo, 1, notice(1), notice(2))
    snapshot = snapshots.Snapshot(tokyo)
    with pytest.raises(SnapshotMissing):
        await snapshot.state()

    await made(tokyo)
    assert (await snapshot.state()).rows == 2
