# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The Centre designates, generates, records what towns signed, and hands out the directory."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures.desk import version
from fixtures.ground import NISHIIZU, SHIZUOKA, SHIZUOKA_CITY
from fixtures.network import CENTRE, CHIYODA, CHUO, NOON, TOKYO
from fixtures.notices import code_of, notice
from fixtures.offices import request
from openjuki import errors
from openjuki.codes.individual import IndividualNumber
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.codes.resident import ResidentCode
from openjuki.nodes import exchange
from openjuki.nodes.roles import centre, prefecture
from openjuki.store import registry
from openjuki.wire import batch
from openjuki.wire.directory import read_directory
from openjuki.wire.link import Entry
from openjuki.wire.sealing import seal, sign_sealed

if TYPE_CHECKING:
    from fixtures.offices import Country

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


async def ask(country: Country, town: str, message: str, body: Any) -> dict[str, Any]:
    """A town asks the Centre over the line."""
    await country.connected(CENTRE)
    asker = await country.connected(town)
    return orjson.loads(await exchange.ask(asker, CENTRE, message, orjson.dumps(body)))


async def test_designated_codes_are_unique_over_towns(country: Country):
    """Every town gets codes of its own, valid ones, as many as it asked for."""
    got = [
        (await ask(country, town, "designate-codes", {"count": 50, "request_id": "1"}))["resident_codes"]
        for town in (CHIYODA, CHUO, NISHIIZU)
    ]

    assert [len(codes) for codes in got] == [50] * 3
    assert len({code for codes in got for code in codes}) == 150
    assert all(ResidentCode.is_valid(code) for codes in got for code in codes)


async def test_a_repeated_request_for_codes_gets_the_same(country: Country):
    """A town whose answer was lost asks again in other words, under the same name."""
    first = await ask(country, CHIYODA, "designate-codes", {"count": 5, "request_id": "1"})
    again = await ask(country, CHIYODA, "designate-codes", {"count": 5, "request_id": "1"})

    assert set(again["resident_codes"]) == set(first["resident_codes"])


async def test_a_number_is_generated_once_and_replaced_on_request(country: Country):
    """The same code gets the same number; who names the old one gets the next."""
    await country.node(CENTRE)
    (code,) = (await ask(country, CHIYODA, "designate-codes", {"count": 1, "request_id": "1"}))[
        "resident_codes"
    ]

    async def generate(previous: str | None) -> str:
        body = {"requests": [{"resident_code": code, "previous_individual_number": previous}]}
        return (await ask(country, CHIYODA, "generate-numbers", body))["individual_numbers"][code]

    first = await generate(None)
    assert IndividualNumber.is_valid(first)
    assert await generate(None) == first
    second = await generate(first)
    assert second != first
    assert await generate(first) == second


WRONG = [
    pytest.param(centre.designate_codes, b"", errors.BadEnvelope, id="codes: nothing"),
    pytest.param(centre.designate_codes, b"[]", errors.BadEnvelope, id="codes: a list"),
    pytest.param(
        centre.designate_codes, b'{"count":0,"request_id":"1"}', errors.BadEnvelope, id="codes: none at all"
    ),
    pytest.param(
        centre.designate_codes,
        b'{"count":10001,"request_id":"1"}',
        errors.BadEnvelope,
        id="codes: more than at once",
    ),
    pytest.param(
        centre.designate_codes, b'{"count":true,"request_id":"1"}', errors.BadEnvelope, id="codes: no number"
    ),
    pytest.param(
        centre.designate_codes, b'{"count":1}', errors.BadEnvelope, id="codes: a request without a name"
    ),
    pytest.param(centre.generate_numbers, b"{", errors.BadEnvelope, id="numbers: no JSON"),
    pytest.param(centre.generate_numbers, b"{}", errors.BadEnvelope, id="numbers: for nobody named"),
    pytest.param(
        centre.generate_numbers, b'{"requests":["1"]}', errors.BadEnvelope, id="numbers: a bare code"
    ),
    pytest.param(
        centre.generate_numbers,
        b'{"requests":[{}]}',
        errors.BadEnvelope,
        id="numbers: a request without a code",
    ),
    pytest.param(
        centre.generate_numbers,
        b'{"requests":[{"resident_code":"24727059600","previous_individual_number":null}]}',
        errors.BadCode,
        id="numbers: a code with a wrong check digit",
    ),
    pytest.param(
        centre.generate_numbers,
        b'{"requests":[{"resident_code":"24727059608","previous_individual_number":7}]}',
        errors.BadEnvelope,
        id="numbers: a previous number that is none",
    ),
    pytest.param(
        centre.generate_numbers,
        orjson.dumps({"requests": [{}] * 10_001}),
        errors.BadEnvelope,
        id="numbers: more than at once",
    ),
]


