# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What municipalities write to each other goes sealed through the Centre, and what does not fit is for the clerks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.ground import AOI, NISHIIZU, SHIZUOKA_CITY
from fixtures.network import CENTRE, CHIYODA, CHUO, NOON, TOKYO
from fixtures.notices import code_of
from fixtures.offices import SOMEBODY, day
from openjuki import errors
from openjuki.carriage.letters import (
    CertificateOfMovingOut,
    MoveInNotice,
    read_letter,
    write_letter,
)
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.nodes import counter, letters
from openjuki.nodes.counter import Recorded
from openjuki.nodes.roles import centre, municipality
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.residents.transitions import NOT_MOVING_OUT, NOT_RECORDED
from openjuki.store import alarms
from openjuki.wire.link import Entry
from openjuki.wire.relay import Relay, read_relay, relay_route, write_relay

if TYPE_CHECKING:
    from fixtures.offices import Country
    from openjuki.codes.resident import ResidentCode
    from openjuki.nodes.node import Office
    from openjuki.store.database import Connection

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

KOSEKI = "東京都千代田区千代田1番"
NEW_HOME = {"town": "築地一丁目", "block": "1番1号"}


async def leave(country: Country, code: ResidentCode, to: str = CHUO, **items: Any) -> None:
    """Somebody tells Chiyoda that they move out today."""
    form = {"destination_municipality": to, "destination_address": "築地一丁目1番1号", **items}
    await country.record(CHIYODA, Reason.MOVED_OUT, resident_code=code, **form)


async def carry(country: Country, to: str, source: str = CHIYODA) -> None:
    """What a town wrote is carried to another by way of the Centre."""
    await country.pull(CENTRE, source)
    await country.pull(to, CENTRE)


def document(country: Country, sender: str, recipient: str, body: bytes, *, by: str | None = None) -> bytes:
    """A relayed message, signed by whoever holds the keys."""
    letter = Relay(sender=sender, recipient=recipient, id="0" * 32, issued=NOON, body=body)
    keys = country.ground.identities[by or sender].keys
    return write_relay(letter, keys=keys, directory=country.directory)


async def receive(country: Country, raw: bytes, *, at: str = CHIYODA) -> None:
    """A relayed message arrives at a town, as the first on its link from the Centre."""
    town = await country.node(at)
    entry = Entry(first=1, last=1, document=raw)
    await town.transact(lambda connection: municipality.receive(town, connection, CENTRE, entry))


async def test_a_certificate_goes_to_the_destination_unopened(country: Country):
    """The Centre carries what it cannot read; the destination finds everything that a person takes along."""
    code = await country.enter(CHIYODA, registered_domicile=KOSEKI, head_of_koseki="渡邉　葵")
    await leave(country, code)
    await country.pull(CENTRE, CHIYODA)

    (raw,) = country.journal(CENTRE, "relay.passed")
    assert raw is not None
    for secret in (SOMEBODY["name"], KOSEKI, code, SOMEBODY["town"], "1990-01-01"):
        assert secret.encode() not in raw
    assert relay_route(raw, directory=country.directory, at=NOON)[:2] == (CHIYODA, CHUO)
    with pytest.raises(errors.MisaddressedEnvelope):
        read_relay(raw, keys=country.ground.identities[CENTRE].keys, directory=country.directory)
    await country.pull(CHUO, CENTRE)
    ((sender, kept),) = country.rows(CHUO, "SELECT sender, letter FROM certificate_of_moving_out")
    letter = read_letter(kept)
    assert sender == CHIYODA
    assert isinstance(letter, CertificateOfMovingOut)
    assert (letter.stay, letter.next_stay, letter.planned_on) == (1, 2, NOON.date())
    assert letter.record.registered_domicile == KOSEKI


async def test_the_centre_erases_a_letter_once_it_was_pulled(country: Country):
    """After the destination's next pull only the leaf of a relayed message stays at the Centre."""
    await leave(country, await country.enter(CHIYODA))
    await carry(country, CHUO)
    assert country.journal(CENTRE, "relay.passed") != [None]

    await country.pull(CHUO, CENTRE)
    assert country.journal(CENTRE, "relay.passed") == [None]


