# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A letter that does not fit, cannot be read or passed on is an alarm: it changes nothing and blocks nothing."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures.ground import AOI, SHIZUOKA_CITY
from fixtures.letters import document, leave, move_in_notice, receive
from fixtures.lives import record
from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from fixtures.notices import code_of
from fixtures.offices import SOMEBODY
from openjuki import errors
from openjuki.carriage.letters import (
    CertificateOfMovingOut,
    write_letter,
)
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.nodes import counter, letters
from openjuki.nodes.counter import Recorded
from openjuki.nodes.roles import centre
from openjuki.residents.changes import Reason
from openjuki.residents.transitions import NOT_MOVING_OUT, NOT_RECORDED
from openjuki.store import alarms
from openjuki.wire.link import Entry

if TYPE_CHECKING:
    from fixtures.offices import Country
    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


MISFITS = [
    pytest.param(
        lambda _: move_in_notice(code_of(99)), NOT_RECORDED, id="of somebody who was never recorded here"
    ),
    pytest.param(move_in_notice, NOT_MOVING_OUT, id="of somebody who never left"),
]


@pytest.mark.parametrize(("write", "refusal"), MISFITS)
async def test_a_notice_of_moving_in_that_does_not_fit_is_an_alarm(country: Country, write, refusal):
    """It changes nothing in the register, is journalled as refused, and the link goes on."""
    code = await country.enter(CHIYODA)
    rows = country.rows(CHIYODA, "SELECT count(*) FROM resident_record")

    await receive(country, document(country, CHUO, CHIYODA, write_letter(write(code))))

    assert await country.alarms(CHIYODA) == [
        ("letter-refused", {"source": CENTRE, "seq": 1, "sender": CHUO, "code": refusal.code})
    ]
    assert country.rows(CHIYODA, "SELECT count(*) FROM resident_record") == rows
    assert len(country.journal(CHIYODA, "relay.refused")) == 1
    assert country.journal(CHIYODA, "relay.received") == []


async def test_a_city_writes_of_its_wards_residents(country: Country):
    """A letter of a designated city that somebody moved to one of its wards is its own affair, and fits."""
    code = await country.enter(CHIYODA)
    await leave(country, code, AOI)
    told = move_in_notice(code, municipality=LocalGovernmentCode(AOI), address="追手町5番1号")

    await receive(country, document(country, SHIZUOKA_CITY, CHIYODA, write_letter(told)))

    assert await country.alarms(CHIYODA) == []
    assert country.rows(CHIYODA, "SELECT state FROM resident") == [("moved_out",)]


async def refused(country: Country, raw: bytes, code: str, sender: str | None) -> None:
    """The letter is an alarm and changes nothing else."""
    before = (
        country.rows(CHIYODA, "SELECT * FROM resident_record"),
        country.rows(CHIYODA, "SELECT * FROM certificate_of_moving_out"),
    )
    await receive(country, raw)

    assert await country.alarms(CHIYODA) == [
        ("letter-refused", {"source": CENTRE, "seq": 1, "sender": sender, "code": code})
    ]
    assert before == (
        country.rows(CHIYODA, "SELECT * FROM resident_record"),
        country.rows(CHIYODA, "SELECT * FROM certificate_of_moving_out"),
    )
    assert country.journal(CHIYODA, "relay.refused") == [raw]


async def test_a_notice_of_another_stay_does_not_confirm_the_last_one(country: Country):
    """A letter about an earlier stay, late by years, confirms nothing of today's move."""
    code = await country.enter(CHIYODA, stay=3)
    await leave(country, code)

    await refused(
        country,
        document(country, CHUO, CHIYODA, write_letter(move_in_notice(code))),
        counter.OTHER_STAY.code,
        CHUO,
    )


async def test_a_notice_in_the_name_of_another_municipality_is_refused(country: Country):
    """Chuo cannot tell that somebody moved to Shizuoka."""
    code = await country.enter(CHIYODA)
    await leave(country, code, SHIZUOKA_CITY)
    told = move_in_notice(code, municipality=LocalGovernmentCode(AOI))

    await refused(
        country,
        document(country, CHUO, CHIYODA, write_letter(told)),
        letters.FOREIGN_LETTER.code,
        CHUO,
    )


async def test_a_certificate_of_another_municipalitys_resident_is_refused(country: Country):
    """Chuo cannot certify that somebody leaves Shizuoka."""
    await country.stock(SHIZUOKA_CITY)
    entered = await country.record(SHIZUOKA_CITY, Reason.BORN, **SOMEBODY, municipality=AOI)
    assert isinstance(entered, Recorded)
    certificate = CertificateOfMovingOut(
        stay=1, next_stay=2, planned_on=date(2026, 11, 21), record=entered.row.record
    )

    await refused(
        country,
        document(country, CHUO, CHIYODA, write_letter(certificate)),
        letters.FOREIGN_LETTER.code,
        CHUO,
    )


async def test_a_refusal_undoes_what_the_letter_began(country: Country, monkeypatch: pytest.MonkeyPatch):
    """Whatever a letter has changed before it is refused is as it was; that it came, and why not, stays."""

    async def half_way(office: Office, connection: Connection, *_: object) -> None:
        await alarms.raise_once(connection, "half-way", {}, office.clock())
        raise errors.Refused(NOT_MOVING_OUT)

    monkeypatch.setattr(counter, "take_letter", half_way)
    told = write_letter(move_in_notice(await country.enter(CHIYODA)))

    await refused(country, document(country, CHUO, CHIYODA, told), NOT_MOVING_OUT.code, CHUO)


