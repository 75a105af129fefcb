# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Witnesses confirm what extends what they confirmed before, and tell what that was; nothing else."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from openjuki.errors import BadEnvelope, ForgedEnvelope, LogNotSigned, PeerRefused
from openjuki.nodes import exchange, standing, witness
from openjuki.pki.keys import SigningKey
from openjuki.store import checkpoints
from openjuki.wire.checkpoint import Checkpoint, origin, read_cosignature, sign_checkpoint
from openjuki.wire.merkle import Tree, leaf_hash
from openjuki.wire.witness import Answered, Shown

if TYPE_CHECKING:
    from fixtures.offices import Country
    from fixtures.signers import Signers, Signing
    from openjuki.nodes.node import Node

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

ORIGIN = origin("test", CHIYODA)


async def ready(country: Country, signers: Signers, lines: int) -> tuple[Node, Signing]:
    """A town with a signed journal of so many lines, and its two witnesses on the line."""
    town = await country.connected(CHIYODA)
    for node in (TOKYO, CENTRE):
        await country.connected(node)
    signing = await signers(CHIYODA)
    await witness.ask_witnesses(town)  # the signer waits for their word
    await signing.write(lines)
    assert await signing.turn()
    return town, signing


def seen(country: Country, node: str) -> list[tuple[str, int]]:
    """What a witness remembers."""
    return country.rows(node, "SELECT origin, size FROM witnessed ORDER BY 1")


def confirmed(country: Country) -> list[tuple[int, str]]:
    """Who has confirmed which of the town's checkpoints."""
    return country.rows(CHIYODA, "SELECT size, witness FROM cosignature ORDER BY 1, 2")


async def shown(town: Node, to: str, note: bytes, old_size: int, *proof: bytes) -> Answered:
    """What a witness answers to a checkpoint."""
    body = Shown(note=note, old_size=old_size, proof=proof).to_bytes()
    return Answered.from_bytes(await exchange.ask(town, to, "cosign", body))


async def test_cosignatures_arrive(country: Country, signers: Signers):
    """Each witness confirms the newest checkpoint, with its time, under the key that the directory lists."""
    town, signing = await ready(country, signers, 5)
    await witness.ask_witnesses(town)

    assert confirmed(country) == [(5, TOKYO), (5, CENTRE)]
    signed = await signing.latest()
    assert signed is not None
    for line, node in zip(signed.cosignatures, (TOKYO, CENTRE), strict=True):
        keys = country.directory.cosigning_keys(node)
        assert read_cosignature(signed.note, line, name=origin("test", node), keys=keys) == country.clock()
        assert seen(country, node) == [(ORIGIN, 5)]
    assert await country.alarms(CHIYODA) == []


async def test_a_confirmation_from_times_to_come_is_asked_for_again(country: Country, signers: Signers):
    """A witness's clock was wrong for a while: what it confirmed then counts for nothing, and is not waited for."""
    town, _ = await ready(country, signers, 5)
    ahead = "UPDATE cosignature SET cosigned_at = cosigned_at + interval '1 day'"
    await witness.ask_witnesses(town)
    country.rows(CHIYODA, ahead)

    await witness.ask_witnesses(town)

    times = country.rows(CHIYODA, "SELECT DISTINCT cosigned_at FROM cosignature")
    assert times == [(country.clock(),)]


def retire(country: Country, node: str, which: str) -> None:
    """The directory lists the keys of a log, or of a witness, as no longer good: somebody has a copy of them."""
    listed = country.directory.node(node)
    keys = tuple(replace(one, until=country.clock()) for one in getattr(listed, which))
    country.revise(replace(listed, **{which: keys}))
    for office in country.nodes.values():
        office.directory = country.directory


async def test_what_a_retired_key_signed_is_not_confirmed(country: Country, signers: Signers):
    """Whoever has a copy of it can have nothing confirmed any more; what was confirmed before stays good."""
    town, signing = await ready(country, signers, 5)
    signed = await signing.latest()
    assert signed is not None
    retire(country, CHIYODA, "log")

    with pytest.raises(PeerRefused) as refused:
        await shown(town, CENTRE, signed.note, 0)

    assert refused.value.peer_code == ForgedEnvelope.code
    assert seen(country, CENTRE) == []


async def test_what_a_retired_key_confirms_counts_for_nothing(country: Country, signers: Signers):
    """A copy of a witness's key is no witness."""
    town, _ = await ready(country, signers, 5)
    retire(country, TOKYO, "cosigning")

    await witness.ask_witnesses(town)

    assert confirmed(country) == [(5, CENTRE)]


