# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who hears everything on the network and reads what the Centre passes on learns nothing about a person."""

from __future__ import annotations

import asyncio
import json
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.clear_text import Search
from fixtures.nation import (
    HINOHARA,
    KOMAE,
    NISHIIZU,
    SEED,
    SHIZUOKA,
    Clerks,
    compare,
    rows,
    small_nation,
    start_worker,
)
from openjuki.config import CENTRE, Kind, clock
from openjuki.nodes import counter
from openjuki.pki.identity import issue_identity
from openjuki.pki.keys import SigningKey
from openjuki.residents.changes import Reason
from openjuki.simulation.day import Day
from openjuki.simulation.life import settled
from openjuki.wire.broker import Permissions, permissions
from openjuki.wire.transport import NatsTransport

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from nats.aio.client import Client
    from nats.aio.msg import Msg

    from openjuki.simulation.agreement import Agreement
    from openjuki.simulation.launcher import Nation

pytestmark = pytest.mark.nation

SHARES = {KOMAE: 120, HINOHARA: 60, NISHIIZU: 60, SHIZUOKA: 120}
EAR = "agency-ear"
#: What the ear says itself, in clear.
SAID_ALOUD = "試験\u3000太郎"
#: What is whose: nothing of it may be read on the way.
PERSONAL = """
SELECT name, furigana, former_surname, former_surname_furigana, alias, name_latin, name_kanji, town,
    town || block || building, previous_address, registered_domicile, head_of_koseki, resident_code, individual_number
FROM resident_record
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overheard:
    """What an ear that may hear everything heard of a nation's life, and what became of the nation."""

    #: Subject and bytes of every message.
    traffic: list[tuple[str, bytes]]
    #: What waited at the Centre to be passed on to a town that was cut off.
    relayed: list[bytes]
    #: The values that nobody on the way may read.
    personal: frozenset[str]
    #: The books while the town was cut off, and after.
    apart: Agreement
    after: Agreement
    #: The one whose change nobody could know of, and whose changes the others were told of meanwhile.
    untold: str
    told: frozenset[str]
    #: Codes at the Centre whose last change was of the time when the town was cut off.
    known: frozenset[str]

    def everything(self) -> bytes:
        """All of the traffic in a row."""
        return b"\n".join(part for subject, data in self.traffic for part in (subject.encode(), data))


@asynccontextmanager
async def ear(nation: Nation) -> AsyncIterator[list[tuple[str, bytes]]]:
    """Hear every message: one more user at the broker, who may listen to anything."""
    now = clock()
    identity = issue_identity(
        nation.home / "ear",
        EAR,
        authority=nation.broker._authority,
        roots=[SigningKey.generate().public],
        at=now,
    )
    everybody = permissions(nation.directory, at=now)
    nation.broker.reload(everybody | {EAR: Permissions(publish=("control",), subscribe=(">",))})
    heard: list[tuple[str, bytes]] = []

    async def hear(message: Msg) -> None:
        heard.append((message.subject, message.data))

    async with NatsTransport(identity, nation.broker.url) as transport:
        client: Client = transport._client
        subscription = await client.subscribe(">", cb=hear)
        await client.publish("control", json.dumps({"name": SAID_ALOUD}).encode())
        await client.flush()
        yield heard
        await client.flush()
        assert subscription.pending_msgs == 0
        await subscription.unsubscribe()


def form(reason: Reason, code: str, **items: Any) -> dict[str, Any]:
    """A change of today."""
    today = clock().date().isoformat()
    return {
        "reason": reason.value,
        "resident_code": code,
        "date_of_change": today,
        "notified_on": today,
        **items,
    }


async def tell(clerks: Clerks, town: str, told: dict[str, Any]) -> None:
    """Hand a form over the counter."""
    office = clerks.offices[town]
    await office.transact(lambda connection: counter.record_form(office, connection, told))


