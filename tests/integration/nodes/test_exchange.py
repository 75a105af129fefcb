# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What one node accepts from another: a case for every way in which an envelope can be wrong, and for none."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

import pytest

from fixtures.network import CENTRE, CHIYODA, CHUO, NOON, TOKYO
from fixtures.offices import envelope, request
from openjuki import errors
from openjuki.nodes import exchange
from openjuki.pki.keys import NodeKeys
from openjuki.store import alarms
from openjuki.wire.document import LARGEST
from openjuki.wire.link import START, Pull

if TYPE_CHECKING:
    from collections.abc import Callable

    from fixtures.offices import Country
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.envelope import Message
    from openjuki.wire.transport import Handler

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

PULL = Pull(mark=START, limit=10).to_bytes()


class Sent(NamedTuple):
    """Bytes that arrive at Chiyoda on a subject of this sender."""

    sender: str
    raw: bytes


def keys(country: Country, node: str) -> NodeKeys:
    """The keys of an office."""
    return country.ground.identities[node].keys


def pull_of(country: Country, **header) -> Message:
    """Tokyo's request for Chiyoda's notices."""
    return request(TOKYO, CHIYODA, "pull", **{"body": PULL, "at": country.clock(), **header})


def sealed(country: Country, message: Message, *, by: str = TOKYO, **how) -> bytes:
    """A message in an envelope, signed by an office."""
    return envelope(message, country.directory, keys(country, by), **how)


def swapped(country: Country) -> bytes:
    """One request's line before another's content."""
    one, other = (sealed(country, pull_of(country)) for _ in range(2))
    return one.partition(b"\n")[0] + b"\n" + other.partition(b"\n")[2]


def tampered(country: Country) -> bytes:
    """A request of which somebody on the way changed the signature."""
    raw = sealed(country, pull_of(country))
    place = raw.index(b'"sig":"') + 10
    return raw[:place] + (b"A" if raw[place : place + 1] != b"A" else b"B") + raw[place + 1 :]


def before_stale(country: Country) -> bytes:
    """A good request, at a time when Chiyoda's directory may no longer be believed."""
    country.clock.advance(days=400)
    return sealed(country, pull_of(country, at=NOON))


def revoked(country: Country) -> bytes:
    """A good request of a node that the edition Chiyoda knows has revoked."""
    raw = sealed(country, pull_of(country))
    country.revoke(TOKYO)
    country.nodes[CHIYODA].directory = country.directory
    return raw


CASES: list[tuple[str, type[errors.JukiError], Callable[[Country], Sent | bytes]]] = [
    ("bytes that are no envelope", errors.BadEnvelope, lambda _: b"hello"),
    ("an envelope cut short", errors.ForgedEnvelope, lambda c: sealed(c, pull_of(c))[:-1]),
    ("a changed signature", errors.ForgedEnvelope, tampered),
    ("another's content", errors.ForgedEnvelope, swapped),
    (
        "a listed node that signs in the name of another",
        errors.ForgedEnvelope,
        lambda c: sealed(c, pull_of(c), by=CHUO),
    ),
    (
        "keys that no node has",
        errors.UnlistedNode,
        lambda c: envelope(pull_of(c), c.directory, NodeKeys.generate(TOKYO)),
    ),
    ("a revoked node", errors.RevokedNode, revoked),
    (
        "an envelope to another node",
        errors.MisaddressedEnvelope,
        lambda c: sealed(c, request(TOKYO, CHUO, "pull", PULL)),
    ),
    (
        "content sealed to another node",
        errors.MisaddressedEnvelope,
        lambda c: sealed(c, pull_of(c), sealed_to=CHUO),
    ),
    (
        "an answer where a request is expected",
        errors.MisaddressedEnvelope,
        lambda c: sealed(c, pull_of(c, in_reply_to=bytes(32))),
    ),
    (
        "an expired envelope",
        errors.ExpiredEnvelope,
        lambda c: sealed(c, pull_of(c, at=NOON - timedelta(seconds=91))),
    ),
    (
        "an envelope of tomorrow",
        errors.ExpiredEnvelope,
        lambda c: sealed(c, pull_of(c, at=NOON + timedelta(seconds=31))),
    ),
    (
        "an envelope good for eleven minutes",
        errors.BadEnvelope,
        lambda c: sealed(c, pull_of(c, expires=NOON + timedelta(minutes=11))),
    ),
    ("a directory that has expired", errors.StaleDirectory, before_stale),
    (
        "a subject that is not the sender's",
        errors.SubjectMismatch,
        lambda c: Sent(CHUO, sealed(c, pull_of(c))),
    ),
    (
        "another town's request for this town's notices",
        errors.NotPermitted,
        lambda c: Sent(CHUO, sealed(c, request(CHUO, CHIYODA, "pull", PULL), by=CHUO)),
    ),
    (
        "a message that no table has",
        errors.NotPermitted,
        lambda c: sealed(c, pull_of(c, type="gossip")),
    ),
    (
        "an oversized envelope",
        errors.OversizedMessage,
        lambda c: sealed(c, pull_of(c, body=random.Random(0).randbytes(LARGEST))),
    ),
    (
        "a good envelope of something that is no pull",
        errors.BadEnvelope,
        lambda c: sealed(c, pull_of(c, body=b"{}")),
    ),
]


