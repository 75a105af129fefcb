# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The signer signs what extends what it signed, and nothing else: whatever happens to it, to its disk or to the book."""

from __future__ import annotations

import os
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

import psycopg
import pytest

from fixtures.network import CENTRE, CHIYODA, NOON, TOKYO
from fixtures.signers import sign_and_be_killed
from openjuki.config import Settings
from openjuki.errors import BadConfiguration, IntegrityFailure, StaleDirectory
from openjuki.nodes import signed_state, signer
from openjuki.nodes.signed_state import SignedState
from openjuki.pki.keys import SigningKey
from openjuki.store import checkpoints
from openjuki.wire.checkpoint import Checkpoint, read_checkpoint, sign_checkpoint
from openjuki.wire.merkle import Tree, leaf_hash

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.offices import Country
    from fixtures.signers import Signers, Signing

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

ORIGIN = f"openjuki/test/{CHIYODA}"


async def heard(signing: Signing, size: int = 0, note: bytes | None = None) -> None:
    """A witness has told what it has cosigned last."""
    office = await signing.country.node(signing.node)
    said = checkpoints.Testimony(size, note, signing.country.clock())
    await office.read(lambda connection: checkpoints.testify(connection, TOKYO, said))


async def begun(signers: Signers, count: int) -> Signing:
    """A signer that has heard a witness, and has signed a journal of so many lines."""
    signing = await signers(CHIYODA)
    await heard(signing)
    await signing.write(count)
    assert await signing.turn()
    return signing


def leaves(country: Country) -> list[bytes]:
    """Every leaf of the book."""
    return [leaf for (leaf,) in country.rows(CHIYODA, "SELECT leaf FROM journal ORDER BY index")]


def rewrite(country: Country, index: int) -> None:
    """Change a leaf past all rights, and the tree with it: a book that adds up, and is another."""
    country.rows(CHIYODA, "UPDATE journal SET leaf = leaf || 'x' WHERE index = %s", index)
    put_tree(country, Tree.EMPTY.append(map(leaf_hash, leaves(country))))


def put_tree(country: Country, tree: Tree) -> None:
    """Let the book claim a tree."""
    values = (tree.size, tree.root, tree.to_bytes())
    country.rows(CHIYODA, "UPDATE tree SET size = %s, root = %s, frontier = %s", *values)


async def test_what_has_grown_is_signed(country: Country, signers: Signers):
    """The checkpoint is of the journal as it is, under the key that the directory lists."""
    signing = await begun(signers, 3)

    signed = await signing.latest()
    assert signed is not None
    keys = country.directory.log_keys(CHIYODA)
    checkpoint = read_checkpoint(signed.note, origin=ORIGIN, keys=keys)
    assert (checkpoint.size, checkpoint.root) == (3, Tree.EMPTY.append(map(leaf_hash, leaves(country))).root)
    assert signing.state == SignedState(
        journal=1, tree=Tree.EMPTY.append(map(leaf_hash, leaves(country))), signed_at=NOON
    )


async def test_what_has_not_grown_is_vouched_for_every_twenty_seconds(country: Country, signers: Signers):
    """Silence means that something is wrong, so there is none; and nothing is signed for nothing."""
    signing = await begun(signers, 3)
    country.clock.advance(seconds=19)
    assert not await signing.turn()
    country.clock.advance(seconds=1)
    assert await signing.turn()

    assert country.rows(CHIYODA, "SELECT size, signed_at FROM checkpoint") == [(3, country.clock())]


async def test_a_clock_that_was_ahead_delays_no_signature(country: Country, signers: Signers):
    """A checkpoint from times to come vouches for nothing: once the clock is right it is vouched for anew, and at once."""
    signing = await begun(signers, 3)

    country.clock.advance(seconds=-3600)
    assert await signing.turn()

    latest = await signing.latest()
    assert latest is not None
    assert latest.signed_at == country.clock()


async def test_an_empty_journal_is_vouched_for(signers: Signers):
    """Also of nothing one can be sure."""
    signing = await begun(signers, 0)

    signed = await signing.latest()
    assert signed is not None
    assert (signed.size, signed.root) == (0, Tree.EMPTY.root)


async def test_full_tiles_are_written_as_they_become_full(country: Country, signers: Signers):
    """Tiles hold the hashes of the leaves, 256 to each, with their root; those that are not full are nowhere."""
    signing = await begun(signers, 100)
    for more in (100, 500, 68):
        await signing.write(more)
        assert await signing.turn()

    hashes = [leaf_hash(leaf) for leaf in leaves(country)]
    tiles = country.rows(CHIYODA, "SELECT level, index, hashes, root FROM tile ORDER BY index")
    assert tiles == [
        (0, at, b"".join(part), Tree.EMPTY.append(part).root)
        for at, part in enumerate([hashes[:256], hashes[256:512], hashes[512:768]])
    ]