async def test_what_grew_is_shown_to_extend_what_was_confirmed(country: Country, signers: Signers):
    """Growth is proved from where each witness stands, over the edge of a tile and after a lost turn."""
    town, signing = await ready(country, signers, 5)
    await witness.ask_witnesses(town)
    for more in (1, 250, 400):
        await signing.write(more)
        assert await signing.turn()
    await witness.ask_witnesses(town)

    assert confirmed(country) == [(5, TOKYO), (5, CENTRE), (656, TOKYO), (656, CENTRE)]
    latest = await town.read(checkpoints.latest_cosigned)
    assert latest is not None
    assert (latest.size, len(latest.cosignatures)) == (656, 2)


async def test_what_did_not_grow_is_confirmed_anew_after_a_while(country: Country, signers: Signers):
    """A confirmation two minutes old is renewed; a younger one is not asked for again."""
    town, signing = await ready(country, signers, 5)
    await witness.ask_witnesses(town)
    first = country.rows(CHIYODA, "SELECT cosigned_at FROM cosignature")
    for seconds in (59, 61):
        country.clock.advance(seconds=seconds)
        await signing.turn()
        await witness.ask_witnesses(town)
        assert (country.rows(CHIYODA, "SELECT cosigned_at FROM cosignature") == first) is (seconds == 59)


async def test_the_centre_and_the_prefectures_have_witnesses_too(country: Country, signers: Signers):
    """A prefecture shows its journal to the Centre and to the next prefecture, the Centre to the first two."""
    for node in (CENTRE, TOKYO, "220001"):
        await country.connected(node)
    for node in (CENTRE, TOKYO):
        signing = await signers(node)
        await witness.ask_witnesses(country.nodes[node])
        await signing.write(1)
        assert await signing.turn()
        await witness.ask_witnesses(country.nodes[node])

    assert country.rows(TOKYO, "SELECT witness FROM cosignature ORDER BY 1") == [("220001",), (CENTRE,)]
    assert country.rows(CENTRE, "SELECT witness FROM cosignature ORDER BY 1") == [(TOKYO,), ("220001",)]


async def test_a_fork_is_refused_and_both_are_alarmed(country: Country, signers: Signers):
    """Somebody has the town's log key and another journal: the witness shows what it has confirmed."""
    town, signing = await ready(country, signers, 5)
    await witness.ask_witnesses(town)
    other = Tree.EMPTY.append(leaf_hash(b"%d" % at) for at in range(7))
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=7, root=other.root), signing.signer.key)
    publish = "INSERT INTO checkpoint VALUES (7, %s, %s, %s)"
    await signing.write(2)
    country.rows(CHIYODA, publish, other.root, note, country.clock())
    await witness.ask_witnesses(town)

    assert confirmed(country) == [(5, TOKYO), (5, CENTRE)]
    code = "JK-INTEGRITY-0001"
    for node in (TOKYO, CENTRE):
        assert seen(country, node) == [(ORIGIN, 5)]
        detail = {"node": CHIYODA, "witnessed_size": 5, "code": code}
        assert await country.alarms(node) == [("cosign-refused", detail)]
    assert await country.alarms(CHIYODA) == [
        ("cosign-refused", {"witness": node, "witnessed_size": 5, "code": code}) for node in (TOKYO, CENTRE)
    ]


async def test_another_tree_of_the_same_size_is_refused(country: Country, signers: Signers):
    """Two roots of one size, both well signed: the second one is never confirmed, whoever asks first."""
    town, signing = await ready(country, signers, 5)
    await witness.ask_witnesses(town)
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=5, root=bytes(32)), signing.signer.key)

    answered = await shown(town, TOKYO, note, 5)

    assert (answered.line, answered.code) == (None, "JK-INTEGRITY-0001")
    signed = await signing.latest()
    assert signed is not None
    assert answered.checkpoint == signed.note


async def test_a_smaller_journal_is_refused(country: Country, signers: Signers):
    """A checkpoint that lies behind what was confirmed says that the journal has shrunk."""
    town, signing = await ready(country, signers, 5)
    await witness.ask_witnesses(town)
    before = Tree.EMPTY.append(
        leaf_hash(leaf)
        for (leaf,) in country.rows(CHIYODA, "SELECT leaf FROM journal ORDER BY index LIMIT 3")
    )
    note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=3, root=before.root), signing.signer.key)

    answered = await shown(town, CENTRE, note, 3)

    assert answered.code == "JK-INTEGRITY-0001"
    assert [kind for kind, _ in await country.alarms(CENTRE)] == ["cosign-refused"]


