# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is said of a journal: that it is whole, that others have seen more of it, or that another's link stands still."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import orjson
import pytest

from fixtures.network import CENTRE, CHIYODA, TOKYO
from fixtures.restoring import back_up
from openjuki.errors import JukiError, LinkGap
from openjuki.nodes import work
from openjuki.nodes.journal_status import Finding, journal_status
from openjuki.nodes.roles import ROLES
from openjuki.nodes.signed_state import SignedState
from openjuki.store import alarms, checkpoints
from openjuki.store.checkpoints import Signed
from openjuki.store.sequencer import read_tree

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.offices import Country
    from openjuki.nodes.journal_status import JournalStatus

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


async def status(country: Country, node: str) -> JournalStatus:
    """How a journal stands; it can be said in JSON."""
    found = await journal_status(await country.node(node))
    assert orjson.loads(orjson.dumps(found.to_dict()))["state"] == found.state
    return found


def said(found: JournalStatus) -> list[tuple[str, str]]:
    """What was found out, and about whom."""
    return [(finding.kind, finding.about) for finding in found.findings()]


async def failing(country: Country, node: str, source: str) -> None:
    """A turn of a node's own pulling that stops its link."""
    puller = await country.connected(node)
    await country.connected(source)
    with pytest.raises(JukiError):
        await work._pulling(puller, source, ROLES[puller.settings.kind])()


async def test_a_whole_journal_has_nothing_to_say(country: Country):
    """Where all agree, sizes, links and sources are listed and nothing else is said."""
    await country.enter(CHIYODA)
    await country.settle(CHIYODA, TOKYO)
    await country.pull(TOKYO, CHIYODA)

    town, tokyo = await status(country, CHIYODA), await status(country, TOKYO)

    assert (town.state, tokyo.state) == ("whole", "whole")
    assert [tuple(link) for link in town.sent] == [(TOKYO, 1, 1)]
    assert [(one.source, one.mark.seq) for one in tokyo.taken] == [(CHIYODA, 1)]
    assert {one.who for one in town.seen} == {TOKYO, CENTRE}
    assert town.findings() == tokyo.findings() == []


async def test_a_restored_journal_says_what_its_neighbour_has_seen(country: Country):
    """After a restore each end says, in both languages, how far the other had it and what to do."""
    await country.enter(CHIYODA)
    await country.settle(CHIYODA, TOKYO)
    backup = await back_up(country, CHIYODA)
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    await backup.restore()
    await failing(country, TOKYO, CHIYODA)

    town, tokyo = await status(country, CHIYODA), await status(country, TOKYO)

    assert (town.state, tokyo.state) == ("lost", "stopped")
    assert said(town) == [("journal-lost", TOKYO), ("journal-to-mend", CHIYODA)]
    assert said(tokyo) == [("source-forked", CHIYODA)]
    (lost,) = town.lost
    assert (lost.seq, lost.size) == (2, 4)
    finding, mend = town.findings()
    assert "連番 2" in finding.message_ja
    assert "restart-journal" in mend.message_en
    assert finding.to_dict()["kind"] == "journal-lost"


async def test_an_erased_link_says_so(country: Country):
    """Where the sender has erased what this node lost, a newer backup of this node is the way."""
    tokyo = await country.node(TOKYO)
    detail = {"source": CHIYODA, "code": LinkGap.code, "seq": 5, "size": 9}
    await tokyo.read(lambda connection: alarms.raise_once(connection, "link-stopped", detail, tokyo.clock()))

    found = await status(country, TOKYO)

    assert said(found) == [("source-erased", CHIYODA)]
    assert "number 5" in found.findings()[0].message_en


async def test_any_other_stop_is_the_senders_to_look_at(country: Country):
    """A link that stopped for what it brought is told with its code."""
    tokyo = await country.node(TOKYO)
    detail = {"source": CHIYODA, "code": "JK-PEER-0003", "seq": 5, "size": 9}
    await tokyo.read(lambda connection: alarms.raise_once(connection, "link-stopped", detail, tokyo.clock()))

    assert said(await status(country, TOKYO)) == [("source-stopped", CHIYODA)]


async def test_a_witness_that_has_seen_more_is_named(country: Country):
    """What a witness says that it has cosigned counts, as long as it is of the present journal."""
    town = await country.node(CHIYODA)
    origin = town.directory.origin(CHIYODA).encode()
    for name in (b"another", origin):
        note = checkpoints.Testimony(7, name + b"\n7\n\n", town.clock())
        await town.read(lambda connection, note=note: checkpoints.testify(connection, TOKYO, note))
        found = await status(country, CHIYODA)

        assert found.lost == [seen for seen in found.seen if seen.who == TOKYO and name == origin]


async def test_the_signers_own_state_counts(
    country: Country, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """The signer remembers outside the database what it signed; without it, what it published counts."""
    await country.enter(CHIYODA)
    await country.sequence(CHIYODA)
    town = await country.node(CHIYODA)
    tree = await town.read(read_tree)
    note = town.directory.origin(CHIYODA).encode() + b"\n2\n\n"
    signed = Signed(size=2, root=tree.root, note=note, signed_at=town.clock())
    country.rows(
        CHIYODA,
        "INSERT INTO checkpoint VALUES (%s, %s, %s, %s)",
        signed.size,
        signed.root,
        signed.note,
        signed.signed_at,
    )
    first = (await status(country, CHIYODA)).seen[0]
    assert (first.who, first.size) == ("signer", 2)

    longer = tree.append([bytes(32)] * 3)
    SignedState(journal=1, tree=longer, signed_at=None).save(tmp_path)
    monkeypatch.setattr(type(town.settings), "signer_folder", tmp_path)
    assert said(await status(country, CHIYODA))[0] == ("journal-lost", "signer")

    (tmp_path / "state.json").write_text("{}")
    assert said(await status(country, CHIYODA)) == []


async def test_a_journal_that_is_to_be_begun_is_told(country: Country):
    """Between the directory's edition and the node's own beginning somebody may look."""
    town = await country.node(CHIYODA)
    listed = replace(town.directory.node(CHIYODA), journal=2)
    town.directory = town.directory.revise([listed], issued=town.clock(), expires=town.directory.expires)

    found = await status(country, CHIYODA)

    assert (found.state, said(found)) == ("stopped", [("journal-not-begun", CHIYODA)])
    assert all(isinstance(finding, Finding) for finding in found.findings())