async def test_tiles_of_tiles_are_written(country: Country, signers: Signers):
    """65,536 leaves fill 256 tiles, and those the first tile of the level above, whose root is the tree's."""
    signing = await signers(CHIYODA)
    await heard(signing)
    filling = "INSERT INTO journal (index, kind, recorded_at, leaf) SELECT i, 'test', now(), i::text::bytea "
    country.rows(CHIYODA, filling + "FROM generate_series(0, 65599) AS i")
    tree = Tree.EMPTY.append(map(leaf_hash, leaves(country)))
    put_tree(country, tree)

    assert await signing.turn()

    assert country.rows(CHIYODA, "SELECT level, count(*) FROM tile GROUP BY 1 ORDER BY 1") == [
        (0, 256),
        (1, 1),
    ]
    assert country.rows(CHIYODA, "SELECT root FROM tile WHERE level = 1") == [(tree.frontier[0],)]


@pytest.mark.parametrize("count", [256, 300, 512])
async def test_a_rewritten_leaf_is_refused(country: Country, signers: Signers, count: int):
    """A leaf that was signed, or one that lies on the way, is not what it was: an alarm, once, and no signature."""
    signing = await begun(signers, count)
    rewrite(country, count - 1)

    for _ in range(3):
        await signing.write(1)
        country.clock.advance(seconds=30)
        assert not await signing.turn()

    assert await country.alarms(CHIYODA) == [("log-not-extended", {"size": count + 1, "signed_size": count})]
    assert country.rows(CHIYODA, "SELECT size FROM checkpoint") == [(count,)]
    assert signing.state is not None
    assert signing.state.tree.size == count


async def test_a_journal_that_shrank_is_refused(country: Country, signers: Signers):
    """An older backup was restored; the signer's own memory is not in it."""
    signing = await begun(signers, 5)
    before = leaves(country)[:3]
    country.rows(CHIYODA, "DELETE FROM journal WHERE index >= 3")
    country.rows(CHIYODA, "DELETE FROM checkpoint")
    put_tree(country, Tree.EMPTY.append(map(leaf_hash, before)))

    assert not await signing.turn()
    again = await signers(CHIYODA)
    assert not await again.turn()

    assert await country.alarms(CHIYODA) == [("log-not-extended", {"size": 3, "signed_size": 5})]
    assert await signing.latest() is None


async def test_a_missing_leaf_is_refused(country: Country, signers: Signers):
    """A tree whose leaves are not all there is not signed."""
    signing = await begun(signers, 2)
    await signing.write(4)
    country.rows(CHIYODA, "DELETE FROM journal WHERE index = 4")

    assert not await signing.turn()

    assert await country.alarms(CHIYODA) == [("log-not-extended", {"size": 6, "signed_size": 2})]


async def test_what_was_refused_is_signed_once_it_adds_up_again(country: Country, signers: Signers):
    """Somebody puts the right rows back; the signer goes on by itself."""
    signing = await begun(signers, 3)
    tree = Tree.EMPTY.append(map(leaf_hash, leaves(country)))
    put_tree(country, Tree.EMPTY)
    country.clock.advance(seconds=20)
    assert not await signing.turn()
    put_tree(country, tree)
    assert not await signing.turn()
    country.clock.advance(seconds=20)

    assert await signing.turn()


@pytest.mark.parametrize("rewritten", [False, True])
async def test_a_signer_killed_before_it_published_signs_the_same_again(
    country: Country, signers: Signers, *, rewritten: bool
):
    """State is on the disk before the signature goes out: the same is signed again, and nothing else instead."""
    signing = await begun(signers, 3)
    await signing.write(4)
    assert sign_and_be_killed(signing) == -signal.SIGKILL
    assert country.rows(CHIYODA, "SELECT max(size) FROM checkpoint") == [(3,)]
    if rewritten:
        rewrite(country, 6)
    again = await signers(CHIYODA)
    assert again.state is not None
    assert again.state.tree.size == 7

    assert await again.turn() is not rewritten

    expected = [(3,)] if rewritten else [(3,), (7,)]
    assert country.rows(CHIYODA, "SELECT size FROM checkpoint ORDER BY 1") == expected
    assert len(await country.alarms(CHIYODA)) == rewritten