async def test_who_forgot_what_was_confirmed_is_told(country: Country, signers: Signers):
    """A proof from elsewhere is no crime: the witness says where it stands, and the next one fits."""
    town, signing = await ready(country, signers, 5)
    await witness.ask_witnesses(town)
    country.rows(CHIYODA, "UPDATE testimony SET size = 0, note = NULL")
    await signing.write(1)
    assert await signing.turn()
    await witness.ask_witnesses(town)
    assert confirmed(country) == [(5, TOKYO), (5, CENTRE)]
    await witness.ask_witnesses(town)

    assert confirmed(country) == [(5, TOKYO), (5, CENTRE), (6, TOKYO), (6, CENTRE)]
    assert await country.alarms(TOKYO) == []


async def test_after_a_restore_the_witnesses_tell_what_was_signed(country: Country, signers: Signers):
    """The whole town was restored: it hears of a larger journal, says so, and signs nothing below it."""
    town, signing = await ready(country, signers, 3)
    await witness.ask_witnesses(town)
    backup = signing.state
    assert backup is not None
    await signing.write(2)
    await signing.turn()
    await witness.ask_witnesses(town)
    restore = """
        DELETE FROM journal WHERE index >= 3; DELETE FROM checkpoint WHERE size > 3;
        DELETE FROM cosignature WHERE size > 3; UPDATE testimony SET size = 3, note = checkpoint.note FROM checkpoint;
        UPDATE tree SET size = 3, root = '\\x%s', frontier = '\\x%s'
    """
    country.rows(CHIYODA, restore % (backup.tree.root.hex(), backup.tree.to_bytes().hex()))
    backup.save(signing.folder)
    country.clock.advance(hours=2)
    again = await signers(CHIYODA)

    await witness.ask_witnesses(town)
    assert not await again.turn()

    assert [one.size for one in (await town.read(checkpoints.testimonies)).values()] == [5, 5]
    alarms = await country.alarms(CHIYODA)
    assert ("log-not-extended", {"size": 3, "signed_size": 3}) in alarms
    assert [detail["witnessed_size"] for kind, detail in alarms if kind == "cosign-refused"] == [5, 5]


async def test_a_journal_begun_anew_is_confirmed_from_its_beginning(country: Country, signers: Signers):
    """The directory lists the next journal: what witnesses said of the one before no longer counts, here or there."""
    town, signing = await ready(country, signers, 5)
    await witness.ask_witnesses(town)
    entry = replace(country.directory.node(CHIYODA), journal=2)
    signed = country.revise(entry)
    for node in country.nodes.values():
        node.directory = country.directory
        node.published.write_bytes(signed)
    shorter = Tree.EMPTY.append(
        leaf_hash(leaf)
        for (leaf,) in country.rows(CHIYODA, "SELECT leaf FROM journal ORDER BY index LIMIT 2")
    )
    country.rows(CHIYODA, "DELETE FROM journal WHERE index >= 2")
    country.rows(CHIYODA, "DELETE FROM checkpoint")
    country.rows(CHIYODA, "DELETE FROM cosignature")
    tree = "UPDATE tree SET size = 2, root = %s, frontier = %s"
    country.rows(CHIYODA, tree, shorter.root, shorter.to_bytes())
    country.rows(CHIYODA, "INSERT INTO journal_begun SELECT 2, size, root, now() FROM tree")
    await signing.write(1)
    assert await signing.turn()

    await witness.ask_witnesses(town)

    assert confirmed(country) == [(3, TOKYO), (3, CENTRE)]
    assert await country.alarms(CHIYODA) == []
    assert seen(country, TOKYO) == [(ORIGIN, 5), (f"{ORIGIN}/2", 3)]


async def test_a_checkpoint_that_is_not_the_senders_is_refused(country: Country, signers: Signers):
    """Another's journal, or another's key: nothing is remembered, and the sender is told."""
    town, signing = await ready(country, signers, 2)
    stranger = SigningKey.generate()
    tree = Checkpoint(origin=origin("test", CHUO), size=1, root=bytes(32))
    for note, error in (
        (sign_checkpoint(tree, signing.signer.key), BadEnvelope),
        (sign_checkpoint(Checkpoint(origin=ORIGIN, size=1, root=bytes(32)), stranger), ForgedEnvelope),
        (b"no note", BadEnvelope),
    ):
        with pytest.raises(PeerRefused) as refused:
            await shown(town, TOKYO, note, 0)
        assert refused.value.peer_code == error.code
    assert seen(country, TOKYO) == []