def certified(**items: Any) -> bytes:
    """A certificate with items that no certificate could have."""
    certificate = CertificateOfMovingOut(
        stay=1, next_stay=2, planned_on=date(2026, 11, 21), record=record(LocalGovernmentCode(CHUO))
    )
    told = orjson.loads(write_letter(certificate))
    return orjson.dumps({**told, **items, "record": told["record"] | items.get("record", {})})


def moved_in(**items: Any) -> bytes:
    """A notice of moving in with items that no notice could have."""
    return orjson.dumps(orjson.loads(write_letter(move_in_notice(code_of(1)))) | items)


UNREADABLE = [
    *(
        pytest.param(
            lambda c, items=items: document(c, CHUO, CHIYODA, certified(**items)),
            errors.BadLetter,
            CHUO,
            id=why,
        )
        for why, items in {
            "a stay that no column holds": {"stay": 2**40},
            "a stay before the first": {"stay": 0},
            "half a stay": {"next_stay": 2.5},
            "a sex that is a number": {"record": {"sex": 1}},
            "a code that is a list": {"record": {"resident_code": []}},
            "a name that is a number": {"record": {"name": 5}},
            "replaced codes that are lists": {"replaced_resident_codes": [[]]},
            "more replaced codes than anybody bears": {
                "replaced_resident_codes": [str(code_of(person)) for person in range(101)]
            },
            "more than any letter says": {"new_item": "?" * 65_536},
        }.items()
    ),
    pytest.param(
        lambda c: document(c, CHUO, CHIYODA, write_letter(move_in_notice(code_of(1), address="町" * 201))),
        errors.BadLetter,
        CHUO,
        id="an address that no register takes",
    ),
    *(
        pytest.param(
            lambda c, items=items: document(c, CHUO, CHIYODA, moved_in(**items)),
            errors.BadLetter,
            CHUO,
            id=why,
        )
        for why, items in {
            "a code moved in that is a list": {"resident_code": []},
            "a municipality that is an object": {"municipality": {}},
        }.items()
    ),
    pytest.param(
        lambda c: document(c, CHUO, CHIYODA, b"{}"),
        errors.BadLetter,
        CHUO,
        id="sealed bytes that are no letter",
    ),
    pytest.param(lambda _: b"hello", errors.BadEnvelope, None, id="bytes that are no relayed message"),
    pytest.param(
        lambda c: document(c, CHUO, CHIYODA, b"{}", by=SHIZUOKA_CITY),
        errors.ForgedEnvelope,
        None,
        id="a letter signed by another town in the town's name",
    ),
    pytest.param(
        lambda c: document(c, TOKYO, CHIYODA, b"{}"),
        errors.ForgedEnvelope,
        None,
        id="a letter of a prefecture",
    ),
    pytest.param(
        lambda c: document(c, CHUO, SHIZUOKA_CITY, b"{}"),
        errors.MisaddressedEnvelope,
        None,
        id="a letter to another town",
    ),
]


@pytest.mark.parametrize(("write", "error", "sender"), UNREADABLE)
async def test_a_letter_that_cannot_be_read_is_an_alarm(country: Country, write, error, sender):
    """Somebody must look; the letters behind it are taken in all the same."""
    await country.node(CHIYODA)
    await refused(country, write(country), error.code, sender)


async def passed(country: Country, raw: bytes, *, source: str = CHUO) -> None:
    """A relayed message arrives at the Centre on a town's link."""
    node = await country.node(CENTRE)
    entry = Entry(first=1, last=1, document=raw)
    await node.transact(lambda connection: centre.receive(node, connection, source, entry))


NOT_PASSED = [
    pytest.param(lambda _: b"hello", errors.BadEnvelope, id="bytes that are no relayed message"),
    pytest.param(
        lambda c: document(c, CHUO, CHIYODA, b"{}", by=CHIYODA),
        errors.ForgedEnvelope,
        id="a letter that another town signed",
    ),
    pytest.param(
        lambda c: document(c, CHIYODA, CHUO, b"{}"),
        errors.MisaddressedEnvelope,
        id="another town's letter on the town's link",
    ),
    pytest.param(
        lambda c: document(c, CHUO, TOKYO, b"{}"), errors.MisaddressedEnvelope, id="a letter to a prefecture"
    ),
    pytest.param(
        lambda c: (document(c, CHUO, CHIYODA, b"{}"), c.revoke(CHIYODA))[0],
        errors.RevokedNode,
        id="a letter to a revoked town",
    ),
]


@pytest.mark.parametrize(("write", "error"), NOT_PASSED)
async def test_what_the_centre_cannot_pass_on_is_an_alarm(country: Country, write, error):
    """It is passed on to nobody and blocks nothing."""
    raw = write(country)
    node = await country.node(CENTRE)
    node.directory = country.directory

    await passed(country, raw)

    assert await country.alarms(CENTRE) == [("relay-refused", {"source": CHUO, "seq": 1, "code": error.code})]
    assert country.journal(CENTRE, "relay.passed") == []


async def test_a_letter_behind_one_that_was_refused_arrives(country: Country):
    """One bad letter never stops a town."""
    await country.node(CENTRE)
    await passed(country, b"hello")
    code = await country.enter(CHIYODA)
    await leave(country, code)
    await country.pull(CENTRE, CHIYODA)
    await country.pull(CHUO, CENTRE)

    assert len(country.rows(CHUO, "SELECT 1 FROM certificate_of_moving_out")) == 1
