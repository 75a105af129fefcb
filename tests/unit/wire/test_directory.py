# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The directory says who belongs to the network, with which keys, and who may send what to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.network import CENTRE, CHIYODA, CHUO, NOON, TOKYO, listing
from openjuki.config import Kind
from openjuki.errors import (
    BadEnvelope,
    ForgedEnvelope,
    PeerError,
    RevokedNode,
    StaleDirectory,
    UnlistedNode,
)
from openjuki.pki.keys import NodeKeys, SigningKey
from openjuki.wire.directory import Directory, Node, read_directory, write_directory
from openjuki.wire.messages import MESSAGES

if TYPE_CHECKING:
    from datetime import datetime

type Keys = dict[str, NodeKeys]

ROOT = SigningKey.from_seed(bytes(32))
SPECIFICATION = Path(__file__).parents[3] / "docs" / "spec" / "directory.md"


def accepted(
    directory: Directory, *, root: SigningKey = ROOT, at: datetime = NOON, known: Directory | None = None
) -> Directory:
    """A directory, signed and read again."""
    return read_directory(write_directory(directory, root), roots=[ROOT.public], at=at, known=known)


def test_an_edition_comes_back(directory: Directory):
    """What was signed is what is read; reading it a second time changes nothing."""
    assert accepted(directory) == directory
    assert accepted(directory, known=directory) == directory


def test_every_part_of_an_entry_comes_back(directory: Directory):
    """Old keys with their intervals and revocations are kept."""
    entry = directory.node(CHUO)
    changed = replace(
        entry,
        signing=(
            replace(entry.signing[0], until=NOON),
            *listing(NodeKeys.generate(CHUO), since=NOON).signing,
        ),
        revoked_at=NOON,
        journal=2,
    )
    following = directory.revise([changed], issued=NOON, expires=directory.expires)

    assert accepted(following, known=directory).node(CHUO) == changed


def test_an_unknown_root_is_not_believed(directory: Directory):
    """Whoever signs without a root key has forged."""
    with pytest.raises(ForgedEnvelope):
        accepted(directory, root=SigningKey.generate())


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(NOON + timedelta(days=7), id="at the moment it expires"),
        pytest.param(NOON + timedelta(days=8), id="later"),
    ],
)
def test_an_expired_edition_is_not_believed(directory: Directory, at: datetime):
    """An edition is believed before it expires."""
    with pytest.raises(StaleDirectory):
        accepted(directory, at=at)


def test_an_older_edition_is_not_believed(directory: Directory):
    """The version only grows."""
    following = directory.revise(issued=NOON, expires=directory.expires)
    with pytest.raises(StaleDirectory, match="edition 2"):
        accepted(directory, known=following)


def test_a_second_edition_of_one_version_is_not_believed(directory: Directory):
    """Two different directories of one version mean that somebody shows different books."""
    other = replace(directory, expires=directory.expires + timedelta(days=1))
    with pytest.raises(StaleDirectory):
        accepted(other, known=directory)


def test_another_network_is_not_believed(directory: Directory):
    """A root that serves two networks does not confuse them."""
    with pytest.raises(StaleDirectory, match="another network"):
        accepted(replace(directory, network="other", version=9), known=directory)


def test_a_municipality_needs_its_prefecture(keys: Keys):
    """A town whose prefecture is not listed cannot be listed."""
    town = listing(keys[CHIYODA], since=NOON)
    with pytest.raises(BadEnvelope):
        accepted(Directory.of("test", [town], issued=NOON, expires=NOON + timedelta(days=1)))


@given(st.data())
def test_no_byte_may_change(data: st.DataObject):
    """Whatever byte of a directory is changed, it is refused."""
    keys = NodeKeys(node=CENTRE, signing=ROOT, sealing={})
    node = Node.of(keys, Kind.CENTRE, "機構", since=NOON)
    directory = Directory.of("test", [node], issued=NOON, expires=NOON + timedelta(days=1))
    raw = bytearray(write_directory(directory, ROOT))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(PeerError):
        read_directory(bytes(raw), roots=[ROOT.public], at=NOON)


def test_who_is_not_listed_is_unknown(directory: Directory):
    """An unlisted node is neither found nor sealed to."""
    for look in (directory.node, lambda node: directory.active(node, at=NOON)):
        with pytest.raises(UnlistedNode):
            look("131032")


def test_who_is_revoked_is_not_active(directory: Directory):
    """Revocation begins at its time and not before."""
    revoked = replace(directory.node(CHUO), revoked_at=NOON)
    following = directory.revise([revoked], issued=NOON, expires=directory.expires)

    assert following.active(CHUO, at=NOON - timedelta(seconds=1)) == revoked
    with pytest.raises(RevokedNode):
        following.active(CHUO, at=NOON)
    with pytest.raises(RevokedNode):
        following.sealing_key(CHUO, at=NOON)