async def test_after_long_silence_a_witness_is_waited_for(country: Country, signers: Signers):
    """The disk may be a restored one: only after a witness has spoken is anything signed."""
    signing = await begun(signers, 3)
    country.clock.advance(seconds=61)
    again = await signers(CHIYODA)
    country.clock.advance(seconds=1)
    assert not await again.turn()
    assert not await again.turn()
    await heard(again)

    assert await again.turn()
    assert signing.state == again.state


async def test_a_short_restart_waits_for_nobody(country: Country, signers: Signers):
    """Who signed a minute ago has not been restored from a backup."""
    await begun(signers, 3)
    country.clock.advance(seconds=59)

    assert await (await signers(CHIYODA)).turn()


async def test_nothing_is_signed_below_what_a_witness_has_seen(country: Country, signers: Signers):
    """The whole machine was restored; a witness remembers what was signed after the backup."""
    signing = await begun(signers, 3)
    backup = signing.state
    await signing.write(2)
    assert await signing.turn()
    newer = await signing.latest()
    assert newer is not None
    assert backup is not None
    kept = leaves(country)[:3]
    country.rows(CHIYODA, "DELETE FROM journal WHERE index >= 3")
    country.rows(CHIYODA, "DELETE FROM checkpoint WHERE size > 3")
    put_tree(country, Tree.EMPTY.append(map(leaf_hash, kept)))
    backup.save(signing.folder)
    country.clock.advance(hours=1)

    again = await signers(CHIYODA)
    await heard(again, 5, newer.note)
    assert not await again.turn()
    await again.write(5)
    country.clock.advance(seconds=20)
    assert not await again.turn()

    assert await country.alarms(CHIYODA) == [("log-not-extended", {"size": 3, "signed_size": 3})]
    assert country.rows(CHIYODA, "SELECT size FROM checkpoint") == [(3,)]


async def test_a_lost_state_is_built_again(signers: Signers):
    """With the whole journal and what a witness has seen of it, nothing is lost."""
    signing = await begun(signers, 300)
    signed = await signing.latest()
    assert signed is not None
    before = signing.state
    (signing.folder / "state.json").unlink()
    signing.country.clock.advance(seconds=1)
    again = await signers(CHIYODA)
    assert again.state is None
    assert not await again.turn()
    await heard(again, 300, signed.note)

    assert await again.turn()
    assert before is not None
    assert again.state == replace(before, signed_at=signing.country.clock())


async def test_a_witness_cannot_make_up_what_it_saw(signers: Signers):
    """Only what our own key signed is a testimony; anything else is no word at all."""
    signing = await begun(signers, 3)
    forged = sign_checkpoint(Checkpoint(origin=ORIGIN, size=9, root=bytes(32)), SigningKey.generate())
    await heard(signing, 9, forged)
    await signing.write(1)

    assert await signing.turn()


async def test_a_journal_begun_anew_is_signed_from_its_first_leaf(country: Country, signers: Signers):
    """The directory counts journals; of the next one nothing has been signed, and its name is another."""
    signing = await begun(signers, 3)
    entry = replace(country.directory.node(CHIYODA), journal=2)
    country.nodes[CHIYODA].published.write_bytes(country.revise(entry))
    rewrite(country, 1)
    assert not await signing.turn()
    country.rows(CHIYODA, "INSERT INTO journal_begun SELECT 2, size, root, now() FROM tree")
    assert not await signing.turn()
    await signing.write(1)

    assert await signing.turn()

    signed = await signing.latest()
    assert signed is not None
    keys = country.directory.log_keys(CHIYODA)
    assert read_checkpoint(signed.note, origin=f"{ORIGIN}/2", keys=keys).size == 4
    assert signing.state is not None
    assert signing.state.journal == 2


async def test_another_root_of_the_same_size_is_not_published(country: Country, signers: Signers):
    """A checkpoint that somebody put there stays where it is, and stands out."""
    signing = await begun(signers, 3)
    await signing.write(1)
    planted = "INSERT INTO checkpoint VALUES (4, sha256('planted'), 'note', now())"
    country.rows(CHIYODA, planted)

    assert not await signing.turn()
    assert await country.alarms(CHIYODA) == [("log-not-extended", {"size": 4, "signed_size": 3})]


async def test_a_planted_tile_is_found(country: Country, signers: Signers):
    """A tile that is there already must be the one that would be written."""
    signing = await begun(signers, 3)
    await signing.write(300)
    country.rows(CHIYODA, "INSERT INTO tile VALUES (0, 0, decode(repeat('00', 8192), 'hex'), sha256(''))")

    assert not await signing.turn()