async def test_a_form_of_moving_in_needs_only_what_the_certificate_does_not_say(country: Country):
    """Who comes with a certificate is asked for the new address; the rest comes with it, and so does the stay."""
    code = await country.enter(CHIYODA, registered_domicile=KOSEKI, household_number="0000000027")
    await leave(country, code)
    await carry(country, CHUO)

    entered = await country.record(CHUO, Reason.MOVED_IN, resident_code=code, **NEW_HOME)

    assert isinstance(entered, Recorded)
    record = entered.row.record
    assert record.name.recorded == SOMEBODY["name"]
    assert record.registered_domicile == KOSEKI
    assert record.household_number is None
    assert record.previous_address == "一番町1番地"
    assert entered.notice is not None
    assert entered.notice.stay == 2
    assert entered.notice.predecessor is not None
    assert (entered.notice.predecessor.municipality, entered.notice.predecessor.stay) == (CHIYODA, 1)


async def test_what_the_form_says_stands_before_the_certificate(country: Country):
    """A name that changed with the move is the form's."""
    code = await country.enter(CHIYODA)
    await leave(country, code)
    await carry(country, CHUO)

    entered = await country.record(
        CHUO, Reason.MOVED_IN, resident_code=code, name="佐藤　葵", furigana="サトウ　アオイ", **NEW_HOME
    )

    assert isinstance(entered, Recorded)
    assert entered.row.record.name.recorded == "佐藤　葵"


async def test_the_notice_of_moving_in_confirms_the_move(country: Country):
    """The town that was left learns where the move led, by way of the Centre; the upper tiers learn nothing new."""
    code = await country.enter(CHIYODA)
    await leave(country, code)
    await carry(country, CHUO)
    await country.record(CHUO, Reason.MOVED_IN, resident_code=code, **NEW_HOME)
    notices = len(country.journal(CHIYODA, "notice.issued"))
    await carry(country, CHIYODA, CHUO)

    assert country.rows(
        CHIYODA,
        "SELECT state, reason, destination_municipality, destination_address FROM resident_record"
        " ORDER BY history_number DESC LIMIT 1",
    ) == [("moved_out", MunicipalReason.MOVE_OUT_CONFIRMED.value, CHUO, "築地一丁目1番1号")]
    assert len(country.journal(CHIYODA, "notice.issued")) == notices
    assert await country.alarms(CHIYODA) == []
    assert len(country.journal(CHIYODA, "relay.received")) == 1


@pytest.mark.parametrize(
    "gone",
    [
        pytest.param(Reason.DELETED_EX_OFFICIO, id="deleted ex officio"),
        pytest.param(Reason.MOVED_ABROAD, id="abroad"),
    ],
)
async def test_the_destination_of_somebody_deleted_otherwise_is_learned(country: Country, gone):
    """Who was deleted for another reason turns up elsewhere: the register notes where, and nobody above is told."""
    code = await country.enter(CHIYODA)
    await country.record(CHIYODA, gone, resident_code=code)
    notices = len(country.journal(CHIYODA, "notice.issued"))

    await receive(country, document(country, CHUO, CHIYODA, write_letter(notice(code))))

    assert country.rows(
        CHIYODA,
        "SELECT reason, destination_municipality FROM resident_record ORDER BY history_number DESC LIMIT 1",
    ) == [(MunicipalReason.DESTINATION_LEARNED.value, CHUO)]
    assert len(country.journal(CHIYODA, "notice.issued")) == notices
    assert await country.alarms(CHIYODA) == []


async def test_a_certificate_follows_a_change_of_plan(country: Country):
    """Whoever goes elsewhere than planned, or on another day, is certified anew at the destination that holds now."""
    code = await country.enter(CHIYODA)
    await leave(country, code)
    other = {"destination_municipality": SHIZUOKA_CITY, "destination_address": "追手町5番1号"}
    await country.record(CHIYODA, MunicipalReason.MOVE_OUT_REDIRECTED, resident_code=code, **other)
    later = {"date_of_change": day(9)}
    await country.record(CHIYODA, MunicipalReason.MOVE_OUT_REDIRECTED, resident_code=code, **later)
    await carry(country, SHIZUOKA_CITY)

    ((planned_on,),) = country.rows(SHIZUOKA_CITY, "SELECT planned_on FROM certificate_of_moving_out")
    assert planned_on == NOON.date() + timedelta(days=9)
    assert len(country.journal(CENTRE, "relay.passed")) == 3


