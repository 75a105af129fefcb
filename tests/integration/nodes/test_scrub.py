# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A node looks after its own journal: what is damaged raises an alarm by itself, and what was set back is remembered."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from fixtures.network import CHIYODA, TOKYO
from openjuki.nodes.node import Patrol
from openjuki.nodes.scrub import EVERY, MOST_PASSED, scrub, verify_office
from openjuki.store import checkpoints
from openjuki.wire.merkle import Tree, leaf_hash

if TYPE_CHECKING:
    from fixtures.offices import Country
    from fixtures.signers import Signers, Signing

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


@pytest_asyncio.fixture
async def signing(country: Country, signers: Signers) -> Signing:
    """A town whose journal of 600 lines is signed."""
    made = await signers(CHIYODA)
    office = await country.node(CHIYODA)
    office.settings = replace(office.settings, signer=made.folder)
    said = checkpoints.Testimony(0, None, country.clock())
    await office.read(lambda connection: checkpoints.testify(connection, TOKYO, said))
    await made.write(600)
    assert await made.turn()
    return made


async def damages(country: Country) -> list[str]:
    """What the town finds in its own journal."""
    verified = await verify_office(await country.node(CHIYODA))
    return [f"{one.what}: {one.place}" for one in verified.damages]


def set_back(country: Country, size: int) -> None:
    """Restore the book from a backup of when it was so long, with everything in it."""
    leaves = country.rows(CHIYODA, "SELECT leaf FROM journal WHERE index < %s ORDER BY index", size)
    tree = Tree.EMPTY.append(leaf_hash(leaf) for (leaf,) in leaves)
    country.rows(CHIYODA, "DELETE FROM journal WHERE index >= %s", size)
    country.rows(CHIYODA, "DELETE FROM checkpoint WHERE size > %s", size)
    values = (tree.size, tree.root, tree.to_bytes())
    country.rows(CHIYODA, "UPDATE tree SET size = %s, root = %s, frontier = %s", *values)


async def test_a_sound_journal_raises_no_alarm(country: Country, signing: Signing):
    """Round and round: the second tile follows the first, and the first the last."""
    town = await country.node(CHIYODA)
    town.patrol = Patrol(following=0, passed=MOST_PASSED)
    seen = []
    for _ in range(4):
        assert not await scrub(town)
        seen.append(town.patrol.following)

    assert seen == [256, 512, 0, 256]
    assert await country.alarms(CHIYODA) == []
    assert await damages(country) == []
    assert signing.state is not None
    assert EVERY == 1.28


async def test_scrubbing_begins_anywhere(country: Country, signing: Signing):
    """A node that often begins anew would otherwise never reach the end of its journal."""
    town = await country.node(CHIYODA)
    start = int(country.clock().timestamp()) % 600
    town.patrol.passed = MOST_PASSED
    await scrub(town)

    assert town.patrol.following == (0 if start >= 512 else start // 256 * 256 + 256)
    assert signing.node == CHIYODA


async def test_a_journal_that_grows_is_left_alone_most_of_the_time(country: Country, signing: Signing):
    """People at the counter come first: of ten steps one is taken while rows come in, and each when none do."""
    town = await country.node(CHIYODA)
    town.patrol = Patrol(following=0)
    taken = []
    for _ in range(20):
        await signing.write(1)
        before = town.patrol.following
        await scrub(town)
        taken.append(town.patrol.following != before)
    assert taken == [*[False] * 9, True] * 2
    await scrub(town)
    assert town.patrol.following == 0


async def test_an_empty_journal_is_sound(country: Country):
    """There is nothing to look at, and nothing to complain of."""
    town = await country.node(CHIYODA)
    await scrub(town)

    assert (town.patrol.following, await country.alarms(CHIYODA)) == (0, [])


@pytest.mark.parametrize(
    ("statement", "detail"),
    [
        pytest.param(
            "UPDATE journal SET payload = 'x' WHERE index = 300",
            {"index": 300, "what": "payload"},
            id="payload",
        ),
        pytest.param(
            "UPDATE journal SET kind = 'x' WHERE index = 590",
            {"index": 590, "what": "kind"},
            id="kind, no tile",
        ),
        pytest.param(
            "UPDATE journal SET leaf = set_byte(leaf, 20, get_byte(leaf, 20) # 1) WHERE index = 300",
            {"index": 300, "what": "leaf"},
            id="leaf",
        ),
        pytest.param("DELETE FROM journal WHERE index = 300", {"index": 300, "what": "missing"}, id="row"),
        pytest.param(
            "DELETE FROM tile WHERE index = 1",
            {"index": 256, "tile": "tile/0/001", "what": "tile-missing"},
            id="tile",
        ),
    ],
)
async def test_a_damage_raises_one_alarm(country: Country, signing: Signing, statement, detail):
    """However often it is met; it says which leaf and what."""
    country.rows(CHIYODA, statement)
    town = await country.node(CHIYODA)
    town.patrol = Patrol(following=0, passed=MOST_PASSED)
    for _ in range(6):
        await scrub(town)

    found = [dict(one) for kind, one in await country.alarms(CHIYODA) if kind == "journal-damaged"]
    assert detail.items() <= found[0].items()
    assert len(found) <= 2
    assert signing.node == town.id


async def test_an_old_backup_is_known_by_what_the_signer_remembers(country: Country, signing: Signing):
    """The book adds up, and is shorter than what was signed."""
    set_back(country, 555)

    assert await damages(country) == ["restored: leaf 555 to 599, signer"]
    assert signing.state.tree.size == 600


async def test_an_old_backup_is_known_by_what_a_witness_said(country: Country, signing: Signing):
    """Even where the signer's disk was restored with it."""
    signed = await signing.latest()
    said = checkpoints.Testimony(600, signed.note, country.clock())
    town = await country.node(CHIYODA)
    set_back(country, 555)
    await town.read(lambda connection: checkpoints.testify(connection, TOKYO, said))
    (signing.folder / "state.json").unlink()

    assert await damages(country) == [f"restored: leaf 555 to 599, {TOKYO}"]


async def test_a_fork_is_known_by_what_the_signer_remembers(country: Country, signing: Signing):
    """The book adds up, and is another."""
    set_back(country, 555)
    await signing.write(100)

    assert await damages(country) == ["forked: leaf 0 to 599, signer"]


async def test_a_signer_without_memory_is_named(country: Country, signing: Signing):
    """Its file is no accident."""
    (signing.folder / "state.json").write_text("{}", encoding="utf-8")

    assert await damages(country) == ["state: signer"]


async def test_a_testimony_that_nobody_signed_is_named(country: Country, signing: Signing):
    """A witness can only show what the log signed."""
    note = (await signing.latest()).note
    said = checkpoints.Testimony(600, note.replace(b"\n600\n", b"\n700\n"), country.clock())
    town = await country.node(CHIYODA)
    await town.read(lambda connection: checkpoints.testify(connection, TOKYO, said))

    assert await damages(country) == [f"signature: checkpoint 600, {TOKYO}"]