#: What goes to witnesses.
SEEN = ("cosign", "last-checkpoint")
#: What goes to whoever provides.
ASKED = (
    *("provide", "receipt", "prove"),
    *("bulk", "bulk-state", "bulk-cancel", "bulk-part", "bulk-chunk", "bulk-receipt"),
)

#: What goes to who tells an agency of changes.
TOLD_OF_CHANGES = ("clientele", "clientele-changes", "clientele-receipt")

PERMITTED = {
    (TOKYO, CHIYODA, "pull"),
    (TOKYO, CHUO, "pull"),
    (CENTRE, TOKYO, "pull"),
    (CENTRE, CHIYODA, "pull"),
    (CENTRE, CHUO, "pull"),
    (CHIYODA, CENTRE, "pull"),
    (CHUO, CENTRE, "pull"),
    (CHIYODA, TOKYO, "doorbell"),
    (CHUO, TOKYO, "doorbell"),
    (TOKYO, CENTRE, "doorbell"),
    (CHIYODA, CENTRE, "doorbell"),
    (CHUO, CENTRE, "doorbell"),
    (CENTRE, CHIYODA, "doorbell"),
    (CENTRE, CHUO, "doorbell"),
    (CHIYODA, CENTRE, "designate-codes"),
    (CHUO, CENTRE, "designate-codes"),
    (CHIYODA, CENTRE, "generate-numbers"),
    (CHUO, CENTRE, "generate-numbers"),
    *(
        (town, provider, message)
        for town in (CHIYODA, CHUO)
        for provider in (TOKYO, CENTRE)
        for message in ASKED
    ),
    *((TOKYO, CENTRE, message) for message in ASKED),
    *((provider, town, "bulk-keys") for town in (CHIYODA, CHUO) for provider in (TOKYO, CENTRE)),
    (CENTRE, TOKYO, "bulk-keys"),
    (CHIYODA, TOKYO, "provide-through"),
    (CHUO, TOKYO, "provide-through"),
    (TOKYO, CENTRE, "provide-through"),
    (CHIYODA, TOKYO, "own-notices"),
    (CHUO, TOKYO, "own-notices"),
    *(
        (town, witness, message)
        for town in (CHIYODA, CHUO)
        for witness in (TOKYO, CENTRE)
        for message in SEEN
    ),
    *((node, witness, message) for node, witness in ((TOKYO, CENTRE), (CENTRE, TOKYO)) for message in SEEN),
    *((asker, town, "may-be-disclosed") for asker in (TOKYO, CENTRE) for town in (CHIYODA, CHUO)),
    (CHIYODA, CENTRE, "directory"),
    (CHUO, CENTRE, "directory"),
    (TOKYO, CENTRE, "directory"),
}


def test_the_table_permits_this_and_nothing_else(directory: Directory):
    """Every combination of two nodes and a message is either in this list or refused."""
    nodes = [*directory.nodes, "131032"]
    everything = product(nodes, nodes, [*MESSAGES, "unheard-of"])

    assert {row for row in everything if directory.permits(*row)} == PERMITTED
    assert {(node, *road) for node in directory.nodes for road in directory.roads(node)} == PERMITTED


def test_a_prefecture_pulls_its_own_towns_only(directory: Directory):
    """Kanagawa does not pull from Chiyoda, nor does Chiyoda ring there."""
    kanagawa = Node.of(NodeKeys.generate("140007"), Kind.PREFECTURE, "神奈川県", since=NOON)
    following = directory.revise([kanagawa], issued=NOON, expires=directory.expires)

    assert not following.permits("140007", CHIYODA, "pull")
    assert not following.permits(CHIYODA, "140007", "doorbell")
    assert following.permits(CENTRE, "140007", "pull")


def test_an_agency_of_the_state_asks_the_centre_only(directory: Directory):
    """The pension service asks the centre, shows its journal to its witnesses, and goes through no governor."""
    agency = Node.of(NodeKeys.generate("agency-pension"), Kind.AGENCY, "年金", since=NOON)
    following = directory.revise([agency], issued=NOON, expires=directory.expires)

    assert accepted(following) == following
    assert set(following.roads("agency-pension")) == {
        (CENTRE, "directory"),
        *((CENTRE, message) for message in (*ASKED, *TOLD_OF_CHANGES)),
        *((witness, message) for witness in (CENTRE, TOKYO) for message in SEEN),
    }


def test_an_agency_asks_its_own_governor_and_no_other(directory: Directory):
    """A welfare office in Shizuoka asks Shizuoka, the centre through Shizuoka, and never Tokyo."""
    agency = Node.of(
        NodeKeys.generate("agency-welfare"), Kind.AGENCY, "福祉事務所", prefecture="220001", since=NOON
    )
    following = nation(directory).revise([agency], issued=NOON, expires=directory.expires)

    assert accepted(following) == following
    assert {road for road in following.roads("agency-welfare") if road[1] not in SEEN} == {
        (CENTRE, "directory"),
        *((provider, message) for provider in (CENTRE, "220001") for message in (*ASKED, *TOLD_OF_CHANGES)),
        ("220001", "provide-through"),
    }