async def chiyoda(country: Country) -> tuple[Node, Handler]:
    """Chiyoda, with one notice that waits, and how it answers pulls."""
    await country.enter(CHIYODA)
    await country.sequence(CHIYODA)
    node = await country.node(CHIYODA)
    return node, exchange.answering(node, "pull", exchange.pulling(exchange.passing_on))


@pytest.mark.parametrize(
    ("error", "wrong"), [pytest.param(error, wrong, id=name) for name, error, wrong in CASES]
)
async def test_a_wrong_envelope_is_refused_and_changes_nothing(country: Country, error, wrong):
    """Each is refused by the error that names what is wrong with it, and the book stays as it was."""
    _, handle = await chiyoda(country)
    sent = wrong(country)
    sender, raw = sent if isinstance(sent, Sent) else Sent(TOKYO, sent)

    with country.refuses(error):
        await handle(sender, raw)


async def test_a_right_envelope_is_accepted(country: Country):
    """The envelope that the cases above spoil is accepted as it is."""
    _, handle = await chiyoda(country)

    assert await handle(TOKYO, sealed(country, pull_of(country)))
    assert country.rows(CHIYODA, "SELECT sender FROM seen_envelope") == [(TOKYO,)]


async def test_a_replayed_envelope_is_refused(country: Country):
    """What was accepted once is not accepted again, however good it is."""
    _, handle = await chiyoda(country)
    raw = sealed(country, pull_of(country))
    await handle(TOKYO, raw)

    with country.refuses(errors.ReplayedEnvelope):
        await handle(TOKYO, raw)


async def test_one_id_of_two_senders_is_no_replay(country: Country):
    """An id is remembered together with its sender: another's same id does not count."""
    _, handle = await chiyoda(country)
    await handle(TOKYO, sealed(country, pull_of(country, id="0" * 31 + "f")))

    answer = await handle(
        CENTRE, sealed(country, request(CENTRE, CHIYODA, "pull", PULL, id="0" * 31 + "f"), by=CENTRE)
    )

    assert answer


async def test_a_request_whose_effect_failed_may_come_again(country: Country):
    """The memory of an envelope is of the transaction of its effect: neither or both."""
    node, _ = await chiyoda(country)
    failures = iter([True, False])

    async def answer(node: Node, connection: Connection, _: Message) -> bytes:
        await alarms.raise_once(connection, "tried", {}, node.clock())
        if next(failures):
            raise errors.BadInput
        return b"done"

    handle = exchange.answering(node, "pull", answer)
    raw = sealed(country, pull_of(country))
    with country.refuses(errors.BadInput):
        await handle(TOKYO, raw)

    assert await handle(TOKYO, raw)
    assert await country.alarms(CHIYODA) == [("tried", {})]


