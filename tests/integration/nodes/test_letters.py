# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What municipalities write to each other goes sealed through the Centre, and what does not fit is for the clerks."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from fixtures.ground import AOI, NISHIIZU, SHIZUOKA_CITY
from fixtures.letters import document, leave, move_in_notice, receive
from fixtures.network import CENTRE, CHIYODA, CHUO, NOON
from fixtures.notices import code_of
from fixtures.offices import SOMEBODY, day
from openjuki import errors
from openjuki.carriage.letters import (
    CertificateOfMovingOut,
    read_letter,
    write_letter,
)
from openjuki.carriage.report import ReportWriter
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.nodes import exchange
from openjuki.nodes.counter import Recorded, record_form
from openjuki.nodes.importing import import_changes
from openjuki.nodes.roles import municipality
from openjuki.residents.changes import MunicipalReason, Predecessor, Reason
from openjuki.residents.notice import Notice
from openjuki.wire.relay import read_relay, relay_route

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.offices import Country

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

KOSEKI = "東京都千代田区千代田1番"
NEW_HOME = {"town": "築地一丁目", "block": "1番1号"}


async def carry(country: Country, to: str, source: str = CHIYODA) -> None:
    """What a town wrote is carried to another by way of the Centre."""
    await country.pull(CENTRE, source)
    await country.pull(to, CENTRE)


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


async def test_the_centre_erases_a_letter_some_time_after_it_was_pulled(country: Country):
    """Weeks after the destination has it only the leaf of a relayed message stays at the Centre."""
    await leave(country, await country.enter(CHIYODA))
    await carry(country, CHUO)
    assert country.journal(CENTRE, "relay.passed") != [None]

    await country.pull(CHUO, CENTRE)
    country.clock.advance(days=36)
    await exchange.erase_passed(country.nodes[CENTRE])
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
    assert record.previous_address == "東京都千代田区一番町1番地"
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


async def test_a_form_in_japanese_finds_the_certificate_too(country: Country):
    """A form names its items in either language, and its reason by code or by name."""
    code = await country.enter(CHIYODA)
    await leave(country, code)
    await carry(country, CHUO)
    form = {"住民票コード": code, "異動事由": "国内転入", "異動年月日": NOON.date().isoformat()}
    office = await country.node(CHUO)

    entered = await office.transact(
        lambda connection: record_form(
            office, connection, {**form, "氏名": "佐藤　葵", "町字": "築地一丁目", "番地号": "1番1号"}
        )
    )

    assert isinstance(entered, Recorded)
    assert entered.row.record.name.recorded == "佐藤　葵"
    assert entered.notice is not None
    assert entered.notice.stay == 2
    assert entered.notice.predecessor is not None
    assert entered.notice.predecessor.municipality == CHIYODA


async def test_who_comes_back_under_their_resident_number_has_a_certificate_too(country: Country):
    """The town that was left is told, though the form names the returner by the number of the town and not by the code."""
    code = await country.enter(CHIYODA)
    await leave(country, code)
    await carry(country, CHUO)
    entered = await country.record(CHUO, Reason.MOVED_IN, resident_code=code, **NEW_HOME)
    assert isinstance(entered, Recorded)
    form = {"destination_municipality": CHIYODA, "destination_address": "一番町1番地"}
    await country.record(CHUO, Reason.MOVED_OUT, resident_code=code, **form)
    await carry(country, CHIYODA, CHUO)
    (number,) = country.rows(CHIYODA, "SELECT resident_number FROM resident")[0]

    back = await country.record(CHIYODA, Reason.MOVED_IN, resident_number=number, **SOMEBODY)

    assert isinstance(back, Recorded)
    assert back.row.stay == 3
    assert back.row.change.predecessor == Predecessor(municipality=LocalGovernmentCode(CHUO), stay=2)