@pytest.mark.parametrize(
    ("kind", "prefecture"),
    [
        pytest.param(Kind.AGENCY, CHIYODA, id="an agency names a town"),
        pytest.param(Kind.AGENCY, "140007", id="an agency names a prefecture that is not listed"),
        pytest.param(Kind.MUNICIPALITY, None, id="a town names none"),
        pytest.param(Kind.PREFECTURE, TOKYO, id="a prefecture names another"),
    ],
)
def test_who_names_which_prefecture(directory: Directory, kind: Kind, prefecture: str | None):
    """A town names its prefecture, an agency may name one, and nobody else does."""
    node = Node.of(NodeKeys.generate("140015"), kind, "だれか", prefecture=prefecture, since=NOON)

    with pytest.raises(BadEnvelope, match="names a prefecture"):
        accepted(directory.revise([node], issued=NOON, expires=directory.expires))


def test_the_specification_shows_the_table():
    """The table in the specification is the table in the code."""
    rows = [
        (
            message,
            road.sender.value,
            f"{'own ' if road.own else ''}{road.recipient.value}{', as its witness' if road.witness else ''}",
        )
        for message, roads in MESSAGES.items()
        for road in roads
    ]
    lines = SPECIFICATION.read_text(encoding="utf-8").splitlines()
    shown = [[cell.strip() for cell in line.split("|")[1:4]] for line in lines if line.startswith("| `")]

    assert rows == [
        (message.strip("`"), sender, recipient)
        for message, sender, recipient in shown
        if message.strip("`") in MESSAGES
    ]


@pytest.mark.parametrize(
    ("node", "witnesses"),
    [
        pytest.param(CHIYODA, (TOKYO, CENTRE), id="a municipality: its own prefecture and the Centre"),
        pytest.param(TOKYO, (CENTRE, "140007"), id="a prefecture: the Centre and the next prefecture"),
        pytest.param("220001", (CENTRE, TOKYO), id="the last prefecture: the Centre and the first one"),
        pytest.param(CENTRE, (TOKYO, "140007"), id="the Centre: the two first prefectures"),
        pytest.param("agency-pension", (CENTRE, TOKYO), id="an agency: the Centre and the first prefecture"),
    ],
)
def test_every_journal_has_its_witnesses(directory: Directory, node: str, witnesses: tuple[str, ...]):
    """Who watches over a journal follows from the directory alone."""
    assert nation(directory).witnesses(node) == witnesses


def test_who_is_revoked_is_no_witness(directory: Directory):
    """A revoked prefecture watches over nobody's journal; the next one does."""
    whole = nation(directory)
    revoked = replace(whole.nodes["140007"], revoked_at=NOON)
    following = whole.revise([revoked], issued=NOON, expires=directory.expires)

    assert following.witnesses(TOKYO) == (CENTRE, "220001")
    assert following.witnesses(CENTRE) == (TOKYO, "220001")


def test_one_prefecture_does_not_watch_over_itself(directory: Directory):
    """Where the network is small, there are fewer witnesses."""
    assert directory.witnesses(TOKYO) == (CENTRE,)
    assert directory.witnesses(CENTRE) == (TOKYO,)


def nation(directory: Directory) -> Directory:
    """The members, two more prefectures and an agency."""
    kanagawa = Node.of(NodeKeys.generate("140007"), Kind.PREFECTURE, "神奈川県", since=NOON)
    shizuoka = Node.of(NodeKeys.generate("220001"), Kind.PREFECTURE, "静岡県", since=NOON)
    agency = Node.of(NodeKeys.generate("agency-pension"), Kind.AGENCY, "年金", since=NOON)
    return directory.revise([kanagawa, shizuoka, agency], issued=NOON, expires=directory.expires)


def test_the_keys_of_the_log_are_listed(directory: Directory):
    """A signer's key and a witness's key are listed beside the others, and are none of them."""
    log, cosigning = SigningKey.generate().public, SigningKey.generate().public
    town = directory.nodes[CHIYODA].keeping_log(log, cosigning=cosigning, since=NOON)
    following = directory.revise([town], issued=NOON, expires=directory.expires)

    assert accepted(following) == following
    assert following.log_keys(CHIYODA) == (log,)
    assert following.cosigning_keys(CHIYODA) == (cosigning,)
    assert following.log_keys(TOKYO) == ()
    assert following.origin(CHIYODA) == "openjuki/test/131016"
    with pytest.raises(UnlistedNode):
        following.public_key(log.key_id)


def test_a_key_does_not_both_sign_and_cosign(directory: Directory):
    """One key of two uses is refused."""
    key = directory.nodes[CHIYODA].signing[0].key
    town = directory.nodes[CHIYODA].keeping_log(key, cosigning=SigningKey.generate().public, since=NOON)

    with pytest.raises(BadEnvelope, match="listed once"):
        accepted(directory.revise([town], issued=NOON, expires=directory.expires))