async def test_a_move_to_a_ward_is_certified_to_the_city(country: Country):
    """A ward's residents are the designated city's; so are its letters."""
    await leave(country, await country.enter(CHIYODA), AOI)
    await carry(country, SHIZUOKA_CITY)

    assert len(country.rows(SHIZUOKA_CITY, "SELECT 1 FROM certificate_of_moving_out")) == 1


@pytest.mark.parametrize(
    "to",
    [
        pytest.param("011002", id="a municipality that is not on the network"),
        pytest.param(CHUO, id="one that is revoked"),
        pytest.param(CHIYODA, id="the town itself"),
    ],
)
async def test_whom_no_letter_reaches_none_is_written(country: Country, to):
    """The move is recorded all the same; the destination is written to on paper."""
    code = await country.enter(CHIYODA)
    country.revoke(CHUO)
    country.nodes[CHIYODA].directory = country.directory

    await leave(country, code, to)

    assert country.journal(CHIYODA, "relay.sent") == []
    assert country.rows(CHIYODA, "SELECT state FROM resident") == [("move_out_planned",)]


async def test_a_cs_beside_another_register_takes_no_municipal_item_from_a_certificate(country: Country):
    """Where the register is another system's, koseki and household stay in the letter."""
    code = await country.enter(CHIYODA, registered_domicile=KOSEKI, nationality=None)
    await leave(country, code, NISHIIZU)
    await carry(country, NISHIIZU)

    entered = await country.record(
        NISHIIZU, Reason.MOVED_IN, resident_code=code, town="仁科", block="401番地の1"
    )

    assert isinstance(entered, Recorded)
    assert entered.row.record.registered_domicile is None
    assert entered.row.record.name.recorded == SOMEBODY["name"]


async def test_certificates_are_erased_thirty_days_after_the_planned_day(country: Country):
    """Who never came leaves nothing behind (令24条の4)."""
    await leave(country, await country.enter(CHIYODA))
    await carry(country, CHUO)
    chuo = await country.node(CHUO)

    country.clock.advance(days=30)
    await municipality.erase_old_certificates(chuo)
    assert len(country.rows(CHUO, "SELECT 1 FROM certificate_of_moving_out")) == 1
    country.clock.advance(days=1)
    await municipality.erase_old_certificates(chuo)
    assert country.rows(CHUO, "SELECT 1 FROM certificate_of_moving_out") == []


def notice(code: ResidentCode, **items: Any) -> MoveInNotice:
    """Chuo tells that somebody has moved in."""
    told = MoveInNotice(
        resident_code=code,
        stay=1,
        municipality=LocalGovernmentCode(CHUO),
        address="築地一丁目1番1号",
        moved_in_on=NOON.date(),
    )
    return replace(told, **items)


MISFITS = [
    pytest.param(lambda _: notice(code_of(99)), NOT_RECORDED, id="of somebody who was never recorded here"),
    pytest.param(notice, NOT_MOVING_OUT, id="of somebody who never left"),
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
    told = notice(code, municipality=LocalGovernmentCode(AOI), address="追手町5番1号")

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
        document(country, CHUO, CHIYODA, write_letter(notice(code))),
        counter.OTHER_STAY.code,
        CHUO,
    )


async def test_a_notice_in_the_name_of_another_municipality_is_refused(country: Country):
    """Chuo cannot tell that somebody moved to Shizuoka."""
    code = await country.enter(CHIYODA)
    await leave(country, code, SHIZUOKA_CITY)
    told = notice(code, municipality=LocalGovernmentCode(AOI))

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
    told = write_letter(notice(await country.enter(CHIYODA)))

    await refused(country, document(country, CHUO, CHIYODA, told), NOT_MOVING_OUT.code, CHUO)


UNREADABLE = [
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
    await carry(country, CHUO)

    assert len(country.rows(CHUO, "SELECT 1 FROM certificate_of_moving_out")) == 1