async def test_an_expired_directory_stops_the_signer(country: Country, signers: Signers):
    """Whose witnesses are no longer known signs nothing."""
    signing = await begun(signers, 3)
    country.clock.advance(days=(country.directory.expires - country.clock()).days + 1)

    with pytest.raises(StaleDirectory):
        await signing.turn()


async def test_a_signer_does_not_begin_without_its_directory(signers: Signers, tmp_path: Path):
    """Who may not read the node directory, or has a wrong path, is told at once instead of once a second."""
    signing = await signers(CHIYODA)
    settings = Settings(home=tmp_path, network="test", nats_url="", nodes={CHIYODA: signing.signer.settings})

    with pytest.raises(BadConfiguration, match="the node directory cannot be read: No such file"):
        await signer.serve(settings, [CHIYODA], ready=pytest.fail)


async def test_a_signer_begins_with_a_directory_that_has_expired(country: Country, signers: Signers):
    """The node may have been down for long: it fetches the next edition, and the signer goes on by itself."""
    signing = await signers(CHIYODA)
    country.clock.advance(days=(country.directory.expires - country.clock()).days + 1)

    signing.signer.check_directory()


async def test_a_journal_without_witnesses_is_signed_all_the_same(country: Country, signers: Signers):
    """The first node of a network has nobody to ask."""
    signing = await signers(CENTRE)
    revoked = [
        replace(node, revoked_at=NOON) for node in country.directory.nodes.values() if node.id != CENTRE
    ]
    country.nodes[CENTRE].published.write_bytes(country.revise(*revoked))

    assert await signing.turn()


async def test_the_signer_reads_no_payload_and_changes_nothing_that_is_signed(
    country: Country, signers: Signers
):
    """Its login sees leaves, not what they commit to, and takes back nothing; the worker's signs nothing."""
    signing = await begun(signers, 1)
    url = signing.signer.settings.signer_database_url
    assert url is not None
    denied = (
        (url, "SELECT payload FROM journal"),
        (url, "SELECT salt FROM journal"),
        (url, "UPDATE tree SET size = 0"),
        (url, "UPDATE checkpoint SET root = sha256('')"),
        (url, "DELETE FROM checkpoint"),
        (url, "UPDATE tile SET hashes = ''"),
        (url, "SELECT 1 FROM resident_record"),
        (country.ground.databases[CHIYODA], "UPDATE checkpoint SET signed_at = now()"),
        (country.ground.databases[CHIYODA], "INSERT INTO tile VALUES (0, 0, '', '')"),
    )
    for login, statement in denied:
        with psycopg.connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute(statement)


async def test_two_signers_of_one_log_are_one_too_many(signers: Signers):
    """The second does not start; when the first has ended, it may."""
    signing = await signers(CHIYODA)
    first = signed_state.claim(signing.folder)
    with pytest.raises(BadConfiguration, match="another signer"):
        signed_state.claim(signing.folder)
    os.close(first)

    os.close(signed_state.claim(signing.folder))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="an empty file"),
        pytest.param(b"[]", id="no object"),
        pytest.param(
            b'{"journal": 1, "size": 1, "root": "00", "frontier": "", "signed_at": null}', id="no tree"
        ),
        pytest.param(b'{"size": 0, "frontier": "xx"}', id="not hexadecimal"),
    ],
)
async def test_a_damaged_state_is_no_state(signers: Signers, content: bytes):
    """What cannot be read is not signed over."""
    signing = await signers(CHIYODA)
    (signing.folder / "state.json").write_bytes(content)

    with pytest.raises(IntegrityFailure, match=r"state\.json"):
        await signers(CHIYODA)


async def test_a_state_whose_root_is_not_its_frontiers_is_refused(signers: Signers):
    """One changed digit of the root is noticed."""
    signing = await begun(signers, 3)
    path = signing.folder / "state.json"
    assert signing.state is not None
    root = signing.state.tree.root.hex()
    path.write_text(path.read_text().replace(root, root[::-1]))

    with pytest.raises(IntegrityFailure, match="frontier"):
        await signers(CHIYODA)


async def test_the_state_is_for_the_signer_alone(signers: Signers):
    """0600, and nothing is left beside it."""
    signing = await begun(signers, 3)

    assert (signing.folder / "state.json").stat().st_mode & 0o777 == 0o600
    assert not list(signing.folder.glob(".*"))