async def test_a_row_of_a_file_finds_the_certificate_too(country: Country, tmp_path: Path):
    """Who comes in a file of changes is entered as at the counter: the stay goes on, and the town that was left is told."""
    code = await country.enter(CHIYODA, registered_domicile=KOSEKI)
    await leave(country, code)
    await carry(country, CHUO)
    path = tmp_path / "changes.csv"
    items = {"異動事由": "国内転入", "異動年月日": NOON.date().isoformat(), "住民票コード": str(code)}
    items |= {name: SOMEBODY[name] for name in ("name", "furigana", "birth_date", "sex")} | NEW_HOME
    path.write_text(f"{','.join(items)},備考,cleared\n{','.join(items.values())},次男,\n", "utf-8")
    office = await country.node(CHUO)

    with ReportWriter(path) as report:
        await import_changes(office, path, None, report)
    await carry(country, CHIYODA, CHUO)

    assert report.summary().rejected == 0
    assert country.rows(
        CHUO,
        "SELECT stay, predecessor_municipality, predecessor_stay, registered_domicile FROM resident_record",
    ) == [(2, CHIYODA, 1, KOSEKI)]
    assert country.rows(CHIYODA, "SELECT state FROM resident") == [("moved_out",)]


async def test_who_was_entered_by_mistake_is_entered_again_with_the_same_certificate(country: Country):
    """An entry that was cancelled has used up its stay; the certificate still leads to the stay that was left."""
    code = await country.enter(CHIYODA)
    await leave(country, code)
    await carry(country, CHUO)
    await country.record(CHUO, Reason.MOVED_IN, resident_code=code, **NEW_HOME)
    await country.record(CHUO, MunicipalReason.DELETION_BY_CANCELLATION, resident_code=code)

    entered = await country.record(CHUO, Reason.MOVED_IN, resident_code=code, **NEW_HOME)
    await carry(country, CHIYODA, CHUO)

    assert isinstance(entered, Recorded)
    assert entered.notice is not None
    assert entered.notice.stay == 3
    assert entered.notice.predecessor is not None
    assert (entered.notice.predecessor.municipality, entered.notice.predecessor.stay) == (CHIYODA, 1)
    assert await country.alarms(CHIYODA) == []


@pytest.mark.parametrize("shown", ["old", "new"])
async def test_who_gets_another_code_while_leaving_arrives_under_it(country: Country, shown):
    """The certificate follows the change; whichever code the person shows, they are entered under that of today."""
    code, new = await country.enter(CHIYODA), code_of(7)
    await leave(country, code, date_of_change=day(5))
    await carry(country, CHUO)
    await country.record(CHIYODA, Reason.CODE_CHANGED_ON_REQUEST, resident_code=code, new_resident_code=new)
    await carry(country, CHUO)

    entered = await country.record(
        CHUO, Reason.MOVED_IN, 住民票コード={"old": code, "new": new}[shown], **NEW_HOME
    )
    await carry(country, CHIYODA, CHUO)

    assert isinstance(entered, Recorded)
    assert entered.row.record.resident_code == new
    assert entered.row.change.predecessor == Predecessor(municipality=LocalGovernmentCode(CHIYODA), stay=1)
    assert country.rows(CHIYODA, "SELECT state FROM resident") == [("moved_out",)]
    assert await country.alarms(CHIYODA) == []


async def test_a_move_is_confirmed_although_the_code_was_changed_meanwhile(country: Country):
    """The entry and the change of code crossed: the town that was left knows whose code that was."""
    code = await country.enter(CHIYODA)
    await leave(country, code)
    await country.record(
        CHIYODA, Reason.CODE_CHANGED_ON_REQUEST, resident_code=code, new_resident_code=code_of(7)
    )

    await receive(country, document(country, CHUO, CHIYODA, write_letter(move_in_notice(code))))

    assert country.rows(CHIYODA, "SELECT state FROM resident") == [("moved_out",)]
    assert await country.alarms(CHIYODA) == []


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


async def test_the_longest_address_takes_the_whole_road_of_a_move(country: Country):
    """What one counter takes in, the certificate, the form of moving in, the notices and the other counter have room for."""
    longest = {"town": "町" * 100, "block": "", "building": "館" * 99}
    code = await country.enter(CHIYODA, **longest)
    await leave(country, code)
    await carry(country, CHUO)
    entered = await country.record(CHUO, Reason.MOVED_IN, resident_code=code, **longest)
    await carry(country, CHIYODA, CHUO)

    assert isinstance(entered, Recorded)
    assert entered.notice is not None
    assert Notice.from_bytes(entered.notice.to_bytes()) == entered.notice
    assert entered.row.record.previous_address == entered.row.record.address.text
    assert country.rows(CHIYODA, "SELECT state FROM resident") == [("moved_out",)]
    assert await country.alarms(CHIYODA) == []


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

    await receive(country, document(country, CHUO, CHIYODA, write_letter(move_in_notice(code))))

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