@pytest.mark.parametrize(("answer", "body", "error"), WRONG)
async def test_a_wrong_request_is_refused_and_changes_nothing(country: Country, answer, body, error):
    """What makes no request is refused as such; nothing is designated or generated."""
    node = await country.node(CENTRE)
    asked = request(CHIYODA, CENTRE, "any", body)

    with country.refuses(error):
        await node.transact(lambda connection: answer(node, connection, asked))


async def test_a_code_that_was_never_designated_gets_a_refusal_and_the_others_their_numbers(country: Country):
    """One code that the Centre does not know holds up nobody else."""
    (known,) = (await ask(country, CHIYODA, "designate-codes", {"count": 1, "request_id": "1"}))[
        "resident_codes"
    ]
    rows = [{"resident_code": code, "previous_individual_number": None} for code in (code_of(1), known)]

    answer = await ask(country, CHIYODA, "generate-numbers", {"requests": rows})

    assert answer["refused"] == {code_of(1): registry.CODE_NOT_DESIGNATED.code}
    assert set(answer["individual_numbers"]) == {known}
    assert country.rows(CENTRE, "SELECT resident_code FROM number_generation") == [(known,)]


async def test_only_municipalities_are_given_codes_and_numbers(country: Country):
    """A prefecture is refused before it has signed."""
    await country.connected(CENTRE)
    tokyo = await country.connected(TOKYO)

    for message in ("designate-codes", "generate-numbers"):
        with country.refuses(errors.NotPermitted):
            await exchange.ask(tokyo, CENTRE, message, b"{}")


async def test_the_centre_hands_out_the_directory(country: Country):
    """Everybody may ask for the newest edition, and verifies the root's signature on it."""
    await country.connected(CENTRE)
    for node in (CHIYODA, TOKYO):
        asker = await country.connected(node)
        raw = await exchange.ask(asker, CENTRE, "directory", b"")
        assert read_directory(raw, roots=asker.identity.roots, at=NOON) == country.directory


async def test_the_centre_pulls_everybody(country: Country):
    """Prefectures for notices, municipalities for what they write to each other; not itself."""
    node = await country.node(CENTRE)

    assert set(centre.sources(node)) == {TOKYO, SHIZUOKA, CHIYODA, CHUO, SHIZUOKA_CITY, NISHIIZU}


async def test_another_prefectures_batch_is_refused(country: Country):
    """Notices of a town come by way of its own prefecture, or not at all."""
    node = await country.node(CENTRE)
    told = batch.NoticeBatch(origin=CHIYODA, first=1, last=1, issued=NOON, notices=(notice().to_bytes(),))
    keys = {CENTRE: country.directory.sealing_key(CENTRE, at=NOON)}
    raw = batch.write_batch(told, keys=country.ground.identities[CHIYODA].keys, recipients=keys)
    entry = Entry(first=1, last=1, document=raw)

    with country.refuses(errors.MisaddressedEnvelope):
        await node.transact(lambda connection: centre.receive(node, connection, SHIZUOKA, entry))
    await node.transact(lambda connection: centre.receive(node, connection, TOKYO, entry))
    assert country.rows(CENTRE, "SELECT origin FROM record") == [(CHIYODA,)]


async def test_a_prefecture_cannot_withhold_a_batch_unseen(country: Country):
    """Where a town's notices are missing on the prefecture's link, the Centre takes nothing further."""
    node = await country.node(CENTRE)
    told = batch.NoticeBatch(origin=CHIYODA, first=2, last=2, issued=NOON, notices=(notice().to_bytes(),))
    keys = {CENTRE: country.directory.sealing_key(CENTRE, at=NOON)}
    raw = batch.write_batch(told, keys=country.ground.identities[CHIYODA].keys, recipients=keys)

    with country.refuses(errors.LinkGap):
        await node.transact(
            lambda connection: centre.receive(node, connection, TOKYO, Entry(first=1, last=1, document=raw))
        )


