# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The prefecture takes in what its own towns signed, and passes it on as it came (法30条の7)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from fixtures.ground import NISHIIZU, SHIZUOKA, SHIZUOKA_CITY
from fixtures.network import CENTRE, CHIYODA, CHUO, NOON, TOKYO
from fixtures.notices import notice
from openjuki import errors
from openjuki.nodes import work
from openjuki.nodes.roles import ROLES, prefecture
from openjuki.wire import batch
from openjuki.wire.link import START, Entry, Pull

if TYPE_CHECKING:
    from fixtures.offices import Country

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


def signed(
    country: Country,
    *notices: bytes,
    by: str = CHIYODA,
    origin: str = CHIYODA,
    first: int = 1,
    to: tuple[str, ...] = (TOKYO, CENTRE),
) -> bytes:
    """A batch of a town's notices, signed by whoever holds the keys."""
    told = batch.NoticeBatch(
        origin=origin, first=first, last=first + len(notices) - 1, issued=NOON, notices=notices
    )
    recipients = {node: country.directory.sealing_key(node, at=NOON) for node in to}
    return batch.write_batch(told, keys=country.ground.identities[by].keys, recipients=recipients)


BIRTH = notice().to_bytes()

WRONG = [
    pytest.param(errors.BadEnvelope, lambda _: b"hello", id="bytes that are no batch"),
    pytest.param(
        errors.ForgedEnvelope,
        lambda c: signed(c, BIRTH, by=CHUO),
        id="a batch signed by another town in the town's name",
    ),
    pytest.param(
        errors.ForgedEnvelope,
        lambda c: signed(c, BIRTH, by=TOKYO, origin=TOKYO),
        id="notices of a prefecture",
    ),
    pytest.param(
        errors.ForgedEnvelope, lambda c: signed(c, BIRTH)[:-1], id="a batch whose content was changed"
    ),
    pytest.param(
        errors.MisaddressedEnvelope,
        lambda c: signed(c, BIRTH, by=CHUO, origin=CHUO),
        id="another town's batch on the town's link",
    ),
    pytest.param(
        errors.MisaddressedEnvelope,
        lambda c: signed(c, BIRTH, to=(CENTRE,)),
        id="a batch that is not sealed to the prefecture",
    ),
    pytest.param(
        errors.MisaddressedEnvelope,
        lambda c: signed(c, BIRTH, to=(TOKYO,)),
        id="a batch that is not sealed to the Centre",
    ),
    pytest.param(
        errors.MisaddressedEnvelope,
        lambda c: signed(c, BIRTH, first=2),
        id="a batch of other numbers than the link announced",
    ),
    pytest.param(
        errors.MisaddressedEnvelope,
        lambda c: signed(c, BIRTH, BIRTH),
        id="a batch of more notices than the link announced",
    ),
    pytest.param(
        errors.RevokedNode,
        lambda c: c.revoke(CHIYODA) and signed(c, BIRTH),
        id="a batch formed after the town was revoked",
    ),
]


@pytest.mark.parametrize(("error", "wrong"), WRONG)
async def test_a_wrong_batch_is_refused_and_changes_nothing(country: Country, error, wrong):
    """Each is refused by the error that names what is wrong with it, and the book stays as it was."""
    tokyo = await country.node(TOKYO)
    entry = Entry(first=1, last=1, document=wrong(country))
    tokyo.directory = country.directory

    with country.refuses(error):
        await tokyo.transact(lambda connection: prefecture.receive(tokyo, connection, CHIYODA, entry))


async def test_a_wrong_batch_stops_the_link_with_an_alarm(country: Country):
    """What a town would never have signed is not passed over: its link waits until somebody has looked."""
    tokyo, town = await country.connected(TOKYO), await country.node(CHIYODA)
    forged = signed(country, BIRTH, by=CHUO)

    async def outgoing(*_: object) -> tuple[Entry, ...]:
        return (Entry(first=1, last=1, document=forged),)

    role = replace(ROLES[town.settings.kind], outgoing=outgoing)
    await country.stack.enter_async_context(town.transport)
    await work.listen(town, role)
    with pytest.raises(errors.ForgedEnvelope):
        await work._pulling(tokyo, CHIYODA, ROLES[tokyo.settings.kind])()

    assert await country.alarms(TOKYO) == [
        ("link-stopped", {"source": CHIYODA, "code": errors.ForgedEnvelope.code, "seq": 0, "size": 0})
    ]
    assert country.rows(TOKYO, "SELECT 1 FROM record") == []
    assert country.rows(TOKYO, "SELECT 1 FROM mark") == []


async def test_a_batch_is_recorded_and_passed_on(country: Country):
    """A town's batch has its effect, and waits for the Centre as it came."""
    tokyo = await country.node(TOKYO)
    document = signed(country, BIRTH)

    entry = Entry(first=1, last=1, document=document)
    await tokyo.transact(lambda connection: prefecture.receive(tokyo, connection, CHIYODA, entry))

    assert country.rows(TOKYO, "SELECT origin, reason FROM record") == [(CHIYODA, "A03")]
    assert country.journal(TOKYO, "batch.passed") == [document]
    assert country.rows(TOKYO, "SELECT recipients FROM journal_pending WHERE kind = 'batch.passed'") == [
        ([CENTRE],)
    ]


async def test_a_prefecture_pulls_its_own_towns(country: Country):
    """Whom a prefecture pulls is said by the directory."""
    tokyo, shizuoka = await country.node(TOKYO), await country.node(SHIZUOKA)

    assert set(prefecture.sources(tokyo)) == {CHIYODA, CHUO}
    assert set(prefecture.sources(shizuoka)) == {SHIZUOKA_CITY, NISHIIZU}


async def test_a_town_of_another_prefecture_is_not_pulled(country: Country):
    """The table of messages lets a prefecture pull its own towns only."""
    with pytest.raises(errors.NotPermitted):
        await country.pull(SHIZUOKA, CHIYODA)


async def test_the_centre_gets_one_entry_for_each_batch(country: Country):
    """Batches go on under the prefecture's own numbers, whatever theirs were at their towns."""
    for town in (CHIYODA, CHUO):
        await country.enter(town)
        await country.enter(town)
        await country.pull(TOKYO, town)
    await country.sequence(TOKYO)
    tokyo, centre = await country.node(TOKYO), country.ground.identities[CENTRE].keys

    wanted = Pull(mark=START, limit=3)
    entries = await tokyo.read(lambda connection: prefecture.ROLE.outgoing(tokyo, connection, CENTRE, wanted))

    assert [(entry.first, entry.last) for entry in entries] == [(1, 1), (2, 2)]
    batches = [
        batch.read_batch(entry.document, keys=centre, directory=country.directory) for entry in entries
    ]
    assert [(one.origin, one.first, one.last) for one in batches] == [(CHIYODA, 1, 2), (CHUO, 1, 2)]