def japanese(people: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those with furigana in their record."""
    return [person for person in people if person["furigana"]]


async def until_known(nation: Nation, codes: Iterable[str]) -> None:
    """Wait until the Centre has more than the entry of each of these."""
    wanted = set(codes)
    async with asyncio.timeout(300):
        while not wanted <= changed_at_centre(nation):  # noqa: ASYNC110 - it happens in another process
            await asyncio.sleep(0.05)


def changed_at_centre(nation: Nation) -> frozenset[str]:
    """Codes of which the Centre knows a second version."""
    known = rows(nation, CENTRE, "SELECT resident_code FROM record WHERE version > 1")
    return frozenset(code for (code,) in known)


async def live(nation: Nation) -> Overheard:
    """Registers are taken in, a day is played, a town is cut off for a while; all of it is heard."""
    async with ear(nation) as heard, Clerks(nation) as clerks:
        people = await clerks.settle(SHARES)
        for town in SHARES:
            await clerks.take_in(town)
        (dying, *_), (corrected, moving, *_) = japanese(people[KOMAE]), japanese(people[SHIZUOKA])
        for person in (dying, corrected, moving):
            people[person["municipality"] if person is dying else SHIZUOKA].remove(person)
        day = Day(clerks.offices, people, SEED, clock().date())
        await day.play(lambda _: None)
        await settled(nation)

        (cut_off,) = (worker for worker in nation.workers if KOMAE in worker.nodes)
        cut_off.stop()
        await tell(clerks, KOMAE, form(Reason.DIED, dying["resident_code"]))
        await tell(
            clerks,
            SHIZUOKA,
            form(
                Reason.CORRECTED_EX_OFFICIO, corrected["resident_code"], furigana=f"{corrected['furigana']}ー"
            ),
        )
        destination = {"destination_municipality": KOMAE, "destination_address": "和泉本町一丁目1番5号"}
        await tell(clerks, SHIZUOKA, form(Reason.MOVED_OUT, moving["resident_code"], **destination))
        told = frozenset((corrected["resident_code"], moving["resident_code"]))
        await until_known(nation, told)
        relayed = await waiting_at_centre(nation)
        apart, known = compare(nation), changed_at_centre(nation)

        await asyncio.to_thread(start_worker, cut_off)
        await settled(nation)
        arrival = {"town": "和泉本町一丁目", "block": "1番5号"}
        await tell(clerks, KOMAE, form(Reason.MOVED_IN, moving["resident_code"], **arrival))
        await settled(nation)
    return Overheard(
        traffic=heard,
        relayed=relayed,
        personal=personal_values(nation),
        apart=apart,
        after=compare(nation),
        untold=dying["resident_code"],
        told=told,
        known=known,
    )


async def waiting_at_centre(nation: Nation) -> list[bytes]:
    """The relay table: what the Centre keeps for towns that have not pulled it yet."""
    relayed: list[tuple[bytes]] = []
    async with asyncio.timeout(300):
        while not relayed:
            await asyncio.sleep(0.05)
            relayed = rows(
                nation,
                CENTRE,
                "SELECT payload FROM journal WHERE kind = 'relay.passed' AND payload IS NOT NULL",
            )
    return [payload for (payload,) in relayed]


def personal_values(nation: Nation) -> frozenset[str]:
    """What stands in the registers of the towns about anybody, and the parts of names that are long enough."""
    values = {
        value
        for town in nation.urls(Kind.MUNICIPALITY)
        for record in rows(nation, town, PERSONAL)
        for value in record
        if value
    }
    parts = {part for value in values for part in value.split("\u3000") if len(part) > 2}
    public = {listed.name for listed in nation.directory.nodes.values()}
    return frozenset(values | parts) - public


@pytest.fixture(scope="module")
def overheard(tmp_path_factory: pytest.TempPathFactory) -> Overheard:
    """A nation that lived, and was heard."""
    with small_nation(tmp_path_factory.mktemp("heard") / "home") as nation:
        return asyncio.run(live(nation))


def test_the_ear_heard_everybody(overheard):
    """Pulls up the tree, a letter from town to town, numbers from the Centre: silence would prove nothing."""
    asked = {
        tuple(subject.split(".")[2:5]) for subject, _ in overheard.traffic if subject.startswith("juki.")
    }
    answered = {subject.split(".")[1] for subject, _ in overheard.traffic if subject.startswith("_INBOX.")}

    for town, prefecture in (
        (KOMAE, "130001"),
        (HINOHARA, "130001"),
        (SHIZUOKA, "220001"),
        (NISHIIZU, "220001"),
    ):
        assert {(town, prefecture, "pull"), (prefecture, town, "doorbell")} <= asked
    assert {(SHIZUOKA, CENTRE, "pull"), (CENTRE, KOMAE, "pull")} <= asked  # a letter went from here to there
    assert (CENTRE, "generate-numbers") in {(to, message) for to, _, message in asked}
    assert {"130001", "220001", CENTRE, KOMAE} <= answered
    assert len(overheard.everything()) > 100_000
    assert len(overheard.personal) > 1_000


def test_the_ear_reads_what_is_said_aloud(overheard):
    """The control: the one message that the ear itself said in clear is found amid the traffic."""
    assert Search([SAID_ALOUD]).find(overheard.everything()) == {(SAID_ALOUD, "JSON")}


def test_no_person_is_read_on_the_network(overheard):
    """No name, furigana, address, koseki value, code or number of anybody is in the traffic, however it is written."""
    assert Search(overheard.personal).find(overheard.everything()) == set()


def test_no_person_is_read_in_what_the_centre_passes_on(overheard):
    """The Centre keeps a letter for a town that is away, and cannot read it."""
    assert overheard.relayed
    assert Search(overheard.personal).find(b"\n".join(overheard.relayed)) == set()


def test_a_town_cut_off_is_only_late(overheard):
    """While a town is away, the others go on; nobody knows of its own change, and nothing else differs."""
    assert (overheard.apart.mismatches, overheard.apart.duplicates, overheard.apart.held) == (1, 0, 0)
    assert overheard.told <= overheard.known
    assert overheard.untold not in overheard.known


def test_a_town_that_comes_back_catches_up(overheard):
    """Afterwards its change is known, who moved there has arrived, and all books agree."""
    after = overheard.after

    assert (after.mismatches, after.duplicates, after.held) == (0, 0, 0)
    assert after.sent == after.applied_prefecture == after.applied_centre > overheard.apart.sent