def sealed_wrongly(country: Country, *notices: bytes, key: str | None = None) -> bytes:
    """A batch of Chiyoda's that its prefecture opens; what is sealed to the Centre is another batch's, under this key."""
    told = batch.NoticeBatch(origin=CHIYODA, first=1, last=len(notices), issued=NOON, notices=notices)
    to = {node: country.directory.sealing_key(node, at=NOON) for node in (TOKYO, CENTRE)}
    content, other = (seal(b"\n".join(notices), to, told.context()) for _ in range(2))
    key_id, sealed = other.keys[CENTRE]
    mixed = replace(content, keys={**content.keys, CENTRE: (key or key_id, sealed)})
    keys = country.ground.identities[CHIYODA].keys
    return sign_sealed(batch.NoticeBatch.PAYLOAD_TYPE, told.header(), mixed, keys, most=batch.LARGEST_INNER)


async def test_a_batch_that_its_town_has_sealed_wrongly_stops_nobody_elses(country: Country):
    """Its prefecture opens it and passes it on; the Centre cannot, says so, and takes in what is behind it."""
    tokyo, node = await country.node(TOKYO), await country.node(CENTRE)
    raw = sealed_wrongly(country, notice().to_bytes(), notice(2).to_bytes())
    passed = Entry(first=1, last=2, document=raw)
    await tokyo.transact(lambda connection: prefecture.receive(tokyo, connection, CHIYODA, passed))
    behind = []
    for origin, first, told in ((CHUO, 1, notice(3)), (CHIYODA, 3, version(2)), (CHIYODA, 4, notice(4))):
        living = replace(told.identification, municipality=LocalGovernmentCode(origin))
        of_town = batch.NoticeBatch(
            origin=origin,
            first=first,
            last=first,
            issued=NOON,
            notices=(replace(told, identification=living).to_bytes(),),
        )
        keys = {CENTRE: country.directory.sealing_key(CENTRE, at=NOON)}
        behind.append(
            batch.write_batch(of_town, keys=country.ground.identities[origin].keys, recipients=keys)
        )

    for seq, document in enumerate([raw, raw, *behind], 1):
        entry = Entry(first=seq, last=seq, document=document)
        await node.transact(lambda connection, entry=entry: centre.receive(node, connection, TOKYO, entry))

    wrong = {"origin": CHIYODA, "first": 1, "last": 2, "code": errors.MisaddressedEnvelope.code}
    assert await country.alarms(CENTRE) == [("batch-refused", wrong)]
    assert country.journal(CENTRE, "batch.refused") == [raw]
    recorded = country.rows(CENTRE, "SELECT origin, resident_code FROM record ORDER BY resident_code")
    assert recorded == [(CHUO, code_of(3)), (CHIYODA, code_of(4))]
    assert country.rows(CENTRE, "SELECT origin, seq FROM held") == [(CHIYODA, 3)]


async def test_a_batch_of_a_town_that_was_revoked_meanwhile_stops_nobody_elses(country: Country):
    """Its prefecture passed it on before it knew; the Centre, which knows, says so and takes nothing of it."""
    told = batch.NoticeBatch(
        origin=CHIYODA, first=1, last=1, issued=country.clock(), notices=(notice().to_bytes(),)
    )
    to = {CENTRE: country.directory.sealing_key(CENTRE, at=NOON)}
    raw = batch.write_batch(told, keys=country.ground.identities[CHIYODA].keys, recipients=to)
    country.revoke(CHIYODA)
    node = await country.node(CENTRE)
    entry = Entry(first=1, last=1, document=raw)
    await node.transact(lambda connection: centre.receive(node, connection, TOKYO, entry))

    wrong = {"origin": CHIYODA, "first": 1, "last": 1, "code": errors.RevokedNode.code}
    assert await country.alarms(CENTRE) == [("batch-refused", wrong)]
    assert country.rows(CENTRE, "SELECT * FROM record") == []


async def test_a_batch_under_a_key_that_the_centre_does_not_hold_stops_the_link(country: Country):
    """The Centre's keys may be at fault, or the prefecture, which sees the key's name: nothing is passed over."""
    node = await country.node(CENTRE)
    raw = sealed_wrongly(country, notice().to_bytes(), key="0" * 32)

    with country.refuses(errors.MisaddressedEnvelope):
        await node.transact(
            lambda connection: centre.receive(node, connection, TOKYO, Entry(first=1, last=1, document=raw))
        )


async def test_a_number_goes_to_where_the_person_lives(country: Country) -> None:
    """A municipality that neither got the code nor records the person is refused, and learns nothing."""
    designated = await ask(country, CHIYODA, "designate-codes", {"count": 1, "request_id": "first"})
    (code,) = designated["resident_codes"]
    body = {"requests": [{"resident_code": code, "previous_individual_number": None}]}

    answer = await ask(country, CHUO, "generate-numbers", body)

    assert answer == {"individual_numbers": {}, "refused": {code: registry.NOT_YOUR_RESIDENT.code}}