async def test_a_witness_that_lies_is_not_believed(country: Country, signers: Signers):
    """A cosignature by another key, or a checkpoint that we never signed, is written down nowhere."""
    town, signing = await ready(country, signers, 2)
    signed = await signing.latest()
    assert signed is not None
    prefecture = await country.node(TOKYO)
    prefecture.identity = replace(prefecture.identity, cosigning=SigningKey.generate())
    await witness.ask_witnesses(town)
    assert confirmed(country) == [(2, CENTRE)]

    forged = sign_checkpoint(Checkpoint(origin=ORIGIN, size=9, root=bytes(32)), SigningKey.generate())
    plant = "INSERT INTO witnessed VALUES (%s, 9, %s, %s, now()) ON CONFLICT (origin) DO UPDATE SET note = excluded.note"
    country.rows(TOKYO, plant, ORIGIN, bytes(32), forged)
    country.rows(CHIYODA, "DELETE FROM testimony WHERE witness = %s", TOKYO)
    await witness.ask_witnesses(town)
    assert TOKYO not in await town.read(checkpoints.testimonies)


async def test_a_witness_that_is_away_keeps_nobody_waiting(country: Country, signers: Signers):
    """The other one confirms; after ten minutes the silence is an alarm, until it is over."""
    town = await country.connected(CHIYODA)
    await country.connected(CENTRE)
    signing = await signers(CHIYODA)
    await witness.ask_witnesses(town)
    await signing.write(2)
    await signing.turn()
    await witness.ask_witnesses(town)
    assert confirmed(country) == [(2, CENTRE)]
    assert await country.alarms(CHIYODA) == []

    country.clock.advance(minutes=10)
    await signing.turn()
    await witness.ask_witnesses(town)
    assert await country.alarms(CHIYODA) == [("cosignature-missing", {"witness": TOKYO})]

    await country.connected(TOKYO)
    await witness.ask_witnesses(town)
    assert await country.alarms(CHIYODA) == []


async def may_provide(town: Node, *, to_others: bool) -> bool:
    """Whether anything may be provided."""
    try:
        await town.read(lambda connection: standing.check_may_provide(town, connection, to_others=to_others))
    except LogNotSigned:
        return False
    return True


async def both(town: Node) -> tuple[bool, bool]:
    """Whether anything may be provided at home, and to others."""
    return await may_provide(town, to_others=False), await may_provide(town, to_others=True)


async def test_nothing_is_provided_without_a_checkpoint(country: Country, signers: Signers):
    """Before the first one, and from a minute after the last one on; a new one opens the door again."""
    town = await country.node(CHIYODA)
    assert await both(town) == (False, False)
    town, signing = await ready(country, signers, 2)
    assert await both(town) == (True, False)
    await witness.ask_witnesses(town)
    assert await both(town) == (True, True)
    country.clock.advance(seconds=59.9)
    assert await both(town) == (True, True)
    country.clock.advance(seconds=0.1)
    assert await both(town) == (False, False)
    await signing.turn()
    assert await both(town) == (True, True)


async def test_nothing_is_provided_to_others_without_a_witness(country: Country, signers: Signers):
    """Four hours after the last confirmation others get nothing; at home the signer's word is enough."""
    town, signing = await ready(country, signers, 2)
    await witness.ask_witnesses(town)
    country.clock.advance(hours=3, minutes=59)
    await signing.turn()
    assert await both(town) == (True, True)
    country.clock.advance(minutes=1)
    await signing.turn()
    assert await both(town) == (True, False)
    await witness.ask_witnesses(town)
    assert await both(town) == (True, True)


async def test_a_clock_that_went_back_vouches_for_nothing(country: Country, signers: Signers):
    """What was signed in the future was signed by somebody with another clock: half a minute is forgiven, no more."""
    town, _ = await ready(country, signers, 2)
    await witness.ask_witnesses(town)
    country.clock.advance(seconds=-30)
    assert await both(town) == (True, True)
    country.clock.advance(seconds=-0.1)
    assert await both(town) == (False, False)


async def test_where_there_is_no_witness_none_is_missing(country: Country, signers: Signers):
    """The first node of a network provides to others with its signer's word alone."""
    town, _ = await ready(country, signers, 2)
    town.directory = replace(town.directory, nodes={CHIYODA: town.directory.nodes[CHIYODA]})
    await witness.ask_witnesses(town)

    assert await both(town) == (True, True)