async def test_an_envelope_is_remembered_for_as_long_as_it_is_good(country: Country):
    """What is forgotten would be refused for its age, also where the clocks of two nodes differ."""
    node, handle = await chiyoda(country)
    raw = sealed(country, pull_of(country))
    await handle(TOKYO, raw)
    country.clock.advance(seconds=90)  # 60 s of life, and 30 s by which clocks may differ
    await exchange.forget_expired(node)
    with country.refuses(errors.ReplayedEnvelope):
        await handle(TOKYO, raw)

    country.clock.advance(seconds=1)
    await exchange.forget_expired(node)
    assert country.rows(CHIYODA, "SELECT id FROM seen_envelope") == []
    with country.refuses(errors.ExpiredEnvelope):
        await handle(TOKYO, raw)


async def test_a_subject_of_another_message_is_refused(country: Country):
    """What was asked under one name is not answered under another."""
    node = await country.node(CENTRE)

    async def answer(*_: object) -> bytes:
        pytest.fail("answered")

    handle = exchange.answering(node, "generate-numbers", answer)
    asked = request(CHIYODA, CENTRE, "designate-codes")
    with country.refuses(errors.SubjectMismatch):
        await handle(CHIYODA, sealed(country, asked, by=CHIYODA))


async def test_a_refusal_reaches_the_asker_as_its_code(country: Country):
    """Over the line, the asker learns the code of the refusal and nothing else."""
    tokyo, town = await country.connected(TOKYO), await country.connected(CHIYODA)
    town.directory = replace(town.directory, expires=NOON - timedelta(days=1))

    with pytest.raises(errors.PeerRefused) as caught:
        await exchange.ask(tokyo, CHIYODA, "pull", PULL)
    assert caught.value.peer_code == errors.StaleDirectory.code


async def test_the_broker_carries_no_message_that_the_table_does_not_have(country: Country):
    """A town cannot even send a pull to its prefecture: it is refused before it is signed."""
    town = await country.connected(CHIYODA)
    await country.connected(TOKYO)

    with pytest.raises(errors.NotPermitted):
        await exchange.ask(town, TOKYO, "pull", PULL)
    with pytest.raises(errors.NotPermitted):
        await town.transport.deliver(TOKYO, "pull", b"without an envelope")


async def test_a_revoked_node_is_refused_and_cut_off(country: Country):
    """The next edition revokes a town: its prefecture no longer asks it, and the broker lets it go."""
    tokyo, town = await country.connected(TOKYO), await country.connected(CHIYODA)
    centre = await country.connected(CENTRE)
    country.revoke(CHIYODA)
    for node in (tokyo, centre):
        node.directory = country.directory

    with country.refuses(errors.RevokedNode):
        await exchange.ask(tokyo, CHIYODA, "pull", PULL)
    asked = request(CHIYODA, CENTRE, "directory")
    with country.refuses(errors.RevokedNode):
        handle = exchange.answering(centre, "directory", _never)
        await handle(CHIYODA, sealed(country, asked, by=CHIYODA))
    with pytest.raises((errors.PeerUnavailable, errors.NotPermitted)):
        await town.transport.deliver(CENTRE, "directory", b"")


async def _never(*_: object) -> bytes:
    pytest.fail("answered")


async def test_somebody_elses_answer_is_refused(country: Country):
    """A town that answers with what the Centre answered it is not believed: answers belong to their questions."""
    town = await country.connected(CHIYODA)
    stored = envelope(
        request(CENTRE, CHIYODA, "directory", in_reply_to=bytes(32)), country.directory, keys(country, CENTRE)
    )

    class Line:
        async def deliver(self, *_: object) -> bytes:
            return stored

    town.transport = Line()
    with country.refuses(errors.MisaddressedEnvelope):
        await exchange.ask(town, CENTRE, "directory", b"")
