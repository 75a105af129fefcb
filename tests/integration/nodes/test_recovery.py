# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A municipality gets back from its prefecture what it lost with its journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.ground import NISHIIZU, SHIZUOKA
from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from fixtures.notices import notice, number_of
from fixtures.restoring import back_up
from fixtures.standing import check
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.errors import NotPermitted
from openjuki.nodes import admission, counter, exchange, recovery
from openjuki.nodes.recovery import Outcome, lost_notices, record_again
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.wire.batch import NoticeBatch

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixtures.offices import Country
    from fixtures.restoring import Backup
    from openjuki.nodes.recovery import LostNotice

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


async def begin_anew(country: Country, node: str) -> None:
    """The root's holder lists the node's next journal, and everybody learns of it."""
    listed = country.directory.node(node)
    country.revise(replace(listed, journal=listed.journal + 1))
    for office in country.nodes.values():
        office.directory = country.directory
    await exchange.begin_journal(await country.node(node))
    await country.sequence(node)


async def restored(country: Country, backup: Backup) -> list[LostNotice]:
    """Restore a town, begin its journal anew, and ask what was lost."""
    await backup.restore()
    await begin_anew(country, backup.node)
    await country.settle()
    return await lost_notices(await country.connected(backup.node))


def told(notices: Sequence[LostNotice]) -> list[tuple[Any, ...]]:
    """Codes, versions and outcomes."""
    return [(one.notice.identification.resident_code, one.notice.version, one.outcome) for one in notices]


def agree(country: Country) -> None:
    """All books say the same of everybody, nothing twice, and no notice is held."""
    found = check(country)
    assert (found.mismatches, found.duplicates, found.held) == (0, 0, 0)


async def test_what_the_prefecture_has_is_recorded_again(country: Country):
    """Entries, corrections, moves and departures come back as they were told; nothing is held, nothing doubled."""
    stays = await country.enter(CHIYODA, individual_number=number_of(1))
    leaves = await country.enter(CHIYODA, individual_number=number_of(2))
    await country.settle(CHIYODA, CHUO, TOKYO, CENTRE)
    backup = await back_up(country, CHIYODA)
    country.clock.advance(minutes=1)
    entered = await country.enter(CHIYODA, individual_number=number_of(3))
    await country.record(
        CHIYODA, MunicipalReason.CLERICAL_CORRECTION, resident_code=stays, furigana="ワタナベ　アオ"
    )
    await country.record(CHIYODA, Reason.MOVED_WITHIN, resident_code=stays, town="二番町", block="2番地")
    await country.record(CHIYODA, Reason.MOVED_OUT, resident_code=leaves, destination_municipality=CHUO)
    await country.settle()

    found = await restored(country, backup)

    assert told(found) == [
        (entered, 1, Outcome.LOST),
        (stays, 2, Outcome.LOST),
        (stays, 3, Outcome.LOST),
        (leaves, 2, Outcome.LOST),
    ]
    assert all("name" not in one.to_dict() for one in found)
    town = await country.node(CHIYODA)
    assert {outcome for *_, outcome in told(await record_again(town, found))} == {Outcome.RECORDED}
    await country.settle()
    assert await lost_notices(town) == []
    for node in (TOKYO, CENTRE):
        assert country.rows(node, "SELECT origin FROM held") == []
        assert country.rows(node, "SELECT count(*) FROM record") == [(6,)]
    agree(country)

    await country.record(CHIYODA, Reason.DIED, resident_code=stays)  # versions go on
    await country.settle()
    assert country.rows(CENTRE, "SELECT origin FROM held") == []
    agree(country)


async def test_a_letter_that_came_too_early_is_taken_in_afterwards(country: Country):
    """The letter that confirms a lost move fits nobody until the move is recorded again; then it is taken in."""
    code = await country.enter(CHIYODA, individual_number=number_of(1))
    await country.settle(CHIYODA, CHUO, TOKYO, CENTRE)
    backup = await back_up(country, CHIYODA)
    await country.record(CHIYODA, Reason.MOVED_OUT, resident_code=code, destination_municipality=CHUO)
    await country.settle()
    await country.record(CHUO, Reason.MOVED_IN, resident_code=code, town="築地一丁目", block="1番1号")
    await country.settle()
    states = country.rows(
        CHIYODA, "SELECT reason, state, version FROM resident_record ORDER BY history_number"
    )

    found = await restored(country, backup)

    town = await country.node(CHIYODA)
    assert [kind for kind, _ in await country.alarms(CHIYODA)] == ["letter-refused"]
    assert await recovery.take_letters_again(town) == 0
    assert told(await record_again(town, found)) == [(code, 2, Outcome.RECORDED)]
    assert await recovery.take_letters_again(town) == 1
    await country.settle()
    assert await country.alarms(CHIYODA) == []
    assert (
        country.rows(CHIYODA, "SELECT reason, state, version FROM resident_record ORDER BY history_number")
        == states
    )
    agree(country)


async def test_a_number_that_came_is_recorded_again(country: Country):
    """Who got a number after the backup has it again, and the Centre is not asked for another."""
    backup = await back_up(country, CHIYODA)
    code = await country.enter(CHIYODA)
    await country.settle(CHIYODA, TOKYO, CENTRE)
    had = country.rows(CENTRE, "SELECT individual_number FROM number_succession")

    found = await restored(country, backup)
    await record_again(await country.node(CHIYODA), found)
    await country.settle()

    assert told(found) == [(code, 1, Outcome.LOST), (code, 2, Outcome.LOST)]
    assert country.rows(CENTRE, "SELECT individual_number FROM number_succession") == had
    assert country.rows(CHIYODA, "SELECT individual_number FROM resident") == had
    assert country.rows(TOKYO, "SELECT origin FROM held") == []
    agree(country)


async def test_a_code_that_somebody_bears_is_not_drawn_again(country: Country):
    """The stock came back with the backup; a code that was drawn since then leaves it."""
    (drawn,) = await country.stock(CHIYODA, 1)
    backup = await back_up(country, CHIYODA)
    entered = await country.record(
        CHIYODA,
        Reason.BORN,
        name="渡邉　新",
        furigana="ワタナベ　シン",
        birth_date="2026-11-20",
        sex="male",
        town="一番町",
        block="1番地",
        date_of_change="2026-11-20",
    )
    assert isinstance(entered, counter.Recorded)
    assert entered.row.record.resident_code == drawn
    await country.settle(CHIYODA, TOKYO, CENTRE)

    found = await restored(country, backup)
    unused = "SELECT count(*) FROM code_stock WHERE used_at IS NULL"
    assert country.rows(CHIYODA, unused) == [(1,)]
    await record_again(await country.node(CHIYODA), found)
    assert country.rows(CHIYODA, unused) == [(0,)]


async def test_a_version_that_was_used_again_is_for_people_to_settle(country: Country):
    """Where the town went on after the restore with another change of the same person, both are told."""
    code = await country.enter(CHIYODA, individual_number=number_of(1))
    await country.settle(CHIYODA, TOKYO, CENTRE)
    backup = await back_up(country, CHIYODA)
    country.clock.advance(minutes=1)
    await country.record(CHIYODA, Reason.MOVED_WITHIN, resident_code=code, town="二番町", block="2番地")
    await country.settle()
    await backup.restore()
    await country.record(CHIYODA, Reason.MOVED_WITHIN, resident_code=code, town="三番町", block="3番地")
    await begin_anew(country, CHIYODA)
    await country.settle()

    found = await lost_notices(await country.connected(CHIYODA))

    assert told(found) == [(code, 2, Outcome.CONFLICT)]
    assert told(await record_again(await country.node(CHIYODA), found)) == [(code, 2, Outcome.CONFLICT)]
    assert len(country.rows(TOKYO, "SELECT code FROM held WHERE released_at IS NULL")) == 1


async def test_before_the_journal_is_begun_anew_the_loss_can_be_listed(country: Country):
    """Nothing need be decided to see what is missing; and where nothing is, the list is empty."""
    await country.enter(CHIYODA, individual_number=number_of(1))
    await country.settle(CHIYODA, TOKYO)
    await country.pull(TOKYO, CHIYODA)
    backup = await back_up(country, CHIYODA)
    code = await country.enter(CHIYODA, individual_number=number_of(2))
    await country.pull(TOKYO, CHIYODA)
    await country.sequence(TOKYO)
    assert await lost_notices(await country.connected(CHIYODA)) == []
    await backup.restore()

    assert told(await lost_notices(await country.connected(CHIYODA))) == [(code, 1, Outcome.LOST)]


async def test_a_long_list_comes_in_parts(country: Country, monkeypatch: pytest.MonkeyPatch):
    """What does not fit into one answer follows in the next; a held notice is listed like any other, once."""
    monkeypatch.setattr(recovery, "_AT_ONCE", 2)
    backup = await back_up(country, NISHIIZU)
    codes = [await country.enter(NISHIIZU, individual_number=number_of(number)) for number in range(1, 6)]
    await country.pull(SHIZUOKA, NISHIIZU)
    await country.sequence(SHIZUOKA)

    await backup.restore()
    found = await lost_notices(await country.connected(NISHIIZU))

    assert [one.notice.identification.resident_code for one in found] == codes


async def test_a_town_gets_its_own_notices_only(country: Country):
    """A prefecture tells a town nothing of another's residents, and other nodes nothing at all."""
    await country.enter(CHUO)
    await country.pull(TOKYO, CHUO)
    await country.sequence(TOKYO)
    await country.connected(TOKYO)

    assert await lost_notices(await country.connected(CHIYODA)) == []
    with pytest.raises(NotPermitted):
        await exchange.ask(await country.connected(CENTRE), TOKYO, "own-notices", b"{}")


async def test_what_another_town_added_to_its_notices_keeps_nobody_from_their_own(country: Country):
    """Items that are not known are passed over, be they what no JSON of the database holds."""
    backup = await back_up(country, CHIYODA)
    code = await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    tokyo = await country.node(TOKYO)
    added = notice(9, municipality=LocalGovernmentCode(CHUO)).to_bytes()[:-1] + b',"z":"\\u0000"}'
    batch = NoticeBatch(origin=CHUO, first=1, last=1, issued=country.clock(), notices=(added,))
    await tokyo.transact(lambda connection: admission.admit(tokyo, connection, batch))
    await country.sequence(TOKYO)
    assert country.rows(TOKYO, "SELECT origin FROM held") == []

    await backup.restore()
    await country.connected(TOKYO)

    assert told(await lost_notices(await country.connected(CHIYODA))) == [(code, 1, Outcome.LOST)]


async def test_the_prefecture_looks_from_the_last_common_entry_on(country: Country):
    """Asked since a time, a prefecture passes over what it recorded long before."""
    await country.enter(CHIYODA)
    await country.pull(TOKYO, CHIYODA)
    for _ in range(3):
        country.clock.advance(hours=2)
        await country.enter(CHIYODA)
        await country.pull(TOKYO, CHIYODA)
    await country.sequence(TOKYO)
    tokyo = await country.node(TOKYO)
    since = country.clock()

    async def first(hours: float) -> int:
        moment = since - timedelta(hours=hours)
        return await tokyo.read(lambda connection: recovery.lost.first_since(connection, moment))

    assert [await first(hours) for hours in (9, 5, 1, -1)] == [0, 2, 6, 8]
